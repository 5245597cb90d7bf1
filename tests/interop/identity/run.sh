#!/usr/bin/env bash
# Identities and cards read by another implementation: run.sh BINARY. Makes its Python environment beside the build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:?the tablinum binary}")
environment=$(dirname "$binary")/identity-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
TABLINUM=$binary PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" "$here/identity_page_test.py"
