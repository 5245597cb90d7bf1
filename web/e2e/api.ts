/** What tests ask of the server beside the browser. */
import { vi } from 'vitest';
import { url } from './browser.ts';

export type Json = Record<string, unknown>;

export async function api<T = Json>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method, headers: { Origin: url, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** A tree of the test's own. @return its id and that of the import */
export async function newTree(name: string, gedcom: string): Promise<{ tree: string; report: string }> {
  const tree = (await api<{ id: string }>('POST', '/trees', { name })).id;
  const form = new FormData();
  form.set('gedcomFile', new Blob([gedcom]), 'own.ged');
  const job = (await (await fetch(`${url}/api/v1/trees/${tree}/imports`, { method: 'POST', body: form, headers: { Origin: url } })).json()) as { id: string };
  await vi.waitUntil(async () => (await api<{ state: string }>('GET', `/jobs/${job.id}`)).state === 'succeeded', { timeout: 30_000 });
  return { tree, report: (await api<{ items: { id: string }[] }>('GET', `/trees/${tree}/imports`)).items[0]!.id };
}

/** Ids by given name. */
export async function peopleOf(tree: string): Promise<Record<string, string>> {
  const list = await api<{ items: { id: string; given: string }[] }>('GET', `/trees/${tree}/persons?limit=200`);
  return Object.fromEntries(list.items.map(({ given, id }) => [given, id]));
}
