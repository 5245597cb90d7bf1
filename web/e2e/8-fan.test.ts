/** The fan: drawn as the server laid it out, walked with the keys, and branches that fold away with the address. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { archive, go, openWindow, seriousFaults, url } from './browser.ts';

interface Fan {
  rootId: string;
  boxes: { person: string[]; from: number[]; generation: number[]; hiddenUp: number[] };
  fan: { x: number; y: number; begin: number[]; end: number[]; inner: number[]; outer: number[] };
}

const ask = async (tree: string, query: string): Promise<Fan> => (await (await fetch(`${url}/api/v1/trees/${tree}/charts/fan?${query}`)).json()) as Fan;

/** Somebody whose parents and grandparents are known. */
async function deepRoot(): Promise<{ tree: string; root: string; fan: Fan }> {
  const { tree, person } = await archive();
  const chart = (await (await fetch(`${url}/api/v1/trees/${tree}/charts/descendants?root=${person}&down=6`)).json()) as Fan;
  for (const root of [...chart.boxes.person, person].toReversed()) {
    const fan = await ask(tree, `root=${root}&up=3`);
    if (Math.max(...fan.boxes.generation) >= 2) return { tree, root, fan };
  }
  throw new Error('nobody of the sample has known grandparents');
}

const chosen = (page: Page) => page.getByRole('region', { name: 'Chosen person' });

test('a tap on a sector chooses its person; the branch folds away, stays away in the address, and comes back', async () => {
  const { tree, root, fan } = await deepRoot();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/charts/fan/${root}?up=3`);
  const parent = fan.boxes.generation.findIndex((generation, box) => generation === 1 && fan.boxes.from.includes(box));
  const sector = page.locator(`[data-box="${parent}"]`);
  await sector.waitFor();
  const { x, y, width, height } = (await sector.boundingBox())!;
  await page.mouse.click(x + width / 2, y + height / 2);
  await chosen(page).waitFor();
  expect(await seriousFaults(page)).toEqual([]);
  const name = (await sector.getAttribute('aria-label'))!.split(',')[0]!;
  expect(await chosen(page).innerText()).toContain(name);
  await chosen(page).getByRole('button', { name: 'Hide ancestors' }).click();
  await page.waitForURL(/hideAbove=/);
  const folded = await ask(tree, `root=${root}&up=3&hideAbove=${fan.boxes.person[parent]}`);
  expect(folded.boxes.person.length).toBeLessThan(fan.boxes.person.length);
  const count = (people: number) => page.getByRole('group', { name: new RegExp(`^Chart with ${people} (person|people)`) });
  await count(folded.boxes.person.length).waitFor();

  await page.reload();
  await count(folded.boxes.person.length).waitFor();
  const again = folded.boxes.person.indexOf(fan.boxes.person[parent]!);
  const sectorAgain = page.locator(`[data-box="${again}"]`);
  await sectorAgain.waitFor();
  const place = (await sectorAgain.boundingBox())!;
  await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
  await chosen(page).getByRole('button', { name: 'Show ancestors' }).click();
  await count(fan.boxes.person.length).waitFor();
  expect(page.url()).not.toContain('hideAbove');
  expect(faults).toEqual([]);
  await context.close();
});

test('the keys go along kinship, and the outline is the same chart', async () => {
  const { tree, root, fan } = await deepRoot();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/charts/fan/${root}?up=3`);
  const current = page.locator('[data-box][tabindex="0"]');
  await current.waitFor();
  await current.focus();
  expect(await current.getAttribute('data-box')).toBe('0');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-box'))).not.toBe('0');
  const parent = Number(await page.evaluate(() => document.activeElement?.getAttribute('data-box')));
  expect(fan.boxes.from[parent]).toBe(0);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-box'))).toBe('0');
  await page.getByText('Outline').click();
  await page.getByRole('treegrid').waitFor();
  expect(await page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe(String(fan.boxes.person.length + 1));
  expect(faults).toEqual([]);
  await context.close();
});

test('each sector is painted where the server put it', async () => {
  const { tree, root } = await deepRoot();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/charts/fan/${root}?up=3`);
  await page.locator('[data-box="0"]').waitFor();
  // The middle of each sector is card, its words or its frame, and a corner of the canvas, where no sector is, is page.
  const painted = () => page.evaluate(() => {
    const canvas = document.querySelector('canvas')!;
    const context2d = canvas.getContext('2d')!;
    const at = canvas.getBoundingClientRect();
    const ratio = canvas.width / at.width;
    const pixel = (x: number, y: number) => [...context2d.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3).join();
    const page2 = pixel(3, 3);
    return [...document.querySelectorAll<HTMLElement>('[data-box]')].filter((link) => {
      const { x, y, width } = link.getBoundingClientRect();
      return pixel(x - at.x + width * 0.06, y - at.y + width * 0.06) === page2;
    }).length;
  });
  await expect.poll(painted).toBe(0);
  await context.close();
});

test('as SVG', async () => {
  const { tree, root, fan } = await deepRoot();
  const response = await fetch(`${url}/api/v1/trees/${tree}/charts/fan?root=${root}&up=3&format=svg`);
  expect(response.headers.get('content-type')).toContain('image/svg+xml');
  expect((await response.text()).split('<g role="graphics-symbol"')).toHaveLength(fan.boxes.person.length + 1);
});
