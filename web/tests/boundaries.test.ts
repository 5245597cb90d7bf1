import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { type SourceFile, sourceFiles, syntax, WEB } from './source.ts';

const rules = JSON.parse(readFileSync(join(WEB, 'boundaries.json'), 'utf8')) as {
  layers: Record<string, string[]>;
  typesOnly: string[];
  features: Record<string, string[]>;
};

interface Import {
  from: string;
  to: string;
  typesOnly: boolean;
}

function importsOf(file: SourceFile): Import[] {
  const { module } = syntax(file);
  const resolveFrom = (target: string) => posix.normalize(posix.join(posix.dirname(file.path), target));
  const fixed = module.staticImports.map((entry) => ({
    target: entry.moduleRequest.value, typesOnly: entry.entries.length > 0 && entry.entries.every((name) => name.isType),
  }));
  const lazy = module.dynamicImports.map((entry) => ({
    target: file.text.slice(entry.moduleRequest.start + 1, entry.moduleRequest.end - 1), typesOnly: false,
  }));
  return [...fixed, ...lazy]
    .filter(({ target }) => target.startsWith('.'))
    .map(({ target, typesOnly }) => ({ from: file.path, to: resolveFrom(target), typesOnly }))
    .filter(({ to }) => !to.startsWith('locales/'));
}

/** Why an import is not allowed; undefined where it is. */
function offence({ from, to, typesOnly }: Import): string | undefined {
  const [fromLayer, fromFeature] = from.split('/');
  const [toLayer, toFeature, ...rest] = to.split('/');
  if (fromLayer === 'features' && toLayer === 'features') {
    if (fromFeature === toFeature) return undefined;
    if (!rules.features[fromFeature!]?.includes(toFeature!)) return `${from} uses the feature ${toFeature}, which boundaries.json does not list`;
    return rest.join('/') === 'index.ts' ? undefined : `${from} reaches into the feature ${toFeature} instead of its index.ts`;
  }
  if (!rules.layers[fromLayer!]?.includes(toLayer!)) return `${from} may not import ${to}`;
  if (rules.typesOnly.includes(fromLayer!) && toLayer === 'api' && !typesOnly) return `${from} may import only types of ${to}`;
  return undefined;
}

const imports = sourceFiles().flatMap(importsOf);

test('imports keep to the layers and to the features listed', () => {
  expect(imports.length).toBeGreaterThan(200);
  expect(imports.map(offence).filter(Boolean)).toEqual([]);
});

test('every feature that is listed is used, and none is missing', () => {
  const used = new Set(imports.filter(({ from }) => from.startsWith('features/')).map(({ from, to }) => `${from.split('/')[1]} ${to.split('/')[1]}`));
  const listed = Object.entries(rules.features).flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`));
  expect(listed.filter((pair) => !used.has(pair))).toEqual([]);
});

test.each([
  ['ui/Page.tsx', 'features/people/index.ts', false],
  ['stage/stage.ts', 'ui/Page.tsx', false],
  ['lib/dates.ts', 'api/client.ts', false],
  ['features/people/model/rows.ts', 'features/search/model.ts', false],
  ['features/settings/routes/SettingsPage.tsx', 'features/people/index.ts', false],
])('%s importing %s is refused', (from, to, typesOnly) => {
  expect(offence({ from, to, typesOnly })).toBeDefined();
});
