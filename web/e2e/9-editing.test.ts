/** Changing a tree in the browser: forms, relatives, conflicts, drafts, history, contradictions. A tree of its own. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
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
2 DATE 1850
2 PLAC Umtali, Manicaland
1 DEAT
2 DATE 1849
1 FAMS @F1@
0 @I2@ INDI
1 NAME Rudo /Ncube/
1 SEX F
1 FAMS @F1@
0 @I3@ INDI
1 NAME John /Moyo/
1 SEX M
1 BIRT
2 DATE 1880
2 PLAC Umtali, Manicaland
1 _VENDOR kept
1 FAMC @F1@
0 @I4@ INDI
1 NAME Anna /Moyo/
1 SEX F
1 BIRT
2 DATE 1884
1 FAMC @F1@
0 @I5@ INDI
1 NAME Farai /Sibanda/
1 SEX M
0 @F1@ FAM
1 HUSB @I1@
1 WIFE @I2@
1 CHIL @I3@
1 CHIL @I4@
0 @S1@ SOUR
1 TITL Register of baptisms, Umtali
0 TRLR
`;

interface Fact { id: string; type: string; value: string; date: { original: string } | null; place: { id: string | null; text: string } | null; citations: number }
interface Person { id: string; version: number; names: { text: string }[]; facts: Fact[]; family?: { parentFamilies: { familyId: string; partners: { id: string; name: string }[] }[]; unions: { familyId: string; children: { person: { id: string; name: string } }[] }[] } }

let tree: string;
let people: Record<string, string>;
let opened: Window;
let page: Page;

beforeAll(async () => {
  ({ tree } = await newTree('To be edited', GEDCOM));
  people = await peopleOf(tree);
});

beforeEach(async () => {
  opened = await openWindow();
  page = opened.page;
  return () => opened.context.close();
});

const read = (given: string) => api<Person>('GET', `/persons/${people[given]}?include=family`);
const edits = async () => (await api<{ items: Json[] }>('GET', `/trees/${tree}/history?filter[kind]=edit&limit=200`)).items.length;
const open = (given: string, rest = '') => go(page, `/t/${tree}/people/${people[given]}${rest}`);
const form = () => page.locator('#main form[aria-label]');
const factBox = (name: string) => page.locator('fieldset', { has: page.locator(`legend:text-is("${name}")`) });
const saveButton = () => page.getByRole('button', { name: 'Save', exact: true });
/** The form is gone when what was saved is on the page. */
async function save() {
  await saveButton().click();
  await form().waitFor({ state: 'detached' });
}

describe('a person', () => {
  test('e, a date as people write it, a place that is there, an occupation with a source; one undo takes all back', async () => {
    const before = await read('John');
    await open('John');
    await page.keyboard.press('e');
    await form().waitFor();
    // The first field has the focus; Enter goes on.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    await factBox('Born').getByLabel('Date').fill('abt 1881');
    await factBox('Born').getByText('Understood as about 1881, read as 1876–1886').waitFor();
    await factBox('Born').getByRole('combobox', { name: 'Place' }).fill('umt');
    await page.getByRole('option', { name: /Umtali, Manicaland/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await factBox('Born').getByText('A place of this tree').waitFor();
    await page.getByLabel('Add a fact').selectOption('OCCU');
    await factBox('Occupation').getByLabel('What', { exact: true }).fill('Midwife’s son');
    await factBox('Occupation').getByRole('button', { name: 'Add a source' }).click();
    await factBox('Occupation').getByRole('combobox', { name: 'Source' }).fill('regis');
    await page.getByRole('option', { name: /Register of baptisms/ }).click();
    await factBox('Occupation').getByLabel(/Where in it/).fill('p. 4');
    await page.keyboard.press('Control+Enter');
    await form().waitFor({ state: 'detached' });
    await page.getByText('Midwife’s son').first().waitFor();
    const after = await read('John');
    expect(after.version).toBe(before.version + 1);
    const born = after.facts.find(({ type }) => type === 'BIRT')!;
    expect(born.date!.original).toMatch(/abt 1881/i);
    expect(born.place!.id).toBe(before.facts[0]!.place!.id);
    expect(after.facts.find(({ type }) => type === 'OCCU')).toMatchObject({ value: 'Midwife’s son', citations: 1 });
    // The focus is not lost with the form.
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.getByText('Saved.').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
    await expect.poll(() => page.getByText('Midwife’s son').count()).toBe(0);
    const undone = await read('John');
    expect(undone.facts).toEqual(before.facts);
    expect(opened.faults).toEqual([]);
  });

  test('what is wrong stands under the field and in a summary that has the focus', async () => {
    const count = await edits();
    await open('John', '#edit');
    await form().waitFor();
    await page.getByLabel('Add a fact').selectOption('OCCU');
    await saveButton().click();
    const summary = page.getByRole('alert');
    await summary.getByText('1 field needs your attention').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('alert');
    expect(await seriousFaults(page)).toEqual([]);
    await summary.getByRole('button').click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true');
    expect(await edits()).toBe(count);
    await page.getByRole('button', { name: 'Throw away what I typed' }).click();
    await form().waitFor({ state: 'detached' });
  });

  test('Ctrl Enter goes on to the next person of the list one came from', async () => {
    await go(page, `/t/${tree}/people`);
    // The list that one walks through: John, then Tendai.
    await page.getByRole('link', { name: 'John Moyo' }).click();
    await page.getByRole('heading', { level: 1, name: 'John Moyo' }).waitFor();
    await page.keyboard.press('e');
    await form().getByLabel('Given names').fill('John Next');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('form', { name: 'Tendai Moyo' }).waitFor();
    expect((await read('John')).names[0]!.text).toBe('John Next Moyo');
    await page.keyboard.press('Escape');
    await page.getByText('Saved.').waitFor();
    await page.keyboard.press('u');
    await expect.poll(async () => (await read('John')).names[0]!.text).toBe('John Moyo');
  });

  test('Ctrl . cites the last source again for the fact one is in, . for all of it', async () => {
    await open('Anna', '#edit');
    await factBox('Born').getByText('Sources and notes').click();
    await factBox('Born').getByRole('button', { name: 'Add a source' }).click();
    await factBox('Born').getByRole('combobox', { name: 'Source' }).fill('regis');
    await page.getByRole('option', { name: /Register of baptisms/ }).click();
    await factBox('Born').getByLabel(/Where in it/).fill('p. 9');
    await save();
    await open('Anna', '#edit');
    await page.getByLabel('Add a fact').selectOption('RESI');
    await factBox('Lived').getByLabel('Date').focus();
    await page.keyboard.press('Control+.');
    await expect.poll(() => factBox('Lived').getByLabel(/Where in it/).inputValue()).toBe('p. 9');
    // One goes on where the page is written.
    await page.keyboard.type('0');
    await saveButton().focus();
    await page.keyboard.press('.');
    await expect.poll(() => page.getByLabel(/Where in it/).count()).toBe(3);
    await save();
    const { facts } = await read('Anna');
    expect(facts.find(({ type }) => type === 'RESI')).toMatchObject({ citations: 1 });
    await page.keyboard.press('u');
    await page.getByText('Taken back.').waitFor();
  });

  test('pressed twice it is saved once', async () => {
    const count = await edits();
    await open('Anna', '#edit');
    await factBox('Born').getByLabel('Date').fill('3 May 1884');
    await saveButton().dblclick();
    await form().waitFor({ state: 'detached' });
    expect(await edits()).toBe(count + 1);
  });

  test('the connection breaks after the archive has saved: the same is asked again and done once', async () => {
    const count = await edits();
    await open('Anna', '#edit');
    await page.getByLabel('Add a fact').selectOption('OCCU');
    await factBox('Occupation').getByLabel('What', { exact: true }).fill('Teacher');
    await page.route('**/changes', async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    }, { times: 1 });
    await saveButton().click();
    await page.getByText('What you typed is kept here').waitFor();
    expect(await factBox('Occupation').getByLabel('What', { exact: true }).inputValue()).toBe('Teacher');
    await save();
    expect(await edits()).toBe(count + 1);
    expect((await read('Anna')).facts.filter(({ type }) => type === 'OCCU')).toHaveLength(1);
  });

  test('the window closes before it was saved: the draft is offered, in a new window, and saved from there', async () => {
    await open('Farai', '#edit');
    await form().getByLabel('Given names').fill('Farai Kept');
    // Kept within a second.
    const drafts = () => page.evaluate(() => new Promise<number>((done) => {
      const request = indexedDB.open('tablinum');
      request.addEventListener('success', () => {
        const names = request.result.objectStoreNames;
        if (!names.contains('drafts')) return done(0);
        const count = request.result.transaction('drafts').objectStore('drafts').count();
        count.addEventListener('success', () => done(count.result));
        return undefined;
      });
    }));
    await expect.poll(drafts).toBe(1);
    await page.close();
    page = await opened.context.newPage();
    await open('Farai');
    await page.getByText('Here is something you typed').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await form().waitFor();
    expect(await form().getByLabel('Given names').inputValue()).toBe('Farai Kept');
    await save();
    expect((await read('Farai')).names[0]!.text).toBe('Farai Kept Sibanda');
    await expect.poll(drafts).toBe(0);
  });

  test('Escape leaves the form and keeps what was typed', async () => {
    await open('Farai', '#edit');
    await form().getByLabel('Given names').fill('Farai Later');
    await page.keyboard.press('Escape');
    await form().waitFor({ state: 'detached' });
    await page.getByText('Here is something you typed').waitFor();
    await page.getByRole('button', { name: 'Throw away what I typed' }).click();
    await expect.poll(() => page.getByText('Here is something you typed').count()).toBe(0);
  });
});

/** Another program changes facts of the person behind the form's back. */
async function elsewhere(given: string, fact: Json) {
  const { facts } = await read(given);
  await api('POST', `/trees/${tree}/changes`, { ops: [{ op: 'setFact', id: facts.find(({ type }) => type === 'BIRT')!.id, fact }] });
}

describe('somebody else saves meanwhile', () => {
  test('different things are put together and shown', async () => {
    await open('John', '#edit');
    await form().getByLabel('Given names').fill('John James');
    await elsewhere('John', { place: 'Gweru' });
    await saveButton().click();
    await page.getByText('You changed different things').waitFor();
    await page.getByText('Gweru').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save this' }).click();
    await page.getByRole('heading', { name: 'Somebody else saved meanwhile' }).waitFor({ state: 'detached' });
    await expect.poll(async () => (await read('John')).names[0]!.text).toBe('John James Moyo');
    expect((await read('John')).facts.find(({ type }) => type === 'BIRT')!.place!.text).toBe('Gweru');
  });

  test('the same thing is asked about, and 1 2 3 answer', async () => {
    await open('John', '#edit');
    await factBox('Born').getByLabel('Date').fill('1890');
    await elsewhere('John', { date: '1891' });
    await saveButton().click();
    await page.getByText('You both changed 1 thing').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Save this' }).isDisabled()).toBe(true);
    await page.keyboard.press('3');
    expect(await page.getByRole('radio', { name: /Theirs/ }).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.getByRole('radio', { name: /Theirs/ }).focus();
    await page.keyboard.press('2');
    expect(await page.getByRole('radio', { name: /Mine/ }).isChecked()).toBe(true);
    await noSidewaysScrolling(page);
    await page.getByRole('button', { name: 'Save this' }).click();
    await expect.poll(async () => (await read('John')).facts.find(({ type }) => type === 'BIRT')!.date!.original).toBe('1890');
  });
});

test('an undo that would take somebody else’s change with it is refused and says so; theirs stays', async () => {
  await open('John', '#edit');
  await factBox('Born').getByLabel('Date').fill('1871');
  await save();
  await page.getByText('Saved.').waitFor();
  await elsewhere('John', { date: '1872' });
  await page.keyboard.press('u');
  await page.getByText('This cannot be taken back now').waitFor();
  expect((await read('John')).facts.find(({ type }) => type === 'BIRT')!.date!.original).toBe('1872');
});

describe('relatives', () => {
  test('a m: somebody who is not there yet is made and linked, from the keyboard alone', async () => {
    await open('Farai');
    await page.keyboard.press('a');
    await page.keyboard.press('m');
    await page.getByRole('form', { name: /Add the mother of/ }).waitFor();
    await page.keyboard.type('Chipo /Zvobgo/ 1830');
    await page.getByRole('option', { name: /Create/ }).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByLabel('Surname').waitFor();
    expect(await page.getByLabel('Surname').inputValue()).toBe('Zvobgo');
    expect(await page.getByLabel('Sex').inputValue()).toBe('F');
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('link', { name: 'Chipo Zvobgo' }).first().waitFor();
    const { family } = await read('Farai');
    expect(family!.parentFamilies[0]!.partners.map(({ name }) => name)).toEqual(['Chipo Zvobgo']);
  });

  test('a c: people who are there come first, with their parents', async () => {
    await open('Farai');
    await page.keyboard.press('a');
    await page.keyboard.press('c');
    await page.getByRole('combobox', { name: 'Name', exact: true }).fill('Anna');
    const option = page.getByRole('option', { name: /Anna Moyo/ });
    await option.getByText('child of Tendai Moyo, Rudo Ncube').waitFor();
    await option.click();
    await page.getByRole('form').waitFor({ state: 'detached' });
    const { family } = await read('Farai');
    expect(family!.unions[0]!.children[0]!.person.name).toBe('Anna Moyo');
  });

  test('nobody becomes an own ancestor: the chain is named and nothing is saved', async () => {
    const count = await edits();
    await open('Tendai', '#add-father');
    await page.getByRole('combobox', { name: 'Name', exact: true }).fill('John');
    await page.getByRole('option', { name: /John.*Moyo/ }).click();
    await page.getByText(/Somebody would be their own ancestor: .*Tendai/).waitFor();
    expect(await edits()).toBe(count);
  });

  test('n: a new person, with a page of their own', async () => {
    await go(page, `/t/${tree}/people`);
    await page.keyboard.press('n');
    await page.getByRole('combobox', { name: 'Name', exact: true }).fill('Nyasha Dube 1901');
    await page.getByRole('option', { name: /Create/ }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.waitForURL(/\/people\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { level: 1, name: 'Nyasha Dube' }).waitFor();
  });
});

test('a family: order, pedigree and marriage', async () => {
  const { family } = await read('Tendai');
  const id = family!.unions[0]!.familyId;
  await go(page, `/t/${tree}/families/${id}`);
  await page.keyboard.press('e');
  await form().waitFor();
  await page.getByRole('button', { name: /Anna Moyo: earlier/ }).click();
  await page.getByLabel(/How Anna Moyo belongs/).selectOption('adopted');
  await page.getByLabel('Add a fact').selectOption('MARR');
  await factBox('Married').getByLabel('Date').fill('1879');
  expect(await seriousFaults(page)).toEqual([]);
  await save();
  const after = await api<{ children: { person: { given: string }; pedigree: string }[]; union: { marriage: { date: { original: string } } } }>('GET', `/families/${id}`);
  expect(after.children.map(({ person, pedigree }) => [person.given, pedigree])).toEqual([['Anna', 'adopted'], ['John James', 'birth']]);
  expect(after.union.marriage.date.original).toBe('1879');
  expect(opened.faults).toEqual([]);
});

test('a family: a partner is taken away and another added, from the keyboard; the children stay', async () => {
  const { family } = await read('Tendai');
  const id = family!.unions[0]!.familyId;
  const partners = async () => (await api<{ partners: { id: string; name: string }[] }>('GET', `/families/${id}`)).partners.map(({ name }) => name);
  const [before, children] = [await partners(), family!.unions[0]!.children.length];
  await go(page, `/t/${tree}/families/${id}`);
  await page.keyboard.press('e');
  await form().waitFor();
  await page.getByRole('button', { name: 'Rudo Ncube is no partner of this family' }).click();
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await form().waitFor({ state: 'detached' });
  expect(await partners()).toEqual(['Tendai Moyo']);
  await page.keyboard.press('a');
  await page.keyboard.press('s');
  await page.getByRole('form', { name: /Add a spouse of Tendai/ }).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.keyboard.type('Rudo Ncube');
  await page.getByRole('option', { name: /Rudo Ncube/ }).first().waitFor();
  await expect.poll(() => page.locator('[role=option]').count()).toBeGreaterThan(1);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('form').waitFor({ state: 'detached' });
  expect((await partners()).toSorted()).toEqual(before.toSorted());
  expect((await read('Tendai')).family!.unions[0]!.children).toHaveLength(children);
  expect((await read('Tendai')).family!.unions).toHaveLength(1);
  expect(opened.faults).toEqual([]);
});

describe('hostile text', () => {
  test('script and directions in a name are shown as they are and do nothing; what is saved is what was typed', async () => {
    const name = '<img src=x onerror=alert(1)>\u202eabc\u202c "<svg onload=alert(2)>';
    let asked = '';
    page.on('dialog', (dialog) => {
      asked = dialog.message();
      void dialog.dismiss();
    });
    await open('Farai', '#edit');
    await form().getByLabel('Given names').fill(name);
    await save();
    await page.getByRole('heading', { level: 1 }).getByText('<img src=x').waitFor();
    for (const place of ['/people', '/history', `/people/${people['Farai']}/history`]) {
      await go(page, `/t/${tree}${place}`);
      await noSidewaysScrolling(page);
    }
    expect(asked).toBe('');
    expect(opened.faults).toEqual([]);
    expect((await read('Farai')).names[0]!.text).toContain(name);
    await page.keyboard.press('u');
  });

  test('a megabyte in a name is refused under the field and stays there', async () => {
    await open('Farai', '#edit');
    await form().getByLabel('Given names').evaluate((input: HTMLInputElement) => {
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!;
      set.call(input, 'x'.repeat(1 << 20));
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await saveButton().click();
    await page.getByText('This is too long.').first().waitFor();
    expect((await form().getByLabel('Given names').inputValue()).length).toBe(1 << 20);
    await page.getByRole('button', { name: 'Throw away what I typed' }).click();
    await form().waitFor({ state: 'detached' });
  });
});

describe('history', () => {
  test('says who changed what, and takes a change back', async () => {
    await api('POST', `/trees/${tree}/changes`, {
      reason: 'for the history', ops: [{ op: 'addFact', id: people['Anna'], fact: { type: 'RESI', place: 'Bulawayo', date: '1911' } }],
    });
    await go(page, `/t/${tree}/history`);
    const entry = page.locator('li', { has: page.getByText('for the history') });
    await entry.getByText('What changed').click();
    await entry.getByText('1911 · Bulawayo').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await entry.getByRole('button', { name: 'Take back' }).click();
    await entry.getByText('taken back').waitFor();
    expect((await read('Anna')).facts.some(({ type }) => type === 'RESI')).toBe(false);
    await page.getByLabel('Show').selectOption('import');
    await page.getByRole('link', { name: 'To the imports' }).waitFor();
    expect(opened.faults).toEqual([]);
  });

  test('of one person and of some days, in the address', async () => {
    await api('POST', `/trees/${tree}/changes`, { ops: [{ op: 'addFact', id: people['Anna'], fact: { type: 'EDUC', value: 'mission school' } }] });
    await go(page, `/t/${tree}/history`);
    const all = await page.locator('#main ol > li').count();
    await page.getByRole('combobox', { name: 'Person' }).fill('Rudo');
    await page.getByRole('option', { name: /Rudo/ }).first().click();
    const hers = (await api<{ items: Json[] }>('GET', `/trees/${tree}/history?filter[record]=${people['Rudo']}`)).items.length;
    await expect.poll(() => page.locator('#main ol > li').count()).toBe(hers);
    expect(all).toBeGreaterThan(hers);
    await expect.poll(() => new URL(page.url()).searchParams.get('person')).toContain(people['Rudo']!);
    await page.getByLabel('From', { exact: true }).fill('2000-01-01');
    await page.getByLabel('Until', { exact: true }).fill('2001-01-01');
    await page.getByText('No change fits').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.reload();
    await page.getByText('No change fits').waitFor();
    await page.getByRole('button', { name: 'Show all changes' }).click();
    await expect.poll(() => page.locator('#main ol > li').count()).toBe(all);
    expect(opened.faults).toEqual([]);
  });

  test('of a person: an earlier version comes back', async () => {
    await open('Anna', '/history');
    const first = page.locator('#main li', { hasText: 'version 1' }).last();
    await first.getByRole('button', { name: 'Go back to this version' }).click();
    await page.getByText('Saved.').waitFor();
    await expect.poll(async () => (await read('Anna')).facts.map(({ type }) => type)).toEqual(['BIRT']);
    expect((await read('Anna')).facts[0]!.date!.original).toBe('1884');
    expect(await seriousFaults(page)).toEqual([]);
    expect(opened.faults).toEqual([]);
  });
});

describe('contradictions', () => {
  test('fix opens the form at the fact; it is right is remembered, with when and why', async () => {
    await go(page, `/t/${tree}/checks`);
    const row = page.locator('#main li', { hasText: 'Died before being born' });
    await row.waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await row.getByRole('link', { name: 'Fix' }).click();
    await form().waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('fieldset[id^="edit-"]')?.querySelector('legend')?.textContent)).toBe('Died');
    await page.keyboard.press('Escape');
    await go(page, `/t/${tree}/checks`);
    await row.getByRole('button', { name: 'It is right' }).click();
    await row.getByLabel(/Why it is right/).fill('two calendars');
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    await page.getByText('Said to be right', { exact: true }).click();
    await row.getByText('two calendars').waitFor();
    // Another date is another contradiction.
    const { facts } = await read('Tendai');
    await api('POST', `/trees/${tree}/changes`, { ops: [{ op: 'setFact', id: facts.find(({ type }) => type === 'DEAT')!.id, fact: { date: '1840' } }] });
    await go(page, `/t/${tree}/checks`);
    await row.waitFor();
    expect(opened.faults).toEqual([]);
  });
});

test.each([
  ['dark', { theme: 'dark' }, ['edit', 'history']],
  ['360 px', { width: 360, height: 740, touch: true }, ['edit', 'add', 'versions', 'history', 'checks', 'new']],
] as const)('%s', async (_, look, wanted) => {
  const person = `/people/${people['John']}`;
  const places = { edit: `${person}#edit`, add: `${person}#add-child`, versions: `${person}/history`, history: '/history', checks: '/checks', new: '/people#new' };
  const { page: other, context, faults } = await openWindow(look);
  for (const place of wanted.map((name) => places[name])) {
    await go(other, `/t/${tree}${place}`);
    if (place.includes('#')) await other.locator('#main form[aria-label]').waitFor();
    expect(await seriousFaults(other), place).toEqual([]);
    await noSidewaysScrolling(other);
  }
  expect(faults).toEqual([]);
  await context.close();
});
