#include "pre/proxy.h"

#include <sodium.h>

#include "pre/bytes_reader.h"
#include "pre/capsule.h"
#include "tablinum/base/aead.h"

namespace tablinum::seal::pre {
namespace {

constexpr auto kVersion = std::byte{1};
constexpr std::string_view kStorageDomain = "seal/v1/proxy-storage";
constexpr std::size_t kNonceBytes = 24;

std::size_t transformed_total_bytes(Suite suite) {
  return kTransformedHeadBytes + lattice_sizes(suite).transformed + kClassicalFragmentBytes + kEd25519SignatureBytes;
}

}  // namespace

Digest transformed_to_sign(ByteView before_signature) noexcept { return hash("seal/v1/transformed", {before_signature}); }

ProxySecrets proxy_secrets(const Secret<32>& seed) noexcept {
  auto stream = xof(Shake::Strength::bits256, "seal/v1/proxy", {seed.view()}, 0);
  ProxySecrets secrets;
  for (auto* part : {&secrets.flood, &secrets.nonce, &secrets.storage, &secrets.signing_seed}) stream.squeeze(part->mutable_view());
  return secrets;
}

struct Proxy::Keys {
  ProxySecrets secrets;
  Secret<64> signing;
  ProxyPublic public_key;
};

Proxy::Proxy(const Secret<32>& seed, ProxyState& state) : state_{&state} {
  auto keys = std::make_unique<Keys>();
  keys->secrets = proxy_secrets(seed);
  crypto_sign_seed_keypair(u8(MutableBytes{keys->public_key.bytes}), u8(MutableBytes{keys->signing.mutable_view()}),
                           keys->secrets.signing_seed.u8().data());
  keys_ = std::move(keys);
}

Proxy::~Proxy() = default;
const ProxyPublic& Proxy::public_key() const noexcept { return keys_->public_key; }

Result<Bytes> Proxy::transform(const CapsuleStanza& stanza, const Digest& core_hash, const Delegation& delegation, const Verifier& owner,
                               Timestamp now) const {
  const auto& facts = delegation.facts();
  CHECK_OK(delegation.verify(owner));
  TRY(revoked, state_->is_revoked(delegation.id()));
  if (revoked) return fail(Code::denied, "the delegation was revoked");
  if (now.seconds() > static_cast<std::int64_t>(facts.not_after_s)) return fail(Code::denied, "the delegation has expired");
  if (!belongs(stanza, facts)) return fail(Code::conflict, "the capsule is for another key than the delegation");
  const auto context = capsule_context(core_hash, facts);
  if (!signed_by(stanza, context, owner)) return fail(Code::denied, "the owner did not sign this capsule for this file");

  const auto capsule_hash = plain_hash(stanza.lattice_capsule());
  const auto id = delegation.id().value;
  const auto& rekey = delegation.rekey();
  TRY(fragment, reencrypt(rekey.classical, split_capsule(stanza.classical_capsule()), facts.collection_point, context.view(),
                          keys_->secrets.nonce, id.view()));
  const Ring& ring = Ring::of(facts.suite);
  TRY(words, parse_capsule(ring, stanza.lattice_capsule()));
  CHECK_OK(state_->charge({.delegation = delegation.id(), .collection = facts.collection, .epoch = facts.epoch, .capsule = capsule_hash,
                           .delegation_max = facts.transforms_max}));
  // The flood depends on the capsule and not on the request: asking again cannot average it away (design §2).
  const auto transformed = pre::transform(rekey.lattice, words, ring.shape().flood_bits,
                                          {.key = keys_->secrets.flood.view(), .delegation = id.view(), .capsule = capsule_hash.view()});
  Bytes out;
  out.reserve(transformed_total_bytes(facts.suite));
  out.push_back(kVersion);
  append(out, id.view());
  append(out, stanza.hash().view());
  append(out, serialise_transformed(ring, transformed));
  append(out, serialise(fragment));
  std::array<std::byte, kEd25519SignatureBytes> signature;
  const auto message = transformed_to_sign(out);
  crypto_sign_detached(u8(MutableBytes{signature}), nullptr, u8(message.view()), message.bytes.size(), u8(ByteView{keys_->signing.view()}));
  append(out, signature);
  return out;
}

Result<void> Proxy::revoke(const Tombstone& tombstone, const Verifier& owner) const {
  CHECK_OK(tombstone.verify(owner));
  return state_->revoke(tombstone);
}

Bytes Proxy::seal_for_storage(const Delegation& delegation) const {
  const auto plain = delegation.serialise();
  Bytes out(kNonceBytes + plain.size() + kAeadTagBytes);
  const auto nonce = std::span{out}.first(kNonceBytes);
  fill_random(nonce);
  Aead{Cipher::xchacha20_poly1305, keys_->secrets.storage.view()}.seal(nonce, bytes_of(kStorageDomain), plain,
                                                                     std::span{out}.subspan(kNonceBytes));
  return out;
}

Result<Delegation> Proxy::open_from_storage(ByteView bytes) const {
  if (bytes.size() < kNonceBytes + kAeadTagBytes) return fail(Code::corrupt, "not a stored delegation");
  SecretBytes plain(bytes.size() - kNonceBytes - kAeadTagBytes);
  const Aead aead{Cipher::xchacha20_poly1305, keys_->secrets.storage.view()};
  if (!aead.open(bytes.first(kNonceBytes), bytes_of(kStorageDomain), bytes.subspan(kNonceBytes), plain))
    return fail(Code::corrupt, "a stored delegation is damaged, or of another proxy");
  return Delegation::parse(plain);
}

Result<Transformed> Transformed::parse(ByteView bytes) {
  const bool known = bytes.size() == transformed_total_bytes(Suite::kem_2048) || bytes.size() == transformed_total_bytes(Suite::kem_4096);
  if (!known || bytes[0] != kVersion) return fail(Code::corrupt, "not a transformed capsule");
  Transformed transformed{Bytes(bytes.begin(), bytes.end())};
  if (!well_formed(split_fragment(transformed.fragment()))) return fail(Code::corrupt, "transformed capsule: bad encoding");
  return transformed;
}

Suite Transformed::suite() const noexcept {
  return bytes_.size() == transformed_total_bytes(Suite::kem_2048) ? Suite::kem_2048 : Suite::kem_4096;
}
DelegationId Transformed::delegation() const noexcept {
  DelegationId id;
  std::ranges::copy(bytes().subspan(1, 32), std::as_writable_bytes(std::span{id.value.bytes}).begin());
  return id;
}
Digest Transformed::stanza() const noexcept {
  Digest digest;
  std::ranges::copy(bytes().subspan(33, 32), std::as_writable_bytes(std::span{digest.bytes}).begin());
  return digest;
}
ByteView Transformed::lattice_capsule() const noexcept {
  return bytes().subspan(kTransformedHeadBytes, lattice_sizes(suite()).transformed);
}
std::span<const std::byte, kClassicalFragmentBytes> Transformed::fragment() const noexcept {
  return bytes().last(kClassicalFragmentBytes + kEd25519SignatureBytes).first<kClassicalFragmentBytes>();
}

Result<void> Transformed::verify(const ProxyPublic& proxy) const {
  const auto message = transformed_to_sign(bytes().first(bytes_.size() - kEd25519SignatureBytes));
  const auto signature = bytes().last(kEd25519SignatureBytes);
  if (crypto_sign_verify_detached(u8(signature), u8(message.view()), message.bytes.size(), u8(ByteView{proxy.bytes})) != 0)
    return fail(Code::denied, "not signed by this proxy");
  return {};
}

}  // namespace tablinum::seal::pre
