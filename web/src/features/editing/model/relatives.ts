/** A father, mother, spouse, child, brother or sister as operations: into the family that is there, or a new one. */
import type { Pedigree, PersonFamily } from '../../../api/types.ts';
import type { Operation } from './operations.ts';

export const RELATIONS = ['father', 'mother', 'spouse', 'child', 'sibling'] as const;
export type Relation = (typeof RELATIONS)[number];

export interface Wanted {
  relation: Relation;
  /** The person to whom somebody is added, or whose relative it will be. */
  self: string;
  /** Id of somebody who is there, or `#person` that the same change set makes. */
  other: string;
  /** The family chosen; null: a new one. */
  family: string | null;
  pedigree: Pedigree | '';
}

const NEW = '#family';

/** Families that the new relative may belong to; the first is the likely one. */
export function familiesFor(relation: Relation, family: PersonFamily): string[] {
  switch (relation) {
    case 'father':
    case 'mother': return family.parentFamilies.filter(({ partners }) => partners.length < 2).map(({ familyId }) => familyId);
    case 'sibling': return family.parentFamilies.map(({ familyId }) => familyId);
    case 'spouse': return family.unions.filter(({ partner }) => partner === null).map(({ familyId }) => familyId);
    case 'child': return family.unions.map(({ familyId }) => familyId);
  }
}

/** What is likely meant: parents and children join the family that is there, a spouse begins one. */
export function likelyFamily(relation: Relation, family: PersonFamily): string | null {
  return relation === 'spouse' ? null : (familiesFor(relation, family)[0] ?? null);
}

export function relativeOperations({ relation, self, other, family, pedigree }: Wanted): Operation[] {
  const to = family ?? NEW;
  const made: Operation[] = family === null ? [{ op: 'create', ref: NEW, record: { kind: 'family' } }] : [];
  const child = (id: string): Operation => ({ op: 'link', family: to, child: id, ...(pedigree ? { pedigree } : {}) });
  const partner = (id: string, role?: string): Operation => ({ op: 'link', family: to, partner: id, ...(role && family === null ? { role } : {}) });
  switch (relation) {
    case 'father': return [...made, partner(other, 'husband'), ...(family === null ? [child(self)] : [])];
    case 'mother': return [...made, partner(other, 'wife'), ...(family === null ? [child(self)] : [])];
    case 'spouse': return [...made, ...(family === null ? [partner(self)] : []), partner(other)];
    case 'child': return [...made, ...(family === null ? [partner(self)] : []), child(other)];
    case 'sibling': return [...made, ...(family === null ? [{ op: 'link', family: to, child: self }] : []), child(other)];
  }
}

export interface Quick {
  given: string;
  surname: string;
  birth: string;
  place: string;
}

/** "Rudo /Mutasa/ 1902 Umtali", or without slashes: the last word before the year is the surname. */
export function readQuick(text: string): Quick {
  const slashes = /^([^/]*)\/([^/]*)\/?(.*)$/.exec(text);
  const year = /(?:^|\s)((?:abt|about|um|vers|hacia|ca?\.?|~)?\s*\d{3,4})(?:\s+(.*))?$/i;
  const rest = slashes ? slashes[3]! : text;
  const dated = year.exec(rest);
  const birth = dated?.[1]?.trim() ?? '';
  const place = dated?.[2]?.trim() ?? (slashes && !dated ? rest.trim() : '');
  if (slashes) return { given: slashes[1]!.trim(), surname: slashes[2]!.trim(), birth, place };
  const words = (dated ? text.slice(0, dated.index) : text).trim().split(/\s+/);
  return { given: words.length > 1 ? words.slice(0, -1).join(' ') : (words[0] ?? ''), surname: words.length > 1 ? words.at(-1)! : '', birth, place };
}
