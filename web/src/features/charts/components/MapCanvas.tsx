import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { centred, type Point, type Rect, toScreen } from '../../../stage/camera.ts';
import { coarseLayers, fineLayers } from '../../../stage/outlines.ts';
import { type Cluster, clusters, type MapMove, MapPainter, type MapPoint, markRadius } from '../../../stage/paint-map.ts';
import type { Stage } from '../../../stage/stage.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { NO_HANDLERS, type StageHandlers, useStage, useTheme } from './useStage.ts';

const LIMITS = { min: 0.3, max: 600 };
/** Nearer than a country nobody needs an outline of the world. */
const FIT_SCALE_MAX = 120;
const TAP_REACH = 8;

function boundsOf(points: readonly MapPoint[]): Rect | undefined {
  if (points.length === 0) return undefined;
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function clusterAt(stage: Stage, points: readonly MapPoint[], at: Point): Cluster | undefined {
  return clusters(points, stage.camera.scale).find((cluster) => {
    const mark = toScreen(stage.camera, cluster);
    return Math.hypot(mark.x - at.x, mark.y - at.y) <= markRadius(cluster.events) + TAP_REACH;
  });
}

export interface MapCanvasProps {
  points: readonly MapPoint[];
  /** What "show all" shows, and the map begins with, where the points come and go; else the points. */
  extent?: readonly MapPoint[] | undefined;
  /** Lines between the points. */
  moves?: readonly MapMove[] | undefined;
  chosen: string | null;
  onChoose(id: string): void;
  labels: { zoomIn: string; zoomOut: string; fit: string };
}

/** The land with places on it. It shows; the list beside it says the same to everybody. */
export function MapCanvas({ points, extent = points, moves, chosen, onChoose, labels }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const handlers = useRef<StageHandlers>(NO_HANDLERS);
  const theme = useTheme(canvas);
  const coarse = useQuery({ queryKey: ['outlines', 'coarse'], queryFn: ({ signal }) => coarseLayers(signal), staleTime: Infinity });
  const fine = useQuery({ queryKey: ['outlines', 'fine'], queryFn: ({ signal }) => fineLayers(signal), staleTime: Infinity, enabled: coarse.isSuccess });
  const layers = fine.data ?? coarse.data;
  const stage = useStage(canvas, { limits: LIMITS, fitScaleMax: FIT_SCALE_MAX, handlers });
  const ready = theme !== null;

  useEffect(() => {
    if (stage && theme) stage.setPainter(new MapPainter(layers ?? { land: [], borders: [] }, points, { theme, chosen, moves }), theme.colours.sea);
  }, [stage, theme, layers, points, chosen, moves]);
  useEffect(() => {
    if (stage && ready) stage.fit(boundsOf(extent));
  }, [stage, extent, ready]);
  useEffect(() => {
    const point = extent.find(({ id }) => id === chosen);
    if (stage && point) stage.moveTo(centred(point, Math.max(stage.camera.scale, 20), stage.view), true);
  }, [stage, extent, chosen]);

  useEffect(() => {
    if (!stage) return;
    handlers.current = {
      ...NO_HANDLERS,
      onTap: (at) => {
        const cluster = clusterAt(stage, points, at);
        if (!cluster) return;
        if (cluster.points.length > 1) stage.zoomBy(2.5, at, true);
        else onChoose(points[cluster.points[0]!]!.id);
      },
      onHover: (at) => {
        if (canvas.current) canvas.current.style.cursor = at && clusterAt(stage, points, at) ? 'pointer' : 'grab';
      },
    };
  }, [stage, points, onChoose]);
  return (
    <div className="relative h-full min-h-80 overflow-hidden rounded-card border border-line">
      <canvas ref={canvas} aria-hidden className="absolute inset-0 block size-full touch-none" />
      <div className="no-print absolute end-3 bottom-3 flex flex-col rounded-card border border-line bg-card">
        <IconButton label={labels.zoomIn} icon={<IconPlus aria-hidden />} onClick={() => stage?.zoomBy(1.6, undefined, true)} />
        <IconButton label={labels.zoomOut} icon={<IconMinus aria-hidden />} onClick={() => stage?.zoomBy(1 / 1.6, undefined, true)} />
        <IconButton label={labels.fit} icon={<IconFocusCentered aria-hidden />} onClick={() => stage?.fit(boundsOf(extent), true)} />
      </div>
    </div>
  );
}
