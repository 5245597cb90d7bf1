/** What a newcomer does: names a tree, brings in the sample family, reads the report, finds people. The other tests use that tree. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { archive, firstId, go, openWindow, url } from './browser.ts';

const SAMPLE = resolve(import.meta.dirname, '../../samples/family/moyo-whitfield.gdz');

test('from an empty archive to a family that can be browsed', async () => {
  expect(existsSync(SAMPLE)).toBe(true);
  const { page, context, faults } = await openWindow();
  await go(page, '/trees');
  await page.getByLabel('Name of the tree').fill('Sample family');
  await page.getByRole('button', { name: 'Create tree' }).click();
  await page.waitForURL(/\/import$/);
  await page.getByLabel('Choose a file').setInputFiles(SAMPLE);
  await page.waitForURL(/\/import\/[^/]+$/);
  await page.getByRole('link', { name: 'Keep import' }).waitFor();
  await page.getByText(/Nothing is lost/).waitFor();
  expect(await page.getByText('people', { exact: true }).count()).toBeGreaterThan(0);
  await page.getByRole('link', { name: 'Keep import' }).click();
  await page.waitForURL(/\/t\/[^/]+$/);
  await page.getByText('Births by decade').first().waitFor();
  expect(faults).toEqual([]);
  await context.close();

  const { tree } = await archive();
  const people = (await (await fetch(`${url}/api/v1/trees/${tree}/persons?limit=1`)).json()) as { total: number };
  expect(people.total).toBeGreaterThan(100);
});

/** Two people of two decades: enough for a home page with a chart of births. */
const SMALL = `0 HEAD
1 GEDC
2 VERS 7.0
0 @I1@ INDI
1 NAME Ann /Small/
1 BIRT
2 DATE 1 JAN 1801
0 @I2@ INDI
1 NAME Ben /Small/
1 BIRT
2 DATE 1 JAN 1832
0 TRLR
`;

test('a report that is finished before its job says so shows a tree that is full', async () => {
  const { page, context } = await openWindow();
  await page.route(/\/api\/v1\/(jobs\/|stream)/, (route) => route.abort());
  await go(page, '/trees');
  await page.getByLabel('Name of the tree').fill('Small family');
  await page.getByRole('button', { name: 'Create tree' }).click();
  await page.waitForURL(/\/import$/);
  await page.getByLabel('Choose a file').setInputFiles({ name: 'small.ged', mimeType: 'text/plain', buffer: Buffer.from(SMALL) });
  await page.waitForURL(/\/import\/[^/]+$/);
  await page.getByRole('link', { name: 'Keep import' }).click();
  await page.waitForURL(/\/t\/[^/]+$/);
  await page.getByText('Births by decade').first().waitFor();
  await context.close();
});

test('the list scrolls to its end with few rows in the page', async () => {
  const { tree } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/people`);
  const table = page.getByRole('table', { name: 'People' });
  const count = Number(await table.getAttribute('aria-rowcount'));
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await page.locator(`[data-row="${count - 2}"] [role=cell] >> nth=0`).waitFor();
  await expect.poll(() => page.locator(`[data-row="${count - 2}"]`).innerText()).not.toBe('');
  expect(await page.locator('[data-row]').count()).toBeLessThan(80);
  await context.close();
});

test('a chart opens at the person, a tap chooses, the address holds the view', async () => {
  const { tree, person } = await archive();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/charts/hourglass/${person}`);
  await page.locator('[data-box]').first().waitFor();
  const box = (await page.locator('[data-box][tabindex="0"]').boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.getByRole('region', { name: 'Chosen person' }).waitFor();
  await page.getByLabel('Up').selectOption('1');
  await page.waitForURL(/up=1/);
  await page.getByLabel('Chart', { exact: true }).first().waitFor();
  await page.getByText('Outline').click();
  await page.waitForURL(/view=outline/);
  await page.getByRole('treegrid').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('the chart as SVG comes from the server', async () => {
  const { tree, person } = await archive();
  const response = await fetch(`${url}/api/v1/trees/${tree}/charts/hourglass?root=${person}&up=2&down=2&format=svg`);
  expect(response.headers.get('content-type')).toContain('image/svg+xml');
  expect(await response.text()).toContain('<svg');
});

test('search finds a surname, and in another spelling', async () => {
  const { tree } = await archive();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/search?q=whitfield`);
  await page.getByText(/\d+ results?/).first().waitFor();
  expect(await page.locator('#main li').count()).toBeGreaterThan(0);
  await go(page, `/t/${tree}/search?q=witfeld`);
  expect(await page.locator('#main li').count()).toBeGreaterThan(0);
  expect(faults).toEqual([]);
  await context.close();
});

test('pictures are shown, sources say what they support', async () => {
  const { tree } = await archive();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/media`);
  const picture = page.locator('#main img').first();
  await picture.waitFor();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await go(page, `/t/${tree}/sources/${await firstId(tree, 'sources')}`);
  await page.getByRole('heading', { name: 'What it supports' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('the tree leaves as a file', async () => {
  const { tree } = await archive();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/export`);
  await page.getByRole('button', { name: 'Make the file' }).click();
  const link = page.getByRole('link', { name: /^Download/ });
  await link.waitFor();
  const address = await link.getAttribute('href');
  const file = await (await fetch(new URL(address!, url))).text();
  expect(file.replace(/^\uFEFF/, '')).toMatch(/^0 HEAD/);
  expect(file.trimEnd()).toMatch(/0 TRLR$/);
  expect(faults).toEqual([]);
  await context.close();
});

test('an import can be taken back as a whole', async () => {
  const { page, context, faults } = await openWindow();
  await go(page, '/trees');
  await page.getByLabel('Name of the tree').fill('To be undone');
  await page.getByRole('button', { name: 'Create tree' }).click();
  await page.waitForURL(/\/import$/);
  const file = '0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n0 @I1@ INDI\n1 NAME Test /Person/\n1 BIRT\n3 DATE 1870\n0 TRLR\n';
  await page.getByLabel('Choose a file').setInputFiles({ name: 'small.ged', mimeType: 'text/plain', buffer: Buffer.from(file) });
  await page.getByRole('link', { name: 'Keep import' }).waitFor();
  // The level that was skipped is reported with its line.
  const group = page.locator('details').first();
  await group.locator('summary').click();
  await page.getByText('line 8').waitFor();
  await page.getByText('3 DATE 1870').first().waitFor();
  await page.getByRole('button', { name: 'Undo whole import' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo whole import' }).click();
  await page.getByText('undone').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
