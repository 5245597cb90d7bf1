import { expect, test, vi } from 'vitest';
import { KEPT_AT as WORKERS } from '../sw/rules.ts';
import { connection, KEPT_AT, noteAnswer, noteSilence, onConnection } from './connection.ts';

const copy = (time: string) => new Headers({ [KEPT_AT]: time });

test('the worker calls the header the same', () => expect(WORKERS).toBe(KEPT_AT));

test('copies and silence mean that the archive is away; the oldest copy counts; an answer of its own ends it', () => {
  const heard = vi.fn();
  const stop = onConnection(heard);
  noteAnswer(new Headers());
  expect(heard).not.toHaveBeenCalled();
  noteSilence();
  expect(connection()).toEqual({ lost: true, keptAt: null });
  noteAnswer(copy('2026-11-21T14:02:00.000Z'));
  noteAnswer(copy('2026-11-21T15:00:00.000Z'));
  noteAnswer(copy('2026-11-21T13:00:00.000Z'));
  noteSilence();
  expect(connection()).toEqual({ lost: true, keptAt: '2026-11-21T13:00:00.000Z' });
  expect(heard).toHaveBeenCalledTimes(3);
  noteAnswer(new Headers());
  expect(connection()).toEqual({ lost: false, keptAt: null });
  stop();
  noteSilence();
  expect(heard).toHaveBeenCalledTimes(4);
  noteAnswer(new Headers());
});
