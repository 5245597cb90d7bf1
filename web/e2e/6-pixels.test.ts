/**
 * What is on the canvas, judged by structure: at places known from the links over it and from the server's layout, the exact colours of the
 * tokens. Letters and edges, which a font or a driver may soften otherwise, are only counted.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { archive, go, openWindow, url } from './browser.ts';

interface Layout {
  direction: 'down' | 'right';
  boxes: { x: number[]; y: number[]; generation: number[] };
  unions: { x: number[]; y: number[]; bar: number[]; first: number[] };
}

type Colour = [red: number, green: number, blue: number];

interface Seen {
  width: number;
  height: number;
  pixels: Uint8Array;
  /** As the canvas paints them. */
  tokens: Record<string, Colour>;
  /** Where the links lie, in pixels of the canvas. */
  links: { box: number; x: number; y: number; width: number; height: number }[];
}

const TOKENS = [
  'plaster', 'card', 'accent-soft', 'accent', 'line-strong', 'ink', 'sea', 'land', ...Array.from({ length: 8 }, (_, n) => `hue-${n + 1}`),
];

async function look(page: Page): Promise<Seen> {
  const { pixels, ...rest } = await page.evaluate((names) => {
    const canvas = document.querySelector('canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    const probe = document.createElement('canvas').getContext('2d', { alpha: false })!;
    const style = document.createElement('span');
    style.style.setProperty('transition', 'none', 'important');
    document.body.append(style);
    const tokens = Object.fromEntries(names.map((name) => {
      style.style.color = `var(--color-${name})`;
      probe.fillStyle = getComputedStyle(style).color;
      probe.fillRect(0, 0, 1, 1);
      return [name, Array.from(probe.getImageData(0, 0, 1, 1).data.subarray(0, 3)) as [number, number, number]];
    }));
    style.remove();
    const at = canvas.getBoundingClientRect();
    const links = [...document.querySelectorAll<HTMLElement>('[data-box]')].map((link) => {
      const { x, y, width, height } = link.getBoundingClientRect();
      return { box: Number(link.dataset['box']), x: x - at.x, y: y - at.y, width, height };
    });
    let text = '';
    for (let from = 0; from < data.length; from += 8192) text += String.fromCharCode(...data.subarray(from, from + 8192));
    return { width: canvas.width, height: canvas.height, pixels: btoa(text), tokens, links };
  }, TOKENS);
  return { ...rest, pixels: new Uint8Array(Buffer.from(pixels, 'base64')) };
}

function pixel({ pixels, width }: Seen, x: number, y: number): Colour {
  const at = (Math.round(y) * width + Math.round(x)) * 4;
  return [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
}

const same = (one: Colour, other: Colour) => one.every((value, index) => value === other[index]);

/** Share of the canvas that has exactly this colour. */
function share(seen: Seen, token: string): number {
  const colour = seen.tokens[token]!;
  let count = 0;
  for (let at = 0; at < seen.pixels.length; at += 4) {
    if (seen.pixels[at] === colour[0] && seen.pixels[at + 1] === colour[1] && seen.pixels[at + 2] === colour[2]) count += 1;
  }
  return count / (seen.pixels.length / 4);
}

/** Boxes that lie in the view with room to spare. */
const whole = (seen: Seen) => seen.links.filter(({ x, y, width, height }) =>
  x > 12 && y > 12 && x + width < seen.width - 12 && y + height < seen.height - 12);

function expectBoxes(seen: Seen) {
  const boxes = whole(seen);
  expect(boxes.length).toBeGreaterThan(2);
  for (const { box, x, y, width, height } of boxes) {
    // Inside, beside the words: the card's colour, or that of the chosen one.
    const inside = pixel(seen, x + width / 2, y + 5);
    expect(['card', 'accent-soft'].some((token) => same(inside, seen.tokens[token]!)), `box ${box}: ${inside}`).toBe(true);
    // Words: many pixels that are not the card's.
    let words = 0;
    for (let row = Math.ceil(y + 5); row < y + height - 5; row++) {
      for (let column = Math.ceil(x + 10); column < x + width - 10; column++) if (!same(pixel(seen, column, row), inside)) words += 1;
    }
    expect(words, `words in box ${box}`).toBeGreaterThan(40);
    // Its edge, at a height where no line leaves it.
    const edge = [-1, 0, 1].map((dx) => pixel(seen, x + dx, y + height * 0.25));
    expect(edge.some((colour) => !same(colour, inside) && !same(colour, seen.tokens['plaster']!)), `edge of box ${box}`).toBe(true);
  }
}

/** The trunk from partners to children stands where the layout has it. */
function expectTrunks(seen: Seen, layout: Layout) {
  expect(layout.direction).toBe('down');
  const [one, other] = [whole(seen).at(0)!, whole(seen).at(-1)!];
  const scale = scaleOf(one, other, layout);
  const x0 = one.x - layout.boxes.x[one.box]! * scale;
  const y0 = one.y - layout.boxes.y[one.box]! * scale;
  let looked = 0;
  layout.unions.x.forEach((knot, union) => {
    if (layout.unions.first[union] === layout.unions.first[union + 1]) return;
    const x = x0 + knot * scale;
    // Just before the bar: above it is the year of the marriage, and maybe a box.
    const y = y0 + layout.unions.bar[union]! * scale - 4;
    if (x < 4 || y < 4 || x > seen.width - 4 || y > seen.height - 4) return;
    looked += 1;
    const across = [-2, -1, 0, 1, 2].map((dx) => pixel(seen, x + dx, y));
    expect(across.some((colour) => !same(colour, seen.tokens['plaster']!)), `trunk of union ${union}`).toBe(true);
  });
  expect(looked).toBeGreaterThan(0);
}

/** Pixels for a unit of the layout, from the distance of two boxes. */
function scaleOf(one: Seen['links'][number], other: Seen['links'][number], { boxes }: Layout): number {
  const drawn = Math.hypot(one.x - other.x, one.y - other.y);
  return drawn / Math.hypot(boxes.x[one.box]! - boxes.x[other.box]!, boxes.y[one.box]! - boxes.y[other.box]!);
}

async function layoutOf(tree: string, person: string): Promise<Layout> {
  return (await (await fetch(`${url}/api/v1/trees/${tree}/charts/hourglass?root=${person}&up=2&down=2`)).json()) as Layout;
}

describe.each([
  ['light', 'reduce'], ['light', 'no-preference'], ['dark', 'reduce'], ['dark', 'no-preference'],
] as const)('%s, movement: %s', (theme, motion) => {
  test('the chart is painted where its links are, in the colours of the theme', async () => {
    const { tree, person } = await archive();
    const { page, context, faults } = await openWindow({ theme, motion });
    await go(page, `/t/${tree}/charts/hourglass/${person}?up=2&down=2`);
    await page.locator('[data-box]').first().waitFor();
    // The first picture is there when its background is: a blank canvas is black.
    await expect.poll(async () => share(await look(page), 'plaster')).toBeGreaterThan(0.2);
    const seen = await look(page);
    expectBoxes(seen);
    expectTrunks(seen, await layoutOf(tree, person));
    expect(faults).toEqual([]);
    await context.close();
  });

  test('the map has land and sea', async () => {
    const { tree } = await archive();
    const { page, context } = await openWindow({ theme, motion });
    await go(page, `/t/${tree}/map`);
    await page.locator('canvas').waitFor();
    await expect.poll(async () => share(await look(page), 'land')).toBeGreaterThan(0.05);
    const seen = await look(page);
    expect(share(seen, 'land') + share(seen, 'sea')).toBeGreaterThan(0.7);
    await context.close();
  });
});

test('a change of the theme repaints, a choice of colours paints the boxes\' edges', async () => {
  const { tree, person } = await archive();
  const { page, context } = await openWindow({ theme: 'light' });
  await go(page, `/t/${tree}/charts/hourglass/${person}?up=2&down=2&colour=generation`);
  await page.locator('[data-box]').first().waitFor();
  await expect.poll(async () => share(await look(page), 'plaster')).toBeGreaterThan(0.2);
  const light = await look(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(async () => share(await look(page), 'plaster')).toBeGreaterThan(0.2);
  const dark = await look(page);
  expect(same(light.tokens['plaster']!, dark.tokens['plaster']!)).toBe(false);
  expectBoxes(dark);
  const { boxes } = await layoutOf(tree, person);
  for (const seen of [light, dark]) {
    for (const { box, x, y, height } of whole(seen)) {
      const hue = `hue-${(((boxes.generation[box]! % 8) + 8) % 8) + 1}`;
      expect(pixel(seen, x + 3, y + height / 2), `box ${box}`).toEqual(seen.tokens[hue]);
    }
  }
  await context.close();
});
