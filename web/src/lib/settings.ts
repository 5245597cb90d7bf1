/** What this device remembers. Never sent anywhere; where storage is refused, it lasts as long as the page. */
import { useSyncExternalStore } from 'react';
import { directionOf } from './direction.ts';

export const LANGUAGES = ['en', 'de', 'es', 'fr', 'he', 'sn', 'nd'] as const;
/** Translations that no speaker has read yet: the settings page says so. */
export const DRAFT_LANGUAGES: ReadonlySet<string> = new Set(['he', 'sn', 'nd']);

export interface Settings {
  language: (typeof LANGUAGES)[number];
  theme: 'auto' | 'light' | 'dark';
  /** Percent of the browser's own text size. */
  textSize: 100 | 125 | 150;
  /** Single-key shortcuts (WCAG 2.1.4: they can be switched off). */
  singleKeys: boolean;
  /** Charts open as an outline. */
  outlineFirst: boolean;
  /** What was looked at stays on this device, to be read without a connection. */
  keepCopies: boolean;
  /** Where `/` leads. */
  lastTree: string | null;
}

const STORAGE_KEY = 'tablinum.settings';

function preferredLanguage(): Settings['language'] {
  const wanted = new Set(navigator.languages.map((tag) => tag.slice(0, 2)));
  return LANGUAGES.find((language) => wanted.has(language)) ?? 'en';
}

const choices: { [K in keyof Settings]?: readonly Settings[K][] } = {
  language: LANGUAGES,
  theme: ['auto', 'light', 'dark'],
  textSize: [100, 125, 150],
  singleKeys: [true, false],
  outlineFirst: [true, false],
  keepCopies: [true, false],
};

/** Takes what is valid of something stored and the default for the rest. */
export function readSettings(stored: string | null, language: Settings['language']): Settings {
  const result: Settings = {
    language, theme: 'auto', textSize: 100, singleKeys: true, outlineFirst: false, keepCopies: true, lastTree: null,
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(stored ?? '{}');
  } catch {
    return result;
  }
  if (typeof parsed !== 'object' || parsed === null) return result;
  const source = parsed as Record<string, unknown>;
  for (const [key, allowed] of Object.entries(choices)) {
    if ((allowed as unknown[]).includes(source[key])) Object.assign(result, { [key]: source[key] });
  }
  if (typeof source['lastTree'] === 'string') result.lastTree = source['lastTree'];
  return result;
}

function load(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function save(value: Settings) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(value));
  } catch {
    // Storage is refused (private window, full disk): the choice still holds for this page.
  }
}

let current: Settings | undefined;
const listeners = new Set<() => void>();

export function settings(): Settings {
  return (current ??= readSettings(load(), preferredLanguage()));
}

export function changeSettings(change: Partial<Settings>) {
  current = { ...settings(), ...change };
  save(current);
  for (const listener of listeners) listener();
}

export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSettings(): Settings {
  return useSyncExternalStore(onSettings, settings);
}

/** Theme, text size, language and its direction of the document; colours follow `color-scheme`. */
export function applySettings(root: HTMLElement, value: Settings) {
  root.lang = value.language;
  root.dir = directionOf(value.language);
  root.dataset['theme'] = value.theme;
  root.dataset['size'] = String(value.textSize);
}
