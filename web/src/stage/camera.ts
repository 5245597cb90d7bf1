/** World to screen: `screen = (world - (x, y)) * scale`, in CSS pixels, y downwards. */

export interface Camera {
  /** World point at the left upper corner of the view. */
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);

export function toScreen(camera: Camera, point: Point): Point {
  return { x: (point.x - camera.x) * camera.scale, y: (point.y - camera.y) * camera.scale };
}

export function toWorld(camera: Camera, point: Point): Point {
  return { x: point.x / camera.scale + camera.x, y: point.y / camera.scale + camera.y };
}

export function visible(camera: Camera, view: Size): Rect {
  return { x: camera.x, y: camera.y, width: view.width / camera.scale, height: view.height / camera.scale };
}

export function pan(camera: Camera, screenX: number, screenY: number): Camera {
  return { ...camera, x: camera.x - screenX / camera.scale, y: camera.y - screenY / camera.scale };
}

/** Scales by `factor`; the world point under `at` (screen) stays where it is. */
export function zoom(camera: Camera, factor: number, at: Point, limits: Limits): Camera {
  const scale = clamp(camera.scale * factor, limits.min, limits.max);
  const fixed = toWorld(camera, at);
  return { x: fixed.x - at.x / scale, y: fixed.y - at.y / scale, scale };
}

export function centred(point: Point, scale: number, view: Size): Camera {
  return { x: point.x - view.width / 2 / scale, y: point.y - view.height / 2 / scale, scale };
}

/** All of `world` in the view with a margin (CSS pixels), never larger than `scaleMax`. */
export function fitted(world: Rect, view: Size, margin: number, limits: Limits, scaleMax = 1): Camera {
  const width = Math.max(view.width - 2 * margin, 1);
  const height = Math.max(view.height - 2 * margin, 1);
  const scale = clamp(Math.min(width / Math.max(world.width, 1), height / Math.max(world.height, 1), scaleMax), limits.min, limits.max);
  return centred({ x: world.x + world.width / 2, y: world.y + world.height / 2 }, scale, view);
}

/** Keeps the middle of the view inside the world, so that nobody gets lost in empty space. */
export function held(camera: Camera, world: Rect, view: Size): Camera {
  const halfWidth = view.width / 2 / camera.scale;
  const halfHeight = view.height / 2 / camera.scale;
  const middleX = clamp(camera.x + halfWidth, world.x, world.x + world.width);
  const middleY = clamp(camera.y + halfHeight, world.y, world.y + world.height);
  return { x: middleX - halfWidth, y: middleY - halfHeight, scale: camera.scale };
}

/** Between two cameras; the scale goes geometrically, so that the movement looks even. */
export function between(from: Camera, to: Camera, view: Size, part: number): Camera {
  const scale = from.scale * (to.scale / from.scale) ** part;
  const a = toWorld(from, { x: view.width / 2, y: view.height / 2 });
  const b = toWorld(to, { x: view.width / 2, y: view.height / 2 });
  return centred({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }, scale, view);
}
