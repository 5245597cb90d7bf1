/**
 * Land and borders for charts that the server draws: the same as the pages have (Natural Earth 1:50m, public domain, by world-atlas), as
 * C++ text. Written by `node tools/outlines.ts > ../libs/render/src/outlines.inc`; a test says when that is needed.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type Rings, unwrapped } from '../src/stage/paint-map.ts';

type Ring = Rings[number];

/** Parts of a degree: 450 m at the equator. */
const PARTS = 250;

/** Differences as letters from `?` on, five bits each, the last one without the sixth bit (Google's "encoded polyline"). */
function encoded(line: Ring): string {
  let before = [0, 0];
  let text = '';
  const put = (difference: number) => {
    let rest = difference < 0 ? ~(difference << 1) : difference << 1;
    for (; rest >= 32; rest >>>= 5) text += String.fromCharCode((32 | (rest & 31)) + 63);
    text += String.fromCharCode(rest + 63);
  };
  for (const [longitude, latitude] of line) {
    const point = [Math.round(longitude * PARTS), Math.round(latitude * PARTS)];
    if (text && point[0] === before[0] && point[1] === before[1]) continue;
    put(point[0]! - before[0]!);
    put(point[1]! - before[1]!);
    before = point;
  }
  return text;
}

const PIECE = 120;
const pieces = (text: string) => (text.match(new RegExp(`.{1,${PIECE}}`, 'gs')) ?? []).map((piece) => `    R"(${piece})"`).join('\n');
const table = (name: string, lines: string[]) =>
  `constexpr std::string_view ${name}[] = {\n${lines.map((line) => `${pieces(line)},`).join('\n')}\n};\n`;

export function outlinesText(): string {
  const data = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('world-atlas/countries-50m.json'), 'utf8')) as Topology;
  const land = feature(data, data.objects['land'] as GeometryCollection).features.flatMap(({ geometry }) => {
    if (geometry.type === 'Polygon') return geometry.coordinates as unknown as Ring[];
    return geometry.type === 'MultiPolygon' ? (geometry.coordinates as unknown as Ring[][]).flat() : [];
  });
  const borders = mesh(data, data.objects['countries'] as GeometryCollection, (a, b) => a !== b).coordinates as unknown as Ring[];
  return `// Made by web/tools/outlines.ts from Natural Earth 1:50m (public domain, by world-atlas): lines of longitude and latitude in parts of a
// degree, as differences of five bits a letter. A part of land lies in no other; holes (lakes) are lines of their own.
constexpr double kPartsOfDegree = ${PARTS};
${table('kLand', land.map((ring) => encoded(unwrapped(ring))))}${table('kBorders', borders.map(encoded))}`;
}

if (import.meta.filename === process.argv[1]) process.stdout.write(outlinesText());
