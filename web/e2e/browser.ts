import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';

export const url = inject('url');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
afterAll(() => browser.close());

export interface Look {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  touch?: boolean;
  /** What the system says about movement; less of it unless a test is about it. */
  motion?: 'reduce' | 'no-preference';
  /** With the service worker; without it, tests can stand in for the server's answers. */
  worker?: boolean;
  /** The reader's choice; English where it is left out. */
  language?: string;
}

export interface Window {
  page: Page;
  context: BrowserContext;
  /** Violations of the content security policy, uncaught errors and console errors so far. */
  faults: string[];
}

export async function openWindow({ width = 1280, height = 860, theme = 'light', touch = false, motion = 'reduce', worker = false, language }: Look = {}): Promise<Window> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, hasTouch: touch, reducedMotion: motion, serviceWorkers: worker ? 'allow' : 'block' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  if (language) {
    await page.addInitScript((chosen) => localStorage.setItem('tablinum.settings', JSON.stringify({ language: chosen })), language);
  }
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, context, faults };
}

/** Loads an address and waits until the page has its answers. */
export async function go(page: Page, path: string) {
  await page.goto(url + path);
  await page.locator('#main h1').waitFor();
  await page.waitForLoadState('networkidle');
}

/** Serious and critical findings of axe-core. It comes in through the debugger, past the page's policy. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

export async function noSidewaysScrolling(page: Page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), page.url()).toBeLessThanOrEqual(0);
}

export interface Archive {
  tree: string;
  person: string;
}

/** The largest tree of the server, and its home person. */
export async function archive(): Promise<Archive> {
  const trees = (await (await fetch(`${url}/api/v1/trees`)).json()) as { items: { id: string; persons: number; homePersonId: string }[] };
  const [largest] = trees.items.toSorted((a, b) => b.persons - a.persons);
  if (!largest?.homePersonId) throw new Error('there is no tree with people: the import test comes first');
  return { tree: largest.id, person: largest.homePersonId };
}

/** First id of a list below the tree; undefined where the list is empty. */
export async function firstId(tree: string, list: string): Promise<string | undefined> {
  const page = (await (await fetch(`${url}/api/v1/trees/${tree}/${list}?limit=1`)).json()) as { items: { id: string }[] };
  return page.items[0]?.id;
}
