/** What can be said to be wrong before the archive is asked. Words: editing.json, `wrong`. */
import { ATTRIBUTES, type Draft, type Part, partAt, partsOf, sameFields } from './draft.ts';

/** As the archive has them (docs/api/changes.md). */
export const LINE_BYTES_MAX = 4096;
export const NOTE_BYTES_MAX = 1 << 20;

export type Reason = 'long' | 'control' | 'value' | 'name_event' | 'source' | 'nobody' | 'refused';

export interface Wrong {
  key: string;
  field: string;
  reason: Reason;
  /** What the archive said, where it refused. */
  detail?: string;
}

const bytes = new TextEncoder();
const tooLong = (text: string, most: number) => text.length > most || (text.length * 3 > most && bytes.encode(text).length > most);
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

function ofTexts(part: Part): Wrong[] {
  return Object.entries(part.fields).flatMap(([field, text]): Wrong[] => {
    const note = part.kind === 'note' || (part.kind === 'record' && field === 'text');
    if (tooLong(text, note ? NOTE_BYTES_MAX : LINE_BYTES_MAX)) return [{ key: part.key, field, reason: 'long' }];
    if (CONTROL.test(text) || (!note && /[\n\r\t]/.test(text))) return [{ key: part.key, field, reason: 'control' }];
    return [];
  });
}

function ofPart({ key, kind, fields }: Part): Wrong[] {
  const type = fields['type'] ?? '';
  if (kind === 'fact' && ATTRIBUTES.has(type) && !fields['value']?.trim()) return [{ key, field: 'value', reason: 'value' }];
  if (kind === 'fact' && type === 'EVEN' && !fields['typeText']?.trim() && !fields['value']?.trim()) return [{ key, field: 'typeText', reason: 'name_event' }];
  if (kind === 'citation' && !fields['sourceId'] && !fields['title']?.trim()) return [{ key, field: 'title', reason: 'source' }];
  return [];
}

/** Only parts that were touched: what a file brought in stays as it is. */
export function wrongIn(base: Draft, draft: Draft): Wrong[] {
  const touched = draft.parts.filter((part) => {
    const before = partAt(base, part.key);
    return !before || !sameFields(before.fields, part.fields);
  });
  return touched.flatMap((part) => ofTexts(part).concat(ofPart(part)));
}

/** A sheet says where it comes from and of whom it speaks. */
export function wrongInSheet(base: Draft, draft: Draft): Wrong[] {
  const { sourceId, title } = partAt(draft, '')!.fields;
  const rows = partsOf(draft, 'row');
  const named = rows.filter(({ fields }) => fields['personId'] || fields['name']?.trim());
  const untold = named.filter(({ fields: { what, value } }) => (what === 'EVEN' || ATTRIBUTES.has(what ?? '')) && !value?.trim());
  return [
    ...(sourceId || title?.trim() ? [] : [{ key: '', field: 'title', reason: 'source' } satisfies Wrong]),
    ...(named.length > 0 ? [] : [{ key: rows[0]?.key ?? '', field: 'name', reason: 'nobody' } satisfies Wrong]),
    ...untold.map(({ key }): Wrong => ({ key, field: 'value', reason: 'value' })),
    ...wrongIn(base, draft),
  ];
}

/** Where the archive's refusal belongs: `ops/3/fact/date` is the field `date` of the part that operation 3 came from. */
export function whereRefused(pointer: string, from: string[], detail: string): Wrong | undefined {
  const match = /^\/?ops\/(\d+)(?:\/\w+)*?(?:\/(\w+))?$/.exec(pointer);
  const key = match ? from[Number(match[1])] : undefined;
  if (key === undefined) return undefined;
  return { key, field: match?.[2] ?? '', reason: 'refused', detail };
}
