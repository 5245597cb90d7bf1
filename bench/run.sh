#!/usr/bin/env bash
# Measures tablinum beside its peers and writes bench/RESULTS.md. Everything else lies in build/bench.
#   bench/run.sh [--only PART[,PART…]]     parts: import million startup person modules seal models proof io net proxy
#                                          (default: all; about an hour)
set -euo pipefail
cd "$(dirname "$0")/.."

only=""
for ((i = 1; i < $#; ++i)); do
  next=$((i + 1))
  if [ "${!i}" = --only ]; then only=${!next}; fi
done

echo "==> Building the program and the modules' benchmarks"
cmake -S . -B build/bench-build -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release \
  -DTABLINUM_TESTS=OFF -DTABLINUM_BENCH=ON >/dev/null
# These three parts need little.
if [ -n "$only" ] && ! tr , '\n' <<<"$only" | grep -qvxE 'io|net|proxy'; then
  cmake --build build/bench-build --target io_peer_bench net_http_bench net_load_bench tablinum
else
  cmake --build build/bench-build
fi
mkdir -p build/bench
wanted() { [[ -z $only || ,$only, == *,$1,* ]]; }
if wanted seal; then bench/seal.sh build/bench-build build/bench; fi
if wanted models; then
  echo "==> The models' commands beside DuckDB, Polars and Python"
  if [ ! -x build/bench/models/bin/python3 ] || ! build/bench/models/bin/python3 -c 'import duckdb, polars' 2>/dev/null; then
    python3 -m venv build/bench/models
    build/bench/models/bin/pip install --quiet -r bench/models_requirements.txt
  fi
  build/bench/models/bin/python3 bench/models.py build/bench-build build/bench/models-data --out bench/results/models.md
fi
if wanted proof; then
  echo "==> The proofs beside longfellow (where it is) and snarkjs"
  python3 bench/proof.py build/bench-build build/bench/proof --out bench/results/proof.md
fi
if wanted io; then
  echo "==> The runtime beside tokio and Go"
  python3 bench/io.py --program build/bench-build/io_peer_bench --work build/bench/io
fi
if wanted net; then
  echo "==> The server beside nginx, ngtcp2's and quic-go"
  python3 bench/net.py --programs build/bench-build --work build/bench/net
fi
if wanted proxy; then
  echo "==> The proxy beside nginx and Caddy"
  python3 bench/proxy.py --program build/bench-build/tablinum
fi
# What has a script of its own is done; the rest is measure.py's.
rest=$(tr , '\n' <<<"$only" | grep -vxE 'seal|models|proof|io|net|proxy' | paste -sd, - || true)
if [ -n "$only" ] && [ -z "$rest" ]; then exit 0; fi
if [ -n "$only" ]; then set -- --only "$rest"; fi

if [ ! -x build/bench/peer/bin/uvicorn ]; then
  echo "==> Installing the peer"
  python3 -m venv build/bench/peer
  build/bench/peer/bin/pip install --quiet -r bench/peers/fastapi/requirements.txt
fi
exec python3 bench/measure.py --programs build/bench-build --work build/bench --out bench/RESULTS.md "$@"
