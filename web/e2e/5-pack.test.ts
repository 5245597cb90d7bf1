/** "Keep on this device": a branch is made, lies there encrypted, is read with the server stopped, and expires. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openWindow, seriousFaults } from './browser.ts';
import { Door } from './door.ts';
import { DIST, importSample, newFolder, removeFolder, type Server, startServer } from './server.ts';

vi.setConfig({ testTimeout: 240_000 });

const PASSPHRASE = 'correct horse battery';
const data = newFolder();
const door = new Door();
let server: Server | undefined;
let tree: string;
let person: string;
let ancestor: { id: string; name: string };

beforeAll(async () => {
  importSample(data);
  await door.open();
  server = await startServer(data, DIST);
  door.lead(server.url);
  const ask = async (path: string) => (await (await fetch(`${door.url}/api/v1${path}`)).json()) as never;
  const { items: [first] } = await ask('/trees') as { items: { id: string; homePersonId: string }[] };
  [tree, person] = [first!.id, first!.homePersonId];
  const { items } = await ask(`/persons/${person}/ancestors?generations=3`) as { items: { person: { id: string; name: string; living: boolean } }[] };
  ancestor = items.findLast((row) => !row.person.living)!.person;
});

afterAll(async () => {
  door.close();
  await server?.stop();
  removeFolder(data);
});

const heading = (page: Page) => page.locator('#main h1');

/** Everything of the packs' database, as bytes. */
const stored = (page: Page) => page.evaluate(async () => {
  const database = await new Promise<IDBDatabase>((done) => {
    const request = indexedDB.open('tablinum-packs');
    request.addEventListener('success', () => done(request.result));
  });
  const all = (store: string) => new Promise<unknown[]>((done) => {
    const request = database.transaction(store).objectStore(store).getAll();
    request.addEventListener('success', () => done(request.result as unknown[]));
  });
  const [heads, parts] = [await all('heads'), (await all('parts')) as Uint8Array<ArrayBuffer>[]];
  database.close();
  const open = new TextDecoder('latin1');
  return { heads: JSON.stringify(heads), parts: parts.length, text: parts.map((part) => open.decode(part)).join('\n') };
});

test('a branch is kept, read without the archive, locked again, and expires', async () => {
  const { page, context, faults } = await openWindow({ worker: true });
  await page.goto(`${door.url}/t/${tree}/keep?person=${person}`);
  await heading(page).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  // The worker sees what is asked for the pack, and keeps none of it in the open.
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
  await page.reload();
  await heading(page).waitFor();
  // Its size is said before anything is kept.
  await page.getByText(/\d+ people with their partners, about \d/).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  await page.getByLabel('Passphrase', { exact: true }).first().fill(PASSPHRASE);
  await page.getByLabel('Passphrase once more').fill('another passphrase');
  await page.getByRole('button', { name: 'Keep on this device' }).click();
  await page.getByText('The two are not the same.').waitFor();
  await page.getByLabel('Passphrase once more').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Keep on this device' }).click();
  await page.getByText(/Made on .*; it goes by itself on/).waitFor();
  expect(faults).toEqual([]);

  const copies = await page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => !name.startsWith('tablinum-shell-'));
    return (await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat();
  });
  expect(copies.some((path) => path.startsWith('/api/v1/trees/'))).toBe(true);
  expect(copies.filter((path) => /\/(?:timeline|citations|ancestors|descendants|families\/[^/]+|charts\/.*)$/.test(path))).toEqual([]);

  const { heads, parts, text } = await stored(page);
  expect(parts).toBeGreaterThan(20);
  for (const word of [ancestor.name, ...ancestor.name.split(' '), 'surname', 'thumbnail']) {
    expect(text).not.toContain(word);
    expect(heads).not.toContain(word);
  }

  // Nothing but the pack: no copies of what was looked at, and no archive.
  await page.goto(`${door.url}/settings`);
  await heading(page).waitFor();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
  door.lead(undefined);
  await page.evaluate(async () => {
    for (const name of await caches.keys()) if (!name.startsWith('tablinum-shell-')) await caches.delete(name);
  });
  await page.reload();
  const unlock = page.getByRole('button', { name: 'Unlock' });
  await page.getByLabel('Passphrase').fill('not the right one');
  await unlock.click();
  await page.getByText('This is not its passphrase.').waitFor();
  await page.getByLabel('Passphrase').fill(PASSPHRASE);
  await unlock.click();

  await page.getByRole('link', { name: /^Open / }).click();
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await page.getByText(/You are reading copies from \d/).waitFor();
  await expect.poll(() => page.evaluate(() => [...document.images].filter(({ src }) => src.includes('/thumbnail')).map(({ naturalWidth }) => naturalWidth > 0)))
    .toContain(true);
  await page.getByRole('link', { name: 'Chart', exact: true }).click();
  await expect.poll(() => page.locator('[data-box]').count()).toBeGreaterThan(5);
  await page.keyboard.press('/');
  await page.keyboard.type(ancestor.name.split(' ')[0]!);
  await page.getByRole('option', { name: new RegExp(ancestor.name) }).first().click();
  await expect.poll(() => heading(page).innerText()).toBe(ancestor.name);
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Open family' }).first().click();
  await page.getByRole('heading', { name: 'Partners' }).waitFor();

  // The key is this window's: loaded again, the pack is locked.
  await page.goto(`${door.url}/t/${tree}/people/${ancestor.id}`);
  await page.getByRole('alert').getByText('The archive cannot be reached').waitFor();
  await page.getByRole('link', { name: 'Unlock what is kept on this device' }).click();
  await page.getByLabel('Passphrase').waitFor();

  // Its time passes: it is gone with all its parts, whether or not it is asked for.
  await page.clock.setFixedTime(Date.now() + 31 * 24 * 60 * 60 * 1000);
  await page.goto(`${door.url}/settings`);
  await expect.poll(async () => (await stored(page)).parts).toBe(0);
  expect((await stored(page)).heads).toBe('[]');
  await context.close();
});
