/** What the service worker does with a request. Without the worker's surroundings, so that a test can ask. */

/** A copy names the time it was made in this header; an answer of the server has none. */
export const KEPT_AT = 'Tablinum-Kept-At';

export type Treatment =
  /** Not touched: the browser asks the server as if there were no worker. */
  | 'pass'
  /** An address of the pages: from the server; without one, the page of the shell. */
  | 'page'
  /** A file of the build, whose name changes with its content. */
  | 'file'
  /** What the archive answered: the newest there is; without a server, what it said last. */
  | 'answer'
  /** A picture of the archive: never changes. */
  | 'picture'
  /** Something is taken out of the archive: then no copy of anything stays. */
  | 'removal';

export interface Asked {
  method: string;
  url: string;
  navigation: boolean;
  /** How the page wants the browser to keep it: 'no-store' is not kept here either. */
  cache: RequestCache;
  /** Names in lower case. */
  headers: { get(name: string): string | null };
}

const API = '/api/v1/';
/** What is true only now, what is made for one download, and the aliases of other programs, which the pages do not use. */
const LIVE = /^(?:stream|jobs|exports|models\/(?:stream|gpus))(?:\/|$)/;
const PICTURE = /^media\/[^/]+\/(?:content|thumbnail)$/;

export function treatmentOf(asked: Asked, origin: string): Treatment {
  const { origin: from, pathname } = new URL(asked.url);
  if (from !== origin) return 'pass';
  if (asked.method === 'DELETE') return pathname.startsWith(API) ? 'removal' : 'pass';
  // What is written goes out as it is and nothing of it is kept.
  if (asked.method !== 'GET') return 'pass';
  if (pathname.startsWith('/api/')) {
    const streamed = asked.headers.get('accept')?.includes('text/event-stream') || asked.headers.get('range') !== null;
    if (asked.navigation || streamed || asked.cache === 'no-store' || !pathname.startsWith(API)) return 'pass';
    const resource = pathname.slice(API.length);
    if (LIVE.test(resource)) return 'pass';
    return PICTURE.test(resource) ? 'picture' : 'answer';
  }
  if (asked.navigation) return 'page';
  return pathname.startsWith('/assets/') || pathname === '/icon.svg' || pathname === '/manifest.webmanifest' ? 'file' : 'pass';
}

/** Whether the server lets an answer be kept, and it is one worth keeping. */
export function mayBeKept(status: number, cacheControl: string | null): boolean {
  return status === 200 && !/\bno-store\b/.test(cacheControl ?? '');
}
