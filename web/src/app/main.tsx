import '../ui/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { mayHavePacks } from '../api/packs-here.ts';
import { startKeys } from '../lib/keys.ts';
import { startTexts } from '../lib/i18n.ts';
import { applySettings, onSettings, settings } from '../lib/settings.ts';
import { client } from './questions.ts';
import { router } from './router.tsx';

applySettings(document.documentElement, settings());
onSettings(() => applySettings(document.documentElement, settings()));
startKeys(window);
void import('../lib/printing.ts').then(({ startPrinting }) => startPrinting(window));
// Not awaited by the module: pages import what lies in the same file.
async function start() {
  // The page of this address, its texts and its answers are fetched together with the shell's texts, not after them.
  await Promise.all([startTexts(settings().language), router.load()]);

  // In slices: taps and keys are heard meanwhile.
  const root = createRoot(document.querySelector('#root')!);
  startTransition(() => root.render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  ));

  // What is kept on this device beyond its time goes, whether anybody looks at it or not.
  if (mayHavePacks()) void import('../api/pack.ts').then(({ tidyPacks }) => tidyPacks());

  // After the page: fetching the rest ahead must not hold up what is asked for.
  if (import.meta.env.PROD) void import('../lib/copies.ts').then(({ startCopies }) => startCopies());
}

void start();
