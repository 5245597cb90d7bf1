/** Parts of a record as the history gives them ("BIRT\n  DATE 1902"), in words. */
import type { TFunction } from 'i18next';
import { factName } from '../../archive/index.ts';

interface Line {
  depth: number;
  tag: string;
  value: string;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const line of text.split('\n')) {
    const match = /^( *)([A-Z_][A-Z0-9_]*)(?: (.*))?$/.exec(line);
    if (match) lines.push({ depth: match[1]!.length / 2, tag: match[2]!, value: match[3] ?? '' });
    // A text of several lines goes on.
    else if (lines.length > 0) lines.at(-1)!.value += `\n${line.trim()}`;
  }
  return lines;
}

/** What a person reads of it; pointers to other records are no words. */
const POINTER = /^(?:@[^@]*@|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
const QUIET: ReadonlySet<string> = new Set(['DATE', 'PLAC', 'GIVN', 'SURN', 'NPFX', 'NSFX', 'SPFX', 'CONT', 'CONC', 'DATA', 'MAP', 'TIME', 'FORM']);
const HIDDEN: ReadonlySet<string> = new Set(['GIVN', 'SURN', 'MAP', 'LATI', 'LONG', 'FORM']);

const said = (value: string) => (POINTER.test(value) ? '' : value.replaceAll('/', '').replace(/ {2,}/g, ' ').trim());

export interface Words {
  title: string;
  /** One below the other. */
  details: string[];
}

/** "Born", "abt 1902 · Umtali", "Source: p. 4". */
export function inWords(text: string, t: TFunction<'keeping'>, common: TFunction<'common'>): Words {
  const [first, ...rest] = linesOf(text);
  if (!first) return { title: '', details: [text] };
  const link = t(`line.${first.tag}` as 'line.FAMC', { defaultValue: '' });
  const title = link || factName({ type: first.tag, typeText: null }, common);
  const own = first.value === 'Y' ? t('line.happened') : first.tag === 'SEX' ? t(`sex.${first.value}` as 'sex.F', { defaultValue: first.value }) : said(first.value);
  const top: string[] = own ? [own] : [];
  const details: string[] = [];
  for (const { depth, tag, value } of rest) {
    const words = said(value);
    if (HIDDEN.has(tag)) continue;
    if (depth === 1 && QUIET.has(tag) && words) top.push(words);
    else if (QUIET.has(tag) && !words) continue;
    else {
      const name = t(`line.${tag}` as 'line.SOUR', { defaultValue: '' }) || factName({ type: tag, typeText: null }, common);
      details.push(words ? `${name}: ${words}` : name);
    }
  }
  return { title, details: [top.join(' · '), ...details].filter(Boolean) };
}
