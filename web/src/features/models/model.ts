/** What the pages about models have in their address, and how figures are written. */
import * as v from 'valibot';
import type { Query } from '../../api/client.ts';

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

/** The question to the server that an address asks. */
export function selectionOf({ category, method, agent, memory, context, license }: ModelsSearch): Query {
  return { category, method: method ?? 'multi', agentType: agent, maxGpuMemoryMb: memory, minContext: context, license };
}

const MB = 1024;

/** "22 GB", "512 MB". */
export function showMemory(mb: number, language: string): string {
  const [value, unit] = mb >= MB ? [mb / MB, 'gigabyte'] : [mb, 'megabyte'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
}

export function showMs(ms: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 1 }).format(ms);
}

export function showShare(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/** The value below which a share `part` of the sorted values lies (nearest rank); null of nothing. */
export function percentile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
