#!/usr/bin/env bash
# The Python package against a built library: run.sh LIBRARY [pytest's arguments]. Installs the package into a clean environment beside
# the build, as a user would, then runs its tests and examples.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=$(realpath "${1:?libtablinum.so}")
shift
environment=$(dirname "$library")/python-venv
stamp=$environment/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$stamp"
fi
# From a copy: setuptools leaves folders behind where it builds.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/capi"
cp -r "$here/.." "$copy/python"
cp -r "$here/../../capi/include" "$copy/capi/include"
"$environment/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall "$copy/python"
export TABLINUM_LIBRARY=$library PYTHONDONTWRITEBYTECODE=1
cd "$copy"  # so that the installed package is what is imported
for example in "$here"/../examples/*.py; do
  "$environment/bin/python" "$example"
done
"$environment/bin/python" -m pytest -q -p no:cacheprovider "$@" "$here"
