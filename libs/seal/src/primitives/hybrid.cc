// Ed25519 with ML-DSA-65, and the list of what this build can do.
#include <algorithm>

#include "tablinum/seal/further_signatures.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {

Result<HybridVerifier> HybridVerifier::parse(ByteView bytes) {
  if (bytes.size() != kHybridPublicBytes) return fail(Code::corrupt, "not a pair of signing keys");
  Ed25519Public ed25519;
  std::ranges::copy(bytes.first<32>(), ed25519.begin());
  TRY(ml_dsa, DsaVerifier::parse(DsaLevel::ml_dsa_65, bytes.subspan(32)));
  return HybridVerifier{ed25519, std::move(ml_dsa)};
}

Bytes HybridVerifier::bytes() const {
  Bytes bytes{ed25519_.begin(), ed25519_.end()};
  append(bytes, ml_dsa_.bytes());
  return bytes;
}

bool HybridVerifier::verify(ByteView message, ByteView signature) const {
  return signature.size() == kHybridSignatureBytes && ed25519_verify(ed25519_, message, signature.first<64>()) &&
         ml_dsa_.verify(message, signature.subspan(64));
}

HybridSigner::HybridSigner(const Secret<32>& ed25519_seed, const Secret<kDsaSeedBytes>& ml_dsa_seed)
    : ed25519_{ed25519_seed},
      ml_dsa_{DsaSigner::from_seed(DsaLevel::ml_dsa_65, ml_dsa_seed.view())},
      verifier_{ed25519_.public_key(), ml_dsa_.verifier()} {}

Bytes HybridSigner::sign(ByteView message) const {
  const auto first = ed25519_.sign(message);
  Bytes signature{first.begin(), first.end()};
  append(signature, ml_dsa_.sign(message));
  return signature;
}

namespace {

std::vector<Algorithm> all_algorithms() {
  std::vector<Algorithm> all = {
      {"ML-DSA-44", "signature", "FIPS 204"},
      {"ML-DSA-65", "signature", "FIPS 204"},
      {"ML-DSA-87", "signature", "FIPS 204"},
      {"Ed25519", "signature", "RFC 8032"},
      {"ECDSA-secp256k1", "signature", "SEC 2"},
      {"ML-KEM-512", "key encapsulation", "FIPS 203"},
      {"ML-KEM-768", "key encapsulation", "FIPS 203"},
      {"ML-KEM-1024", "key encapsulation", "FIPS 203"},
      {"X25519", "key agreement", "RFC 7748"},
      {"kem-2048", "proxy re-encryption", "docs/format/proxy-re-encryption.md"},
      {"kem-4096", "proxy re-encryption", "docs/format/proxy-re-encryption.md"},
      {"ristretto255", "proxy re-encryption", "RFC 9496"},
      {"AES-256-GCM", "encryption", "NIST SP 800-38D"},
      {"XChaCha20-Poly1305", "encryption", "draft-irtf-cfrg-xchacha-03"},
      {"Argon2id", "password hash", "RFC 9106"},
  };
  for (const auto& each : further_signatures()) all.push_back({each.name.c_str(), "signature", each.version.c_str()});
  return all;
}

}  // namespace

std::span<const Algorithm> algorithms() {
  static const std::vector<Algorithm> kAll = all_algorithms();
  return kAll;
}

}  // namespace tablinum::seal
