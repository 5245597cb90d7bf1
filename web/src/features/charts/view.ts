/** What an address shows of a chart. Apart from model.ts, which every page loads with the router. */
import type { ChartKind } from '../../api/types.ts';
import { type ChartSearch, FOLDED_MAX } from './model.ts';

/** The list with somebody folded away, or unfolded again; none rather than an empty one, which would stand in the address. */
export function toggled(list: readonly string[] | undefined, person: string): string[] | undefined {
  const rest = (list ?? []).filter((other) => other !== person);
  const next = rest.length < (list ?? []).length ? rest : [...rest, person].slice(-FOLDED_MAX);
  return next.length > 0 ? next : undefined;
}

/** Which ways a chart of this kind grows. */
const UP: ReadonlySet<ChartKind> = new Set(['hourglass', 'pedigree', 'fan', 'timeline', 'map']);
const DOWN: ReadonlySet<ChartKind> = new Set(['hourglass', 'descendants', 'timeline', 'map']);
export const growsUp = (kind: ChartKind) => UP.has(kind);
export const growsDown = (kind: ChartKind) => DOWN.has(kind);
/** Whether the chart is of all who are connected, however far. */
export const isWide = (kind: ChartKind) => kind === 'relatives' || kind === 'everyone';
/** Whether branches can be folded away. */
export const foldsUp = (kind: ChartKind) => growsUp(kind) || kind === 'relatives';
export const foldsDown = (kind: ChartKind) => growsDown(kind) || kind === 'relatives';

/** Usual number of people of a chart without limit of generations. */
export const PEOPLE_USUAL = 1000;

/** Fewer generations on a narrow screen: the person with the nearest two. */
const NARROW_PIXELS = 640;

const USUAL: Record<ChartKind, number> = { hourglass: 3, pedigree: 4, fan: 4, descendants: 3, timeline: 3, map: 4, relatives: 0, everyone: 0, path: 0 };

export function generationsOf(kind: ChartKind, search: ChartSearch, windowWidth: number): { up: number; down: number } {
  const usual = windowWidth < NARROW_PIXELS ? 2 : USUAL[kind];
  return {
    up: growsUp(kind) ? (search.up ?? usual) : 0,
    down: growsDown(kind) ? (search.down ?? usual) : 0,
  };
}
