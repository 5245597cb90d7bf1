import * as v from 'valibot';

export const MEDIA_KINDS = ['photo', 'document', 'audio', 'video', 'other'] as const;
export const mediaSearch = v.object({ kind: v.fallback(v.optional(v.picklist(MEDIA_KINDS)), undefined) });
