/** Our server and Chromium: a page, a body each way and a WebSocket, over TCP and over QUIC.  Usage: chromium_test.mjs HTTP_PEER */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from '../../../web/node_modules/playwright-core/index.mjs';

const X25519MLKEM768 = 0x11ec;
const PATIENCE_MS = 120_000;
// Chromium gives a handshake a few seconds: on a machine that does other things too, one may fail.
const TRIES = 5;
const SENT_BYTES = 300_000;

const folder = mkdtempSync(join(tmpdir(), 'tablinum-chromium-'));
const certificate = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3', '-subj', '/CN=localhost', '-addext',
  'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
const publicKey = new X509Certificate(readFileSync(certificate)).publicKey.export({ type: 'spki', format: 'der' });
const pin = createHash('sha256').update(publicKey).digest('base64');

async function startServer() {
  const server = spawn(process.argv[2], ['server', certificate, key, '--http3'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await new Promise((done, failed) => {
    createInterface(server.stdout).once('line', (text) => done([text]));
    server.once('exit', (code) => failed(new Error(`the server ended with ${code}`)));
  });
  return { server, port: Number(line.split(' ')[1]) };
}

/** In the page: what the server says of each request, and what the browser thinks carried it. */
async function ask(bytes) {
  const text = async (path, options) => (await fetch(path, options)).text();
  const received = new Uint8Array(await (await fetch(`/bytes/${bytes}`)).arrayBuffer());
  const posted = await text('/post', { method: 'POST', body: received });
  const spoken = await new Promise((done, failed) => {
    const heard = [];
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.binaryType = 'arraybuffer';
    socket.onerror = () => failed(new Error('the WebSocket failed'));
    socket.onmessage = ({ data }) => {
      heard.push(typeof data === 'string' ? data : data.byteLength);
      if (heard.length === 1) {
        socket.send('κόσμε');
        socket.send(received.slice(0, 70_000));
      }
      if (heard.length === 3) socket.close(1000, 'done');
    };
    socket.onclose = ({ code, wasClean }) => done([...heard, code, wasClean]);
  });
  const wire = await text('/wire');
  const carried = performance.getEntriesByType('resource').map(({ nextHopProtocol }) => nextHopProtocol);
  return { wire, posted, size: received.length, last: received.at(-1), spoken, carried: [...new Set(carried)] };
}

async function open(page, url) {
  for (let left = TRIES; ; --left) {
    try {
      return await page.goto(url, { timeout: PATIENCE_MS });
    } catch (error) {
      if (left === 1) throw error;
      console.log(`once more: ${String(error).split('\n')[0]}`);
    }
  }
}

async function visit(name, port, options, protocol, carried) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    timeout: PATIENCE_MS,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--ignore-certificate-errors-spki-list=${pin}`, '--host-resolver-rules=MAP localhost 127.0.0.1', ...options],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const answer = await open(page, `https://localhost:${port}/page`);
    assert.equal(answer.status(), 200);
    assert.equal(await page.title(), 'a page');
    const seen = await page.evaluate(ask, SENT_BYTES);
    console.log(`${name}: ${JSON.stringify(seen)}`);
    const body = Buffer.from(Array.from({ length: SENT_BYTES }, (_, i) => (i * 7 + Math.floor(i / 251)) % 256));
    assert.equal(seen.wire, `${protocol} ${X25519MLKEM768}`);
    assert.deepEqual(seen.carried, [carried]);
    assert.equal(seen.size, SENT_BYTES);
    assert.equal(seen.last, body.at(-1));
    assert.equal(seen.posted, `POST /post ${SENT_BYTES} ${createHash('sha256').update(body).digest('hex')}`);
    const [socket, ...heard] = seen.spoken;
    // Which wire a WebSocket takes is the browser's choice; the group is not.
    assert.match(socket, new RegExp(`^HTTP/(1\\.1|2|3) ${X25519MLKEM768}$`));
    assert.deepEqual(heard, ['κόσμε', 70_000, 1000, true]);
    console.log(`ok      ${name}`);
  } finally {
    await browser.close();
  }
}

const { server, port } = await startServer();
try {
  await visit('Chromium over TCP', port, ['--disable-quic'], 'HTTP/2', 'h2');
  await visit('Chromium over QUIC', port, ['--enable-quic', `--origin-to-force-quic-on=localhost:${port}`], 'HTTP/3', 'h3');
  const ended = new Promise((done) => server.once('exit', done));
  server.stdin.end();
  assert.equal(await ended, 0);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
