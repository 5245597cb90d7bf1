// Words made by OpenFHE (data/fhe/openfhe.json, by make_openfhe.py there) through our own code.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "fhe/scheme.h"

namespace tablinum::seal::fhe {
namespace {

class OpenFhe : public testing::Test {
 protected:
  OpenFhe() {
    json_ = parser_.load(TABLINUM_TEST_DATA "/fhe/openfhe.json");
    of_ = std::make_shared<const Context>(make_internals({}, static_cast<std::uint32_t>(json_["n"].get_uint64())).value());
  }
  Words words(const char* name, std::size_t index) {
    Words out;
    for (const std::uint64_t word : json_[name].at(index)) out.push_back(word);
    return out;
  }
  std::vector<std::int64_t> values() {
    std::vector<std::int64_t> out;
    for (const std::int64_t value : json_["values"]) out.push_back(value);
    return out;
  }
  // Into the form of products.
  Words montgomery(const Words& in) {
    Words out(in.size());
    const auto& c = of_->internals();
    for (std::size_t i = 0; i < c.limbs.size(); ++i) {
      const auto tables = c.limbs[i].limb();
      const Words factor(c.n, c.limbs[i].montgomery_squared);
      c.kernels->multiply_add(out.data() + i * c.n, in.data() + i * c.n, factor.data(), nullptr, &tables);
    }
    return out;
  }
  SecretKey secret(const char* name) {
    const auto s = montgomery(words(name, 0));
    return {of_, {}, SecretWords(s.begin(), s.end())};
  }
  Ciphertext ciphertext(const char* name, Encoding encoding, std::uint16_t hops = 0) {
    return {of_, encoding, hops, 0, words(name, 0), words(name, 1)};
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element json_;
  ContextPtr of_;
};

TEST_F(OpenFhe, ItsCiphertextsDecrypt) {
  const auto key = secret("alice_secret");
  EXPECT_EQ(decrypt(key, ciphertext("packed", Encoding::packed)).value(), values());
  EXPECT_EQ(decrypt(key, ciphertext("coefficients", Encoding::coefficients)).value(), values());
  EXPECT_EQ(decrypt(secret("bob_secret"), ciphertext("reencrypted", Encoding::packed)).value(), values());
}

TEST_F(OpenFhe, ItsKeysAreOfOurForm) {
  for (const auto& [public_key, secret_key] : {std::pair{"alice_public", "alice_secret"}, {"bob_public", "bob_secret"}}) {
    const auto key = secret(secret_key);
    // b + a·s is the error of the key: a ciphertext of zero.
    const Ciphertext zero{of_, Encoding::coefficients, 0, 0, words(public_key, 0), words(public_key, 1)};
    EXPECT_EQ(decrypt(key, zero).value(), std::vector<std::int64_t>(of_->ring_dimension()));
    EXPECT_GT(noise_budget_bits(key, zero).value(), noise_limit_bits(of_->internals()) - 6);
  }
}

TEST_F(OpenFhe, ItsRekeyGivesTheSameWords) {
  // Stored there: the rows that take the uniform part first, then those that take its product.
  const ReKey rekey{of_,
                    {montgomery(words("rekey", 0)), montgomery(words("rekey", 1))},
                    {montgomery(words("rekey", 2)), montgomery(words("rekey", 3))}};
  const auto moved = reencrypt(rekey, ciphertext("packed", Encoding::packed)).value();
  EXPECT_EQ(moved.c0, words("reencrypted", 0));
  EXPECT_EQ(moved.c1, words("reencrypted", 1));
}

TEST_F(OpenFhe, OurCiphertextsUnderItsKeysDecryptWithItsSecret) {
  const PublicKey alice{of_, words("alice_public", 1), words("alice_public", 0)};
  const PublicKey bob{of_, words("bob_public", 1), words("bob_public", 0)};
  const auto fresh = encrypt(alice, values()).value();
  EXPECT_EQ(decrypt(secret("alice_secret"), fresh).value(), values());
  const auto rekey = make_rekey(secret("alice_secret"), bob).value();
  EXPECT_EQ(decrypt(secret("bob_secret"), reencrypt(rekey, fresh).value()).value(), values());
}

}  // namespace
}  // namespace tablinum::seal::fhe
