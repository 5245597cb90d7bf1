#!/usr/bin/env bash
# The tests of the HTTP API against the release binary: run.sh BINARY [pytest's arguments]. Makes their Python environment beside the
# build on the first run and whenever the pinned packages change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:?the tablinum binary}")
shift
environment=${TABLINUM_API_VENV:-$(dirname "$binary")/api-venv}
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
export TABLINUM_BINARY=$binary PYTHONDONTWRITEBYTECODE=1
exec "$environment/bin/python" -m pytest -q -p no:cacheprovider "$@" "$here"
