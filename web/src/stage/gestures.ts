/** Drag, wheel, pinch, double tap. Arrows and other keys belong to the page, which knows what they mean there. */
import type { Point } from './camera.ts';
import type { Stage } from './stage.ts';

const TAP_PIXELS = 5;
const DOUBLE_TAP_MS = 300;
const WHEEL_FACTOR = 1.0015;
/** A wheel step is a line in some browsers. */
const LINE_PIXELS = 16;

export interface GestureHandlers {
  onTap(at: Point): void;
  onHover(at: Point | null): void;
}

/** @return takes all listeners off again */
export function attachGestures(element: HTMLElement, stage: Stage, handlers: GestureHandlers): () => void {
  const down = new Map<number, Point>();
  let moved = 0;
  let lastTap = { time: -Infinity, x: 0, y: 0 };
  const control = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    element.addEventListener(type, listener, { signal: control.signal, passive: false });
  const at = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    if (down.size === 0) moved = 0;
    down.set(event.pointerId, at(event));
  });

  on('pointermove', (event) => {
    const before = down.get(event.pointerId);
    const now = at(event);
    if (!before) return handlers.onHover(now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (moved < TAP_PIXELS) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = (point: Point) => Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
      stage.zoomBy(distance(now) / distance(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      stage.panBy((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else {
      stage.panBy(now.x - before.x, now.y - before.y);
    }
    down.set(event.pointerId, now);
  });

  const lift = (event: PointerEvent) => {
    if (!down.delete(event.pointerId) || event.type === 'pointercancel' || moved >= TAP_PIXELS || down.size > 0) return;
    const now = at(event);
    const double = event.timeStamp - lastTap.time < DOUBLE_TAP_MS && Math.hypot(now.x - lastTap.x, now.y - lastTap.y) < 24;
    lastTap = { time: double ? -Infinity : event.timeStamp, ...now };
    if (double) stage.zoomBy(2, now, true);
    else handlers.onTap(now);
  };
  on('pointerup', lift);
  on('pointercancel', lift);
  on('pointerleave', () => handlers.onHover(null));

  on('wheel', (event) => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    if (event.shiftKey) stage.panBy(-(event.deltaX + event.deltaY) * pixels, 0);
    else stage.zoomBy(WHEEL_FACTOR ** (-event.deltaY * pixels * (event.ctrlKey ? 4 : 1)), at(event));
  });
  return () => control.abort();
}
