// X25519, Ed25519 and secp256k1.
#include <openssl/bn.h>
#include <openssl/curve25519.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdsa.h>
#include <openssl/nid.h>

#include <algorithm>

#include "primitives/evp.h"
#include "tablinum/base/crypto.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {
namespace {

struct EcFree {
  void operator()(EC_KEY* key) const noexcept { EC_KEY_free(key); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const noexcept { BN_clear_free(number); }
  void operator()(EC_POINT* point) const noexcept { EC_POINT_free(point); }
};
using EcKey = std::unique_ptr<EC_KEY, EcFree>;
using EcSignature = std::unique_ptr<ECDSA_SIG, EcFree>;
using Number = std::unique_ptr<BIGNUM, EcFree>;
using Point = std::unique_ptr<EC_POINT, EcFree>;

const EC_GROUP* group() noexcept { return EC_group_secp256k1(); }

// A key with both halves, or nothing where the scalar is out of range.
EcKey key_of(const Secret<32>& scalar) {
  const Number number{BN_bin2bn(u8(scalar.view()), 32, nullptr)};
  EcKey key{EC_KEY_new()};
  const Point point{EC_POINT_new(group())};
  require(number && key && point && EC_KEY_set_group(key.get(), group()) == 1);
  if (EC_KEY_set_private_key(key.get(), number.get()) != 1 || BN_is_zero(number.get())) {
    ERR_clear_error();
    return nullptr;
  }
  require(EC_POINT_mul(group(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
          EC_KEY_set_public_key(key.get(), point.get()) == 1);
  return key;
}

}  // namespace

X25519Public x25519_public(const Secret<32>& secret) noexcept {
  X25519Public key;
  X25519_public_from_private(u8(MutableBytes{key}), u8(secret.view()));
  return key;
}

Result<Secret<32>> x25519(const Secret<32>& secret, const X25519Public& peer) {
  Secret<32> shared;
  if (X25519(u8(MutableBytes{shared.mutable_view()}), u8(secret.view()), u8(ByteView{peer})) != 1) {
    ERR_clear_error();
    return fail(Code::corrupt, "an X25519 key of small order");
  }
  return shared;
}

Ed25519Signer::Ed25519Signer(const Secret<32>& seed) noexcept {
  ED25519_keypair_from_seed(u8(MutableBytes{public_}), u8(MutableBytes{key_.mutable_view()}), u8(seed.view()));
}

Ed25519Signature Ed25519Signer::sign(ByteView message) const noexcept {
  Ed25519Signature signature;
  ED25519_sign(u8(MutableBytes{signature}), u8(message), message.size(), u8(key_.view()));
  return signature;
}

bool ed25519_verify(const Ed25519Public& key, ByteView message, ByteView signature) noexcept {
  if (signature.size() != sizeof(Ed25519Signature)) return false;
  const bool good = ED25519_verify(u8(message), message.size(), u8(signature), u8(ByteView{key})) == 1;
  if (!good) ERR_clear_error();
  return good;
}

Result<Secp256k1Signer> Secp256k1Signer::from_scalar(const Secret<32>& scalar) {
  const EcKey key = key_of(scalar);
  if (!key) return fail(Code::invalid, "not a secp256k1 secret key");
  Secp256k1Public bytes;
  require(EC_POINT_point2oct(group(), EC_KEY_get0_public_key(key.get()), POINT_CONVERSION_UNCOMPRESSED, u8(MutableBytes{bytes}),
                             bytes.size(), nullptr) == bytes.size());
  return Secp256k1Signer{scalar, bytes};
}

Secp256k1Signer Secp256k1Signer::random() {
  while (true)
    if (auto signer = from_scalar(random_secret<32>())) return *std::move(signer);  // one try in 2^128 fails
}

Secp256k1Signature Secp256k1Signer::sign(ByteView message) const {
  const EcKey key = key_of(scalar_);
  const Digest digest = sha256(message);
  const EcSignature made{ECDSA_do_sign(digest.bytes.data(), digest.bytes.size(), key.get())};
  require(made != nullptr);
  const BIGNUM *r = nullptr, *s = nullptr;
  ECDSA_SIG_get0(made.get(), &r, &s);
  Secp256k1Signature signature;
  require(BN_bn2bin_padded(u8(MutableBytes{signature}), 32, r) == 1 &&
          BN_bn2bin_padded(u8(MutableBytes{signature}.subspan(32)), 32, s) == 1);
  return signature;
}

bool secp256k1_verify(const Secp256k1Public& key, ByteView message, ByteView signature) {
  if (signature.size() != sizeof(Secp256k1Signature)) return false;
  const Point point{EC_POINT_new(group())};
  const EcKey handle{EC_KEY_new()};
  const EcSignature parsed{ECDSA_SIG_new()};
  Number r{BN_bin2bn(u8(signature), 32, nullptr)}, s{BN_bin2bn(u8(signature.subspan(32)), 32, nullptr)};
  require(point && handle && parsed && r && s && EC_KEY_set_group(handle.get(), group()) == 1);
  require(ECDSA_SIG_set0(parsed.get(), r.release(), s.release()) == 1);
  const Digest digest = sha256(message);
  const bool good = std::to_integer<int>(key[0]) == 4 &&
                    EC_POINT_oct2point(group(), point.get(), u8(ByteView{key}), key.size(), nullptr) == 1 &&
                    EC_KEY_set_public_key(handle.get(), point.get()) == 1 &&
                    ECDSA_do_verify(digest.bytes.data(), digest.bytes.size(), parsed.get(), handle.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace tablinum::seal
