// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';
import { familyChart, largeChart } from '../../tests/fixture/chart.ts';
import { fitted } from './camera.ts';
import { type ChartLook, ChartPainter, TextFitter } from './paint-chart.ts';
import { arrowBetween, clusterMoves, clusters } from './paint-map.ts';
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

test('the year of a marriage keeps away from the plus of a lone parent', () => {
  const chart = familyChart('descendants', 0, 0, 1);
  const union = chart.unions.year.indexOf(1921);
  const parent = chart.unions.a[union]!;
  const [x, y] = [chart.boxes.x[parent]!, chart.boxes.y[parent]!];
  const { width, height } = chart.sizes[0]!;
  // As on a path: the other partner is not drawn, and the line begins under the box.
  const b = chart.unions.b.with(union, -1);
  const alone = {
    ...chart, boxes: { ...chart.boxes, hiddenDown: chart.boxes.hiddenDown.with(parent, 1) },
    unions: { ...chart.unions, b, x: chart.unions.x.with(union, x + width / 2), y: chart.unions.y.with(union, y + height) },
  };
  const placeOf = (drawn: typeof chart) => {
    const { context } = recorder();
    let at = Number.NaN;
    const target = context as unknown as { fillText(text: string, x: number): void };
    target.fillText = (text, left) => {
      if (text === 'm. 1921') at = left;
    };
    for (const _ of new ChartPainter(sceneOf(drawn), look()).paint(context, { x: -100, y: -100, scale: 1 }, { width: 4000, height: 4000 })) void _;
    return at;
  };
  const half = ('m. 1921'.length * 7) / 2;
  expect(placeOf(alone) - half).toBeGreaterThan(x + width / 2 + 7);
  expect(placeOf({ ...alone, boxes: chart.boxes })).toBe(x + width / 2);
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

const point = (x: number, y: number, events = 1) => ({ id: `${x}`, name: `${x}`, events, x, y });

describe('moves on a map', () => {
  const points = [point(10, 10, 5), point(10.5, 10.5), point(100, 10, 2)];
  const moves = [{ from: 0, to: 2, count: 2 }, { from: 1, to: 2, count: 1 }, { from: 0, to: 1, count: 7 }, { from: 2, to: 0, count: 1 }];

  test('far away points are one, and so are the ways from them; ways within are not seen', () => {
    const found = clusterMoves(clusters(points, 1), moves);
    expect(found.map(({ from, to, count }) => [from.events, to.events, count])).toEqual([[6, 2, 3], [2, 6, 1]]);
  });
  test('nearby each way is its own', () => expect(clusterMoves(clusters(points, 200), moves)).toHaveLength(4));
  test('an arrow begins and ends outside of the circles, and who comes back goes beside it', () => {
    const there = arrowBetween({ x: 0, y: 0 }, 10, { x: 100, y: 0 }, 20, 2)!;
    const back = arrowBetween({ x: 100, y: 0 }, 20, { x: 0, y: 0 }, 10, 2)!;
    expect(there.from.x).toBe(10);
    expect(there.to.x).toBe(79);
    expect(Math.sign(there.to.y)).toBe(-Math.sign(back.to.y));
    expect(there.left.x).toBeLessThan(there.to.x);
    expect(arrowBetween({ x: 0, y: 0 }, 10, { x: 30, y: 0 }, 20, 2)).toBeUndefined();
  });
});
