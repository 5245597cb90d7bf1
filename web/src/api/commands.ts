/** What the pages have done. Each answers with the record or the job that does it. */
import { ask, askFile, type Query } from './client.ts';
import type { ChangeResult, Check, DateReading, Import, Job, ModelSelection, NewChangeSet, NewExport, NewTree, Tree } from './types.ts';

export const createTree = (tree: NewTree) => ask<Tree>('/trees', { method: 'POST', json: tree });

/** Into an empty tree, or (null) into a new one that gets the file's name. */
export function startImport(treeId: string | null, file: File): Promise<Job> {
  const form = new FormData();
  form.set('gedcomFile', file, file.name);
  return ask<Job>(treeId === null ? '/imports' : `/trees/${treeId}/imports`, { method: 'POST', form });
}

export const undoImport = (importId: string) => ask<Job>(`/imports/${importId}`, { method: 'DELETE' });
/** Of all messages of one kind. */
export const judgeImportGroup = (importId: string, code: string, right: boolean) =>
  ask<Import>(`/imports/${importId}/groups/${code}`, { method: 'POST', json: { right } });
export const importMessagesCsv = (importId: string) => askFile(`/imports/${importId}/messages`, 'text/csv');
export const startExport = (treeId: string, wanted: NewExport) => ask<Job>(`/trees/${treeId}/exports`, { method: 'POST', json: wanted });
export const cancelJob = (jobId: string) => ask<Job>(`/jobs/${jobId}/cancel`, { method: 'POST' });
export const parseDate = (text: string, lang: string, signal: AbortSignal) =>
  ask<DateReading>('/dates/parse', { method: 'POST', json: { text, lang }, signal });
/** Chooses a model and has the choice written down. */
export const selectModel = (query: Query) => ask<ModelSelection>('/models/select', { method: 'POST', query });

/** One change set: all or nothing. Asked again under the same key, the first answer comes again. */
export const applyChanges = (treeId: string, changes: NewChangeSet, key: string) =>
  ask<ChangeResult>(`/trees/${treeId}/changes`, { method: 'POST', json: changes, headers: { 'Idempotency-Key': key } });
export const undoChanges = (changeSet: string, key: string) =>
  ask<ChangeResult>(`/changesets/${changeSet}/revert`, { method: 'POST', json: {}, headers: { 'Idempotency-Key': key } });
export const revertRecord = (id: string, version: number, etag: string) =>
  ask<ChangeResult>(`/records/${id}/revert`, { method: 'POST', json: { version }, headers: { 'If-Match': etag } });
export const judgeCheck = (treeId: string, id: string, right: boolean, note: string) =>
  ask<Check>(`/trees/${treeId}/checks/${id}`, { method: 'POST', json: { right, note } });
