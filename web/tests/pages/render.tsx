/** Renders the whole application at an address, with the fixture family answering. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { cleanup, configure, render } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { routeTree } from '../../src/app/router.tsx';
import { startTexts } from '../../src/lib/i18n.ts';
import { answer } from '../fixture/handler.ts';

// On a busy machine a second is not long. The whole page as text helps nobody; the message says what was looked for.
configure({ asyncUtilTimeout: 15_000, getElementError: (message) => new Error(message?.split('\n')[0]) });

afterEach(() => {
  cleanup();
  FakeSocket.messages = [];
  vi.unstubAllGlobals();
});

function showModal(this: HTMLDialogElement) {
  this.open = true;
}

function closeDialog(this: HTMLDialogElement) {
  this.open = false;
}

/** A socket that says what the test has laid down, once. Without that it does not open, as behind a proxy that knows no WebSocket. */
class FakeSocket extends EventTarget {
  static messages: string[] = [];
  constructor() {
    super();
    queueMicrotask(() => {
      if (FakeSocket.messages.length === 0) return this.close();
      this.dispatchEvent(new Event('open'));
      for (const data of FakeSocket.messages) this.dispatchEvent(new MessageEvent('message', { data }));
    });
  }
  close() {
    this.dispatchEvent(new Event('close'));
  }
}
export const sayOverSocket = (...messages: unknown[]) => {
  FakeSocket.messages = messages.map((message) => JSON.stringify(message));
};

/** What jsdom lacks: sizes, dialogs and popovers, media queries, a canvas. */
function fillGaps() {
  vi.stubGlobal('ResizeObserver', class {
    observe() {}
    unobserve() {}
    disconnect() {}
  });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal('scrollTo', () => {});
  vi.stubGlobal('Path2D', class {
    moveTo() {}
    lineTo() {}
    closePath() {}
  });
  vi.stubGlobal('WebSocket', FakeSocket);
  HTMLDialogElement.prototype.showModal ??= showModal;
  HTMLDialogElement.prototype.close ??= closeDialog;
  const context = new Proxy({}, { get: (_, name) => (name === 'measureText' ? () => ({ width: 10 }) : () => {}), set: () => true });
  HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext'];
}

export interface Asked {
  method: string;
  url: string;
}

/** @return the questions asked so far, which go on growing, and the router */
export async function open(address: string, respond: (method: string, url: string) => Response = answer, events = '') {
  fillGaps();
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET';
    asked.push({ method, url });
    return url.includes('/stream') ? new Response(events, { headers: { 'Content-Type': 'text/event-stream' } }) : respond(method, url);
  });
  await startTexts('en');
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: [address] }) });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 30_000 } } });
  const page = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return { asked, router, page };
}
