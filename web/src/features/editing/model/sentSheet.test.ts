import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../api/client.ts';
import type { ChangeResult } from '../../../api/types.ts';
import { next } from './draft.ts';
import { DoubtError, settleSent } from './sentSheet.ts';
import { emptySheet, newRow } from './sheet.ts';
import type { Sent } from './useDraft.ts';

const HOUR = 60 * 60 * 1000;
const NOW = 1000 * HOUR;
const draft = emptySheet('t', 'census', { title: 'Census 1911' });
const more = next(draft, { type: 'add', part: newRow('son') });
const done = { changeSet: 'c', ids: {} } as ChangeResult;
const SENT: Sent = { body: '{}', key: 'k', draft, time: NOW - HOUR };
const answer = (status: number) => new ApiError({ type: 'about:blank', code: 'x', title: 'x', status, detail: 'x', requestId: '' });

function asking() {
  let keys = 0;
  return {
    resend: vi.fn(async (): Promise<ChangeResult | undefined> => done), undo: vi.fn(async (_changeSet: string, _key: string): Promise<unknown> => ({})),
    newKey: () => `u${(keys += 1)}`, note: vi.fn((_sent: Sent | null) => {}),
  };
}

describe('a sheet that may have arrived', () => {
  test('has: where it says the same now, that is the answer', async () => {
    const to = asking();
    expect(await settleSent(SENT, structuredClone(draft), to, NOW)).toBe(done);
    expect(to.undo).not.toHaveBeenCalled();
  });

  test.each([['changed', SENT], ['not known as it was sent', { body: '{}', key: 'k', time: NOW }]])('%s: it is taken back and saved anew', async (_, sent) => {
    const to = asking();
    expect(await settleSent(sent, more, to, NOW)).toBe('save');
    expect(to.undo).toHaveBeenCalledExactlyOnceWith('c', 'u1');
    expect(to.note).toHaveBeenLastCalledWith(null);
  });

  test.each([400, 404, 409, 412, 413, 422])('refused with %i: it had not arrived, and the sheet is saved as it is now', async (status) => {
    const to = asking();
    to.resend.mockRejectedValue(answer(status));
    expect(await settleSent(SENT, more, to, NOW)).toBe('save');
    expect(to.note).toHaveBeenCalledExactlyOnceWith(null);
  });

  test.each([0, 401, 403, 429, 500, 503])('answered with %i: nothing is known, and it stays as it is', async (status) => {
    const to = asking();
    to.resend.mockRejectedValue(answer(status));
    await expect(settleSent(SENT, more, to, NOW)).rejects.toThrow(ApiError);
    expect(to.note).not.toHaveBeenCalled();
  });

  test('an undo without an answer is asked again under its key, and nothing is sent twice', async () => {
    const to = asking();
    to.undo.mockRejectedValueOnce(answer(0));
    await expect(settleSent(SENT, more, to, NOW)).rejects.toThrow(ApiError);
    const kept = to.note.mock.lastCall![0]!;
    expect(kept).toEqual({ ...SENT, undo: { changeSet: 'c', key: 'u1' } });
    // Kept on the device and read again; and the sheet may be as it was sent by now, which is being taken back.
    expect(await settleSent(structuredClone(kept), draft, to, NOW)).toBe('save');
    expect(to.resend).toHaveBeenCalledOnce();
    expect(to.undo.mock.calls).toEqual([['c', 'u1'], ['c', 'u1']]);
  });

  test('after the life of its key, or where the undo is refused, a person has to look', async () => {
    for (const time of [NOW - 24 * HOUR, undefined]) {
      const to = asking();
      const { time: _, ...rest } = SENT;
      await expect(settleSent(time === undefined ? rest : { ...SENT, time }, draft, to, NOW)).rejects.toThrow(DoubtError);
      expect(to.resend).not.toHaveBeenCalled();
    }
    const to = asking();
    to.undo.mockRejectedValue(answer(409));
    await expect(settleSent(SENT, more, to, NOW)).rejects.toThrow(DoubtError);
  });
});
