import { type RefObject, useEffect, useState } from 'react';
import type { Camera, Limits } from '../../../stage/camera.ts';
import { attachGestures, type GestureHandlers } from '../../../stage/gestures.ts';
import { Stage } from '../../../stage/stage.ts';
import { type Theme, themeOf } from '../../../stage/theme.ts';
import { useSettings } from '../../../lib/settings.ts';

export interface StageSetup {
  limits: Limits;
  fitScaleMax: number;
  gestures: RefObject<GestureHandlers>;
  onMove(camera: Camera): void;
  onRest(camera: Camera): void;
}

/** A stage on a canvas as long as the component lives; null before it is there. The setup is read once. */
export function useStage(canvas: RefObject<HTMLCanvasElement | null>, setup: StageSetup): Stage | null {
  const [stage, setStage] = useState<Stage | null>(null);
  useEffect(() => {
    const element = canvas.current!;
    const made = new Stage(element, setup);
    const size = () => made.resize({ width: element.clientWidth, height: element.clientHeight }, devicePixelRatio);
    const watch = new ResizeObserver(size);
    watch.observe(element);
    size();
    const detach = attachGestures(element, made, {
      onTap: (at) => setup.gestures.current.onTap(at),
      onHover: (at) => setup.gestures.current.onHover(at),
    });
    setStage(made);
    return () => {
      watch.disconnect();
      detach();
      made.destroy();
    };
    // The setup's functions live in refs: a stage is not made anew for them.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [canvas]);
  return stage;
}

/** The page's colours, read again when the theme changes by choice or by the system, and once the fonts are there. */
export function useTheme(element: RefObject<HTMLElement | null>): Theme | null {
  const { theme, textSize } = useSettings();
  const [value, setValue] = useState<Theme | null>(null);
  useEffect(() => {
    const read = () => element.current && setValue(themeOf(element.current));
    read();
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', read);
    document.fonts?.addEventListener('loadingdone', read);
    return () => {
      system.removeEventListener('change', read);
      document.fonts?.removeEventListener('loadingdone', read);
    };
  }, [element, theme, textSize]);
  return value;
}
