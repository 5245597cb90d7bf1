#!/usr/bin/env bash
# HTTP with programs that others wrote: run.sh clients|h2spec|smuggling|chromium HTTP_PEER [TABLINUM]. Builds the Go ones beside our peer.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
what=${1:?} peer=$(realpath "${2:?the tablinum_http_peer binary}")
build=$(dirname "$peer")
export PYTHONDONTWRITEBYTECODE=1
case $what in
  clients)
    (cd "$here/go_server" && go build -o "$build/go_http_server" .)
    exec python3 "$here/client_test.py" "$peer" "$build/go_http_server" ;;
  h2spec)
    (cd "$here/h2spec" && go build -o "$build/h2spec" github.com/summerwind/h2spec/cmd/h2spec)
    exec python3 "$here/h2spec_test.py" "$peer" "$build/h2spec" ;;
  smuggling)
    exec python3 "$here/smuggling_test.py" "$peer" "${3:?the tablinum binary}" ;;
  chromium)
    node=$here/../../../web/node_modules/.bin/node
    [ -x "$node" ] || { echo "the pages' packages are missing: make web" >&2; exit 1; }
    exec "$node" "$here/chromium_test.mjs" "$peer" ;;
  *) echo "unknown: $what" >&2; exit 2 ;;
esac
