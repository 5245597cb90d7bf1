#!/usr/bin/env bash
# A hunt: every fuzz target for ten seconds, each time with another seed. SECONDS_EACH=600 for longer,
# TARGET=tree_gedcom_fuzz for one.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset fuzz >/dev/null
cmake --build build/fuzz -j "${JOBS:-$(nproc)}" >/dev/null
for program in build/fuzz/${TARGET:-*_fuzz}; do
  name=$(basename "$program")
  seed=
  for corpus in {libs,services}/*/fuzz/corpus/*; do
    module=$(basename "${corpus%/fuzz/corpus/*}")
    case $name in "${module}_${corpus##*/}" | "${module}_service_${corpus##*/}") seed=$corpus ;; esac
  done
  mkdir -p "build/fuzz/corpus/$name"
  echo "==> $name"
  "$program" -max_total_time="${SECONDS_EACH:-10}" -rss_limit_mb=2048 -timeout=60 -artifact_prefix=build/fuzz/ \
    "build/fuzz/corpus/$name" ${seed:+"$seed"} 2>&1 | tail -n 3
done
