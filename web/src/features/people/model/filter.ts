/** The list's view, as it stands in the address, and what it asks the server for. */
import * as v from 'valibot';
import { filters, type Query } from '../../../api/client.ts';

export const SORTS = ['surname', 'given', 'birth', '-birth', 'death', '-changed'] as const;

const year = v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(-9999), v.maxValue(9999))), undefined);
const text = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(100))), undefined);

export const peopleSearch = v.object({
  sort: v.fallback(v.optional(v.picklist(SORTS)), undefined),
  surname: text,
  from: year,
  to: year,
  living: v.fallback(v.optional(v.boolean()), undefined),
});
export type PeopleSearch = v.InferOutput<typeof peopleSearch>;

export function peopleQuery(search: PeopleSearch): Query {
  const { from, to, surname, living } = search;
  return {
    sort: search.sort ?? 'surname',
    ...filters({
      'surname~': surname,
      birth: from === undefined && to === undefined ? undefined : `${from ?? ''}..${to ?? ''}`,
      living: living === undefined ? undefined : String(living),
    }),
  };
}

export function isFiltered(search: PeopleSearch): boolean {
  return [search.surname, search.from, search.to, search.living].some((value) => value !== undefined);
}
