/** Finds the rectangles in a part of the world. Built once; a query costs the cells it touches and what lies in them. */
import type { Rect } from './camera.ts';

const CELL = 512;
/** A rectangle over more cells than this is kept aside and looked at in each query. */
const CELLS_MAX = 64;

export class Grid {
  readonly #rects: readonly Rect[];
  readonly #columns: number;
  readonly #rows: number;
  readonly #first: Int32Array;
  readonly #items: Int32Array;
  readonly #large: number[] = [];
  readonly #seen: Uint32Array;
  #query = 0;

  constructor(rects: readonly Rect[], world: Rect) {
    this.#rects = rects;
    this.#columns = Math.max(1, Math.ceil((world.x + world.width) / CELL));
    this.#rows = Math.max(1, Math.ceil((world.y + world.height) / CELL));
    this.#seen = new Uint32Array(rects.length);
    this.#first = new Int32Array(this.#columns * this.#rows + 1);
    rects.forEach((rect, index) => {
      if (this.#cells(rect) > CELLS_MAX) this.#large.push(index);
      else this.#each(rect, (cell) => this.#first[cell + 1]!++);
    });
    for (let cell = 0; cell < this.#first.length - 1; cell++) this.#first[cell + 1]! += this.#first[cell]!;
    const next = this.#first.slice();
    this.#items = new Int32Array(this.#first.at(-1)!);
    rects.forEach((rect, index) => {
      if (this.#cells(rect) <= CELLS_MAX) this.#each(rect, (cell) => (this.#items[next[cell]!++] = index));
    });
  }

  /** Indices of the rectangles that touch `area`, each once, in no particular order. */
  find(area: Rect): number[] {
    this.#query++;
    const found: number[] = [];
    const take = (index: number) => {
      if (this.#seen[index] === this.#query) return;
      this.#seen[index] = this.#query;
      if (touches(this.#rects[index]!, area)) found.push(index);
    };
    this.#each(area, (cell) => {
      for (let at = this.#first[cell]!; at < this.#first[cell + 1]!; at++) take(this.#items[at]!);
    });
    this.#large.forEach(take);
    return found;
  }

  #span(from: number, length: number, count: number): [number, number] {
    const clamp = (value: number) => Math.min(Math.max(Math.floor(value / CELL), 0), count - 1);
    return [clamp(from), clamp(from + length)];
  }

  #cells(rect: Rect): number {
    const [left, right] = this.#span(rect.x, rect.width, this.#columns);
    const [top, bottom] = this.#span(rect.y, rect.height, this.#rows);
    return (right - left + 1) * (bottom - top + 1);
  }

  #each(rect: Rect, visit: (cell: number) => void) {
    const [left, right] = this.#span(rect.x, rect.width, this.#columns);
    const [top, bottom] = this.#span(rect.y, rect.height, this.#rows);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) visit(row * this.#columns + column);
    }
  }
}

function touches(a: Rect, b: Rect): boolean {
  return a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
}
