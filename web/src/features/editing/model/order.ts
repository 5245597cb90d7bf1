/** Which of day and month comes first in a source, as its reader has said once. On this device only. */
import type { DateValue } from '../../../api/types.ts';
import { type Draft, type Part, partAt, partsOf } from './draft.ts';

export type Order = 'day' | 'month';
const SOURCES_MAX = 200;
const storageName = (treeId: string) => `tablinum.orders.${treeId}`;

function orders(treeId: string): [string, Order][] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageName(treeId)) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter((entry): entry is [string, Order] => Array.isArray(entry) && typeof entry[0] === 'string' && (entry[1] === 'day' || entry[1] === 'month'));
  } catch {
    return [];
  }
}

export const orderOf = (treeId: string, source: string): Order | undefined => orders(treeId).find(([of]) => of === source)?.[1];

export function rememberOrder(treeId: string, source: string, order: Order) {
  const others = orders(treeId).filter(([of]) => of !== source);
  try {
    localStorage.setItem(storageName(treeId), JSON.stringify([[source, order], ...others].slice(0, SOURCES_MAX)));
  } catch {
    // Storage is refused: it is asked again.
  }
}

/** How the two numbers of "3/4/1850" were read: the month is the second of them, or the first. */
export function orderIn(text: string, { from }: DateValue): Order | undefined {
  const numbers = /^\D*(\d{1,2})\D+(\d{1,2})\D/.exec(`${text} `);
  const month = /^-?\d+-(\d\d)-/.exec(from ?? '');
  if (!numbers || !month) return undefined;
  return Number(numbers[2]) === Number(month[1]) ? 'day' : 'month';
}

/** The source that a date stands in: the sheet's, or the first that its fact cites. Empty: none. */
export function sourceFor(draft: Draft, part: Part): string {
  const fields = draft.kind === 'sheet' ? partAt(draft, '')!.fields : (partsOf(draft, 'citation', part.key)[0]?.fields ?? {});
  return fields['sourceId'] || (fields['title'] ?? '').trim();
}
