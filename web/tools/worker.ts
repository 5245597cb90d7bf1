/** Puts the list of the files that the service worker fetches ahead into it, when the pages are built. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export const WORKER = 'sw';

/** Scripts, styles, and the fonts of the Latin alphabet; other fonts and the outlines of the map when they are first used. */
const AHEAD = /\.(?:js|css)$|-latin-(?:ext-)?wght-normal-[^/]+\.woff2$/;

export function serviceWorker(): Plugin {
  let publicDir = '';
  return {
    name: 'tablinum-service-worker',
    apply: 'build',
    enforce: 'post',
    configResolved: (config) => {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle[`${WORKER}.js`];
        const index = bundle['index.html'];
        if (worker?.type !== 'chunk' || index?.type !== 'asset') return this.error('the worker or the page is not in the build');
        if (worker.imports.length + worker.dynamicImports.length > 0) return this.error('the worker must be one file');
        const added = readdirSync(publicDir);
        const files = Object.keys(bundle).filter((name) => name !== worker.fileName && AHEAD.test(name)).toSorted();
        const sum = createHash('sha256').update(JSON.stringify(files)).update(index.source);
        for (const name of added.toSorted()) sum.update(readFileSync(join(publicDir, name)));
        const paths = ['/', ...[...added, ...files].map((name) => `/${name}`)];
        worker.code = worker.code
          .replaceAll('SHELL_FILES', JSON.stringify(paths))
          .replaceAll('SHELL_NAME', JSON.stringify(sum.digest('hex').slice(0, 16)));
        return undefined;
      },
    },
  };
}
