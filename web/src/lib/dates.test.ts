import { createInstance } from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DateValue, PersonBrief } from '../api/types.ts';
import common from '../locales/en/common.json';
import { ageAt, dayOf, showDate, showLife, showShort, yearOf } from './dates.ts';

const i18n = createInstance();
beforeAll(() => i18n.init({ lng: 'en', ns: ['common'], defaultNS: 'common', resources: { en: { common } }, interpolation: { escapeValue: false } }));
const t = ((key: string, values?: object) => i18n.t(key as 'loading', values as never)) as unknown as Parameters<typeof showDate>[2];

function value(change: Partial<DateValue>): DateValue {
  return { original: 'as written', kind: 'exact', from: null, to: null, calendar: 'gregorian', precision: 'year', ...change };
}

describe('a date in words', () => {
  test.each<[string, Partial<DateValue>, string]>([
    ['day', { from: '1902-05-03', to: '1902-05-03', precision: 'day' }, '3 May 1902'],
    ['month', { from: '1902-05-01', to: '1902-05-31', precision: 'month' }, 'May 1902'],
    ['year', { from: '1902-01-01', to: '1902-12-31' }, '1902'],
    ['about: the middle of what it may mean', { kind: 'about', from: '1897-01-01', to: '1907-12-31' }, 'about 1902'],
    ['before: the named year, not the last one possible', { kind: 'before', to: '1901-12-31' }, 'before 1902'],
    ['after', { kind: 'after', from: '1903-01-01' }, 'after 1902'],
    ['between', { kind: 'between', from: '1840-01-01', to: '1850-12-31' }, 'between 1840 and 1850'],
    ['period', { kind: 'period', from: '1930-01-01', to: '1958-12-31' }, 'from 1930 to 1958'],
    ['period without end', { kind: 'period', from: '1930-01-01' }, 'from 1930'],
    ['period without beginning', { kind: 'period', to: '1958-12-31' }, 'until 1958'],
    ['before our era', { from: '-0043-03-15', to: '-0043-03-15', precision: 'day' }, '15 March 44 BC'],
    ['not understood', { kind: 'text', original: 'year of the locusts', precision: 'none' }, 'year of the locusts'],
    ['early year', { from: '0071-01-01', to: '0071-12-31' }, '71'],
  ])('%s', (_, change, words) => expect(showDate(value(change), 'en', t)).toBe(words));
});

test('short forms', () => {
  expect(showShort(value({ kind: 'about', from: '1901-01-01', to: '1903-12-31' }), 'en', t)).toBe('c. 1902');
  expect(showShort(value({ kind: 'before', to: '1901-12-31' }), 'en', t)).toBe('before 1902');
  expect(showShort(null, 'en', t)).toBe('');
});

const life = (birth: DateValue | null, death: DateValue | null) =>
  showLife({ birth: birth && { date: birth, place: null }, death: death && { date: death, place: null } } as PersonBrief, 'en', t);

test('years of a life', () => {
  const born = value({ from: '1902-01-01', to: '1902-12-31' });
  const died = value({ from: '1971-06-04', to: '1971-06-04', precision: 'day' });
  expect(life(born, died)).toBe('1902–1971');
  expect(life(born, null)).toBe('born 1902');
  expect(life(null, died)).toBe('died 1971');
  expect(life(null, null)).toBe('');
});

test('a day of the first century is not one of the twentieth', () => {
  expect(new Date(dayOf('0071-01-01')).getUTCFullYear()).toBe(71);
  expect(dayOf('71-01')).toBeNaN();
});

test('an age counts whole years, and only exact days know the month', () => {
  const born = value({ from: '1902-08-30', to: '1902-08-30', precision: 'day' });
  const at = (iso: string, precision: DateValue['precision'] = 'day') => ageAt(born, value({ from: iso, to: iso, precision }));
  expect(at('1971-08-29')).toBe(68);
  expect(at('1971-08-30')).toBe(69);
  expect(at('1971-01-01', 'year')).toBe(69);
  expect(at('1900-01-01')).toBeNull();
  expect(ageAt(null, born)).toBeNull();
});

test('what was not understood has no year', () => {
  expect(yearOf(value({ kind: 'text' }))).toBeNull();
  expect(yearOf(undefined)).toBeNull();
});
