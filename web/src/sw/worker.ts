/**
 * The service worker: the pages open without a connection, and what was looked at can be read again.
 * The shell is kept whole when a version is installed; answers and pictures when they are looked at, a limited number of them.
 * Nothing that is sent to the archive is kept, and when something is removed from it, all copies go.
 */
import { KEPT_AT, mayBeKept, treatmentOf } from './rules.ts';

declare const self: ServiceWorkerGlobalScope;
/** Put in by tools/worker.ts: the files of this build that are fetched ahead, and a name for their sum. */
declare const SHELL_FILES: string[];
declare const SHELL_NAME: string;

/** How long the network may take before a copy is shown. */
const PATIENCE_MS = 3000;
const ANSWERS_MAX = 600;
const ANSWER_BYTES_MAX = 4 << 20;
const PICTURES_MAX = 300;
const PICTURE_BYTES_MAX = 2 << 20;
/** Looking how many there are is not free: not after each one. */
const TRIM_EVERY = 20;

const SHELL_PREFIX = 'tablinum-shell-';
const SHELL = SHELL_PREFIX + SHELL_NAME;
const FILES = SHELL_FILES;
const ANSWERS = 'tablinum-answers-1';
const PICTURES = 'tablinum-pictures-1';
/** A page of the version before may still be open and load its parts. */
const SHELLS_KEPT = 2;

self.addEventListener('install', (event) => event.waitUntil(fetchShell()));
self.addEventListener('activate', (event) => event.waitUntil(begin()));
self.addEventListener('message', (event) => {
  const message = event.data as { type: string; paths?: string[] };
  if (message.type === 'activate') event.waitUntil(self.skipWaiting());
  if (message.type === 'holds') event.ports[0]?.postMessage(message.paths?.every((path) => FILES.includes(path)) ?? false);
});
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { method, url, headers, cache } = request;
  const asked = { method, url, headers, cache, navigation: request.mode === 'navigate' };
  switch (treatmentOf(asked, self.location.origin)) {
    case 'page': return event.respondWith(page(event));
    case 'file': return event.respondWith(file(event));
    case 'answer': return event.respondWith(answer(event));
    case 'picture': return event.respondWith(picture(event));
    case 'removal': return event.respondWith(removal(event));
    case 'pass': return undefined;
  }
});

async function fetchShell() {
  const shell = await caches.open(SHELL);
  // What has its content in its name was just loaded by the page; the rest is asked for anew.
  await shell.addAll(FILES.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' })));
}

async function begin() {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL_PREFIX));
  await Promise.all(shells.slice(0, -SHELLS_KEPT).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The network's answer if it comes in time, else the copy, else the network however long it takes. */
async function newest(network: Promise<Response>, copy: () => Promise<Response | undefined>): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(done, PATIENCE_MS, undefined);
  });
  try {
    const first = await Promise.race([network, late]);
    return first ?? (await copy()) ?? (await network);
  } catch (error) {
    const kept = await copy();
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function page(event: FetchEvent): Promise<Response> {
  return newest(fetch(event.request), () => caches.match('/', { cacheName: SHELL }));
}

async function file(event: FetchEvent): Promise<Response> {
  const known = await caches.match(event.request, { ignoreVary: true });
  if (known) return known;
  const response = await fetch(event.request);
  if (mayBeKept(response.status, response.headers.get('cache-control'))) {
    const copy = response.clone();
    event.waitUntil(caches.open(SHELL).then((shell) => shell.put(event.request, copy)));
  }
  return response;
}

async function answer(event: FetchEvent): Promise<Response> {
  const network = fetch(event.request).then((response) => {
    if (mayBeKept(response.status, response.headers.get('cache-control'))) event.waitUntil(keep(ANSWERS, event.request.url, response.clone()));
    return response;
  });
  return newest(network, () => caches.match(event.request.url, { cacheName: ANSWERS, ignoreVary: true }));
}

async function picture(event: FetchEvent): Promise<Response> {
  const known = await caches.match(event.request.url, { cacheName: PICTURES, ignoreVary: true });
  if (known) return known;
  let response: Response;
  try {
    response = await fetch(event.request);
  } catch (error) {
    const packed = await fromPack(event);
    if (packed) return packed;
    throw error;
  }
  const isPicture = response.headers.get('content-type')?.startsWith('image/');
  if (isPicture && mayBeKept(response.status, response.headers.get('cache-control'))) {
    event.waitUntil(keep(PICTURES, event.request.url, response.clone()));
  }
  return response;
}

/** A picture of a pack that the asking window has opened: the key is there, not here. Of that window only: it is kept nowhere. */
async function fromPack(event: FetchEvent): Promise<Response | undefined> {
  const window = await self.clients.get(event.clientId);
  if (!window) return undefined;
  const { port1, port2 } = new MessageChannel();
  const { href, origin } = new URL(event.request.url);
  const found = await new Promise<{ bytes: Uint8Array<ArrayBuffer>; type: string } | null>((done) => {
    port1.addEventListener('message', ({ data }) => done(data as { bytes: Uint8Array<ArrayBuffer>; type: string } | null), { once: true });
    port1.start();
    setTimeout(done, PATIENCE_MS, null);
    window.postMessage({ type: 'picture', url: href.slice(origin.length) }, [port2]);
  });
  return found ? new Response(found.bytes, { headers: { 'Content-Type': found.type, 'Cache-Control': 'no-store' } }) : undefined;
}

async function removal(event: FetchEvent): Promise<Response> {
  const response = await fetch(event.request);
  if (response.ok) await Promise.all([caches.delete(ANSWERS), caches.delete(PICTURES)]);
  return response;
}

let kept = 0;

async function keep(name: typeof ANSWERS | typeof PICTURES, url: string, response: Response) {
  const body = await response.arrayBuffer();
  const [bytesMax, countMax] = name === ANSWERS ? [ANSWER_BYTES_MAX, ANSWERS_MAX] : [PICTURE_BYTES_MAX, PICTURES_MAX];
  if (body.byteLength > bytesMax) return;
  const headers = new Headers(response.headers);
  // The body is here as it was before it was compressed for the way.
  headers.delete('content-encoding');
  headers.delete('content-length');
  headers.set(KEPT_AT, new Date().toISOString());
  const cache = await caches.open(name);
  await cache.put(url, new Response(body, { status: response.status, headers }));
  kept += 1;
  if (kept % TRIM_EVERY !== 0) return;
  // In the order in which they were written: the oldest first.
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - countMax)).map((request) => cache.delete(request)));
}
