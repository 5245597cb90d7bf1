/** A chart's view, all of it in the address: so it can be shared, bookmarked and printed. */
import * as v from 'valibot';
import type { ChartKind } from '../../api/types.ts';

export const KINDS = ['hourglass', 'pedigree', 'fan', 'descendants'] as const satisfies readonly ChartKind[];
export const COLOURS = ['none', 'surname', 'generation', 'evidence', 'living'] as const;
export const GENERATIONS_MAX = 100;

/** People whose parents, or children, the reader has folded away. As many as an address has room for. */
export const FOLDED_MAX = 40;
const people = v.fallback(v.optional(v.pipe(v.array(v.pipe(v.string(), v.uuid())), v.maxLength(FOLDED_MAX))), undefined);

const generations = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(GENERATIONS_MAX))), undefined);

export const chartSearch = v.object({
  up: generations,
  down: generations,
  view: v.fallback(v.optional(v.picklist(['chart', 'outline'])), undefined),
  colour: v.fallback(v.optional(v.picklist(COLOURS)), undefined),
  hideAbove: people,
  hideBelow: people,
});
export type ChartSearch = v.InferOutput<typeof chartSearch>;

/** The list with somebody folded away, or unfolded again; none rather than an empty one, which would stand in the address. */
export function toggled(list: readonly string[] | undefined, person: string): string[] | undefined {
  const rest = (list ?? []).filter((other) => other !== person);
  const next = rest.length < (list ?? []).length ? rest : [...rest, person].slice(-FOLDED_MAX);
  return next.length > 0 ? next : undefined;
}

/** Which ways a chart of this kind grows. */
export const growsUp = (kind: ChartKind) => kind !== 'descendants';
export const growsDown = (kind: ChartKind) => kind === 'descendants' || kind === 'hourglass';

/** Fewer generations on a narrow screen: the person with the nearest two. */
const NARROW_PIXELS = 640;

export function generationsOf(kind: ChartKind, search: ChartSearch, windowWidth: number): { up: number; down: number } {
  const usual = windowWidth < NARROW_PIXELS ? 2 : { hourglass: 3, pedigree: 4, fan: 4, descendants: 3 }[kind];
  return {
    up: growsUp(kind) ? (search.up ?? usual) : 0,
    down: growsDown(kind) ? (search.down ?? usual) : 0,
  };
}
