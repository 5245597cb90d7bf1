/** What one is about to do on a page, as the address says it after `#`: so it can be linked to, and Back leaves it. */
import { RELATIONS, type Relation } from './model/relatives.ts';

export type Task =
  | { kind: 'edit'; /** Part to begin with; empty: the first field. */ focus: string; /** With the draft that is kept. */ resume: boolean }
  | { kind: 'add'; relation: Relation }
  | null;

export const RESUME = 'edit-draft';
export const ADD_KEYS: Record<Relation, string> = { father: 'f', mother: 'm', spouse: 's', child: 'c', sibling: 'b' };
export { RELATIONS, type Relation };

export function readTask(hash: string): Task {
  if (hash === RESUME) return { kind: 'edit', focus: '', resume: true };
  if (hash === 'edit' || hash.startsWith('edit-')) return { kind: 'edit', focus: hash.slice('edit-'.length), resume: false };
  const relation = RELATIONS.find((one) => hash === `add-${one}`);
  return relation ? { kind: 'add', relation } : null;
}
