/** What the pages about models have in their address. Read with every page of the program, so that there is nothing else here. */
import * as v from 'valibot';

export const PARTS = ['choose', 'statistics', 'live'] as const;
export type Part = (typeof PARTS)[number];

export const METHODS = ['basic', 'multi', 'gpu'] as const;
export const AGENT_TYPES = ['inference', 'tool', 'orchestrator'] as const;
export const WINDOWS = ['hour', 'day'] as const;

const word = v.fallback(v.optional(v.pipe(v.string(), v.maxLength(64))), undefined);
const count = (most: number) => v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most))), undefined);

export const modelsSearch = v.object({
  category: word,
  method: v.fallback(v.optional(v.picklist(METHODS)), undefined),
  agent: v.fallback(v.optional(v.picklist(AGENT_TYPES)), undefined),
  memory: count(1 << 24),
  context: count(2 ** 40),
  license: word,
  by: v.fallback(v.optional(v.picklist(WINDOWS)), undefined),
});
export type ModelsSearch = v.InferOutput<typeof modelsSearch>;
