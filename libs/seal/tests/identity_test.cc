#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/seal/backup.h"
#include "tablinum/seal/identity.h"

namespace tablinum::seal {
namespace {

constexpr PassphraseCost kQuick{1, 64};
constexpr std::int64_t kNow = 1'780'000'000;

Identity sample(std::string name = "Rudo Nyathi") { return Identity::create(std::move(name), kNow).value(); }

std::optional<Code> code_of(const auto& result) { return result ? std::nullopt : std::optional{result.error().code}; }

TEST(Identity, EveryKeyComesFromTheWords) {
  const Identity first = sample();
  const auto entropy = entropy_from_phrase(view(first.phrase())).value();
  const Identity again = Identity::from_entropy("Another name", entropy, 0).value();
  EXPECT_EQ(first.fingerprint(), again.fingerprint());
  EXPECT_EQ(first.exchange().public_key(), again.exchange().public_key());
  EXPECT_EQ(first.receiving_seed(1, 0).lattice, again.receiving_seed(1, 0).lattice);
  const std::array<std::byte, 16> collection{std::byte{1}};
  EXPECT_EQ(first.collection_seed(0, collection, 3, 1)->classical, again.collection_seed(0, collection, 3, 1)->classical);
  EXPECT_EQ(*first.collection_symmetric_key(0, collection, 3), *again.collection_symmetric_key(0, collection, 3));
  EXPECT_EQ(first.device_secret(), again.device_secret());
}

TEST(Identity, NoTwoKeysAreTheSame) {
  const Identity identity = sample();
  std::vector<std::string> keys;
  const auto add = [&](const Secret<32>& key) { keys.push_back(to_hex(key.view())); };
  std::array<std::byte, 16> collection{};
  for (std::uint32_t n = 0; n < 3; ++n) {
    for (std::uint8_t suite = 1; suite < 3; ++suite) {
      add(identity.receiving_seed(suite, n).lattice);
      add(identity.receiving_seed(suite, n).classical);
      add(identity.collection_seed(0, collection, n, suite)->lattice);
      add(identity.collection_seed(0, collection, n, suite)->classical);
    }
    add(*identity.collection_symmetric_key(0, collection, n));
  }
  add(identity.device_secret());
  add(identity.exchange().x25519());
  const std::size_t count = keys.size();
  std::ranges::sort(keys);
  EXPECT_EQ(std::unique(keys.begin(), keys.end()) - keys.begin(), static_cast<std::ptrdiff_t>(count));
}

// Pins every label: a change of one would make files unreadable. The page docs/format/identity.md says the same, and
// the values were computed from the page with hashlib, cryptography, kyber-py and dilithium-py.
TEST(Identity, KnownAnswer) {
  Secret<32> entropy;
  for (std::size_t i = 0; i < 32; ++i) entropy.mutable_view()[i] = static_cast<std::byte>(i);
  const Identity identity = Identity::from_entropy("Known Answer", entropy, 0).value();
  const std::array<std::byte, 16> collection{std::byte{0xc0}};
  EXPECT_EQ(fingerprint_text(identity.fingerprint()), "SCUV-KVKM-P5UF-BGXI-JJF2-EDKM-NEPG-TDXX");
  EXPECT_EQ(to_hex(sha3_256(identity.exchange().public_key().bytes())),
            "309d35bc0c40ada6b768dca0176e0ef35a9850002c15e0350da08f27f9239f71");
  EXPECT_EQ(to_hex(identity.receiving_seed(1, 2).lattice.view()),
            "88a865f23085351741d01fdbe770d96cfd1ffaef452210aeafb14b36b466285c");
  EXPECT_EQ(to_hex(identity.receiving_seed(1, 2).classical.view()),
            "9ef62c29fe458f22e468d10208d9a0ce21958102f4ddfc01420460b6ecc5c7e1");
  EXPECT_EQ(to_hex(identity.collection_seed(0, collection, 7, 1)->lattice.view()),
            "b5857ee8132f2e7d8325ee9453a330bd24c640376f02bf721a276e48184bb1e6");
  EXPECT_EQ(to_hex(identity.collection_seed(0, collection, 7, 1)->classical.view()),
            "6f8343d0d2e24c7115ee79acb7b9ab4893288a827f5d0d99e24b09cf9466e573");
  EXPECT_EQ(to_hex(identity.collection_symmetric_key(0, collection, 7)->view()),
            "e5335298e406276f036b301d38e3596b76033dc537c733984a17018ca519c350");
  EXPECT_EQ(to_hex(identity.device_secret().view()), "702acdf6b0b092fb1ccd4f5a2be2fe306d3e47304389009c20941d4ddc1619a1");
}

TEST(Identity, NamesAreText) {
  EXPECT_TRUE(Identity::create("Tsitsi Moyo-Ndlovu", kNow));
  EXPECT_TRUE(Identity::create("Łucja Żółć 🌳", kNow));
  EXPECT_TRUE(Identity::create(std::string(kCardNameBytesMax, 'x'), kNow));
  for (const std::string& bad :
       {std::string{}, std::string(kCardNameBytesMax + 1, 'x'), std::string{"two\nlines"}, std::string{"esc\x1b[2J"},
        std::string{"\xff"}, std::string{"\xc0\xaf"}, std::string{"\xed\xa0\x80"}, std::string{"rtl\u202e"}})
    EXPECT_EQ(code_of(Identity::create(bad, kNow)), Code::invalid);
}

TEST(IdentityFile, RoundTripWithAndWithoutPassphrase) {
  Identity identity = sample();
  ASSERT_TRUE(identity.rotate(KeyKind::signing, kNow));
  ASSERT_TRUE(identity.rotate(KeyKind::exchange, kNow));
  ASSERT_TRUE(identity.rotate_phrase(kNow));
  ASSERT_TRUE(identity.rotate(KeyKind::receiving, kNow));
  ASSERT_TRUE(identity.set_legacy(SecretBytes(1000, std::byte{7})));
  for (const bool encrypted : {true, false}) {
    const auto passphrase = encrypted ? std::optional<std::string_view>{"correct horse"} : std::nullopt;
    const SecretText file = identity.encode(passphrase, kQuick).value();
    EXPECT_EQ(Identity::needs_passphrase(view(file)).value(), encrypted);
    const Identity back = Identity::decode(view(file), "correct horse").value();
    EXPECT_EQ(back.name(), identity.name());
    EXPECT_EQ(back.fingerprint(), identity.fingerprint());
    EXPECT_EQ(back.phrase_number(), 1U);
    EXPECT_EQ(back.legacy(), identity.legacy());
    std::size_t exchange_keys = 0;
    back.for_each_exchange([&](const ExchangeSecretKey&) { return ++exchange_keys, true; });
    EXPECT_EQ(exchange_keys, 3U);  // the new words' one, two of the former
  }
}

TEST(IdentityFile, OneAnswerForAWrongPassphraseAndAnAlteredFile) {
  const SecretText file = sample().encode("right", kQuick).value();
  const auto wrong = Identity::decode(view(file), "wrong");
  EXPECT_EQ(code_of(wrong), Code::unauthenticated);
  SecretText altered = file;
  altered[altered.size() / 2] = altered[altered.size() / 2] == 'A' ? 'B' : 'A';
  const auto broken = Identity::decode(view(altered), "right");
  EXPECT_EQ(code_of(broken), Code::unauthenticated);
  EXPECT_EQ(wrong.error().detail, broken.error().detail);
}

TEST(IdentityFile, RefusesWhatIsNone) {
  const Identity identity = sample();
  const std::string card = identity.make_card({}, kNow)->text();
  EXPECT_EQ(code_of(Identity::decode("")), Code::corrupt);
  EXPECT_EQ(code_of(Identity::decode("hello")), Code::corrupt);
  EXPECT_EQ(code_of(Identity::decode(card)), Code::corrupt);
  EXPECT_NE(Identity::decode(card).error().detail.find("contact card"), std::string::npos);
  EXPECT_EQ(code_of(Identity::decode(std::string(kIdentityFileBytesMax + 1, 'x'))), Code::too_large);
  const SecretText file = identity.encode(std::nullopt).value();
  for (std::size_t size = 0; size < file.size() - 1; size += 7)
    EXPECT_EQ(code_of(Identity::decode(view(file).substr(0, size))), Code::corrupt) << size;
  EXPECT_EQ(code_of(Identity::decode(std::string{view(file)} + "more")), Code::corrupt);
}

TEST(IdentityFile, DoesNotComputeForHoursOnAForeignFilesDemand) {
  // Passes and memory stand after the eight bytes of magic and one of kind.
  for (const std::size_t at : {std::size_t{9}, std::size_t{13}}) {
    const SecretText file = sample().encode("right", kQuick).value();
    std::string text{view(file)};
    const std::size_t line = text.find('\n') + 1;
    Bytes head = from_base64(std::string_view{text}.substr(line, 64)).value();
    for (std::size_t i = 0; i < 4; ++i) head[at + i] = std::byte{0xff};
    text.replace(line, 64, to_base64(head));
    EXPECT_EQ(code_of(Identity::decode(text, "right")), Code::limit);
  }
}

TEST(ContactCard, IsVerifiedWhenRead) {
  Identity identity = sample();
  const std::vector<ReceivingKey> receiving{{kNow + 1000, Bytes(100, std::byte{1})},
                                            {0, Bytes(kReceivingKeyBytesMax, std::byte{2})}};
  const ContactCard made = identity.make_card(receiving, kNow).value();
  const ContactCard card = ContactCard::parse_text(made.text()).value();
  EXPECT_EQ(card.bytes(), made.bytes());
  EXPECT_EQ(card.name(), "Rudo Nyathi");
  EXPECT_EQ(card.receiving(), receiving);
  EXPECT_EQ(card.exchange(), identity.exchange().public_key());
  EXPECT_EQ(card.fingerprint(), identity.fingerprint());
  EXPECT_EQ(card.issued_at_s(), kNow);
}

TEST(ContactCard, HoldsNoMoreThanItsLimits) {
  const Identity identity = sample();
  EXPECT_TRUE(identity.make_card(std::vector<ReceivingKey>(kCardReceivingKeysMax, {0, Bytes(1)}), kNow));
  EXPECT_EQ(code_of(identity.make_card(std::vector<ReceivingKey>(kCardReceivingKeysMax + 1, {0, Bytes(1)}), kNow)),
            Code::too_large);
  EXPECT_EQ(code_of(identity.make_card({{0, Bytes(kReceivingKeyBytesMax + 1)}}, kNow)), Code::too_large);
  EXPECT_EQ(code_of(ContactCard::parse(Bytes(kCardBytesMax + 1))), Code::too_large);
}

RC_GTEST_PROP(ContactCard, AnyFlippedBitIsRefused, ()) {
  static const Bytes kBytes = [] {
    Identity identity = sample();
    (void)identity.rotate(KeyKind::signing, kNow);
    return identity.make_card({{0, Bytes(64, std::byte{9})}}, kNow)->bytes();
  }();
  Bytes bytes = kBytes;
  const auto bit = *rc::gen::inRange<std::size_t>(0, bytes.size() * 8);
  bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  RC_ASSERT(!ContactCard::parse(bytes).has_value());
}

TEST(ContactCard, CutOffOrWithSomethingBehindIsRefused) {
  const Bytes bytes = sample().make_card({}, kNow)->bytes();
  for (std::size_t size = 0; size < bytes.size(); size += 101)
    EXPECT_EQ(code_of(ContactCard::parse(ByteView{bytes}.first(size))), Code::corrupt);
  Bytes longer = bytes;
  longer.push_back(std::byte{});
  EXPECT_EQ(code_of(ContactCard::parse(longer)), Code::corrupt);
  Bytes later = bytes;
  later[6] = std::byte{2};
  EXPECT_EQ(code_of(ContactCard::parse(later)), Code::unsupported);
}

TEST(Rotation, TheNextCardNamesTheFormerKeys) {
  Identity identity = sample();
  const auto first = identity.fingerprint();
  const auto serial = identity.make_card({}, kNow)->serial();
  ASSERT_TRUE(identity.rotate(KeyKind::signing, kNow + 1));
  const auto second = identity.fingerprint();
  ASSERT_TRUE(identity.rotate_phrase(kNow + 2));
  const ContactCard card = identity.make_card({}, kNow + 3).value();
  EXPECT_NE(first, second);
  EXPECT_TRUE(card.succeeds(first));
  EXPECT_TRUE(card.succeeds(second));
  EXPECT_TRUE(card.succeeds(card.fingerprint()));
  EXPECT_FALSE(card.succeeds(sample().fingerprint()));
  EXPECT_GT(card.serial(), serial);
  EXPECT_TRUE(ContactCard::parse(card.bytes()));
}

TEST(Rotation, OfExchangeKeysKeepsFingerprintAndOldKeys) {
  Identity identity = sample();
  const auto before = identity.exchange().public_key();
  const auto fingerprint = identity.fingerprint();
  ASSERT_TRUE(identity.rotate(KeyKind::exchange, kNow));
  EXPECT_NE(identity.exchange().public_key(), before);
  EXPECT_EQ(identity.fingerprint(), fingerprint);
  bool found = false;
  identity.for_each_exchange([&](const ExchangeSecretKey& key) { return found = found || key.public_key() == before, !found; });
  EXPECT_TRUE(found);
}

TEST(Rotation, EndsAtItsLimit) {
  Identity identity = sample();
  for (std::size_t i = 0; i < kCardSuccessionsMax; ++i) ASSERT_TRUE(identity.rotate(KeyKind::signing, kNow));
  EXPECT_EQ(code_of(identity.rotate(KeyKind::signing, kNow)), Code::limit);
  EXPECT_EQ(code_of(identity.rotate_phrase(kNow)), Code::limit);
  EXPECT_TRUE(ContactCard::parse(identity.make_card({}, kNow)->bytes()));
}

TEST(Rotation, WordsAndLastCardBringEverythingBack) {
  Identity identity = sample();
  ASSERT_TRUE(identity.rotate(KeyKind::signing, kNow));
  ASSERT_TRUE(identity.rotate(KeyKind::exchange, kNow));
  const ContactCard card = identity.make_card({}, kNow).value();
  Identity back = Identity::from_entropy("Rudo", entropy_from_phrase(view(identity.phrase())).value(), kNow).value();
  EXPECT_NE(back.fingerprint(), identity.fingerprint());
  ASSERT_TRUE(back.adopt(card));
  EXPECT_EQ(back.fingerprint(), identity.fingerprint());
  EXPECT_EQ(back.exchange().public_key(), identity.exchange().public_key());
  EXPECT_EQ(back.make_card({}, kNow)->successions(), card.successions());
  Identity other = sample();
  EXPECT_EQ(code_of(other.adopt(card)), Code::conflict);
}

TEST(Backup, RoundTripAndItsErrors) {
  const std::vector<BackupFile> files{{"identity", SecretBytes(10, std::byte{1})}, {"keys/collections/a", SecretBytes(0)}};
  const SecretText text = encode_backup(files, "pass", kQuick).value();
  EXPECT_TRUE(is_backup(view(text)));
  const auto back = decode_backup(view(text), "pass").value();
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[1].name, "keys/collections/a");
  EXPECT_EQ(back[0].content, files[0].content);
  EXPECT_EQ(code_of(decode_backup(view(text), "other")), Code::unauthenticated);
  EXPECT_EQ(code_of(decode_backup("x", "pass")), Code::corrupt);
  EXPECT_EQ(code_of(decode_backup(view(sample().encode("pass", kQuick).value()), "pass")), Code::corrupt);
  for (const char* bad : {"", "/etc/passwd", "../up", "a/../b", "a//b", "a/", "."})
    EXPECT_EQ(code_of(encode_backup({{bad, {}}}, "pass", kQuick)), Code::invalid) << bad;
  EXPECT_EQ(code_of(encode_backup({{"a", {}}, {"a", {}}}, "pass", kQuick)), Code::invalid);
}

}  // namespace
}  // namespace tablinum::seal
