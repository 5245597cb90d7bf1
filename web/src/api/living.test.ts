import { expect, test } from 'vitest';
import { familyChart } from '../../tests/fixture/chart.ts';
import { mayShowLiving, withoutLiving, withoutLivingInChart } from './living.ts';
import { anchorsOf, listOf, searchOf, suggestOf } from './pack-lists.ts';
import type { DateValue, PersonBrief } from './types.ts';

const date = (year: number): DateValue => ({ original: `${year}`, kind: 'exact', from: `${year}-01-01`, to: `${year}-12-31`, precision: 'year', calendar: 'gregorian' }) as DateValue;

function person(name: string, living: boolean, birth = 1900): PersonBrief {
  const [given = '', surname = ''] = name.split(' ');
  return {
    id: name, treeId: 't', name, given, surname, sex: 'F', living, hidden: false, quality: 3, portraitUrl: `/api/v1/media/${name}/thumbnail`,
    birth: { date: date(birth), place: { id: null, text: `Born at ${name}` } }, death: null,
  } as unknown as PersonBrief;
}
const dead = person('Rudo Mutasa', false);
const alive = person('Secret Hidden', true, 1990);
const union = { status: 'married', marriage: { date: date(2015), place: { id: null, text: 'Wedding hall' } }, divorce: null, facts: [{ type: 'MARR', value: 'Wedding facts' }] };
/** Words that only the living have. */
const SECRETS = ['Secret', 'Hidden', '1990', '2015', 'Wedding', 'Child party', 'their picture'];

test('of a living person there stays what the archive shows of somebody hidden', () => {
  expect(withoutLiving(alive)).toEqual({ ...alive, name: '', given: '', surname: '', hidden: true, birth: null, quality: null, portraitUrl: null, id: 'Secret Hidden' });
  expect(withoutLiving(dead)).toEqual(dead);
});

test('their records, families, events in the lives of others and pictures are left out', () => {
  const plain = { ...alive, id: 'x' };
  const self = {
    brief: dead, living: false, facts: [{ type: 'BIRT', date: date(1900) }], relationToHome: { personId: 'x', name: 'Secret Hidden', words: 'aunt' },
    family: { parentFamilies: [], unions: [{ familyId: 'f', partner: plain, union, children: [{ person: plain, pedigree: 'birth' }] }] },
  };
  const timeline = { items: [{ relation: 'self', person: null, fact: { type: 'BIRT', date: date(1900) } }, { relation: 'child', person: plain, fact: { type: 'BIRT', date: date(1990), value: 'Child party' } }] };
  const media = { items: [{ fileName: 'their picture', persons: [dead, plain] }, { fileName: 'hers alone', persons: [dead] }], total: 2, nextCursor: null };
  const family = { id: 'f', partners: [dead, plain], union, children: [], notes: [{ text: 'Wedding note' }] };
  const kept = JSON.stringify([self, timeline, media, family].map(withoutLiving));
  for (const word of SECRETS) expect(kept).not.toContain(word);
  for (const word of ['Rudo', '1900-01-01', 'hers alone']) expect(kept).toContain(word);
  expect(withoutLiving({ brief: plain, living: true, facts: [] })).toBeNull();
});

const wedding = (partner: PersonBrief, value: string) =>
  ({ type: 'MARR', familyId: `family of ${value}`, partner, value, date: date(1920), notes: [{ text: value }] });

test('an event shared with a living partner goes wherever it stands, and one with a dead partner stays', () => {
  const facts = [wedding({ ...alive, id: 'x' }, 'Wedding with her'), wedding(dead, 'an earlier one')];
  const self = { brief: dead, living: false, facts };
  const timeline = { items: ['self', 'father'].flatMap((relation) => facts.map((fact) => ({ relation, person: relation === 'self' ? null : dead, fact }))) };
  const kept = [self, timeline, { items: facts }, { fact: facts[0] }].map(withoutLiving) as [{ facts: unknown[] }, { items: unknown[] }, { items: unknown[] }, unknown];
  expect([kept[0].facts.length, kept[1].items.length, kept[2].items.length]).toEqual([1, 2, 1]);
  expect(kept[3]).toEqual({ fact: null });
  expect(JSON.stringify(kept)).not.toContain('Wedding');
  expect(JSON.stringify(kept)).toContain('an earlier one');
});

test('a picture with more people than its answer names may show somebody living', () => {
  const persons = Array.from({ length: 50 }, () => dead);
  expect([persons, persons.slice(1), [dead, alive]].map((some) => mayShowLiving({ persons: some }))).toEqual([true, false, true]);
});

test('a chart keeps its shape and nothing of the living', () => {
  const chart = familyChart('hourglass', 0, 3, 3);
  const living = Array.from(chart.boxes.living, (mark, box) => (box % 2 === 0 && mark === '0' ? '0' : '1')).join('');
  const shown = withoutLivingInChart({ ...chart, boxes: { ...chart.boxes, living } });
  expect([shown.boxes.x, shown.boxes.y, shown.unions.child]).toEqual([chart.boxes.x, chart.boxes.y, chart.unions.child]);
  const text = JSON.stringify(shown);
  chart.boxes.given.forEach((given, box) => {
    const others = chart.boxes.given.filter((_, other) => living[other] === '0');
    if (living[box] === '1' && given !== '' && !others.some((name) => name.includes(given))) expect(text).not.toContain(given);
    expect(shown.boxes.living[box]).toBe(living[box] === '1' ? 'h' : '0');
  });
  shown.unions.year.forEach((year, at) => {
    if ([shown.unions.a[at]!, shown.unions.b[at]!].some((box) => box >= 0 && living[box] === '1')) expect(year).toBe(0);
  });
});

const people = [person('Zoë Ångström', false, 1850), person('Rudo Mutasa', false, 1902), person('Anna Mutasa', true, 1950)];

test('a pack answers lists in the order asked for', () => {
  expect(listOf(people, {}).items.map(({ given }) => given)).toEqual(['Zoë', 'Anna', 'Rudo']);
  expect(listOf(people, { sort: '-birth' }).items.map(({ given }) => given)).toEqual(['Anna', 'Rudo', 'Zoë']);
  expect(listOf(people, { 'filter[surname]~': 'ang' }).total).toBe(1);
  expect(listOf(people, { 'filter[living]': 'false', 'filter[birth]': '1900..1910' }).items.map(({ given }) => given)).toEqual(['Rudo']);
  expect(anchorsOf(people, { 'filter[living]': 'true' }).total).toBe(1);
});

test('and searches, without accents and by the beginnings of words', () => {
  expect(searchOf(people, { q: 'zoe angs' }).items.map(({ id }) => id)).toEqual(['Zoë Ångström']);
  expect(searchOf(people, { q: 'mutasa', birth: '..1910' }).total).toBe(1);
  expect(searchOf(people, { q: 'mutasa', type: 'source' }).total).toBe(0);
  expect(suggestOf(people, { q: 'mut', limit: 1 }).items).toHaveLength(1);
  expect(suggestOf([{ ...people[0]!, hidden: true }], { q: 'zoe' }).items).toEqual([]);
});
