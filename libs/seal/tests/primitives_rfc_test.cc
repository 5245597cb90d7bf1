// Small published vectors: RFC 7748, RFC 8032, RFC 9106, BIP-39; and what the documentation of the primitives promises.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tablinum/base/crypto.h"
#include "tablinum/seal/mnemonic.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {
namespace {

template <std::size_t N>
Secret<N> secret_hex(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  return Secret<N>{std::span<const std::byte, N>{bytes}};
}
template <std::size_t N>
std::array<std::byte, N> array_hex(std::string_view hex) {
  std::array<std::byte, N> out;
  std::ranges::copy(from_hex(hex).value(), out.begin());
  return out;
}

TEST(X25519, Rfc7748Section52) {
  const auto secret = secret_hex<32>("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  const auto peer = array_hex<32>("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  EXPECT_EQ(to_hex(x25519(secret, peer)->view()), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

TEST(X25519, Rfc7748ThousandTimes) {
  auto k = secret_hex<32>("0900000000000000000000000000000000000000000000000000000000000000");
  X25519Public u;
  std::ranges::copy(k.view(), u.begin());
  for (int i = 0; i < 1000; ++i) {
    auto next = x25519(k, u).value();
    std::ranges::copy(k.view(), u.begin());
    k = next;
  }
  EXPECT_EQ(to_hex(k.view()), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST(X25519, Rfc7748Section61BothSidesAgree) {
  const auto alice = secret_hex<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto bob = secret_hex<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  constexpr const char* kShared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(to_hex(x25519(alice, x25519_public(bob))->view()), kShared);
  EXPECT_EQ(to_hex(x25519(bob, x25519_public(alice))->view()), kShared);
  EXPECT_EQ(to_hex(x25519_public(bob)), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

TEST(X25519, RefusesPointsOfSmallOrder) { EXPECT_EQ(x25519(random_secret<32>(), X25519Public{}).error().code, Code::corrupt); }

struct Ed25519Case {
  const char *seed, *key, *message, *signature;
};
class Rfc8032 : public testing::TestWithParam<Ed25519Case> {};
TEST_P(Rfc8032, Section71) {
  const auto& row = GetParam();
  const Ed25519Signer signer{secret_hex<32>(row.seed)};
  const Bytes message = from_hex(row.message).value();
  EXPECT_EQ(to_hex(signer.public_key()), row.key);
  EXPECT_EQ(to_hex(signer.sign(message)), row.signature);
  EXPECT_TRUE(ed25519_verify(signer.public_key(), message, signer.sign(message)));
}
INSTANTIATE_TEST_SUITE_P(Vectors, Rfc8032,
                         testing::Values(Ed25519Case{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                                                     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                                                     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                                     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
                                         Ed25519Case{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                                                     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                                                     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                                     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
                                         Ed25519Case{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                                                     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                                                     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                                                     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}));

TEST(Bip39, TheListIsTheStandardOne) {
  // Through the phrase of every word: eleven bits at a time.
  std::string list;
  for (unsigned first = 0; first < 2048; first += 1) {
    std::array<std::byte, 16> entropy{};
    entropy[0] = static_cast<std::byte>(first >> 3);
    entropy[1] = static_cast<std::byte>(first << 5);
    const auto phrase = phrase_from_entropy(ByteView{entropy}).value();
    list += std::string{view(phrase).substr(0, view(phrase).find(' '))} + "\n";
  }
  EXPECT_EQ(to_hex(sha256(bytes_of(list))), "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

TEST(Bip39, VectorsOfTheBip) {
  std::ifstream file{TABLINUM_TEST_DATA "/bip39_english.txt"};
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream columns{line};
    std::string entropy, phrase, seed;
    std::getline(columns, entropy, '|');
    std::getline(columns, phrase, '|');
    std::getline(columns, seed, '|');
    EXPECT_EQ(view(phrase_from_entropy(ByteView{from_hex(entropy).value()}).value()), phrase);
    EXPECT_EQ(to_hex(entropy_from_phrase_of_any_length(phrase).value()), entropy);
    EXPECT_EQ(to_hex(bip39_seed(phrase, "TREZOR").view()), seed);
    ++checked;
  }
  EXPECT_EQ(checked, 24U);
}

TEST(Bip39, SaysWhatIsWrongWithoutTheWords) {
  const std::string good = std::string{view(phrase_from_entropy(random_secret<32>()))};
  EXPECT_TRUE(entropy_from_phrase(good));
  EXPECT_TRUE(entropy_from_phrase("  " + good + "\n"));
  const auto unknown = entropy_from_phrase("tablinum " + good.substr(good.find(' ') + 1));
  EXPECT_EQ(unknown.error().code, Code::invalid);
  EXPECT_NE(unknown.error().detail.find("word 1 "), std::string::npos);
  EXPECT_EQ(unknown.error().detail.find("tablinum"), std::string::npos);
  EXPECT_EQ(entropy_from_phrase("").error().code, Code::invalid);
  EXPECT_EQ(entropy_from_phrase(good + " zoo").error().code, Code::invalid);
  EXPECT_EQ(entropy_from_phrase(std::string(5000, 'a')).error().code, Code::invalid);
  EXPECT_EQ(entropy_from_phrase("legal winner thank year wave sausage worth useful legal winner thank yellow").error().code,
            Code::invalid);
  // One changed word is found by the checksum 255 times in 256; this one is.
  EXPECT_EQ(entropy_from_phrase(
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon")
                .error()
                .code,
            Code::invalid);
}

TEST(Argon2id, AgreesWithAnImplementationThatPassesRfc9106) {
  std::ifstream file{TABLINUM_TEST_DATA "/argon2id.txt"};
  std::size_t checked = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream columns{line};
    std::array<std::string, 5> row;
    for (auto& column : row) std::getline(columns, column, '|');
    Bytes key(row[4].size() / 2);
    ASSERT_TRUE(argon2id(from_hex(row[0]).value(), array_hex<16>(row[1]), static_cast<std::uint32_t>(std::stoul(row[2])),
                         static_cast<std::uint32_t>(std::stoul(row[3])), key));
    EXPECT_EQ(to_hex(key), row[4]) << line;
    ++checked;
  }
  std::printf("Argon2id   agree %zu\n", checked);
  EXPECT_EQ(checked, 7U);
}

TEST(MlKem, AnAlteredCiphertextGivesAnotherSecretAndNoError) {
  for (const auto level : {KemLevel::ml_kem_512, KemLevel::ml_kem_768, KemLevel::ml_kem_1024}) {
    const auto seed = random_secret<kKemSeedBytes>();
    const auto key = KemSecretKey::from_seed(level, seed.view());
    auto made = key.public_key().encapsulate();
    EXPECT_EQ(made.ciphertext.size(), sizes(level).ciphertext);
    EXPECT_EQ(key.decapsulate(made.ciphertext).value(), made.shared);
    made.ciphertext[7] ^= std::byte{1};
    EXPECT_FALSE(key.decapsulate(made.ciphertext).value() == made.shared);
    EXPECT_EQ(key.decapsulate(ByteView{made.ciphertext}.first(5)).error().code, Code::corrupt);
  }
}

TEST(MlKem, RefusesKeysThatAreNone) {
  const auto level = KemLevel::ml_kem_768;
  const auto key = KemSecretKey::from_seed(level, random_secret<kKemSeedBytes>().view());
  Bytes bytes{key.public_key().bytes().begin(), key.public_key().bytes().end()};
  EXPECT_TRUE(KemPublicKey::parse(level, bytes));
  EXPECT_EQ(KemPublicKey::parse(KemLevel::ml_kem_512, bytes).error().code, Code::corrupt);
  bytes[0] = bytes[1] = std::byte{0xff};
  EXPECT_EQ(KemPublicKey::parse(level, bytes).error().code, Code::corrupt);
  SecretBytes expanded{key.expanded().begin(), key.expanded().end()};
  EXPECT_EQ(KemSecretKey::from_expanded(level, expanded)->public_key(), key.public_key());
  expanded[1200] ^= std::byte{1};
  EXPECT_EQ(KemSecretKey::from_expanded(level, expanded).error().code, Code::corrupt);
}

TEST(MlDsa, SignsWithContextAndRefusesTheRest) {
  for (const auto level : {DsaLevel::ml_dsa_44, DsaLevel::ml_dsa_65, DsaLevel::ml_dsa_87}) {
    const auto signer = DsaSigner::from_seed(level, random_secret<32>().view());
    const auto message = bytes_of("a record");
    const Bytes signature = signer.sign(message, bytes_of("ctx"));
    EXPECT_TRUE(signer.verifier().verify(message, signature, bytes_of("ctx")));
    EXPECT_FALSE(signer.verifier().verify(message, signature));
    EXPECT_FALSE(signer.verifier().verify(message, ByteView{signature}.first(100), bytes_of("ctx")));
    EXPECT_FALSE(signer.verifier().verify(message, signature, Bytes(256)));
    const auto again = DsaSigner::from_expanded(level, signer.expanded()).value();
    EXPECT_EQ(again.verifier(), signer.verifier());
    EXPECT_TRUE(signer.verifier().verify(message, again.sign(message)));
    EXPECT_EQ(DsaSigner::from_expanded(level, Bytes(7)).error().code, Code::corrupt);
    EXPECT_EQ(DsaVerifier::parse(level, Bytes(7)).error().code, Code::corrupt);
  }
}

TEST(Hybrid, BothHalvesMustBeGood) {
  const HybridSigner signer{random_secret<32>(), random_secret<32>()};
  const auto message = bytes_of("seal/v1/sig of something");
  const Bytes signature = signer.sign(message);
  ASSERT_EQ(signature.size(), kHybridSignatureBytes);
  EXPECT_TRUE(signer.verifier().verify(message, signature));
  for (const std::size_t at : {std::size_t{0}, std::size_t{63}, std::size_t{64}, signature.size() - 1}) {
    Bytes altered = signature;
    altered[at] ^= std::byte{1};
    EXPECT_FALSE(signer.verifier().verify(message, altered)) << at;
  }
  // Halves by two signers.
  const HybridSigner other{random_secret<32>(), random_secret<32>()};
  Bytes mixed = signature;
  std::ranges::copy_n(other.sign(message).begin(), 64, mixed.begin());
  EXPECT_FALSE(signer.verifier().verify(message, mixed));
  EXPECT_FALSE(signer.verifier().verify(message, ByteView{signature}.first(64)));
  EXPECT_EQ(HybridVerifier::parse(signer.verifier().bytes()).value(), signer.verifier());
  EXPECT_EQ(HybridVerifier::parse(Bytes(10)).error().code, Code::corrupt);
}

TEST(Secp256k1, SignsAsTheContractHasItAndRefusesWhatIsNoKey) {
  const auto signer = Secp256k1Signer::random();
  const auto message = bytes_of("04…:nonce");
  const auto signature = signer.sign(message);
  EXPECT_TRUE(secp256k1_verify(signer.public_key(), message, signature));
  EXPECT_FALSE(secp256k1_verify(signer.public_key(), bytes_of("other"), signature));
  EXPECT_FALSE(secp256k1_verify(signer.public_key(), message, Bytes(64)));
  EXPECT_FALSE(secp256k1_verify(signer.public_key(), message, Bytes(70)));
  Secp256k1Public no_point = signer.public_key();
  no_point[64] ^= std::byte{1};
  EXPECT_FALSE(secp256k1_verify(no_point, message, signature));
  EXPECT_EQ(Secp256k1Signer::from_scalar(Secret<32>{}).error().code, Code::invalid);
  EXPECT_EQ(Secp256k1Signer::from_scalar(secret_hex<32>(std::string(64, 'f'))).error().code, Code::invalid);
  // Scalar 1 is the generator itself (SEC 2).
  EXPECT_EQ(to_hex(Secp256k1Signer::from_scalar(secret_hex<32>(std::string(63, '0') + "1"))->public_key()),
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
}

}  // namespace
}  // namespace tablinum::seal
