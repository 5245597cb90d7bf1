import { type RefObject, useEffect, useState } from 'react';
import type { Camera, Limits } from '../../../stage/camera.ts';
import { attachGestures, type GestureHandlers } from '../../../stage/gestures.ts';
import { Stage } from '../../../stage/stage.ts';
import { type Theme, themeOf } from '../../../stage/theme.ts';
import { onSettings } from '../../../lib/settings.ts';

export interface StageSetup {
  /** Scales between which one can zoom; a constant of the page. */
  limits: Limits;
  /** Largest scale to which "show all" goes; a constant of the page. */
  fitScaleMax: number;
  /** What the page does with taps and with the camera, as it stands now. */
  handlers: RefObject<StageHandlers>;
}

export interface StageHandlers extends GestureHandlers {
  onMove(camera: Camera): void;
  onRest(camera: Camera): void;
}

export const NO_HANDLERS: StageHandlers = { onTap: () => {}, onHover: () => {}, onMove: () => {}, onRest: () => {} };

/** A stage on a canvas as long as the component lives; null before it is there. */
export function useStage(canvas: RefObject<HTMLCanvasElement | null>, { limits, fitScaleMax, handlers }: StageSetup): Stage | null {
  const [stage, setStage] = useState<Stage | null>(null);
  useEffect(() => {
    const element = canvas.current!;
    const made = new Stage(element, {
      limits,
      fitScaleMax,
      onMove: (camera) => handlers.current.onMove(camera),
      onRest: (camera) => handlers.current.onRest(camera),
    });
    const size = () => made.resize({ width: element.clientWidth, height: element.clientHeight }, devicePixelRatio);
    const watch = new ResizeObserver(size);
    watch.observe(element);
    size();
    const detach = attachGestures(element, made, {
      onTap: (at) => handlers.current.onTap(at),
      onHover: (at) => handlers.current.onHover(at),
    });
    // A stage is an outside thing: it cannot be made before its canvas is there.
    // oxlint-disable-next-line react/set-state-in-effect
    setStage(made);
    return () => {
      watch.disconnect();
      detach();
      made.destroy();
    };
  }, [canvas, limits, fitScaleMax, handlers]);
  return stage;
}

/** The page's colours, read again when the theme changes by choice or by the system, and once the fonts are there. */
export function useTheme(element: RefObject<HTMLElement | null>): Theme | null {
  const [value, setValue] = useState<Theme | null>(null);
  useEffect(() => {
    const read = () => element.current && setValue(themeOf(element.current));
    read();
    // The document takes a new theme before others hear of it (app/main).
    const stop = onSettings(read);
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', read);
    document.fonts?.addEventListener('loadingdone', read);
    return () => {
      stop();
      system.removeEventListener('change', read);
      document.fonts?.removeEventListener('loadingdone', read);
    };
  }, [element]);
  return value;
}
