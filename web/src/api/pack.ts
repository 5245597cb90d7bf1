/**
 * A branch kept on this device: the answers about its people, made into a pack of vault.ts, and found again where the archive is silent.
 * What the archive answers is kept as it came, so the pages need to know nothing of packs. Lists and searches are made here, from the people
 * of the pack. Loaded only where there are packs, or one is made.
 */
import { address, ApiError, ask as askAndKeep, type Query } from './client.ts';
import { connection } from './connection.ts';
import { mayShowLiving, withoutLiving, withoutLivingInChart } from './living.ts';
import { anchorsOf, listOf, searchOf, suggestOf } from './pack-lists.ts';
import { mayHavePacks } from './packs-here.ts';
import type { Chart, Citation, Family, KinRow, Media, Page, Person, PersonBrief, PersonFamily, Timeline, Tree, Uuid } from './types.ts';
import { type OpenPack, openPack, packed, packHeads, PackWriter, removePack, removeStale, unpacked } from './vault.ts';

export const PEOPLE_MAX = 2000;
/** Pictures beyond this are left out. */
export const PICTURE_BYTES_MAX = 100 << 20;
/** Of one person. */
const ROWS_MAX = 10_000;
const AT_ONCE = 6;
const SAMPLE = 6;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Charts round the pack's own person, and round everybody else in it. */
const ROOT_KINDS = ['hourglass', 'pedigree', 'descendants', 'fan'] as const;
const OTHERS_GENERATIONS = 2;

export interface PackOrder {
  treeId: Uuid;
  person: Uuid;
  up: number;
  down: number;
  /** Also those who are living, and what would tell of them. */
  living: boolean;
  pictures: boolean;
}

interface KeptChart {
  kind: string;
  root: Uuid;
  up: number;
  down: number;
  part: number;
}

/** The pack's first part: what the others are. */
interface Contents {
  version: 1;
  treeId: Uuid;
  root: PersonBrief;
  tree: Tree;
  people: PersonBrief[];
  /** Path with query → part. */
  answers: Record<string, number>;
  charts: KeptChart[];
  /** Path with query → part and media type. */
  pictures: Record<string, { part: number; type: string }>;
}

/** Nobody is in it whom it may tell of. */
export class EmptyBranch extends Error {}

/** What becomes part of a pack, or measures one, is not also to lie on the device in the open. */
const ask = <T>(path: string, { query = {}, signal }: { query?: Query; signal: AbortSignal }) => askAndKeep<T>(path, { query, signal, unkept: true });

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const asBytes = async (value: unknown) => packed(encoder.encode(JSON.stringify(value)));
const fromBytes = async (bytes: Uint8Array<ArrayBuffer>): Promise<unknown> => JSON.parse(decoder.decode(await unpacked(bytes)));

/** The key of an answer: path and query as they are asked, without what is the same for all. */
const nameOf = (path: string, query: Query = {}) => address(path, query).replace('/api/v1', '');

// ---------------------------------------------------------------- who belongs to it

async function all<T>(path: string, query: Query, signal: AbortSignal, limit: number): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: string | undefined; found.length < limit;) {
    const page: Page<T> = await ask(path, { query: { ...query, limit: 200, cursor }, signal });
    found.push(...page.items);
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
  return found.slice(0, limit);
}

/** The person, ancestors and descendants, nearest first; without those who are living unless they are wanted. */
async function branchOf(order: PackOrder, signal: AbortSignal): Promise<PersonBrief[]> {
  const { person, up, down } = order;
  const self = await ask<Person>(`/persons/${person}`, { signal });
  const above = up > 0 ? await all<KinRow>(`/persons/${person}/ancestors`, { generations: up }, signal, PEOPLE_MAX) : [];
  const below = down > 0 ? await all<KinRow>(`/persons/${person}/descendants`, { generations: down }, signal, PEOPLE_MAX) : [];
  const rows = [...above, ...below].toSorted((a, b) => a.generation - b.generation);
  const found = new Map([[self.id, self.brief]]);
  for (const { person: one } of rows) found.set(one.id, one);
  return [...found.values()].filter((one) => !one.hidden && (order.living || !one.living)).slice(0, PEOPLE_MAX);
}

function partnersIn(family: PersonFamily | undefined): PersonBrief[] {
  return (family?.unions ?? []).flatMap(({ partner }) => (partner ? [partner] : []));
}
const familiesIn = (family: PersonFamily | undefined): Uuid[] =>
  [...(family?.parentFamilies ?? []), ...(family?.unions ?? [])].map(({ familyId }) => familyId);

// ---------------------------------------------------------------- what is asked of each

interface Answers {
  person: Person;
  /** Name → answer. */
  kept: Map<string, unknown>;
  media: Media[];
  chart: Chart | null;
}

/** A second page would be asked for under a cursor that nobody has here. */
const whole = <T>(items: T[]): Page<T> => ({ items, total: items.length, nextCursor: null });

async function answersOf(order: PackOrder, id: Uuid, signal: AbortSignal): Promise<Answers> {
  const { treeId } = order;
  const include = { include: 'family' };
  const query = { root: id, up: OTHERS_GENERATIONS, down: OTHERS_GENERATIONS };
  const [person, timeline, citations, media, chart] = await Promise.all([
    ask<Person>(`/persons/${id}`, { query: include, signal }),
    ask<Timeline>(`/persons/${id}/timeline`, { signal }),
    all<Citation>(`/persons/${id}/citations`, {}, signal, ROWS_MAX),
    all<Media>(`/persons/${id}/media`, {}, signal, ROWS_MAX),
    id === order.person ? null : ask<Chart>(`/trees/${treeId}/charts/hourglass`, { query, signal }),
  ]);
  const kept = new Map<string, unknown>([
    [nameOf(`/persons/${id}`, include), person],
    [nameOf(`/persons/${id}/timeline`), timeline],
    [nameOf(`/persons/${id}/citations`), whole(citations)],
    [nameOf(`/persons/${id}/media`), whole(media)],
  ]);
  for (const one of media) kept.set(nameOf(`/media/${one.id}`), one);
  return { person, kept, media, chart };
}

/** The medium whose small picture has this address. */
const mediumOf = (url: string): string | undefined => /^\/api\/v1\/media\/([^/]+)\/thumbnail(?:\?|$)/.exec(url)?.[1];

/** Addresses of small pictures, wherever they stand in an answer. */
export function picturesIn(value: unknown, found: Set<string>) {
  if (typeof value === 'string') {
    if (mediumOf(value) !== undefined) found.add(value);
  } else if (Array.isArray(value)) {
    for (const one of value) picturesIn(one, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) picturesIn(one, found);
  }
}

/** The value with null for the small pictures that the pack does not have, so that the pages show what they show without one. */
export function withPictures(value: unknown, has: (medium: string) => boolean): unknown {
  if (typeof value === 'string') {
    const medium = mediumOf(value);
    return medium === undefined || has(medium) ? value : null;
  }
  if (Array.isArray(value)) return value.map((one) => withPictures(one, has));
  if (typeof value !== 'object' || value === null) return value;
  const shown = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPictures(inner, has)]));
  if (!Array.isArray(shown['portraits'])) return shown;
  return { ...shown, portraits: (shown['portraits'] as { url: string | null }[]).filter(({ url }) => url !== null) };
}

/** The small pictures that a pack may have: without the living, those of media that are known to show nobody living. */
class Pictures {
  readonly #living: boolean;
  readonly #found = new Set<string>();
  readonly #cleared = new Set<string>();

  constructor(living: boolean) {
    this.#living = living;
  }

  find(value: unknown) {
    picturesIn(value, this.#found);
  }

  know(media: readonly Media[]) {
    for (const one of media) if (!mayShowLiving(one)) this.#cleared.add(one.id);
  }

  wanted(): string[] {
    return [...this.#found].filter((url) => this.#living || this.#cleared.has(mediumOf(url) ?? ''));
  }
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const queue = items.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const item of queue) await work(item);
  }));
}

export interface Estimate {
  people: number;
  bytes: number;
}

/** How many people and about how many bytes it will be, from the answers about a few of them. */
export async function estimatePack(order: PackOrder, signal: AbortSignal): Promise<Estimate> {
  const people = await branchOf(order, signal);
  const some = people.filter((_, n) => n % Math.max(1, Math.ceil(people.length / SAMPLE)) === 0);
  let bytes = 0;
  let partners = 0;
  await inTurns(some, async ({ id }) => {
    const { person, kept, media, chart } = await answersOf(order, id, signal);
    partners += partnersIn(person.family).filter((one) => order.living || !one.living).filter((one) => people.every((other) => other.id !== one.id)).length;
    for (const value of [...kept.values(), chart]) bytes += (await asBytes(value)).length;
    if (!order.pictures) return;
    const pictures = new Pictures(order.living);
    pictures.know(media);
    for (const value of kept.values()) pictures.find(order.living ? value : withoutLiving(value));
    for (const url of pictures.wanted()) bytes += (await pictureAt(url, signal))?.bytes.length ?? 0;
  });
  if (some.length === 0) return { people: 0, bytes: 0 };
  const count = Math.min(PEOPLE_MAX, Math.round(people.length * (1 + partners / some.length)));
  return { people: count, bytes: Math.round((bytes / some.length) * count) };
}

async function pictureAt(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | null> {
  const response = await fetch(url, { signal, cache: 'no-store' });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.startsWith('image/')) return null;
  return { bytes: new Uint8Array(await response.arrayBuffer()), type };
}

// ---------------------------------------------------------------- making one

export interface Progress {
  done: number;
  total: number;
}

class Maker {
  readonly #writer = new PackWriter();
  readonly #contents: Contents;
  readonly #pictures: Pictures;
  readonly #families = new Set<Uuid>();

  readonly #order: PackOrder;
  readonly #signal: AbortSignal;

  private constructor(order: PackOrder, signal: AbortSignal, tree: Tree, root: PersonBrief) {
    this.#order = order;
    this.#signal = signal;
    this.#pictures = new Pictures(order.living);
    this.#contents = { version: 1, treeId: order.treeId, root, tree, people: [], answers: {}, charts: [], pictures: {} };
  }

  static async make(order: PackOrder, passphrase: string, days: number, signal: AbortSignal, onProgress: (progress: Progress) => void) {
    const tree = await ask<Tree>(`/trees/${order.treeId}`, { signal });
    const people = await branchOf(order, signal);
    // Where the chosen person is living, it is the nearest who is not.
    const [root] = people;
    if (!root) throw new EmptyBranch();
    const maker = new Maker(order, signal, tree, root);
    try {
      await maker.#people(people, onProgress);
      await inTurns([...maker.#families], (id) => maker.#family(id));
      await inTurns([...ROOT_KINDS], (kind) => maker.#rootChart(kind));
      if (order.pictures) await inTurns(maker.#pictures.wanted(), (url) => maker.#picture(url));
      // Answers that the service worker gave are of another day.
      if (connection().lost) throw new Error('the archive went away');
      const contents = maker.#contents;
      contents.people.sort((a, b) => `${a.surname} ${a.given}`.localeCompare(`${b.surname} ${b.given}`));
      // The last part: how many there are stands in the head.
      await maker.#writer.add(await asBytes(contents));
      const madeAt = Date.now();
      return await maker.#writer.finish(passphrase, { treeId: order.treeId, madeAt, expiresAt: madeAt + days * DAY_MS, people: contents.people.length });
    } catch (error) {
      await maker.#writer.drop();
      throw error;
    }
  }

  async #people(first: PersonBrief[], onProgress: (progress: Progress) => void) {
    const met = new Set(first.map(({ id }) => id));
    const partners: PersonBrief[] = [];
    let done = 0;
    const take = async ({ id }: PersonBrief) => {
      const answers = await answersOf(this.#order, id, this.#signal);
      for (const partner of partnersIn(answers.person.family)) {
        if (met.has(partner.id) || met.size >= PEOPLE_MAX || partner.hidden || (partner.living && !this.#order.living)) continue;
        met.add(partner.id);
        partners.push(partner);
      }
      for (const family of familiesIn(answers.person.family)) this.#families.add(family);
      this.#contents.people.push(answers.person.brief);
      this.#pictures.know(answers.media);
      for (const [name, value] of answers.kept) await this.#keep(name, value);
      if (answers.chart) await this.#keepChart(answers.chart);
      done += 1;
      onProgress({ done, total: met.size });
    };
    await inTurns(first, take);
    await inTurns(partners, take);
  }

  async #keep(name: string, value: unknown) {
    const shown = this.#order.living ? value : withoutLiving(value);
    if (shown === null) return;
    this.#pictures.find(shown);
    this.#contents.answers[name] = await this.#writer.add(await asBytes(shown));
  }

  async #keepChart(chart: Chart) {
    const shown = this.#order.living ? chart : withoutLivingInChart(chart);
    this.#pictures.find(shown.portraits);
    const { kind, rootId, up, down } = chart;
    this.#contents.charts.push({ kind, root: rootId, up, down, part: await this.#writer.add(await asBytes(shown)) });
  }

  async #rootChart(kind: (typeof ROOT_KINDS)[number]) {
    const { treeId, person, up, down } = this.#order;
    const query = { root: person, up: kind === 'descendants' ? 0 : up, down: kind === 'hourglass' || kind === 'descendants' ? down : 0 };
    await this.#keepChart(await ask<Chart>(`/trees/${treeId}/charts/${kind}`, { query, signal: this.#signal }));
  }

  async #family(id: Uuid) {
    await this.#keep(nameOf(`/families/${id}`), await ask<Family>(`/families/${id}`, { signal: this.#signal }));
  }

  async #picture(url: string) {
    if (this.#writer.bytes > PICTURE_BYTES_MAX) return;
    const picture = await pictureAt(url, this.#signal);
    if (picture) this.#contents.pictures[url] = { part: await this.#writer.add(picture.bytes), type: picture.type };
  }
}

export const makePack = Maker.make;

// ---------------------------------------------------------------- reading

interface Opened {
  pack: OpenPack;
  contents: Contents;
  onClosed(treeId: Uuid): void;
}
const HOUR_MS = 60 * 60 * 1000;

const opened: Opened[] = [];
const listeners = new Set<() => void>();
let snapshot: readonly { id: string; root: PersonBrief; treeName: string }[] = [];

function changed() {
  snapshot = opened.map(({ pack, contents }) => ({ id: pack.head.id, root: contents.root, treeName: contents.tree.name }));
  for (const listener of listeners) listener();
}

/** The packs that can be read now. */
export const openedPacks = () => snapshot;
export function onOpenedPacks(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * onClosed: what was read from the pack is to be forgotten, for it was locked or removed, or its time has passed.
 * @throws WrongPassphrase; an Error where the pack's time has passed (it is then removed) or it is damaged.
 */
export async function unlockPack(id: string, passphrase: string, onClosed: (treeId: Uuid) => void) {
  await removeStale(Date.now());
  const head = (await packHeads()).find((one) => one.id === id);
  if (!head) throw new Error('expired');
  const pack = await openPack(head, passphrase);
  const contents = (await fromBytes(await pack.read(head.parts - 1))) as Contents;
  lockPack(id);
  opened.push({ pack, contents, onClosed });
  watchTime();
  answerTheWorker();
  changed();
}

function close(closes: (one: Opened) => boolean) {
  const closed = opened.filter(closes);
  if (closed.length === 0) return;
  opened.splice(0, opened.length, ...opened.filter((one) => !closed.includes(one)));
  changed();
  for (const { contents, onClosed } of closed) onClosed(contents.treeId);
}

export const lockPack = (id: string) => close(({ pack }) => pack.head.id === id);

const closeExpired = () => close(({ pack }) => pack.head.expiresAt <= Date.now());

let watch: ReturnType<typeof setTimeout> | undefined;
/** Also while nothing is asked; every hour, for a device that sleeps stops the clock. */
function watchTime() {
  clearTimeout(watch);
  if (opened.length === 0) return;
  const next = Math.min(...opened.map(({ pack }) => pack.head.expiresAt)) - Date.now();
  watch = setTimeout(() => {
    closeExpired();
    watchTime();
  }, Math.min(Math.max(next, 0), HOUR_MS));
}

export async function dropPack(id: string) {
  lockPack(id);
  await removePack(id);
}

/** Removes what has expired, and packs of trees that are no more. */
export async function tidyPacks() {
  if (!mayHavePacks()) return;
  for (const head of await removeStale(Date.now())) {
    const gone = await askAndKeep<Tree>(`/trees/${head.treeId}`, { unkept: true }).then(() => false, (error: unknown) => error instanceof ApiError && error.problem.status === 404);
    if (gone) await dropPack(head.id);
  }
}

function alive(): Opened[] {
  closeExpired();
  return [...opened];
}

/** The chart of the same kind and person whose generations are nearest to those asked for. */
function chartPart({ charts }: Contents, kind: string, query: Query): number | undefined {
  const distance = ({ up, down }: KeptChart) => Math.abs(up - Number(query['up'] ?? up)) + Math.abs(down - Number(query['down'] ?? down));
  return charts.filter((one) => one.kind === kind && one.root === query['root']).toSorted((a, b) => distance(a) - distance(b))[0]?.part;
}

async function answerFrom({ pack, contents }: Opened, path: string, query: Query): Promise<unknown> {
  const part = contents.answers[nameOf(path, query)];
  if (part !== undefined) return fromBytes(await pack.read(part));
  const tree = `/trees/${contents.treeId}`;
  if (path === '/trees') return { items: [contents.tree], total: 1, nextCursor: null } satisfies Page<Tree>;
  if (path === tree) return contents.tree;
  if (path === `${tree}/persons`) return listOf(contents.people, query);
  if (path === `${tree}/persons/anchors`) return anchorsOf(contents.people, query);
  if (path === '/search' && query['treeId'] === contents.treeId) return searchOf(contents.people, query);
  if (path === '/search/suggest' && query['treeId'] === contents.treeId) return suggestOf(contents.people, query);
  if (path.startsWith(`${tree}/charts/`)) {
    const chart = chartPart(contents, path.slice(tree.length + '/charts/'.length), query);
    if (chart !== undefined) return fromBytes(await pack.read(chart));
  }
  return undefined;
}

export interface Packed {
  body: unknown;
  /** When the pack was made. */
  keptAt: string;
}

/** What an opened pack answers in the archive's place; undefined where none does. */
export async function packedAnswer(path: string, query: Query = {}): Promise<Packed | undefined> {
  for (const one of alive()) {
    const answer = await answerFrom(one, path, query);
    if (answer === undefined) continue;
    const media = new Set(Object.keys(one.contents.pictures).map(mediumOf));
    const body = withPictures(answer, (medium) => media.has(medium));
    return { body, keptAt: new Date(one.pack.head.madeAt).toISOString() };
  }
  return undefined;
}

/** A picture of an opened pack: that one, or another size of it. */
async function packedPicture(url: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | undefined> {
  const medium = /^\/api\/v1\/media\/[^/]+\//.exec(url)?.[0];
  for (const { pack, contents } of alive()) {
    const name = contents.pictures[url] ? url : Object.keys(contents.pictures).find((other) => medium !== undefined && other.startsWith(medium));
    const found = name === undefined ? undefined : contents.pictures[name];
    if (found) return { bytes: await pack.read(found.part), type: found.type };
  }
  return undefined;
}

let answering = false;
/** The service worker asks this window for pictures: it has no key. */
function answerTheWorker() {
  if (answering || !('serviceWorker' in navigator)) return;
  answering = true;
  navigator.serviceWorker.addEventListener('message', ({ data, ports }: MessageEvent<{ type?: string; url?: string }>) => {
    if (data?.type !== 'picture' || typeof data.url !== 'string') return;
    void packedPicture(data.url).catch(() => undefined).then((picture) => ports[0]?.postMessage(picture ?? null));
  });
  navigator.serviceWorker.startMessages();
}
