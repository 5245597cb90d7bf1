import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { noteSilence } from '../../api/connection.ts';
import { forgetTree } from './forget.ts';

const queryFn = () => Promise.reject(new Error('unreachable'));

test('nothing of the tree stays, on the page or behind it, and everything of others', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  for (const key of [['tree', 'a', 'person', 'p'], ['tree', 'a'], ['trees'], ['tree', 'b']]) client.setQueryData(key, 'secret');
  const shown = new QueryObserver(client, { queryKey: ['tree', 'a'], queryFn });
  const stop = shown.subscribe(() => {});
  noteSilence();
  forgetTree(client, 'a');
  expect(client.getQueryCache().getAll().filter(({ state }) => state.data !== undefined).map(({ queryKey }) => queryKey)).toEqual([['tree', 'b']]);
  expect(shown.getCurrentResult().data).toBeUndefined();
  stop();
  client.clear();
});
