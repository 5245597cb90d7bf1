import { useQuery } from '@tanstack/react-query';
import { suggestQuery } from '../../../api/query.ts';
import type { Suggestion } from '../../../api/types.ts';
import { useDelayed } from '../../../lib/useDelayed.ts';

const TYPING_PAUSE_MS = 120;
export const QUERY_CHARS_MIN = 2;

export function useSuggestions(treeId: string, text: string): Suggestion[] {
  const asked = useDelayed(text.trim(), TYPING_PAUSE_MS);
  const { data } = useQuery({ ...suggestQuery(treeId, asked), enabled: asked.length >= QUERY_CHARS_MIN });
  return asked.length >= QUERY_CHARS_MIN && text.trim().length >= QUERY_CHARS_MIN ? (data?.items ?? []) : [];
}
