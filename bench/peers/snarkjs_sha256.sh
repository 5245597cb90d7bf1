#!/usr/bin/env bash
# snarkjs (Groth16) on one statement: "I know a message of 55 bytes with this SHA-256". Everything from npm, pinned; the set-up that
# Groth16 needs is made once, in FOLDER. The last line of output is a JSON object. With `setup` it ends when the set-up is there.
#   bench/peers/snarkjs_sha256.sh FOLDER [setup]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
if [ ! -d node_modules/circomlib ]; then
  echo '{"private": true}' > package.json
  npm install --silent --no-audit --no-fund snarkjs@0.7.5 circom2@0.2.22 circomlib@2.0.5 >&2
fi
snarkjs="node node_modules/snarkjs/build/cli.cjs"
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
# made OUT COMMAND…: OUT as COMMAND writes it under another name, unless it is there. So a set-up that was cut off goes on where it was.
made() {
  local out=$1
  shift
  if [ ! -f "$out" ]; then "$@" "new-$out" > setup.log && mv "new-$out" "$out"; fi
}
if [ ! -f setup.json ]; then
  [ -f message_js/message.wasm ] || node node_modules/circom2/cli.js message.circom --r1cs --wasm -o . >&2
  made pot.ptau node "$here/snarkjs_powers.cjs" 15
  made first.zkey $snarkjs groth16 setup message.r1cs pot.ptau
  made final.zkey $snarkjs zkey contribute first.zkey --name=bench -e=bench
  made key.json $snarkjs zkey export verificationkey final.zkey
  rm -f *.ptau first.zkey
  constraints=$($snarkjs r1cs info message.r1cs | sed -n 's/.*# of Constraints: *//p' | tr -dc 0-9)
  times > setup.times  # of all processes so far: "user system" of the shell, then of what it ran
  cpu_s=$(sed -n '2s/[ms]/ /gp' setup.times | awk '{ printf "%.0f", 60 * $1 + $2 + 60 * $3 + $4 }')
  echo "{\"setup_cpu_s\": $cpu_s, \"constraints\": $constraints}" > setup.json
fi
if [ "${2:-}" = setup ]; then exit 0; fi
node - <<'NODE'
const crypto = require("crypto"), fs = require("fs"), snarkjs = require("snarkjs");
const bits = (bytes) => [...bytes].flatMap((b) => [7, 6, 5, 4, 3, 2, 1, 0].map((i) => (b >> i) & 1));
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
(async () => {
  const message = Buffer.alloc(55, "a");
  const input = { in: bits(message), hash: bits(crypto.createHash("sha256").update(message).digest()) };
  const key = JSON.parse(fs.readFileSync("key.json"));
  const prove = [], verify = [];
  for (let i = 0; i < 6; i++) {
    let start = process.hrtime.bigint();
    const { proof, publicSignals } = await snarkjs.groth16.fullProve(input, "message_js/message.wasm", "final.zkey");
    const proved = Number(process.hrtime.bigint() - start) / 1e6;
    start = process.hrtime.bigint();
    if (!(await snarkjs.groth16.verify(key, publicSignals, proof))) throw new Error("does not verify");
    if (i > 0) { prove.push(proved); verify.push(Number(process.hrtime.bigint() - start) / 1e6); }  // the first one warms up
  }
  const version = require("./node_modules/snarkjs/package.json").version;
  console.log(JSON.stringify({ ...JSON.parse(fs.readFileSync("setup.json")), version, prove_ms: median(prove), verify_ms: median(verify) }));
  process.exit(0);
})();
NODE
