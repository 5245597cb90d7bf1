/** The service worker as the pages see it: started, renewed, and taken away with all that it keeps. */
import { onSettings, settings } from './settings.ts';

const WORKER = '/sw.js';
/** A window may stay open for weeks. */
const LOOK_FOR_NEW_MS = 60 * 60 * 1000;

/** Everything of ours, whatever version made it. */
const OURS = 'tablinum-';

let waiting: ServiceWorker | null = null;
const listeners = new Set<() => void>();

/** A newer version of the pages that waits to be let in; null where there is none. */
export const newVersion = (): ServiceWorker | null => waiting;

export function onNewVersion(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes to it: the page is loaded again as soon as the new worker has taken over. */
export function changeToNewest() {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting?.postMessage({ type: 'activate' });
}

export const canKeep = (): boolean => 'serviceWorker' in navigator;

/** Pages under `require-trusted-types-for 'script'` name scripts by this only, and ours is one constant. */
function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } };
  return trustedTypes?.createPolicy('tablinum-worker', { createScriptURL: () => WORKER }).createScriptURL(WORKER) ?? WORKER;
}

/** Whether the worker is of the same build as this page: then there is nothing to ask the reader. */
function isThisVersion(worker: ServiceWorker): Promise<boolean> {
  const paths = [...document.querySelectorAll<HTMLScriptElement>('script[type=module]')].map(({ src }) => new URL(src).pathname);
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.addEventListener('message', ({ data }) => done(data === true), { once: true });
    port1.start();
    worker.postMessage({ type: 'holds', paths }, [port2]);
  });
}

async function offer(worker: ServiceWorker) {
  if (await isThisVersion(worker)) return worker.postMessage({ type: 'activate' });
  waiting = worker;
  for (const listener of listeners) listener();
  return undefined;
}

/** Without a worker so far, the first one takes over by itself. */
function offerIfNewer(worker: ServiceWorker) {
  if (worker.state === 'installed' && navigator.serviceWorker.controller) void offer(worker);
}

function watch(registration: ServiceWorkerRegistration) {
  if (registration.waiting) offerIfNewer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => offerIfNewer(worker));
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_FOR_NEW_MS);
}

async function start() {
  // A browser may refuse (private window, storage full): then there are no copies.
  const registration = await navigator.serviceWorker.register(workerAddress()).catch(() => undefined);
  if (registration) watch(registration);
}

/** Every copy of what was looked at. The pages themselves stay. */
export async function deleteCopies() {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && !name.startsWith(`${OURS}shell-`));
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function stop() {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS));
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** How many answers and pictures lie here. */
export async function countCopies(): Promise<number> {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && !name.startsWith(`${OURS}shell-`));
  const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return lists.reduce((sum, list) => sum + list.length, 0);
}

/** Follows the reader's choice: keeps copies, or keeps nothing. */
export function startCopies() {
  if (!canKeep()) return;
  let keeping: boolean | undefined;
  const follow = () => {
    if (settings().keepCopies === keeping) return;
    keeping = settings().keepCopies;
    void (keeping ? start() : stop());
  };
  follow();
  onSettings(follow);
}
