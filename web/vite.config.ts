import react from '@vitejs/plugin-react';
import tailwindcss from '@tailwindcss/vite';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { withShell } from './tools/shell.ts';
import { serviceWorker, WORKER } from './tools/worker.ts';

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker()],
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The content security policy knows no data: fonts, and inlined images would be sent with each chunk that names them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: resolve(import.meta.dirname, 'index.html'), [WORKER]: resolve(import.meta.dirname, 'src/sw/worker.ts') },
      // The worker's scope is its folder, and its address never changes.
      output: {
        entryFileNames: ({ name }) => (name === WORKER ? '[name].js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [{ name: withShell(resolve(import.meta.dirname, 'src/app/main.tsx')) }] },
      },
    },
  },
});
