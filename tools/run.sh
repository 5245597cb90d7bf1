#!/usr/bin/env bash
# What `make run` does after building: an archive in DATA with FILE in it (imported once), and the server until Ctrl-C.
#   tools/run.sh TABLINUM DATA FILE PORT
set -euo pipefail
tablinum=$1 data=$2 file=$3 port=$4
pages=$(dirname "$0")/../web/dist

name=$(basename "$file")
name=${name%.*}
[ -f "$file" ] || { echo "There is no file $file" >&2; exit 4; }
# The file's digest, not its name, says whether it is in the archive already: a newer export is imported again.
stamp=$data/imported/$(sha256sum "$file" | cut -c1-16)
if [ ! -f "$stamp" ]; then
  echo "==> Importing $file into $data"
  "$tablinum" import "$file" --data "$data" --tree "$name"
  mkdir -p "$data/imported"
  touch "$stamp"
fi
# A registry of one's own lies in DATA/models; until then the sample shows what the pages are for.
models=$data/models
[ -f "$models/MODEL_REGISTRY.json" ] || models=$(dirname "$0")/../samples/models
exec "$tablinum" serve --data "$data" --listen "127.0.0.1:$port" --pages "$pages" --models "$models"
