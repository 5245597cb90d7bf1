/** A chart's view, all of it in the address: so it can be shared, bookmarked and printed. */
import * as v from 'valibot';
import type { ChartKind } from '../../api/types.ts';

export const KINDS = ['hourglass', 'pedigree', 'fan', 'descendants', 'relatives', 'everyone', 'path', 'timeline', 'map'] as const satisfies readonly ChartKind[];
export const COLOURS = ['none', 'surname', 'generation', 'evidence', 'living'] as const;
export const GENERATIONS_MAX = 100;
/** How many relatives are drawn at most. */
export const PEOPLE = [100, 300, 1000, 3000, 10_000] as const;

/** People whose parents, or children, the reader has folded away. As many as an address has room for. */
export const FOLDED_MAX = 40;
const people = v.fallback(v.optional(v.pipe(v.array(v.pipe(v.string(), v.uuid())), v.maxLength(FOLDED_MAX))), undefined);

const generations = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(GENERATIONS_MAX))), undefined);

export const chartSearch = v.object({
  up: generations,
  down: generations,
  view: v.fallback(v.optional(v.picklist(['chart', 'outline'])), undefined),
  colour: v.fallback(v.optional(v.picklist(COLOURS)), undefined),
  /** Of a path: to whom it leads. */
  other: v.fallback(v.optional(v.pipe(v.string(), v.uuid())), undefined),
  people: v.fallback(v.optional(v.picklist(PEOPLE)), undefined),
  /** Of a map: up to which year. */
  until: v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(-9999), v.maxValue(9999))), undefined),
  hideAbove: people,
  hideBelow: people,
});
export type ChartSearch = v.InferOutput<typeof chartSearch>;
