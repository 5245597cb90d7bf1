import { expect, test } from 'vitest';
import { neighbours, setTrail } from './trail.ts';

test('neighbours in the list one came from', () => {
  setTrail(['a', 'b', 'c']);
  expect(neighbours('a')).toEqual({ previous: null, next: 'b' });
  expect(neighbours('b')).toEqual({ previous: 'a', next: 'c' });
  expect(neighbours('c')).toEqual({ previous: 'b', next: null });
  expect(neighbours('x')).toEqual({ previous: null, next: null });
});
