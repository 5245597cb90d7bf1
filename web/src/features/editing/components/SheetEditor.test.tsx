// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError } from '../../../api/client.ts';
import * as commands from '../../../api/commands.ts';
import type { ChangeResult } from '../../../api/types.ts';
import { next, type Draft } from '../model/draft.ts';
import { emptySheet, newRow } from '../model/sheet.ts';
import type { Sent } from '../model/useDraft.ts';
import { SheetEditor } from './SheetEditor.tsx';

vi.mock('../../../api/commands.ts', { spy: true });

const base = emptySheet('t', 'census', { title: 'Census 1911' });
const named = (name: string, draft: Draft) => next(draft, { type: 'add', part: { ...newRow('son'), fields: { role: 'son', name } } });
const first = named('Anna', base), second = named('Peter', first);
const done = { changeSet: 'c', ids: {}, records: [], created: [], etags: {} } as unknown as ChangeResult;
const silence = new ApiError({ type: 'about:blank', code: 'unreachable', title: '', status: 0, detail: '', requestId: '' });

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('nothing is there')));
  vi.stubGlobal('CSS', { escape: String });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function open(draft: Draft, sent: Sent | null) {
  const saved = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <SheetEditor start={{ base, draft, reason: '', sent }} template="census" onSaved={saved} onClose={() => {}} />
    </QueryClientProvider>,
  );
  return { saved, submit: () => fireEvent.submit(screen.getByRole('form')) };
}

test('while a sheet is being saved nothing can be typed into it; after it, it can', async () => {
  const { promise, reject } = Promise.withResolvers<ChangeResult>();
  const apply = vi.spyOn(commands, 'applyChanges').mockReturnValue(promise);
  const { submit } = open(first, null);
  const cell = screen.getByDisplayValue<HTMLInputElement>('Anna');
  expect(cell.matches(':disabled')).toBe(false);
  submit();
  await waitFor(() => expect(apply).toHaveBeenCalledOnce());
  expect(cell.matches(':disabled')).toBe(true);
  reject(silence);
  await waitFor(() => expect(cell.matches(':disabled')).toBe(false));
});

test('rows that were typed after the request are saved, too, when the sheet is taken up again', async () => {
  const apply = vi.spyOn(commands, 'applyChanges').mockResolvedValue(done);
  const undo = vi.spyOn(commands, 'undoChanges').mockResolvedValue(done);
  const { saved, submit } = open(second, { body: JSON.stringify({ reason: '', ops: [] }), key: 'k', draft: first, time: Date.now() });
  submit();
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(apply.mock.calls.map(([, , key]) => key === 'k')).toEqual([true, false]);
  expect(undo).toHaveBeenCalledOnce();
  expect(JSON.stringify(apply.mock.calls[1])).toContain('Peter');
});

test('a request of days ago is not sent again unasked', async () => {
  const apply = vi.spyOn(commands, 'applyChanges').mockResolvedValue(done);
  const { saved, submit } = open(first, { body: JSON.stringify({ reason: '', ops: [] }), key: 'k', draft: first, time: 0 });
  submit();
  fireEvent.click(await screen.findByRole('button', { name: 'save_anew' }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(apply.mock.calls.map(([, , key]) => key === 'k')).toEqual([false]);
});
