// ML-DSA: AWS-LC's keys behind shared handles, since unpacking one costs as much as a tenth of a signature.
#include <openssl/nid.h>

#include <cassert>

#include "primitives/evp.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {
namespace {

int nid_of(DsaLevel level) noexcept {
  switch (level) {
    case DsaLevel::ml_dsa_44: return NID_MLDSA44;
    case DsaLevel::ml_dsa_65: return NID_MLDSA65;
    default: return NID_MLDSA87;
  }
}

bool set_context(EVP_PKEY_CTX* of, ByteView context) {
  return context.empty() || EVP_PKEY_CTX_set1_signature_context_string(of, u8(context), context.size()) == 1;
}

Bytes public_bytes_of(DsaLevel level, EVP_PKEY* key) {
  Bytes bytes(sizes(level).public_key);
  std::size_t size = bytes.size();
  require(EVP_PKEY_get_raw_public_key(key, u8(MutableBytes{bytes}), &size) == 1 && size == bytes.size());
  return bytes;
}

}  // namespace

struct DsaVerifier::Key {
  EvpKey handle;
};

DsaVerifier::DsaVerifier(DsaLevel level, Bytes bytes, std::shared_ptr<const Key> key)
    : level_{level}, bytes_{std::move(bytes)}, key_{std::move(key)} {}

Result<DsaVerifier> DsaVerifier::parse(DsaLevel level, ByteView bytes) {
  if (bytes.size() != sizes(level).public_key) return fail(Code::corrupt, "not an ML-DSA public key of this level");
  EvpKey handle{EVP_PKEY_pqdsa_new_raw_public_key(nid_of(level), u8(bytes), bytes.size())};
  require(handle != nullptr);
  return DsaVerifier{level, Bytes{bytes.begin(), bytes.end()}, std::make_shared<const Key>(std::move(handle))};
}

bool DsaVerifier::verify(ByteView message, ByteView signature, ByteView context) const {
  if (signature.size() != sizes(level_).signature || context.size() > kDsaContextBytesMax) return false;
  const EvpDigestContext digest{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* key_context = nullptr;
  require(digest != nullptr && EVP_DigestVerifyInit(digest.get(), &key_context, nullptr, nullptr, key_->handle.get()) == 1 &&
          set_context(key_context, context));
  const bool good = EVP_DigestVerify(digest.get(), u8(signature), signature.size(), u8(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

DsaSigner DsaSigner::from_seed(DsaLevel level, std::span<const std::byte, kDsaSeedBytes> seed) {
  EvpKey handle{EVP_PKEY_pqdsa_new_raw_private_key(nid_of(level), u8(seed), seed.size())};
  require(handle != nullptr);
  Bytes bytes = public_bytes_of(level, handle.get());
  return DsaVerifier{level, std::move(bytes), std::make_shared<const DsaVerifier::Key>(std::move(handle))};
}

Result<DsaSigner> DsaSigner::from_expanded(DsaLevel level, ByteView bytes) {
  if (bytes.size() != sizes(level).secret_key) return fail(Code::corrupt, "not an ML-DSA secret key of this level");
  EvpKey handle{EVP_PKEY_pqdsa_new_raw_private_key(nid_of(level), u8(bytes), bytes.size())};
  if (!handle) {
    ERR_clear_error();
    return fail(Code::corrupt, "an ML-DSA secret key whose parts do not belong together");
  }
  Bytes public_bytes = public_bytes_of(level, handle.get());
  return DsaSigner{DsaVerifier{level, std::move(public_bytes), std::make_shared<const DsaVerifier::Key>(std::move(handle))}};
}

SecretBytes DsaSigner::expanded() const {
  SecretBytes bytes(sizes(level()).secret_key);
  std::size_t size = bytes.size();
  require(EVP_PKEY_get_raw_private_key(verifier_.key_->handle.get(), u8(MutableBytes{bytes}), &size) == 1 &&
          size == bytes.size());
  return bytes;
}

Bytes DsaSigner::sign(ByteView message, ByteView context) const {
  assert(context.size() <= kDsaContextBytesMax);
  const EvpDigestContext digest{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* key_context = nullptr;
  Bytes signature(sizes(level()).signature);
  std::size_t size = signature.size();
  require(digest != nullptr &&
          EVP_DigestSignInit(digest.get(), &key_context, nullptr, nullptr, verifier_.key_->handle.get()) == 1 &&
          set_context(key_context, context) &&
          EVP_DigestSign(digest.get(), u8(MutableBytes{signature}), &size, u8(message), message.size()) == 1 &&
          size == signature.size());
  return signature;
}

}  // namespace tablinum::seal
