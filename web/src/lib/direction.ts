/** Which way the reader's language runs. */
import type { Settings } from './settings.ts';

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['he']);

export const directionOf = (language: Settings['language']): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr');

const OTHER: Record<string, string> = { ArrowLeft: 'ArrowRight', ArrowRight: 'ArrowLeft' };

/** What an arrow key means where "forward" is to the right: in a list that is unfolded forward, say. */
export function forwardKey(key: string, language: string): string {
  return directionOf(language as Settings['language']) === 'rtl' ? (OTHER[key] ?? key) : key;
}
