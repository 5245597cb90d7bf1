#!/usr/bin/env bash
# The C++ tests under ASan+UBSan and under TSan.
set -euo pipefail
cd "$(dirname "$0")/.."
for preset in asan tsan; do
  echo "==> $preset"
  cmake --preset "$preset" >/dev/null
  cmake --build "build/$preset" -j "${JOBS:-$(nproc)}" >/dev/null
  ctest --preset "$preset" -j "${JOBS:-$(nproc)}" | tail -n 15
done
