/** The models' pages against the sample registry: what is chosen in one window appears in another, over a WebSocket or without. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { go, openWindow, url } from './browser.ts';

test('the registry is found by words; a question stands in the address and can be shared', async () => {
  const { page, context, faults } = await openWindow();
  await go(page, '/models');
  const table = page.getByRole('region', { name: 'Registry' });
  await table.getByText('microsoft-phi-2').waitFor();
  await page.getByLabel('Find a model').fill('gemma');
  await page.getByText('2 models', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Who would do it?' }).click();
  await page.getByLabel('Kind of task').selectOption('code');
  await page.getByLabel('GPU memory at most (MB)').fill('8192');
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.waitForURL(/category=code.*memory=8192/);
  const verdicts = page.getByRole('region', { name: 'Every model, and why' });
  await verdicts.getByText('taken').waitFor();
  const shared = await openWindow();
  await shared.page.goto(page.url());
  await shared.page.getByRole('region', { name: 'Every model, and why' }).getByText('taken').waitFor();
  expect(await shared.page.getByLabel('GPU memory at most (MB)').inputValue()).toBe('8192');
  expect([...faults, ...shared.faults]).toEqual([]);
  await shared.context.close();
  await context.close();
});

const chosenBy = { relational: 'HY-MT1.5-7B', code: 'google-gemma-3-270m-it' } as const;

/** Another program chooses twice, and the page's uppermost row says each time which model it was. */
async function chooseAndSee(page: Page) {
  await page.getByRole('status').filter({ hasText: /^Live$/ }).waitFor();
  const newest = page.getByRole('region', { name: 'The last twenty' }).getByRole('row').nth(1);
  for (const category of ['relational', 'code', 'relational'] as const) {
    const answer = await fetch(`${url}/api/v1/models/select?category=${category}&method=multi`, { method: 'POST' });
    expect(answer.status).toBe(200);
    await expect.poll(() => newest.innerText()).toContain(chosenBy[category]);
  }
}

test('a choice appears live, over a WebSocket', async () => {
  const { page, context, faults } = await openWindow();
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await go(page, '/models/live');
  await chooseAndSee(page);
  expect(sockets).toEqual([`${url.replace('http', 'ws')}/api/v1/models/stream`]);
  expect(faults).toEqual([]);
  await context.close();
});

test('and over server-sent events where a proxy knows no WebSocket', async () => {
  const { page, context } = await openWindow();
  await page.addInitScript(() => {
    const refused = class extends EventTarget {
      constructor() {
        super();
        queueMicrotask(() => this.dispatchEvent(new Event('close')));
      }
      close() {}
    };
    Object.assign(window, { WebSocket: refused });
  });
  await page.goto(`${url}/models/live`);
  await chooseAndSee(page);
  await context.close();
});

test('a choice can be written down from the page, and the statistics know it', async () => {
  const { page, context, faults } = await openWindow();
  await go(page, '/models/choose?category=code');
  await page.getByRole('button', { name: 'Choose it and write it down' }).click();
  await page.getByText('Written into the metrics.').waitFor();
  await page.getByRole('link', { name: 'Statistics' }).click();
  await page.getByRole('heading', { name: 'Duration over time' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
