import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SRC, sourceFiles } from './source.ts';

type Theme = 'light' | 'dark';
type Oklch = [lightness: number, chroma: number, hue: number];

const css = readFileSync(join(SRC, 'ui/tokens.css'), 'utf8');
const tokens = new Map<string, Record<Theme, Oklch>>();
for (const [, name, light, dark] of css.matchAll(/--color-([\w-]+): light-dark\(oklch\(([^)/]+?)\), oklch\(([^)/]+?)\)\)/g)) {
  const numbers = (text: string) => text.trim().split(/\s+/).map(Number) as Oklch;
  tokens.set(name!, { light: numbers(light!), dark: numbers(dark!) });
}

/** Oklch → linear sRGB (B. Ottosson 2020), cut to what a screen shows. */
function linear([lightness, chroma, hue]: Oklch): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((value) => Math.min(Math.max(value, 0), 1));
}

function luminance(colour: Oklch): number {
  const [red, green, blue] = linear(colour) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2 contrast ratio. */
function contrast(one: Oklch, other: Oklch): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

test('the formula agrees with known ratios', () => {
  expect(contrast([1, 0, 0], [0, 0, 0])).toBeCloseTo(21, 5);
  // #767676, the classic grey of 4.54 on white, is oklch(0.5658 0 0).
  expect(contrast([0.5658, 0, 0], [1, 0, 0])).toBeCloseTo(4.54, 1);
});

const PAGES = ['plaster', 'card', 'sunken'];
const TEXT_7 = ['ink', 'ink-2'];
const TEXT = ['accent', 'link', 'danger', 'warn', 'ok'];
const PARTS = ['line-strong', 'focus'];

const pairs = (fronts: string[], backs: string[]) => fronts.flatMap((front) => backs.map((back) => [front, back] as const));

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const ratio = (front: string, back: string) => contrast(tokens.get(front)![theme], tokens.get(back)![theme]);

  test.each(pairs(TEXT_7, PAGES))('%s on %s is at least 7', (front, back) => expect(ratio(front, back)).toBeGreaterThanOrEqual(6.95));
  test.each(pairs(TEXT, PAGES))('%s on %s is at least 4.5', (front, back) => expect(ratio(front, back)).toBeGreaterThanOrEqual(4.5));
  test.each(pairs(PARTS, PAGES))('%s on %s is at least 3', (front, back) => expect(ratio(front, back)).toBeGreaterThanOrEqual(3));
  test.each([
    ['on-accent', 'accent'], ['ink', 'accent-soft'], ['ink-2', 'accent-soft'], ['accent', 'accent-soft'], ['link', 'accent-soft'],
    ['ink', 'mark'], ['ink', 'land'], ['ink', 'sea'],
  ])('%s on %s is at least 4.5', (front, back) => expect(ratio(front, back)).toBeGreaterThanOrEqual(4.5));
  test.each(Array.from({ length: 8 }, (_, n) => `hue-${n + 1}`))('%s on card is at least 3', (hue) =>
    expect(ratio(hue, 'card')).toBeGreaterThanOrEqual(3));
});

test('components name tokens, never raw colours', () => {
  const raw = /#[0-9a-f]{3,8}\b(?!-)|\b(?:rgb|rgba|hsl|hsla|oklch|oklab)\(|\b(?:bg|text|border|fill|stroke)-(?:red|blue|green|gray|slate|zinc|white|black)\b/i;
  const found = sourceFiles()
    .filter(({ path }) => /^(?:app|features|ui|stage)\//.test(path))
    .flatMap(({ path, text }) => text.split('\n').map((line) => `${path}: ${line.trim()}`).filter((line) => raw.test(line.replace(/#\w+[;({ =]/g, ''))));
  expect(found).toEqual([]);
});
