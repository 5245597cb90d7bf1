#!/usr/bin/env bash
# Installs what the lists in packages/ name, on Debian 12, as root or through sudo. Does nothing where all is there.
#   tools/install_packages.sh build [run] [test] [bench]
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
# "NAME/bookworm-backports" in a list means the newer version, which Debian marks with ~bpo.
installed() {
  local found
  found=$(dpkg-query -W -f='${Status} ${Version}' "${1%%/*}" 2>/dev/null) || return 1
  [[ $found == *'install ok installed'* && ($1 != */* || $found == *~bpo*) ]]
}

missing=()
for list in "$@"; do
  while read -r name; do
    [[ -z $name || $name == \#* ]] && continue
    # Where a newer node came another way than by package, Debian's must not push it aside.
    case $name in nodejs) command -v node >/dev/null && continue ;; npm) command -v npm >/dev/null && continue ;; esac
    installed "$name" || missing+=("$name")
  done < "packages/$list.txt"
done
# Debian 12's cargo (0.66) is too old for today's crates; cargo-web is the newer one.
command -v cargo >/dev/null || missing+=(cargo-web)

[ ${#missing[@]} -eq 0 ] && exit 0
command -v apt-get >/dev/null || { echo "Needed, and this is no Debian: ${missing[*]}" >&2; exit 1; }
echo "==> Installing ${#missing[@]} packages: ${missing[*]}"
as_root apt-get update -qq
# Not through pipes: a reader that has seen enough ends the writer, and with pipefail that looks like a failure.
policy=$(apt-cache policy)
if [[ $policy != *bookworm-backports* ]]; then
  if [[ $policy =~ (https?://[^[:space:]]+)\ bookworm/main ]]; then
    echo "==> Adding bookworm-backports"
    echo "deb ${BASH_REMATCH[1]} bookworm-backports main" | as_root tee /etc/apt/sources.list.d/tablinum-backports.list >/dev/null
    as_root apt-get update -qq
  fi
fi
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
