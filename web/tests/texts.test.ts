import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Node, type SourceFile, sourceFiles, SRC, syntax, walk } from './source.ts';

const LOCALES = join(SRC, 'locales');
const languages = readdirSync(LOCALES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const namespaces = readdirSync(join(LOCALES, 'en')).map((name) => name.replace('.json', ''));

/** `key.path` → text of one namespace. */
function flat(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? [[prefix + key, inner] as [string, string]] : flat(inner as object, `${prefix}${key}.`));
}

function textsOf(language: string, namespace: string): Map<string, string> {
  return new Map(flat(JSON.parse(readFileSync(join(LOCALES, language, `${namespace}.json`), 'utf8')) as object));
}

const PLURAL = /_(?:zero|one|two|few|many|other)$/;

/** A key as code names it: exactly, or the fixed beginning of `fact.${type}`. */
interface Use {
  namespace: string;
  key: string;
  prefix: boolean;
  where: string;
}

const string = (node: unknown): string | undefined => {
  const { type, value } = node as Node;
  return type === 'Literal' && typeof value === 'string' ? value : undefined;
};

/** Functions named `t` or `common` with their first namespace, as a file declares them. */
function translators(file: SourceFile, program: unknown): Map<string, string> {
  const found = new Map<string, string>();
  const parameter = /TFunction<\[?'(\w+)'/.exec(file.text);
  if (parameter) found.set('t', parameter[1]!);
  walk(program, (node) => {
    if (node.type !== 'VariableDeclarator') return;
    const call = node['init'] as Node | null;
    if (call?.type !== 'CallExpression' || (call['callee'] as Node)['name'] !== 'useTranslation') return;
    const [argument] = call['arguments'] as Node[];
    const first = argument?.type === 'ArrayExpression' ? (argument['elements'] as Node[])[0] : argument;
    const namespace = first ? string(first) : 'common';
    for (const property of (node['id'] as Node)['properties'] as Node[]) {
      if ((property['key'] as Node)['name'] === 't') found.set((property['value'] as Node)['name'] as string, namespace ?? 'common');
    }
  });
  return found;
}

function keysIn(node: Node): { key: string; prefix: boolean }[] {
  const literal = string(node);
  if (literal !== undefined) return [{ key: literal, prefix: false }];
  if (node.type === 'TSAsExpression') return keysIn(node['expression'] as Node);
  if (node.type === 'ConditionalExpression') return [...keysIn(node['consequent'] as Node), ...keysIn(node['alternate'] as Node)];
  if (node.type === 'TemplateLiteral') {
    const first = (node['quasis'] as { value: { cooked: string } }[])[0]!.value.cooked;
    return [{ key: first, prefix: true }];
  }
  throw new Error(`a key must be a literal or begin with one: ${node.type}`);
}

function usesOf(file: SourceFile): Use[] {
  const { program } = syntax(file);
  const names = translators(file, program);
  const uses: Use[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression') return;
    const namespace = names.get((node['callee'] as Node)['name'] as string);
    const [argument] = node['arguments'] as Node[];
    if (namespace === undefined || !argument) return;
    for (const { key, prefix } of keysIn(argument)) {
      const [scope, rest] = key.includes(':') ? (key.split(':') as [string, string]) : [namespace, key];
      uses.push({ namespace: scope, key: rest, prefix, where: file.path });
    }
  });
  return uses;
}

const uses = sourceFiles().flatMap(usesOf);
const english = new Map(namespaces.map((namespace) => [namespace, textsOf('en', namespace)]));

function fits(use: Use, key: string): boolean {
  return use.prefix ? key.startsWith(use.key) : key === use.key || (PLURAL.test(key) && key.replace(PLURAL, '') === use.key);
}

test('every key that the code names exists', () => {
  expect(uses.length).toBeGreaterThan(200);
  const missing = uses.filter((use) => ![...english.get(use.namespace)?.keys() ?? []].some((key) => fits(use, key)));
  expect(missing.map(({ where, namespace, key }) => `${where}: ${namespace}:${key}`)).toEqual([]);
});

test('every key is used', () => {
  const unused = namespaces.flatMap((namespace) =>
    [...english.get(namespace)!.keys()]
      .filter((key) => !uses.some((use) => use.namespace === namespace && fits(use, key)))
      .map((key) => `${namespace}:${key}`));
  expect(unused).toEqual([]);
});

const variables = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name!).toSorted();

/** The keys of English with the plural forms of the language: French and Spanish have "many", Hebrew has "two". */
function keysFor(language: string, original: Iterable<string>): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return [...original].flatMap((key) => {
    if (!PLURAL.test(key)) return [key];
    return key.endsWith('_other') ? forms.map((form) => key.replace(PLURAL, `_${form}`)) : [];
  });
}

describe.each(languages.filter((language) => language !== 'en'))('%s', (language) => {
  test.each(namespaces)('%s has the same keys, and in each text the same variables', (namespace) => {
    const texts = textsOf(language, namespace);
    const original = english.get(namespace)!;
    expect([...texts.keys()].toSorted()).toEqual(keysFor(language, original.keys()).toSorted());
    for (const [key, text] of texts) {
      expect(text.trim(), key).not.toBe('');
      // "one" may say the number in words. A form that English lacks says what the English "other" does.
      if (!key.endsWith('_one')) expect(variables(text), key).toEqual(variables(original.get(key) ?? original.get(key.replace(PLURAL, '_other'))!));
    }
  });

  test('most texts differ from English', () => {
    const all = namespaces.flatMap((namespace) => [...textsOf(language, namespace)].map(([key, text]) => text === english.get(namespace)!.get(key)));
    expect(all.filter(Boolean).length / all.length).toBeLessThan(0.15);
  });
});

test('plural forms are those of the language', () => {
  for (const language of languages) {
    const forms = new Set(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
    for (const namespace of namespaces) {
      for (const key of textsOf(language, namespace).keys()) {
        const form = PLURAL.exec(key)?.[0].slice(1);
        if (form) expect(forms, `${language} ${namespace}:${key}`).toContain(form);
      }
    }
  }
});
