#!/usr/bin/env bash
# QUIC interoperability: run.sh PEER [--short] [run.py's options]. Makes the foreign peers' environment beside the build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
peer=$(realpath "${1:?the tablinum_interop_peer binary}")
shift
build=$(dirname "$peer")
environment=$build/quic-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
case " $* " in
  *" --short "*) ;;
  *) if command -v go >/dev/null; then (cd "$here/go_peer" && go build -o "$build/go_peer" .); fi ;;
esac
PYTHONDONTWRITEBYTECODE=1 exec "$environment/bin/python" "$here/run.py" --peer "$peer" --go "$build/go_peer" "$@"
