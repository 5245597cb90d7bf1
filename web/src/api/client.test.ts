// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest';
import { address, ApiError, ask } from './client.ts';
import { filters } from './queries.ts';

afterEach(() => vi.unstubAllGlobals());

function reply(body: string, status: number, type = 'application/json') {
  const fetched = vi.fn(async () => new Response(body, { status, headers: { 'Content-Type': type } }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

const failure = async (path: string, request?: Parameters<typeof ask>[1]) => {
  const error = await ask(path, request).catch((thrown: unknown) => thrown);
  return error instanceof ApiError ? error.problem : error;
};

test('an address leaves out what is not there and encodes the rest', () => {
  expect(address('/trees/t/persons', { sort: '-birth', cursor: undefined, limit: 50, q: '' })).toBe('/api/v1/trees/t/persons?sort=-birth&limit=50');
  expect(address('/x', filters({ 'surname~': 'Ó Moyo', birth: '1850..1900', living: undefined })))
    .toBe('/api/v1/x?filter%5Bsurname%5D%7E=%C3%93+Moyo&filter%5Bbirth%5D=1850..1900');
});

test('an answer is given on, asked for in the reader’s language', async () => {
  const fetched = reply('{"a":1}', 200);
  document.documentElement.lang = 'sn';
  expect(await ask('/x')).toEqual({ a: 1 });
  const [, init] = fetched.mock.calls[0] as unknown as [string, RequestInit];
  expect((init.headers as Headers).get('Accept-Language')).toBe('sn');
});

test('a problem of the server arrives as it is', async () => {
  reply('{"type":"/problems/not-found","code":"not_found","title":"t","status":404,"detail":"d","requestId":"r"}', 404, 'application/problem+json');
  expect(await failure('/x')).toMatchObject({ code: 'not_found', status: 404, requestId: 'r' });
});

test('an error that is not ours, and one without JSON', async () => {
  reply('{"hello":1}', 502);
  expect(await failure('/x')).toMatchObject({ code: 'unexpected', status: 502 });
  reply('<html>', 502, 'text/html');
  expect(await failure('/x')).toMatchObject({ code: 'unexpected', status: 502 });
});

test('no answer at all', async () => {
  vi.stubGlobal('fetch', async () => { throw new TypeError('Failed to fetch'); });
  expect(await failure('/x')).toMatchObject({ code: 'unreachable', status: 0 });
});

test('an answer that comes too late', async () => {
  vi.stubGlobal('fetch', async () => { throw new DOMException('late', 'TimeoutError'); });
  expect(await failure('/x')).toMatchObject({ code: 'timeout', status: 0 });
});

test('a question taken back is not a problem', async () => {
  const control = new AbortController();
  control.abort();
  vi.stubGlobal('fetch', async () => { throw new DOMException('gone', 'AbortError'); });
  expect(await failure('/x', { signal: control.signal })).toBeInstanceOf(DOMException);
});
