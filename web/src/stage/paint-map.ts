/** Outlines of the land with places on them. Mercator; a world unit is 1/1024 of the equator. */
import { type Camera, type Point, type Rect, type Size, toScreen, visible } from './camera.ts';
import { Grid } from './grid.ts';
import { TextFitter } from './paint-chart.ts';
import type { Painter } from './stage.ts';
import type { Theme } from './theme.ts';

export const WORLD_UNITS = 1024;
/** Beyond it Mercator leaves the square. */
const LATITUDE_MAX = 85.05;
/** Places nearer than this on the screen are one mark. */
const CLUSTER_PIXELS = 34;
const SLICE_PATHS = 60;
const SLICE_MOVES = 100;

export function project(longitude: number, latitude: number): Point {
  const bounded = Math.min(Math.max(latitude, -LATITUDE_MAX), LATITUDE_MAX) * (Math.PI / 180);
  return {
    x: ((longitude + 180) / 360) * WORLD_UNITS,
    y: (0.5 - Math.log(Math.tan(Math.PI / 4 + bounded / 2)) / (2 * Math.PI)) * WORLD_UNITS,
  };
}

/** Rings of longitude, latitude pairs. */
export type Rings = readonly (readonly (readonly [number, number])[])[];

export interface Outline {
  path: Path2D;
  bounds: Rect;
}

/** A ring without jumps: where it crosses the date line, its longitudes go on beyond 180. One round a pole is closed over it. */
export function unwrapped(ring: Rings[number]): [number, number][] {
  let turn = 0;
  const points = ring.map(([longitude, latitude], index): [number, number] => {
    const step = index === 0 ? 0 : longitude - ring[index - 1]![0];
    if (step > 180) turn -= 360;
    if (step < -180) turn += 360;
    return [longitude + turn, latitude];
  });
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || Math.abs(last[0] - first[0]) < 180) return points;
  const pole = last[1] < 0 ? -90 : 90;
  return [...points, [last[0], pole], [first[0], pole]];
}

function outlineOf(rings: Rings, shift: number, closed: boolean): Outline {
  const path = new Path2D();
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const ring of rings) {
    (closed ? unwrapped(ring) : ring).forEach(([longitude, latitude], index) => {
      const { x, y } = project(longitude + shift, latitude);
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      if (index === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    });
    if (closed) path.closePath();
  }
  return { path, bounds: { x: left, y: top, width: right - left, height: bottom - top } };
}

/** One path for each polygon, so that those outside the view cost nothing; a second one for what crosses the date line. */
export function outlinesOf(polygons: readonly Rings[], closed: boolean): Outline[] {
  return polygons.flatMap((rings) => {
    const one = outlineOf(rings, 0, closed);
    const { x, width } = one.bounds;
    if (x < 0) return [one, outlineOf(rings, 360, closed)];
    return x + width > WORLD_UNITS ? [one, outlineOf(rings, -360, closed)] : [one];
  });
}

export interface MapPoint extends Point {
  id: string;
  name: string;
  events: number;
}

export interface Cluster extends Point {
  /** Indices into the points; the one with the most events first. */
  points: number[];
  events: number;
}

/** Groups points by cells of the screen, so that the marks do not cover each other. Coordinates are of the world. */
export function clusters(points: readonly MapPoint[], scale: number): Cluster[] {
  const cell = CLUSTER_PIXELS / scale;
  const groups = Map.groupBy([...points.keys()], (index) => `${Math.floor(points[index]!.x / cell)} ${Math.floor(points[index]!.y / cell)}`);
  return [...groups.values()].map((group) => {
    const sorted = group.toSorted((a, b) => points[b]!.events - points[a]!.events);
    const events = group.reduce((sum, index) => sum + points[index]!.events, 0);
    const weighted = (axis: 'x' | 'y') => group.reduce((sum, index) => sum + points[index]![axis], 0) / group.length;
    return { points: sorted, events, x: weighted('x'), y: weighted('y') };
  });
}

/** How many lives went from one point to another: indices into the points. */
export interface MapMove {
  from: number;
  to: number;
  count: number;
}

export interface ClusterMove {
  from: Cluster;
  to: Cluster;
  count: number;
}

/** The moves between groups of points; those within one are not seen. */
export function clusterMoves(groups: readonly Cluster[], moves: readonly MapMove[]): ClusterMove[] {
  const groupOf = new Map(groups.flatMap((group) => group.points.map((point) => [point, group] as const)));
  const found = new Map<Cluster, Map<Cluster, ClusterMove>>();
  for (const { from, to, count } of moves) {
    const [a, b] = [groupOf.get(from)!, groupOf.get(to)!];
    if (a === b) continue;
    const row = found.get(a) ?? new Map<Cluster, ClusterMove>();
    found.set(a, row);
    const move = row.get(b);
    if (move) move.count += count;
    else row.set(b, { from: a, to: b, count });
  }
  return [...found.values()].flatMap((row) => Array.from(row.values()));
}

const ARROW = 7;
/** Who came and who went are two lines beside each other. */
const BESIDE = 2.5;

export interface Arrow {
  from: Point;
  to: Point;
  left: Point;
  right: Point;
}

/** From the edge of one circle to that of another, all on the screen; none where there is no room. */
export function arrowBetween(from: Point, fromRadius: number, to: Point, toRadius: number, width: number): Arrow | undefined {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length <= fromRadius + toRadius + ARROW) return undefined;
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const at = (point: Point, forward: number, aside: number): Point => ({
    x: point.x + along.x * forward - along.y * aside, y: point.y + along.y * forward + along.x * aside,
  });
  const half = (ARROW + width) / 2;
  return {
    from: at(from, fromRadius, BESIDE), to: at(to, -toRadius - 1, BESIDE),
    left: at(to, -toRadius - 1 - ARROW, BESIDE + half), right: at(to, -toRadius - 1 - ARROW, BESIDE - half),
  };
}

export function markRadius(events: number): number {
  return Math.min(5 + Math.sqrt(events) * 1.4, 18);
}

export interface MapLook {
  theme: Theme;
  /** Id of the chosen place. */
  chosen: string | null;
  /** Between the points. */
  moves?: readonly MapMove[] | undefined;
}

export interface MapLayers {
  land: Outline[];
  borders: Outline[];
}

export class MapPainter implements Painter {
  readonly world: Rect = { x: 0, y: 0, width: WORLD_UNITS, height: WORLD_UNITS };
  readonly #land: Grid;
  readonly #borders: Grid;
  readonly #layers: MapLayers;
  readonly #points: readonly MapPoint[];
  readonly #look: MapLook;
  readonly #text = new TextFitter();

  constructor(layers: MapLayers, points: readonly MapPoint[], look: MapLook) {
    this.#layers = layers;
    this.#land = new Grid(layers.land.map((outline) => outline.bounds), this.world);
    this.#borders = new Grid(layers.borders.map((outline) => outline.bounds), this.world);
    this.#points = points;
    this.#look = look;
  }

  *paint(context: CanvasRenderingContext2D, camera: Camera, view: Size): Generator<void, void, void> {
    const { colours } = this.#look.theme;
    const area = visible(camera, view);
    context.save();
    context.scale(camera.scale, camera.scale);
    context.translate(-camera.x, -camera.y);
    context.lineJoin = 'round';
    context.fillStyle = colours.land;
    context.strokeStyle = colours['line-strong'];
    context.lineWidth = 1 / camera.scale;
    yield* this.#paths(this.#layers.land, this.#land.find(area), (path) => {
      context.fill(path);
      context.stroke(path);
    });
    context.strokeStyle = colours.line;
    yield* this.#paths(this.#layers.borders, this.#borders.find(area), (path) => context.stroke(path));
    context.restore();
    yield* this.#marks(context, camera, view);
  }

  *#paths(outlines: Outline[], found: number[], draw: (path: Path2D) => void): Generator<void, void, void> {
    for (let at = 0; at < found.length; at++) {
      draw(outlines[found[at]!]!.path);
      if (at % SLICE_PATHS === SLICE_PATHS - 1) yield;
    }
  }

  /** Lines first, so that circles and words stand on them. */
  *#moves(context: CanvasRenderingContext2D, camera: Camera, groups: readonly Cluster[]): Generator<void, void, void> {
    context.strokeStyle = this.#look.theme.colours.warn;
    context.fillStyle = this.#look.theme.colours.warn;
    const moves = clusterMoves(groups, this.#look.moves ?? []);
    for (let at = 0; at < moves.length; at++) {
      const { from, to, count } = moves[at]!;
      const width = Math.min(1 + Math.sqrt(count) * 0.5, 5);
      const arrow = arrowBetween(toScreen(camera, from), markRadius(from.events), toScreen(camera, to), markRadius(to.events), width);
      if (!arrow) continue;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(arrow.from.x, arrow.from.y);
      context.lineTo((arrow.left.x + arrow.right.x) / 2, (arrow.left.y + arrow.right.y) / 2);
      context.stroke();
      context.beginPath();
      for (const { x, y } of [arrow.to, arrow.left, arrow.right]) context.lineTo(x, y);
      context.fill();
      if (at % SLICE_MOVES === SLICE_MOVES - 1) yield;
    }
  }

  *#marks(context: CanvasRenderingContext2D, camera: Camera, view: Size): Generator<void, void, void> {
    const { colours, font } = this.#look.theme;
    const taken: Rect[] = [];
    const groups = clusters(this.#points, camera.scale);
    yield* this.#moves(context, camera, groups);
    const shown = groups
      .map((cluster) => {
        const { x, y } = toScreen(camera, cluster);
        return { x, y, points: cluster.points, events: cluster.events };
      })
      .filter(({ x, y }) => x > -50 && y > -50 && x < view.width + 50 && y < view.height + 50)
      .toSorted((a, b) => b.events - a.events);
    for (const { x, y, events, points } of shown) {
      const radius = markRadius(events);
      const chosen = points.some((index) => this.#points[index]!.id === this.#look.chosen);
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fillStyle = chosen ? colours.warn : colours.accent;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = colours.card;
      context.stroke();
      taken.push({ x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius });
    }
    yield;
    context.font = `600 13px ${font}`;
    context.lineJoin = 'round';
    for (const { x, y, events, points } of shown) {
      const name = this.#points[points[0]!]!.name;
      const text = points.length > 1 ? `${name} +${points.length - 1}` : name;
      const width = this.#text.width(context, text);
      const label = { x: x + markRadius(events) + 4, y: y - 8, width, height: 16 };
      if (taken.some((other) => overlaps(other, label))) continue;
      taken.push(label);
      context.lineWidth = 4;
      context.strokeStyle = colours.land;
      context.strokeText(text, label.x, y + 4.5);
      context.fillStyle = colours.ink;
      context.fillText(text, label.x, y + 4.5);
    }
  }
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
