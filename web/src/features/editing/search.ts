import * as v from 'valibot';

/** Kinds of record sheets. */
export const TEMPLATES = ['census', 'baptism', 'marriage', 'burial', 'photograph', 'interview'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export const sheetSearch = v.object({
  template: v.fallback(v.optional(v.picklist(TEMPLATES)), undefined),
  source: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(64))), undefined),
});
