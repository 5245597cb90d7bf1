import { beforeEach, expect, test, vi } from 'vitest';
import { familyChart } from '../../tests/fixture/chart.ts';
import { fakeDevice } from '../../tests/fixture/indexeddb.ts';
import { dropPack, EmptyBranch, estimatePack, lockPack, makePack, openedPacks, packedAnswer, type PackOrder, unlockPack } from './pack.ts';
import type { Page, PersonBrief } from './types.ts';

fakeDevice((name, value) => vi.stubGlobal(name, value));
const PASSPHRASE = 'correct horse battery';
const order: PackOrder = { treeId: 't', person: 'chosen', up: 1, down: 0, living: false, pictures: true };
const thumbnail = (id: string) => `/api/v1/media/${id}/thumbnail`;

const brief = (id: string, living: boolean, portrait: string | null = null) =>
  ({ id, treeId: 't', name: id, given: id, surname: '', living, hidden: false, portraitUrl: portrait && thumbnail(portrait) }) as unknown as PersonBrief;
const father = brief('father', false, 'with-living');
const people = new Map<string, PersonBrief>();
const medium = (id: string, persons: PersonBrief[]) => ({ id, fileName: id, persons, thumbnailUrl: thumbnail(id) });
const media = [medium('with-living', [father, brief('somebody', true)]), medium('alone', [father])];
const citations = Array.from({ length: 203 }, (_, n) => ({ id: `c${n}`, media: [{ id: 'unknown', thumbnailUrl: thumbnail('unknown') }, { id: 'alone', thumbnailUrl: thumbnail('alone') }] }));
const chart = { ...familyChart('hourglass', 0, 2, 2), portraits: [{ box: 0, url: thumbnail('with-living') }, { box: 0, url: thumbnail('alone') }] };
chart.boxes.living = '0'.repeat(chart.boxes.living.length);

const page = (items: unknown[], url: URL) => {
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const until = from + Number(url.searchParams.get('limit') ?? 50);
  return { items: items.slice(from, until), total: items.length, nextCursor: until < items.length ? String(until) : null };
};

function answerTo(url: URL): unknown {
  const [kind, id, what] = url.pathname.replace('/api/v1/', '').split('/');
  if (kind === 'trees') return what === 'charts' ? { ...chart, kind: url.pathname.split('/').at(-1), rootId: url.searchParams.get('root') } : { id, name: 'Tree' };
  if (what === 'ancestors') return page([{ generation: 1, person: people.get('father') }], url);
  if (what === 'timeline') return { items: [] };
  if (what === 'citations') return page(citations, url);
  if (what === 'media') return page(media, url);
  const self = people.get(id!)!;
  return { id, brief: self, living: self.living, facts: [], portrait: { id: 'with-living', thumbnailUrl: thumbnail('with-living') } };
}

const fetched: { path: string; cache: RequestCache | undefined }[] = [];
let reachable = true;
vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
  if (!reachable) throw new TypeError('Failed to fetch');
  fetched.push({ path, cache: init.cache });
  const url = new URL(path, 'http://archive');
  if (url.pathname.endsWith('/thumbnail')) return new Response(new Uint8Array([1]), { headers: { 'Content-Type': 'image/jpeg' } });
  return Response.json(answerTo(url));
});
const make = () => makePack(order, PASSPHRASE, 30, new AbortController().signal, () => {});
const whatever = () => {};

beforeEach(() => {
  reachable = true;
  fetched.length = 0;
  people.set('chosen', brief('chosen', true)).set('father', father);
});

test('nothing that is asked for a pack, or to measure one, is to be stored on the way', async () => {
  await estimatePack(order, new AbortController().signal);
  expect(fetched.length).toBeGreaterThan(5);
  const head = await make();
  expect(fetched.some(({ path }) => path.includes('/thumbnail'))).toBe(true);
  expect(fetched.filter(({ cache }) => cache !== 'no-store')).toEqual([]);
  await dropPack(head.id);
});

test('of pictures only those that show nobody living, and all pages of what is cited', async () => {
  const head = await make();
  expect([...new Set(fetched.map(({ path }) => path).filter((path) => path.includes('/thumbnail')))]).toEqual([thumbnail('alone')]);
  await unlockPack(head.id, PASSPHRASE, whatever);
  reachable = false;
  // The chosen person is living: the pack is round the nearest who is not.
  expect(openedPacks()[0]!.root.id).toBe('father');
  const kept = (await packedAnswer('/persons/father/citations'))!.body as Page<(typeof citations)[number]>;
  expect([kept.items.length, kept.nextCursor]).toEqual([203, null]);
  expect(kept.items[202]!.media.map(({ thumbnailUrl }) => thumbnailUrl)).toEqual([null, thumbnail('alone')]);
  const answers = await Promise.all([
    packedAnswer('/persons/father', { include: 'family' }), packedAnswer('/trees/t/persons'), packedAnswer('/trees/t/charts/hourglass', { root: 'father' }),
  ]);
  for (const answer of answers) {
    expect(answer).toBeDefined();
    expect(JSON.stringify(answer)).not.toContain('with-living/thumbnail');
  }
  expect(answers[2]!.body).toMatchObject({ portraits: [{ box: 0, url: thumbnail('alone') }] });
  await dropPack(head.id);
});

test('what was read is forgotten when the pack is locked, removed, or its time has passed', async () => {
  const head = await make();
  const closed = vi.fn();
  const open = () => unlockPack(head.id, PASSPHRASE, closed);
  await open();
  lockPack(head.id);
  lockPack(head.id);
  expect(closed.mock.calls).toEqual([['t']]);
  await open();
  const now = vi.spyOn(Date, 'now').mockReturnValue(head.expiresAt);
  expect(await packedAnswer('/trees/t')).toBeUndefined();
  now.mockRestore();
  expect([closed.mock.calls.length, openedPacks()]).toEqual([2, []]);
  await open();
  await dropPack(head.id);
  expect(closed).toHaveBeenCalledTimes(3);
});

test('a branch of the living alone is refused', async () => {
  people.set('father', brief('father', true));
  await expect(make()).rejects.toBeInstanceOf(EmptyBranch);
  expect(await estimatePack(order, new AbortController().signal)).toEqual({ people: 0, bytes: 0 });
});
