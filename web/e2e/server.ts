/** The release binary as a server on an archive of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = resolve(import.meta.dirname, '../..');
export const DIST = join(ROOT, 'web/dist');
export const SAMPLE = join(ROOT, 'samples/family/moyo-whitfield.gdz');
export const SAMPLE_MODELS = join(ROOT, 'samples/models');
const BINARY = process.env['TABLINUM_BIN'] ?? join(ROOT, 'build/release/tablinum');
const START_MS = 60_000;

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tablinum-e2e-'));
}

export function importSample(data: string) {
  execFileSync(BINARY, ['import', SAMPLE, '--data', data, '--tree', 'Sample family', '--quiet'], { stdio: 'ignore' });
}

/** Selections of three days: something for the statistics to show. */
export function writeMetrics(data: string) {
  const rows = Array.from({ length: 90 }, (_, n) => {
    const time = new Date(Date.UTC(2026, 4, 1) + n * 48 * 60_000).toISOString().slice(0, 19).replace('T', ' ');
    const model = ['microsoft-phi-2', 'google-gemma-3-270m-it', 'HY-MT1.5-7B'][n % 3];
    return `${time},${n % 3 === 2 ? 'relational' : 'code'},${model},${n % 4 > 0},0.9,${50 + (n % 20)},0,${10 + ((n * 7) % 40)},${n % 15 ? 'ok' : 'fallback'}`;
  });
  const header = 'timestamp,task_category,selected_model,primary_category,confidence_score,final_score,gpu_id,selection_duration_ms,outcome';
  mkdirSync(join(data, 'models'), { recursive: true });
  writeFileSync(join(data, 'models/metrics.csv'), `${[header, ...rows].join('\n')}\n`);
}

export interface Server {
  url: string;
  stop(): Promise<void>;
}

/** The line in which the server says where it listens: the system has chosen the port, so nobody else can have it. */
function announced(server: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`the server said nothing within ${START_MS} ms`)), START_MS);
    server.once('exit', (code) => failed(new Error(`the server ended with ${code}`)));
    createInterface(server.stdout!).once('line', (line) => {
      clearTimeout(timer);
      done((JSON.parse(line) as { url: string }).url);
    });
  });
}

export async function startServer(data: string, pages = DIST, more: string[] = []): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: build the release preset first, or name a server in TABLINUM_URL`);
  const log = join(data, 'server.log');
  const server = spawn(BINARY, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--pages', pages, '--json', ...more], {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
  });
  const ended = new Promise<void>((done) => {
    server.once('exit', () => done());
  });
  const url = await announced(server).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${readFileSync(log, 'utf8')}`);
  });
  return {
    url,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}

export function removeFolder(folder: string) {
  rmSync(folder, { recursive: true, force: true });
}
