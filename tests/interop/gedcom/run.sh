#!/usr/bin/env bash
# Converted files read by other programs: run.sh BINARY SAMPLE. Makes its Python environment beside the build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:?the tablinum binary}")
sample=$(realpath "${2:?a GEDCOM or GEDZIP file}")
environment=$(dirname "$binary")/gedcom-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" "$here/readers_test.py" "$binary" "$sample"
