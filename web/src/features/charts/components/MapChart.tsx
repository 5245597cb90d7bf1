import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../../api/types.ts';
import { showYear } from '../../../lib/dates.ts';
import { Empty } from '../../../ui/states.tsx';
import { boxName } from '../describe.ts';
import { type MapView, mapView, yearsOf } from '../map.ts';
import { MapCanvas } from './MapCanvas.tsx';

/** The address follows the slider when it has stood still for so long. */
const PAUSE_MS = 250;
/** Places listed beside the map: those with the most people. The outline names all. */
const LISTED_MAX = 200;

interface YearSliderProps {
  first: number;
  last: number;
  until: number | undefined;
  onUntil(year: number | undefined): void;
}

/** At its end there is no limit: then also those are shown of whom no year is known. */
function YearSlider({ first, last, until, onUntil }: YearSliderProps) {
  const { t, i18n } = useTranslation('charts');
  const words = until === undefined ? t('map.all_years') : t('map.until', { year: showYear(i18n.language, until) });
  return (
    <div className="no-print flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line bg-card px-4 py-2">
      <label htmlFor="map-year" className="text-sm font-semibold">{t('map.year')}</label>
      <input id="map-year" type="range" min={first} max={last} value={until ?? last} aria-valuetext={words} className="h-11 min-w-40 flex-1 accent-accent"
        onChange={({ target }) => onUntil(Number(target.value) >= last ? undefined : Number(target.value))} />
      <output htmlFor="map-year" className="tabular w-32 text-sm">{words}</output>
    </div>
  );
}

interface PlaceListProps {
  chart: Chart;
  treeId: string;
  view: MapView;
  chosen: string | null;
  onChoose(place: string | null): void;
}

/** The same as the map, for everybody: who was where, and when. */
function PlaceList({ chart, treeId, view, chosen, onChoose }: PlaceListProps) {
  const { t, i18n } = useTranslation(['charts', 'common']);
  const order = [...view.points.keys()].toSorted((a, b) => view.guests[b]!.length - view.guests[a]!.length).slice(0, LISTED_MAX);
  return (
    <ul className="divide-y divide-line">
      {order.map((index) => {
        const { id, name } = view.points[index]!;
        const guests = view.guests[index]!;
        return (
          <li key={id}>
            <details open={chosen === id} onToggle={({ currentTarget }) => {
              if (currentTarget.open !== (chosen === id)) onChoose(currentTarget.open ? id : null);
            }}>
              <summary className="min-h-11 cursor-pointer px-4 py-2">
                <bdi className="font-semibold">{name}</bdi> <span className="text-sm text-ink-2">{t('charts:map.people', { count: guests.length })}</span>
              </summary>
              <ul className="px-4 pb-3">
                {guests.map(({ box, years }) => (
                  <li key={box} className="py-1">
                    {chart.boxes.living[box] === 'h'
                      ? <span className="text-ink-2 italic">{boxName(chart, box, t)}</span>
                      : (
                        <Link to="/t/$tree/people/$id/{-$tab}" params={{ tree: treeId, id: chart.boxes.person[box]! }} className="prose-link">
                          <bdi>{boxName(chart, box, t)}</bdi>
                        </Link>
                      )}
                    {years.length > 0 && <span className="tabular text-sm text-ink-2"> {years.map((year) => showYear(i18n.language, year)).join(', ')}</span>}
                  </li>
                ))}
              </ul>
            </details>
          </li>
        );
      })}
    </ul>
  );
}

/** Where the people of a chart lived, and how they moved. */
export function MapChart({ chart, columns, treeId, until: wanted, onUntil }: {
  chart: Chart;
  columns: NonNullable<Chart['map']>;
  treeId: string;
  until: number | undefined;
  onUntil(year: number | undefined): void;
}) {
  const { t } = useTranslation('charts');
  const [chosen, setChosen] = useState<string | null>(null);
  // While the slider moves the address waits.
  const [moving, setMoving] = useState<{ until: number | undefined } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const years = useMemo(() => yearsOf(columns), [columns]);
  const until = moving ? moving.until : wanted;
  const everything = useMemo(() => mapView(columns, undefined), [columns]);
  const view = useMemo(() => (until === undefined ? everything : mapView(columns, until)), [columns, until, everything]);
  const located = useMemo(() => new Set(columns.box).size, [columns]);
  const nowhere = chart.boxes.person.length - located;
  if (columns.box.length === 0) return <div className="p-4"><Empty title={t('map.empty')}>{t('map.empty_hint')}</Empty></div>;
  const slide = (next: number | undefined) => {
    setMoving({ until: next });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      onUntil(next);
      setMoving(null);
    }, PAUSE_MS);
  };
  return (
    <div className="flex h-full flex-col">
      <div className="grid min-h-0 flex-1 grid-rows-[minmax(0,3fr)_minmax(0,2fr)] lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-1">
        <MapCanvas points={view.points} extent={everything.points} moves={view.moves} chosen={chosen} onChoose={setChosen}
          labels={{ zoomIn: t('zoom_in'), zoomOut: t('zoom_out'), fit: t('fit') }} />
        <div className="overflow-auto border-line bg-card max-lg:border-t lg:border-s" tabIndex={0} role="region" aria-label={t('map.list')}>
          <PlaceList chart={chart} treeId={treeId} view={view} chosen={chosen} onChoose={setChosen} />
          {nowhere > 0 && <p className="px-4 py-3 text-sm text-ink-2">{t('map.nowhere', { count: nowhere })}</p>}
        </div>
      </div>
      {years && years.last > years.first && <YearSlider {...years} until={until} onUntil={slide} />}
    </div>
  );
}
