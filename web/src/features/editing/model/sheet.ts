/**
 * A record sheet: one page of a source with the people and events it names, row by row as on the paper. It is a draft like that of a
 * record: the sheet's head is the part without a key, each row a part of its own.
 */
import type { Sex } from '../../../api/types.ts';
import type { TemplateName } from '../search.ts';
import { type Draft, newKey, type Part, partAt, partsOf } from './draft.ts';


export type Role =
  | 'head' | 'wife' | 'husband' | 'son' | 'daughter' | 'father' | 'mother' | 'brother' | 'sister' | 'other'
  | 'child' | 'godparent' | 'witness' | 'groom' | 'bride' | 'groom_father' | 'groom_mother' | 'bride_father' | 'bride_mother'
  | 'deceased' | 'spouse' | 'informant' | 'pictured' | 'speaker' | 'mentioned';
export type Column = 'sex' | 'age' | 'occupation' | 'birthplace' | 'born' | 'died' | 'what' | 'date' | 'place' | 'value';

export interface Template {
  roles: readonly Role[];
  /** Beside role and name, which every template has. */
  columns: readonly Column[];
  /** Rows that an empty sheet begins with. */
  begin: readonly Role[];
  /** An interview says who has written it down. */
  recorder: boolean;
}

export const TEMPLATE: Record<TemplateName, Template> = {
  census: {
    roles: ['head', 'wife', 'husband', 'son', 'daughter', 'father', 'mother', 'brother', 'sister', 'other'],
    columns: ['sex', 'age', 'occupation', 'birthplace'], begin: ['head', 'wife', 'son'], recorder: false,
  },
  baptism: {
    roles: ['child', 'father', 'mother', 'godparent', 'witness'],
    columns: ['sex', 'born', 'birthplace', 'occupation'], begin: ['child', 'father', 'mother', 'godparent'], recorder: false,
  },
  marriage: {
    roles: ['groom', 'bride', 'groom_father', 'groom_mother', 'bride_father', 'bride_mother', 'witness'],
    columns: ['age', 'occupation', 'birthplace'], begin: ['groom', 'bride', 'groom_father', 'bride_father', 'witness', 'witness'], recorder: false,
  },
  burial: {
    roles: ['deceased', 'spouse', 'father', 'mother', 'informant'],
    columns: ['sex', 'died', 'age', 'occupation'], begin: ['deceased'], recorder: false,
  },
  photograph: { roles: ['pictured'], columns: ['value'], begin: ['pictured', 'pictured'], recorder: false },
  interview: {
    roles: ['speaker', 'mentioned'], columns: ['what', 'date', 'place', 'value'], begin: ['speaker', 'mentioned'], recorder: true,
  },
};

/** What an interview may say of somebody; empty: only that they were spoken of. */
export const TOLD = ['', 'BIRT', 'DEAT', 'RESI', 'OCCU', 'EDUC', 'RELI', 'EMIG', 'IMMI', '_CLAN', 'EVEN'] as const;

const MEN: ReadonlySet<string> = new Set(['husband', 'son', 'father', 'brother', 'groom', 'groom_father', 'bride_father']);
const WOMEN: ReadonlySet<string> = new Set(['wife', 'daughter', 'mother', 'sister', 'bride', 'groom_mother', 'bride_mother']);

/** What the row says, else what its role does. */
export function sexOf(row: Part): Sex {
  const said = row.fields['sex'];
  if (said === 'F' || said === 'M' || said === 'X') return said;
  const role = row.fields['role'] ?? '';
  return MEN.has(role) ? 'M' : WOMEN.has(role) ? 'F' : 'U';
}

export const newRow = (role: Role): Part => ({ key: newKey(), kind: 'row', owner: '', fields: { role, name: '', personId: '' } });
export const rowsOf = (draft: Draft): Part[] => partsOf(draft, 'row');
export const isNamed = ({ fields }: Part): boolean => Boolean(fields['personId'] || fields['name']?.trim());

const HEAD_FIELDS = ['sourceId', 'title', 'page', 'quality', 'text', 'date', 'place', 'placeId', 'recorder', 'mediaId', 'picture'] as const;

export const sheetId = (template: TemplateName) => `sheet-${template}`;

/** An empty sheet; `kept`: what the one before leaves behind, the source and what it is about. */
export function emptySheet(treeId: string, template: TemplateName, kept: Record<string, string> = {}): Draft {
  const fields = Object.fromEntries(HEAD_FIELDS.map((field) => [field, kept[field] ?? '']));
  return {
    kind: 'sheet', id: sheetId(template), treeId, version: 0, names: {},
    parts: [{ key: '', kind: 'record', owner: '', fields }, ...TEMPLATE[template].begin.map(newRow)],
  };
}

/** The next page of the same source: what is written anew on each page is empty. */
export function nextSheet(draft: Draft, template: TemplateName, sourceId: string): Draft {
  const { title = '', quality = '', place = '', placeId = '', date = '', recorder = '' } = partAt(draft, '')!.fields;
  return emptySheet(draft.treeId, template, { sourceId, title, quality, place, placeId, recorder, ...(template === 'census' ? { date } : {}) });
}

export const DITTO = '"';

/** A ditto mark stands for what stands above; in a name, for the surname above. */
export function withDitto(text: string, field: string, above: Part | undefined): string {
  if (!above || !text.endsWith(DITTO)) return text;
  const there = above.fields[field] ?? '';
  if (text.trim() === DITTO) return there;
  if (field !== 'name' || !/\s"$/.test(text)) return text;
  const surname = there.includes('/') ? (there.split('/')[1] ?? '').trim() : (there.trim().split(/\s+/).at(-1) ?? '');
  return `${text.slice(0, -1).trimEnd()} /${surname}/`;
}

/** "abt 1888" of somebody who was 23 in 1911. Months, weeks and days: born in the year itself. Empty where it cannot be said. */
export function bornAbout(date: string, age: string): string {
  const year = /(?<!\d)(\d{4})(?!.*(?<!\d)\d{4}(?!\d))/.exec(date)?.[1];
  const said = /^\s*(\d{1,3})\s*(.*)$/.exec(age);
  if (!year || !said) return '';
  // A unit other than years: 9 m, 3 weeks, 5 d. Years are what a bare number means.
  const years = /^(m|w|d|t|s|jour)/i.test(said[2]!) ? 0 : Number(said[1]);
  return years > 120 ? '' : `ABT ${Number(year) - years}`;
}
