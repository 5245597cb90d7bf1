#!/usr/bin/env bash
# WebSocket with Python's websockets: run.sh PEER. Makes its Python environment beside the build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peer=$(realpath "${1:?the tablinum_websocket_peer binary}")
environment=$(dirname "$peer")/websocket-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" "$here/websocket_test.py" "$peer"
