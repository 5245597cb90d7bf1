import * as v from 'valibot';
import { expect, test, vi } from 'vitest';
import { peopleQuery, peopleSearch } from './model/filter.ts';
import { PAGE_ROWS, Rows } from './model/rows.ts';

/** A list of `total` numbers whose cursors say where they lead. */
function list(total: number) {
  const fetch = vi.fn(async (cursor: string | undefined) => {
    const start = Number(cursor ?? 0);
    const end = Math.min(start + PAGE_ROWS, total);
    return { items: Array.from({ length: end - start }, (_, index) => start + index), total, nextCursor: end < total ? String(end) : null };
  });
  return { fetch, rows: new Rows<number>(fetch, () => {}) };
}

const settled = () => vi.waitFor(() => new Promise((resolve) => setTimeout(resolve, 0)));

test('the first rows take one request', async () => {
  const { fetch, rows } = list(100_000);
  rows.want(0, 40);
  await settled();
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(rows.total).toBe(100_000);
  expect(rows.get(39)).toBe(39);
});

test('a jump goes through the nearest anchor: at most three requests', async () => {
  const { fetch, rows } = list(100_000);
  for (let row = 0; row < 100_000; row += 500) rows.addCursor(row, row === 0 ? null : String(row));
  rows.want(73_411, 73_450);
  await settled();
  expect(rows.get(73_411)).toBe(73_411);
  expect(rows.get(73_449)).toBe(73_449);
  expect(fetch.mock.calls.length).toBeLessThanOrEqual(3);
});

test('only the latest wish is followed', async () => {
  const { fetch, rows } = list(100_000);
  for (let row = 500; row < 100_000; row += 500) rows.addCursor(row, String(row));
  rows.want(0, 10);
  for (let row = 500; row <= 50_000; row += 500) rows.want(row, row + 10);
  await settled();
  expect(fetch.mock.calls.length).toBeLessThanOrEqual(2);
  expect(rows.get(50_000)).toBe(50_000);
});

test('a short list ends', async () => {
  const { fetch, rows } = list(3);
  rows.want(0, 40);
  await settled();
  expect(rows.known()).toEqual([0, 1, 2]);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('a list that shrank is not asked for ever', async () => {
  const rows = new Rows<number>(async () => ({ items: [], total: 10, nextCursor: null }), () => {});
  rows.want(0, 10);
  await settled();
  expect(rows.total).toBe(0);
});

test('an error stops until it is tried again', async () => {
  let fail = true;
  const rows = new Rows<number>(async () => {
    if (fail) throw new Error('no');
    return { items: [1], total: 1, nextCursor: null };
  }, () => {});
  rows.want(0, 1);
  await settled();
  expect(rows.error).toBeInstanceOf(Error);
  fail = false;
  rows.retry();
  await settled();
  expect(rows.get(0)).toBe(1);
});

test('the filter in the address becomes the question', () => {
  expect(peopleQuery({ surname: 'moyo', from: 1850, living: false, sort: undefined, to: undefined }))
    .toEqual({ sort: 'surname', 'filter[surname]~': 'moyo', 'filter[birth]': '1850..', 'filter[living]': 'false' });
  expect(v.parse(peopleSearch, { sort: 'drop table', from: 1e9, living: 'x', surname: 5 }))
    .toEqual({ sort: undefined, from: undefined, to: undefined, living: undefined, surname: undefined });
});
