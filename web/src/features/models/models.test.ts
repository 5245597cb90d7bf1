import { expect, test } from 'vitest';
import * as v from 'valibot';
import { heard, NOTHING } from './live.ts';
import { percentile, selectionOf, showMemory } from './figures.ts';
import { modelsSearch } from './model.ts';

test('nonsense in the address is left out', () => {
  expect(v.parse(modelsSearch, { category: 'code', method: 'guess', memory: -3, context: 'x', by: 'year' })).toEqual({ category: 'code' });
});

test('the address becomes the question', () => {
  expect(selectionOf({ category: 'code', memory: 8192, agent: 'tool' })).toEqual(
    { category: 'code', method: 'multi', agentType: 'tool', maxGpuMemoryMb: 8192, minContext: undefined, license: undefined });
});

test('memory in the unit that one would say', () => {
  expect([512, 1024, 22_528].map((mb) => showMemory(mb, 'en'))).toEqual(['512 MB', '1 GB', '22 GB']);
});

test.each([[[], 0.5, null], [[7], 0.95, 7], [[1, 2, 3, 4], 0.5, 2], [[1, 2, 3, 4], 0.95, 4], [[1, 2, 3, 4], 0, 1]] as const)(
  'percentile of %j at %d: %j', (values, part, expected) => expect(percentile(values, part)).toBe(expected));

const event = (name: string, value: unknown) => ({ event: name, data: value });

test('the stream: the state first, then what is new; the oldest goes', () => {
  let state = heard(NOTHING, event('state', { gpu: null, gpu_problem: 'no driver', selections: [], alerts: [] }));
  expect(state).toMatchObject({ connected: true, gpu_problem: 'no driver' });
  for (let n = 0; n < 250; n++) state = heard(state, event('selection', { model: `m${n}` }));
  expect(state.selections).toHaveLength(200);
  expect(state.selections.at(-1)).toEqual({ model: 'm249' });
  state = heard(state, event('alert', { level: 'warning', message: 'hot' }));
  expect(state.alerts).toHaveLength(1);
  state = heard(state, event('gpu', { ok: true, gpus: [{ id: 0 }] }));
  expect(state.gpu?.gpus).toHaveLength(1);
  expect(heard(state, event('gpu', { ok: false, gpus: [] })).gpu).toBeNull();
  expect(heard(state, event('news', {}))).toEqual(state);
});
