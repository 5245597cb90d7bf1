#!/usr/bin/env bash
# Measures tablinum beside its peers and writes bench/RESULTS.md. Everything else lies in build/bench.
#   bench/run.sh [--only PART[,PART…]]     parts: import million startup person modules seal   (default: all; about 35 minutes)
set -euo pipefail
cd "$(dirname "$0")/.."

echo "==> Building the program and the modules' benchmarks"
cmake -S . -B build/bench-build -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release \
  -DTABLINUM_TESTS=OFF -DTABLINUM_BENCH=ON >/dev/null
cmake --build build/bench-build

only=""
for ((i = 1; i < $#; ++i)); do
  next=$((i + 1))
  if [ "${!i}" = --only ]; then only=${!next}; fi
done
if [[ -z $only || ,$only, == *,seal,* ]]; then
  mkdir -p build/bench
  bench/seal.sh build/bench-build build/bench
  rest=$(tr , '\n' <<<"$only" | grep -vx seal | paste -sd, - || true)
  if [ -n "$only" ] && [ -z "$rest" ]; then exit 0; fi
  if [ -n "$only" ]; then set -- --only "$rest"; fi
fi

if [ ! -x build/bench/peer/bin/uvicorn ]; then
  echo "==> Installing the peer"
  python3 -m venv build/bench/peer
  build/bench/peer/bin/pip install --quiet -r bench/peers/fastapi/requirements.txt
fi
if [ $# -eq 0 ]; then
  echo "==> The runtime beside tokio and Go"
  python3 bench/io.py --program build/bench-build/io_peer_bench
fi
exec python3 bench/measure.py --programs build/bench-build --work build/bench --out bench/RESULTS.md "$@"
