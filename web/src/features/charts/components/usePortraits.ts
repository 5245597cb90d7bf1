import { useEffect, useState } from 'react';
import type { Chart } from '../../../api/types.ts';

/** Pictures fetched at the same time; the rest wait. */
const PARALLEL = 6;
const PORTRAITS_MAX = 400;

/** Portraits of the boxes given, decoded off the main thread. They come one after the other; who has none never comes. */
export function usePortraits(chart: Chart, boxes: readonly number[]): ReadonlyMap<number, ImageBitmap> {
  const [portraits, setPortraits] = useState<ReadonlyMap<number, ImageBitmap>>(new Map());
  useEffect(() => setPortraits(new Map()), [chart]);
  useEffect(() => {
    const wanted = new Set(boxes);
    const missing = chart.portraits.filter(({ box }) => wanted.has(box) && !portraits.has(box)).slice(0, PORTRAITS_MAX);
    const control = new AbortController();
    const next = async (): Promise<void> => {
      const portrait = missing.shift();
      if (!portrait || control.signal.aborted) return;
      try {
        const response = await fetch(portrait.url, { signal: control.signal });
        const whole = await createImageBitmap(await response.blob());
        // The square in the middle: a face is not to be stretched.
        const side = Math.min(whole.width, whole.height);
        const bitmap = await createImageBitmap(whole, (whole.width - side) / 2, (whole.height - side) / 2, side, side);
        whole.close();
        setPortraits((old) => new Map(old).set(portrait.box, bitmap));
      } catch {
        // No picture: the box shows the name alone, as for everybody without one.
      }
      return next();
    };
    for (let slot = 0; slot < PARALLEL; slot++) void next();
    return () => control.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- portraits that have come must not start the round again
  }, [chart, boxes]);
  return portraits;
}
