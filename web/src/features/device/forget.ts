import type { QueryClient } from '@tanstack/react-query';
import { connection } from '../../api/connection.ts';

/** What was read from a pack stays in no window's memory; what is on the page is asked for anew, and not there without the archive. */
export function forgetTree(client: QueryClient, tree: string) {
  for (const queryKey of [['tree', tree], ['trees']]) {
    client.removeQueries({ queryKey, type: 'inactive' });
    if (connection().lost) void client.resetQueries({ queryKey, type: 'active' });
    else void client.invalidateQueries({ queryKey, type: 'active' });
  }
}
