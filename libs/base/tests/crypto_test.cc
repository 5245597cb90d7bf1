#include "tablinum/base/crypto.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tablinum/base/aead.h"
#include "tablinum/base/secret.h"

namespace tablinum {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }
template <std::size_t N>
std::string hex_of(const std::array<std::uint8_t, N>& bytes) {
  return to_hex(std::as_bytes(std::span{bytes}));
}

// FIPS 180-4 and FIPS 202 example values ("abc"), RFC 7693 appendix A.
TEST(Hashes, GiveThePublishedValuesOfAbc) {
  EXPECT_EQ(hex_of(sha512(bytes_of("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(to_hex(sha3_256(bytes_of("abc"))), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_EQ(to_hex(Sha3_256{}.update("a").update("bc").finish()), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_EQ(hex_of(blake2b_512(bytes_of("abc"))),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

// FIPS 202, SHAKE of the empty message; squeezing in pieces gives the same stream.
TEST(Shakes, SqueezeOneStreamWhateverThePieces) {
  std::array<std::byte, 32> out{};
  Shake{Shake::Strength::bits128}.absorb({}).squeeze(out);
  EXPECT_EQ(to_hex(out), "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26");
  Shake whole{Shake::Strength::bits256};
  whole.squeeze(out);
  EXPECT_EQ(to_hex(out), "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
  Bytes pieces(500);
  Bytes at_once(500);
  Shake a{Shake::Strength::bits128};
  Shake b{Shake::Strength::bits128};
  a.absorb(bytes_of("x")).squeeze(at_once);
  b.absorb(bytes_of("x"));
  for (std::size_t i = 0; i < 500; i += 100) b.squeeze(MutableBytes{pieces}.subspan(i, 100));
  EXPECT_EQ(pieces, at_once);
}

// RFC 4231 case 2; RFC 5869 case 1; RFC 7914 §11 (PBKDF2-HMAC-SHA-256).
TEST(KeyDerivation, GivesTheValuesOfTheRfcs) {
  EXPECT_EQ(hex_of(hmac_sha512(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  Bytes out(42);
  hkdf_sha256(hex("000102030405060708090a0b0c"), hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), hex("f0f1f2f3f4f5f6f7f8f9"), out);
  EXPECT_EQ(to_hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  Bytes key(64);
  pbkdf2_sha256(bytes_of("passwd"), bytes_of("salt"), 1, key);
  EXPECT_EQ(to_hex(key),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

// FIPS 197 appendix C.3.
TEST(Aes, EncryptsTheBlockOfTheStandardAndCountsLittleEndian) {
  const Bytes key = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Bytes in = hex("00112233445566778899aabbccddeeff");
  const Aes256 aes{std::span<const std::uint8_t, 32>{u8(ByteView{key}), 32}};
  std::array<std::uint8_t, 16> out{};
  aes.encrypt_block(std::span<const std::uint8_t, 16>{u8(ByteView{in}), 16}, out);
  EXPECT_EQ(hex_of(out), "8ea2b7ca516745bfeafc49904b496089");
  std::array<std::byte, 32> stream{};
  aes.encrypt_counters_le(0x0102, stream);
  std::array<std::uint8_t, 16> counter{0x03, 0x01};
  aes.encrypt_block(counter, out);
  EXPECT_EQ(hex_of(out), to_hex(ByteView{stream}.subspan(16)));
}

// McGrew and Viega's test case 16 for GCM; draft-irtf-cfrg-xchacha-03 appendix A.3.1.
TEST(Aeads, SealAsPublished) {
  const Bytes gcm_key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes gcm_plain = hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Aead gcm{Cipher::aes256_gcm, std::span<const std::byte, 32>{gcm_key}};
  Bytes sealed(gcm_plain.size() + kAeadTagBytes);
  gcm.seal(hex("cafebabefacedbaddecaf888"), hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), gcm_plain, sealed);
  EXPECT_EQ(to_hex(ByteView{sealed}.last(16)), "76fc6ece0f4e1768cddf8853bb2d551b");

  Bytes x_key(32);
  for (std::size_t i = 0; i < 32; ++i) x_key[i] = static_cast<std::byte>(0x80 + i);
  const Aead xchacha{Cipher::xchacha20_poly1305, std::span<const std::byte, 32>{x_key}};
  const auto text = bytes_of(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.");
  Bytes x_sealed(text.size() + kAeadTagBytes);
  xchacha.seal(hex("404142434445464748494a4b4c4d4e4f5051525354555657"), hex("50515253c0c1c2c3c4c5c6c7"), text, x_sealed);
  EXPECT_EQ(to_hex(ByteView{x_sealed}.last(16)), "c0875924c1c7987947deafd8780acf49");
}

RC_GTEST_PROP(Aeads, AnyFlippedBitIsRefusedAndNothingLeaks, (const std::vector<std::uint8_t>& raw, bool chacha)) {
  const Cipher cipher = chacha ? Cipher::xchacha20_poly1305 : Cipher::aes256_gcm;
  const Aead aead{cipher, random_secret<32>().view()};
  const Bytes nonce(nonce_bytes(cipher));
  Bytes sealed(raw.size() + kAeadTagBytes);
  aead.seal(nonce, {}, std::as_bytes(std::span{raw}), sealed);
  Bytes opened(raw.size(), std::byte{7});
  RC_ASSERT(aead.open(nonce, {}, sealed, opened));
  RC_ASSERT(std::ranges::equal(opened, std::as_bytes(std::span{raw})));
  const auto bit = *rc::gen::inRange<std::size_t>(0, sealed.size() * 8);
  sealed[bit / 8] ^= std::byte{1} << (bit % 8);
  RC_ASSERT(!aead.open(nonce, {}, sealed, opened));
  RC_ASSERT(std::ranges::all_of(opened, [](std::byte b) { return b == std::byte{}; }));
}

// Value from the reference implementation (argon2-cffi 25, "somesaltsomesalt", t = 2, m = 8 MiB, p = 1).
TEST(Argon2id, AgreesWithTheReferenceImplementation) {
  std::array<std::byte, 16> salt{};
  std::ranges::copy(bytes_of("somesaltsomesalt"), salt.begin());
  Bytes key(32);
  ASSERT_TRUE(argon2id(bytes_of("correct horse"), salt, 2, 8192, key));
  EXPECT_EQ(to_hex(key), "2b759de7967bd9ea48fef9f0c57ff991a55611db2c7708cb9451cf9dc2e6d7d5");
  EXPECT_EQ(argon2id(bytes_of("x"), salt, 0, 8192, key).error().code, Code::limit);
}

TEST(Secrets, AreWipedWhenMovedFrom) {
  auto secret = random_secret<32>();
  const auto copy = secret;
  const Secret<32> moved{std::move(secret)};
  EXPECT_EQ(moved, copy);
  EXPECT_EQ(secret, Secret<32>{});
}

}  // namespace
}  // namespace tablinum
