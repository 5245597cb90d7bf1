/** One real server for all end-to-end tests: the release binary on an empty archive, or the one that TABLINUM_URL names. */
import type { TestProject } from 'vitest/node';
import { DIST, newFolder, removeFolder, SAMPLE_MODELS, startServer, writeMetrics } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    url: string;
  }
}

export default async function setup(project: TestProject) {
  const given = process.env['TABLINUM_URL'];
  if (given) {
    project.provide('url', given);
    return undefined;
  }
  const data = newFolder();
  writeMetrics(data);
  const server = await startServer(data, DIST, ['--models', SAMPLE_MODELS]);
  project.provide('url', server.url);
  return async () => {
    await server.stop();
    removeFolder(data);
  };
}
