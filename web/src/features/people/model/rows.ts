/**
 * Rows of a list of any length, fetched where they are looked at.
 *
 * Pages go by cursor, so one cannot ask for row 73,412 directly. But the server names a cursor for every 500th row (anchors), and
 * each page names the next: the rows wanted are reached from the nearest cursor at or before them, in at most three pages.
 */
import type { Page } from '../../../api/types.ts';

export const PAGE_ROWS = 200;

export class Rows<T> {
  readonly #rows = new Map<number, T>();
  /** Row at which each known cursor begins; undefined is the beginning of the list. */
  readonly #cursors = new Map<number, string | undefined>([[0, undefined]]);
  readonly #fetch: (cursor: string | undefined) => Promise<Page<T>>;
  readonly #changed: () => void;
  #busy = false;
  #wanted: { from: number; to: number } | null = null;
  total: number | null = null;
  error: unknown = null;

  constructor(fetch: (cursor: string | undefined) => Promise<Page<T>>, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  get(row: number): T | undefined {
    return this.#rows.get(row);
  }

  /** All rows that have come, in order. */
  known(): T[] {
    return [...this.#rows.keys()].toSorted((a, b) => a - b).map((row) => this.#rows.get(row)!);
  }

  addCursor(row: number, cursor: string | null) {
    if (cursor !== null && !this.#cursors.has(row)) this.#cursors.set(row, cursor);
  }

  /** Rows from (inclusive) to (exclusive) are looked at; only the latest wish counts. */
  want(from: number, to: number) {
    this.#wanted = { from, to };
    void this.#work();
  }

  retry() {
    this.error = null;
    this.#changed();
    void this.#work();
  }

  #missing(): number | null {
    if (!this.#wanted) return null;
    const end = Math.min(this.#wanted.to, this.total ?? this.#wanted.to);
    for (let row = this.#wanted.from; row < end; row++) if (!this.#rows.has(row)) return row;
    return null;
  }

  #cursorBefore(row: number): number {
    let best = 0;
    for (const start of this.#cursors.keys()) if (start <= row && start > best) best = start;
    return best;
  }

  /** One request at a time: a reader who scrolls on changes the wish, not the number of requests. */
  async #work() {
    if (this.#busy || this.error) return;
    this.#busy = true;
    for (let row = this.#missing(); row !== null; row = this.#missing()) {
      const start = this.#cursorBefore(row);
      try {
        const page = await this.#fetch(this.#cursors.get(start));
        page.items.forEach((item, index) => this.#rows.set(start + index, item));
        this.total = page.total;
        if (page.nextCursor === null) this.total = start + page.items.length;
        else this.addCursor(start + page.items.length, page.nextCursor);
        if (page.items.length === 0) break; // a list that shrank: do not ask for ever
      } catch (error) {
        this.error = error;
        this.#changed();
        break;
      }
      this.#changed();
    }
    this.#busy = false;
  }
}
