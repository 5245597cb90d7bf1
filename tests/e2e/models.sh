#!/usr/bin/env bash
# The models' commands from end to end: models.sh BINARY [unittest's arguments]. Makes its Python environment (DuckDB, jsonschema) beside the build
# on the first run and whenever the pinned packages change.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "${1:?the tablinum binary}")
shift
environment=${TABLINUM_MODELS_VENV:-$(dirname "$binary")/models-venv}
stamp=$environment/requirements.txt
if ! cmp -s "$here/models_requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/models_requirements.txt"
  cp "$here/models_requirements.txt" "$stamp"
fi
export TABLINUM=$binary PYTHONDONTWRITEBYTECODE=1
exec "$environment/bin/python" "$here/models_test.py" "$@"
