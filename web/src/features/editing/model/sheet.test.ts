import { describe, expect, test } from 'vitest';
import type { DateValue, Fact, Person, PersonBrief } from '../../../api/types.ts';
import { wrongInSheet } from './check.ts';
import { type Draft, newKey, next, type Part } from './draft.ts';
import type { Operation } from './operations.ts';
import { orderIn } from './order.ts';
import { bornAbout, emptySheet, newRow, nextSheet, type Role, withDitto } from './sheet.ts';
import { type EventWords, sheetPlan } from './sheetPlan.ts';
import type { TemplateName } from '../search.ts';

const WORDS: EventWords = { photograph: 'Photograph', interview: 'Interview', godparent: 'Godparent', witness: 'Witness', informant: 'Informant' };

const row = (role: Role, fields: Record<string, string>): Part => ({ ...newRow(role), fields: { role, ...fields } });
function sheet(template: TemplateName, head: Record<string, string>, rows: Part[]): Draft {
  const empty = emptySheet('t', template, head);
  return { ...empty, parts: [empty.parts[0]!, ...rows] };
}
const HEAD = { sourceId: 's', title: 'Census 1911', page: 'p. 4', quality: '3', date: '2 APR 1911', place: 'Umtali', placeId: 'u' };
const CITED = { sourceId: 's', page: 'p. 4', quality: 3 };

const brief = (id: string, name: string) => ({ id, name, sex: 'M' }) as PersonBrief;
const factOf = (id: string, type: string, more: Partial<Fact> = {}): Fact => ({
  id, type, typeText: null, value: '', date: null, place: null, cause: null, age: null, quality: null, citations: 0, notes: [], familyId: null, partner: null,
  preferred: true, ...more,
});
const dated = (original: string) => ({ date: { original } as Fact['date'] });
function known(id: string, name: string, facts: Fact[] = [], family: Person['family'] = { parentFamilies: [], unions: [] }): Person {
  return { id, version: 7, brief: brief(id, name), sex: 'M', facts, family } as unknown as Person;
}
const union = (familyId: string, partner: PersonBrief | null, children: PersonBrief[] = [], facts: Fact[] = []) =>
  ({ familyId, partner, union: { status: 'married', marriage: null, divorce: null, facts }, children: children.map((person) => ({ person, pedigree: 'birth' as const })) });

function plan(draft: Draft, template: TemplateName, people: Person[] = [], pictures: string[] = [], date: DateValue | null = null): Operation[] {
  return sheetPlan(draft, template, { people: new Map(people.map((one) => [one.id, one])), pictures: new Set(pictures), date }, WORDS).ops;
}
const only = (ops: Operation[], op: string) => ops.filter((one) => one['op'] === op);

describe('a census household', () => {
  test('of new people: each is made with census, occupation and birth under the same citation, and one family', () => {
    const ops = plan(sheet('census', HEAD, [
      row('head', { name: 'Farai /Moyo/', sex: 'M', age: '41', occupation: 'Smith' }), row('wife', { name: 'Rudo', age: '36' }),
      row('daughter', { name: 'Anna /Moyo/', age: '9 m', birthplace: 'Gweru' }), row('son', { name: '  ' }),
    ]), 'census');
    const records = only(ops, 'create').map(({ record }) => record as Operation);
    expect(records.map(({ kind }) => kind)).toEqual(['person', 'person', 'person', 'family']);
    const census = { type: 'CENS', date: '2 APR 1911', place: { id: 'u' }, citations: [CITED] };
    expect(records[0]).toEqual({
      kind: 'person', sex: 'M', names: [{ given: 'Farai', surname: 'Moyo' }],
      facts: [
        { ...census, age: '41' }, { type: 'OCCU', value: 'Smith', date: '2 APR 1911', citations: [CITED] },
        { type: 'BIRT', date: 'ABT 1870', citations: [CITED] },
      ],
    });
    expect(records[2]!['facts']).toContainEqual({ type: 'BIRT', date: 'ABT 1911', place: 'Gweru', citations: [CITED] });
    expect(only(ops, 'link')).toEqual([
      { op: 'link', family: '#f1', partner: '#p1', role: 'husband' }, { op: 'link', family: '#f1', partner: '#p2', role: 'wife' },
      { op: 'link', family: '#f1', child: '#p3' },
    ]);
  });

  test('of people who are there: their family is taken, nobody is linked twice, and a birth that is known is left alone', () => {
    const rudo = brief('r', 'Rudo'), anna = brief('a', 'Anna');
    const people = [
      known('f', 'Farai', [factOf('f~1', 'BIRT', dated('1870'))], { parentFamilies: [], unions: [union('F', rudo, [anna])] }),
      known('r', 'Rudo', [], { parentFamilies: [], unions: [union('F', brief('f', 'Farai'), [anna])] }), known('a', 'Anna'),
    ];
    const ops = plan(sheet('census', HEAD, [
      row('head', { personId: 'f', name: 'Farai', age: '41' }), row('wife', { personId: 'r', name: 'Rudo', age: '36' }),
      row('daughter', { personId: 'a', name: 'Anna' }), row('son', { name: 'Peter' }),
    ]), 'census', people);
    expect(only(ops, 'create').map(({ record }) => (record as Operation)['kind'])).toEqual(['person']);
    expect(only(ops, 'link')).toEqual([{ op: 'link', family: 'F', child: '#p4' }]);
    const births = ops.filter(({ fact }) => (fact as Operation | undefined)?.['type'] === 'BIRT');
    expect(births.map(({ id }) => id)).toEqual(['r']);
  });

  test('what was said before with the same date is cited again; a birth without a date gets it', () => {
    const people = [known('f', 'Farai', [factOf('f~1', 'CENS', dated('2 apr 1911')), factOf('f~2', 'BIRT')])];
    const ops = plan(sheet('census', { ...HEAD, placeId: '' }, [row('head', { personId: 'f', age: '41' })]), 'census', people);
    expect(ops).toEqual([
      { op: 'setFact', id: 'f~1', fact: { place: 'Umtali', age: '41' }, ifMatch: '"v7"' }, { op: 'addCitation', id: 'f~1', citation: CITED },
      { op: 'setFact', id: 'f~2', fact: { date: 'ABT 1870' }, ifMatch: '"v7"' }, { op: 'addCitation', id: 'f~2', citation: CITED },
    ]);
  });

  test('the same day in other words is the same day', () => {
    const day = { kind: 'exact', from: '1911-04-02', to: '1911-04-02' } as DateValue;
    const people = [known('f', 'Farai', [factOf('f~1', 'CENS', { date: { ...day, original: '2. April 1911' }, place: { id: null, text: 'Umtali' } })])];
    expect(plan(sheet('census', HEAD, [row('head', { personId: 'f' })]), 'census', people, [], day)).toEqual([{ op: 'addCitation', id: 'f~1', citation: CITED }]);
  });

  test('at another place it is another fact, dated or not; where one has no place it is the same', () => {
    const elsewhere = { place: { id: null, text: 'Gweru' } };
    const people = [known('f', 'Farai', [factOf('f~1', 'CENS', { ...dated('2 APR 1911'), ...elsewhere }), factOf('f~2', 'CENS', elsewhere), factOf('f~3', 'BIRT', elsewhere)])];
    const at = (head: Record<string, string>) => plan(sheet('census', { ...HEAD, ...head }, [row('head', { personId: 'f', age: '41', birthplace: 'Umtali' })]), 'census', people);
    for (const date of ['2 APR 1911', ''])
      expect(only(at({ date }), 'addFact')[0]).toMatchObject({ id: 'f', fact: { type: 'CENS', place: { id: 'u' }, age: '41' } });
    expect(only(at({}), 'addFact')[1]).toMatchObject({ fact: { type: 'BIRT', place: 'Umtali' } });
    expect(only(at({ place: '', placeId: '' }), 'addCitation').map(({ id }) => id)).toEqual(['f~1']);
    expect(only(at({ place: 'gweru', placeId: '' }), 'addCitation').map(({ id }) => id)).toEqual(['f~1']);
  });

  test('another age is kept in the words of the citation', () => {
    const people = [known('f', 'Farai', [factOf('f~1', 'CENS', { ...dated('2 APR 1911'), age: '40', place: { id: 'u', text: 'Umtali' } })])];
    const ops = plan(sheet('census', { ...HEAD, text: 'line 7' }, [row('head', { personId: 'f', age: '41', born: '1870' })]), 'census', people);
    expect(only(ops, 'addCitation')).toEqual([{ op: 'addCitation', id: 'f~1', citation: { ...CITED, text: 'line 7\n41' } }]);
  });

  test('a new source is made once, whatever cites it', () => {
    const ops = plan(sheet('census', { title: 'Census 1911' }, [row('head', { name: 'A' }), row('other', { name: 'B' })]), 'census');
    expect(only(ops, 'create').filter(({ record }) => (record as Operation)['kind'] === 'source')).toEqual([{ op: 'create', ref: '#source', record: { kind: 'source', title: 'Census 1911' } }]);
    expect(JSON.stringify(ops).match(/"sourceId":"#source"/g)).toHaveLength(2);
  });
});

test('a baptism: into the family of parents who are there; godparents and a father without a fact of his own are cited', () => {
  const people = [
    known('f', 'Farai', [], { parentFamilies: [], unions: [union('F', brief('r', 'Rudo')), union('G', null)] }),
    known('r', 'Rudo', [], { parentFamilies: [], unions: [union('F', brief('f', 'Farai'))] }),
  ];
  const ops = plan(sheet('baptism', HEAD, [
    row('child', { name: 'Chipo /Moyo/', sex: 'F', born: '1 MAR 1911' }), row('father', { personId: 'f' }), row('mother', { personId: 'r' }),
    row('godparent', { name: 'Nyasha /Dube/' }),
  ]), 'baptism', people);
  expect(only(ops, 'link')).toEqual([{ op: 'link', family: 'F', child: '#p1' }]);
  expect(only(ops, 'addCitation').map(({ id }) => id)).toEqual(['f', 'r']);
  const [child, godparent] = only(ops, 'create').map(({ record }) => record as { facts: Operation[] });
  expect(child!.facts.map(({ type, date }) => [type, date])).toEqual([['CHR', '2 APR 1911'], ['BIRT', '1 MAR 1911']]);
  expect(godparent!.facts[0]).toMatchObject({ type: 'EVEN', typeText: 'Godparent', value: 'Chipo /Moyo/' });
});

test('a marriage of two who have none yet, with parents of their own', () => {
  const ops = plan(sheet('marriage', HEAD, [
    row('groom', { name: 'Farai /Moyo/', age: '24' }), row('bride', { name: 'Rudo /Ncube/' }), row('groom_father', { name: 'Tendai /Moyo/' }),
  ]), 'marriage');
  const families = only(ops, 'create').filter(({ record }) => (record as Operation)['kind'] === 'family');
  expect(families).toHaveLength(2);
  expect((families[0]!['record'] as { facts: Operation[] }).facts).toEqual([{ type: 'MARR', date: '2 APR 1911', place: { id: 'u' }, citations: [CITED] }]);
  expect(only(ops, 'link')).toEqual([
    { op: 'link', family: '#f1', partner: '#p1', role: 'husband' }, { op: 'link', family: '#f1', partner: '#p2', role: 'wife' },
    { op: 'link', family: '#f2', partner: '#p3', role: 'husband' }, { op: 'link', family: '#f2', child: '#p1' },
  ]);
});

test('parents who are there already are not replaced: a second couple is a second family', () => {
  const people = [known('c', 'Chipo', [], {
    parentFamilies: [{ familyId: 'P', pedigree: 'birth', primary: true, partners: [brief('x', 'X'), brief('y', 'Y')], union: union('P', null).union, children: [], halfSiblings: [] }], unions: [],
  })];
  const ops = plan(sheet('burial', HEAD, [row('deceased', { personId: 'c' }), row('father', { name: 'Z' })]), 'burial', people);
  expect(only(ops, 'link')).toEqual([{ op: 'link', family: '#f2', partner: '#p2', role: 'husband' }, { op: 'link', family: '#f2', child: 'c' }]);
});

test('a photograph goes to everybody in it, and to its source once', () => {
  const head = { ...HEAD, mediaId: 'm' };
  const rows = [row('pictured', { name: 'A', value: 'left' }), row('pictured', { personId: 'b' })];
  const ops = plan(sheet('photograph', head, rows), 'photograph', [known('b', 'B')]);
  expect(only(ops, 'addMedia').map(({ id }) => id)).toEqual(['s', '#p1', 'b']);
  expect(only(plan(sheet('photograph', head, rows), 'photograph', [known('b', 'B')], ['m']), 'addMedia').map(({ id }) => id)).toEqual(['#p1', 'b']);
});

test('an interview: the telling itself, and what was told', () => {
  const ops = plan(sheet('interview', { ...HEAD, recorder: 'Grace' }, [
    row('speaker', { name: 'Anna' }), row('mentioned', { name: 'Peter', what: 'OCCU', value: 'Smith' }), row('mentioned', { name: 'Tom', what: 'BIRT', date: '1902', value: 'in the year of the locusts' }),
    row('mentioned', { name: 'Mary', what: '' }),
  ]), 'interview');
  const facts = only(ops, 'create').map(({ record }) => (record as { facts?: Operation[] }).facts?.map((fact) => Object.fromEntries(Object.entries(fact).filter(([member]) => member !== 'citations'))));
  expect(facts).toEqual([
    [{ type: 'EVEN', typeText: 'Interview', date: '2 APR 1911', place: { id: 'u' }, agency: 'Grace' }], [{ type: 'OCCU', value: 'Smith' }],
    [{ type: 'BIRT', date: '1902', notes: ['in the year of the locusts'] }], undefined,
  ]);
  expect((only(ops, 'create')[3]!['record'] as Operation)['citations']).toEqual([CITED]);
});

test('what an interview says of a fact that is there: the note and who wrote it down are kept', () => {
  const told = factOf('a~1', 'EVEN', { ...dated('2 APR 1911'), typeText: 'Interview' });
  const born = factOf('a~2', 'BIRT', dated('1902'));
  const say = (value: string, notes: Fact['notes'] = []) => plan(sheet('interview', { ...HEAD, recorder: 'Grace' }, [
    row('speaker', { personId: 'a', what: 'BIRT', date: '1902', value }),
  ]), 'interview', [known('a', 'Anna', [told, { ...born, notes }])]);
  const ops = say('in the year of the locusts');
  expect(only(ops, 'addFact')).toEqual([]);
  expect(only(ops, 'addNote')).toEqual([{ op: 'addNote', id: 'a~2', note: 'in the year of the locusts' }]);
  expect(only(ops, 'addCitation')).toEqual([
    { op: 'addCitation', id: 'a~1', citation: { ...CITED, text: 'Grace' } }, { op: 'addCitation', id: 'a~2', citation: CITED },
  ]);
  expect(only(say('said before', [{ text: 'Said before' } as Fact['notes'][number]]), 'addNote')).toEqual([]);
});

test.each([
  ['2 APR 1911', '23', 'ABT 1888'], ['1911', '0', 'ABT 1911'], ['1911', '9 m', 'ABT 1911'], ['1911', '3 weeks', 'ABT 1911'], ['BET 1900 AND 1911', '1', 'ABT 1910'],
  ['1911', '', ''], ['', '23', ''], ['spring', '23', ''], ['1911', 'old', ''], ['1911', '150', ''], ['1911', '23 Jahre', 'ABT 1888'],
])('in %s, aged %s: %s', (date, age, born) => expect(bornAbout(date, age)).toBe(born));

test('ditto marks', () => {
  const above = row('head', { name: 'Farai /van Moyo/', occupation: 'Smith' });
  expect(withDitto('"', 'occupation', above)).toBe('Smith');
  expect(withDitto('"', 'name', above)).toBe('Farai /van Moyo/');
  expect(withDitto('Anna "', 'name', above)).toBe('Anna /van Moyo/');
  expect(withDitto('Anna "', 'name', row('head', { name: 'Farai Moyo' }))).toBe('Anna /Moyo/');
  expect(withDitto('a "nick"', 'name', above)).toBe('a "nick"');
  expect(withDitto('5"', 'occupation', above)).toBe('5"');
  expect(withDitto('"', 'occupation', undefined)).toBe('"');
});

test('what is wrong with a sheet', () => {
  const empty = emptySheet('t', 'census');
  expect(wrongInSheet(empty, empty).map(({ field, reason }) => [field, reason])).toEqual([['title', 'source'], ['name', 'nobody']]);
  const filled = sheet('interview', HEAD, [row('mentioned', { name: 'A', what: 'OCCU', value: '' }), row('mentioned', { name: 'x'.repeat(5000) })]);
  expect(wrongInSheet(emptySheet('t', 'interview'), filled).map(({ reason }) => reason)).toEqual(['value', 'long']);
  const words = next(sheet('census', HEAD, [row('head', { name: 'A' })]), { type: 'field', key: '', fields: { text: 'two\nlines' } });
  expect(wrongInSheet(emptySheet('t', 'census'), words)).toEqual([]);
});

test('the next sheet keeps the source, not the page; of a census the day, too', () => {
  const filled = sheet('census', { ...HEAD, text: 'words' }, [row('head', { name: 'A' })]);
  const after = nextSheet({ ...filled, id: newKey() }, 'census', 'made');
  expect(after.parts[0]!.fields).toMatchObject({ sourceId: 'made', title: 'Census 1911', page: '', text: '', date: '2 APR 1911', place: 'Umtali', placeId: 'u' });
  expect(after.parts.slice(1).every(({ fields }) => fields['name'] === '')).toBe(true);
  expect(nextSheet(filled, 'baptism', 's').parts[0]!.fields['date']).toBe('');
});

test('which order a choice has', () => {
  const [april, march] = ['1890-04-03', '1890-03-04'].map((from) => ({ from }) as DateValue);
  expect(orderIn('03/04/1890', april!)).toBe('day');
  expect(orderIn('03/04/1890', march!)).toBe('month');
  expect(orderIn('spring', march!)).toBeUndefined();
});
