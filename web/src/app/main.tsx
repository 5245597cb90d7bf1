import '../ui/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from '../api/client.ts';
import { startKeys } from '../lib/keys.ts';
import { startTexts } from '../lib/i18n.ts';
import { applySettings, onSettings, settings } from '../lib/settings.ts';
import { router } from './router.tsx';

const RETRIES_MAX = 2;

const client = new QueryClient({
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

applySettings(document.documentElement, settings());
onSettings(() => applySettings(document.documentElement, settings()));
startKeys(window);
await startTexts(settings().language);

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

// After the page: fetching the rest ahead must not hold up what is asked for.
if (import.meta.env.PROD) void import('../lib/copies.ts').then(({ startCopies }) => startCopies());
