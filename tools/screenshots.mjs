// Takes the pictures of docs/images: a server with an empty archive, the sample family brought in through the pages.
//   build/release/tablinum serve --data /tmp/pictures --listen 127.0.0.1:8099 --pages web/dist &
//   node tools/screenshots.mjs http://127.0.0.1:8099 [NAME…]      all of them, or those named
// Needs the pages' packages (web/node_modules) and Debian's chromium. A second run uses the tree that is there.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const { chromium } = createRequire(resolve(import.meta.dirname, '../web/package.json'))('playwright-core');
const [url = 'http://127.0.0.1:8080', ...wanted] = process.argv.slice(2);
const folder = resolve(import.meta.dirname, '../docs/images');
const sample = resolve(import.meta.dirname, '../samples/family/moyo-whitfield.gdz');
const BYTES_MAX = 200_000;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

const ask = async (path) => {
  const response = await fetch(url + path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
};
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

async function picture(name, path, { size = DESKTOP, theme = 'light', before = async () => {} } = {}) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const context = await browser.newContext({ viewport: size, colorScheme: theme });
  const page = await context.newPage();
  await page.goto(url + path);
  await page.locator('#main h1').waitFor();
  await page.waitForLoadState('networkidle');
  await before(page);
  await page.waitForTimeout(2500); // pictures decode, and the canvas paints in slices
  const file = resolve(folder, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  const { size: bytes } = statSync(file);
  console.log(`${name}.png ${bytes}`);
  if (bytes > BYTES_MAX) throw new Error(`${name}.png is larger than ${BYTES_MAX} bytes`);
}

async function importSample() {
  const page = await browser.newPage();
  await page.goto(`${url}/trees`);
  await page.getByLabel('Name of the tree').fill('Sample family');
  await page.getByRole('button', { name: 'Create tree' }).click();
  await page.waitForURL(/\/import$/);
  await page.getByLabel('Choose a file').setInputFiles(sample);
  await page.getByRole('link', { name: 'Keep import' }).waitFor();
  await page.close();
}

if ((await ask('/api/v1/trees')).total === 0) {
  await picture('start', '/trees');
  await importSample();
}
const tree = (await ask('/api/v1/trees')).items[0].id;
const at = `/t/${tree}`;
const find = async (words) => (await ask(`/api/v1/search?treeId=${tree}&type=person&q=${encodeURIComponent(words)}`)).items[0].id;
const rudo = await find('rudo nyathi born:1925');
const elder = await find('rudo nyathi born:1899');
const child = await find('thomas murgatroyd');
const report = (await ask(`/api/v1/trees/${tree}/imports`)).items[0].id;
const source = (await ask(`/api/v1/trees/${tree}/sources?limit=1`)).items[0].id;

await picture('home', at);
await picture('home-phone', at, { size: PHONE });
await picture('import', `${at}/import`);
await picture('import-report', `${at}/import/${report}`);
await picture('people', `${at}/people`);
await picture('people-phone', `${at}/people`, { size: PHONE });
await picture('person', `${at}/people/${rudo}`);
await picture('person-dark', `${at}/people/${rudo}`, { theme: 'dark' });
await picture('person-phone', `${at}/people/${rudo}`, { size: PHONE });
await picture('relationship', `${at}/relationship?a=${elder}&b=${child}`);
await picture('chart', `${at}/charts/hourglass/${elder}`);
await picture('chart-dark', `${at}/charts/descendants/${elder}`, { theme: 'dark' });
await picture('chart-fan', `${at}/charts/fan/${rudo}?up=4`);
await picture('chart-outline', `${at}/charts/pedigree/${rudo}?view=outline`);
const CHART = { size: { width: 960, height: 600 } };
await picture('chart-relatives', `${at}/charts/relatives/${rudo}?people=300`, CHART);
await picture('chart-path', `${at}/charts/path/${elder}?other=${child}`, CHART);
await picture('chart-timeline', `${at}/charts/timeline/${rudo}`, CHART);
await picture('chart-map', `${at}/charts/map/${elder}?up=4&down=6&until=1990`, { size: { width: 1120, height: 700 } });
await picture('search', `${at}/search?q=witfeld`);
await picture('sources', `${at}/sources`);
await picture('source', `${at}/sources/${source}`);
await picture('places', `${at}/places`);
await picture('map', `${at}/map`);
await picture('media', `${at}/media`, { size: { width: 960, height: 560 } });
await picture('keys', `${at}/people`, { before: (page) => page.keyboard.press('?') });
await picture('settings', '/settings');
await picture('keep', `${at}/keep?person=${rudo}`, { before: (page) => page.getByText(/people with their partners, about/).waitFor() });
await picture('person-hebrew', `${at}/people/${rudo}`, {
  before: async (page) => {
    await page.evaluate(() => localStorage.setItem('tablinum.settings', JSON.stringify({ language: 'he' })));
    await page.reload();
    await page.locator('#main h1').waitFor();
    await page.waitForLoadState('networkidle');
  },
});
await picture('export', `${at}/export`);
await picture('edit', `${at}/people/${rudo}#edit`, { before: async (page) => {
  await page.getByLabel('Date').first().fill('abt 1925');
  await page.getByLabel('Date').first().scrollIntoViewIfNeeded();
} });
await picture('edit-phone', `${at}/people/${rudo}#edit`, { size: PHONE });
await picture('edit-relative', `${at}/people/${rudo}#add-child`, { before: async (page) => {
  await page.getByRole('combobox', { name: 'Name', exact: true }).fill('rudo');
  await page.locator('[role=option]').nth(2).waitFor();
} });
await picture('edit-conflict', `${at}/people/${rudo}#edit`, { before: async (page) => {
  const { facts } = await ask(`/api/v1/persons/${rudo}`);
  const birth = facts.find(({ type }) => type === 'BIRT');
  await page.getByLabel('Date').first().fill('1924');
  const saved = await fetch(`${url}/api/v1/trees/${tree}/changes`, {
    method: 'POST', headers: { Origin: url, 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'For the picture of a conflict', ops: [{ op: 'setFact', id: birth.id, fact: { date: 'abt 1926' } }] }),
  });
  const { changeSet } = await saved.json();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { name: 'Somebody else saved meanwhile' }).waitFor();
  await fetch(`${url}/api/v1/changesets/${changeSet}/revert`, { method: 'POST', headers: { Origin: url } });
} });
await picture('sheet', `${at}/sheet/new?template=census`, { before: async (page) => {
  const row = (number) => page.locator('fieldset[data-row]').nth(number);
  const name = (number) => row(number).getByRole('combobox', { name: 'Name', exact: true });
  await page.getByRole('combobox', { name: 'Source' }).fill('Household schedule');
  await page.getByLabel('Where in it').fill('p. 4');
  await page.getByLabel('Date', { exact: true }).fill('2 April 1931');
  const couple = await ask(`/api/v1/persons/${elder}?include=family`);
  const [wife, husband] = [couple.brief, couple.family.unions[0].partner];
  for (const [number, person] of [[0, husband], [1, wife]]) {
    await name(number).fill(person.name);
    await page.locator('[role=option]').nth(1).waitFor();
    await page.getByRole('option', { name: new RegExp(`${person.birth.date.from.slice(0, 4)}`) }).first().click();
  }
  await row(0).getByLabel('Age').fill('41');
  await name(2).fill('Anna /Nyathi/');
  await name(0).scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector('fieldset[data-row]').scrollIntoView({ block: 'center' }));
} });
await picture('history', `${at}/history`, { before: async (page) => page.getByText('What changed').first().click() });
await picture('history-person', `${at}/people/${rudo}/history`, { before: async (page) => page.getByText('What changed').first().click() });
await picture('checks', `${at}/checks`);
await browser.close();
