import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../../api/types.ts';
import { cx } from '../../../lib/class.ts';
import { showYear } from '../../../lib/dates.ts';
import { forwardKey } from '../../../lib/direction.ts';
import { boxLife, boxName, stepName } from '../describe.ts';
import { wayOf } from '../map.ts';
import { keyMove, outlineOf, type OutlineNode, visibleRows } from '../outline.ts';

const COLUMNS = 'grid grid-cols-[1fr_auto] items-center gap-x-4 px-3 sm:grid-cols-[minmax(12rem,2fr)_8rem_9rem_minmax(6rem,1fr)]';
/** Deeper levels are indented no further: the level is also said. */
const INDENT_MAX = 12;

function Row({ node, chart, treeId, open, onToggle }: { node: OutlineNode; chart: Chart; treeId: string; open: boolean; onToggle(): void }) {
  const { t, i18n } = useTranslation(['charts', 'common']);
  const { box } = node;
  const name = boxName(chart, box, t);
  const birthplace = chart.boxes.birthPlace[box]! >= 0 ? chart.places[chart.boxes.birthPlace[box]!] : '';
  const place = chart.map ? wayOf(chart.map, box, (year) => showYear(i18n.language, year)) : birthplace;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <div role="gridcell" className="flex min-w-0 items-center gap-1" style={{ paddingInlineStart: `${Math.min(node.level - 1, INDENT_MAX) * 1.1}rem` }}>
        {node.children.length > 0
          ? <span aria-hidden onClick={onToggle} className="flex size-8 shrink-0 cursor-pointer items-center justify-center"><Chevron className="size-4 rtl:-scale-x-100" /></span>
          : <span className="size-8 shrink-0" />}
        {chart.boxes.living[box] === 'h'
          ? <span className="text-ink-2 italic">{name}</span>
          : (
            <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree: treeId, id: chart.boxes.person[box]! }} tabIndex={-1} className="prose-link truncate font-semibold">
              <bdi>{name}</bdi>
            </Link>
          )}
        {chart.boxes.same[box]! >= 0 && <span className="text-sm text-ink-2">{t('charts:see_above')}</span>}
      </div>
      <div role="gridcell" className="text-sm text-ink-2 sm:text-base">{stepName(chart, box, t)}</div>
      <div role="gridcell" className="tabular hidden sm:block">{boxLife(chart, box, i18n.language, t)}</div>
      <div role="gridcell" className="hidden truncate text-ink-2 sm:block"><bdi>{place}</bdi></div>
    </>
  );
}

/** The same chart without a picture: a tree grid with one Tab stop, walked with the arrow keys. */
export function OutlineTable({ chart, treeId, chosen, onChoose, onOpen }: {
  chart: Chart;
  treeId: string;
  chosen: number;
  onChoose(box: number): void;
  onOpen(box: number): void;
}) {
  const { t, i18n } = useTranslation('charts');
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const roots = useMemo(() => outlineOf(chart), [chart]);
  const rows = useMemo(() => visibleRows(roots, closed), [roots, closed]);
  const list = useRef<HTMLDivElement>(null);
  const focusWanted = useRef(false);
  const [offset, setOffset] = useState(0);
  const current = Math.max(rows.findIndex((node) => node.box === chosen), 0);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const virtualizer = useWindowVirtualizer({ count: rows.length, estimateSize: () => 2.75 * rem, overscan: 10, scrollMargin: offset, useFlushSync: false });
  const items = virtualizer.getVirtualItems();

  useEffect(() => setOffset((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [chart]);
  useEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    virtualizer.scrollToIndex(current);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-row="${current}"]`)?.focus({ preventScroll: true }));
  }, [current, virtualizer]);

  const toggle = (box: number) => {
    setClosed((old) => {
      const next = new Set(old);
      if (!next.delete(box)) next.add(box);
      return next;
    });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const node = rows[current];
    if (event.key === 'Enter' && node) {
      event.preventDefault();
      return onOpen(node.box);
    }
    const move = keyMove(rows, current, forwardKey(event.key, i18n.language), closed);
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (move.toggle !== null) return toggle(move.toggle);
    focusWanted.current = move.row !== current;
    onChoose(rows[move.row]!.box);
  };

  return (
    <div role="treegrid" aria-label={t('outline')} aria-rowcount={rows.length + 1} className="overflow-clip rounded-card border border-line bg-card">
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={cx(COLUMNS, 'border-b border-line bg-sunken py-2 text-sm font-semibold text-ink-2')}>
          <div role="columnheader">{t('column.name')}</div>
          <div role="columnheader">{t('column.relation')}</div>
          <div role="columnheader" className="hidden sm:block">{t('column.life')}</div>
          <div role="columnheader" className="hidden sm:block">{chart.map ? t('column.places') : t('column.place')}</div>
        </div>
      </div>
      <div role="rowgroup" ref={list} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start, size }) => {
          const node = rows[index]!;
          const open = !closed.has(node.box);
          return (
            <div
              key={node.box}
              role="row"
              data-row={index}
              aria-rowindex={index + 2}
              aria-level={node.level}
              aria-posinset={node.position}
              aria-setsize={node.siblings}
              aria-expanded={node.children.length ? open : undefined}
              tabIndex={index === current ? 0 : -1}
              className={cx(COLUMNS, 'absolute inset-x-0 border-b border-line', index === current && 'bg-accent-soft')}
              style={{ height: size, transform: `translateY(${start - offset}px)` }}
              onFocus={() => onChoose(node.box)}
              onKeyDown={onKeyDown}
            >
              <Row node={node} chart={chart} treeId={treeId} open={open} onToggle={() => toggle(node.box)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
