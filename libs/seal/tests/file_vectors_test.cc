/// The vectors of docs/format/sealed-file.md, which another implementation made (tests/sealed_file/).
#include <fstream>

#include "file_harness.h"
#include "tablinum/seal/identity.h"

namespace tablinum::seal {
namespace {

using testing::opened_of;
using testing::Pair;
using testing::ranged_of;

class FileVectors : public ::testing::Test {
 protected:
  FileVectors() {
    std::ifstream file{TABLINUM_TEST_DATA "/sealed_file_vectors.txt"};
    for (std::string line; std::getline(file, line);) {
      const auto space = line.find(' ');
      if (line.starts_with('#') || space == std::string::npos) continue;
      const std::string value = line.substr(space + 1);
      values_[line.substr(0, space)] = value == "-" ? Bytes{} : from_hex(value).value();
    }
  }
  template <std::size_t N>
  Secret<N> secret(const std::string& name) {
    return Secret<N>{ByteView{values_.at(name)}.first<N>()};
  }
  std::map<std::string, Bytes> values_;
};

TEST_F(FileVectors, AllOfThemOpenWithTheirKeyAndNoOther) {
  const SymmetricKey symmetric{secret<32>("key")};
  const auto passphrase = make_passphrase_opener(values_.at("passphrase"));
  const auto identity = make_identity_opener(ExchangeSecretKey{secret<32>("x25519_secret"), secret<64>("ml_kem_seed")});
  const std::map<std::string, const Opener*> openers{{"w", &symmetric}, {"s", passphrase.get()}, {"x", identity.get()}};
  std::size_t opened = 0;
  for (const auto& [name, sealed] : values_) {
    if (!name.starts_with("sealed.")) continue;
    const std::string rest = name.substr(7);
    const Pair pair{.opener = openers.at(rest.substr(0, 1))};
    const auto content = opened_of(sealed, pair);
    ASSERT_TRUE(content) << name;
    EXPECT_EQ(*content, values_.at("content." + rest)) << name;
    EXPECT_EQ(ranged_of(sealed, pair).value(), *content) << name;
    EXPECT_FALSE(opened_of(sealed)) << name;  // with the key of the other tests
    ++opened;
  }
  EXPECT_EQ(opened, 15U);
}

TEST_F(FileVectors, SymmetricOnesAreMadeByteForByte) {
  const SymmetricKey symmetric{secret<32>("key")};
  const Recipient* recipient = &symmetric;
  std::size_t made = 0;
  for (const auto& [name, sealed] : values_) {
    if (!name.starts_with("sealed.w.")) continue;
    MemorySource source{sealed};
    file::NewFile file{.header = read_header(source).value(), .key = secret<32>("file_key")};
    file.header.mac = {};
    ASSERT_TRUE(file::complete_header(file.header, file.key, {&recipient, 1}, nullptr));
    MemorySource content{values_.at("content." + name.substr(7))};
    MemorySink payload;
    ASSERT_TRUE(file::seal_payload(file, content, payload, {}));
    Bytes all = serialize(file.header);
    append(all, payload.bytes());
    EXPECT_EQ(to_hex(all), to_hex(sealed)) << name;
    ++made;
  }
  EXPECT_EQ(made, 9U);
}

TEST_F(FileVectors, TheSignatureOfTheContentIsGood) {
  const auto verifier = make_verifier(HybridVerifier::parse(values_.at("signer")).value());
  const SignatureVerifier* known = verifier.get();
  const auto identity = make_identity_opener(ExchangeSecretKey{secret<32>("x25519_secret"), secret<64>("ml_kem_seed")});
  const Opener* key = identity.get();
  for (const auto* name : {"sealed.x.x-content-signed", "sealed.x.x-content-signed-padded"}) {
    Bytes content;
    const auto opened = open(values_.at(name), content, {&key, 1}, {.verifiers = {&known, 1}, .signature_required = true});
    ASSERT_TRUE(opened) << name;
    EXPECT_EQ(opened->content, SignatureState::good);
    EXPECT_TRUE(opened->is_signed());
  }
}

TEST_F(FileVectors, TheSignatureIsGood) {
  const auto verifier = make_verifier(HybridVerifier::parse(values_.at("signer")).value());
  const SignatureVerifier* known = verifier.get();
  MemorySource source{values_.at("sealed.x.x-signed")};
  const Header header = read_header(source).value();
  EXPECT_EQ(verify_signature(header, {&known, 1}), SignatureState::good);
  EXPECT_EQ(header.stanzas.size(), 2U);
}

}  // namespace
}  // namespace tablinum::seal
