/** The service worker: the server stops, and what was looked at can still be read; a newer version is offered, not forced. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { openWindow, seriousFaults } from './browser.ts';
import { Door } from './door.ts';
import { DIST, importSample, newFolder, removeFolder, type Server, startServer } from './server.ts';

// Each test opens the pages several times, and fetches all of them ahead: much for a machine that does other things too.
vi.setConfig({ testTimeout: 180_000 });

const data = newFolder();
const pages = join(data, 'pages');

const door = new Door();
let server: Server | undefined;
let tree: string;
let person: string;

async function begin() {
  server = await startServer(data, pages);
  door.lead(server.url);
}

async function end() {
  door.lead(undefined);
  await server?.stop();
  server = undefined;
}

beforeAll(async () => {
  cpSync(DIST, pages, { recursive: true });
  importSample(data);
  await door.open();
  await begin();
  const { items } = (await (await fetch(`${door.url}/api/v1/trees`)).json()) as { items: { id: string; homePersonId: string }[] };
  [{ id: tree, homePersonId: person }] = items as [(typeof items)[number]];
});

// A test that failed while the server was away must not take the others with it.
beforeEach(async () => {
  if (!server) await begin();
});

afterAll(async () => {
  await end();
  door.close();
  removeFolder(data);
});

const heading = (page: Page) => page.locator('#main h1');

/** Opens an address; the page then has its worker. */
async function visit(page: Page, path: string) {
  await page.goto(door.url + path);
  await heading(page).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
}

/** The addresses of the copies, without the origin. */
const copies = (page: Page) => page.evaluate(async () => {
  const names = (await caches.keys()).filter((name) => !name.startsWith('tablinum-shell-'));
  const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return lists.flat().map(({ url }) => url.replace(location.origin, ''));
});

test('the server stops: the shell opens, what was visited can be read, and it says from when; it comes back', async () => {
  const { page, context, faults } = await openWindow({ worker: true });
  await visit(page, `/t/${tree}`);
  const home = await heading(page).innerText();
  await page.goto(`${door.url}/t/${tree}/people/${person}`);
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await page.waitForLoadState('networkidle');
  const name = await heading(page).innerText();
  const facts = await page.locator('#main').innerText();
  await expect.poll(() => copies(page)).toContain(`/api/v1/persons/${person}?include=family`);
  // Nothing against the policy: not the worker, not its script.
  expect(faults).toEqual([]);

  await end();
  await page.reload();
  await page.getByText('The archive does not answer.').waitFor();
  await page.getByText(/You are reading copies from \d/).waitFor();
  await expect.poll(() => heading(page).innerText()).toBe(name);
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await expect.poll(() => page.locator('#main').innerText()).toBe(facts);
  expect(await seriousFaults(page)).toEqual([]);

  await page.goto(`${door.url}/t/${tree}`);
  await expect.poll(() => heading(page).innerText()).toBe(home);
  // Not visited: the shell is there and says what is wrong.
  await page.goto(`${door.url}/t/${tree}/sources`);
  await heading(page).waitFor();
  await page.getByRole('alert').getByText('The archive cannot be reached').waitFor();

  await begin();
  await page.locator('#main').getByRole('button', { name: 'Try again' }).click();
  await page.locator('#main').getByRole('link').first().waitFor();
  await page.getByText('The archive does not answer.').waitFor({ state: 'detached' });
  await context.close();
});

test('without any network it is the same', async () => {
  const { page, context } = await openWindow({ worker: true });
  await visit(page, '/settings');
  await page.goto(`${door.url}/t/${tree}/people/${person}`);
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await page.waitForLoadState('networkidle');
  await expect.poll(() => copies(page)).toContain(`/api/v1/persons/${person}?include=family`);
  await context.setOffline(true);
  await page.reload();
  await page.getByRole('heading', { name: 'Facts', exact: true }).waitFor();
  await page.getByText('The archive does not answer.').waitFor();
  await context.close();
});

test('what is written is not kept, and a removal takes the copies with it', async () => {
  const { page, context, faults } = await openWindow({ worker: true });
  await visit(page, '/settings');
  await page.goto(`${door.url}/t/${tree}`);
  await heading(page).waitFor();
  await page.waitForLoadState('networkidle');
  await expect.poll(async () => (await copies(page)).length).toBeGreaterThan(0);
  const ask = (path: string, method: string, json?: unknown) => page.evaluate(async ([address, how, body]) => {
    const response = await fetch(address!, { method: how!, ...(body ? { body, headers: { 'Content-Type': 'application/json' } } : {}) });
    return { status: response.status, text: await response.text() };
  }, [path, method, json === undefined ? '' : JSON.stringify(json)]);
  const made = await ask('/api/v1/trees', 'POST', { name: 'Written, not kept' });
  expect(made.status).toBe(201);
  const { id } = JSON.parse(made.text) as { id: string };
  const read = await ask('/api/v1/dates/parse', 'POST', { text: '3 May 1902', lang: 'en' });
  expect(read.status).toBe(200);
  const all = await page.evaluate(async () => {
    const names = await caches.keys();
    const lists = await Promise.all(names.map(async (name) => {
      const cache = await caches.open(name);
      const keys = await cache.keys();
      return Promise.all(keys.map(async (request) => [request.method, request.url, await (await cache.match(request))!.text()] as const));
    }));
    return lists.flat();
  });
  expect(all.every(([method]) => method === 'GET')).toBe(true);
  expect(all.filter(([, url]) => url.includes('/dates/parse'))).toEqual([]);
  expect(all.filter(([, , text]) => text.includes('Written, not kept'))).toEqual([]);

  const uploaded = await page.evaluate(async (address) => {
    const form = new FormData();
    form.set('gedcomFile', new File(['0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n0 @I1@ INDI\n1 NAME Short /Stay/\n0 TRLR\n'], 'short.ged'));
    return (await fetch(address, { method: 'POST', body: form })).json() as Promise<{ id: string; result: { importId: string } }>;
  }, `/api/v1/trees/${id}/imports`);
  await expect.poll(async () => (JSON.parse((await ask(`/api/v1/jobs/${uploaded.id}`, 'GET')).text) as { state: string }).state, { timeout: 60_000 }).toBe('succeeded');
  expect((await copies(page)).length).toBeGreaterThan(0);
  expect((await ask(`/api/v1/imports/${uploaded.result.importId}`, 'DELETE')).status).toBe(202);
  expect(await copies(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

test('the reader can delete the copies, and do without the worker', async () => {
  const { page, context } = await openWindow({ worker: true });
  await visit(page, '/settings');
  await page.goto(`${door.url}/t/${tree}`);
  await heading(page).waitFor();
  await page.waitForLoadState('networkidle');
  await page.goto(`${door.url}/settings`);
  await page.getByText(/\d+ cop(?:y is|ies are) kept/).waitFor();
  await page.getByRole('button', { name: 'Delete the copies' }).click();
  await expect.poll(() => copies(page)).toEqual([]);
  await page.getByRole('checkbox', { name: /Keep what I have looked at/ }).uncheck();
  await expect.poll(() => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  await expect.poll(() => page.evaluate(() => caches.keys())).toEqual([]);
  await context.close();
});

test('a newer version waits until it is let in; the page then is the new one', async () => {
  const { page, context } = await openWindow({ worker: true });
  await visit(page, '/settings');
  // A new build: the page names another script (the same under a new name), and so does the worker's list.
  const index = readFileSync(join(pages, 'index.html'), 'utf8');
  const script = /src="(\/assets\/shell-[^"]+\.js)"/.exec(index)![1]!;
  const renamed = script.replace('/shell-', '/newer-');
  cpSync(join(pages, script), join(pages, renamed));
  writeFileSync(join(pages, 'index.html'), index.replace(script, renamed));
  const worker = readFileSync(join(pages, 'sw.js'), 'utf8');
  writeFileSync(join(pages, 'sw.js'), worker.replace(/(tablinum-shell-`[^+]*\+\s*)"[0-9a-f]{16}"/, '$1"feedfeedfeedfeed"').replaceAll(script, renamed));
  expect(readFileSync(join(pages, 'sw.js'), 'utf8')).toContain('feedfeedfeedfeed');

  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())!.update());
  await page.getByText('There is a newer version of these pages.').waitFor();
  expect(await page.locator('script[type=module]').last().getAttribute('src')).toBe(script);
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Change to it' }).click()]);
  await heading(page).waitFor();
  expect(await page.locator('script[type=module]').last().getAttribute('src')).toBe(renamed);
  expect(await page.getByText('There is a newer version of these pages.').count()).toBe(0);
  expect(await page.evaluate(() => caches.keys())).toContain('tablinum-shell-feedfeedfeedfeed');
  await context.close();
});
