/** Whether the archive answers, or the service worker with copies of what it once said. */

/** As in sw/rules.ts, which it cannot import: the worker has to be one file. */
export const KEPT_AT = 'Tablinum-Kept-At';

export interface Connection {
  lost: boolean;
  /** When the oldest copy was made that was shown since; null where none was. */
  keptAt: string | null;
}

const THERE: Connection = { lost: false, keptAt: null };
let current = THERE;
const listeners = new Set<() => void>();

function become(next: Connection) {
  if (next.lost === current.lost && next.keptAt === current.keptAt) return;
  current = next;
  for (const listener of listeners) listener();
}

export const connection = (): Connection => current;

export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function noteAnswer(headers: Headers) {
  const keptAt = headers.get(KEPT_AT);
  if (keptAt === null) return become(THERE);
  return become({ lost: true, keptAt: current.keptAt !== null && current.keptAt < keptAt ? current.keptAt : keptAt });
}

export function noteSilence() {
  become({ lost: true, keptAt: current.keptAt });
}
