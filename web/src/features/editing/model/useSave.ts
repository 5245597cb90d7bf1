import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { treeChanged } from '../../../api/changed.ts';
import { applyChanges } from '../../../api/commands.ts';
import type { ChangeResult } from '../../../api/types.ts';
import { newRequestKey, noteSaved } from '../../../lib/saved.ts';
import type { Operation } from './operations.ts';

/** A request is named by its key for as long as it asks the same: sent twice, it is done once. */
export interface Named {
  body: string;
  key: string;
}

/** Saves operations as one change set. After it every page of the tree shows it. */
export function useSave(treeId: string, begun: Named | null = null) {
  const client = useQueryClient();
  const named = useRef<Named | null>(begun);
  const running = useRef(false);

  const nameOf = (ops: Operation[], reason: string): Named => {
    const body = JSON.stringify({ reason, ops });
    if (named.current?.body !== body) named.current = { body, key: newRequestKey() };
    return named.current;
  };

  /** Nothing where a request is still under way: a second press of the button. */
  const save = async (ops: Operation[], reason = ''): Promise<ChangeResult | undefined> => {
    if (running.current) return undefined;
    running.current = true;
    try {
      const { key } = nameOf(ops, reason);
      const result = await applyChanges(treeId, { ...(reason ? { reason } : {}), ops }, key);
      named.current = null;
      noteSaved({ treeId, changeSet: result.changeSet, undone: false });
      await treeChanged(client, treeId);
      return result;
    } finally {
      running.current = false;
    }
  };
  return { save, nameOf };
}
