/**
 * What lies encrypted on this device: packs of numbered parts in IndexedDB, AES-256-GCM, each pack under a key of its own that a passphrase
 * wraps. Nothing of a pack's content stands in the open: not its names, not which part is what. The key lives in this window's memory only.
 */
import { localProblem } from './client.ts';
import { noteCount } from './packs-here.ts';

const DATABASE = 'tablinum-packs';
const HEADS = 'heads';
const PARTS = 'parts';

/** OWASP's figure for PBKDF2 with SHA-256 (2023). */
export const ROUNDS = 600_000;
export const PASSPHRASE_MIN = 10;
const IV_BYTES = 12;
const SALT_BYTES = 16;

/** What stands in the open. */
export interface PackHead {
  id: string;
  /** An id that says nothing by itself: a tree that is deleted takes its packs with it. */
  treeId: string;
  /** Milliseconds since 1970. */
  madeAt: number;
  expiresAt: number;
  people: number;
  /** As stored. */
  bytes: number;
  parts: number;
  salt: Uint8Array<ArrayBuffer>;
  rounds: number;
  /** The pack's key under the passphrase's. */
  wrapped: Uint8Array<ArrayBuffer>;
}

/** In a head's place while the pack is being made: its parts are nobody's leavings yet. */
interface Making {
  id: string;
  makingSince: number;
}
/** One that was not finished by then never will be: its window was closed. */
const MAKING_MS = 24 * 60 * 60 * 1000;

type Bytes = Uint8Array<ArrayBuffer>;

export class WrongPassphrase extends Error {}

const text = new TextEncoder();
const random = (bytes: number): Bytes => crypto.getRandomValues(new Uint8Array(bytes));

/** Browsers encrypt only on https and on localhost, and refuse to store in some private windows. */
export const canSeal = (): boolean => globalThis.crypto?.subtle !== undefined && 'indexedDB' in globalThis;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    request.addEventListener('success', () => done(request.result));
    request.addEventListener('error', () => failed(request.error ?? new Error('IndexedDB')));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((done, failed) => {
    transaction.addEventListener('complete', () => done());
    for (const kind of ['error', 'abort']) transaction.addEventListener(kind, () => failed(transaction.error ?? new Error('IndexedDB')));
  });
}

let opened: Promise<IDBDatabase> | undefined;
function open(): Promise<IDBDatabase> {
  opened ??= (async () => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(HEADS, { keyPath: 'id' });
      request.result.createObjectStore(PARTS);
    });
    return settled(request);
  })();
  return opened;
}

// ---------------------------------------------------------------- bytes

async function through(bytes: Bytes, stream: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>): Promise<Bytes> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
export const packed = (bytes: Bytes) => through(bytes, new CompressionStream('gzip'));
export const unpacked = (bytes: Bytes) => through(bytes, new DecompressionStream('gzip'));

/** nonce ‖ ciphertext ‖ tag. What the part is stands in the additional data, so that no part can be put in another's place. */
async function seal(key: CryptoKey, name: string, bytes: Bytes): Promise<Bytes> {
  const iv = random(IV_BYTES);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: text.encode(name) }, key, bytes));
  const out = new Uint8Array(IV_BYTES + sealed.length);
  out.set(iv);
  out.set(sealed, IV_BYTES);
  return out;
}

async function unseal(key: CryptoKey, name: string, sealed: Bytes): Promise<Bytes> {
  const iv = sealed.subarray(0, IV_BYTES);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: text.encode(name) }, key, sealed.subarray(IV_BYTES)));
}

async function passphraseKey(passphrase: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey('raw', text.encode(passphrase.normalize('NFKC')), 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, typed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

const importKey = (raw: Bytes) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

// ---------------------------------------------------------------- packs

/** A pack being written. Nothing of it can be read before finish(). */
export class PackWriter {
  readonly id = Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  readonly #raw = random(32);
  readonly #key = importKey(this.#raw);
  #parts = 0;
  #bytes = 0;
  #begun: Promise<void> | undefined;
  #dropped = false;

  get bytes(): number {
    return this.#bytes;
  }

  /** @return the part's number */
  async add(bytes: Bytes): Promise<number> {
    const n = this.#parts++;
    await (this.#begun ??= this.#begin());
    const sealed = await seal(await this.#key, `${this.id}/${n}`, bytes);
    const database = await open();
    if (this.#dropped) throw new Error('the pack is not wanted any more');
    const transaction = database.transaction(PARTS, 'readwrite');
    transaction.objectStore(PARTS).put(sealed, [this.id, n]);
    await finished(transaction);
    this.#bytes += sealed.length;
    return n;
  }

  async #begin() {
    const transaction = (await open()).transaction(HEADS, 'readwrite');
    transaction.objectStore(HEADS).put({ id: this.id, makingSince: Date.now() } satisfies Making);
    await finished(transaction);
    await noteHeads();
  }

  /** Wraps the key and makes the pack one that can be opened. @throws Error where parts were removed meanwhile */
  async finish(passphrase: string, about: Pick<PackHead, 'treeId' | 'madeAt' | 'expiresAt' | 'people'>): Promise<PackHead> {
    const salt = random(SALT_BYTES);
    const wrapped = await seal(await passphraseKey(passphrase, salt, ROUNDS), this.id, this.#raw);
    this.#raw.fill(0);
    const head: PackHead = { id: this.id, ...about, bytes: this.#bytes, parts: this.#parts, salt, rounds: ROUNDS, wrapped };
    const transaction = (await open()).transaction([HEADS, PARTS], 'readwrite');
    const written = finished(transaction);
    const there = await settled(transaction.objectStore(PARTS).count(partsOf(this.id)));
    if (there === this.#parts) transaction.objectStore(HEADS).put(head);
    await written;
    if (there !== this.#parts) throw new Error('parts of the pack were removed while it was made');
    await noteHeads();
    return head;
  }

  async drop() {
    this.#dropped = true;
    this.#raw.fill(0);
    await this.#begun?.catch(() => undefined);
    await removePack(this.id);
  }
}

/** A pack whose key was found. */
export class OpenPack {
  readonly head: PackHead;
  readonly #key: CryptoKey;

  constructor(head: PackHead, key: CryptoKey) {
    this.head = head;
    this.#key = key;
  }

  /** @throws ApiError where the part is missing or damaged */
  async read(n: number): Promise<Bytes> {
    const sealed = await settled((await open()).transaction(PARTS, 'readonly').objectStore(PARTS).get([this.head.id, n]) as IDBRequest<Bytes | undefined>);
    if (!sealed) throw localProblem('unexpected', 0, 'a part of the pack is missing');
    return unseal(this.#key, `${this.head.id}/${n}`, sealed).catch(() => {
      throw localProblem('unexpected', 0, 'a part of the pack is damaged');
    });
  }
}

/** @throws WrongPassphrase */
export async function openPack(head: PackHead, passphrase: string): Promise<OpenPack> {
  const wrapping = await passphraseKey(passphrase, head.salt, head.rounds);
  let raw: Bytes;
  try {
    raw = await unseal(wrapping, head.id, head.wrapped);
  } catch {
    throw new WrongPassphrase();
  }
  const key = await importKey(raw);
  raw.fill(0);
  return new OpenPack(head, key);
}

const isMade = (head: PackHead | Making): head is PackHead => !('makingSince' in head);
const partsOf = (id: string) => IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]);

/** Those being made count too: they have to be looked at when the pages are opened again. */
async function noteHeads() {
  noteCount(await settled((await open()).transaction(HEADS, 'readonly').objectStore(HEADS).count()));
}

/** Those that can be opened, the newest first. */
export async function packHeads(): Promise<PackHead[]> {
  const heads = await settled((await open()).transaction(HEADS, 'readonly').objectStore(HEADS).getAll() as IDBRequest<(PackHead | Making)[]>);
  return heads.filter(isMade).toSorted((a, b) => b.madeAt - a.madeAt);
}

export async function removePack(id: string) {
  const transaction = (await open()).transaction([HEADS, PARTS], 'readwrite');
  transaction.objectStore(HEADS).delete(id);
  transaction.objectStore(PARTS).delete(partsOf(id));
  await finished(transaction);
  await noteHeads();
}

/** Removes packs whose time has passed, and parts of packs that were never finished. @return those that stay and can be opened */
export async function removeStale(now: number): Promise<PackHead[]> {
  // At one moment: parts that are written after the heads were read would seem to have none.
  const transaction = (await open()).transaction([HEADS, PARTS], 'readonly');
  const [heads, keys] = await Promise.all([
    settled(transaction.objectStore(HEADS).getAll() as IDBRequest<(PackHead | Making)[]>),
    settled(transaction.objectStore(PARTS).getAllKeys()) as unknown as Promise<[string, number][]>,
  ]);
  const stay = heads.filter((head) => (isMade(head) ? head.expiresAt > now : Math.abs(now - head.makingSince) < MAKING_MS));
  const known = new Set(stay.map(({ id }) => id));
  const gone = new Set([...keys.map(([id]) => id), ...heads.map(({ id }) => id)].filter((id) => !known.has(id)));
  for (const id of gone) await removePack(id);
  return stay.filter(isMade);
}
