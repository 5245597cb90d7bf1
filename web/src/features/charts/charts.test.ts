import { createInstance } from 'i18next';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { familyChart } from '../../../tests/fixture/chart.ts';
import charts from '../../locales/en/charts.json';
import common from '../../locales/en/common.json';
import { sceneOf } from '../../stage/scene.ts';
import { boxLabel, boxLife, boxName, stepName } from './describe.ts';
import { mapView, wayOf, yearsOf } from './map.ts';
import { chartSearch } from './model.ts';
import { keyMove, outlineOf, visibleRows } from './outline.ts';
import { generationsOf } from './view.ts';

const i18n = createInstance();
beforeAll(() => i18n.init({ lng: 'en', ns: ['charts', 'common'], defaultNS: 'charts', resources: { en: { charts, common } }, interpolation: { escapeValue: false } }));
const t = ((key: string, values?: object) => i18n.t(key as never, values as never)) as unknown as Parameters<typeof boxName>[2];

const chart = familyChart('hourglass', 0, 3, 3);
const box = (given: string) => chart.boxes.given.indexOf(given);

describe('words for a box', () => {
  test('name, years and children', () =>
    expect(boxLabel(sceneOf(chart), box('Rudo'), 'en', t)).toBe('Rudo Mutasa, c. 1902–1971, mother of Anna Tendai and Peter'));
  test('a hidden person has neither name nor years', () => {
    const hidden = chart.boxes.living.indexOf('h');
    expect(boxName(chart, hidden, t)).toBe('Living person');
    expect(boxLife(chart, hidden, 'en', t)).toBe('');
  });
  test('how one is reached', () => {
    expect(['Rudo', 'Farai', 'Sekai', 'Tom', 'Anna Tendai', 'Peter', 'Nyasha'].map((given) => stepName(chart, box(given), t)))
      .toEqual(['starting person', 'father', 'mother', 'partner', 'daughter', 'son', 'child']);
  });
  test('years before our era', () => {
    const old = { ...chart, boxes: { ...chart.boxes, birth: [-44], death: [-1], about: '0', living: '0' } };
    expect(boxLife(old, 0, 'en', t)).toBe('44 BC–1 BC');
  });
});

describe('outline', () => {
  const roots = outlineOf(chart);

  test('holds every box once, under the box it is reached from', () => {
    const rows = visibleRows(roots, new Set());
    expect(rows.map((row) => row.box).toSorted((a, b) => a - b)).toEqual(chart.boxes.person.map((_, index) => index));
    for (const row of rows) for (const child of row.children) expect(chart.boxes.from[child.box]).toBe(row.box);
  });

  test('says level, position and number of siblings', () => {
    const [root] = roots;
    expect(root).toMatchObject({ level: 1, position: 1, siblings: 1 });
    expect(root!.children.map(({ position, siblings, level }) => [position, siblings, level]))
      .toEqual(root!.children.map((_, index) => [index + 1, root!.children.length, 2]));
  });

  test('closed nodes hide what is under them', () => expect(visibleRows(roots, new Set([0]))).toHaveLength(1));

  test('keys of a tree grid', () => {
    const rows = visibleRows(roots, new Set());
    const none = new Set<number>();
    expect(keyMove(rows, 0, 'ArrowDown', none)).toEqual({ row: 1, toggle: null });
    expect(keyMove(rows, 0, 'ArrowUp', none)).toEqual({ row: 0, toggle: null });
    expect(keyMove(rows, 0, 'End', none)).toEqual({ row: rows.length - 1, toggle: null });
    expect(keyMove(rows, rows.length - 1, 'ArrowDown', none)).toEqual({ row: rows.length - 1, toggle: null });
    expect(keyMove(rows, 0, 'ArrowLeft', none)).toEqual({ row: 0, toggle: 0 });
    expect(keyMove(visibleRows(roots, new Set([0])), 0, 'ArrowRight', new Set([0]))).toEqual({ row: 0, toggle: 0 });
    expect(keyMove(rows, 0, 'ArrowRight', none)).toEqual({ row: 1, toggle: null });
    const leaf = rows.findIndex((row) => row.children.length === 0);
    expect(keyMove(rows, leaf, 'ArrowRight', none)).toBeNull();
    expect(rows[keyMove(rows, leaf, 'ArrowLeft', none)!.row]!.level).toBe(rows[leaf]!.level - 1);
    expect(keyMove(rows, 0, 'x', none)).toBeNull();
  });

  test('a line of 10,000 ancestors does not exhaust the stack', () => {
    const deep = { ...chart, boxes: { ...chart.boxes, from: Array.from({ length: 10_000 }, (_, index) => index - 1) } };
    expect(visibleRows(outlineOf(deep), new Set())).toHaveLength(10_000);
  });
});

test('the address holds the view; nonsense in it is left out', () => {
  expect(v.parse(chartSearch, { up: 5, down: 0, view: 'outline', colour: 'surname' })).toEqual({ up: 5, down: 0, view: 'outline', colour: 'surname' });
  expect(v.parse(chartSearch, { up: 101, down: -1, view: '<b>', colour: 7, until: 'soon' })).toEqual({ until: undefined, up: undefined, down: undefined, view: undefined, colour: undefined });
  expect(generationsOf('pedigree', { up: 9, down: 9 }, 1280)).toEqual({ up: 9, down: 0 });
  expect(generationsOf('hourglass', {}, 360)).toEqual({ up: 2, down: 2 });
});

const boxes = (guests: { box: number }[][]) => guests.map((row) => row.map((guest) => guest.box));

describe('map', () => {
  const columns = {
    places: { id: ['p0', 'p1', 'p2'], name: ['Umtali', 'Leeds', 'Bulawayo'], latitude: [-18.97, 53.8, -20.15], longitude: [32.65, -1.55, 28.58] },
    box: [0, 0, 0, 2, 2], place: [0, 1, 0, 2, 1], year: [1902, 1931, 1950, 0, 1925],
  };
  test('everything: who was where, and who went from where to where', () => {
    const view = mapView(columns, undefined);
    expect(view.points.map(({ id, events }) => [id, events])).toEqual([['p0', 2], ['p1', 2], ['p2', 1]]);
    expect(boxes(view.guests)).toEqual([[0], [0, 2], [2]]);
    expect(view.guests[0]![0]!.years).toEqual([1902, 1950]);
    expect(view.moves).toEqual([{ from: 0, to: 1, count: 1 }, { from: 1, to: 0, count: 1 }, { from: 2, to: 1, count: 1 }]);
  });
  test('up to a year: nothing later, and nothing of which no year is known', () => {
    const view = mapView(columns, 1925);
    expect(view.points.map(({ id }) => id)).toEqual(['p0', 'p1']);
    expect(boxes(view.guests)).toEqual([[0], [2]]);
    expect(view.moves).toEqual([]);
    expect(mapView(columns, 1931).moves).toEqual([{ from: 0, to: 1, count: 1 }]);
    expect(mapView(columns, 1800)).toEqual({ points: [], moves: [], guests: [] });
  });
  test('years and ways in words', () => {
    expect(yearsOf(columns)).toEqual({ first: 1902, last: 1950 });
    expect(yearsOf({ ...columns, year: [0, 0, 0, 0, 0] })).toBeUndefined();
    expect(wayOf(columns, 0, String)).toBe('Umtali 1902 → Leeds 1931 → Umtali 1950');
    expect(wayOf(columns, 2, String)).toBe('Bulawayo → Leeds 1925');
    expect(wayOf(columns, 1, String)).toBe('');
  });
});
