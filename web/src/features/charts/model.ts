/** A chart's view, all of it in the address: so it can be shared, bookmarked and printed. */
import * as v from 'valibot';
import type { ChartKind } from '../../api/types.ts';

export const KINDS = ['hourglass', 'pedigree', 'descendants'] as const satisfies readonly ChartKind[];
export const COLOURS = ['none', 'surname', 'generation', 'evidence', 'living'] as const;
export const GENERATIONS_MAX = 100;

const generations = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(GENERATIONS_MAX))), undefined);

export const chartSearch = v.object({
  up: generations,
  down: generations,
  view: v.fallback(v.optional(v.picklist(['chart', 'outline'])), undefined),
  colour: v.fallback(v.optional(v.picklist(COLOURS)), undefined),
});
export type ChartSearch = v.InferOutput<typeof chartSearch>;

/** Fewer generations on a narrow screen: the person with the nearest two. */
const NARROW_PIXELS = 640;

export function generationsOf(kind: ChartKind, search: ChartSearch, windowWidth: number): { up: number; down: number } {
  const usual = windowWidth < NARROW_PIXELS ? 2 : { hourglass: 3, pedigree: 4, descendants: 3 }[kind];
  return {
    up: kind === 'descendants' ? 0 : (search.up ?? usual),
    down: kind === 'pedigree' ? 0 : (search.down ?? usual),
  };
}
