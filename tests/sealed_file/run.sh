#!/usr/bin/env bash
# Sealed files between two implementations: run.sh PEER. Makes its Python environment beside the peer on the first run and whenever
# the pinned packages change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peer=$(realpath "${1:?the program file_peer}")
environment=$(dirname "$peer")/sealed-file-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
export PYTHONDONTWRITEBYTECODE=1
cd "$here"
exec "$environment/bin/python" interop_test.py "$peer"
