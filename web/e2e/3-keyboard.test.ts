/** The top tasks without a mouse. */
import { expect, test } from 'vitest';
import { archive, go, openWindow, url } from './browser.ts';

async function nameOf(person: string): Promise<string> {
  const record = (await (await fetch(`${url}/api/v1/persons/${person}`)).json()) as { brief: { name: string } };
  return record.brief.name;
}

test('find a person, look at the chart, walk to a relative, open her', async () => {
  const { tree, person } = await archive();
  const name = await nameOf(person);
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}`);
  await page.keyboard.press('/');
  await page.keyboard.type(name);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\//);
  await page.getByRole('heading', { level: 1 }).waitFor();
  // The heading has the focus: a screen reader says where one is.
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');

  await go(page, `/t/${tree}/people/${person}`);
  await page.keyboard.press('c');
  await page.waitForURL(/\/charts\/hourglass\//);
  const current = page.locator('[data-box][tabindex="0"]');
  await current.waitFor();
  const before = await current.getAttribute('aria-label');
  await current.focus();
  const walked = [];
  for (const arrow of ['ArrowUp', 'ArrowDown', 'ArrowRight', 'ArrowLeft']) {
    await page.keyboard.press(arrow);
    await page.waitForTimeout(100);
    walked.push(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')));
  }
  expect(walked.some((label) => label !== before)).toBe(true);
  expect(walked.every((label) => label)).toBe(true);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\//);
  expect(faults).toEqual([]);
  await context.close();
});

test('go through the list with j, open, and through its people with ]', async () => {
  const { tree } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/people`);
  await page.getByRole('table').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-row]')?.getAttribute('data-row'))).toBe('1');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\/[^/]+$/);
  const first = page.url();
  // The list's heading stands until the person's page is there: a key before that would be the list's.
  const facts = page.getByRole('heading', { name: 'Facts', exact: true });
  await facts.waitFor();
  await page.keyboard.press(']');
  await expect.poll(() => page.url(), { timeout: 10_000 }).not.toBe(first);
  await facts.waitFor();
  await page.keyboard.press('[');
  await expect.poll(() => page.url(), { timeout: 10_000 }).toBe(first);
  await context.close();
});

test('g and a letter go to a page; keys do nothing in a field; switched off they do nothing', async () => {
  const { tree } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}`);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL(/\/sources$/);
  await page.getByRole('searchbox', { name: 'Find a source' }).focus();
  await page.keyboard.type('gp?');
  expect(page.url()).toMatch(/\/sources$/);
  expect(await page.getByRole('dialog').count()).toBe(0);

  await go(page, '/settings');
  await page.getByRole('checkbox', { name: /Single-key shortcuts/ }).uncheck();
  await go(page, `/t/${tree}`);
  await page.keyboard.press('?');
  await page.waitForTimeout(200);
  expect(await page.getByRole('dialog').count()).toBe(0);
  await context.close();
});

test('the outline: one Tab stop, arrows close and open, Enter opens the person', async () => {
  const { tree, person } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/charts/hourglass/${person}?view=outline`);
  const rows = page.locator('[role=treegrid] [role=row][aria-level]');
  await rows.first().focus();
  const count = await rows.count();
  expect(await page.locator('[role=treegrid] [tabindex="0"]').count()).toBe(1);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => rows.count()).toBe(1);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => rows.count()).toBe(count);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex'))).toBe('3');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\//);
  await context.close();
});

test('the first Tab leads past the navigation', async () => {
  const { tree } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/people`);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
  await context.close();
});
