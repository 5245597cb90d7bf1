#!/usr/bin/env bash
# Brings the published test vectors into FOLDER: Wycheproof and, out of Cloudflare's CIRCL, NIST's ACVP vectors, each a Go module of
# a pinned version and hash. Exit code 3: there is no Go, or no network.
set -euo pipefail
folder=${1:?folder}
[ -e "$folder/complete-2" ] && exit 0
go=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null) || { echo "no Go to fetch the vectors with" >&2; exit 3; }
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
[ -e "$folder/complete-2" ] && exit 0
fetch() {  # MODULE@VERSION HASH -> its folder
  local answer
  answer=$(cd "$folder" && GOMODCACHE=$folder/modules GOFLAGS=-modcacherw GOTOOLCHAIN=local GONOSUMDB='*' timeout 240 "$go" mod download -json "$1") || return 1
  grep -q "\"Sum\": \"$2\"" <<<"$answer" || { echo "$1: not the pinned content" >&2; return 1; }
  sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' <<<"$answer"
}
wycheproof=$(fetch github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a "h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c=") || exit 3
circl=$(fetch github.com/cloudflare/circl@v1.6.5 "h1:O64F26HEqNhznd/hrC5KZXVKYuKM2rx4deZDTc4ihQA=") || exit 3
mkdir -p "$folder/wycheproof" "$folder/acvp"
for name in aes_gcm xchacha20_poly1305 x25519 ed25519 hkdf_sha256 hkdf_sha512 hmac_sha256 hmac_sha512 \
            mlkem_{512,768,1024} mlkem_{512,768,1024}_{encaps,keygen_seed,semi_expanded_decaps} mldsa_{44,65,87}_{verify,sign_seed,sign_noseed}; do
  cp "$wycheproof/testvectors_v1/${name}_test.json" "$folder/wycheproof/$name.json"
done
for set in sign/mldsa/testdata/ML-DSA-{keyGen,sigGen,sigVer}-FIPS204 kem/mlkem/testdata/ML-KEM-keyGen-FIPS203 kem/mlkem/testdata/ML-KEM-encapDecap-FIPS203; do
  for part in prompt expectedResults; do
    gzip -dc "$circl/$set/$part.json.gz" >"$folder/acvp/$(basename "$set")-$part.json"
  done
done
chmod -R u+w "$folder"
rm -rf "$folder/modules"
touch "$folder/complete-2"
