/** One way to ask the server: same origin, JSON, problems as ApiError. */
import { KEPT_AT, noteAnswer, noteSilence } from './connection.ts';
import { mayHavePacks } from './packs-here.ts';
import type { Problem } from './types.ts';

const BASE = '/api/v1';
/** An upload may take longer: its time is not limited here. */
const TIMEOUT_MS = 30_000;

export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** What went wrong before there was an answer, or with one that is not ours, in the form of an answer. */
export function localProblem(code: 'unreachable' | 'timeout' | 'unexpected', status: number, detail: string): ApiError {
  return new ApiError({ type: 'about:blank', code, title: code, status, detail, requestId: '' });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string' && 'detail' in body;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return `${BASE}${path}${text && '?'}${text}`;
}

/** `filter[name]=value` for each entry with a value. */
export function filters(filter: Record<string, string | undefined>): Query {
  return Object.fromEntries(
    Object.entries(filter).map(([name, value]) => [name.endsWith('~') ? `filter[${name.slice(0, -1)}]~` : `filter[${name}]`, value]),
  );
}

export interface Request {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Query;
  json?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** From the archive alone, and kept nowhere: not by the service worker, not by the browser. */
  unkept?: boolean;
}

async function send(path: string, request: Request): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json, application/problem+json', 'Accept-Language': document.documentElement.lang, ...request.headers });
  if (request.json !== undefined) headers.set('Content-Type', 'application/json');
  const signals = [request.signal, request.form ? undefined : AbortSignal.timeout(TIMEOUT_MS)].filter((signal) => signal !== undefined);
  try {
    const response = await fetch(address(path, request.query), {
      method: request.method ?? 'GET',
      headers,
      ...(request.unkept && { cache: 'no-store' as const }),
      body: request.form ?? (request.json === undefined ? null : JSON.stringify(request.json)),
      signal: AbortSignal.any(signals),
    });
    noteAnswer(response.headers);
    return response;
  } catch (error) {
    if (request.signal?.aborted) throw error;
    noteSilence();
    const timeout = error instanceof DOMException && error.name === 'TimeoutError';
    throw localProblem(timeout ? 'timeout' : 'unreachable', 0, String(error));
  }
}

/** What a pack on this device says in the archive's place; the packs' code is loaded only where there is one. */
async function fromPack(path: string, { method = 'GET', query, unkept = false }: Request): Promise<unknown> {
  if (method !== 'GET' || unkept || !mayHavePacks()) return undefined;
  const { packedAnswer } = await import('./pack.ts');
  const found = await packedAnswer(path, query);
  if (found) noteAnswer(new Headers({ [KEPT_AT]: found.keptAt }));
  return found?.body;
}

/** An answer that is no JSON, as a file. @throws ApiError */
export async function askFile(path: string, accept: string): Promise<Blob> {
  const response = await send(path, { headers: { Accept: accept } });
  if (!response.ok) throw localProblem('unexpected', response.status, `HTTP ${response.status}`);
  return response.blob();
}

/** @throws ApiError for every answer but 2xx, and where there is none. */
export async function ask<T>(path: string, request: Request = {}): Promise<T> {
  let response: Response;
  try {
    response = await send(path, request);
  } catch (error) {
    const kept = request.signal?.aborted ? undefined : await fromPack(path, request);
    if (kept !== undefined) return kept as T;
    throw error;
  }
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    throw localProblem('unexpected', response.status, `HTTP ${response.status} without JSON`);
  }
  if (response.ok) return body as T;
  throw isProblem(body) ? new ApiError(body) : localProblem('unexpected', response.status, `HTTP ${response.status}`);
}
