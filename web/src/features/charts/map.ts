/** What a map shows of a chart: places with their people, and the ways between them, all or up to a year. */
import type { Chart } from '../../api/types.ts';
import { type MapMove, type MapPoint, project } from '../../stage/paint-map.ts';

type Columns = NonNullable<Chart['map']>;

/** Years of which something is known; undefined where none is. */
export function yearsOf({ year }: Columns): { first: number; last: number } | undefined {
  const known = year.filter((one) => one !== 0);
  if (known.length === 0) return undefined;
  return { first: known.reduce((a, b) => Math.min(a, b)), last: known.reduce((a, b) => Math.max(a, b)) };
}

export interface Guest {
  box: number;
  /** Each once, in order; without those not known. */
  years: number[];
}

export interface MapView {
  points: MapPoint[];
  /** Indices into the points. */
  moves: MapMove[];
  /** By point: who was there. */
  guests: Guest[][];
}

/** Stays up to a year; all, also those of which no year is known, where none is given. */
export function mapView({ places, box, place, year }: Columns, until: number | undefined): MapView {
  const pointOf = new Map<number, number>();
  const view: MapView = { points: [], moves: [], guests: [] };
  const moves = new Map<string, MapMove>();
  let before: { box: number; point: number } | undefined;
  box.forEach((who, stay) => {
    const when = year[stay]!;
    if (until !== undefined && (when === 0 || when > until)) return;
    const where = place[stay]!;
    const point = pointOf.get(where) ?? view.points.length;
    if (point === view.points.length) {
      pointOf.set(where, point);
      view.points.push({ id: places.id[where]!, name: places.name[where]!, events: 0, ...project(places.longitude[where]!, places.latitude[where]!) });
      view.guests.push([]);
    }
    view.points[point]!.events++;
    const guests = view.guests[point]!;
    // Stays of one person follow each other.
    if (guests.at(-1)?.box !== who) guests.push({ box: who, years: [] });
    if (when !== 0 && !guests.at(-1)!.years.includes(when)) guests.at(-1)!.years.push(when);
    if (before?.box === who && before.point !== point) {
      const key = `${before.point} ${point}`;
      const move = moves.get(key) ?? { from: before.point, to: point, count: 0 };
      move.count++;
      moves.set(key, move);
    }
    before = { box: who, point };
  });
  view.moves = [...moves.values()];
  return view;
}

/** The way of one life in words: "Umtali 1902 → Leeds 1931". */
export function wayOf({ places, box, place, year }: Columns, who: number, shown: (year: number) => string): string {
  const stays = [...box.keys()].filter((stay) => box[stay] === who);
  const steps = stays.filter((stay, index) => index === 0 || place[stay] !== place[stays[index - 1]!]);
  return steps.map((stay) => `${places.name[place[stay]!]}${year[stay] ? ` ${shown(year[stay]!)}` : ''}`).join(' → ');
}
