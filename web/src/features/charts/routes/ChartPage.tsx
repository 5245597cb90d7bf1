import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../../../api/client.ts';
import { chartQuery, type ChartView, pictureAsked } from '../../../api/queries.ts';
import type { Chart } from '../../../api/types.ts';
import { directionOf } from '../../../lib/direction.ts';
import { useSettings } from '../../../lib/settings.ts';
import { mirrored } from '../../../stage/mirror.ts';
import { type Scene, sceneOf } from '../../../stage/scene.ts';
import { buttonClass } from '../../../ui/Button.tsx';
import { Choice, inputClass, SelectField } from '../../../ui/fields.tsx';
import { Failed, Loaded } from '../../archive/index.ts';
import { PersonPicker } from '../../search/index.ts';
import { ChartStage } from '../components/ChartStage.tsx';
import type { Fold } from '../components/ChosenCard.tsx';
import { OutlineTable } from '../components/OutlineTable.tsx';
import { boxName } from '../describe.ts';
import { PrintMenu } from '../components/PrintMenu.tsx';
import { type ChartSearch, COLOURS, KINDS, PEOPLE } from '../model.ts';
import { foldsDown, foldsUp, generationsOf, growsDown, growsUp, isWide, PEOPLE_USUAL, toggled } from '../view.ts';

/** With the outlines of the world: only for those who look at a map. */
const MapChart = lazy(async () => ({ default: (await import('../components/MapChart.tsx')).MapChart }));

const route = getRouteApi('/t/$tree/charts/$kind/$person');

function Generations({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }) {
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(Number(event.target.value))} className="w-20">
      {[...new Set([0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 25, 50, 100, value])].toSorted((a, b) => a - b).map((count) => <option key={count}>{count}</option>)}
    </SelectField>
  );
}

interface ControlsProps {
  treeId: string;
  view: ChartView;
  search: ChartSearch;
  outline: boolean;
  rootBrief: string;
  otherBrief: string;
  match: string;
  onMatch(text: string): void;
}

function Controls({ treeId, view, search, outline, rootBrief, otherBrief, match, onMatch }: ControlsProps) {
  const { t } = useTranslation('charts');
  const navigate = route.useNavigate();
  const change = (next: Partial<ChartSearch>) => void navigate({ search: { ...search, ...next }, replace: true });
  return (
    <details className="no-print border-b border-line bg-card" open={window.innerWidth >= 1024}>
      <summary className="flex min-h-11 items-center gap-2 px-4 font-semibold lg:hidden">{t('options')}</summary>
      <div className="flex flex-wrap items-end gap-3 px-4 pb-3 lg:pt-3">
        <SelectField label={t('kind')} value={view.kind} className="w-36"
          onChange={(event) => void navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree: treeId, kind: event.target.value, person: view.root }, search })}>
          {KINDS.map((kind) => <option key={kind} value={kind}>{t(`kinds.${kind}`)}</option>)}
        </SelectField>
        <div className="w-48">
          <PersonPicker treeId={treeId} label={t('root')} chosen={null} placeholder={rootBrief}
            onChoose={(person) => void navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree: treeId, kind: view.kind, person: person.id }, search })} />
        </div>
        {view.kind === 'path' && (
          <div className="w-48">
            <PersonPicker treeId={treeId} label={t('other')} chosen={null} placeholder={otherBrief} onChoose={(person) => change({ other: person.id })} />
          </div>
        )}
        {isWide(view.kind) && (
          <SelectField label={t('people')} value={view.people} className="w-28" onChange={(event) => change({ people: PEOPLE.find((count) => count === Number(event.target.value)) })}>
            {PEOPLE.map((count) => <option key={count}>{count}</option>)}
          </SelectField>
        )}
        {growsUp(view.kind) && <Generations label={t('up')} value={view.up} onChange={(up) => change({ up })} />}
        {growsDown(view.kind) && <Generations label={t('down')} value={view.down} onChange={(down) => change({ down })} />}
        {!outline && view.kind !== 'map' && (
          <>
            <SelectField label={t('colour')} value={search.colour ?? 'none'} className="w-36"
              onChange={(event) => change({ colour: COLOURS.find((colour) => colour === event.target.value) })}>
              {COLOURS.map((colour) => <option key={colour} value={colour}>{t(`colours.${colour}`)}</option>)}
            </SelectField>
            <div className="w-40">
              <label htmlFor="chart-match" className="mb-1 block text-sm font-semibold">{t('match')}</label>
              <input id="chart-match" type="search" value={match} onChange={(event) => onMatch(event.target.value)} className={inputClass} autoComplete="off" />
            </div>
          </>
        )}
        <a className={buttonClass()} download
          href={address(`/trees/${treeId}/charts/${view.kind}`, { ...pictureAsked(view), format: 'svg' })}>
          <IconDownload aria-hidden className="size-5" />SVG
        </a>
        <PrintMenu treeId={treeId} view={view} />
      </div>
    </details>
  );
}

/** Boxes whose name contains what was typed. */
function matching(chart: Chart, text: string): ReadonlySet<number> {
  const wanted = text.trim().toLocaleLowerCase();
  if (wanted.length < 2) return new Set();
  const found = [...chart.boxes.given.keys()].filter((box) => {
    const surname = chart.surnames[chart.boxes.surname[box]!] ?? '';
    return chart.boxes.living[box] !== 'h' && `${chart.boxes.given[box]} ${surname}`.toLocaleLowerCase().includes(wanted);
  });
  return new Set(found);
}

function Legend({ scene }: { scene: Scene }) {
  const { t, i18n } = useTranslation('charts');
  const count = new Intl.NumberFormat(i18n.language).format(scene.boxes.length);
  return (
    <p className="border-t border-line bg-card px-4 py-1.5 text-sm text-ink-2" role="status">
      {t('boxes', { count: scene.boxes.length, number: count })}
      {scene.chart.truncated && <> · {t('truncated')}</>}
      {!scene.chart.map && <span className="hidden md:inline"> · {t('hint')}</span>}
    </p>
  );
}

export function ChartPage() {
  const { t } = useTranslation(['charts', 'common']);
  const { tree, kind: wanted, person } = route.useParams();
  const kind = KINDS.find((name) => name === wanted) ?? 'hourglass';
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { outlineFirst, language } = useSettings();
  const fromRight = directionOf(language) === 'rtl';
  const outline = (search.view ?? (outlineFirst ? 'outline' : 'chart')) === 'outline';
  const { hideAbove = [], hideBelow = [] } = search;
  const view: ChartView = {
    kind, root: person, ...generationsOf(kind, search, window.innerWidth), hideAbove, hideBelow,
    other: kind === 'path' ? search.other : undefined,
    people: isWide(kind) ? (search.people ?? PEOPLE_USUAL) : undefined,
    until: kind === 'map' ? search.until : undefined,
  };
  // A path needs its other end first.
  const incomplete = kind === 'path' && !search.other;
  const query = useQuery({ ...chartQuery(tree, view), enabled: !incomplete });
  const [match, setMatch] = useState('');
  const [chosen, setChosen] = useState(0);
  const scene = useMemo(() => (query.data && !incomplete ? sceneOf(fromRight ? mirrored(query.data) : query.data) : undefined), [query.data, incomplete, fromRight]);
  const matches = useMemo(() => (query.data ? matching(query.data, match) : new Set<number>()), [query.data, match]);
  const root = scene?.boxOf.get(scene.chart.rootId) ?? 0;
  const otherBox = scene && search.other ? scene.boxOf.get(search.other) : undefined;
  const unrelated = kind === 'path' && scene?.chart.kind === 'path' && scene.unions.length === 0 && scene.boxes.length > 1;
  const name = scene ? boxName(scene.chart, root, t) : '';
  const title = name ? t('charts:title_of', { kind: t(`charts:kinds.${kind}`), name }) : t('charts:title');
  useEffect(() => {
    document.title = `${title} · Tablinum`;
  }, [title]);
  const openPerson = (box: number) =>
    void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree, id: scene!.chart.boxes.person[box]! } });
  const fold: Fold = {
    above: foldsUp(kind) ? { folded: new Set(hideAbove), toggle: (id) => void navigate({ search: { ...search, hideAbove: toggled(hideAbove, id) }, replace: true }) } : null,
    below: foldsDown(kind) ? { folded: new Set(hideBelow), toggle: (id) => void navigate({ search: { ...search, hideBelow: toggled(hideBelow, id) }, replace: true }) } : null,
  };
  const reroot = (id: string) => void navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree, kind, person: id }, search });

  return (
    <div className={outline ? undefined : 'flex h-[calc(100dvh-var(--shell-top)-var(--shell-bottom))] flex-col'}>
      <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-2">
        <h1 tabIndex={-1} className="min-w-0 truncate font-serif text-xl font-semibold"><bdi>{title}</bdi></h1>
        <Choice compact legend={t('charts:view')} name="view" value={outline ? 'outline' : 'chart'}
          options={[{ value: 'chart', label: t('charts:chart') }, { value: 'outline', label: t('charts:outline') }]}
          onChange={(next) => void navigate({ search: { ...search, view: next === 'outline' ? 'outline' : 'chart' }, replace: true })} />
      </div>
      <Controls treeId={tree} view={view} search={search} outline={outline} rootBrief={name} otherBrief={scene && otherBox !== undefined ? boxName(scene.chart, otherBox, t) : ''} match={match} onMatch={setMatch} />
      {incomplete && <p className="p-4">{t('charts:path_hint')}</p>}
      {unrelated && <p className="px-4 py-2 font-semibold" role="status">{t('charts:unrelated')}</p>}
      {query.error && !query.data && <div className="p-4"><Failed error={query.error} retry={() => void query.refetch()} /></div>}
      {scene && !outline && (
        <>
          <div className="min-h-0 flex-1">
            {scene.chart.map
              ? (
                <Suspense>
                  <MapChart key={scene.chart.rootId} chart={scene.chart} columns={scene.chart.map} treeId={tree} until={search.until}
                    onUntil={(until) => void navigate({ search: { ...search, until }, replace: true })} />
                </Suspense>
              )
              : <ChartStage scene={scene} treeId={tree} root={root} matches={matches} colourBy={search.colour ?? 'none'} onReroot={reroot} fold={fold} />}
          </div>
          <Legend scene={scene} />
        </>
      )}
      {outline && !incomplete && (
        <div className="p-4">
          <Loaded query={query}>
            {(chart) => <OutlineTable chart={chart} treeId={tree} chosen={chosen} onChoose={setChosen} onOpen={openPerson} />}
          </Loaded>
        </div>
      )}
    </div>
  );
}
