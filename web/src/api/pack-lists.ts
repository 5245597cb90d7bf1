/** Lists and searches over the people of a pack: what the archive would make of its index, in simple. */
import type { Query } from './client.ts';
import type { Anchors, DateValue, Page, PersonBrief, SearchAnswer, Suggestions } from './types.ts';

/** Small letters without accents: "Rútsito" is found by "rutsi". */
export const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase();
const words = (text: string): string[] => folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

const year = (date: DateValue | null | undefined): number | null => {
  const text = date?.from ?? date?.to;
  return text ? Number.parseInt(text, 10) : null;
};

/** `1850..1900`, `..1900`, `1850..`: whoever has no year is in none. */
function inYears(date: DateValue | null | undefined, range: Query[string]): boolean {
  const [from = '', to = ''] = String(range).split('..');
  const first = Number.parseInt((date?.from ?? date?.to) ?? '', 10);
  const last = Number.parseInt((date?.to ?? date?.from) ?? '', 10);
  if (Number.isNaN(first + last)) return false;
  return (to === '' || first <= Number(to)) && (from === '' || last >= Number(from));
}

const keys: Record<string, (person: PersonBrief) => string | number | null> = {
  surname: ({ surname, given }) => folded(`${surname}\u0001${given}`),
  given: ({ given, surname }) => folded(`${given}\u0001${surname}`),
  birth: ({ birth }) => year(birth?.date),
  death: ({ death }) => year(death?.date),
};

/** Those without a key come last, whichever way the order runs. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : Number(a > b);
}

function chosen(people: readonly PersonBrief[], query: Query): PersonBrief[] {
  const surname = query['filter[surname]~'] ?? query['filter[surname]'];
  const living = query['filter[living]'];
  const birth = query['filter[birth]'];
  const wanted = String(query['sort'] ?? 'surname').split(',')[0]!;
  const key = keys[wanted.replace('-', '')] ?? keys['surname']!;
  const turn = wanted.startsWith('-') ? -1 : 1;
  return people
    .filter((person) => !surname || words(person.surname).some((word) => word.startsWith(folded(String(surname)))))
    .filter((person) => living === undefined || String(person.living) === String(living))
    .filter((person) => birth === undefined || inYears(person.birth?.date, birth))
    .toSorted((a, b) => {
      const [one, other] = [key(a), key(b)];
      return compare(one, other) * (one === null || other === null ? 1 : turn);
    });
}

export function listOf(people: readonly PersonBrief[], query: Query): Page<PersonBrief> {
  const items = chosen(people, query);
  return { items, total: items.length, nextCursor: null };
}

export function anchorsOf(people: readonly PersonBrief[], query: Query): Anchors {
  return { total: chosen(people, query).length, step: 500, anchors: [{ row: 0, label: '', cursor: null }], initials: [] };
}

/** Each word of the question begins a word of the name or of the place of birth. */
function matches(person: PersonBrief, question: readonly string[]): boolean {
  const own = words(`${person.name} ${person.birth?.place?.text ?? ''}`);
  return question.every((word) => own.some((other) => other.startsWith(word)));
}

function found(people: readonly PersonBrief[], query: Query): PersonBrief[] {
  const question = words(String(query['q'] ?? ''));
  const { type, birth } = query;
  if (question.length === 0 || (type !== undefined && !String(type).split(',').includes('person'))) return [];
  return people.filter((person) => !person.hidden && matches(person, question) && (birth === undefined || inYears(person.birth?.date, birth)));
}

export function searchOf(people: readonly PersonBrief[], query: Query): SearchAnswer {
  const hits = found(people, query);
  return {
    items: hits.map((person) => ({
      type: 'person', id: person.id, treeId: person.treeId, title: person.name, subtitle: person.birth?.place?.text ?? '', person, score: 1, match: 'prefix', highlights: [],
    })),
    total: hits.length,
    nextCursor: null,
    facets: { types: [{ type: 'person', count: hits.length }], surnames: [], places: [], decades: [] },
    also: [],
    tookMs: 0,
  };
}

export function suggestOf(people: readonly PersonBrief[], query: Query): Suggestions {
  const limit = Number(query['limit'] ?? 8);
  return {
    items: found(people, query).slice(0, limit).map((person) => ({ kind: 'person', text: person.name, id: person.id, person, count: 1 })),
  };
}
