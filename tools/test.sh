#!/usr/bin/env bash
# Every test: C++ (ctest), style, a short run of the fuzz targets, pages (vitest), browser. Prints one closing line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit
jobs=${JOBS:-$(nproc)}
passed=0 failed=0
mkdir -p build

note() { echo "==> $*"; }
add() { passed=$((passed + $1)); failed=$((failed + $2)); }
# A step that is one test by itself.
step() {
  local name=$1; shift
  note "$name"
  if "$@"; then add 1 0; else echo "FAILED: $name"; add 0 1; fi
}

run_ctest() {  # preset, label of what runs
  note "$2"
  local log=build/ctest-$1.log
  ctest --test-dir "build/$1" -j "$jobs" --output-on-failure --timeout 600 "${@:3}" >"$log" 2>&1
  local total bad
  total=$(grep -oE 'tests failed out of [0-9]+' "$log" | grep -oE '[0-9]+$' | tail -n 1)
  bad=$(grep -oE '[0-9]+ tests failed out of' "$log" | grep -oE '^[0-9]+' | tail -n 1)
  if [ -z "$total" ]; then cat "$log"; add 0 1; return; fi
  if [ "$bad" != 0 ]; then grep -vE '^ *[0-9]+/[0-9]+ Test .* Passed' "$log" | tail -n 200; fi
  add $((total - bad)) "$bad"
}

run_vitest() {
  local log=build/vitest.json
  note "Pages: vitest"
  (cd web && npx vitest run --reporter=json --outputFile=../build/vitest.json >../build/vitest.log 2>&1)
  local counts
  if counts=$(python3 -c 'import json,sys; r=json.load(open(sys.argv[1])); print(r["numPassedTests"], r["numFailedTests"] + (r["numFailedTestSuites"] if not r["numFailedTests"] else 0))' "$log"); then
    set -- $counts
    [ "$2" = 0 ] || tail -n 100 build/vitest.log
    add "$1" "$2"
  else tail -n 100 build/vitest.log; add 0 1; fi
}

run_browser() {
  local log=build/e2e.log counts
  note "Pages: browser"
  (cd web && npm run --silent e2e >../build/e2e.log 2>&1)
  counts=$(grep -oE '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 | grep -oE '[0-9]+' | tr '\n' ' ')
  if [ -z "$counts" ]; then tail -n 100 "$log"; add 0 1; return; fi
  set -- $counts
  [ "$2" = 0 ] || tail -n 100 "$log"
  add "$1" "$2"
}

note "Building (release)"
cmake --preset release -DTABLINUM_TESTS=ON >build/configure-release.log 2>&1 || { cat build/configure-release.log; echo "0 passed, 1 failed"; exit 1; }
cmake --build build/release -j "$jobs" >build/build-release.log 2>&1 || { tail -n 60 build/build-release.log; echo "0 passed, 1 failed"; exit 1; }
run_ctest release "C++: ctest"

note "Building the fuzz targets"
if cmake --preset fuzz >build/configure-fuzz.log 2>&1 && cmake --build build/fuzz -j "$jobs" >build/build-fuzz.log 2>&1; then
  run_ctest fuzz "Fuzz targets, a fixed number of inputs each" -R '^fuzz\.'
else tail -n 60 build/build-fuzz.log; add 0 1; fi

step "Pages: types" bash -c 'cd web && npm run --silent typecheck'
step "Pages: lint" bash -c 'cd web && npm run --silent lint'
run_vitest
run_browser

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
