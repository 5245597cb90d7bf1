#!/usr/bin/env bash
# Every fuzz target; SECONDS_EACH=600 for a longer hunt, TARGET=tree_gedcom_fuzz for one.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset fuzz >/dev/null
cmake --build build/fuzz -j "${JOBS:-$(nproc)}" >/dev/null
for program in build/fuzz/${TARGET:-*_fuzz}; do
  name=$(basename "$program")
  seed=$(echo libs/*/fuzz/corpus/"${name#*_}")
  mkdir -p "build/fuzz/corpus/$name"
  echo "==> $name"
  "$program" -max_total_time="${SECONDS_EACH:-10}" -rss_limit_mb=2048 -timeout=10 -artifact_prefix=build/fuzz/ \
    "build/fuzz/corpus/$name" $([ -d "$seed" ] && echo "$seed") 2>&1 | tail -n 3
done
