/** One real server for all end-to-end tests: the release binary on an empty archive, or the one that TABLINUM_URL names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = process.env['TABLINUM_BIN'] ?? join(ROOT, 'build/release/tablinum');
const START_MS = 20_000;

declare module 'vitest' {
  export interface ProvidedContext {
    url: string;
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

async function healthy(url: string, server: ChildProcess) {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const response = await fetch(`${url}/health`).catch(() => null);
    if (response?.ok) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`no answer at ${url}/health within ${START_MS} ms`);
}

export default async function setup(project: TestProject) {
  const given = process.env['TABLINUM_URL'];
  if (given) {
    project.provide('url', given);
    return undefined;
  }
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: build the release preset first, or name a server in TABLINUM_URL`);
  const data = mkdtempSync(join(tmpdir(), 'tablinum-e2e-'));
  const port = await freePort();
  const server = spawn(BINARY, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, '--pages', join(ROOT, 'web/dist')], { stdio: ['ignore', 'ignore', openSync(join(data, 'server.log'), 'w')] });
  const url = `http://127.0.0.1:${port}`;
  await healthy(url, server).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${readFileSync(join(data, 'server.log'), 'utf8')}`);
  });
  project.provide('url', url);
  return async () => {
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
}
