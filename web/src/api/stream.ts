/** News from the server: Server-Sent Events read with fetch, resumed after a break by the id of the last event; or a WebSocket. */
import { address, type Query } from './client.ts';

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

/** An event larger than this is dropped: nothing of ours comes near it. */
export const EVENT_CHARS_MAX = 1 << 20;
const RETRY_MS = [500, 1000, 2000, 5000, 10_000] as const;

/** The event stream format of the HTML standard (9.2.6). Text goes in in any pieces, events come out. */
export class EventParser {
  #buffer = '';
  #id = '';
  #event = '';
  #data: string[] = [];
  #size = 0;

  push(text: string): ServerEvent[] {
    this.#buffer += text;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#buffer);
      if (!end) break;
      const event = this.#line(this.#buffer.slice(0, end.index));
      this.#buffer = this.#buffer.slice(end.index + end[0].length);
      if (event) events.push(event);
    }
    if (this.#buffer.length > EVENT_CHARS_MAX) this.#buffer = '';
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') this.#event = value;
    if (field === 'id' && !value.includes('\0')) this.#id = value;
    if (field === 'data' && (this.#size += value.length) <= EVENT_CHARS_MAX) this.#data.push(value);
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const whole = this.#data.length > 0 && this.#size <= EVENT_CHARS_MAX;
    const event = { id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') };
    this.#event = '';
    this.#data = [];
    this.#size = 0;
    return whole ? event : undefined;
  }
}

interface Stream {
  path: string;
  query?: Query;
}

async function readOnce({ path, query }: Stream, lastId: string, signal: AbortSignal, onEvent: (event: ServerEvent) => void) {
  const headers = new Headers({ Accept: 'text/event-stream' });
  if (lastId) headers.set('Last-Event-ID', lastId);
  const response = await fetch(address(path, query), { headers, signal, cache: 'no-store' });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  const parser = new EventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(value)) onEvent(event);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Listens until the signal aborts. A broken stream is taken up again; `onBreak` hears of each break. */
export async function follow(stream: Stream, signal: AbortSignal, onEvent: (event: ServerEvent) => void, onBreak = () => {}) {
  let lastId = '';
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readOnce(stream, lastId, signal, (event) => {
        lastId = event.id || lastId;
        failures = 0;
        onEvent(event);
      });
    } catch {
      failures += 1;
    }
    if (!signal.aborted) onBreak();
    if (!signal.aborted) await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!);
  }
}

export interface Message {
  event: string;
  data: unknown;
}

/** One WebSocket for as long as it lasts. @return whether it opened at all. */
function readSocket(path: string, signal: AbortSignal, onMessage: (message: Message) => void): Promise<boolean> {
  return new Promise((done) => {
    const url = new URL(address(path), location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    let opened = false;
    const stop = () => socket.close();
    signal.addEventListener('abort', stop, { once: true });
    socket.addEventListener('open', () => (opened = true));
    socket.addEventListener('message', ({ data }) => onMessage(JSON.parse(String(data)) as Message));
    socket.addEventListener('close', () => {
      signal.removeEventListener('abort', stop);
      done(opened);
    });
  });
}

/** Listens over WebSocket until the signal aborts; over server-sent events of the same address where no socket opens: some proxies know none. */
export async function followMessages(path: string, signal: AbortSignal, onMessage: (message: Message) => void, onBreak = () => {}) {
  while (!signal.aborted) {
    const opened = await readSocket(path, signal, onMessage);
    if (signal.aborted) return undefined;
    onBreak();
    if (!opened) return follow({ path }, signal, ({ event, data }) => onMessage({ event, data: JSON.parse(data) as unknown }), onBreak);
    await pause(RETRY_MS[0]);
  }
  return undefined;
}

/** News about jobs and trees. Who listens polls as well, so a gap loses nothing. */
export const listen = (topics: string[], signal: AbortSignal, onEvent: (event: ServerEvent) => void) =>
  follow({ path: '/stream', query: { topics: topics.join(',') } }, signal, onEvent);
