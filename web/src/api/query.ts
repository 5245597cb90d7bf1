/** How a question to the server becomes one of the query cache, and the questions that are asked before a page is here. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, type Query } from './client.ts';
import type { Import, Page, Person, Suggestions, Tree, TreeStatistics } from './types.ts';

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
export const statisticsQuery = (t: string) => one<TreeStatistics>(['tree', t, 'statistics'], `/trees/${t}/statistics`);
export const importsQuery = (t: string) => one<Page<Import>>(['tree', t, 'imports'], `/trees/${t}/imports`);
export const personQuery = (t: string, id: string) =>
  one<Person>(['tree', t, 'person', id], `/persons/${id}`, { include: 'family' });
