/** A sheet whose request got no answer: it may have arrived. What Save does then, so that nothing is done twice and nothing typed is lost. */
import { ApiError } from '../../../api/client.ts';
import type { ChangeResult } from '../../../api/types.ts';
import { type Draft, sameDraft } from './draft.ts';
import type { Sent } from './useDraft.ts';
import type { Named } from './useSave.ts';

/** The archive knows a key for 24 hours; an hour less, for the time that a request was under way. */
const KEY_LIFE_MS = 23 * 60 * 60 * 1000;
/** Answers that are given to what was asked. One who is not let in, or too soon, learns nothing of the request before. */
const REFUSED: ReadonlySet<number> = new Set([400, 404, 409, 412, 413, 422]);

/** Asking again would not tell whether it arrived: only somebody who looks at the history can say. */
export class DoubtError extends Error {}

export interface Asking {
  /** The same request under the same key. Nothing: another is under way. */
  resend(): Promise<ChangeResult | undefined>;
  undo(changeSet: string, key: string): Promise<unknown>;
  newKey(): string;
  /** What is known from now on of the request. */
  note(sent: Sent | null): void;
}

const isRefused = (error: unknown): boolean => error instanceof ApiError && REFUSED.has(error.problem.status);

export const sentNow = (named: Named, draft: Draft): Sent => ({ ...named, draft, time: Date.now() });

/** @return the answer where it says what the sheet says now; 'save' where nothing is left of the request. @throws DoubtError, ApiError */
export async function settleSent(sent: Sent, draft: Draft, asking: Asking, now = Date.now()): Promise<ChangeResult | 'save' | undefined> {
  // Of one kept by an older page it is not known when it was sent.
  if (sent.time === undefined || now - sent.time > KEY_LIFE_MS) throw new DoubtError();
  let { undo } = sent;
  if (!undo) {
    let done: ChangeResult | undefined;
    try {
      done = await asking.resend();
    } catch (error) {
      if (!isRefused(error)) throw error;
      asking.note(null);
      return 'save';
    }
    if (!done || (sent.draft && sameDraft(sent.draft, draft))) return done;
    undo = { changeSet: done.changeSet, key: asking.newKey() };
    asking.note({ ...sent, undo });
  }
  try {
    await asking.undo(undo.changeSet, undo.key);
  } catch (error) {
    if (isRefused(error)) throw new DoubtError();
    throw error;
  }
  asking.note(null);
  return 'save';
}
