import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('nothing stored: the defaults, in the language of the browser', () => {
  expect(readSettings(null, 'sn')).toEqual({ language: 'sn', theme: 'auto', textSize: 100, singleKeys: true, outlineFirst: false, keepCopies: true, lastTree: null });
});

test('what is stored is taken where it is valid', () => {
  const stored = JSON.stringify({ theme: 'dark', textSize: 137, singleKeys: 'yes', language: 'nd', lastTree: 'abc', more: 1 });
  expect(readSettings(stored, 'en')).toEqual({ language: 'nd', theme: 'dark', textSize: 100, singleKeys: true, outlineFirst: false, keepCopies: true, lastTree: 'abc' });
});

test.each(['', '{', 'null', '7', '[]'])('%j is no reason to fail', (stored) => expect(readSettings(stored, 'en').theme).toBe('auto'));
