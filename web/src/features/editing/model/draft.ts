/**
 * A person or a family as a form: parts (names, facts, notes, citations) with fields that are texts. So comparing, merging and keeping
 * a draft are the same for everything.
 */
import type { Citation, Fact, Family, Note, Person, PersonBrief } from '../../../api/types.ts';

export type PartKind = 'record' | 'name' | 'fact' | 'note' | 'citation' | 'row';

export interface Part {
  /** Id of the part as the archive names it; `new-…` for one that is not saved yet; empty for the record itself. */
  key: string;
  kind: PartKind;
  /** Key of what it hangs under: empty for the record. */
  owner: string;
  fields: Record<string, string>;
}

export interface Draft {
  kind: 'person' | 'family' | 'sheet';
  id: string;
  treeId: string;
  version: number;
  parts: Part[];
  /** What people are called that a family names by id. */
  names: Record<string, string>;
}

export const NAME_FIELDS = ['kind', 'prefix', 'given', 'nickname', 'surnamePrefix', 'surname', 'suffix'] as const;
export const NAME_KINDS = ['birth', 'married', 'maiden', 'aka', 'immigrant', 'professional', 'religious'] as const;
export const PEDIGREES = ['birth', 'adopted', 'foster', 'step', 'guardian', 'sealing', 'surrogate', 'donor', 'other'] as const;

/** Attributes say something; events happen. */
export const ATTRIBUTES: ReadonlySet<string> = new Set(['OCCU', 'EDUC', 'RELI', 'TITL', 'NATI', 'CAST', 'DSCR', 'IDNO', 'PROP', 'NCHI', 'NMR', 'FACT', '_CLAN', '_TRIBE', '_TOTEM']);
export const PERSON_FACTS = [
  'BIRT', 'CHR', 'BAPM', 'CONF', 'DEAT', 'BURI', 'CREM', 'RESI', 'OCCU', 'EDUC', 'RELI', 'TITL', 'NATI', 'DSCR', 'EMIG', 'IMMI', 'NATU', 'CENS', 'GRAD',
  'RETI', 'PROB', 'WILL', 'ADOP', 'PROP', 'FACT', 'EVEN',
] as const;
export const FAMILY_FACTS = ['MARR', 'ENGA', 'MARB', 'MARC', 'MARL', 'DIV', 'ANUL', 'CENS', 'RESI', 'EVEN'] as const;

let made = 0;
export const newKey = (): string => `new-${Date.now().toString(36)}-${(made += 1)}`;
export const isNew = (key: string): boolean => key.startsWith('new-');

const notesOf = (notes: Note[], owner: string): Part[] =>
  // A note that other records share is not changed in passing.
  notes.filter(({ part, id }) => part !== null && id === null).map(({ part, text }) => ({ key: part!, kind: 'note', owner, fields: { text } }));

const factParts = (fact: Fact): Part[] => [
  {
    key: fact.id, kind: 'fact', owner: '',
    fields: {
      type: fact.type, typeText: fact.typeText ?? '', value: fact.value, date: fact.date?.original ?? '', place: fact.place?.text ?? '',
      placeId: fact.place?.id ?? '', cause: fact.cause ?? '',
    },
  },
  ...notesOf(fact.notes, fact.id),
];

const citationParts = (citations: Citation[]): Part[] => citations.map(({ id, source, page, quality, supports }) => ({
  key: id, kind: 'citation', owner: supports[0]?.type === 'INDI' || supports[0]?.type === 'FAM' ? '' : (supports[0]?.factId ?? ''),
  fields: { sourceId: source.id ?? '', title: source.title, page, quality: quality === null ? '' : String(quality) },
}));

/** Only what hangs under something that is shown. */
function withOwners(parts: Part[]): Part[] {
  const keys = new Set(['', ...parts.map(({ key }) => key)]);
  return parts.filter(({ owner }) => keys.has(owner));
}

export function personDraft(person: Person, citations: Citation[]): Draft {
  const living = person.livingStated === null ? '' : String(person.livingStated);
  const names: Part[] = person.names.map((name) => ({
    key: name.id, kind: 'name', owner: '',
    fields: Object.fromEntries(NAME_FIELDS.map((field) => [field, name[field]])),
  }));
  const parts: Part[] = [
    { key: '', kind: 'record', owner: '', fields: { sex: person.sex, living } },
    ...names, ...person.facts.flatMap(factParts), ...notesOf(person.notes, ''), ...citationParts(citations),
  ];
  return { kind: 'person', id: person.id, treeId: person.treeId, version: person.version, parts: withOwners(parts), names: {} };
}

const idsOf = (people: PersonBrief[]) => people.map(({ id }) => id).join(' ');

export function familyDraft(family: Family, citations: Citation[]): Draft {
  const pedigrees = family.children.map(({ person, pedigree }) => [`pedigree:${person.id}`, pedigree]);
  const children = family.children.map(({ person }) => person);
  const fields = { partners: idsOf(family.partners), children: idsOf(children), ...Object.fromEntries(pedigrees) };
  const parts: Part[] = [
    { key: '', kind: 'record', owner: '', fields },
    ...family.union.facts.flatMap(factParts), ...notesOf(family.notes, ''), ...citationParts(citations),
  ];
  return {
    kind: 'family', id: family.id, treeId: family.treeId, version: family.version, parts: withOwners(parts),
    names: Object.fromEntries([...family.partners, ...children].map(({ id, name }) => [id, name])),
  };
}

export const partAt = (draft: Draft, key: string): Part | undefined => draft.parts.find((part) => part.key === key);
export const partsOf = (draft: Draft, kind: PartKind, owner = ''): Part[] => draft.parts.filter((part) => part.kind === kind && part.owner === owner);
export const idList = (text: string): string[] => text.split(' ').filter(Boolean);

export type Step =
  | { type: 'field'; key: string; fields: Record<string, string> }
  | { type: 'add'; part: Part }
  | { type: 'remove'; key: string }
  | { type: 'all'; draft: Draft };

/** The draft after one step of the user. */
export function next(draft: Draft, step: Step): Draft {
  switch (step.type) {
    case 'field':
      return { ...draft, parts: draft.parts.map((part) => (part.key === step.key ? { ...part, fields: { ...part.fields, ...step.fields } } : part)) };
    case 'add': return { ...draft, parts: [...draft.parts, step.part] };
    case 'remove': return { ...draft, parts: draft.parts.filter(({ key, owner }) => key !== step.key && owner !== step.key) };
    case 'all': return step.draft;
  }
}

/** Empty fields and none are the same. */
export function sameFields(a: Record<string, string>, b: Record<string, string>): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((field) => (a[field] ?? '') === (b[field] ?? ''));
}

export function sameDraft(a: Draft, b: Draft): boolean {
  return a.parts.length === b.parts.length && a.parts.every((part) => {
    const other = partAt(b, part.key);
    return other !== undefined && other.owner === part.owner && sameFields(part.fields, other.fields);
  });
}
