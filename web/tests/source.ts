/** The project's own source as syntax trees, for the tests that judge it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';

export const WEB = resolve(import.meta.dirname, '..');
export const SRC = join(WEB, 'src');

export interface SourceFile {
  /** Relative to src, with `/`. */
  path: string;
  text: string;
}

export function sourceFiles(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .map((name) => ({ path: relative(SRC, join(SRC, name)), text: readFileSync(join(SRC, name), 'utf8') }));
}

export interface Node {
  type: string;
  [key: string]: unknown;
}

export function syntax(file: SourceFile) {
  const parsed = parseSync(file.path, file.text);
  if (parsed.errors.length > 0) throw new Error(`${file.path}: ${parsed.errors[0]!.message}`);
  return parsed;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function walk(node: unknown, visit: (node: Node) => void) {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  else if (isNode(node)) {
    visit(node);
    for (const value of Object.values(node)) if (typeof value === 'object') walk(value, visit);
  }
}
