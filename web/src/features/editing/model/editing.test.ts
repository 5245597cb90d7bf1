import { describe, expect, test } from 'vitest';
import { whereRefused, wrongIn } from './check.ts';
import { type Draft, next, type Part, partAt, sameDraft } from './draft.ts';
import { merge, settle } from './merge.ts';
import { planOf } from './operations.ts';
import { likelyFamily, readQuick, relativeOperations } from './relatives.ts';

const ID = '0192aaaa-0000-7000-8000-000000000001';
const part = (key: string, kind: Part['kind'], fields: Record<string, string>, owner = ''): Part => ({ key, kind, owner, fields });
const BIRTH = `${ID}~2`, NAME = `${ID}~1`, NOTE = `${ID}~3`, CITED = `${ID}~4`;
const base: Draft = {
  kind: 'person', id: ID, treeId: 't', version: 7, names: {},
  parts: [
    part('', 'record', { sex: 'F', living: '' }),
    part(NAME, 'name', { given: 'Rudo', surname: 'Mutasa' }),
    part(BIRTH, 'fact', { type: 'BIRT', date: 'abt 1902', place: 'Umtali', placeId: 'p1', value: '' }),
    part(NOTE, 'note', { text: 'told by Grace' }, BIRTH),
    part(CITED, 'citation', { sourceId: 's1', title: 'Register', page: '4', quality: '2' }, BIRTH),
  ],
};
const change = (draft: Draft, key: string, fields: Record<string, string>) => next(draft, { type: 'field', key, fields });

const place = (fields: Record<string, string>) => (planOf(base, change(base, BIRTH, fields)).ops[0]!['fact'] as { place: unknown }).place;

describe('operations', () => {
  test('nothing changed is nothing to do', () => expect(planOf(base, base).ops).toEqual([]));

  test('only what differs is sent, with the version once', () => {
    const draft = change(change(base, BIRTH, { date: '3 May 1902' }), NAME, { given: 'Rudo Anna' });
    expect(planOf(base, draft)).toEqual({
      ops: [
        { op: 'setName', id: NAME, name: { given: 'Rudo Anna' }, ifMatch: '"v7"' },
        { op: 'setFact', id: BIRTH, fact: { date: '3 May 1902' } },
      ],
      from: [NAME, BIRTH],
    });
  });

  test('a place chosen is sent by its id, one typed as a text, an empty one takes it away', () => {
    expect(place({ place: 'Gweru', placeId: 'p2' })).toEqual({ id: 'p2' });
    expect(place({ place: 'Gwelo', placeId: '' })).toBe('Gwelo');
    expect(place({ place: '', placeId: '' })).toBe('');
  });

  test('a new fact is made with its notes and citations; two that cite a new source make it once', () => {
    let draft = base;
    for (const added of [
      part('new-1', 'fact', { type: 'OCCU', value: 'Midwife' }), part('new-2', 'note', { text: 'until 1931' }, 'new-1'),
      part('new-3', 'citation', { sourceId: '', title: 'Census 1911', page: '4' }, 'new-1'), part('new-4', 'citation', { sourceId: '', title: 'Census 1911' }, BIRTH),
    ]) draft = next(draft, { type: 'add', part: added });
    const { ops } = planOf(base, draft);
    expect(ops).toEqual([
      { op: 'create', ref: '#source1', record: { kind: 'source', title: 'Census 1911' } },
      { op: 'addFact', id: ID, fact: { type: 'OCCU', value: 'Midwife', notes: ['until 1931'], citations: [{ sourceId: '#source1', page: '4' }] }, ifMatch: '"v7"' },
      { op: 'addCitation', id: BIRTH, citation: { sourceId: '#source1' } },
    ]);
  });

  test('an event about which nothing is known has happened', () => {
    const draft = next(base, { type: 'add', part: part('new-1', 'fact', { type: 'DEAT' }) });
    expect(planOf(base, draft).ops[0]!['fact']).toEqual({ type: 'DEAT', happened: true });
  });

  test('what goes takes with it what hangs under it', () => {
    const draft = next(base, { type: 'remove', key: BIRTH });
    expect(planOf(base, draft).ops).toEqual([{ op: 'remove', id: BIRTH, ifMatch: '"v7"' }]);
  });

  test('living: the word, and leaving it to the rule again', () => {
    const stated = change(base, '', { living: 'false' });
    expect(planOf(base, stated).ops[0]!['merge']).toEqual({ living: false });
    expect(planOf(stated, base).ops[0]!['merge']).toEqual({ living: null });
  });
});

describe('a family', () => {
  const family: Draft = { kind: 'family', id: 'f', treeId: 't', version: 2, names: {}, parts: [part('', 'record', { children: 'a b c', 'pedigree:a': 'birth', 'pedigree:b': 'birth', 'pedigree:c': 'birth' })] };
  test('order, one more, one less, another pedigree', () => {
    expect(planOf(family, change(family, '', { children: 'c a b' })).ops).toEqual([{ op: 'order', family: 'f', children: ['c', 'a', 'b'], ifMatch: '"v2"' }]);
    expect(planOf(family, change(family, '', { children: 'a b c d', 'pedigree:d': 'adopted' })).ops).toEqual([{ op: 'link', family: 'f', child: 'd', pedigree: 'adopted' }]);
    expect(planOf(family, change(family, '', { children: 'a c' })).ops).toEqual([{ op: 'unlink', family: 'f', child: 'b' }]);
    expect(planOf(family, change(family, '', { 'pedigree:b': 'foster' })).ops).toEqual([{ op: 'link', family: 'f', child: 'b', pedigree: 'foster' }]);
  });
});

describe('merging', () => {
  test('what one side changed is taken, what both changed is asked', () => {
    const mine = change(base, BIRTH, { date: '1903' });
    const theirs = { ...change(change(base, BIRTH, { date: '1904', place: 'Gweru', placeId: 'p2' }), NAME, { given: 'Ruth' }), version: 8 };
    const { draft, taken, clashes } = merge(base, mine, theirs);
    expect(draft.version).toBe(8);
    expect(partAt(draft, NAME)!.fields['given']).toBe('Ruth');
    expect(partAt(draft, BIRTH)!.fields).toMatchObject({ date: '1903', place: 'Gweru', placeId: 'p2' });
    expect(clashes).toMatchObject([{ field: 'date', values: { base: 'abt 1902', mine: '1903', theirs: '1904' } }]);
    expect(taken.map(({ part: { key }, fields }) => [key, fields])).toEqual([[NAME, ['given']], [BIRTH, ['place']]]);
    expect(partAt(settle(draft, theirs, clashes[0]!, 'theirs'), BIRTH)!.fields['date']).toBe('1904');
    expect(partAt(settle(draft, theirs, clashes[0]!, 'base'), BIRTH)!.fields['date']).toBe('abt 1902');
  });

  test('both changed the place: the id goes with the text that is kept', () => {
    const mine = change(base, BIRTH, { place: 'Gweru', placeId: 'p2' });
    const theirs = { ...change(base, BIRTH, { place: 'Harare', placeId: 'p3' }), version: 8 };
    const { draft, clashes } = merge(base, mine, theirs);
    expect(clashes).toHaveLength(1);
    expect(partAt(draft, BIRTH)!.fields).toMatchObject({ place: 'Gweru', placeId: 'p2' });
    expect(partAt(settle(draft, theirs, clashes[0]!, 'theirs'), BIRTH)!.fields).toMatchObject({ place: 'Harare', placeId: 'p3' });
  });

  test('changed here and taken away there is asked; untouched here goes', () => {
    const theirs = { ...next(base, { type: 'remove', key: BIRTH }), version: 8 };
    expect(merge(base, base, theirs)).toMatchObject({ clashes: [], taken: [{ gone: true }, { gone: true }, { gone: true }] });
    const mine = change(base, BIRTH, { date: '1903' });
    const { draft, clashes } = merge(base, mine, theirs);
    expect(clashes).toMatchObject([{ field: '', values: { theirs: null } }]);
    const kept = settle(draft, theirs, clashes[0]!, 'mine');
    // As the archive has lost it, it is made anew.
    expect(planOf(theirs, kept).ops).toMatchObject([{ op: 'addFact', fact: { type: 'BIRT', date: '1903' }, ifMatch: '"v8"' }]);
    expect(planOf(theirs, settle(draft, theirs, clashes[0]!, 'theirs')).ops).toEqual([]);
  });

  test('what both did alike is no clash, and what I added stays', () => {
    const mine = next(change(base, NAME, { given: 'Ruth' }), { type: 'add', part: part('new-9', 'fact', { type: 'DEAT', date: '1931' }) });
    const theirs = { ...change(base, NAME, { given: 'Ruth' }), version: 8 };
    const merged = merge(base, mine, theirs);
    expect(merged.clashes).toEqual([]);
    expect(planOf(theirs, merged.draft).ops).toMatchObject([{ op: 'addFact' }]);
    expect(sameDraft(merge(base, base, theirs).draft, theirs)).toBe(true);
  });
});

test('what I added and had arrived unnoticed is not added twice', () => {
  let mine = next(base, { type: 'add', part: part('new-1', 'fact', { type: 'DEAT', date: '1931', place: 'Gweru', placeId: '' }) });
  mine = next(mine, { type: 'add', part: part('new-2', 'note', { text: 'of a fever' }, 'new-1') });
  const there = [part(`${ID}~8`, 'fact', { type: 'DEAT', date: '1931', place: 'Gweru', placeId: 'p9' }), part(`${ID}~9`, 'note', { text: 'of a fever' }, `${ID}~8`)];
  const theirs: Draft = { ...base, version: 8, parts: [...base.parts, ...there] };
  expect(planOf(theirs, merge(base, mine, theirs).draft).ops).toEqual([]);
  const more = next(mine, { type: 'add', part: part('new-3', 'citation', { sourceId: 's1', title: 'Register', page: '9' }, 'new-1') });
  expect(planOf(theirs, merge(base, more, theirs).draft).ops).toMatchObject([{ op: 'addCitation', id: `${ID}~8` }]);
});

describe('relatives', () => {
  const brief = { id: 'x' } as never;
  const union = { status: 'married', marriage: null, divorce: null, facts: [] };
  const lonely = { parentFamilies: [], unions: [] };
  const oneParent = { parentFamilies: [{ familyId: 'pf', pedigree: 'birth' as const, primary: true, partners: [brief], union, children: [], halfSiblings: [] }], unions: [] };

  test('a mother joins the family where the father is; without one a family is made', () => {
    expect(likelyFamily('mother', oneParent)).toBe('pf');
    expect(relativeOperations({ relation: 'mother', self: 'me', other: '#person', family: 'pf', pedigree: '' })).toEqual([{ op: 'link', family: 'pf', partner: '#person' }]);
    expect(likelyFamily('mother', lonely)).toBeNull();
    expect(relativeOperations({ relation: 'mother', self: 'me', other: 'm', family: null, pedigree: 'adopted' })).toEqual([
      { op: 'create', ref: '#family', record: { kind: 'family' } }, { op: 'link', family: '#family', partner: 'm', role: 'wife' },
      { op: 'link', family: '#family', child: 'me', pedigree: 'adopted' },
    ]);
  });

  test('a brother or sister without known parents makes a family of children', () => {
    expect(relativeOperations({ relation: 'sibling', self: 'me', other: 's', family: null, pedigree: '' }).map(({ child }) => child).filter(Boolean)).toEqual(['me', 's']);
  });

  test.each([
    ['Rudo /Mutasa/ 1902 Umtali', { given: 'Rudo', surname: 'Mutasa', birth: '1902', place: 'Umtali' }],
    ['Rudo Anna Mutasa', { given: 'Rudo Anna', surname: 'Mutasa', birth: '', place: '' }],
    ['Rudo Mutasa um 1850', { given: 'Rudo', surname: 'Mutasa', birth: 'um 1850', place: '' }],
    ['Rudo', { given: 'Rudo', surname: '', birth: '', place: '' }],
    ['/Mutasa/', { given: '', surname: 'Mutasa', birth: '', place: '' }],
  ])('%s', (text, read) => expect(readQuick(text)).toEqual(read));
});

describe('what is wrong', () => {
  test('control characters, a megabyte, an occupation that is none, a citation of nothing', () => {
    const bad = [
      part('a', 'fact', { type: 'OCCU', value: ' ' }), part('b', 'citation', { sourceId: '', title: '' }, 'a'), part('c', 'name', { given: 'x'.repeat(1 << 20) }),
      part('d', 'name', { given: 'a\u0007b' }), part('e', 'note', { text: 'two\nlines' }), part('f', 'name', { given: '‮<script>alert(1)</script>' }),
    ];
    const draft = bad.reduce((all, one) => next(all, { type: 'add', part: one }), base);
    expect(wrongIn(base, draft).map(({ key, reason }) => [key, reason])).toEqual([['a', 'value'], ['b', 'source'], ['c', 'long'], ['d', 'control']]);
  });

  test('the archive names the operation; the form knows the field', () => {
    expect(whereRefused('ops/1/fact/date', ['x', 'y'], 'no')).toEqual({ key: 'y', field: 'date', reason: 'refused', detail: 'no' });
    expect(whereRefused('/ops/0', ['x'], 'no')).toEqual({ key: 'x', field: '', reason: 'refused', detail: 'no' });
    expect(whereRefused('reason', ['x'], 'no')).toBeUndefined();
  });
});
