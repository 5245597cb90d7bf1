/** What the archive is asked to do so that the record becomes what the form says. Shapes: docs/api/changes.md. */
import { ATTRIBUTES, type Draft, idList, isNew, NAME_FIELDS, type Part, partAt, partsOf } from './draft.ts';

export type Operation = Record<string, unknown>;

export interface Plan {
  ops: Operation[];
  /** For each operation the key of the part that it comes from: where a refusal is shown. */
  from: string[];
}

const FACT_FIELDS = ['typeText', 'value', 'date', 'cause'] as const;

function nameOf({ fields }: Part, before?: Part): Operation {
  const changed = NAME_FIELDS.filter((field) => (fields[field] ?? '') !== (before?.fields[field] ?? ''));
  return Object.fromEntries(changed.map((field) => [field, fields[field] ?? '']));
}

function placeOf(fields: Record<string, string>): unknown {
  return fields['placeId'] ? { id: fields['placeId'] } : (fields['place'] ?? '');
}

function factOf({ fields }: Part, before?: Part): Operation {
  const changed = FACT_FIELDS.filter((field) => (fields[field] ?? '') !== (before?.fields[field] ?? ''));
  const fact: Operation = Object.fromEntries(changed.map((field) => [field, fields[field] ?? '']));
  if ((fields['place'] ?? '') !== (before?.fields['place'] ?? '') || (before && fields['placeId'] !== before.fields['placeId'])) fact['place'] = placeOf(fields);
  if (before) return fact;
  const details = fields['value'] || fields['date'] || fields['place'];
  return { type: fields['type'], ...fact, ...(!details && !ATTRIBUTES.has(fields['type'] ?? '') ? { happened: true } : {}) };
}

function citationOf({ fields }: Part, sourceRef: (title: string) => string, before?: Part): Operation {
  const { sourceId, title = '', page = '', quality = '' } = fields;
  const citation: Operation = {};
  if (!before) citation['sourceId'] = sourceId || sourceRef(title);
  else if (sourceId !== before.fields['sourceId'] || (!sourceId && title !== before.fields['title'])) citation['sourceId'] = sourceId || sourceRef(title);
  if (page !== (before?.fields['page'] ?? '')) citation['page'] = page;
  if (quality !== (before?.fields['quality'] ?? '')) citation['quality'] = quality === '' ? null : Number(quality);
  return citation;
}

const pedigreeOf = (part: Part, id: string) => part.fields[`pedigree:${id}`] ?? '';

/** Links, pedigrees and order of a family's children. */
function childOperations(before: Part, after: Part, family: string): Operation[] {
  const was = idList(before.fields['children'] ?? ''), is = idList(after.fields['children'] ?? '');
  const gone = was.filter((id) => !is.includes(id)).map((child) => ({ op: 'unlink', family, child }));
  const linked = is.filter((id) => !was.includes(id) || pedigreeOf(before, id) !== pedigreeOf(after, id))
    .map((child): Operation => (pedigreeOf(after, child) ? { op: 'link', family, child, pedigree: pedigreeOf(after, child) } : { op: 'link', family, child }));
  // As the archive would have them: those that stay, then the new ones.
  const expected = [...was.filter((id) => is.includes(id)), ...is.filter((id) => !was.includes(id))];
  const ordered = expected.join(' ') === is.join(' ') ? [] : [{ op: 'order', family, children: is }];
  return [...gone, ...linked, ...ordered];
}

/** Partners that were taken away; they are added where one stands (AddRelative). */
function partnerOperations(before: Part, after: Part, family: string): Operation[] {
  const is = idList(after.fields['partners'] ?? '');
  return idList(before.fields['partners'] ?? '').filter((id) => !is.includes(id)).map((partner) => ({ op: 'unlink', family, partner }));
}

class Planner {
  readonly ops: Operation[] = [];
  readonly from: string[] = [];
  #sources = new Map<string, string>();
  readonly #before: Draft;
  readonly #after: Draft;
  constructor(before: Draft, after: Draft) {
    this.#before = before;
    this.#after = after;
  }

  #push(key: string, op: Operation) {
    this.ops.push(op);
    this.from.push(key);
  }

  /** A source that does not exist yet is made once, however often it is cited. */
  #sourceRef(key: string): (title: string) => string {
    return (title) => {
      const known = this.#sources.get(title);
      if (known) return known;
      const ref = `#source${this.#sources.size + 1}`;
      this.#sources.set(title, ref);
      this.#push(key, { op: 'create', ref, record: { kind: 'source', title } });
      return ref;
    };
  }

  #within(part: Part) {
    const notes = partsOf(this.#after, 'note', part.key).filter(({ fields }) => fields['text']).map(({ fields }) => fields['text']);
    const citations = partsOf(this.#after, 'citation', part.key).map((one) => citationOf(one, this.#sourceRef(one.key)));
    return { ...(notes.length ? { notes } : {}), ...(citations.length ? { citations } : {}) };
  }

  #removed() {
    for (const part of this.#before.parts) {
      const ownerGone = part.owner !== '' && !partAt(this.#after, part.owner);
      if (!partAt(this.#after, part.key) && !ownerGone) this.#push(part.key, { op: 'remove', id: part.key });
    }
  }

  #record(before: Part, after: Part) {
    if (this.#after.kind === 'family') {
      for (const op of [...partnerOperations(before, after, this.#after.id), ...childOperations(before, after, this.#after.id)]) this.#push('', op);
      return;
    }
    const merge: Operation = {};
    if (after.fields['sex'] !== before.fields['sex']) merge['sex'] = after.fields['sex'];
    if (after.fields['living'] !== before.fields['living']) merge['living'] = after.fields['living'] ? after.fields['living'] === 'true' : null;
    if (Object.keys(merge).length) this.#push('', { op: 'patch', id: this.#after.id, merge });
  }

  #changed(part: Part, before: Part) {
    const put = (op: string, name: string, value: Operation) => {
      if (Object.keys(value).length) this.#push(part.key, { op, id: part.key, [name]: value });
    };
    if (part.kind === 'record') this.#record(before, part);
    if (part.kind === 'name') put('setName', 'name', nameOf(part, before));
    if (part.kind === 'fact') put('setFact', 'fact', factOf(part, before));
    if (part.kind === 'note' && part.fields['text'] !== before.fields['text']) {
      if (part.fields['text']) put('setNote', 'note', { text: part.fields['text'] });
      else this.#push(part.key, { op: 'remove', id: part.key });
    }
    if (part.kind === 'citation') put('setCitation', 'citation', citationOf(part, this.#sourceRef(part.key), before));
  }

  #added(part: Part) {
    const id = part.owner || this.#after.id;
    // What hangs under something new is made with it.
    if (isNew(part.owner)) return;
    if (part.kind === 'name') this.#push(part.key, { op: 'addName', id, name: { ...nameOf(part), ...this.#within(part) } });
    if (part.kind === 'fact') this.#push(part.key, { op: 'addFact', id, fact: { ...factOf(part), ...this.#within(part) } });
    if (part.kind === 'note' && part.fields['text']) this.#push(part.key, { op: 'addNote', id, note: { text: part.fields['text'] } });
    if (part.kind === 'citation') this.#push(part.key, { op: 'addCitation', id, citation: citationOf(part, this.#sourceRef(part.key)) });
  }

  run(): Plan {
    this.#removed();
    for (const part of this.#after.parts) {
      const before = partAt(this.#before, part.key);
      if (before) this.#changed(part, before);
      else this.#added(part);
    }
    // Checked once: the version is that before the whole change set.
    const first = this.ops.find(({ op }) => !['create', 'link', 'unlink'].includes(String(op)));
    if (first) first['ifMatch'] = `"v${this.#before.version}"`;
    return { ops: this.ops, from: this.from };
  }
}

export const planOf = (before: Draft, after: Draft): Plan => new Planner(before, after).run();
