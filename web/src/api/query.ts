/** How a question to the server becomes one of the query cache, and the two questions that the frame of every page asks. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, type Query } from './client.ts';
import type { Suggestions, Tree } from './types.ts';

type Signal = { signal: AbortSignal };

export function one<T>(key: readonly unknown[], path: string, query: Query = {}) {
  return queryOptions({
    queryKey: Object.keys(query).length ? [...key, query] : key,
    queryFn: ({ signal }: Signal) => ask<T>(path, { query, signal }),
  });
}

export const treeQuery = (t: string) => one<Tree>(['tree', t], `/trees/${t}`);
export const suggestQuery = (t: string, q: string) =>
  queryOptions({ ...one<Suggestions>(['tree', t, 'suggest'], '/search/suggest', { treeId: t, q, limit: 8 }), placeholderData: keepPreviousData });
