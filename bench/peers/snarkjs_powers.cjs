// Powers of tau for groth16 setup, prepared for circuits of 2^POWER constraints and of no other size: node snarkjs_powers.cjs POWER OUT.
// Who makes them knows the secret and could forge proofs: good for measuring time, which does not depend on it, and for nothing else.
// Knowing it saves the transforms over points (`snarkjs powersoftau prepare phase2`: minutes), since the bases of Lagrange follow from
// their values at tau. Runs in a folder with node_modules/ffjavascript.
"use strict";
const fs = require("fs");
const crypto = require("crypto");
const { createRequire } = require("module");
const { buildBn128 } = createRequire(process.cwd() + "/")("ffjavascript");

const power = Number(process.argv[2]);
const out = process.argv[3];

const mod = (a, r) => ((a % r) + r) % r;
function pow(base, exponent, r) {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % r) if (e & 1n) result = (result * b) % r;
  return result;
}
// 1 / values[i], with one inversion.
function inverses(values, r) {
  const before = [];
  let product = 1n;
  for (const v of values) {
    before.push(product);
    product = (product * v) % r;
  }
  let rest = pow(product, r - 2n, r);
  const result = new Array(values.length);
  for (let i = values.length - 1; i >= 0; --i) {
    result[i] = (before[i] * rest) % r;
    rest = (rest * values[i]) % r;
  }
  return result;
}
// The polynomials of Lagrange over the 2^k-th roots of unity, at tau.
function lagrange(k, tau, root, r) {
  const n = 1 << k;
  const points = [1n];
  for (let i = 1; i < n; ++i) points.push((points[i - 1] * root) % r);
  const inverse = inverses(points.map((w) => mod(tau - w, r)), r);
  const factor = ((pow(tau, BigInt(n), r) - 1n) * pow(BigInt(n), r - 2n, r)) % r;
  return points.map((w, i) => mod(((factor * w) % r) * inverse[i], r));
}

// Multiples of a group's generator, by tables of eight bits.
class Multiples {
  constructor(group) {
    this.group = group;
    this.tables = [];
    for (let base = group.g, window = 0; window < 32; ++window) {
      const table = [group.zero];
      for (let i = 1; i < 256; ++i) table.push(group.add(table[i - 1], base));
      this.tables.push(table);
      base = group.add(table[255], base);
    }
  }
  affine(scalar) {
    let sum = this.group.zero;
    for (let window = 0; window < 32; ++window, scalar >>= 8n) {
      const digit = Number(scalar & 255n);
      if (digit !== 0) sum = this.group.add(sum, this.tables[window][digit]);
    }
    return this.group.toAffine(sum);
  }
  all(scalars) {
    return Buffer.concat(scalars.map((s) => Buffer.from(this.affine(s))));
  }
}

(async () => {
  const curve = await buildBn128(true);
  const r = BigInt(curve.r.toString());
  const secret = () => BigInt("0x" + crypto.randomBytes(31).toString("hex"));
  const [tau, alpha, beta] = [secret(), secret(), secret()];
  const root = (k) => BigInt(curve.Fr.toString(curve.Fr.w[k]));
  const g1 = new Multiples(curve.G1);
  const g2 = new Multiples(curve.G2);

  const n = 1 << power;
  const values = lagrange(power, tau, root(power), r);
  // snarkjs has 2 n − 1 powers for the larger domain, so the last coefficient is 0.
  const top = (pow(tau, BigInt(2 * n - 1), r) * pow(BigInt(2 * n), r - 2n, r)) % r;
  const step = root(power + 1);
  let w = 1n;
  const larger = lagrange(power + 1, tau, root(power + 1), r).map((value) => {
    const without = mod(value - top * w, r);
    w = (w * step) % r;
    return without;
  });
  // Sections hold the domains 2^0, 2^1, …; those that setup does not read are zeros.
  const g1Bytes = curve.G1.F.n8 * 2;
  const g2Bytes = curve.G2.F.n8 * 2;
  const header = Buffer.alloc(4 + 32 + 8);
  header.writeUInt32LE(32, 0);
  Buffer.from(curve.q.toString(16).padStart(64, "0"), "hex").reverse().copy(header, 4);
  header.writeUInt32LE(power, 36);
  header.writeUInt32LE(power, 40);
  const scaled = (k) => values.map((v) => (v * k) % r);
  const sections = [
    [1, [header]],
    [2, [g1.all([1n])]],
    [3, [g2.all([1n])]],
    [4, [g1.all([alpha])]],
    [5, [g1.all([beta])]],
    [6, [g2.all([beta])]],
    [7, [Buffer.alloc(4)]],
    [12, [Buffer.alloc((n - 1) * g1Bytes), g1.all(values), g1.all(larger)]],
    [13, [Buffer.alloc((n - 1) * g2Bytes), g2.all(values)]],
    [14, [Buffer.alloc((n - 1) * g1Bytes), g1.all(scaled(alpha))]],
    [15, [Buffer.alloc((n - 1) * g1Bytes), g1.all(scaled(beta))]],
  ];
  const file = fs.openSync(out, "w");
  const start = Buffer.alloc(12);
  start.write("ptau");
  start.writeUInt32LE(1, 4);
  start.writeUInt32LE(sections.length, 8);
  fs.writeSync(file, start);
  for (const [id, parts] of sections) {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(id, 0);
    head.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)), 4);
    fs.writeSync(file, head);
    for (const part of parts) fs.writeSync(file, part);
  }
  fs.closeSync(file);
  process.exit(0);
})();
