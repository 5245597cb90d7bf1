import { expect, test } from 'vitest';
import { familyChart } from '../../tests/fixture/chart.ts';
import { mirrored } from './mirror.ts';
import { sceneOf } from './scene.ts';

const kinds = ['hourglass', 'pedigree', 'descendants'] as const;

test.each(kinds)('%s: every box and line stands as far from the right as it stood from the left', (kind) => {
  const chart = familyChart(kind, 0, 3, 3);
  const [before, after] = [sceneOf(chart), sceneOf(mirrored(chart))];
  const turned = (x: number) => chart.width - x;
  before.boxes.forEach((box, at) => expect(after.boxes[at]).toEqual({ ...box, x: turned(box.x + box.width) }));
  const points = (line: readonly number[]) => line.map((value, index) => (index % 2 === 0 ? turned(value) : value));
  before.unions.forEach((union, at) => {
    union.partners.forEach((line, n) => expect(after.unions[at]!.partners[n]).toEqual(points(line)));
    union.children.forEach(({ line }, n) => expect(after.unions[at]!.children[n]!.line).toEqual(points(line)));
  });
});

test('twice is as it was', () => {
  for (const kind of kinds) expect(mirrored(mirrored(familyChart(kind, 0, 3, 3)))).toEqual(familyChart(kind, 0, 3, 3));
});

test('a fan is turned round its middle; a whole circle stays; a timeline keeps its scale', () => {
  const chart = familyChart('hourglass', 0, 1, 0);
  const fan = { x: 40, y: 50, begin: [0, 0, 90_000], end: [360_000, 90_000, 180_000], inner: [0, 1, 1], outer: [1, 2, 2] };
  const { fan: turned } = mirrored({ ...chart, fan });
  expect(turned).toEqual({ ...fan, x: chart.width - 40, begin: [0, 270_000, 180_000], end: [360_000, 360_000, 270_000] });
  const timeline = { ...chart, timeline: { from: [], to: [], open: '', ticks: [], years: [] } };
  expect(mirrored(timeline)).toBe(timeline);
});
