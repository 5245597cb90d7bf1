/// Stanza X: the file key to an identity, by X25519 and ML-KEM-768 together (after X-Wing: Barbosa et al., ePrint 2024/039).
#include <algorithm>

#include "file/keys.h"
#include "tablinum/seal/contact_card.h"
#include "tablinum/seal/identity.h"

namespace tablinum::seal {
namespace {

using Tag = std::array<std::byte, file::kTagBytes>;

constexpr std::size_t kKemCiphertextBytes = sizes(KemLevel::ml_kem_768).ciphertext;

Tag tag_of(const X25519Public& ephemeral, const X25519Public& key) noexcept {
  const Digest digest = Sha3_256{}.update(file::kTagDomain).update(ephemeral).update(key).finish();
  Tag tag;
  std::ranges::copy(digest.view().first(tag.size()), tag.begin());
  return tag;
}

Secret<32> wrapping_key(const Secret<32>& kem_shared, const Secret<32>& x25519_shared, const X25519Public& ephemeral,
                        const X25519Public& key, ByteView kem_ciphertext) noexcept {
  const Digest kem_hash = sha3_256(kem_ciphertext);
  Digest digest = Sha3_256{}
                      .update(kem_shared.view())
                      .update(x25519_shared.view())
                      .update(ephemeral)
                      .update(key)
                      .update(kem_hash.view())
                      .update(file::kIdentityDomain)
                      .finish();
  const Secret<32> kek{std::as_bytes(std::span{digest.bytes})};
  wipe(std::as_writable_bytes(std::span{digest.bytes}));
  return kek;
}

class IdentityRecipient final : public Recipient {
 public:
  IdentityRecipient(const ExchangePublicKey& key, bool anonymous) : key_{key}, anonymous_{anonymous} {}

  Result<Stanza> wrap(const FileKey& file_key, const Digest& core_hash) const override {
    const auto secret = random_secret<32>();
    const X25519Public ephemeral = x25519_public(secret);
    const auto shared = x25519(secret, key_.x25519);
    if (!shared) return fail(Code::invalid, "a contact's key that is no key");
    const auto kem = key_.ml_kem.encapsulate();
    const auto kek = wrapping_key(kem.shared, *shared, ephemeral, key_.x25519, kem.ciphertext);
    const Tag tag = anonymous_ ? Tag{} : tag_of(ephemeral, key_.x25519);
    Stanza stanza{StanzaType::identity, 0, {tag.begin(), tag.end()}};
    append(stanza.body, ephemeral);
    append(stanza.body, kem.ciphertext);
    append(stanza.body, file::wrap_key(kek, file_key, core_hash));
    return stanza;
  }

 private:
  ExchangePublicKey key_;
  bool anonymous_;
};

class IdentityOpener final : public Opener {
 public:
  explicit IdentityOpener(const ExchangeSecretKey& key) : key_{key} {}

  std::optional<FileKey> unwrap(const Stanza& stanza, const Digest& core_hash, Confirm) const override {
    if (stanza.type != StanzaType::identity || stanza.body.size() != file::kXBodyBytes) return std::nullopt;
    const ByteView body{stanza.body};
    const auto tag = body.first(file::kTagBytes);
    X25519Public ephemeral;
    std::ranges::copy(body.subspan(file::kTagBytes, ephemeral.size()), ephemeral.begin());
    const auto& own = key_.public_key().x25519;
    if (!std::ranges::equal(tag, Tag{}) && !std::ranges::equal(tag, tag_of(ephemeral, own))) return std::nullopt;
    const auto kem_ciphertext = body.subspan(file::kTagBytes + ephemeral.size(), kKemCiphertextBytes);
    const auto kem_shared = key_.ml_kem().decapsulate(kem_ciphertext);
    const auto shared = x25519(key_.x25519(), ephemeral);
    if (!kem_shared || !shared) return std::nullopt;
    const auto kek = wrapping_key(*kem_shared, *shared, ephemeral, own, kem_ciphertext);
    return file::unwrap_key(kek, body.last(file::kWrapBytes), core_hash);
  }

 private:
  ExchangeSecretKey key_;
};

}  // namespace

std::unique_ptr<Recipient> make_identity_recipient(const ExchangePublicKey& key, bool anonymous) {
  return std::make_unique<IdentityRecipient>(key, anonymous);
}

std::unique_ptr<Opener> make_identity_opener(const ExchangeSecretKey& key) { return std::make_unique<IdentityOpener>(key); }

bool names_reader(const Stanza& stanza, const ExchangePublicKey& key) noexcept {
  if (stanza.type != StanzaType::identity || stanza.body.size() != file::kXBodyBytes) return false;
  const ByteView body{stanza.body};
  X25519Public ephemeral;
  std::ranges::copy(body.subspan(file::kTagBytes, ephemeral.size()), ephemeral.begin());
  return std::ranges::equal(body.first(file::kTagBytes), tag_of(ephemeral, key.x25519));
}

}  // namespace tablinum::seal
