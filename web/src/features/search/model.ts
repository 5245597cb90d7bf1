import * as v from 'valibot';
import type { Query } from '../../api/client.ts';
import type { SearchType } from '../../api/types.ts';

export const TYPES = ['person', 'place', 'source', 'media', 'note'] as const satisfies readonly SearchType[];
const year = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(-9999), v.maxValue(9999))), undefined);

export const searchSearch = v.object({
  q: v.fallback(v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.maxLength(200))), undefined),
  type: v.fallback(v.optional(v.picklist(TYPES)), undefined),
  from: year,
  to: year,
});
export type SearchSearch = v.InferOutput<typeof searchSearch>;

export function searchQuery({ q, type, from, to }: SearchSearch): Query {
  return { q, type, birth: from === undefined && to === undefined ? undefined : `${from ?? ''}..${to ?? ''}` };
}
