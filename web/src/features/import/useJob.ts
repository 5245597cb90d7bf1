import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { jobQuery } from '../../api/queries.ts';
import { listen } from '../../api/stream.ts';
import type { Job } from '../../api/types.ts';

/** Where the stream does not come through, the job is asked after this often. */
const POLL_MS = 2000;

export function isFinal(job: Job | undefined): boolean {
  return job !== undefined && job.state !== 'queued' && job.state !== 'running';
}

/** A job, live while it runs. What belongs to its tree is asked for anew when it ends. */
export function useJob(id: string | null) {
  const client = useQueryClient();
  const query = useQuery({
    ...jobQuery(id ?? ''),
    enabled: id !== null,
    refetchInterval: ({ state }) => (isFinal(state.data) ? false : POLL_MS),
  });
  const done = isFinal(query.data);
  const treeId = query.data?.treeId ?? null;
  useEffect(() => {
    if (id === null || done) return;
    const control = new AbortController();
    void listen([`job:${id}`], control.signal, (event) => {
      if (event.event === 'job') client.setQueryData<Job>(['job', id], JSON.parse(event.data) as Job);
    });
    return () => control.abort();
  }, [id, done, client]);
  useEffect(() => {
    if (!done) return;
    void client.invalidateQueries({ queryKey: ['trees'] });
    if (treeId) void client.invalidateQueries({ queryKey: ['tree', treeId] });
  }, [done, treeId, client]);
  return query;
}
