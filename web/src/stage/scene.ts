/** A chart ready to be drawn: the columns of the server's answer with what drawing and walking through it need. */
import type { Chart } from '../api/types.ts';
import type { Rect } from './camera.ts';
import { Grid } from './grid.ts';

/** A line in world coordinates: x0, y0, x1, y1, … */
export type Polyline = readonly number[];

export interface UnionLines {
  /** The partners' line. */
  partners: Polyline[];
  /** Trunk and bar. */
  stem: Polyline[];
  /** From the bar to each child; `birth` false is drawn dashed. */
  children: { line: Polyline; birth: boolean }[];
}

/** A person's part of a fan: angles in radians clockwise from the top, radii from the fan's middle. */
export interface Sector {
  begin: number;
  end: number;
  inner: number;
  outer: number;
}

export interface Fan {
  x: number;
  y: number;
  /** By box. */
  sectors: readonly Sector[];
}

export interface Scene {
  readonly chart: Chart;
  readonly world: Rect;
  readonly boxes: readonly Rect[];
  readonly boxGrid: Grid;
  readonly unions: readonly UnionLines[];
  readonly unionGrid: Grid;
  /** Unions in which the box is a partner, and the one in which it is a child (-1: none). */
  readonly partnerIn: readonly (readonly number[])[];
  readonly childIn: Int32Array;
  /** First box of each person. */
  readonly boxOf: ReadonlyMap<string, number>;
  /** Null: the chart has boxes; else they are the rectangles round its sectors. */
  readonly fan: Fan | null;
}

export function children(chart: Chart, union: number): number[] {
  return chart.unions.child.slice(chart.unions.first[union], chart.unions.first[union + 1]);
}

/** Along a generation (`u`) and across generations (`v`): so one routine draws both directions. */
interface Frame {
  rect(rect: Rect): { u: number; v: number; du: number; dv: number };
  line(...uv: number[]): Polyline;
}

const frames: Record<Chart['direction'], Frame> = {
  down: {
    rect: ({ x, y, width, height }) => ({ u: x, v: y, du: width, dv: height }),
    line: (...uv) => uv,
  },
  right: {
    rect: ({ x, y, width, height }) => ({ u: y, v: x, du: height, dv: width }),
    line: (...uv) => uv.map((_, index) => uv[index ^ 1]!),
  },
};

type FrameRect = ReturnType<Frame['rect']>;

/** From the partner's box to the knot: straight from its side where the knot lies beside it, else round the corner. */
function partnerLine(frame: Frame, box: FrameRect, u: number, v: number): Polyline {
  const middle = box.u + box.du / 2;
  // A lone parent's children hang from the box itself.
  if (v === box.v + box.dv && u >= box.u && u <= box.u + box.du) return frame.line(u, v, u, v);
  if (v >= box.v && v <= box.v + box.dv) return frame.line(middle < u ? box.u + box.du : box.u, v, u, v);
  return frame.line(middle, v > box.v ? box.v + box.dv : box.v, middle, v, u, v);
}

function childLine(frame: Frame, box: FrameRect, bar: number): Polyline {
  const middle = box.u + box.du / 2;
  return frame.line(middle, bar, middle, bar <= box.v ? box.v : box.v + box.dv);
}

/** The lines that the server gives whole: by union, and by the box to which they lead (-1: they join the partners). */
type Routes = ReadonlyMap<number, ReadonlyMap<number, Polyline>>;

function routesOf({ routes }: Chart): Routes {
  const found = new Map<number, Map<number, Polyline>>();
  let at = 0;
  routes?.union.forEach((union, route) => {
    const end = at + routes.count[route]!;
    const line: number[] = [];
    for (; at < end; at++) line.push(routes.x[at]!, routes.y[at]!);
    if (!found.has(union)) found.set(union, new Map());
    found.get(union)!.set(routes.box[route]!, line);
  });
  return found;
}

function unionLines(chart: Chart, boxes: readonly Rect[], union: number, routed: ReadonlyMap<number, Polyline> | undefined): UnionLines {
  const frame = frames[chart.direction];
  const knotX = chart.unions.x[union]!;
  const knotY = chart.unions.y[union]!;
  const [u, v] = chart.direction === 'down' ? [knotX, knotY] : [knotY, knotX];
  const bar = chart.unions.bar[union]!;
  const first = chart.unions.first[union]!;
  const joined = routed?.get(-1);
  const partners = joined ? [joined] : [chart.unions.a[union]!, chart.unions.b[union]!]
    .filter((box) => box >= 0)
    .map((box) => partnerLine(frame, frame.rect(boxes[box]!), u, v));
  const below = children(chart, union);
  const drawn = below.map((box, index) => ({
    line: routed?.get(box) ?? childLine(frame, frame.rect(boxes[box]!), bar),
    birth: chart.unions.pedigree[first + index] === 'b',
  }));
  const ends = below.filter((box) => !routed?.has(box)).map((box) => {
    const rect = frame.rect(boxes[box]!);
    return rect.u + rect.du / 2;
  });
  if (ends.length === 0) return { partners, stem: [], children: drawn };
  const stem = [frame.line(u, v, u, bar), frame.line(Math.min(u, ...ends), bar, Math.max(u, ...ends), bar)];
  return { partners, stem, children: drawn };
}

function boundsOf(lines: UnionLines): Rect {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const line of [...lines.partners, ...lines.stem, ...lines.children.map((child) => child.line)]) {
    for (let at = 0; at < line.length; at += 2) {
      left = Math.min(left, line[at]!);
      right = Math.max(right, line[at]!);
      top = Math.min(top, line[at + 1]!);
      bottom = Math.max(bottom, line[at + 1]!);
    }
  }
  if (left > right) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Thousandths of a degree, as the server counts, in radians. */
const RADIANS = Math.PI / 180_000;

function fanOf({ fan }: Chart): Fan | null {
  if (!fan) return null;
  const sectors = fan.begin.map((begin, box) => ({
    begin: begin * RADIANS, end: fan.end[box]! * RADIANS, inner: fan.inner[box]!, outer: fan.outer[box]!,
  }));
  return { x: fan.x, y: fan.y, sectors };
}

export function onCircle({ x, y }: { x: number; y: number }, angle: number, radius: number): { x: number; y: number } {
  return { x: x + radius * Math.sin(angle), y: y - radius * Math.cos(angle) };
}

const QUARTER = Math.PI / 2;

/** The rectangle round a sector. */
function rectOf(fan: Fan, { begin, end, inner, outer }: Sector): Rect {
  const corners = [begin, end].flatMap((angle) => [onCircle(fan, angle, inner), onCircle(fan, angle, outer)]);
  // Where the outer arc is highest, lowest, leftmost or rightmost.
  for (let angle = Math.ceil(begin / QUARTER) * QUARTER; angle <= end; angle += QUARTER) corners.push(onCircle(fan, angle, outer));
  const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function isInSector(fan: Fan, { begin, end, inner, outer }: Sector, x: number, y: number): boolean {
  const radius = Math.hypot(x - fan.x, y - fan.y);
  const angle = Math.atan2(x - fan.x, fan.y - y);
  return radius >= inner && radius < outer && (inner === 0 || (angle >= begin && angle < end));
}

/** Where a box can be touched and gets its frame: in a fan a square in the middle of the sector, which lies wholly in it. */
export function touchRect({ boxes, fan }: Pick<Scene, 'boxes' | 'fan'>, box: number): Rect {
  const sector = fan?.sectors[box];
  if (!fan || !sector) return boxes[box]!;
  const { begin, end, inner, outer } = sector;
  const side = inner === 0 ? outer : Math.min(outer - inner, ((end - begin) * (inner + outer)) / 2) * 0.6;
  const middle = inner === 0 ? fan : onCircle(fan, (begin + end) / 2, (inner + outer) / 2);
  return { x: middle.x - side / 2, y: middle.y - side / 2, width: side, height: side };
}

export function sceneOf(chart: Chart): Scene {
  const world: Rect = { x: 0, y: 0, width: chart.width, height: chart.height };
  const fan = fanOf(chart);
  const boxes = chart.boxes.person.map((_, box) => (fan ? rectOf(fan, fan.sectors[box]!) : {
    x: chart.boxes.x[box]!, y: chart.boxes.y[box]!, ...chart.sizes[chart.boxes.size[box]!]!,
  }));
  // The sectors of a fan's unions touch: there is no line to draw.
  const routes = routesOf(chart);
  const unions = fan ? [] : chart.unions.a.map((_, union) => unionLines(chart, boxes, union, routes.get(union)));
  const partnerIn: number[][] = boxes.map(() => []);
  const childIn = new Int32Array(boxes.length).fill(-1);
  chart.unions.a.forEach((_, union) => {
    for (const partner of [chart.unions.a[union]!, chart.unions.b[union]!]) if (partner >= 0) partnerIn[partner]!.push(union);
    for (const child of children(chart, union)) childIn[child] = union;
  });
  const boxOf = new Map<string, number>();
  chart.boxes.person.forEach((person, box) => {
    if (!boxOf.has(person)) boxOf.set(person, box);
  });
  return {
    chart, world, boxes, unions, partnerIn, childIn, boxOf, fan,
    boxGrid: new Grid(boxes, world),
    unionGrid: new Grid(unions.map(boundsOf), world),
  };
}

/** The box under a point of the world; -1 where there is none. */
export function boxAt({ boxGrid, fan }: Scene, x: number, y: number): number {
  const near = boxGrid.find({ x, y, width: 0, height: 0 });
  return (fan ? near.find((box) => isInSector(fan, fan.sectors[box]!, x, y)) : near[0]) ?? -1;
}
