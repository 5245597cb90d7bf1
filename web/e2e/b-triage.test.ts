/** After an import: what was found is looked at, mended, said to be right, or all of it is taken back. A tree of its own. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { api, newTree } from './api.ts';
import { go, noSidewaysScrolling, openWindow, seriousFaults } from './browser.ts';

const GEDCOM = `0 HEAD
1 GEDC
2 VERS 5.5.1
1 CHAR UTF-8
0 @I1@ INDI
1 NAME Rudo /Moyo/
1 BIRT
2 DATE 31 FEB 1870
1 DEAT
2 DATE 1860
0 @I2@ INDI
1 NAME Late /Moyo/
1 BIRT
2 DATE 1880
1 DEAT
2 DATE 1860
1 _VENDOR kept
0 TRLR
`;

interface Report { state: string; groups: { code: string; severity: string; count: number; right: { time: string } | null }[] }

test('findings are grouped, mended in the record, said to be right, and the whole is undone', async () => {
  const { tree, report } = await newTree('To be looked through', GEDCOM);
  const { page, context, faults } = await openWindow();
  const read = () => api<Report>('GET', `/imports/${report}`);
  const warning = (await read()).groups.find(({ code }) => code === 'date_invalid')!;
  expect(warning).toMatchObject({ right: null });
  await go(page, `/t/${tree}/import/${report}`);
  const section = (title: string) => page.locator('#main section', { has: page.getByRole('heading', { level: 2, name: title }) });
  await section('Look at these').locator('summary').first().click();
  await page.getByText('line 8').waitFor();
  await page.getByText('31 FEB 1870').first().waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByRole('link', { name: 'Fix in Rudo Moyo' }).click();
  await page.getByRole('form', { name: 'Rudo Moyo' }).waitFor();
  await page.goBack();

  // From the keyboard: the group, then the word about it.
  const group = section('Look at these').locator('summary').first();
  await group.focus();
  await page.keyboard.press('Enter');
  await section('Look at these').getByRole('button', { name: 'It is right' }).first().focus();
  await page.keyboard.press('Enter');
  await section('Said to be right').locator('summary').waitFor();
  expect((await read()).groups.find(({ code }) => code === warning.code)!.right).not.toBeNull();
  await page.reload();
  await section('Said to be right').locator('summary').click();
  await section('Said to be right').getByText(/Said to be right, /).waitFor();
  await section('Said to be right').getByRole('button', { name: 'Look at it again' }).click();
  await section('Look at these').locator('summary').first().waitFor();
  expect((await read()).groups.find(({ code }) => code === warning.code)!.right).toBeNull();

  await page.getByRole('link', { name: /What cannot all be true/ }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Report as a table (CSV)' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('own.ged.csv');
  expect(readFileSync(await file.path(), 'utf8')).toContain('31 FEB 1870');

  await page.getByRole('button', { name: 'Undo whole import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo whole import' }).click();
  await expect.poll(async () => (await read()).state).toBe('undone');
  expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
  await context.close();
});

test.each([['dark', { theme: 'dark' }], ['360 px', { width: 360, height: 740, touch: true }]] as const)('%s', async (_, look) => {
  const { tree, report } = await newTree('To be looked through again', GEDCOM);
  const { page, context, faults } = await openWindow(look);
  await go(page, `/t/${tree}/import/${report}`);
  await page.locator('#main summary').first().click();
  await page.getByText('31 FEB 1870').first().waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await noSidewaysScrolling(page);
  expect(faults).toEqual([]);
  await context.close();
});
