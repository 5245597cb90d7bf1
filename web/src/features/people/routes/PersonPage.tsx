import { IconBinaryTree, IconDeviceFloppy, IconHeartHandshake, IconPencil, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, Suspense, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { citationsPages, personMediaPages, personQuery, timelineQuery } from '../../../api/queries.ts';
import type { Person, PersonName } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { rememberPerson } from '../../../lib/recent.ts';
import { neighbours } from '../../../lib/trail.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Card, Page } from '../../../ui/Page.tsx';
import { Empty } from '../../../ui/states.tsx';
import { CitationText, Face, factKey, FactLine, Failed, Life, Loaded, LoadedPages, MediaGrid, nameOf, NoteText } from '../../archive/index.ts';
import { ADD_KEYS, AddRelative, DraftNotice, PersonEditor, readTask, RELATIONS, RESUME } from '../../editing/index.ts';
import { RecordHistory } from '../../keeping/index.ts';
import { FamilyView } from '../components/family.tsx';
import { TimelineView } from '../components/TimelineView.tsx';

const route = getRouteApi('/t/$tree/people/$id/{-$tab}');
export const TABS = ['sources', 'media', 'notes', 'history'] as const;
type Tab = (typeof TABS)[number];

function OtherNames({ names }: { names: PersonName[] }) {
  const { t } = useTranslation('people');
  const others = names.slice(1);
  const variants = names.flatMap((name) => name.variants);
  if (others.length + variants.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-4 text-ink-2">
      {others.map((name) => (
        <li key={name.id}>
          <span className="text-sm">{name.phrase ?? t(`name.${name.kind}` as 'name.aka', { defaultValue: name.kind })}</span>{' '}
          <bdi lang={name.lang ?? undefined} className="font-semibold">{name.text}</bdi>
        </li>
      ))}
      {variants.map((variant) => <li key={`${variant.lang}${variant.text}`}><bdi lang={variant.lang ?? undefined}>{variant.text}</bdi></li>)}
    </ul>
  );
}

function Header({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const { relationToHome } = person;
  return (
    <div className="flex items-center gap-5">
      <Face person={person.brief} size="lg" url={person.portrait?.thumbnailUrl ?? null} />
      <div className="min-w-0 space-y-1">
        <p className="flex flex-wrap items-center gap-x-3 text-lg">
          <Life person={person.brief} />
          {person.living && <span className="rounded-full border border-accent px-3 text-sm text-accent">{t('living')}</span>}
        </p>
        <OtherNames names={person.names} />
        {relationToHome && (
          <p>
            <Link to="/t/$tree/relationship" params={{ tree: person.treeId }} search={{ a: relationToHome.personId, b: person.id }} className="prose-link">
              {t('to_home', { words: relationToHome.words, name: relationToHome.name })}
            </Link>
          </p>
        )}
      </div>
    </div>
  );
}

function Overview({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const timeline = useQuery(timelineQuery(person.treeId, person.id));
  const birth = person.brief.birth?.date ?? null;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[3fr_2fr]">
      <div className="space-y-6">
        <Card title={t('facts.title')}>
          {person.facts.length === 0
            ? <p className="text-ink-2">{t('facts.none')}</p>
            : <dl>{person.facts.map((fact) => <FactLine key={factKey(fact)} fact={fact} treeId={person.treeId} birth={birth} />)}</dl>}
        </Card>
        <Card title={t('timeline.title')}>
          <Loaded query={timeline}>{({ items }) => <TimelineView items={items} birth={birth} treeId={person.treeId} />}</Loaded>
        </Card>
      </div>
      <Card title={t('family.title')}>
        {person.family && <FamilyView family={person.family} treeId={person.treeId} self={person.id} />}
        <AddLinks person={person} />
      </Card>
    </div>
  );
}

/** Relatives are added where one stands; each has its keys, too. */
function AddLinks({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  return (
    <ul aria-label={t('add.title')} className="no-print mt-4 flex flex-wrap gap-2 border-t border-line pt-4">
      {RELATIONS.map((relation) => (
        <li key={relation}>
          <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree: person.treeId, id: person.id }} hash={`add-${relation}`} resetScroll={false} className={buttonClass('plain', 'px-3')}>
            <IconPlus aria-hidden className="size-4" />{t(`add.${relation}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function HistoryTab({ person }: { person: Person }) {
  return <RecordHistory treeId={person.treeId} id={person.id} version={person.version} />;
}

function SourcesTab({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const query = useInfiniteQuery(citationsPages(person.treeId, person.id));
  return (
    <LoadedPages query={query} empty={<Empty title={t('tab_sources.none')}>{t('tab_sources.hint')}</Empty>}>
      {(items) => (
        <ul className="space-y-4">
          {items.map((citation) => <li key={citation.id}><Card><CitationText citation={citation} treeId={person.treeId} withSource /></Card></li>)}
        </ul>
      )}
    </LoadedPages>
  );
}

function MediaTab({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const query = useInfiniteQuery(personMediaPages(person.treeId, person.id));
  return (
    <LoadedPages query={query} empty={<Empty title={t('tab_media.none')} />}>
      {(items) => <MediaGrid items={items} treeId={person.treeId} />}
    </LoadedPages>
  );
}

function NotesTab({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  if (person.notes.length === 0) return <Empty title={t('tab_notes.none')} />;
  return <div className="space-y-4">{person.notes.map((note, index) => <Card key={note.id ?? index}><NoteText note={note} /></Card>)}</div>;
}

const tabs: Record<Tab, (props: { person: Person }) => ReactNode> = { sources: SourcesTab, media: MediaTab, notes: NotesTab, history: HistoryTab };

const tabClass = (on: boolean) =>
  cx('inline-flex min-h-11 items-center gap-2 border-b-3 px-3 font-semibold', on ? 'border-accent text-ink' : 'border-transparent text-ink-2 hover:border-line-strong');

function TabBar({ person, tab }: { person: Person; tab: Tab | undefined }) {
  const { t, i18n } = useTranslation('people');
  const counts = { sources: person.counts.citations, media: person.counts.media, notes: person.counts.notes, history: person.version };
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <nav aria-label={t('tabs')} className="no-print my-6 flex flex-wrap gap-1 border-b border-line">
      {[undefined, ...TABS].map((name) => (
        <Link key={name ?? ''} to="/t/$tree/people/$id/{-$tab}" params={{ tree: person.treeId, id: person.id, tab: name }}
          className={tabClass(name === tab)} aria-current={name === tab ? 'page' : undefined} resetScroll={false}>
          {t(`tab.${name ?? 'overview'}`)}
          {name && <span className="tabular rounded-full bg-sunken px-2 text-sm font-normal">{number.format(counts[name])}</span>}
        </Link>
      ))}
    </nav>
  );
}

function usePersonKeys(tree: string, id: string) {
  const navigate = useNavigate();
  const shortcuts = useMemo((): Shortcut[] => {
    const open = (person: string | null) => {
      if (person) void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id: person } });
    };
    return [
      { keys: 'c', name: 'chart', run: () => void navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree, kind: 'hourglass', person: id } }) },
      { keys: 'e', name: 'edit', run: () => void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id }, hash: 'edit' }) },
      ...RELATIONS.map((relation): Shortcut => ({
        keys: `a ${ADD_KEYS[relation]}`, name: `add_${relation}`,
        run: () => void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id }, hash: `add-${relation}` }),
      })),
      { keys: '[', name: 'trail_previous', run: () => open(neighbours(id).previous) },
      { keys: ']', name: 'trail_next', run: () => open(neighbours(id).next) },
    ];
  }, [navigate, tree, id]);
  useShortcuts(shortcuts);
}

/** Form, panel or neither, as the address says; afterwards the focus is where one was. */
function useTask(tree: string, id: string) {
  const navigate = useNavigate();
  const task = readTask(useLocation({ select: ({ hash }) => hash }));
  const was = useRef(task);
  useEffect(() => {
    if (was.current && !task) document.querySelector<HTMLElement>('#main h1')?.focus();
    was.current = task;
  }, [task]);
  const go = (hash: string) => void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id }, hash, replace: true, resetScroll: false });
  const next = () => {
    const person = neighbours(id).next;
    if (person) void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id: person }, hash: 'edit' });
    else go('');
  };
  return { task, close: () => go(''), next, resume: () => go(RESUME) };
}

function Body({ person, tab }: { person: Person; tab: Tab | undefined }) {
  const { t: common } = useTranslation('common');
  const { task, close, next, resume } = useTask(person.treeId, person.id);
  const title = nameOf(person.brief, common);
  const TabView = tab && tabs[tab];
  if (task?.kind === 'edit') {
    return <Suspense><PersonEditor key={person.id} person={person} title={title} focus={task.focus} resume={task.resume} onClose={close} onNext={next} /></Suspense>;
  }
  return (
    <>
      <Header person={person} />
      <TabBar person={person} tab={tab} />
      <Suspense>
        <DraftNotice treeId={person.treeId} id={person.id} onResume={resume} />
        {task?.kind === 'add' && <AddRelative key={`${person.id}/${task.relation}`} person={person} relation={task.relation} onClose={close} />}
      </Suspense>
      {TabView ? <TabView person={person} /> : <Overview person={person} />}
    </>
  );
}

export function PersonPage() {
  const { t } = useTranslation('people');
  const { t: common } = useTranslation('common');
  const { tree, id, tab: wanted } = route.useParams();
  const tab = TABS.find((name) => name === wanted);
  const query = useQuery(personQuery(tree, id));
  usePersonKeys(tree, id);
  const editing = readTask(useLocation({ select: ({ hash }) => hash }))?.kind === 'edit';
  const person = query.data;
  useEffect(() => {
    if (person) rememberPerson(tree, person.id);
  }, [tree, person]);

  if (query.error && !person) return <Page title={t('person')}><Failed error={query.error} retry={() => void query.refetch()} /></Page>;
  const title = person ? nameOf(person.brief, common) : t('person');
  return (
    <Page
      title={title}
      heading={<bdi>{title}</bdi>}
      wide
      actions={person && !editing && (
        <>
          <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree, id }} hash="edit" resetScroll={false} className={buttonClass()}>
            <IconPencil aria-hidden className="size-5" />{t('action.edit')}
          </Link>
          <Link to="/t/$tree/charts/$kind/$person" params={{ tree, kind: 'hourglass', person: id }} className={buttonClass('primary')}>
            <IconBinaryTree aria-hidden className="size-5" />{t('action.chart')}
          </Link>
          <Link to="/t/$tree/relationship" params={{ tree }} search={{ a: id }} className={buttonClass()}>
            <IconHeartHandshake aria-hidden className="size-5" />{t('action.relationship')}
          </Link>
          <Link to="/t/$tree/keep" params={{ tree }} search={{ person: id }} className={buttonClass()}>
            <IconDeviceFloppy aria-hidden className="size-5" />{t('action.keep')}
          </Link>
        </>
      )}
    >
      <Loaded query={query} lines={12}>
        {(loaded) => (
          <>
            <Body person={loaded} tab={tab} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
