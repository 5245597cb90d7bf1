import {
  IconAlertTriangle, IconBinaryTree, IconBook, IconCpu, IconDots, IconDownload, IconHistory, IconHome, IconKeyboard, IconMap, IconMapPin, IconPhoto, IconSettings, IconTable, IconUpload, IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { treeQuery } from '../api/query.ts';
import { cx } from '../lib/class.ts';
import { loadTexts } from '../lib/i18n.ts';
import { type Shortcut, useShortcuts } from '../lib/keys.ts';

const MAIN = [
  { key: 'home', to: '/t/$tree', icon: IconHome, exact: true },
  { key: 'people', to: '/t/$tree/people', icon: IconUsers, exact: false },
  { key: 'charts', to: '/t/$tree/charts', icon: IconBinaryTree, exact: false },
  { key: 'sources', to: '/t/$tree/sources', icon: IconBook, exact: false },
] as const;
const MORE = [
  { key: 'sheet', to: '/t/$tree/sheet/new', icon: IconTable, exact: false },
  { key: 'places', to: '/t/$tree/places', icon: IconMapPin, exact: false },
  { key: 'map', to: '/t/$tree/map', icon: IconMap, exact: false },
  { key: 'media', to: '/t/$tree/media', icon: IconPhoto, exact: false },
  { key: 'history', to: '/t/$tree/history', icon: IconHistory, exact: false },
  { key: 'checks', to: '/t/$tree/checks', icon: IconAlertTriangle, exact: false },
  { key: 'import', to: '/t/$tree/import', icon: IconUpload, exact: false },
  { key: 'export', to: '/t/$tree/export', icon: IconDownload, exact: false },
] as const;
/** Not a part of what everybody loads first: shown seldom, or only when asked for. */
const CommandList = lazy(() => import('./CommandList.tsx').then(({ CommandList: component }) => ({ default: component })));
const KeyMap = lazy(() => import('./KeyMap.tsx').then(({ KeyMap: component }) => ({ default: component })));
const SearchBox = lazy(() => import('../features/search/index.ts').then(({ SearchBox: component }) => ({ default: component })));
const Notices = lazy(() => loadTexts('window').then(() => import('./Notices.tsx')).then(({ Notices: component }) => ({ default: component })));

const ALL = [...MAIN, ...MORE];
export type Item = (typeof ALL)[number];

const side = 'flex min-h-11 items-center gap-3 rounded-input px-3 text-sm font-semibold';
const sideOn = 'bg-accent-soft text-accent';
const sideOff = 'text-ink-2 hover:bg-sunken hover:text-ink';

function SideItem({ item, tree, onClick }: { item: Item; tree: string; onClick?: () => void }) {
  const { t } = useTranslation('common');
  return (
    <Link to={item.to} params={{ tree }} activeOptions={{ exact: item.exact, includeSearch: false }} onClick={onClick}
      className={side} activeProps={{ className: sideOn }} inactiveProps={{ className: sideOff }}>
      <item.icon aria-hidden className="size-5" />
      {t(`nav.${item.key}`)}
    </Link>
  );
}

function SettingsLink({ onClick }: { onClick?: () => void }) {
  const { t } = useTranslation('common');
  return (
    <Link to="/settings" onClick={onClick} className={side} activeProps={{ className: sideOn }} inactiveProps={{ className: sideOff }}>
      <IconSettings aria-hidden className="size-5" />
      {t('nav.settings')}
    </Link>
  );
}

function ModelsLink({ onClick }: { onClick?: () => void }) {
  const { t } = useTranslation('common');
  return (
    <Link to="/models/{-$part}" params={{ part: undefined }} activeOptions={{ exact: false, includeSearch: false }} onClick={onClick}
      className={side} activeProps={{ className: sideOn }} inactiveProps={{ className: sideOff }}>
      <IconCpu aria-hidden className="size-5" />
      {t('nav.models')}
    </Link>
  );
}

/** Wide windows: everything in a column at the side. */
function SideBar({ tree, onKeys }: { tree: string; onKeys(): void }) {
  const { t } = useTranslation('common');
  return (
    <nav aria-label={t('nav.main')} className="no-print sticky top-(--shell-top) hidden h-[calc(100dvh-var(--shell-top))] w-52 shrink-0 flex-col gap-1 overflow-y-auto border-e border-line bg-card p-3 lg:flex">
      {MAIN.map((item) => <SideItem key={item.key} item={item} tree={tree} />)}
      <hr className="my-2 border-line" />
      {MORE.map((item) => <SideItem key={item.key} item={item} tree={tree} />)}
      <div className="mt-auto space-y-1">
        <ModelsLink />
        <SettingsLink />
        <button type="button" onClick={onKeys} className={cx(side, sideOff, 'w-full')}>
          <IconKeyboard aria-hidden className="size-5" />{t('nav.keyboard')}
        </button>
      </div>
    </nav>
  );
}

/** Narrow windows: four places and the rest behind "More", within reach of the thumb. */
function BottomBar({ tree }: { tree: string }) {
  const { t } = useTranslation('common');
  const more = useRef<HTMLDivElement>(null);
  const item = 'flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-semibold';
  const close = () => more.current?.hidePopover?.();
  return (
    <nav aria-label={t('nav.main')} className="no-print fixed inset-x-0 bottom-0 z-20 grid grid-cols-5 border-t border-line bg-card pb-[env(safe-area-inset-bottom)] lg:hidden">
      {MAIN.map(({ key, to, icon: Icon, exact }) => (
        <Link key={key} to={to} params={{ tree }} activeOptions={{ exact, includeSearch: false }} className={item}
          activeProps={{ className: 'text-accent' }} inactiveProps={{ className: 'text-ink-2' }}>
          <Icon aria-hidden className="size-6" />{t(`nav.${key}`)}
        </Link>
      ))}
      <button type="button" popoverTarget="more" className={cx(item, 'text-ink-2')}>
        <IconDots aria-hidden className="size-6" />{t('nav.more')}
      </button>
      <div ref={more} id="more" popover="auto" className="inset-x-0 top-auto bottom-[calc(3.5rem+env(safe-area-inset-bottom))] m-0 w-auto rounded-t-card border border-line bg-card p-3 text-ink shadow-layer">
        {MORE.map((entry) => <SideItem key={entry.key} item={entry} tree={tree} onClick={close} />)}
        <ModelsLink onClick={close} />
        <SettingsLink onClick={close} />
      </div>
    </nav>
  );
}

function TopBar({ tree, search }: { tree: string | undefined; search: React.Ref<HTMLInputElement> }) {
  const { t } = useTranslation('common');
  const { data } = useQuery({ ...treeQuery(tree ?? ''), enabled: tree !== undefined });
  return (
    <header className="no-print sticky top-0 z-20 flex h-(--shell-top) items-center gap-3 border-b border-line bg-card px-3 sm:px-5">
      <Link to="/trees" className="flex min-h-11 min-w-11 items-center gap-3 rounded-input pe-2 hover:bg-sunken">
        <img src="/icon.svg" alt="" className="size-9 rounded-card" />
        <span className="hidden max-w-48 truncate xl:max-w-md font-serif text-lg font-semibold sm:block"><bdi>{data?.name ?? 'Tablinum'}</bdi></span>
        <span className="sr-only">{t('nav.trees')}</span>
      </Link>
      <div className="ms-auto w-full max-w-xl">{tree && <Suspense fallback={<div className="min-h-11" />}><SearchBox treeId={tree} inputRef={search} /></Suspense>}</div>
      {!tree && <><ModelsLink /><SettingsLink /></>}
    </header>
  );
}

function useShellKeys(tree: string | undefined, focusSearch: () => void, showKeys: () => void, showCommands: () => void) {
  const navigate = useNavigate();
  const shortcuts = useMemo((): Shortcut[] => {
    const general: Shortcut[] = [{ keys: '?', name: 'map', run: showKeys }, { keys: 'Ctrl k', name: 'commands', run: showCommands }];
    if (!tree) return general;
    const go = (keys: string, item: Item): Shortcut =>
      ({ keys, name: `go_${item.key}`, run: () => void navigate({ to: item.to, params: { tree } }) });
    return [
      ...general,
      { keys: '/', name: 'search', run: focusSearch },
      go('g h', MAIN[0]), go('g p', MAIN[1]), go('g c', MAIN[2]), go('g s', MAIN[3]), go('g l', MORE[1]), go('g m', MORE[2]),
    ];
  }, [tree, navigate, focusSearch, showKeys, showCommands]);
  useShortcuts(shortcuts);
}

/** After each change of place the heading takes the focus: what was opened is said, and Tab goes on from there. */
function useHeadingFocus() {
  const router = useRouter();
  useEffect(() => router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
    if (!pathChanged || !fromLocation) return;
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true }));
  }), [router]);
}

export function Shell() {
  const { t } = useTranslation('common');
  const { tree } = useParams({ strict: false });
  const search = useRef<HTMLInputElement>(null);
  // Null until it was opened for the first time.
  const [keys, setKeys] = useState<boolean | null>(null);
  const [focusSearch] = useState(() => () => search.current?.focus());
  const [showKeys] = useState(() => () => void loadTexts('window').then(() => setKeys(true)));
  const [listed, setListed] = useState<boolean | null>(null);
  const [showCommands] = useState(() => () => void loadTexts('window').then(() => setListed(true)));
  useShellKeys(tree, focusSearch, showKeys, showCommands);
  useHeadingFocus();
  return (
    <div className={cx('[--shell-top:4rem]', tree ? '[--shell-bottom:3.5rem] lg:[--shell-bottom:0px]' : '[--shell-bottom:0px]')}>
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:start-2 focus:z-40 focus:rounded-input focus:bg-card focus:p-3">{t('skip')}</a>
      <TopBar tree={tree} search={search} />
      <Suspense><Notices /></Suspense>
      <div className="flex">
        {tree && <SideBar tree={tree} onKeys={showKeys} />}
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 pb-(--shell-bottom) outline-none"><Outlet /></main>
      </div>
      {tree && <BottomBar tree={tree} />}
      <Suspense>
        {listed !== null && <CommandList open={listed} tree={tree} pages={ALL} onClose={() => setListed(false)} />}
        {keys !== null && <KeyMap open={keys} onClose={() => setKeys(false)} />}
      </Suspense>
    </div>
  );
}
