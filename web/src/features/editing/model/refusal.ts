/** Why a change was refused, in the reader's words. */
import type { TFunction } from 'i18next';
import { ApiError } from '../../../api/client.ts';
import type { ChangeProblem } from '../../../api/types.ts';

/** Nothing is known of what became of the request: it may be sent again under the same key. */
export const isSilence = (error: unknown): boolean => error instanceof ApiError && (error.problem.status === 0 || error.problem.status >= 502);
export const isVersionConflict = (error: unknown): boolean => error instanceof ApiError && error.problem.status === 412;

export function refusalText(error: unknown, t: TFunction<'editing'>): string {
  if (!(error instanceof ApiError)) return String(error);
  const problem = error.problem as ChangeProblem;
  if (isSilence(error)) return t('refused.silence');
  const names = (problem.path ?? []).map(({ name, id }) => name || id).join(' → ');
  switch (problem.code) {
    case 'cycle': return t('refused.cycle', { names });
    case 'in_use': return t('refused.in_use', { names });
    case 'missing_record': return t('refused.missing_record');
    case 'later_changes': return t('refused.later_changes');
    case 'too_large': return t('refused.too_large');
    default: return t('refused.other', { detail: problem.detail });
  }
}
