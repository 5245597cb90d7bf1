import { describe, expect, test } from 'vitest';
import { familyChart, largeChart } from '../../tests/fixture/chart.ts';
import { between, type Camera, centred, fitted, held, pan, type Rect, toScreen, toWorld, zoom } from './camera.ts';
import { Grid } from './grid.ts';
import { kinOf, step } from './kin.ts';
import { detailAt } from './paint-chart.ts';
import { clusters, project, unwrapped, WORLD_UNITS } from './paint-map.ts';
import { boxAt, children, sceneOf } from './scene.ts';

const view = { width: 800, height: 600 };
const limits = { min: 0.1, max: 4 };
const camera: Camera = { x: 100, y: 50, scale: 2 };

describe('camera', () => {
  test('screen and world are each other’s inverse', () => {
    const point = { x: 123, y: 456 };
    expect(toWorld(camera, toScreen(camera, point))).toEqual(point);
  });

  test('zoom keeps the point under the finger', () => {
    const at = { x: 200, y: 300 };
    for (const factor of [0.01, 0.5, 1.3, 100]) {
      const before = toWorld(camera, at);
      const after = toWorld(zoom(camera, factor, at, limits), at);
      expect(after.x).toBeCloseTo(before.x);
      expect(after.y).toBeCloseTo(before.y);
    }
  });

  test('zoom stays within its limits', () => {
    expect(zoom(camera, 1000, { x: 0, y: 0 }, limits).scale).toBe(limits.max);
    expect(zoom(camera, 0.0001, { x: 0, y: 0 }, limits).scale).toBe(limits.min);
  });

  test('pan moves the world with the finger', () => expect(pan(camera, 10, -20)).toEqual({ x: 95, y: 60, scale: 2 }));

  test('fit shows all of the world in the middle, not larger than life', () => {
    const world = { x: 0, y: 0, width: 4000, height: 1000 };
    const fit = fitted(world, view, 20, limits);
    expect(fit.scale).toBeCloseTo(760 / 4000);
    const middle = toScreen(fit, { x: 2000, y: 500 });
    expect(middle.x).toBeCloseTo(400);
    expect(middle.y).toBeCloseTo(300);
    expect(fitted({ x: 0, y: 0, width: 10, height: 10 }, view, 20, limits).scale).toBe(1);
  });

  test('held: nobody gets out of the world', () => {
    const world = { x: 0, y: 0, width: 1000, height: 1000 };
    const lost = held(centred({ x: 99_999, y: -5 }, 1, view), world, view);
    expect(toWorld(lost, { x: 400, y: 300 })).toEqual({ x: 1000, y: 0 });
  });

  test('between begins and ends where it should', () => {
    const to = centred({ x: 7, y: 9 }, 0.5, view);
    const ends = [between(camera, to, view, 0), between(camera, to, view, 1)];
    [camera, to].forEach((wanted, index) => {
      expect(ends[index]!.x).toBeCloseTo(wanted.x);
      expect(ends[index]!.y).toBeCloseTo(wanted.y);
      expect(ends[index]!.scale).toBeCloseTo(wanted.scale);
    });
  });
});

test('the grid finds exactly what a search through all would find', () => {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  const world = { x: 0, y: 0, width: 20_000, height: 9000 };
  const rects = Array.from({ length: 2000 }, (_, n): Rect => ({
    x: random(19_000), y: random(8500), width: n % 100 === 0 ? random(18_000) : random(300), height: random(400),
  }));
  const grid = new Grid(rects, world);
  for (let round = 0; round < 200; round++) {
    const area = { x: random(22_000) - 1000, y: random(10_000) - 500, width: random(4000), height: random(3000) };
    const expected = rects.flatMap((rect, index) =>
      rect.x <= area.x + area.width && area.x <= rect.x + rect.width && rect.y <= area.y + area.height && area.y <= rect.y + rect.height ? [index] : []);
    expect(grid.find(area).toSorted((a, b) => a - b)).toEqual(expected);
  }
});

describe('scene of the family', () => {
  const scene = sceneOf(familyChart('hourglass', 0, 3, 3));
  const box = (given: string) => scene.chart.boxes.given.indexOf(given);

  test('each line of a union begins at a partner and ends at a child', () => {
    scene.unions.forEach((lines, union) => {
      const drawn = children(scene.chart, union);
      expect(lines.children).toHaveLength(drawn.length);
      lines.children.forEach(({ line }, index) => {
        const rect = scene.boxes[drawn[index]!]!;
        expect(line.at(-2)).toBe(rect.x + rect.width / 2);
        expect(line.at(-1)).toBe(rect.y);
      });
    });
  });

  test('an adopted child hangs on a dashed line', () => {
    const lines = scene.unions[scene.childIn[box('Peter')]!]!.children;
    expect(lines.map(({ birth }) => birth)).toEqual([true, false]);
  });

  test('a point finds its box, and empty space none', () => {
    const rect = scene.boxes[box('Tom')]!;
    expect(boxAt(scene, rect.x + 1, rect.y + 1)).toBe(box('Tom'));
    expect(boxAt(scene, rect.x + 1, rect.y - 5)).toBe(-1);
  });

  test('arrows go along kinship', () => {
    expect(step(scene, box('Rudo'), 'ArrowUp')).toBe(box('Farai'));
    expect(step(scene, box('Rudo'), 'ArrowDown')).toBe(box('Anna Tendai'));
    expect(step(scene, box('Rudo'), 'ArrowRight')).toBe(box('Tom'));
    expect(step(scene, box('Tom'), 'ArrowLeft')).toBe(box('Rudo'));
    expect(step(scene, box('Anna Tendai'), 'ArrowRight')).toBe(box('Joseph'));
    expect(step(scene, box('Grace'), 'ArrowDown')).toBe(-1);
    expect(step(scene, box('Chief Mutasa'), 'ArrowUp')).toBe(-1);
  });

  test('kin of a box', () => {
    const kin = kinOf(scene, box('Rudo'));
    expect(kin.children.map((child) => scene.chart.boxes.given[child])).toEqual(['Anna Tendai', 'Peter']);
    expect(kin.partners).toEqual([box('Tom')]);
  });
});

const swap = (line: readonly number[]) => line.map((_, at) => line[at ^ 1]!);

test('a chart to the right draws the same lines with the axes exchanged', () => {
  const down = familyChart('hourglass', 0, 3, 3);
  const turned = sceneOf({
    ...down, direction: 'right', width: down.height, height: down.width,
    sizes: down.sizes.map(({ width, height }) => ({ width: height, height: width })),
    boxes: { ...down.boxes, x: down.boxes.y, y: down.boxes.x },
    unions: { ...down.unions, x: down.unions.y, y: down.unions.x },
  });
  sceneOf(down).unions.forEach((lines, union) => {
    expect(turned.unions[union]!.stem).toEqual(lines.stem.map(swap));
    expect(turned.unions[union]!.partners).toEqual(lines.partners.map(swap));
  });
});

test('ten thousand boxes become a scene, and a look at a part of it finds only that part', () => {
  const scene = sceneOf(largeChart(10_000));
  expect(scene.boxes).toHaveLength(10_000);
  const { width, height } = scene.world;
  expect(scene.boxGrid.find(scene.world)).toHaveLength(10_000);
  const found = scene.boxGrid.find({ x: 0, y: 0, width: width / 10, height: height / 10 });
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(1000);
});

test('levels of detail begin at their scales', () => {
  expect([0.119, 0.12, 0.349, 0.35, 0.799, 0.8].map(detailAt)).toEqual(['block', 'surname', 'surname', 'name', 'name', 'full']);
});

describe('map', () => {
  test('the corners of the world', () => {
    expect(project(-180, 0)).toEqual({ x: 0, y: WORLD_UNITS / 2 });
    expect(project(180, 0).x).toBe(WORLD_UNITS);
    expect(project(0, 90).y).toBeCloseTo(0, 0);
    expect(project(0, -90).y).toBeCloseTo(WORLD_UNITS, 0);
  });

  test('a ring over the date line goes on beyond 180', () => {
    const ring = [[179, 10], [-179, 10], [-179, 12], [179, 12], [179, 10]] as const;
    expect(unwrapped(ring).map(([longitude]) => longitude)).toEqual([179, 181, 181, 179, 179]);
  });

  test('a ring round the pole is closed over it', () => {
    const ring = [[-170, -70], [-60, -72], [60, -71], [170, -70], [-170, -70]] as const;
    expect(unwrapped(ring).slice(-2)).toEqual([[190, -90], [-170, -90]]);
  });

  test('places closer than a mark are one, nearer they come apart', () => {
    const points = [{ x: 10, y: 10, id: 'a', name: 'A', events: 1 }, { x: 10.4, y: 10.2, id: 'b', name: 'B', events: 5 }];
    expect(clusters(points, 1)).toMatchObject([{ events: 6, points: [1, 0] }]);
    expect(clusters(points, 200)).toHaveLength(2);
  });
});

test('in a timeline, which draws no unions, arrows go along kinship too', () => {
  const chart = familyChart('hourglass', 0, 3, 3);
  const none = { ...chart.unions, a: [], b: [], x: [], y: [], bar: [], year: [], ended: '', first: [0], child: [], pedigree: '' };
  const bare = sceneOf({ ...chart, kind: 'timeline', unions: none });
  const whole = sceneOf(chart);
  for (const kin of ['parents', 'children'] as const) {
    expect(kinOf(bare, 0)[kin].toSorted((a, b) => a - b)).toEqual(kinOf(whole, 0)[kin].toSorted((a, b) => a - b));
  }
  const up = step(bare, 0, 'ArrowUp');
  expect(chart.boxes.step[up]).toBe('p');
  expect(step(bare, up, 'ArrowDown')).toBe(0);
});
