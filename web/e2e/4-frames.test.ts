/** The stage on 10,000 boxes: dragged, zoomed and walked in a real browser, here with software raster. */
import { expect, test } from 'vitest';
import { largeChart } from '../tests/fixture/chart.ts';
import { archive, go, openWindow } from './browser.ts';

/** The stage's own work in a frame. The budget is 60 frames a second, of which the browser needs a half. */
const OWN_MS_P95 = 12;
/** Between two frames, on a machine without a graphics processor and with other work to do. */
const FRAME_MS_MEDIAN = 25;

const quantile = (values: number[], part: number) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)]!;

test('frames keep their budget while 10,000 boxes are moved', async () => {
  const { tree, person } = await archive();
  const { page, context, faults } = await openWindow();
  const chart = JSON.stringify(largeChart(10_000));
  await page.route('**/charts/descendants?*', (route) => route.fulfill({ contentType: 'application/json', body: chart }));
  await go(page, `/t/${tree}/charts/descendants/${person}`);
  await page.locator('[data-box="0"]').waitFor();
  expect(await page.locator('[data-box]').count()).toBeLessThanOrEqual(151);

  await page.evaluate(() => {
    const times: number[] = [];
    const own: number[] = [];
    Object.assign(window, { times, own });
    new PerformanceObserver((list) => own.push(...list.getEntriesByName('stage-frame').map((entry) => entry.duration))).observe({ type: 'measure' });
    const next = (now: number) => {
      times.push(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await page.getByRole('button', { name: 'Show all' }).click();
  const box = (await page.locator('canvas').boundingBox())!;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  for (const wheel of [-600, -600, -600, -600, -600, 400, 400, 400]) {
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.wheel(0, wheel);
    await page.mouse.down();
    await page.mouse.move(middle.x - 300, middle.y + 40, { steps: 15 });
    await page.mouse.move(middle.x + 200, middle.y - 60, { steps: 15 });
    await page.mouse.up();
  }
  const { times, own } = await page.evaluate(() => {
    const { times: all, own: work } = window as unknown as { times: number[]; own: number[] };
    return { times: all, own: work };
  });
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  console.log(`stage, 10,000 boxes: ${own.length} frames painted, own work p50 ${quantile(own, 0.5).toFixed(1)} ms, p95 ${quantile(own, 0.95).toFixed(1)} ms; ` +
    `between frames p50 ${quantile(gaps, 0.5).toFixed(1)} ms, p95 ${quantile(gaps, 0.95).toFixed(1)} ms`);
  expect(own.length).toBeGreaterThan(50);
  expect(quantile(own, 0.95)).toBeLessThanOrEqual(OWN_MS_P95);
  expect(quantile(gaps, 0.5)).toBeLessThanOrEqual(FRAME_MS_MEDIAN);
  expect(faults).toEqual([]);
  await context.close();
});
