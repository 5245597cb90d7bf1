import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outlinesText } from '../tools/outlines.ts';
import { WEB } from './source.ts';

test('the outlines that the server draws are those of the pages', () => {
  const committed = readFileSync(join(WEB, '../libs/render/src/outlines.inc'), 'utf8');
  // Not toBe: a difference of 260 kB helps nobody.
  expect(committed === outlinesText(), 'run: node tools/outlines.ts > ../libs/render/src/outlines.inc').toBe(true);
});
