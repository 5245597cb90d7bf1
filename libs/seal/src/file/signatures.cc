/// The signatures of identities, as sealed files see them.
#include <algorithm>

#include "tablinum/seal/contact_card.h"
#include "tablinum/seal/recipient.h"

namespace tablinum::seal {
namespace {

SignerId id_of(const HybridVerifier& keys) {
  SignerId id;
  const Fingerprint fingerprint = fingerprint_of(keys);
  std::ranges::copy(fingerprint.view(), id.begin());
  return id;
}

class IdentitySigner final : public Signer {
 public:
  explicit IdentitySigner(const HybridSigner& keys) : keys_{keys} {}
  SignerId id() const override { return id_of(keys_.verifier()); }
  Result<Bytes> sign(ByteView message) const override { return keys_.sign(message); }

 private:
  HybridSigner keys_;
};

class IdentityVerifier final : public SignatureVerifier {
 public:
  explicit IdentityVerifier(const HybridVerifier& keys) : keys_{keys} {}
  SignerId id() const override { return id_of(keys_); }
  bool verify(ByteView message, ByteView signature) const override { return keys_.verify(message, signature); }

 private:
  HybridVerifier keys_;
};

}  // namespace

std::unique_ptr<Signer> make_signer(const HybridSigner& keys) { return std::make_unique<IdentitySigner>(keys); }
std::unique_ptr<SignatureVerifier> make_verifier(const HybridVerifier& keys) { return std::make_unique<IdentityVerifier>(keys); }

}  // namespace tablinum::seal
