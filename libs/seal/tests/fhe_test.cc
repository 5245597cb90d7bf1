#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include "fhe/modulus.h"
#include "fhe/scheme.h"
#include "tablinum/seal/fhe.h"

namespace tablinum::seal::fhe {
namespace {

using testing::Each;
using testing::ElementsAreArray;

ContextPtr standard() {
  static const auto one = context().value();
  return one;
}

ContextPtr small(std::uint32_t n, const Parameters& parameters = {}) {
  return std::make_shared<const Context>(make_internals(parameters, n).value());
}

std::vector<std::int64_t> random_values(std::size_t count, std::uint64_t t, std::uint64_t seed) {
  std::mt19937_64 generator{seed};
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = static_cast<std::int64_t>(generator() % t) - static_cast<std::int64_t>((t - 1) / 2);
  return values;
}

TEST(FheContext, HasTheParametersOfTheReference) {
  EXPECT_EQ(standard()->ring_dimension(), 8192U);
  EXPECT_THAT(standard()->moduli(), testing::ElementsAre(1152921504606830593U, 1152921504606748673U));
  EXPECT_EQ(standard()->internals().limbs[0].root, 25959043411404U);
  EXPECT_EQ(standard()->internals().limbs[1].root, 100406242475323U);
}

TEST(FheContext, EqualParametersGiveTheSameContext) {
  EXPECT_EQ(context().value(), standard());
  EXPECT_EQ(deserialize_context(serialize(*standard())).value(), standard());
  EXPECT_NE(context({.plaintext_modulus = 786433}).value(), standard());
}

TEST(FheContext, ThreadsThatAskAtOnceGetTheSameOne) {
  std::vector<ContextPtr> got(16);
  std::vector<std::jthread> threads;
  for (auto& one : got) threads.emplace_back([&one] { one = context({.limb_bits = 54}).value(); });
  threads.clear();
  EXPECT_THAT(got, Each(got[0]));
}

struct RefusedParameters {
  const char* name;
  Parameters parameters;
};
class FheParameters : public testing::TestWithParam<RefusedParameters> {};
TEST_P(FheParameters, OutOfRangeAreRefused) { EXPECT_EQ(context(GetParam().parameters).error().code, Code::invalid); }
INSTANTIATE_TEST_SUITE_P(Cases, FheParameters,
                         testing::Values(RefusedParameters{"composite", {.plaintext_modulus = 65536}},
                                         RefusedParameters{"small", {.plaintext_modulus = 13}},
                                         RefusedParameters{"large", {.plaintext_modulus = (1U << 30) + 3}},
                                         RefusedParameters{"few_bits", {.limb_bits = kLimbBitsMin - 1}},
                                         RefusedParameters{"many_bits", {.limb_bits = kLimbBitsMax + 1}},
                                         RefusedParameters{"one_limb", {.limbs = 1}},
                                         RefusedParameters{"four_limbs", {.limb_bits = 40, .limbs = 4}}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(FheKernels, EveryVersionGivesTheSameWords) {
  const auto* fast = &best_kernels();
  for (const std::uint32_t n : {16U, 32U, 64U, 128U, 1024U, 4096U, 8192U}) {
    const auto c = small(n);
    for (const auto& limb : c->internals().limbs) {
      std::mt19937_64 generator{n};
      Words x(n), y(n), z(n);
      for (auto* words : {&x, &y, &z})
        for (auto& word : *words) word = generator() % limb.q;
      x[0] = x[1] = y[0] = z[0] = limb.q - 1;
      const auto tables = limb.limb();
      const auto both = [&](auto&& step) {
        auto a = x, b = x;
        step(fhe_kernels_portable, a);
        step(*fast, b);
        ASSERT_EQ(a, b) << n;
        EXPECT_THAT(a, Each(testing::Lt(limb.q)));
      };
      both([&](const FheKernels& k, Words& w) { k.ntt(w.data(), &tables); });
      both([&](const FheKernels& k, Words& w) {
        k.inverse_ntt(w.data(), &tables, limb.n_inverse.value, limb.n_inverse.companion);
      });
      both([&](const FheKernels& k, Words& w) { k.multiply_add(w.data(), w.data(), y.data(), z.data(), &tables); });
      both([&](const FheKernels& k, Words& w) { k.multiply_add(w.data(), w.data(), y.data(), nullptr, &tables); });
      both([&](const FheKernels& k, Words& w) {
        for (auto& word : w) word = ~word;  // any word at all
        k.scale_add(w.data(), w.data(), limb.n_inverse.value, limb.n_inverse.companion, z.data(), &tables);
      });
      both([&](const FheKernels& k, Words& w) {
        k.ntt(w.data(), &tables);
        k.inverse_ntt(w.data(), &tables, limb.n_inverse.value, limb.n_inverse.companion);
        EXPECT_EQ(w, x);
      });
    }
  }
}

TEST(FheKernels, TransformIsEvaluationAtTheOddPowersOfTheRoot) {
  const auto c = small(32);
  const auto& limb = c->internals().limbs[0];
  const auto tables = limb.limb();
  std::mt19937_64 generator{1};
  Words x(32);
  for (auto& word : x) word = generator() % limb.q;
  auto transformed = x;
  best_kernels().ntt(transformed.data(), &tables);
  for (std::uint32_t k = 0; k < 32; ++k) {
    const auto point = power_mod(limb.root, 2 * reverse_bits(k, 5) + 1, limb.q);
    std::uint64_t sum = 0;
    for (std::uint32_t i = 32; i-- > 0;) sum = (multiply_mod(sum, point, limb.q) + x[i]) % limb.q;
    EXPECT_EQ(transformed[k], sum) << k;
  }
}

TEST(FheSampler, TernaryIsUniformAndErrorsHaveTheirVariance) {
  constexpr std::size_t kCount = 1 << 18;
  Sampler sampler{random_secret<32>()};
  SmallWords ternary(kCount), errors(kCount);
  sampler.ternary(ternary, Stream::secret);
  sampler.binomial(errors, Stream::error);
  for (const std::int64_t value : {-1, 0, 1})  // six standard deviations
    EXPECT_NEAR(static_cast<double>(std::ranges::count(ternary, value)), kCount / 3.0, 6 * std::sqrt(kCount * 2.0 / 9));
  double sum = 0, squares = 0;
  for (const auto e : errors) sum += static_cast<double>(e), squares += static_cast<double>(e * e);
  EXPECT_NEAR(sum / kCount, 0, 6 * std::sqrt(10.5 / kCount));
  EXPECT_NEAR(squares / kCount, 10.5, 0.25);
  EXPECT_LE(*std::ranges::max_element(errors), 21);
  EXPECT_GE(*std::ranges::min_element(errors), -21);
}

TEST(Fhe, DecryptsWhatItEncrypted) {
  const auto keys = generate_keys(standard());
  const auto values = random_values(8192, 65537, 3);
  for (const auto encoding : {Encoding::packed, Encoding::coefficients}) {
    const auto ciphertext = encrypt(keys.public_key, values, encoding).value();
    EXPECT_EQ(decrypt(keys.secret_key, ciphertext).value(), values);
    // Noise of 2^12 or less in a modulus of 2^120.
    EXPECT_GT(noise_budget_bits(keys.secret_key, ciphertext).value(), noise_limit_bits(standard()->internals()) - 13);
  }
}

TEST(Fhe, ValuesUpToTheModulusAreCentred) {
  const auto keys = generate_keys(standard());
  const auto ciphertext = encrypt(keys.public_key, std::vector<std::int64_t>{65536, 65535, 32769, 32768, -32768, 0}).value();
  const auto values = decrypt(keys.secret_key, ciphertext).value();
  EXPECT_THAT(std::span{values}.first(7), testing::ElementsAre(-1, -2, -32768, 32768, -32768, 0, 0));
}

TEST(Fhe, ValuesOutOfRangeAreRefused) {
  const auto keys = generate_keys(standard());
  for (const std::int64_t value : {std::int64_t{65537}, std::int64_t{-32769}, INT64_MAX, INT64_MIN, std::int64_t{1} << 62})
    EXPECT_EQ(encrypt(keys.public_key, std::vector{value}).error().code, Code::invalid) << value;
  EXPECT_EQ(encrypt(keys.public_key, std::vector<std::int64_t>(8193)).error().code, Code::too_large);
}

TEST(Fhe, ModulusThatDoesNotPackTakesCoefficientsOnly) {
  const auto keys = generate_keys(context({.plaintext_modulus = 257}).value());
  EXPECT_EQ(encrypt(keys.public_key, std::vector<std::int64_t>{1}).error().code, Code::unsupported);
  const auto ciphertext = encrypt(keys.public_key, std::vector<std::int64_t>{100, -5}, Encoding::coefficients).value();
  EXPECT_EQ(decrypt(keys.secret_key, ciphertext).value()[0], 100);
}

TEST(Fhe, WrongKeyGivesGarbageAndNoError) {
  const auto keys = generate_keys(standard());
  const auto other = generate_keys(standard());
  const auto values = random_values(8192, 65537, 4);
  EXPECT_NE(decrypt(other.secret_key, encrypt(keys.public_key, values).value()).value(), values);
}

TEST(Fhe, ObjectsOfDifferentContextsAreRefused) {
  const auto keys = generate_keys(standard());
  const auto other = generate_keys(context({.limb_bits = 54}).value());
  const auto ciphertext = encrypt(other.public_key, std::vector<std::int64_t>{1}).value();
  EXPECT_EQ(decrypt(keys.secret_key, ciphertext).error().code, Code::invalid);
  EXPECT_EQ(make_rekey(keys.secret_key, other.public_key).error().code, Code::invalid);
}

TEST(Fhe, TwelveHopsDecryptAndNoiseGrowsAsPredicted) {
  auto from = generate_keys(standard());
  const auto values = random_values(8192, 65537, 5);
  auto ciphertext = encrypt(from.public_key, values).value();
  for (unsigned hop = 1; hop <= 12; ++hop) {
    auto to = generate_keys(standard());
    const auto rekey = make_rekey(from.secret_key, to.public_key).value();
    ciphertext = reencrypt(rekey, ciphertext).value();
    EXPECT_EQ(ciphertext.hops, hop);
    ASSERT_EQ(decrypt(to.secret_key, ciphertext).value(), values);
    const auto left = noise_budget_bits(to.secret_key, ciphertext).value();
    const auto& c = standard()->internals();
    // The largest of 8192 coefficients is near four standard deviations; the promise is twelve.
    EXPECT_GT(left, noise_limit_bits(c) - noise_bits(c, hop, 0));
    EXPECT_LT(left, noise_limit_bits(c) - noise_bits(c, hop, 0) + 2.5);
    from = std::move(to);
  }
}

TEST(Fhe, OneHopTooManyIsAClearError) {
  // A large t and small primes leave room for few hops.
  const auto of = context({.plaintext_modulus = 786433, .limb_bits = 46}).value();
  auto tight = of->hops_max(false);
  ASSERT_GT(tight, 0U);
  const auto keys = generate_keys(of);
  const auto rekey = make_rekey(keys.secret_key, keys.public_key).value();
  auto ciphertext = encrypt(keys.public_key, std::vector<std::int64_t>{7, -7}).value();
  ciphertext.hops = static_cast<std::uint16_t>(tight - 1);
  const auto last = reencrypt(rekey, ciphertext).value();
  EXPECT_EQ(last.hops, tight);
  EXPECT_EQ(reencrypt(rekey, last).error().code, Code::limit);
}

TEST(Fhe, HopsWithinTheLimitReallyDecrypt) {
  const auto of = context({.plaintext_modulus = 1073643521, .limb_bits = 54}).value();  // room for few
  const auto limit = of->hops_max(false);
  ASSERT_GE(limit, 1U);
  const auto values = random_values(of->ring_dimension(), 1073643521, 6);
  auto from = generate_keys(of);
  auto ciphertext = encrypt(from.public_key, values, Encoding::coefficients).value();
  for (unsigned hop = 0; hop < std::min(limit, 20U); ++hop) {
    auto to = generate_keys(of);
    ciphertext = reencrypt(make_rekey(from.secret_key, to.public_key).value(), ciphertext).value();
    from = std::move(to);
  }
  EXPECT_EQ(decrypt(from.secret_key, ciphertext).value(), values);
}

TEST(Fhe, FloodDecryptsIsDeterministicAndCosts) {
  const auto alice = generate_keys(standard());
  const auto bob = generate_keys(standard());
  const auto rekey = make_rekey(alice.secret_key, bob.public_key).value();
  const auto values = random_values(8192, 65537, 7);
  const auto ciphertext = encrypt(alice.public_key, values).value();
  const Flood flood{random_secret<32>()};
  const auto moved = reencrypt(rekey, ciphertext, &flood).value();
  EXPECT_EQ(decrypt(bob.secret_key, moved).value(), values);
  EXPECT_EQ(reencrypt(rekey, ciphertext, &flood).value().c0, moved.c0);
  EXPECT_NE(reencrypt(rekey, ciphertext).value().c0, moved.c0);
  const auto left = noise_budget_bits(bob.secret_key, moved).value();
  const auto limit = noise_limit_bits(standard()->internals());
  EXPECT_NEAR(limit - left, 89, 1.2);  // the largest of 8192 sums of four is near the edge of its support
  const auto small_context = context({.limb_bits = 45}).value();
  const auto keys = generate_keys(small_context);
  const auto other = make_rekey(keys.secret_key, keys.public_key).value();
  EXPECT_EQ(reencrypt(other, encrypt(keys.public_key, std::vector<std::int64_t>{1}).value(), &flood).error().code,
            Code::unsupported);
}

TEST(Fhe, BatchesOverThreadsGiveTheSame) {
  const auto pool = make_thread_pool(4);
  const auto keys = generate_keys(standard());
  const auto values = random_values(5 * 8192 + 17, 65537, 8);
  const auto ciphertexts = encrypt_all(keys.public_key, values, Encoding::packed, *pool).value();
  ASSERT_EQ(ciphertexts.size(), 6U);
  const auto rekey = make_rekey(keys.secret_key, keys.public_key).value();
  auto all = decrypt_all(keys.secret_key, reencrypt_all(rekey, ciphertexts, nullptr, *pool).value(), *pool).value();
  all.resize(values.size());
  EXPECT_EQ(all, values);
  EXPECT_TRUE(encrypt_all(keys.public_key, {}, Encoding::packed, *pool).value().empty());
  auto bad = values;
  bad[8192 * 3] = 1 << 20;
  EXPECT_EQ(encrypt_all(keys.public_key, bad, Encoding::packed, *pool).error().code, Code::invalid);
}

TEST(FheSerial, EveryObjectComesBackAndInOneForm) {
  const auto alice = generate_keys(standard());
  const auto rekey = make_rekey(alice.secret_key, alice.public_key).value();
  const auto values = random_values(8192, 65537, 9);
  const auto ciphertext = reencrypt(rekey, encrypt(alice.public_key, values).value()).value();
  const auto pk = serialize(alice.public_key);
  const auto rk = serialize(rekey);
  const auto ct = serialize(ciphertext);
  EXPECT_EQ(pk.size(), 262144U + 48);
  EXPECT_EQ(rk.size(), 524288U + 48);
  EXPECT_EQ(ct.size(), 262144U + 48);
  const auto sk = serialize(alice.secret_key);
  const auto secret = deserialize_secret_key(sk).value();
  EXPECT_EQ(secret.s_mont, alice.secret_key.s_mont);
  EXPECT_EQ(serialize(deserialize_public_key(pk).value()), pk);
  EXPECT_EQ(serialize(deserialize_rekey(rk).value()), rk);
  EXPECT_EQ(deserialize_rekey(rk).value().beta_mont, rekey.beta_mont);
  const auto again = deserialize_ciphertext(ct).value();
  EXPECT_EQ(serialize(again), ct);
  EXPECT_EQ(again.hops, 1);
  EXPECT_EQ(decrypt(secret, again).value(), values);
}

TEST(FheSerial, DamageIsRefused) {
  const auto keys = generate_keys(standard());
  const auto good = serialize(keys.public_key);
  const auto refuses = [](const Bytes& bytes) {
    const auto read = deserialize_public_key(bytes);
    return read ? std::optional<Code>{} : read.error().code;
  };
  EXPECT_EQ(refuses({}), Code::corrupt);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{16}, good.size() - 48, good.size() - 1})
    EXPECT_EQ(refuses(Bytes(good.begin(), good.end() - static_cast<std::ptrdiff_t>(cut))), Code::corrupt) << cut;
  auto longer = good;
  longer.push_back({});
  EXPECT_EQ(refuses(longer), Code::corrupt);
  for (std::size_t at = 0; at < good.size(); at = at < 64 ? at + 1 : at * 2 + 1) {
    auto bad = good;
    bad[at] ^= std::byte{1};
    EXPECT_TRUE(refuses(bad).has_value()) << at;
  }
  EXPECT_EQ(deserialize_ciphertext(good).error().code, Code::corrupt);
  EXPECT_EQ(refuses(Bytes(1000, std::byte{0x41})), Code::corrupt);
}

TEST(FheSerial, WordsMustBeBelowTheirModulus) {
  auto keys = generate_keys(standard());
  keys.public_key.b[0] = standard()->moduli()[0];
  EXPECT_EQ(deserialize_public_key(serialize(keys.public_key)).error().code, Code::corrupt);
  keys.public_key.b[0] -= 1;
  EXPECT_TRUE(deserialize_public_key(serialize(keys.public_key)).has_value());
}

TEST(FheBytes, GoIntoValuesAndBack) {
  const auto bytes = bytes_of("odd");
  const auto values = values_of_bytes(bytes);
  EXPECT_THAT(values, testing::ElementsAre(0x646f, 0x64));
  EXPECT_TRUE(std::ranges::equal(bytes_of_values(*standard(), values, 3).value(), bytes));
  EXPECT_EQ(bytes_of_values(*standard(), std::vector<std::int64_t>{-1}, 2).error().code, Code::corrupt);  // 65536
  EXPECT_EQ(bytes_of_values(*standard(), values, 5).error().code, Code::corrupt);
  EXPECT_EQ(bytes_of_values(*standard(), std::vector<std::int64_t>{-2}, 2).value(), (Bytes{std::byte{0xff}, std::byte{0xff}}));
}

// Why this profile is not for new files: whoever has a rekey and the receiver's secret key has the sender's. Row 0 decrypts to
// s + e modulo the first prime and to e alone modulo the second.
TEST(FheAttack, RekeyAndReceiverGiveTheSendersSecret) {
  const auto alice = generate_keys(standard());
  const auto bob = generate_keys(standard());
  const auto rekey = make_rekey(alice.secret_key, bob.public_key).value();
  const auto& c = standard()->internals();
  const auto row = [&](std::size_t l, const Words& theta, const Words& beta) {
    const auto tables = c.limbs[l].limb();
    const auto at = l * c.n;
    Words sum(c.n);
    c.kernels->multiply_add(sum.data(), theta.data() + at, bob.secret_key.s_mont.data() + at, beta.data() + at, &tables);
    const auto down = Words(c.n, 1);  // off with the factor 2^64
    c.kernels->multiply_add(sum.data(), sum.data(), down.data(), nullptr, &tables);
    c.kernels->inverse_ntt(sum.data(), &tables, c.limbs[l].n_inverse.value, c.limbs[l].n_inverse.companion);
    std::vector<std::int64_t> centred;
    for (const auto word : sum)
      centred.push_back(static_cast<std::int64_t>(word > c.limbs[l].q / 2 ? word - c.limbs[l].q : word));
    return centred;
  };
  auto recovered = row(0, rekey.theta_mont[0], rekey.beta_mont[0]);
  const auto error = row(1, rekey.theta_mont[0], rekey.beta_mont[0]);
  for (std::size_t i = 0; i < recovered.size(); ++i) recovered[i] -= error[i];
  SmallWords secret(c.n);
  Sampler{alice.secret_key.seed}.ternary(secret, Stream::secret);
  EXPECT_TRUE(std::ranges::equal(recovered, secret));
}

}  // namespace
}  // namespace tablinum::seal::fhe
