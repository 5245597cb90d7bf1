import { expect, test } from 'vitest';
import { mayBeKept, treatmentOf } from './rules.ts';

const ORIGIN = 'http://127.0.0.1:8080';

function treated(url: string, more: { method?: string; navigation?: boolean; cache?: RequestCache; headers?: Record<string, string> } = {}) {
  const { method = 'GET', navigation = false, cache = 'default', headers = {} } = more;
  return treatmentOf({ method, url: new URL(url, ORIGIN).href, navigation, cache, headers: new Headers(headers) }, ORIGIN);
}

test.each([
  ['/api/v1/persons/1?include=family', 'answer'],
  ['/api/v1/trees', 'answer'],
  ['/api/v1/models/registry', 'answer'],
  ['/api/v1/media/1/content', 'picture'],
  ['/api/v1/media/1/thumbnail?size=256', 'picture'],
  ['/api/v1/media/1', 'answer'],
  ['/assets/index-abc12345.js', 'file'],
  ['/icon.svg', 'file'],
  ['/sw.js', 'pass'],
  ['/health', 'pass'],
  ['https://example.org/api/v1/trees', 'pass'],
])('%s: %s', (url, treatment) => expect(treated(url)).toBe(treatment));

test.each(['stream?topics=a', 'jobs/1', 'exports/1/content', 'models/stream', 'models/gpus'])('live or made for once: %s', (resource) =>
  expect(treated(`/api/v1/${resource}`)).toBe('pass'));

test('a resource whose name only begins like a live one is an answer', () => expect(treated('/api/v1/streams')).toBe('answer'));

test.each(['POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'])('%s is never touched', (method) => {
  expect(treated('/api/v1/trees', { method })).toBe('pass');
  expect(treated('/api/v1/media/1/content', { method })).toBe('pass');
});

test('removing', () => {
  expect(treated('/api/v1/imports/1', { method: 'DELETE' })).toBe('removal');
  expect(treated('/elsewhere', { method: 'DELETE' })).toBe('pass');
});

test('addresses of pages, not those below /api', () => {
  expect(treated('/t/1/people', { navigation: true })).toBe('page');
  expect(treated('/api/v1/exports/1/content', { navigation: true })).toBe('pass');
  expect(treated('/api/v1/media/1/content', { navigation: true })).toBe('pass');
});

test('the aliases of other programs, streams and parts of files are not kept', () => {
  expect(treated('/api/genealogy/persons/1')).toBe('pass');
  expect(treated('/api/v1/anything', { headers: { Accept: 'text/event-stream' } })).toBe('pass');
  expect(treated('/api/v1/media/1/content', { headers: { Range: 'bytes=0-1' } })).toBe('pass');
});

test.each(['persons/1', 'media/1/thumbnail', 'media/1/content'])('%s asked for as not to be stored is not kept', (resource) => {
  expect(treated(`/api/v1/${resource}`, { cache: 'no-store' })).toBe('pass');
  expect(treated(`/api/v1/${resource}`, { cache: 'reload' })).not.toBe('pass');
});

test('something removed takes the copies with it however it is sent', () =>
  expect(treated('/api/v1/imports/1', { method: 'DELETE', cache: 'no-store' })).toBe('removal'));

test.each([
  [200, null, true],
  [200, 'private, no-cache', true],
  [200, 'private, no-store', false],
  [404, null, false],
  [206, null, false],
  [304, null, false],
])('an answer of %i with %j is kept: %s', (status, cacheControl, kept) => expect(mayBeKept(status, cacheControl)).toBe(kept));
