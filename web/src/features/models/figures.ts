/** How figures of models are asked for and written. */
import type { Query } from '../../api/client.ts';
import type { ModelsSearch } from './model.ts';

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
