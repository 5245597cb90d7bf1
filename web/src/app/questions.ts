/** The cache of the server's answers. */
import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';

const RETRIES_MAX = 2;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Without a connection the service worker answers, so a question is always asked.
      networkMode: 'always',
      // An answer that says no will say so again; only silence is asked a second time.
      retry: (failures, error) => failures < RETRIES_MAX && error instanceof ApiError && error.problem.status === 0,
    },
    mutations: { networkMode: 'always' },
  },
});
