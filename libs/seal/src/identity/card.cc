#include "identity/card.h"

#include <algorithm>

#include "identity/armor.h"

namespace tablinum::seal {
namespace {

constexpr std::string_view kMagic = "TBCARD\x01";  // the last byte is the version

std::unexpected<Error> refuse(const char* what) { return fail(Code::corrupt, std::string{"not a contact card: "} + what); }

Bytes with_domain(ByteView card) {
  Bytes message;
  append(message, bytes_of(kCardDomain));
  append(message, card);
  return message;
}

Result<std::vector<ReceivingKey>> read_receiving(FieldReader& in) {
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kCardReceivingKeysMax) return refuse("too many receiving keys");
  std::vector<ReceivingKey> keys(count);
  for (auto& key : keys) {
    key.not_after_s = static_cast<std::int64_t>(in.number<std::uint64_t>());
    const ByteView bytes = in.sized<std::uint16_t>(kReceivingKeyBytesMax);
    if (!in.ok() || bytes.empty()) return refuse("a receiving key is cut off");
    key.public_key.assign(bytes.begin(), bytes.end());
  }
  return keys;
}

}  // namespace

Fingerprint fingerprint_of(const HybridVerifier& keys) {
  return Sha3_256{}.update("seal/v1/fingerprint").update(keys.bytes()).finish();
}

std::string fingerprint_text(const Fingerprint& fingerprint) {
  constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  for (std::size_t letter = 0; letter < 32; ++letter) {
    if (letter != 0 && letter % 4 == 0) text += '-';
    const std::size_t bit = letter * 5;
    const unsigned pair = static_cast<unsigned>(fingerprint.bytes[bit / 8]) << 8 | fingerprint.bytes[bit / 8 + 1];
    text += kBase32[pair >> (11 - bit % 8) & 31];
  }
  return text;
}

Bytes ExchangePublicKey::bytes() const {
  Bytes all{x25519.begin(), x25519.end()};
  append(all, ml_kem.bytes());
  return all;
}

Result<ExchangePublicKey> ExchangePublicKey::parse(ByteView bytes) {
  if (bytes.size() != kBytes) return fail(Code::corrupt, "not a pair of exchange keys");
  TRY(ml_kem, KemPublicKey::parse(KemLevel::ml_kem_768, bytes.subspan(32)));
  X25519Public x25519;
  std::ranges::copy(bytes.first(32), x25519.begin());
  return ExchangePublicKey{x25519, std::move(ml_kem)};
}

Bytes succession_message(const HybridVerifier& former, const HybridVerifier& next, std::int64_t at_s) {
  Bytes message;
  FieldWriter out{message};
  out.raw(bytes_of("seal/v1/succession"));
  out.raw(former.bytes());
  out.raw(next.bytes());
  out.number(static_cast<std::uint64_t>(at_s));
  return message;
}

Result<std::vector<Succession>> read_successions(FieldReader& in, const HybridVerifier& signer) {
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kCardSuccessionsMax) return refuse("too many former keys");
  std::vector<Succession> chain;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView keys = in.raw(kHybridPublicBytes);
    const auto at_s = static_cast<std::int64_t>(in.number<std::uint64_t>());
    const ByteView signature = in.raw(kHybridSignatureBytes);
    if (!in.ok()) return refuse("it is cut off");
    TRY(former, HybridVerifier::parse(keys));
    chain.push_back({std::move(former), at_s, Bytes{signature.begin(), signature.end()}});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const HybridVerifier& next = i + 1 < count ? chain[i + 1].former : signer;
    if (!chain[i].former.verify(succession_message(chain[i].former, next, chain[i].at_s), chain[i].signature))
      return refuse("a former key did not sign the next one");
  }
  return chain;
}

Bytes ContactCard::signed_part() const {
  Bytes bytes;
  FieldWriter out{bytes};
  out.raw(bytes_of(kMagic));
  out.sized<std::uint8_t>(bytes_of(name_));
  out.number(serial_);
  out.number(static_cast<std::uint64_t>(issued_at_s_));
  for (const std::uint32_t generation : generations_) out.number(generation);
  out.raw(signer_.bytes());
  out.raw(exchange_.bytes());
  write_successions(out, successions_);
  out.number(static_cast<std::uint8_t>(receiving_.size()));
  for (const auto& key : receiving_) {
    out.number(static_cast<std::uint64_t>(key.not_after_s));
    out.sized<std::uint16_t>(key.public_key);
  }
  return bytes;
}

Result<ContactCard> ContactCard::parse(ByteView bytes) {
  if (bytes.size() > kCardBytesMax) return fail(Code::too_large, "too large for a contact card");
  FieldReader in{bytes};
  const std::string_view magic = text_of(in.raw(kMagic.size()));
  if (!in.ok() || magic.substr(0, kMagic.size() - 1) != kMagic.substr(0, kMagic.size() - 1))
    return refuse("it begins otherwise");
  if (magic != kMagic) return fail(Code::unsupported, "a contact card of a later version of this program");
  const std::string_view name = text_of(in.sized<std::uint8_t>(kCardNameBytesMax));
  const auto serial = in.number<std::uint32_t>();
  const auto issued_at_s = static_cast<std::int64_t>(in.number<std::uint64_t>());
  std::array<std::uint32_t, 3> generations;
  for (auto& generation : generations) generation = in.number<std::uint32_t>();
  const ByteView signer_bytes = in.raw(kHybridPublicBytes);
  const ByteView exchange_bytes = in.raw(ExchangePublicKey::kBytes);
  if (!in.ok() || !is_good_name(name)) return refuse("it is cut off or altered");
  TRY(signer, HybridVerifier::parse(signer_bytes));
  // The signature stands at the end, so it is looked at before anything that takes time.
  if (bytes.size() < kHybridSignatureBytes ||
      !signer.verify(with_domain(bytes.first(bytes.size() - kHybridSignatureBytes)), bytes.last(kHybridSignatureBytes)))
    return refuse("it was altered, or signed by somebody else");
  TRY(exchange, ExchangePublicKey::parse(exchange_bytes));
  TRY(successions, read_successions(in, signer));
  TRY(receiving, read_receiving(in));
  if (!in.ok() || in.rest().size() != kHybridSignatureBytes) return refuse("it is cut off or altered");
  ContactCard card{std::move(signer), std::move(exchange)};
  card.bytes_.assign(bytes.begin(), bytes.end());
  card.name_ = name;
  card.serial_ = serial;
  card.issued_at_s_ = issued_at_s;
  card.generations_ = generations;
  card.receiving_ = std::move(receiving);
  card.successions_ = std::move(successions);
  return card;
}

Result<ContactCard> ContactCard::parse_text(std::string_view text) {
  if (text.size() > 2 * kCardBytesMax) return fail(Code::too_large, "too large for a contact card");
  TRY(bytes, from_armor("CARD", text));
  return parse(bytes);
}

std::string ContactCard::text() const { return std::string{view(armored("CARD", bytes_))}; }

bool ContactCard::succeeds(const Fingerprint& earlier) const {
  return fingerprint() == earlier ||
         std::ranges::any_of(successions_, [&](const Succession& each) { return fingerprint_of(each.former) == earlier; });
}

}  // namespace tablinum::seal
