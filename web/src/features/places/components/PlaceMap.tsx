import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlacePoints } from '../../../api/types.ts';
import { type MapPoint, project } from '../../../stage/paint-map.ts';
import { MapCanvas } from '../../charts/index.ts';

function pointsOf(columns: PlacePoints): MapPoint[] {
  return columns.id.map((id, index) => ({
    id, name: columns.name[index]!, events: columns.events[index]!, ...project(columns.longitude[index]!, columns.latitude[index]!),
  }));
}

/** All places of a tree that have a position. */
export function PlaceMap({ points: columns, chosen, onChoose }: { points: PlacePoints; chosen: string | null; onChoose(id: string): void }) {
  const { t } = useTranslation('places');
  const points = useMemo(() => pointsOf(columns), [columns]);
  return <MapCanvas points={points} chosen={chosen} onChoose={onChoose} labels={{ zoomIn: t('zoom_in'), zoomOut: t('zoom_out'), fit: t('fit') }} />;
}
