/** Before a page goes to paper: what is folded is unfolded, and lists that draw only the rows in view draw all that they know. */
import { useSyncExternalStore } from 'react';

let printing = false;
const listeners = new Set<() => void>();
let unfolded: HTMLDetailsElement[] = [];

function become(now: boolean) {
  printing = now;
  for (const listener of listeners) listener();
}

function after() {
  for (const fold of unfolded) fold.open = false;
  unfolded = [];
  become(false);
}

/** Listens once for the whole page. @return stops listening */
export function startPrinting(target: Window): () => void {
  const before = () => {
    unfolded = [...target.document.querySelectorAll<HTMLDetailsElement>('#main details:not([open])')].filter((fold) => !fold.closest('.no-print'));
    for (const fold of unfolded) fold.open = true;
    become(true);
  };
  target.addEventListener('beforeprint', before);
  target.addEventListener('afterprint', after);
  return () => {
    target.removeEventListener('beforeprint', before);
    target.removeEventListener('afterprint', after);
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the page is being printed just now. */
export const usePrinting = () => useSyncExternalStore(subscribe, () => printing);
