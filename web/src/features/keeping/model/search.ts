import * as v from 'valibot';
import type { ChangeSetKind } from '../../../api/types.ts';

export const KINDS = ['edit', 'import', 'undo', 'merge', 'revert'] as const satisfies readonly ChangeSetKind[];
const day = v.fallback(v.optional(v.pipe(v.string(), v.isoDate())), undefined);

export const historySearch = v.object({
  kind: v.fallback(v.optional(v.picklist(KINDS)), undefined),
  person: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(64))), undefined),
  from: day,
  until: day,
});
