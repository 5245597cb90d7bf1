/** Land and borders of Natural Earth (public domain, by world-atlas), from our own server: no map service learns what is looked at. */
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import bordersFine from 'world-atlas/countries-50m.json?url';
import landCoarse from 'world-atlas/land-110m.json?url';
import { type MapLayers, outlinesOf, type Rings } from './paint-map.ts';

async function topology(url: string, signal: AbortSignal): Promise<Topology> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as Topology;
}

type Line = Rings[number];

function polygons(data: Topology, object: string): Rings[] {
  const geometry = feature(data, data.objects[object] as GeometryCollection);
  return geometry.features.flatMap(({ geometry: shape }) => {
    if (shape.type === 'Polygon') return [shape.coordinates as unknown as Rings];
    return shape.type === 'MultiPolygon' ? (shape.coordinates as unknown as Rings[]) : [];
  });
}

/** The world at a glance: 55 kB. */
export async function coarseLayers(signal: AbortSignal): Promise<MapLayers> {
  return { land: outlinesOf(polygons(await topology(landCoarse, signal), 'land'), true), borders: [] };
}

/** Coasts and borders in detail: for looking at a country. */
export async function fineLayers(signal: AbortSignal): Promise<MapLayers> {
  const data = await topology(bordersFine, signal);
  const countries = data.objects['countries'] as GeometryCollection;
  const inner = mesh(data, countries, (a, b) => a !== b).coordinates as unknown as Line[];
  return { land: outlinesOf(polygons(data, 'land'), true), borders: outlinesOf(inner.map((line) => [line]), false) };
}
