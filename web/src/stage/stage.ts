/**
 * A canvas with a camera. Painting happens in slices into a back buffer; what is on the screen in the meantime is the last whole
 * picture, moved and scaled to where the camera is now. So input never waits for painting.
 */
import { between, type Camera, fitted, held, type Limits, pan, type Point, type Rect, type Size, zoom } from './camera.ts';

/** Paints what the camera sees. Yields often (every millisecond or so); may be dropped between two slices. */
export interface Painter {
  readonly world: Rect;
  paint(context: CanvasRenderingContext2D, camera: Camera, view: Size): Generator<void, void, void>;
}

export interface StageOptions {
  limits: Limits;
  /** Largest scale to which `fit` goes. */
  fitScaleMax: number;
  /** The camera came to rest. */
  onRest(camera: Camera): void;
  /** Each frame in which the camera moved: cheap work only. */
  onMove(camera: Camera): void;
}

/** Painting time in a frame; the rest of the 16 ms belongs to the browser. */
export const SLICE_MS = 8;
export const MOVE_MS = 200;
const REST_MS = 120;
const FIT_MARGIN = 32;

interface Buffer {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
  camera: Camera | null;
}

function makeBuffer(canvas: HTMLCanvasElement): Buffer {
  return { canvas, context: canvas.getContext('2d', { alpha: false })!, camera: null };
}

export class Stage {
  readonly #screen: Buffer;
  #front: Buffer;
  #back: Buffer;
  #work: Generator<void, void, void> | null = null;
  #painter: Painter | null = null;
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #view: Size = { width: 1, height: 1 };
  #ratio = 1;
  #background = '';
  #dirty = false;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #tween: { from: Camera; to: Camera; start: number } | null = null;
  readonly #options: StageOptions;

  constructor(canvas: HTMLCanvasElement, options: StageOptions) {
    this.#screen = makeBuffer(canvas);
    this.#front = makeBuffer(document.createElement('canvas'));
    this.#back = makeBuffer(document.createElement('canvas'));
    this.#options = options;
  }

  get camera(): Camera {
    return this.#camera;
  }

  get view(): Size {
    return this.#view;
  }

  setPainter(painter: Painter, background: string) {
    this.#painter = painter;
    this.#background = background;
    this.repaint();
  }

  resize(view: Size, ratio: number) {
    if (view.width === this.#view.width && view.height === this.#view.height && ratio === this.#ratio) return;
    this.#view = view;
    this.#ratio = ratio;
    for (const { canvas } of [this.#screen, this.#front, this.#back]) {
      canvas.width = Math.max(1, Math.round(view.width * ratio));
      canvas.height = Math.max(1, Math.round(view.height * ratio));
    }
    this.#front.camera = null;
    this.repaint();
  }

  /** What is shown has changed, the camera has not. */
  repaint() {
    this.#work = null;
    this.#dirty = true;
    this.#schedule();
  }

  moveTo(camera: Camera, animated = false) {
    const target = this.#painter ? held(camera, this.#painter.world, this.#view) : camera;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#tween = animated && !still ? { from: this.#camera, to: target, start: performance.now() } : null;
    if (!this.#tween) this.#setCamera(target);
    this.#schedule();
  }

  panBy(screenX: number, screenY: number) {
    this.moveTo(pan(this.#camera, screenX, screenY));
  }

  zoomBy(factor: number, at: Point = { x: this.#view.width / 2, y: this.#view.height / 2 }, animated = false) {
    const base = this.#tween?.to ?? this.#camera;
    this.moveTo(zoom(animated ? base : this.#camera, factor, at, this.#options.limits), animated);
  }

  fit(area?: Rect, animated = false) {
    const world = area ?? this.#painter?.world;
    if (world) this.moveTo(fitted(world, this.#view, FIT_MARGIN, this.#options.limits, this.#options.fitScaleMax), animated);
  }

  destroy() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#painter = null;
  }

  #setCamera(camera: Camera) {
    this.#camera = camera;
    this.#dirty = true;
    this.#options.onMove(camera);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#options.onRest(this.#camera), REST_MS);
  }

  #schedule() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#run());
  }

  #run() {
    this.#frame = 0;
    if (!this.#painter) return;
    const start = performance.now();
    this.#advanceTween(start);
    this.#paintSlices(start);
    this.#compose();
    performance.measure('stage-frame', { start });
    if (this.#work || this.#dirty || this.#tween) this.#schedule();
  }

  #advanceTween(now: number) {
    if (!this.#tween) return;
    const part = Math.min((now - this.#tween.start) / MOVE_MS, 1);
    const eased = 1 - (1 - part) ** 3;
    const { from, to } = this.#tween;
    if (part === 1) this.#tween = null;
    this.#setCamera(part === 1 ? to : between(from, to, this.#view, eased));
  }

  /** A picture once begun is finished with the camera it was begun with: else one that moves all the time would never be done. */
  #paintSlices(start: number) {
    if (!this.#work) {
      if (!this.#dirty) return;
      this.#dirty = false;
      this.#beginPicture();
    }
    do {
      if (this.#work!.next().done) {
        this.#work = null;
        [this.#front, this.#back] = [this.#back, this.#front];
        return;
      }
    } while (performance.now() - start < SLICE_MS);
  }

  #beginPicture() {
    const { context, canvas } = this.#back;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.#background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    this.#back.camera = this.#camera;
    this.#work = this.#painter!.paint(context, this.#camera, this.#view);
  }

  #compose() {
    const { context, canvas } = this.#screen;
    const picture = this.#front;
    if (!picture.camera) return;
    const scale = this.#camera.scale / picture.camera.scale;
    const x = (picture.camera.x - this.#camera.x) * this.#camera.scale * this.#ratio;
    const y = (picture.camera.y - this.#camera.y) * this.#camera.scale * this.#ratio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (scale !== 1 || x !== 0 || y !== 0) {
      context.fillStyle = this.#background;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    context.drawImage(picture.canvas, x, y, canvas.width * scale, canvas.height * scale);
  }
}
