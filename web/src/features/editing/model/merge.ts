/** Two people changed the same record: what one of them alone changed is taken over, what both changed is asked. */
import { type Draft, isNew, type Part, partAt, sameFields } from './draft.ts';

export type Side = 'base' | 'mine' | 'theirs';

export interface Clash {
  part: Part;
  /** Empty: the part as a whole, which one side has changed and the other taken away. */
  field: string;
  values: Record<Side, string | null>;
}

export interface Merged {
  draft: Draft;
  /** Changes of the other side that were taken over: part and fields (none: the part was added or taken away). */
  taken: { part: Part; fields: string[]; gone: boolean }[];
  clashes: Clash[];
}

const wholeOf = (part: Part | undefined): string | null =>
  part === undefined ? null : Object.entries(part.fields).filter(([field, value]) => value && !/Id$|^type$/.test(field)).map(([, value]) => value).join(', ');

/** A place and its id are one thing. */
const COMPANION: Record<string, string> = { placeId: 'place', sourceId: 'title' };
const visible = ({ fields }: Part) => Object.fromEntries(Object.entries(fields).filter(([field]) => !COMPANION[field]));
const withOwner = (part: Part, owner: string): Part => ({ ...part, owner });

class Merger {
  readonly result: Merged;
  readonly #base: Draft;
  readonly #theirs: Draft;
  constructor(base: Draft, mine: Draft, theirs: Draft) {
    this.#base = base;
    this.#theirs = theirs;
    this.result = { draft: { ...mine, version: theirs.version, names: { ...mine.names, ...theirs.names }, parts: [] }, taken: [], clashes: [] };
  }

  #keep(part: Part) {
    this.result.draft.parts.push(part);
  }

  #both(base: Part, mine: Part, theirs: Part) {
    const fields: Record<string, string> = {};
    const taken: string[] = [];
    for (const field of new Set([...Object.keys(theirs.fields), ...Object.keys(mine.fields)])) {
      const [b, m, t] = [base, mine, theirs].map((part) => part.fields[field] ?? '') as [string, string, string];
      fields[field] = m === b ? t : m;
      if (m === b && t !== b) taken.push(field);
      if (m !== b && t !== b && m !== t && !COMPANION[field]) this.result.clashes.push({ part: mine, field, values: { base: b, mine: m, theirs: t } });
    }
    // An id goes with the text that was chosen.
    for (const [id, text] of Object.entries(COMPANION)) {
      if (id in fields) fields[id] = (fields[text] === mine.fields[text] ? mine : theirs).fields[id] ?? '';
    }
    const shown = taken.filter((field) => !COMPANION[field]);
    if (shown.length) this.result.taken.push({ part: theirs, fields: shown, gone: false });
    this.#keep({ ...mine, fields });
  }

  #oneGone(base: Part, mine: Part | undefined, theirs: Part | undefined) {
    if (mine && theirs === undefined) {
      if (sameFields(base.fields, mine.fields)) this.result.taken.push({ part: base, fields: [], gone: true });
      else this.result.clashes.push({ part: mine, field: '', values: { base: wholeOf(base), mine: wholeOf(mine), theirs: null } });
      return;
    }
    if (theirs && !sameFields(base.fields, theirs.fields))
      this.result.clashes.push({ part: theirs, field: '', values: { base: wholeOf(base), mine: null, theirs: wholeOf(theirs) } });
  }

  /** What I added and the archive has too: my own request had arrived, only its answer had not. */
  #arrived(mine: Draft): Draft {
    const fresh = this.#theirs.parts.filter(({ key }) => !partAt(this.#base, key));
    const same = new Map<string, string>();
    for (const part of mine.parts.filter(({ key }) => isNew(key))) {
      const owner = same.get(part.owner) ?? part.owner;
      const at = fresh.findIndex((one) => one.kind === part.kind && one.owner === owner && sameFields(visible(one), visible(part)));
      if (at >= 0) same.set(part.key, fresh.splice(at, 1)[0]!.key);
    }
    const parts = mine.parts.filter(({ key }) => !same.has(key)).map((part) => withOwner(part, same.get(part.owner) ?? part.owner));
    return { ...mine, parts };
  }

  run(original: Draft): Merged {
    const mine = this.#arrived(original);
    const keys = new Set([...this.#theirs.parts, ...mine.parts].map(({ key }) => key));
    for (const key of keys) {
      const [base, my, their] = [this.#base, mine, this.#theirs].map((draft) => partAt(draft, key)) as [Part | undefined, Part | undefined, Part | undefined];
      if (base && my && their) this.#both(base, my, their);
      else if (base) this.#oneGone(base, my, their);
      else if (my) this.#keep(my);
      else if (their) {
        this.result.taken.push({ part: their, fields: [], gone: false });
        this.#keep(their);
      }
    }
    this.#dropOrphans();
    return this.result;
  }

  /** What hangs under something that is gone goes with it. */
  #dropOrphans() {
    const { draft } = this.result;
    draft.parts = draft.parts.filter(({ owner }) => owner === '' || partAt(draft, owner) !== undefined);
  }
}

export const merge = (base: Draft, mine: Draft, theirs: Draft): Merged => new Merger(base, mine, theirs).run(mine);

/** The merged draft with one clash settled. */
export function settle(draft: Draft, theirs: Draft, clash: Clash, side: Side): Draft {
  const value = clash.values[side];
  if (clash.field !== '') {
    const id = Object.entries(COMPANION).find(([, text]) => text === clash.field)?.[0];
    const known = side === 'theirs' ? partAt(theirs, clash.part.key) : side === 'mine' ? clash.part : undefined;
    const fields = { [clash.field]: value ?? '', ...(id ? { [id]: known?.fields[id] ?? '' } : {}) };
    return { ...draft, parts: draft.parts.map((part) => (part.key === clash.part.key ? { ...part, fields: { ...part.fields, ...fields } } : part)) };
  }
  const others = draft.parts.filter(({ key }) => key !== clash.part.key);
  const mineGone = clash.values.mine === null;
  const keep = mineGone ? side !== 'mine' : side !== 'theirs';
  if (!keep) return { ...draft, parts: others.filter(({ owner }) => owner !== clash.part.key) };
  // The archive has lost the part: kept, it is a new one.
  const part = mineGone ? clash.part : { ...clash.part, key: `new-kept-${clash.part.key}` };
  return { ...draft, parts: [...others, part] };
}
