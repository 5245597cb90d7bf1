// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { familyChart, largeChart } from '../../tests/fixture/chart.ts';
import { fitted } from './camera.ts';
import { type ChartLook, ChartPainter, TextFitter } from './paint-chart.ts';
import { sceneOf } from './scene.ts';
import type { Theme } from './theme.ts';

const theme: Theme = {
  colours: new Proxy({}, { get: (_, name) => String(name) }) as Theme['colours'], hues: ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7', 'h8'], font: 'x',
};

function look(change: Partial<ChartLook> = {}): ChartLook {
  return {
    theme, colourBy: 'none', root: 0, chosen: -1, matches: new Set(), lifeOf: () => '1902–1971', hiddenName: 'Living person',
    marriage: (year) => `m. ${year}`, portraits: new Map(), ...change,
  };
}

/** Counts calls and keeps the texts; seven pixels a letter. */
function recorder() {
  const calls = new Map<string, number>();
  const texts: string[] = [];
  const target: Record<string, unknown> = {
    measureText: (text: string) => ({ width: text.length * 7 }),
    fillText: (text: string) => {
      texts.push(text);
    },
  };
  const context = new Proxy(target, {
    get: (object, name: string) => {
      if (name === 'font') return object['font'] ?? '';
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return object[name] ?? (() => {});
    },
    set: (object, name: string, value) => {
      object[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D;
  return { context, calls, texts };
}

function draw(painter: ChartPainter, scale: number, size = { width: 4000, height: 4000 }) {
  const { context, calls, texts } = recorder();
  let slices = 1;
  for (const _ of painter.paint(context, { x: -100, y: -100, scale }, size)) slices++;
  return { calls, texts, slices };
}

test('full detail says given name, surname, years with place, and the marriage', () => {
  const { texts } = draw(new ChartPainter(sceneOf(familyChart('hourglass', 0, 3, 3)), look()), 1);
  expect(texts).toEqual(expect.arrayContaining(['Rudo', 'Mutasa', '1902–1971 · Mutare', 'm. 1921']));
});

test('a hidden living person is only that', () => {
  const { texts } = draw(new ChartPainter(sceneOf(familyChart('hourglass', 0, 3, 3)), look()), 1);
  expect(texts).toContain('Living person');
});

test('less detail says less', () => {
  const painter = new ChartPainter(sceneOf(familyChart('hourglass', 0, 3, 3)), look());
  expect(draw(painter, 0.5).texts).not.toContain('1902–1971 · Mutare');
  expect(draw(painter, 0.2).texts).toContain('Mutasa');
  expect(draw(painter, 0.2).texts).not.toContain('Rudo');
  expect(draw(painter, 0.05).texts).toEqual([]);
});

test('only what is seen is drawn', () => {
  const painter = new ChartPainter(sceneOf(largeChart(10_000)), look());
  const { calls } = draw(painter, 1, { width: 1280, height: 800 });
  expect(calls.get('fill')).toBeLessThan(120);
});

test('an overview of 10,000 is painted in slices', () => {
  const scene = sceneOf(largeChart(10_000));
  const painter = new ChartPainter(scene, look());
  const { context, calls } = recorder();
  const size = { width: 1280, height: 800 };
  let slices = 1;
  for (const _ of painter.paint(context, fitted(scene.world, size, 32, { min: 0.0001, max: 3 }), size)) slices++;
  expect(calls.get('fillRect')).toBe(10_000);
  expect(slices).toBeGreaterThan(8);
});

test('texts are cut to their room and never grow', () => {
  const { context } = recorder();
  const fitter = new TextFitter();
  expect(fitter.fit(context, 'Mutasa', 100)).toBe('Mutasa');
  const cut = fitter.fit(context, 'Wolfeschlegelsteinhausenbergerdorff', 100);
  expect(cut.endsWith('…')).toBe(true);
  expect(cut.length * 7).toBeLessThanOrEqual(100);
});
