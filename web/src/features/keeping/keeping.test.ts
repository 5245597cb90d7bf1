import { createInstance } from 'i18next';
import { beforeAll, expect, test } from 'vitest';
import common from '../../locales/en/common.json';
import keeping from '../../locales/en/keeping.json';
import { inWords } from './model/lines.ts';

const texts = createInstance();
beforeAll(() => texts.init({ lng: 'en', ns: ['keeping', 'common'], resources: { en: { keeping, common } }, interpolation: { escapeValue: false } }));
const words = (text: string) => inWords(text, texts.getFixedT('en', 'keeping'), texts.getFixedT('en', 'common'));

test.each([
  ['BIRT\n  DATE abt 1902\n  PLAC Umtali, Manicaland', { title: 'Born', details: ['abt 1902 · Umtali, Manicaland'] }],
  ['NAME Rudo /Mutasa/\n  GIVN Rudo\n  SURN Mutasa', { title: 'Name', details: ['Rudo Mutasa'] }],
  ['DEAT Y', { title: 'Died', details: ['it happened'] }],
  ['SEX F', { title: 'Sex', details: ['female'] }],
  ['FAMC 01a200bd-f91e-702a-b922-775f8399bdb6\n  PEDI adopted', { title: 'Parents’ family', details: ['Child by: adopted'] }],
  ['BIRT\n  SOUR 01a200bd-f91e-702a-b922-775f8399bdb6\n    PAGE entry 134', { title: 'Born', details: ['Source', 'Where in it: entry 134'] }],
  ['NOTE first line\n  CONT second', { title: 'Note', details: ['first line · second'] }],
  ['_VENDOR kept', { title: 'VENDOR', details: ['kept'] }],
  ['', { title: '', details: [''] }],
])('%j', (text, said) => expect(words(text)).toEqual(said));
