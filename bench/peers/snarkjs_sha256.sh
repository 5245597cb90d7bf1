#!/usr/bin/env bash
# snarkjs (Groth16) beside tablinum on one statement: "I know a message of 55 bytes with this SHA-256". Everything from npm, pinned;
# the set-up that Groth16 needs is made here and not counted. Prints milliseconds of each.
#   bench/peers/snarkjs_sha256.sh TABLINUM [FOLDER]
set -euo pipefail
tablinum=$(realpath "$1")
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"
[ -d node_modules ] || npm install --silent --no-save snarkjs@0.7.5 circom2@0.2.22 circomlib@2.0.5
cat > message.circom <<'CIRCOM'
pragma circom 2.0.0;
include "node_modules/circomlib/circuits/sha256/sha256.circom";
template Message() {
  signal input in[440];
  signal input hash[256];
  component sha = Sha256(440);
  for (var i = 0; i < 440; i++) { in[i] * (in[i] - 1) === 0; sha.in[i] <== in[i]; }
  for (var i = 0; i < 256; i++) hash[i] === sha.out[i];
}
component main {public [hash]} = Message();
CIRCOM
node - <<'NODE'
const crypto = require("crypto"), fs = require("fs");
const message = Buffer.alloc(55, "a");
const bits = (bytes) => [...bytes].flatMap((b) => [7, 6, 5, 4, 3, 2, 1, 0].map((i) => (b >> i) & 1));
fs.writeFileSync("message", message);
fs.writeFileSync("input.json", JSON.stringify({ in: bits(message), hash: bits(crypto.createHash("sha256").update(message).digest()) }));
NODE
if [ ! -f final.zkey ]; then
  npx circom2 message.circom --r1cs --wasm -o . > compile.log
  npx snarkjs powersoftau new bn128 15 pot0.ptau > setup.log
  npx snarkjs powersoftau contribute pot0.ptau pot1.ptau --name=bench -e=bench >> setup.log
  npx snarkjs powersoftau prepare phase2 pot1.ptau pot.ptau >> setup.log
  npx snarkjs groth16 setup message.r1cs pot.ptau first.zkey >> setup.log
  npx snarkjs zkey contribute first.zkey final.zkey --name=bench -e=bench >> setup.log
  npx snarkjs zkey export verificationkey final.zkey key.json >> setup.log
fi
node - <<'NODE'
const snarkjs = require("snarkjs"), fs = require("fs");
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
(async () => {
  const input = JSON.parse(fs.readFileSync("input.json")), key = JSON.parse(fs.readFileSync("key.json"));
  const prove = [], verify = [];
  for (let i = 0; i < 4; i++) {
    let start = process.hrtime.bigint();
    const { proof, publicSignals } = await snarkjs.groth16.fullProve(input, "message_js/message.wasm", "final.zkey");
    const proved = Number(process.hrtime.bigint() - start) / 1e6;
    start = process.hrtime.bigint();
    if (!(await snarkjs.groth16.verify(key, publicSignals, proof))) throw new Error("does not verify");
    if (i > 0) { prove.push(proved); verify.push(Number(process.hrtime.bigint() - start) / 1e6); }  // the first one warms up
  }
  console.log(`snarkjs prove ${median(prove).toFixed(1)} ms, verify ${median(verify).toFixed(1)} ms`);
  process.exit(0);
})();
NODE
"$tablinum" proof bench --blocks 1 --rounds 9
"$tablinum" proof bench --blocks 1 --rounds 9 --threads 2
