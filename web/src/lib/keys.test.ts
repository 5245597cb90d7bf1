import { beforeEach, expect, test, vi } from 'vitest';
import { Matcher, SEQUENCE_MS, type Shortcut } from './keys.ts';

const run = vi.fn();
const shortcuts: Shortcut[] = ['?', 'g h', 'g p', 'j', 'Ctrl k'].map((keys) => ({ keys, name: keys, run }));
let matcher: Matcher;
beforeEach(() => {
  matcher = new Matcher();
});

function press(key: string, more: { time?: number; inField?: boolean; ctrlKey?: boolean; altKey?: boolean; singleKeys?: boolean } = {}) {
  const { singleKeys = true, ...rest } = more;
  return matcher.match({ key, ctrlKey: false, altKey: false, metaKey: false, time: 0, inField: false, ...rest }, shortcuts, singleKeys)?.keys;
}

test('a single key', () => expect(press('?')).toBe('?'));

test('two keys in a row', () => {
  expect(press('g')).toBeUndefined();
  expect(press('p', { time: SEQUENCE_MS })).toBe('g p');
});

test('two keys too far apart are two single keys', () => {
  press('g');
  expect(press('p', { time: SEQUENCE_MS + 1 })).toBeUndefined();
  press('g');
  expect(press('j', { time: SEQUENCE_MS + 1 })).toBe('j');
});

test('a wrong second key does not block what it means by itself', () => {
  press('g');
  expect(press('j', { time: 10 })).toBe('j');
});

test('nothing happens in a field, but with Control', () => {
  expect(press('?', { inField: true })).toBeUndefined();
  expect(press('k', { inField: true, ctrlKey: true })).toBe('Ctrl k');
});

test('keys with Alt belong to the system', () => expect(press('j', { altKey: true })).toBeUndefined());

test('single keys can be switched off; those with Control stay', () => {
  expect(press('j', { singleKeys: false })).toBeUndefined();
  expect(press('k', { singleKeys: false, ctrlKey: true })).toBe('Ctrl k');
});

test('what a page registers later wins', () => {
  const page = { keys: 'j', name: 'page', run };
  expect(new Matcher().match({ key: 'j', ctrlKey: false, altKey: false, metaKey: false, time: 0, inField: false }, [...shortcuts, page], true)).toBe(page);
});
