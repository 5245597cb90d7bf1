/** Every kind of chart by keyboard alone, as a chart and as an outline; the map with its years. */
import { expect, test } from 'vitest';
import { archive, go, openWindow, url } from './browser.ts';

interface Chart {
  boxes: { person: string[]; from: number[]; step: string; x: number[] };
  map: { places: { name: string[] }; box: number[]; year: number[] };
}

const ask = async (tree: string, kind: string, query: string) => (await (await fetch(`${url}/api/v1/trees/${tree}/charts/${kind}?${query}`)).json()) as Chart;

async function subject() {
  const { tree, person } = await archive();
  const relatives = await ask(tree, 'relatives', `root=${person}&people=1000`);
  return { tree, person, other: relatives.boxes.person.at(-1)! };
}

test.each(['relatives', 'everyone', 'path', 'timeline'])('%s by keyboard: along kinship, and down the outline to a person', async (kind) => {
  const { tree, person, other } = await subject();
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/charts/${kind}/${person}?other=${other}`);
  const current = page.locator('[data-box][tabindex="0"]');
  await current.waitFor();
  await current.focus();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-box'));
  const query = kind === 'path' ? `root=${person}&other=${other}` : kind === 'timeline' ? `root=${person}&up=3&down=3` : `root=${person}&people=1000`;
  const { boxes } = await ask(tree, kind, query);
  const before = Number(await focused());
  const next = boxes.from.indexOf(before);
  const aside = boxes.x[next]! > boxes.x[before]! ? 'ArrowRight' : 'ArrowLeft';
  await page.keyboard.press({ p: 'ArrowUp', c: 'ArrowDown' }[boxes.step[next]!] ?? aside);
  await expect.poll(focused).not.toBe(String(before));

  const outline = page.getByRole('radio', { name: 'Outline' });
  await outline.focus();
  await page.keyboard.press('Space');
  const grid = page.getByRole('treegrid');
  await grid.waitFor();
  expect(await grid.getAttribute('aria-rowcount')).toBe(String(boxes.person.length + 1));
  await page.locator('[data-row][tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const row = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'));
  await expect.poll(row).toBe('1');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\//);
  expect(faults).toEqual([]);
  await context.close();
});

const marks = (svg: string) => svg.split('class="mark"').length - 1;

test('the map: its years with the arrow keys, its places in a list, both in the address and in the picture', async () => {
  const { tree, person } = await archive();
  const { map } = await ask(tree, 'map', `root=${person}&up=4&down=4`);
  const years = map.year.filter((year) => year !== 0).toSorted((a, b) => a - b);
  const [first, last] = [years[0]!, years.at(-1)!];
  const { page, context, faults } = await openWindow();
  await go(page, `/t/${tree}/charts/map/${person}`);
  const list = page.getByRole('region', { name: 'Places and people' });
  const places = list.locator('details');
  await expect.poll(() => places.count()).toBe(map.places.name.length);
  const slider = page.getByRole('slider', { name: 'Year' });
  expect(await slider.getAttribute('aria-valuetext')).toBe('all years');
  await slider.focus();
  await page.keyboard.press('Home');
  await page.waitForURL(new RegExp(`until=${first}`));
  expect(await slider.getAttribute('aria-valuetext')).toBe(`until ${first}`);
  expect(await places.count()).toBeLessThan(map.places.name.length);
  expect(await page.getByRole('link', { name: 'SVG' }).getAttribute('href')).toContain(`until=${first}`);
  const picture = (until: string) => fetch(`${url}/api/v1/trees/${tree}/charts/map?root=${person}&up=4&down=4&format=svg${until}`).then((answer) => answer.text());
  expect(marks(await picture(`&until=${first}`))).toBeGreaterThan(0);
  expect(marks(await picture(''))).toBeGreaterThan(marks(await picture(`&until=${first}`)));
  await page.keyboard.press('ArrowRight');
  await page.waitForURL(new RegExp(`until=${first + 1}`));
  await page.keyboard.press('End');
  await page.waitForURL((address) => !address.search.includes('until'));
  expect(last).toBeGreaterThan(first);

  await places.first().locator('summary').focus();
  await page.keyboard.press('Enter');
  const guest = list.getByRole('link').first();
  await guest.waitFor();
  await guest.focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/people\//);

  await go(page, `/t/${tree}/charts/map/${person}?view=outline`);
  await page.getByRole('treegrid').waitFor();
  expect(await page.getByRole('treegrid').innerText()).toContain(' → ');
  expect(faults).toEqual([]);
  await context.close();
});

test('the map is painted: sea, land and marks', async () => {
  const { tree, person } = await archive();
  const { page, context } = await openWindow();
  await go(page, `/t/${tree}/charts/map/${person}`);
  await page.getByRole('slider').waitFor();
  const colours = () => page.evaluate(() => {
    const canvas = document.querySelector('canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Map<number, number>();
    for (let at = 0; at < data.length; at += 4) {
      const colour = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
      seen.set(colour, (seen.get(colour) ?? 0) + 1);
    }
    return [...seen.values()].filter((count) => count > 100).length;
  });
  await expect.poll(colours).toBeGreaterThanOrEqual(3);
  await context.close();
});
