import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { build, type Rolldown } from 'vite';
import { WEB } from './source.ts';

/** Budgets of the design, in bytes after gzip. A route's is what it adds to the shell. */
const KB = 1000;
const SHELL = 150 * KB;
const ROUTES = {
  FirstTree: 40, HomePage: 40, PeoplePage: 40, PersonPage: 40, FamilyPage: 40, RelationshipPage: 40, SearchPage: 40, PlacesPage: 40, PlacePage: 40,
  MapPage: 40, MediaPage: 40, MediumPage: 40, SourcesPage: 40, SourcePage: 40, ImportPage: 40, ReportPage: 40, ExportPage: 40, SettingsPage: 40,
  ModelsPage: 40, KeepPage: 40, HistoryPage: 40, ChecksPage: 40, SheetPage: 110, ChartPage: 35, ChartsPage: 35,
};

let chunks: Map<string, Rolldown.OutputChunk>;
let styles: number;

beforeAll(async () => {
  // The test runner says "test", with which libraries would be built for development.
  vi.stubEnv('NODE_ENV', 'production');
  const result = (await build({ root: WEB, logLevel: 'silent', build: { write: false } })) as Rolldown.RolldownOutput;
  chunks = new Map(result.output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  styles = result.output
    .filter((file) => file.type === 'asset' && file.fileName.endsWith('.css'))
    .reduce((sum, file) => sum + gzipSync((file as Rolldown.OutputAsset).source).length, 0);
}, 120_000);

/** A chunk with all that it imports at once. */
function closure(name: string, into = new Set<string>()): Set<string> {
  if (into.has(name)) return into;
  into.add(name);
  for (const needed of chunks.get(name)!.imports) if (chunks.has(needed)) closure(needed, into);
  return into;
}

const gzipped = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name)!.code).length, 0);
const entry = () => [...chunks.values()].find((chunk) => chunk.name === 'shell')!.fileName;
const shell = () => closure(entry());

test('the shell with its English texts', () => {
  const texts = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith('locales/en/common.json'))!.fileName;
  const size = gzipped(new Set([...shell(), texts]));
  expect(size).toBeGreaterThan(50 * KB);
  expect(size).toBeLessThanOrEqual(SHELL);
});

test('all styles', () => expect(styles).toBeLessThanOrEqual(20 * KB));

describe('what a page adds', () => {
  test.each(Object.entries(ROUTES))('%s: at most %i kB', (page, limit) => {
    const chunk = [...chunks.values()].find((candidate) => candidate.exports.includes(page) && candidate.isDynamicEntry)!;
    const already = shell();
    expect(gzipped([...closure(chunk.fileName)].filter((name) => !already.has(name)))).toBeLessThanOrEqual(limit * KB);
  });
});

test('nothing is inlined, evaluated or fetched from elsewhere', () => {
  for (const { fileName, code } of chunks.values()) {
    expect(/\beval\(|new Function\(/.test(code), fileName).toBe(false);
    const foreign = [...code.matchAll(/["'`]https?:\/\/([\w.-]+)/g)].map(([, host]) => host).filter((host) => !KNOWN_HOSTS.has(host!));
    expect(foreign, fileName).toEqual([]);
  }
});

/** Names of namespaces, and addresses in error messages of libraries; none of them is asked anything. */
const KNOWN_HOSTS = new Set(['www.w3.org', 'react.dev', 'tanstack.com', 'react.i18next.com', 'www.i18next.com', 'localhost']);
