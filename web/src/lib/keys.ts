/**
 * Keyboard shortcuts: single keys (`?`, `j`), two in a row (`g p`) and with Control (`Ctrl k`).
 * Never in a field, never with Alt or Meta, and single keys only where the reader has not switched them off.
 */
import { useEffect } from 'react';
import { settings } from './settings.ts';

export interface Shortcut {
  /** As shown: `g p`, `?`, `Ctrl k`. */
  keys: string;
  /** Key of its words, in `common:keys`. */
  name: string;
  run(): void;
}

/** How long the second key of `g p` may take. */
export const SEQUENCE_MS = 1200;

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  time: number;
  inField: boolean;
}

/** Decides which shortcut a key press completes. Pure but for the first key that it remembers. */
export class Matcher {
  #first: { key: string; time: number } | undefined;

  match(press: KeyPress, shortcuts: readonly Shortcut[], singleKeys: boolean): Shortcut | undefined {
    if (press.altKey || press.metaKey) return undefined;
    if (press.ctrlKey) return find(shortcuts, `Ctrl ${press.key.toLowerCase()}`);
    if (press.inField || !singleKeys || press.key.length !== 1) {
      this.#first = undefined;
      return undefined;
    }
    const first = this.#first;
    this.#first = undefined;
    if (first && press.time - first.time <= SEQUENCE_MS) {
      const pair = find(shortcuts, `${first.key} ${press.key}`);
      if (pair) return pair;
    }
    if (shortcuts.some((shortcut) => shortcut.keys.startsWith(`${press.key} `))) {
      this.#first = { key: press.key, time: press.time };
      return undefined;
    }
    return find(shortcuts, press.key);
  }
}

/** The last registered wins: a page may take a key from the shell. */
function find(shortcuts: readonly Shortcut[], keys: string): Shortcut | undefined {
  return shortcuts.findLast((shortcut) => shortcut.keys === keys);
}

const active: Shortcut[][] = [];
export function activeShortcuts(): Shortcut[] {
  return active.flat();
}

export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit', 'file'].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Listens once for the whole page. @return stops listening */
export function startKeys(target: Window): () => void {
  const matcher = new Matcher();
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    const shortcut = matcher.match(
      {
        key: event.key, ctrlKey: event.ctrlKey, altKey: event.altKey, metaKey: event.metaKey,
        time: event.timeStamp, inField: isField(event.target),
      },
      activeShortcuts(),
      settings().singleKeys,
    );
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  target.addEventListener('keydown', onKey);
  return () => target.removeEventListener('keydown', onKey);
}

/** Shortcuts that hold while the component is shown. Pass a memoised list. */
export function useShortcuts(shortcuts: Shortcut[]) {
  useEffect(() => {
    active.push(shortcuts);
    return () => {
      active.splice(active.indexOf(shortcuts), 1);
    };
  }, [shortcuts]);
}
