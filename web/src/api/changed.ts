/** A change of a tree that this window made itself: nothing waits for the event that tells the others. */
import type { QueryClient } from '@tanstack/react-query';

/** Every answer about the tree is out of date. Resolves when what is shown has been asked again. */
export async function treeChanged(client: QueryClient, treeId: string) {
  // What is not on a page now is thrown away, lest an old answer flash up on the way there.
  client.removeQueries({ queryKey: ['tree', treeId], type: 'inactive' });
  await Promise.all([client.invalidateQueries({ queryKey: ['tree', treeId] }), client.invalidateQueries({ queryKey: ['trees'] })]);
}
