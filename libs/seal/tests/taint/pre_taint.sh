#!/usr/bin/env bash
# pre_taint.sh PROGRAM: no branch and no address may depend on a secret; and a deliberate one must be found.
set -euo pipefail
program=$1
check=(valgrind --quiet --error-exitcode=9 --track-origins=no "$program")
"${check[@]}"
if "${check[@]}" on-purpose >/dev/null 2>&1; then
  echo "valgrind did not notice a branch on a secret" >&2
  exit 1
fi
echo "2 passed, 0 failed"
