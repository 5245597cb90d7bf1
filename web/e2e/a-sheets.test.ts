/** Record sheets in the browser: a page of a source entered from the keyboard, saved as one change. A tree of its own. */
import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { api, type Json, newTree, peopleOf } from './api.ts';
import { go, noSidewaysScrolling, openWindow, seriousFaults, type Window } from './browser.ts';

const GEDCOM = `0 HEAD
1 GEDC
2 VERS 5.5.1
1 CHAR UTF-8
0 @I1@ INDI
1 NAME Tendai /Moyo/
1 SEX M
1 BIRT
2 DATE 1870
2 PLAC Umtali, Manicaland
1 FAMS @F1@
0 @I2@ INDI
1 NAME Rudo /Ncube/
1 SEX F
1 FAMS @F1@
0 @F1@ FAM
1 HUSB @I1@
1 WIFE @I2@
0 @O1@ OBJE
1 FILE page-four.jpg
2 FORM jpg
2 TITL Census page four
0 TRLR
`;

interface Fact { id: string; type: string; typeText: string | null; value: string; age: string | null; date: { original: string } | null; place: { text: string } | null; citations: number }
interface Person { id: string; facts: Fact[]; family: { parentFamilies: { familyId: string; partners: { name: string }[] }[]; unions: { familyId: string; children: { person: { id: string; name: string } }[] }[] } }

let tree: string;
let opened: Window;
let page: Page;

beforeAll(async () => {
  ({ tree } = await newTree('Record sheets', GEDCOM));
});
beforeEach(async () => {
  opened = await openWindow();
  page = opened.page;
  return () => opened.context.close();
});

const read = async (given: string) => api<Person>('GET', `/persons/${(await peopleOf(tree))[given]}?include=family`);
const history = async () => (await api<{ items: { id: string; kind: string; reason: string }[] }>('GET', `/trees/${tree}/history?limit=200`)).items;
const sources = async () => (await api<{ items: { id: string; title: string; citations: number }[] }>('GET', `/trees/${tree}/sources?limit=50`)).items;
const form = () => page.locator('#main form[aria-label]');
const row = (number: number) => page.locator('fieldset[data-row]').nth(number - 1);
const name = (number: number) => row(number).getByRole('combobox', { name: 'Name', exact: true });

async function begin(template: string, rest = '') {
  await go(page, `/t/${tree}/sheet/new?template=${template}${rest}`);
  await form().waitFor();
}

describe('a census household', () => {
  test('from the keyboard alone: who is there, who is new, ditto marks, one change, one undo', async () => {
    const before = await history();
    await go(page, `/t/${tree}/sheet/new`);
    await page.getByRole('link', { name: /Census household/ }).focus();
    await page.keyboard.press('Enter');
    await form().waitFor();
    // The source first, and Enter goes on from field to field.
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.getAttribute('role'))).toBe('combobox');
    await page.keyboard.type('Census of 1911');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement === document.querySelector('form input:not([role])'))).toBe(true);
    await page.keyboard.type('p. 4');
    await form().getByLabel('Date', { exact: true }).fill('2 April 1911');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Umtali, Manicaland');
    await page.getByRole('option', { name: /Umtali, Manicaland/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await name(1).focus();
    await page.keyboard.type('Tendai Moyo');
    await page.getByRole('option', { name: /with Rudo Ncube/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await row(1).getByText('A person of this tree').waitFor();
    // A chosen name has gone on to the next field.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
    await row(1).getByLabel('Age').fill('41');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Smith');
    await name(2).fill('Rudo Ncube');
    await page.getByRole('option', { name: /with Tendai Moyo/ }).click();
    await name(3).fill('Anna /Moyo/');
    await row(3).getByLabel('Role').selectOption('daughter');
    await row(3).getByLabel('Age').fill('9');
    await row(3).getByRole('combobox', { name: 'Birthplace' }).focus();
    await page.keyboard.press('Enter');
    // The last field of the last row goes on to a new row, which has the role of the one above.
    await row(4).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('fieldset')?.querySelector('legend')?.textContent)).toBe('Row 4');
    expect(await row(4).getByLabel('Role').inputValue()).toBe('daughter');
    await name(4).focus();
    await page.keyboard.type('Chipo "');
    expect(await name(4).inputValue()).toBe('Chipo /Moyo/');
    await row(4).getByText('Will be added as somebody new').waitFor();
    await row(4).getByLabel('Age').fill('"');
    expect(await row(4).getByLabel('Age').inputValue()).toBe('9');
    expect(await seriousFaults(page)).toEqual([]);
    await form().getByRole('button', { name: 'Save', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/sources\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { level: 1, name: 'Census of 1911' }).waitFor();

    const after = await history();
    expect(after).toHaveLength(before.length + 1);
    expect(after[0]).toMatchObject({ kind: 'edit', reason: 'Census household, Census of 1911, p. 4' });
    const head = await read('Tendai');
    expect(head.facts.filter(({ type }) => type === 'CENS')).toMatchObject([{ age: '41', date: { original: '2 April 1911' }, place: { text: 'Umtali, Manicaland' }, citations: 1 }]);
    expect(head.facts.find(({ type }) => type === 'OCCU')).toMatchObject({ value: 'Smith', citations: 1 });
    expect(head.family.unions).toHaveLength(1);
    expect(head.family.unions[0]!.children.map(({ person }) => person.name)).toEqual(['Anna Moyo', 'Chipo Moyo']);
    expect((await read('Chipo')).facts.find(({ type }) => type === 'BIRT')!.date!.original).toMatch(/ABT 1902/i);
    expect(await sources()).toMatchObject([{ title: 'Census of 1911', citations: 7 }]);

    await page.getByText('Saved.').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    expect(await sources()).toEqual([]);
    expect(await peopleOf(tree)).not.toHaveProperty('Anna');
    expect((await read('Tendai')).facts.map(({ type }) => type)).toEqual(['BIRT']);
    expect(opened.faults.filter((fault) => !fault.includes('404'))).toEqual([]);
  });

  test('what is wrong has the focus, and nothing is saved', async () => {
    const before = await history();
    await begin('census');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('alert').getByText('2 fields need your attention').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert');
    await page.getByRole('alert').getByRole('button', { name: /Name at least one person/ }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('fieldset')?.querySelector('legend')?.textContent)).toBe('Row 1');
    expect(await seriousFaults(page)).toEqual([]);
    expect(await history()).toEqual(before);
  });
});

test('Ctrl Enter saves and begins the next page of the same source', async () => {
  await begin('burial');
  await form().getByRole('combobox', { name: 'Source' }).fill('Burial register');
  await form().getByLabel(/Where in it/).fill('1');
  await form().getByLabel('Date', { exact: true }).fill('3 May 1920');
  await name(1).fill('Chenjerai /Sibanda/');
  await row(1).getByLabel('Died').fill('1 May 1920');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => name(1).inputValue()).toBe('');
  expect(await form().getByRole('combobox', { name: 'Source' }).inputValue()).toBe('Burial register');
  expect(await form().getByLabel(/Where in it/).inputValue()).toBe('');
  await name(1).fill('Ruth /Sibanda/');
  await form().getByLabel(/Where in it/).fill('2');
  await form().getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/\/sources\//);
  expect((await sources()).filter(({ title }) => title === 'Burial register')).toMatchObject([{ citations: 3 }]);
  expect((await read('Chenjerai')).facts.map(({ type, date }) => [type, date?.original])).toEqual([['DEAT', '1 May 1920'], ['BURI', '3 May 1920']]);
});

test('a photograph: the picture goes to its source and to whoever is in it', async () => {
  await begin('photograph');
  await form().getByRole('combobox', { name: 'Source' }).fill('Album of Grace');
  await form().getByRole('combobox', { name: 'Picture of it' }).fill('page four');
  await page.getByRole('option', { name: 'Census page four' }).click();
  await name(1).fill('Rudo');
  await page.getByRole('option', { name: /Rudo Ncube/ }).click();
  await row(1).getByLabel('Where in the picture').fill('back row, left');
  await form().getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/\/sources\//);
  const { id, facts } = await read('Rudo');
  expect(facts.find(({ type }) => type === 'EVEN')).toMatchObject({ typeText: 'Photograph', citations: 1 });
  expect((await api<{ items: { title: string }[] }>('GET', `/persons/${id}/media`)).items.map(({ title }) => title)).toEqual(['Census page four']);
  const source = (await sources()).find(({ title }) => title === 'Album of Grace')!;
  expect((await api<{ media: { title: string }[] }>('GET', `/sources/${source.id}`)).media).toHaveLength(1);
});

test('an interview, a baptism and a marriage save what their rows say', async () => {
  for (const [template, rows] of [
    ['interview', [['Grace /Dube/', {}], ['Peter /Dube/', { 'What of': 'OCCU', 'What was told': 'Carpenter' }]]],
    ['baptism', [['Nyasha /Dube/', { Born: '1 May 1905' }], ['Joseph /Dube/', {}], ['Martha /Ndlovu/', {}], ['Silas /Banda/', {}]]],
    ['marriage', [['Joseph /Mlambo/', { Age: '24' }], ['Esther /Phiri/', {}]]],
  ] as [string, [string, Record<string, string>][]][]) {
    await begin(template);
    await form().getByRole('combobox', { name: 'Source' }).fill(`Book of ${template}`);
    await form().getByLabel('Date', { exact: true }).last().scrollIntoViewIfNeeded();
    await form().getByLabel('Date', { exact: true }).first().fill('7 June 1925');
    for (const [index, [who, cells]] of rows.entries()) {
      await name(index + 1).fill(who);
      for (const [label, text] of Object.entries(cells)) {
        if (label === 'What of') await row(index + 1).getByLabel(label).selectOption(text);
        else await row(index + 1).getByLabel(label).fill(text);
      }
    }
    await form().getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/sources\//);
  }
  expect((await read('Peter')).facts).toMatchObject([{ type: 'OCCU', value: 'Carpenter', citations: 1 }]);
  expect((await read('Nyasha')).family.parentFamilies[0]!.partners.map(({ name: one }) => one)).toEqual(['Joseph Dube', 'Martha Ndlovu']);
  expect((await read('Silas')).facts[0]).toMatchObject({ typeText: 'Godparent', value: 'Nyasha /Dube/' });
  const { unions } = (await read('Esther')).family as unknown as { unions: { union: { marriage: { date: { original: string } } } }[] };
  expect(unions[0]!.union.marriage.date.original).toBe('7 June 1925');
  expect(opened.faults).toEqual([]);
});

describe('nothing typed is lost', () => {
  test('the window closes: the sheet is offered again, with its rows', async () => {
    await begin('census');
    await form().getByRole('combobox', { name: 'Source' }).fill('Half a census');
    await name(1).fill('Half /Typed/');
    await page.getByRole('button', { name: 'Go on later' }).click();
    await page.getByText(/Not saved yet, from/).waitFor();
    await page.close();
    page = await opened.context.newPage();
    await go(page, `/t/${tree}/sheet/new?template=census`);
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await form().waitFor();
    expect(await name(1).inputValue()).toBe('Half /Typed/');
    await page.getByRole('button', { name: 'Throw away what I typed' }).click();
    await form().waitFor({ state: 'detached' });
    await expect.poll(() => page.getByText(/Not saved yet, from/).count()).toBe(0);
  });

  test('the answer gets lost: saved again it is done once; changed meanwhile, as it is now', async () => {
    for (const [who, then] of [['Lost /Answer/', 'Lost /Answer/'], ['Lost /Twice/', 'Found /Again/']] as const) {
      const before = (await history()).filter(({ kind }) => kind === 'edit').length;
      await begin('burial');
      await form().getByRole('combobox', { name: 'Source' }).fill(`Register of ${who}`);
      await name(1).fill(who);
      await page.route('**/changes', async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      }, { times: 1 });
      await form().getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('What you typed is kept here').waitFor();
      await name(1).fill(then);
      await form().getByRole('button', { name: 'Save', exact: true }).click();
      await page.waitForURL(/\/sources\//);
      const edits = (await history()).filter(({ kind }) => kind === 'edit').length - before;
      expect(edits).toBe(who === then ? 1 : 2);
      const [given, surname] = then.split(' ');
      const named = (await api<{ items: { given: string; surname: string }[] }>('GET', `/trees/${tree}/persons?limit=200`)).items
        .filter((one) => one.surname === surname!.replaceAll('/', '') && one.given === given);
      expect(named).toHaveLength(1);
    }
    expect(await peopleOf(tree)).toHaveProperty('Lost');
    expect((await api<{ items: Json[] }>('GET', `/trees/${tree}/persons?filter[surname]=Twice`)).items).toEqual([]);
  });

  test('pressed twice it is saved once', async () => {
    const before = (await history()).length;
    await begin('burial');
    await form().getByRole('combobox', { name: 'Source' }).fill('Pressed twice');
    await name(1).fill('Only /Once/');
    await form().getByRole('button', { name: 'Save', exact: true }).dblclick();
    await page.waitForURL(/\/sources\//);
    expect(await history()).toHaveLength(before + 1);
  });
});

test('3/4/1890: the order that was chosen is offered first for the next date of that source', async () => {
  await begin('burial');
  await form().getByRole('combobox', { name: 'Source' }).fill('Ambiguous register');
  await form().getByLabel('Date', { exact: true }).fill('03/04/1890');
  await page.getByText('Which one?').waitFor();
  await page.getByRole('button', { name: /April 3|3 April/ }).click();
  await expect.poll(() => form().getByLabel('Date', { exact: true }).inputValue()).toMatch(/3 APR 1890/i);
  await row(1).getByLabel('Died').fill('01/02/1890');
  await row(1).getByText('As before in this source:').waitFor();
  expect(await row(1).getByText('As before in this source:').getByRole('button').first().textContent()).toMatch(/February 1|1 February/);
  await row(1).getByRole('button', { name: /February 1|1 February/ }).click();
  await name(1).fill('Dated /Twice/');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => name(1).inputValue()).toBe('');
  // The source has an id now; what was said of it stays.
  await row(1).getByLabel('Died').fill('05/06/1891');
  await row(1).getByText('As before in this source:').waitFor();
  expect((await read('Dated')).facts.find(({ type }) => type === 'DEAT')!.date!.original).toMatch(/1 FEB 1890/i);
});

test.each([
  ['dark', { theme: 'dark' }, ['', '?template=census']], ['360 px', { width: 360, height: 740, touch: true }, ['', '?template=census', '?template=interview']],
] as const)('%s', async (_, look, places) => {
  const { page: other, context, faults } = await openWindow(look);
  for (const place of places) {
    await go(other, `/t/${tree}/sheet/new${place}`);
    if (place) await other.locator('#main form[aria-label]').waitFor();
    expect(await seriousFaults(other), place).toEqual([]);
    await noSidewaysScrolling(other);
  }
  expect(faults).toEqual([]);
  await context.close();
});
