/**
 * Takes the living out of answers, for a copy that leaves the archive's keeping. In the shape that the archive itself gives of people whom a
 * reader may not see: no name, no dates, no picture. What follows from a living person's life goes too: events of the family, of a parent or
 * child; the marriage of a living partner. Notes and transcriptions stay as they are: what a text says of somebody cannot be known.
 */
import type { Chart, Fact, Family, Media, ParentFamily, Person, PersonBrief, TimelineEntry, Union, UnionFacts } from './types.ts';

function hiddenBrief(person: PersonBrief): PersonBrief {
  return { ...person, name: '', given: '', surname: '', living: true, hidden: true, birth: null, death: null, quality: null, portraitUrl: null };
}

const isBrief = (value: object): value is PersonBrief => 'living' in value && 'hidden' in value && 'portraitUrl' in value;
const NOTHING: UnionFacts = { status: 'unknown', marriage: null, divorce: null, facts: [] };

/** Whether a union is of somebody who is living: then its events are theirs. */
function unionIsLiving(value: object): value is Union | ParentFamily | Family {
  if (!('union' in value)) return false;
  const partners = 'partners' in value ? (value as ParentFamily).partners : [(value as Union).partner];
  return partners.some((partner) => partner?.living);
}

/** How many people an answer about a picture names at most: with as many there may be others. */
const NAMED_MAX = 50;
export const mayShowLiving = ({ persons }: Pick<Media, 'persons'>): boolean =>
  persons.length >= NAMED_MAX || persons.some(({ living, hidden }) => living || hidden);

/** An event of a family, read in the life of one partner: the other's as well. */
const isSharedWithLiving = (value: object): boolean =>
  'type' in value && 'partner' in value && 'familyId' in value && ((value as Fact).partner?.living ?? false);

/** Of a living person there is no answer at all, and none of a picture in which one is, nor of an event shared with one. */
function isOfLiving(value: object): boolean {
  if ('brief' in value && 'facts' in value) return (value as Person).living;
  return ('fileName' in value && 'persons' in value && mayShowLiving(value as Media)) || isSharedWithLiving(value);
}

/** The value without them; null where nothing may stay of it. */
export function withoutLiving(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((one) => !isLivingEntry(one)).map(withoutLiving).filter((one, index) => one !== null || value[index] === null);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (isBrief(value)) return value.living ? hiddenBrief(value) : value;
  if (isOfLiving(value)) return null;
  const shown = unionIsLiving(value) ? { ...value, union: NOTHING, ...('notes' in value && { notes: [] }) } : value;
  return Object.fromEntries(Object.entries(shown).map(([key, inner]) => [key, key === 'relationToHome' ? null : withoutLiving(inner)]));
}

/** An event of a living relative in another's life, or one shared with somebody living. */
function isLivingEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('relation' in value && 'fact' in value)) return false;
  const { person, fact } = value as TimelineEntry;
  return (person?.living ?? false) || isSharedWithLiving(fact);
}

/** A table with what nothing refers to any more left empty. */
const used = (table: readonly string[], by: readonly number[]) => table.map((text, at) => (by.includes(at) ? text : ''));

export function withoutLivingInChart(chart: Chart): Chart {
  const { boxes, unions } = chart;
  const living = (box: number) => boxes.living[box] !== '0';
  const blank = <T>(values: readonly T[], nothing: T): T[] => values.map((value, box) => (living(box) ? nothing : value));
  const marks = (text: string, nothing: string) => Array.from(text, (mark, box) => (living(box) ? nothing : mark)).join('');
  const surname = blank(boxes.surname, -1);
  const birthPlace = blank(boxes.birthPlace, -1);
  return {
    ...chart,
    surnames: used(chart.surnames, surname),
    places: used(chart.places, birthPlace),
    boxes: {
      ...boxes, given: blank(boxes.given, ''), surname, birthPlace, birth: blank(boxes.birth, 0), death: blank(boxes.death, 0),
      living: marks(boxes.living, 'h'), quality: marks(boxes.quality, '-'), about: marks(boxes.about, '0'), sex: marks(boxes.sex, 'U'),
    },
    unions: { ...unions, year: unions.year.map((year, at) => ([unions.a[at]!, unions.b[at]!].some((box) => box >= 0 && living(box)) ? 0 : year)) },
    portraits: chart.portraits.filter(({ box }) => !living(box)),
  };
}
