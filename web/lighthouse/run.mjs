// Lighthouse on the pages of the sample family, desktop and mobile: node web/lighthouse/run.mjs [REPORT.md]
// Accessibility and best practices must be perfect; the times are held to the budgets of README.md where nothing else runs
// (LIGHTHOUSE_STRICT=1), else they are only written down.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { launch } from 'chrome-launcher';
import lighthouse, { desktopConfig } from 'lighthouse';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = process.env.TABLINUM_BIN ?? join(ROOT, 'build/release/tablinum');
const STRICT = process.env.LIGHTHOUSE_STRICT === '1';
/** Of the design: slow 4G and a four times slower processor, as Lighthouse simulates them for a telephone. */
const BUDGET = { 'largest-contentful-paint': 2000, 'cumulative-layout-shift': 0.05, 'total-blocking-time': 200 };
const SCORES = ['accessibility', 'best-practices'];
const CATEGORIES = ['performance', ...SCORES];
const ROUNDS = Number(process.env.LIGHTHOUSE_ROUNDS ?? 3);
/** One page alone: while looking for what is wrong with it. */
const ONLY = process.env.LIGHTHOUSE_PAGE;

const data = mkdtempSync(join(tmpdir(), 'tablinum-lighthouse-'));
execFileSync(BINARY, ['import', join(ROOT, 'samples/family/moyo-whitfield.gdz'), '--data', data, '--tree', 'Sample family', '--quiet'], { stdio: 'ignore' });
const server = spawn(BINARY, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--pages', join(ROOT, 'web/dist'), '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
const url = await new Promise((done) => createInterface(server.stdout).once('line', (line) => done(JSON.parse(line).url)));
const chrome = await launch({ chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic'] });

const { items: [tree] } = await (await fetch(`${url}/api/v1/trees`)).json();
const at = `/t/${tree.id}`;
const pages = {
  Home: at, People: `${at}/people`, Person: `${at}/people/${tree.homePersonId}`, Chart: `${at}/charts/hourglass/${tree.homePersonId}`, Search: `${at}/search?q=moyo`,
};

/** The best of some rounds: what else the machine does only ever makes a page slower. */
async function measure(path, config) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { lhr } = await lighthouse(url + path, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: 'error', output: 'json' }, config);
    rounds.push(lhr);
  }
  return rounds.toSorted((a, b) => b.categories.performance.score - a.categories.performance.score)[0];
}

const line = (cells) => `| ${cells.join(' | ')} |`;
const rows = [];
const faults = [];
for (const [device, config] of [['mobile', undefined], ['desktop', desktopConfig]]) {
  for (const [name, path] of Object.entries(pages)) {
    if (ONLY && name !== ONLY) continue;
    const { categories, audits, runtimeError } = await measure(path, config);
    if (runtimeError) faults.push(`${name}, ${device}: not measured: ${runtimeError.message}`);
    const scores = CATEGORIES.map((key) => Math.round(100 * (categories[key].score ?? 0)));
    // A page that drew nothing in time has no figure.
    const times = Object.keys(BUDGET).map((key) => audits[key].numericValue ?? Infinity);
    rows.push([name, device, ...scores, `${(times[0] / 1000).toFixed(2)} s`, times[1].toFixed(3), `${Math.round(times[2])} ms`]);
    console.log(rows.at(-1).join(' | '));
    for (const key of SCORES) {
      const failed = categories[key].auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1).map(({ id }) => id);
      if (failed.length > 0) faults.push(`${name}, ${device}: ${key}: ${failed.join(', ')}`);
    }
    Object.entries(BUDGET).forEach(([key, most], index) => {
      if (STRICT && times[index] > most) faults.push(`${name}, ${device}: ${key} is ${times[index]}, more than ${most}`);
    });
  }
}
await chrome.kill();
server.kill('SIGTERM');
await new Promise((done) => { server.once('exit', done); });
rmSync(data, { recursive: true, force: true });

const [report] = process.argv.slice(2);
if (report) {
  const head = ['page', 'as', 'performance', 'accessibility', 'best practices', 'largest paint', 'layout shift', 'blocked'];
  writeFileSync(report, `# The pages, by Lighthouse

\`node web/lighthouse/run.mjs bench/results/web.md\`: the sample family from the release binary, Debian's Chromium without a window, the best of ${ROUNDS} rounds a page.
Mobile is Lighthouse's simulated slow 4G with a processor four times slower. Budgets: largest paint 2.0 s, layout shift 0.05, blocked 200 ms.
Load of the machine at the end: ${loadavg().map((load) => load.toFixed(1)).join(', ')}${STRICT ? '' : '; the times are not held to the budgets here'}.

${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}

Faults: ${faults.length === 0 ? 'none' : `\n\n${faults.map((fault) => `- ${fault}`).join('\n')}`}
`);
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
