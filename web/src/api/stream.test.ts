import { expect, test } from 'vitest';
import { EVENT_CHARS_MAX, EventParser } from './stream.ts';

const events = (...pieces: string[]) => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

// The examples of the HTML standard, 9.2.6.
test('data over several lines', () =>
  expect(events('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([{ id: '', event: 'message', data: 'YHOO\n+2\n10' }]));

test('comments, ids that last, empty data', () => {
  expect(events(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n')).toEqual([
    { id: '1', event: 'message', data: 'first event' },
    { id: '', event: 'message', data: 'second event' },
    { id: '', event: 'message', data: ' third event' },
  ]);
  expect(events('data\n\ndata\ndata\n\ndata:')).toEqual([{ id: '', event: 'message', data: '' }, { id: '', event: 'message', data: '\n' }]);
});

test('named events', () => expect(events('event: job\ndata: {}\nid: 7\n\n')).toEqual([{ id: '7', event: 'job', data: '{}' }]));

test('all three line ends, in any pieces', () => {
  const text = 'event: job\r\ndata: a\rdata: b\n\r\ndata: c\r\n\r\n';
  const whole = events(text);
  expect(whole).toEqual([{ id: '', event: 'job', data: 'a\nb' }, { id: '', event: 'message', data: 'c' }]);
  expect(events(...text)).toEqual(whole);
  for (let cut = 1; cut < text.length; cut++) expect(events(text.slice(0, cut), text.slice(cut))).toEqual(whole);
});

test('an event at the limit comes, one beyond it does not, and the next one comes again', () => {
  const line = `data: ${'x'.repeat(1023)}\n`;
  const exact = 'x'.repeat(EVENT_CHARS_MAX);
  expect(events(`data:${exact.slice(0, EVENT_CHARS_MAX / 2)}\n`, `data:${exact.slice(EVENT_CHARS_MAX / 2)}\n\n`)).toHaveLength(1);
  expect(events(...Array.from({ length: 1026 }, () => line), '\n', 'data: after\n\n')).toEqual([{ id: '', event: 'message', data: 'after' }]);
});
