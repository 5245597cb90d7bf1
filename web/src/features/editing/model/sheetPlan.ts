/**
 * A record sheet as one change set: the source once, who is new, who belongs to whom, and the facts, each with the same citation.
 * What the archive has already is cited again instead of said twice.
 */
import type { DateValue, Fact, Person, PersonFamily, UnionFacts } from '../../../api/types.ts';
import { ATTRIBUTES, type Draft, type Part, partAt } from './draft.ts';
import type { Operation, Plan } from './operations.ts';
import { readQuick } from './relatives.ts';
import { bornAbout, isNamed, type Role, rowsOf, sexOf } from './sheet.ts';
import type { TemplateName } from '../search.ts';

/** What an event without a tag of its own is called in the tree. */
export type EventWords = Record<'photograph' | 'interview' | 'godparent' | 'witness' | 'informant', string>;

export const SOURCE_REF = '#source';
/** Of these somebody has one: a date that was missing is filled in instead of said beside it. */
const ONCE: ReadonlySet<string> = new Set(['BIRT', 'CHR', 'DEAT', 'BURI']);
const NOBODY: PersonFamily = { parentFamilies: [], unions: [] };

/** What the archive has of it already. */
export interface Met {
  /** Those whom the rows name by id, with their families. */
  people: ReadonlyMap<string, Person>;
  /** Pictures of the source. */
  pictures: ReadonlySet<string>;
  /** How the archive reads the sheet's date. */
  date: DateValue | null;
}

interface Stated {
  type: string;
  typeText?: string;
  value?: string;
  date?: string;
  place?: string;
  placeId?: string;
  age?: string;
  agency?: string;
  note?: string;
}

/** Somebody on the sheet: in the tree already, or made by it. */
interface Somebody {
  /** Id, or `#p…` of one who is new. */
  id: string;
  row: Part;
  known: Person | undefined;
  /** The new record's facts. */
  facts: Operation[];
  cited: boolean;
}

interface Family {
  id: string;
  isNew: boolean;
  partners: string[];
  children: Set<string>;
  facts: Operation[];
  union: UnionFacts | undefined;
}

const same = (a: string | undefined, b: string | undefined) => (a ?? '').trim().toLocaleLowerCase() === (b ?? '').trim().toLocaleLowerCase();

/** Two places that are named and differ. */
function elsewhere({ place }: Fact, stated: Stated): boolean {
  if (!place || !stated.place) return false;
  return place.id && stated.placeId ? place.id !== stated.placeId : !same(place.text, stated.place);
}

/** "2 April 1911" and "2 APR 1911". */
function sameDay(a: DateValue | null, b: DateValue | null): boolean {
  return a !== null && b !== null && a.kind !== 'text' && a.kind === b.kind && a.from === b.from && a.to === b.to;
}

class SheetPlanner {
  readonly #draft: Draft;
  readonly #head: Record<string, string>;
  readonly #people: ReadonlyMap<string, Person>;
  readonly #pictures: ReadonlySet<string>;
  readonly #date: DateValue | null;
  readonly #words: EventWords;
  readonly #all: Somebody[] = [];
  readonly #families: Family[] = [];
  readonly #creates: { key: string; op: Operation }[] = [];
  readonly #later: { key: string; op: Operation }[] = [];

  constructor(draft: Draft, { people, pictures, date }: Met, words: EventWords) {
    this.#draft = draft;
    this.#head = partAt(draft, '')!.fields;
    this.#people = people;
    this.#pictures = pictures;
    this.#date = date;
    this.#words = words;
  }

  // ---- The citation that everything shares

  /** @param also What the source says beside its text. */
  #citation(also: readonly string[] = []): Operation {
    const { sourceId, page, quality } = this.#head;
    const text = [this.#head['text'] ?? '', ...also].filter(Boolean).join('\n');
    return {
      sourceId: sourceId || SOURCE_REF, ...(page ? { page } : {}), ...(quality ? { quality: Number(quality) } : {}), ...(text ? { text } : {}),
    };
  }

  #source() {
    const { sourceId, title, mediaId } = this.#head;
    if (!sourceId) this.#creates.push({ key: '', op: { op: 'create', ref: SOURCE_REF, record: { kind: 'source', title } } });
    if (mediaId && !this.#pictures.has(mediaId)) this.#later.push({ key: '', op: { op: 'addMedia', id: sourceId || SOURCE_REF, mediaId } });
  }

  // ---- People

  #meet() {
    for (const row of rowsOf(this.#draft).filter(isNamed)) {
      const known = this.#people.get(row.fields['personId'] ?? '');
      const twice = known && this.#all.find(({ id }) => id === known.id);
      this.#all.push(twice ? { ...twice, row } : { id: known?.id ?? `#p${this.#all.length + 1}`, row, known, facts: [], cited: false });
    }
  }

  #as(...roles: Role[]): Somebody[] {
    return this.#all.filter(({ row }) => (roles as string[]).includes(row.fields['role'] ?? ''));
  }

  #create({ id, row, known, facts, cited }: Somebody) {
    if (known) return;
    const { given, surname } = readQuick(row.fields['name'] ?? '');
    const citations = cited ? {} : { citations: [this.#citation()] };
    const record = { kind: 'person', sex: sexOf(row), names: [{ given, surname }], ...(facts.length ? { facts } : {}), ...citations };
    this.#creates.push({ key: row.key, op: { op: 'create', ref: id, record } });
  }

  // ---- Facts

  #fact({ type, typeText, value, date, place, placeId, age, agency, note }: Stated): Operation {
    const said = value || date || place;
    return {
      type, ...(typeText ? { typeText } : {}), ...(value ? { value } : {}), ...(date ? { date } : {}),
      ...(placeId ? { place: { id: placeId } } : place ? { place } : {}), ...(age ? { age } : {}), ...(agency ? { agency } : {}),
      ...(note ? { notes: [note] } : {}), ...(!said ? { happened: true } : {}), citations: [this.#citation()],
    };
  }

  /**
   * The same fact, said before: it gets the citation, and what it lacks. At another place it is another fact. What it says otherwise, and
   * who stated it, stands in the citation. @return false: it has to be added
   */
  #again(facts: readonly Fact[], stated: Stated, key: string, version: number | undefined): boolean {
    const alike = facts.filter((fact) => fact.type === stated.type && same(fact.typeText ?? '', stated.typeText) && same(fact.value, stated.value)
      && !elsewhere(fact, stated));
    const exact = alike.find(({ date }) => same(date?.original, stated.date) || (stated.date === this.#head['date'] && sameDay(date, this.#date)));
    const open = ONCE.has(stated.type) ? alike.find(({ date }) => date === null) : undefined;
    const found = exact ?? open;
    if (!found) return false;
    const { date, place, placeId, age = '', agency = '', note = '' } = stated;
    const fill = {
      ...(date && !found.date ? { date } : {}), ...(place && !found.place ? { place: placeId ? { id: placeId } : place } : {}),
      ...(age && !found.age ? { age } : {}),
    };
    const ifMatch = version === undefined ? {} : { ifMatch: `"v${version}"` };
    if (Object.keys(fill).length) this.#later.push({ key, op: { op: 'setFact', id: found.id, fact: fill, ...ifMatch } });
    if (note && !found.notes.some(({ text }) => same(text, note))) this.#later.push({ key, op: { op: 'addNote', id: found.id, note } });
    const also = [found.age && !same(found.age, age) ? age : '', agency];
    this.#later.push({ key, op: { op: 'addCitation', id: found.id, citation: this.#citation(also) } });
    return true;
  }

  #state(who: Somebody, stated: Stated) {
    who.cited = true;
    const { known, row } = who;
    if (!known) {
      who.facts.push(this.#fact(stated));
      return;
    }
    const own = known.facts.filter(({ familyId }) => familyId === null);
    if (this.#again(own, stated, row.key, known.version)) return;
    this.#later.push({ key: row.key, op: { op: 'addFact', id: known.id, fact: this.#fact(stated) } });
  }

  #where(): Pick<Stated, 'date' | 'place' | 'placeId'> {
    const { date = '', place = '', placeId = '' } = this.#head;
    return { date, place, placeId };
  }

  /** A birth that is written; one that only follows from an age where nothing is known yet. */
  #birth(who: Somebody) {
    const { born = '', age = '', birthplace = '', birthplaceId = '' } = who.row.fields;
    const quick = who.known ? '' : readQuick(who.row.fields['name'] ?? '').birth;
    const worked = bornAbout(this.#head['date'] ?? '', age);
    const hasBirth = who.known?.facts.some(({ type, date }) => type === 'BIRT' && date !== null) ?? false;
    const date = born || quick || (hasBirth ? '' : worked);
    if (!date && !birthplace) return;
    if (!born && hasBirth) return;
    this.#state(who, { type: 'BIRT', date, place: birthplace, placeId: birthplaceId });
  }

  #occupation(who: Somebody) {
    const { occupation = '' } = who.row.fields;
    if (occupation) this.#state(who, { type: 'OCCU', value: occupation, date: this.#head['date'] ?? '' });
  }

  #took(who: Somebody, word: string, of: readonly Somebody[]) {
    const value = of.map(({ row, known }) => known?.brief.name || row.fields['name'] || '').filter(Boolean).join(', ');
    this.#state(who, { type: 'EVEN', typeText: word, value, ...this.#where() });
  }

  // ---- Families

  /** The family that a known person has, as this plan goes on with it. */
  #existing(id: string, partners: string[], children: string[], union: UnionFacts | undefined): Family {
    const begun = this.#families.find((one) => one.id === id);
    if (begun) return begun;
    const family: Family = { id, isNew: false, partners, children: new Set(children), facts: [], union };
    this.#families.push(family);
    return family;
  }

  #unionsOf(who: Somebody): Family[] {
    const { unions } = who.known?.family ?? NOBODY;
    const there = unions.map(({ familyId, partner, children, union }) =>
      this.#existing(familyId, [who.id, ...(partner ? [partner.id] : [])], children.map(({ person }) => person.id), union));
    return [...new Set([...there, ...this.#families.filter(({ partners }) => partners.includes(who.id))])];
  }

  #make(partners: Somebody[]): Family {
    const family: Family = { id: `#f${this.#families.length + 1}`, isNew: true, partners: [], children: new Set(), facts: [], union: undefined };
    this.#families.push(family);
    for (const one of partners) this.#join(family, one);
    return family;
  }

  #join(family: Family, who: Somebody) {
    if (family.partners.includes(who.id)) return;
    family.partners.push(who.id);
    const sex = who.known?.sex ?? sexOf(who.row);
    const role = !family.isNew || (sex !== 'M' && sex !== 'F') ? {} : { role: sex === 'M' ? 'husband' : 'wife' };
    this.#later.push({ key: who.row.key, op: { op: 'link', family: family.id, partner: who.id, ...role } });
  }

  /** Of two, the family that they have; of one, the only one there is. Otherwise a new one. */
  #union(...partners: Somebody[]): Family {
    const [first, second] = partners;
    const all = this.#unionsOf(first!);
    if (!second) return all.length === 1 ? all[0]! : this.#make([first!]);
    this.#unionsOf(second);
    const both = this.#families.find((one) => one.partners.includes(first!.id) && one.partners.includes(second.id));
    return both ?? this.#make(partners);
  }

  #child(family: Family, who: Somebody) {
    if (family.children.has(who.id)) return;
    family.children.add(who.id);
    this.#later.push({ key: who.row.key, op: { op: 'link', family: family.id, child: who.id } });
  }

  /** The family that somebody is a child of, with these parents; into the one that is there where they fit. */
  #parents(child: Somebody, parents: Somebody[]): Family {
    const there = (child.known?.family ?? NOBODY).parentFamilies.map(({ familyId, partners, children, union }) =>
      this.#existing(familyId, partners.map(({ id }) => id), children.map(({ person }) => person.id), union));
    const begun = this.#families.find(({ children }) => children.has(child.id));
    const missing = (family: Family) => parents.filter(({ id }) => !family.partners.includes(id));
    const fits = [...there, ...(begun ? [begun] : [])].find((family) => family.partners.length + missing(family).length <= 2);
    const family = fits ?? (parents.length ? this.#union(...parents) : this.#make([]));
    for (const one of missing(family)) this.#join(family, one);
    this.#child(family, child);
    return family;
  }

  #marry(family: Family, key: string) {
    const stated: Stated = { type: 'MARR', ...this.#where() };
    if (family.isNew) family.facts.push(this.#fact(stated));
    else if (!this.#again(family.union?.facts ?? [], stated, key, undefined)) this.#later.push({ key, op: { op: 'addFact', id: family.id, fact: this.#fact(stated) } });
  }

  #createFamilies() {
    for (const { id, isNew, facts } of this.#families) {
      if (!isNew) continue;
      const record = { kind: 'family', ...(facts.length ? { facts } : { citations: [this.#citation()] }) };
      this.#creates.push({ key: '', op: { op: 'create', ref: id, record } });
    }
  }

  // ---- The templates

  #census() {
    const [head] = this.#as('head');
    const [spouse] = this.#as('wife', 'husband');
    for (const who of this.#all) {
      const { age = '' } = who.row.fields;
      this.#state(who, { type: 'CENS', ...this.#where(), age });
      this.#occupation(who);
      this.#birth(who);
    }
    if (!head) return;
    const children = this.#as('son', 'daughter');
    if (spouse || children.length) {
      const family = spouse ? this.#union(head, spouse) : this.#union(head);
      for (const child of children) this.#child(family, child);
    }
    const parents = this.#as('father', 'mother'), siblings = this.#as('brother', 'sister');
    if (parents.length + siblings.length === 0) return;
    const family = this.#parents(head, parents);
    for (const one of siblings) this.#child(family, one);
  }

  #baptism() {
    const parents = this.#as('father', 'mother'), children = this.#as('child');
    for (const child of children) {
      this.#state(child, { type: 'CHR', ...this.#where() });
      this.#birth(child);
      if (parents.length) this.#parents(child, parents);
    }
    for (const who of parents) this.#occupation(who);
    for (const who of this.#as('godparent')) this.#took(who, this.#words.godparent, children);
    for (const who of this.#as('witness')) this.#took(who, this.#words.witness, children);
  }

  #marriage() {
    const couple = [...this.#as('groom'), ...this.#as('bride')].slice(0, 2);
    for (const who of couple) {
      this.#occupation(who);
      this.#birth(who);
    }
    if (couple.length) this.#marry(this.#union(...couple), couple[0]!.row.key);
    for (const [one, ...parents] of [['groom', 'groom_father', 'groom_mother'], ['bride', 'bride_father', 'bride_mother']] as const) {
      const [child] = this.#as(one), named = this.#as(...parents);
      for (const who of named) this.#occupation(who);
      if (child && named.length) this.#parents(child, named);
    }
    for (const who of this.#as('witness')) this.#took(who, this.#words.witness, couple);
  }

  #burial() {
    const dead = this.#as('deceased');
    for (const who of dead) {
      const { died = '', age = '' } = who.row.fields;
      this.#state(who, { type: 'BURI', ...this.#where(), age });
      if (died) this.#state(who, { type: 'DEAT', date: died, age });
      this.#occupation(who);
      this.#birth(who);
    }
    const [one] = dead, [spouse] = this.#as('spouse'), parents = this.#as('father', 'mother');
    if (one && spouse) this.#union(one, spouse);
    if (one && parents.length) this.#parents(one, parents);
    for (const who of this.#as('informant')) this.#took(who, this.#words.informant, dead);
  }

  #photograph() {
    const { mediaId = '' } = this.#head;
    for (const who of this.#all) {
      this.#state(who, { type: 'EVEN', typeText: this.#words.photograph, ...this.#where(), note: who.row.fields['value'] ?? '' });
      if (mediaId) this.#later.push({ key: who.row.key, op: { op: 'addMedia', id: who.id, mediaId } });
    }
  }

  #interview() {
    for (const who of this.#as('speaker'))
      this.#state(who, { type: 'EVEN', typeText: this.#words.interview, ...this.#where(), agency: this.#head['recorder'] ?? '' });
    for (const who of this.#as('mentioned', 'speaker')) {
      const { what = '', date = '', place = '', placeId = '', value = '' } = who.row.fields;
      if (!what) continue;
      // What is said of a birth is a note to it; of an occupation it is the occupation; of anything else, what it was.
      const said = what === 'EVEN' ? { typeText: value } : ATTRIBUTES.has(what) ? { value } : { note: value };
      this.#state(who, { type: what, date, place, placeId, ...said });
    }
  }

  run(template: TemplateName): Plan {
    this.#source();
    this.#meet();
    ({
      census: () => this.#census(), baptism: () => this.#baptism(), marriage: () => this.#marriage(),
      burial: () => this.#burial(), photograph: () => this.#photograph(), interview: () => this.#interview(),
    })[template]();
    for (const who of this.#all) this.#create(who);
    this.#createFamilies();
    // Whoever is only named is cited as a whole.
    for (const { known, cited, row } of this.#all)
      if (known && !cited) this.#later.push({ key: row.key, op: { op: 'addCitation', id: known.id, citation: this.#citation() } });
    const all = [...this.#creates, ...this.#later];
    return { ops: all.map(({ op }) => op), from: all.map(({ key }) => key) };
  }
}

export function sheetPlan(draft: Draft, template: TemplateName, met: Met, words: EventWords): Plan {
  return new SheetPlanner(draft, met, words).run(template);
}
