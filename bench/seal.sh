#!/usr/bin/env bash
# The seal beside its peers: sealed files (openssl, cp, age), and proxy re-encryption and vectors (OpenFHE). Called by bench/run.sh.
#   bench/seal.sh PROGRAMS WORK     PROGRAMS: a build folder with benchmarks; tables go to WORK/seal-*.md
# SEAL_BYTES: size of the large file on tmpfs (4 GiB, or what half of the free memory has room for three times).
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$(realpath "$1")
work=$(realpath "$2")

available_kib=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
bytes=${SEAL_BYTES:-$((available_kib * 1024 / 6 < 4 << 30 ? available_kib * 1024 / 6 >> 24 << 24 : 4 << 30))}
echo "==> Sealed files ($((bytes >> 20)) MiB)"
python3 bench/seal_files.py --tablinum "$programs/tablinum" --bench "$programs/seal_file_bench" --bytes "$bytes" --out "$work/seal-file.md"

# OpenFHE's package is for CPython 3.10 only.
python310=
for candidate in python3.10 ~/.pyenv/versions/3.10.*/bin/python3.10; do  # the first may be a stand-in of pyenv that starts nothing
  if "$candidate" -c 'import venv' 2>/dev/null; then python310=$candidate && break; fi
done
if [ -z "$python310" ]; then
  echo "==> No python3.10: OpenFHE is left out; the benchmarks run alone"
  "$programs/seal_pre_bench" | tee "$work/seal-pre.md"
  "$programs/seal_fhe_bench" | tee "$work/seal-fhe.md"
  exit 0
fi
if [ ! -x "$work/openfhe/bin/python" ]; then
  "$python310" -m venv "$work/openfhe"
  "$work/openfhe/bin/pip" install --quiet -r libs/seal/bench/requirements.txt
fi
if [ ! -x "$work/seal-python/bin/python" ]; then
  python3 -m venv "$work/seal-python"
  "$work/seal-python/bin/pip" install --quiet "cffi>=1.15" "setuptools>=68"
fi
# From a copy: setuptools leaves folders behind where it builds.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/capi"
cp -r python "$copy/python"
cp -r capi/include "$copy/capi/include"
"$work/seal-python/bin/pip" install --quiet --no-build-isolation --no-deps --force-reinstall "$copy/python"
echo "==> Proxy re-encryption beside OpenFHE"
python3 libs/seal/bench/pre_peers.py "$programs/seal_pre_bench" "$work/openfhe/bin/python" | tee "$work/seal-pre.md"
echo "==> Vectors beside OpenFHE"
library=$(realpath "$programs"/libtablinum.so)
TABLINUM_LIBRARY=$library \
  python3 bench/fhe_peer.py "$work/openfhe/bin/python" "$work/seal-python/bin/python" "$programs/seal_fhe_bench" --wall | tee "$work/seal-fhe.md"
