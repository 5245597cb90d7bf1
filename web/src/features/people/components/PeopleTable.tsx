import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Query } from '../../../api/client.ts';
import { anchorsQuery, personsPage } from '../../../api/queries.ts';
import type { Anchors, PersonBrief } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { showShort } from '../../../lib/dates.ts';
import { type Shortcut, useShortcuts } from '../../../lib/keys.ts';
import { usePrinting } from '../../../lib/printing.ts';
import { setTrail } from '../../../lib/trail.ts';
import { Empty, Skeleton } from '../../../ui/states.tsx';
import { Evidence, Face, Failed, Life, PersonLink } from '../../archive/index.ts';
import { PAGE_ROWS, Rows } from '../model/rows.ts';

const OVERSCAN = 8;

function useRows(treeId: string, query: Query) {
  const client = useQueryClient();
  const [, changed] = useReducer((count: number) => count + 1, 0);
  const rows = useMemo(
    () => new Rows<PersonBrief>(
      (cursor) => client.fetchQuery({ ...personsPage(treeId, { ...query, limit: PAGE_ROWS, cursor }), staleTime: 60_000 }),
      changed,
    ),
    [client, treeId, query],
  );
  const anchors = useQuery(anchorsQuery(treeId, query));
  useEffect(() => {
    for (const anchor of [...(anchors.data?.anchors ?? []), ...(anchors.data?.initials ?? [])]) rows.addCursor(anchor.row, anchor.cursor);
  }, [rows, anchors.data]);
  return { rows, anchors: anchors.data };
}

/** Letters that jump into the list. */
function Initials({ anchors, onJump }: { anchors: Anchors; onJump(row: number): void }) {
  const { t } = useTranslation('people');
  if (anchors.initials.length < 2) return null;
  return (
    <nav aria-label={t('list.initials')} className="no-print mb-3 flex flex-wrap gap-1">
      {anchors.initials.map(({ initial, row }) => (
        <button key={row} type="button" onClick={() => onJump(row)} className="inline-flex min-h-9 min-w-9 items-center justify-center rounded-input px-2 font-semibold text-link hover:bg-sunken">
          {initial}
        </button>
      ))}
    </nav>
  );
}

function Row({ person }: { person: PersonBrief }) {
  const { t, i18n } = useTranslation('common');
  const language = i18n.language;
  return (
    <>
      <div role="cell" className="flex min-w-0 items-center gap-3">
        <Face person={person} />
        <span className="min-w-0">
          <PersonLink person={person} className="font-semibold" />
          <span className="block text-sm md:hidden"><Life person={person} /></span>
        </span>
      </div>
      <div role="cell" className="tabular hidden md:block">{showShort(person.birth?.date, language, t)}</div>
      <div role="cell" className="hidden min-w-0 truncate text-ink-2 md:block"><bdi>{person.birth?.place?.text}</bdi></div>
      <div role="cell" className="tabular hidden md:block">{showShort(person.death?.date, language, t)}</div>
      <div role="cell" className="justify-self-end"><Evidence quality={person.quality} /></div>
    </>
  );
}

const COLUMNS = 'grid grid-cols-[1fr_auto] items-center gap-x-4 px-3 md:grid-cols-[minmax(14rem,2.2fr)_6rem_minmax(8rem,2fr)_6rem_3rem]';

/** On paper: every row that has been loaded, one below the other, and how many there are. */
function PrintedRows({ people, total }: { people: PersonBrief[]; total: number }) {
  const { t } = useTranslation(['people', 'common']);
  return (
    <div role="rowgroup">
      {people.map((person, index) => (
        <div key={person.id} role="row" aria-rowindex={index + 2} className={cx(COLUMNS, 'border-b border-line py-1')}><Row person={person} /></div>
      ))}
      {people.length < total && <p className="py-2">{t('common:list.shown', { shown: people.length, total })}</p>}
    </div>
  );
}

/** The list of a tree's people: as long as it is, with as many rows in the page as are seen. */
export function PeopleTable({ treeId, query, filtered }: { treeId: string; query: Query; filtered: boolean }) {
  const { t } = useTranslation('people');
  const { rows, anchors } = useRows(treeId, query);
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const printing = usePrinting();
  const [offset, setOffset] = useState(0);
  const [chosen, setChosen] = useState(-1);
  const total = rows.total ?? 0;
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtualizer = useWindowVirtualizer({
    count: total, estimateSize: () => 3.75 * rem, overscan: OVERSCAN, scrollMargin: offset, useFlushSync: false,
  });
  const shown = virtualizer.getVirtualItems();
  const filled = total > 0;
  const from = shown[0]?.index ?? 0;
  const to = (shown.at(-1)?.index ?? 30) + 1;

  useEffect(() => setOffset((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [filled, anchors]);
  useEffect(() => rows.want(from, to), [rows, from, to]);
  useEffect(() => setTrail(rows.known().filter((person) => !person.hidden).map((person) => person.id)), [rows, to, total]);

  const shortcuts = useMemo((): Shortcut[] => {
    const choose = (row: number) => {
      const next = Math.min(Math.max(row, 0), total - 1);
      setChosen(next);
      virtualizer.scrollToIndex(next, { align: 'auto' });
      requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus({ preventScroll: true }));
    };
    return [
      { keys: 'j', name: 'next', run: () => choose(chosen + 1) },
      { keys: 'k', name: 'previous', run: () => choose(chosen - 1) },
      {
        keys: 'c', name: 'chart', run: () => {
          const person = rows.get(chosen);
          if (person) void navigate({ to: '/t/$tree/charts/$kind/$person', params: { tree: treeId, kind: 'hourglass', person: person.id } });
        },
      },
    ];
  }, [chosen, total, virtualizer, rows, navigate, treeId]);
  useShortcuts(shortcuts);

  if (rows.error && rows.total === null) return <Failed error={rows.error} retry={() => rows.retry()} />;
  if (rows.total === null) return <Skeleton lines={12} label={t('list.loading')} />;
  if (total === 0) return <Empty title={t(filtered ? 'list.none' : 'list.empty')}>{t(filtered ? 'list.none_hint' : 'list.empty_hint')}</Empty>;
  return (
    <>
      {anchors && <Initials anchors={anchors} onJump={(row) => virtualizer.scrollToIndex(row, { align: 'start' })} />}
      <div role="table" aria-label={t('title')} aria-rowcount={total + 1} className="overflow-clip rounded-card border border-line bg-card">
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} className={cx(COLUMNS, 'border-b border-line bg-sunken py-2 text-sm font-semibold text-ink-2')}>
            <div role="columnheader">{t('column.name')}</div>
            <div role="columnheader" className="hidden md:block">{t('column.birth')}</div>
            <div role="columnheader" className="hidden md:block">{t('column.place')}</div>
            <div role="columnheader" className="hidden md:block">{t('column.death')}</div>
            <div role="columnheader"><span className="sr-only">{t('column.evidence')}</span></div>
          </div>
        </div>
        {printing && <PrintedRows people={rows.known()} total={total} />}
        <div role="rowgroup" ref={list} className="relative print:hidden" style={{ height: virtualizer.getTotalSize() }}>
          {shown.map(({ index, start, size }) => {
            const person = rows.get(index);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                data-row={index}
                className={cx(COLUMNS, 'absolute inset-x-0 border-b border-line', index === chosen && 'bg-accent-soft')}
                style={{ height: size, transform: `translateY(${start - offset}px)` }}
              >
                {person ? <Row person={person} /> : <div role="cell" className="h-4 w-2/3 rounded-input bg-line"><span className="sr-only">{t('list.loading')}</span></div>}
              </div>
            );
          })}
        </div>
      </div>
      {rows.error !== null && <div className="mt-4"><Failed error={rows.error} retry={() => rows.retry()} /></div>}
    </>
  );
}
