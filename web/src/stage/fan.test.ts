// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { familyFan } from '../../tests/fixture/chart.ts';
import { step } from './kin.ts';
import type { ChartLook } from './paint-chart.ts';
import { FanPainter } from './paint-fan.ts';
import { boxAt, isInSector, onCircle, sceneOf, touchRect } from './scene.ts';
import type { Theme } from './theme.ts';

const scene = sceneOf(familyFan(0, 3));
const fan = scene.fan!;
const theme: Theme = {
  colours: new Proxy({}, { get: (_, name) => String(name) }) as Theme['colours'], hues: ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8'], font: 'x',
};

function look(change: Partial<ChartLook> = {}): ChartLook {
  return {
    theme, colourBy: 'none', root: 0, chosen: -1, matches: new Set(), lifeOf: () => '1902–1971', hiddenName: 'Living person',
    marriage: (year) => `m. ${year}`, portraits: new Map(), ...change,
  };
}

/** Letters in the order in which they are drawn, with how far each is turned. Seven pixels a letter. */
function drawn(painter: FanPainter, scale: number) {
  const pieces: { text: string; turn: number }[] = [];
  let turn = 0;
  const context = new Proxy({
    measureText: (text: string) => ({ width: text.length * 7 }),
    rotate: (angle: number) => (turn = angle),
    fillText: (text: string) => pieces.push({ text, turn }),
  } as Record<string, unknown>, { get: (object, name: string) => object[name] ?? (() => {}), set: () => true }) as unknown as CanvasRenderingContext2D;
  for (const _ of painter.paint(context, { x: 0, y: 0, scale }, { width: 4000, height: 4000 }));
  return pieces;
}
const words = (painter: FanPainter, scale: number) => drawn(painter, scale).map(({ text }) => text).join('');

test('a point belongs to the sector it lies in, and to none between the fan and its frame', () => {
  expect(boxAt(scene, fan.x, fan.y)).toBe(0);
  fan.sectors.forEach(({ begin, end, inner, outer }, box) => {
    if (box === 0) return;
    for (const part of [0.05, 0.5, 0.95]) {
      const { x, y } = onCircle(fan, begin + (end - begin) * part, inner + (outer - inner) * part);
      expect(boxAt(scene, x, y)).toBe(box);
    }
  });
  expect(boxAt(scene, fan.x, fan.y + fan.sectors[1]!.outer)).toBe(-1);
});

test('what can be touched lies in its sector', () => {
  fan.sectors.forEach((sector, box) => {
    const { x, y, width, height } = touchRect(scene, box);
    for (const [u, v] of [[0, 0], [0, 1], [1, 0], [1, 1]] as const) expect(isInSector(fan, sector, x + u * width, y + v * height), `${box}`).toBe(true);
    const frame = scene.boxes[box]!;
    expect(x >= frame.x && y >= frame.y && x + width <= frame.x + frame.width && y + height <= frame.y + frame.height).toBe(true);
  });
});

test('arrows go to a parent, back to the child, and to the other parent', () => {
  const father = step(scene, 0, 'ArrowUp');
  expect(scene.chart.boxes.step[father]).toBe('p');
  expect(step(scene, father, 'ArrowDown')).toBe(0);
  const mother = step(scene, father, 'ArrowRight');
  expect(scene.chart.boxes.generation[mother]).toBe(1);
  expect(step(scene, mother, 'ArrowLeft')).toBe(father);
});

test('names follow the arc letter by letter and never stand on their heads', () => {
  const pieces = drawn(new FanPainter(scene, fan, look()), 1);
  expect(pieces.filter(({ text }) => text.length === 1).length).toBeGreaterThan(20);
  for (const { text, turn } of pieces) expect(Math.cos(turn), text).toBeGreaterThan(-0.35);
});

test('more is said the nearer one comes', () => {
  const painter = new FanPainter(scene, fan, look());
  expect(words(painter, 0.05)).toBe('');
  expect(words(painter, 0.2)).not.toContain('1902');
  expect(words(painter, 0.5)).toContain('1902–1971');
  expect(words(painter, 0.5)).not.toContain('m. ');
  expect(words(painter, 1)).toContain('m. ');
});

test('joined scripts stay whole', () => {
  const chart = familyFan(0, 1);
  chart.boxes.given[1] = 'محمد';
  const hebrew = sceneOf(chart);
  expect(drawn(new FanPainter(hebrew, hebrew.fan!, look()), 0.5).some(({ text }) => text.includes('محمد'))).toBe(true);
});
