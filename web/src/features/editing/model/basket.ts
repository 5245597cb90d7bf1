/** The citation made last, to be made again with one press. On this device only. */
import type { Draft } from './draft.ts';

const storageName = (treeId: string) => `tablinum.cited.${treeId}`;

export interface Cited {
  sourceId: string;
  title: string;
  page: string;
  quality: string;
}

export function lastCited(treeId: string): Cited | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageName(treeId)) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return null;
    const { sourceId, title, page, quality } = stored as Record<string, unknown>;
    const known = [sourceId, title, page, quality].every((text) => typeof text === 'string');
    return known ? ({ sourceId, title, page, quality } as Cited) : null;
  } catch {
    return null;
  }
}

/** Of what was just saved, the citation that was added last; only of a source that is there. */
export function rememberCited(base: Draft, draft: Draft) {
  const known = new Set(base.parts.map(({ key }) => key));
  const added = draft.parts.findLast(({ key, kind, fields }) => kind === 'citation' && !known.has(key) && fields['sourceId']);
  if (!added) return;
  const { sourceId = '', title = '', page = '', quality = '' } = added.fields;
  rememberCitation(draft.treeId, { sourceId, title, page, quality });
}

export function rememberCitation(treeId: string, cited: Cited) {
  try {
    localStorage.setItem(storageName(treeId), JSON.stringify(cited));
  } catch {
    // Storage is refused: it is not offered again.
  }
}
