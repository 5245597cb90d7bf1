import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { centred, type Point, toWorld, visible } from '../../../stage/camera.ts';
import { isArrow, step } from '../../../stage/kin.ts';
import type { ColourBy } from '../../../stage/colouring.ts';
import { ChartPainter } from '../../../stage/paint-chart.ts';
import { FanPainter } from '../../../stage/paint-fan.ts';
import { boxAt, type Scene, touchRect } from '../../../stage/scene.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { boxLabel, boxLife } from '../describe.ts';
import { ChosenCard, type Fold } from './ChosenCard.tsx';
import { usePortraits } from './usePortraits.ts';
import { NO_HANDLERS, type StageHandlers, useStage, useTheme } from './useStage.ts';

/** Links over the canvas: more would slow the page and help nobody. */
export const LINKS_MAX = 150;
/** At the smallest scale a chart of 10,000 people side by side fits a window. */
const LIMITS = { min: 0.0005, max: 3 };
/** A whole chart smaller than this cannot be read: it opens at the root instead, at the other scale. */
const READABLE_SCALE = 0.7;
const ROOT_SCALE = 0.9;

export interface ChartStageProps {
  scene: Scene;
  treeId: string;
  root: number;
  matches: ReadonlySet<number>;
  colourBy: ColourBy;
  onReroot(person: string): void;
  fold: Fold;
}

/** Boxes in the view, nearest to its middle first. */
function boxesInView(scene: Scene, area: ReturnType<typeof visible>): number[] {
  const middleX = area.x + area.width / 2;
  const middleY = area.y + area.height / 2;
  const distance = (box: number) => Math.hypot(scene.boxes[box]!.x - middleX, scene.boxes[box]!.y - middleY);
  const found = scene.boxGrid.find(area);
  if (found.length <= LINKS_MAX) return found.toSorted((a, b) => a - b);
  return found.toSorted((a, b) => distance(a) - distance(b)).slice(0, LINKS_MAX).toSorted((a, b) => a - b);
}

export function ChartStage({ scene, treeId, root, matches, colourBy, onReroot, fold }: ChartStageProps) {
  const { t, i18n } = useTranslation(['charts', 'common']);
  const navigate = useNavigate();
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLDivElement>(null);
  const handlers = useRef<StageHandlers>(NO_HANDLERS);
  const [inView, setInView] = useState<number[]>([]);
  const [choice, setChoice] = useState({ scene, box: root, card: false });
  // What was chosen in another chart means nothing in this one.
  const { box: chosen, card: showCard } = choice.scene === scene ? choice : { box: root, card: false };
  const focusWanted = useRef(false);
  const theme = useTheme(canvas);
  const portraits = usePortraits(scene.chart, inView);
  const ready = theme !== null;
  const stage = useStage(canvas, { limits: LIMITS, fitScaleMax: 1, handlers });

  useEffect(() => {
    if (!stage) return;
    const under = (at: Point) => {
      const world = toWorld(stage.camera, at);
      return boxAt(scene, world.x, world.y);
    };
    handlers.current = {
      onMove: ({ x, y, scale }) => {
        if (overlay.current) overlay.current.style.transform = `scale(${scale}) translate(${-x}px, ${-y}px)`;
      },
      onRest: (camera) => setInView(boxesInView(scene, visible(camera, stage.view))),
      onTap: (at) => {
        const box = under(at);
        focusWanted.current = box >= 0;
        setChoice((old) => ({ scene, box: box >= 0 ? box : old.box, card: box >= 0 }));
      },
      onHover: (at) => {
        if (canvas.current) canvas.current.style.cursor = at && under(at) >= 0 ? 'pointer' : 'grab';
      },
    };
  }, [stage, scene]);

  const centre = useCallback((box: number, scale?: number, animated = true) => {
    if (!stage) return;
    const { x, y, width, height } = touchRect(scene, box);
    stage.moveTo(centred({ x: x + width / 2, y: y + height / 2 }, scale ?? stage.camera.scale, stage.view), animated);
  }, [stage, scene]);

  useEffect(() => {
    if (!stage || !theme) return;
    const { chart } = scene;
    const look = {
      theme, colourBy, root, chosen: showCard ? chosen : -1, matches, portraits,
      lifeOf: (box: number) => boxLife(chart, box, i18n.language, t),
      hiddenName: t('common:person.hidden'),
      marriage: (year: number) => t('charts:marriage', { year }),
    };
    stage.setPainter(scene.fan ? new FanPainter(scene, scene.fan, look) : new ChartPainter(scene, look), theme.colours.plaster);
  }, [stage, scene, theme, colourBy, root, chosen, showCard, matches, portraits, t, i18n.language]);

  // A new chart opens at its root: whole where all of it can be read, else at a readable scale.
  useEffect(() => {
    if (!stage || !ready) return;
    stage.fit(scene.world);
    if (stage.camera.scale < READABLE_SCALE) centre(root, ROOT_SCALE, false);
  }, [stage, scene, root, centre, ready]);

  const first = matches.values().next().value;
  useEffect(() => {
    if (first !== undefined) centre(first);
  }, [first, centre]);

  const links = useMemo(() => {
    const shown = inView.filter((box) => box < scene.boxes.length);
    return shown.includes(chosen) || chosen >= scene.boxes.length ? shown : [chosen, ...shown];
  }, [inView, chosen, scene]);

  useEffect(() => {
    if (!focusWanted.current || !links.includes(chosen)) return;
    focusWanted.current = false;
    overlay.current?.querySelector<HTMLElement>(`[data-box="${chosen}"]`)?.focus({ preventScroll: true });
  }, [chosen, links]);

  const open = (box: number) => {
    if (scene.chart.boxes.living[box] === 'h') return;
    void navigate({ to: '/t/$tree/people/$id/{-$tab}', params: { tree: treeId, id: scene.chart.boxes.person[box]! } });
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!stage || event.ctrlKey || event.altKey || event.metaKey) return;
    if (isArrow(event.key)) {
      const next = step(scene, chosen, event.key);
      if (next >= 0) {
        focusWanted.current = true;
        setChoice({ scene, box: next, card: showCard });
        centre(next);
      }
    } else if (event.key === '+' || event.key === '=') stage.zoomBy(1.4, undefined, true);
    else if (event.key === '-') stage.zoomBy(1 / 1.4, undefined, true);
    else if (event.key === '0') stage.fit(undefined, true);
    else if (event.key === ' ') onReroot(scene.chart.boxes.person[chosen]!);
    else if (event.key === 'Escape' && showCard) setChoice({ scene, box: chosen, card: false });
    else return;
    event.preventDefault();
  };

  return (
    <div role="group" aria-label={t('charts:canvas', { count: scene.boxes.length })} className="relative size-full overflow-hidden" onKeyDown={onKeyDown}>
      <canvas ref={canvas} aria-hidden className="block size-full touch-none" />
      <div className="pointer-events-none absolute inset-0 overflow-hidden">
        <div ref={overlay} className="absolute top-0 left-0 origin-top-left">
          {links.map((box) => {
            const { x, y, width, height } = touchRect(scene, box);
            return (
              <a
                key={box}
                data-box={box}
                href={`/t/${treeId}/people/${scene.chart.boxes.person[box]}`}
                aria-label={boxLabel(scene, box, i18n.language, t)}
                tabIndex={box === chosen ? 0 : -1}
                className="absolute rounded-card"
                style={{ left: x, top: y, width, height }}
                onFocus={() => setChoice({ scene, box, card: showCard })}
                onClick={(event) => {
                  event.preventDefault();
                  open(box);
                }}
              />
            );
          })}
        </div>
      </div>
      <div className="no-print absolute end-3 bottom-3 flex flex-col rounded-card border border-line bg-card">
        <IconButton label={t('charts:zoom_in')} icon={<IconPlus aria-hidden />} onClick={() => stage?.zoomBy(1.4, undefined, true)} />
        <IconButton label={t('charts:zoom_out')} icon={<IconMinus aria-hidden />} onClick={() => stage?.zoomBy(1 / 1.4, undefined, true)} />
        <IconButton label={t('charts:fit')} icon={<IconFocusCentered aria-hidden />} onClick={() => stage?.fit(undefined, true)} />
      </div>
      {showCard && (
        <ChosenCard scene={scene} box={chosen} fold={fold} onOpen={() => open(chosen)} onClose={() => setChoice({ scene, box: chosen, card: false })}
          onReroot={() => onReroot(scene.chart.boxes.person[chosen]!)} />
      )}
    </div>
  );
}
