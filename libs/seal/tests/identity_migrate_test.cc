// The reference's identity file, in and out.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tablinum/seal/migrate.h"

namespace tablinum::seal {
namespace {

std::string zero_phrase() {
  std::string phrase;
  for (int i = 0; i < 23; ++i) phrase += "abandon ";
  return phrase + "art";
}

std::optional<Code> code_of(const auto& result) { return result ? std::nullopt : std::optional{result.error().code}; }

// Computed with hashlib's PBKDF2 and cryptography's secp256k1 from the derivation in contract §2.
TEST(HdV1, ClassicKeyOfAPhrase) {
  EXPECT_EQ(to_hex(hd_v1_classic_key(zero_phrase(), 0)->public_key()),
            "04f6e06105c8158e9d8fb046e3a7fdac0a59dc1a4ea0fd6df4cc018d293041b6a4"
            "212bb0b61615e5c16002923ef8e44323221bcdd12378f258567665a438dc4d1c");
  EXPECT_NE(hd_v1_classic_key(zero_phrase(), 1)->public_key(), hd_v1_classic_key(zero_phrase(), 0)->public_key());
}

TEST(HdV1, ExportedAndTakenOverAgain) {
  const Identity made = Identity::from_entropy("Rudo", Secret<32>{}, 0).value();
  const SecretText json = export_hd_v1(made).value();
  const Identity taken = import_hd_v1(view(json), "Rudo", 0).value();
  EXPECT_EQ(taken.fingerprint(), made.fingerprint());
  const LegacyKeys keys = legacy_keys(taken).value();
  EXPECT_TRUE(keys.phrase_gives_classic);
  ASSERT_EQ(keys.dsa.size(), 1U);
  EXPECT_EQ(keys.dsa[0].algorithm, "ML-DSA-87");
  const auto message = bytes_of("04…:nonce");
  EXPECT_TRUE(keys.dsa[0].signer.verifier().verify(message, keys.dsa[0].signer.sign(message)));
  const SecretText again = export_hd_v1(taken).value();
  EXPECT_EQ(view(again), view(json));
  EXPECT_EQ(code_of(legacy_keys(made)), Code::not_found);
}

// tests/tools/hd_v1_file.py wrote it from the description of the format.
TEST(HdV1, AFileOfAnotherHandIsTakenOverAndGivenBackAsItCame) {
  std::ifstream file{TABLINUM_TEST_DATA "/hd_v1.json"};
  std::ostringstream read;
  read << file.rdbuf();
  const std::string json = read.str();
  const Identity taken = import_hd_v1(json, "Rudo", 0).value();
  EXPECT_TRUE(view(taken.phrase()).starts_with("legal winner thank year"));
  const LegacyKeys keys = legacy_keys(taken).value();
  EXPECT_TRUE(keys.phrase_gives_classic);
  EXPECT_EQ(keys.kept_only, (std::vector<std::string>{"PRE (OpenFHE)", "Ed25519"}));
  const auto message = bytes_of("04…:nonce");
  ASSERT_TRUE(keys.classic);
  EXPECT_TRUE(secp256k1_verify(keys.classic->public_key(), message, keys.classic->sign(message)));
  ASSERT_EQ(keys.dsa.size(), 1U);
  EXPECT_TRUE(json.contains(to_hex(keys.dsa[0].signer.verifier().bytes())));
  EXPECT_TRUE(keys.dsa[0].signer.verifier().verify(message, keys.dsa[0].signer.sign(message)));
  const SecretText again = export_hd_v1(taken).value();
  EXPECT_EQ(view(again), json);
  // One digit of a key changed: found when it is taken over, not when the key is needed.
  for (const std::string_view name : {"\"classic\"", "\"ML-DSA-87\""}) {
    std::string damaged = json;
    char& digit = damaged[damaged.find("sk_hex", damaged.rfind(name)) + 40];
    digit = digit == '0' ? '1' : '0';
    EXPECT_EQ(code_of(import_hd_v1(damaged, "Rudo", 0)), Code::corrupt) << name;
  }
}

// A key of an algorithm beyond ML-DSA is used where this build has the algorithm; its halves must belong together.
TEST(HdV1, FurtherKeysAreTakenOver) {
  const auto with = [](std::string_view name, ByteView public_key, ByteView secret_key) {
    return R"({"version":"hd_v1","mnemonic":")" + zero_phrase() + R"(","auth_keys":{"pq":[{"alg":")" + std::string{name} + R"(","pk_hex":")" +
           to_hex(public_key) + R"(","sk_hex":")" + to_hex(secret_key) + R"("}]}})";
  };
  for (const char* name : {"SLH-DSA-SHA2-128f", "Falcon-512"}) {
    if (find_further_signature(name) == nullptr) continue;
    const auto signer = FurtherSigner::generate(name).value(), other = FurtherSigner::generate(name).value();
    const LegacyKeys keys = legacy_keys(*import_hd_v1(with(name, signer.public_key(), signer.secret_key()), "Rudo", 0)).value();
    ASSERT_EQ(keys.further.size(), 1U);
    EXPECT_TRUE(keys.kept_only.empty());
    EXPECT_TRUE(verify_further(name, signer.public_key(), Bytes(5), keys.further[0].sign(Bytes(5)).value()));
    EXPECT_EQ(code_of(import_hd_v1(with(name, other.public_key(), signer.secret_key()), "Rudo", 0)), Code::corrupt);
    EXPECT_EQ(code_of(import_hd_v1(with(name, {}, {}), "Rudo", 0)), Code::corrupt);
  }
}

TEST(HdV1, WhatCannotBeUsedIsKept) {
  const std::string json = R"({"version":"hd_v1","mnemonic":")" + zero_phrase() +
                           R"(","auth_keys":{"pre":{"pk_hex":"00","sk_hex":"11"},"pq":[{"alg":"Rainbow-III","pk_hex":"","sk_hex":""}]}})";
  const Identity taken = import_hd_v1(json, "Rudo", 0).value();
  EXPECT_EQ(legacy_keys(taken)->kept_only, (std::vector<std::string>{"Rainbow-III", "PRE (OpenFHE)"}));
  EXPECT_EQ(text_of(taken.legacy()), json);
}

TEST(HdV1, RefusesWhatIsNone) {
  EXPECT_EQ(code_of(import_hd_v1("", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1("[]", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1("{}", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1(R"({"version":"hd_v2"})", "Rudo", 0)), Code::unsupported);
  EXPECT_EQ(code_of(import_hd_v1(R"({"version":"hd_v1","mnemonic":"abandon"})", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1(std::string(kHdV1BytesMax + 1, ' '), "Rudo", 0)), Code::too_large);
  const std::string start = R"({"version":"hd_v1","mnemonic":")" + zero_phrase() + R"(","auth_keys":{"classic":{"pk_hex":"04","sk_hex":")";
  EXPECT_EQ(code_of(import_hd_v1(start + R"(zz"}}})", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1(start + std::string(64, '0') + R"("}}})", "Rudo", 0)), Code::corrupt);
  EXPECT_EQ(code_of(import_hd_v1(start + std::string(64, '1') + R"("}}})", "Rudo", 0)), Code::corrupt);
}

}  // namespace
}  // namespace tablinum::seal
