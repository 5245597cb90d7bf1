/** The change made last in this window: said for a while, and taken back with one key. */
export interface Saved {
  treeId: string;
  changeSet: string;
  /** It was itself the taking back of another change. */
  undone: boolean;
}

let last: Saved | null = null;
const listeners = new Set<() => void>();

export const lastSaved = (): Saved | null => last;

export function noteSaved(saved: Saved | null) {
  last = saved;
  for (const listener of listeners) listener();
}

export function onSaved(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** For Idempotency-Key. `crypto.randomUUID` is missing on plain HTTP, which a home network may use. */
export function newRequestKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
