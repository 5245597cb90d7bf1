import { expect, test, vi } from 'vitest';
import { fakeDevice } from '../../tests/fixture/indexeddb.ts';
import { ApiError } from './client.ts';
import { mayHavePacks } from './packs-here.ts';
import { openPack, packHeads, PackWriter, removePack, removeStale } from './vault.ts';

const rows = fakeDevice((name, value) => vi.stubGlobal(name, value));
const DAY = 24 * 60 * 60 * 1000;
const PASSPHRASE = 'correct horse battery';
const bytes = (...values: number[]) => new Uint8Array(values);
const about = () => ({ treeId: 't', madeAt: Date.now(), expiresAt: Date.now() + DAY, people: 1 });

test('a pack that is being made is left alone, and opens when it is done', async () => {
  const writer = new PackWriter();
  await writer.add(bytes(1, 2));
  expect(await removeStale(Date.now())).toEqual([]);
  expect(await packHeads()).toEqual([]);
  await writer.add(bytes(3));
  const head = await writer.finish(PASSPHRASE, about());
  expect(await removeStale(Date.now())).toEqual([head]);
  const pack = await openPack(head, PASSPHRASE);
  expect([await pack.read(0), await pack.read(1)]).toEqual([bytes(1, 2), bytes(3)]);

  // A part that is gone, and one put in another's place, are told as an answer that went wrong.
  const names = [...rows('parts').keys()];
  rows('parts').set(names[0]!, { ...rows('parts').get(names[0]!)!, value: rows('parts').get(names[1]!)!.value });
  rows('parts').delete(names[1]!);
  for (const part of [0, 1]) expect(await pack.read(part).catch((error: unknown) => error)).toBeInstanceOf(ApiError);
  await removePack(head.id);
  expect(mayHavePacks()).toBe(false);
});

test('one that nobody finished goes after a day, and is known of until then', async () => {
  await new PackWriter().add(bytes(1));
  expect(mayHavePacks()).toBe(true);
  await removeStale(Date.now() + DAY / 2);
  expect(rows('parts').size).toBe(1);
  await removeStale(Date.now() + DAY + 1);
  expect([rows('parts').size, rows('heads').size, mayHavePacks()]).toEqual([0, 0, false]);
});

test('a pack that lost parts while it was made gets no head', async () => {
  const writer = new PackWriter();
  await writer.add(bytes(1));
  await removePack(writer.id);
  await writer.add(bytes(2));
  await expect(writer.finish(PASSPHRASE, about())).rejects.toThrow('removed');
  expect(await packHeads()).toEqual([]);
  await writer.drop();
  await expect(writer.add(bytes(3))).rejects.toThrow();
  expect(rows('parts').size).toBe(0);
});
