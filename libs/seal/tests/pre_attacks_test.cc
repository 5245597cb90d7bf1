// The attacks of design "seal" §13 as regression tests, with the numbers of §2 and §3: what a proxy and a delegate together get,
// what flooding and the owner's signature prevent, and that the noise is what the parameters were computed from.
// TABLINUM_LONG_TESTS=1 adds the million decryptions.
#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "pre/capsule.h"
#include "pre/packing.h"
#include "pre/proxy.h"
#include "pre_parties.h"

namespace tablinum::seal::pre {
namespace {

using testing::digest;
using testing::kNow;
using testing::seed;
using testing::World;

Seed numbered(std::string_view what, std::uint64_t number) {
  Seed result;
  xof(Shake::Strength::bits256, what, {}, number).squeeze(result.mutable_view());
  return result;
}

std::int64_t centred(std::uint64_t x, std::uint64_t q) {
  return x > q / 2 ? static_cast<std::int64_t>(x) - static_cast<std::int64_t>(q) : static_cast<std::int64_t>(x);
}

/// kem-2048's parameters with all coefficients of c0: one capsule of this is eight of the real ones.
const Ring& full_length() {
  static const Ring ring{[] {
    auto shape = shape_of(Suite::kem_2048);
    shape.message_bits = shape.n;
    return shape;
  }()};
  return ring;
}

SecretPoly secret_of(const LatticeSecret& key) {
  auto s = key.s;
  key.ring->inverse(s.data());
  return s;
}

std::size_t equal_words(const SecretPoly& a, const SecretPoly& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return equal;
}

/// s_C from a rekey and the delegate's key: row 1 decrypts to B·s_C and a noise far below B.
SecretPoly collection_key_from(const SecretPoly& beta_1, const SecretPoly& theta_1, const LatticeSecret& member) {
  const Ring& ring = *member.ring;
  auto row = beta_1;
  ring.multiply_add(row.data(), theta_1.data(), member.s.data());
  ring.inverse(row.data());
  const std::int64_t base = std::int64_t{1} << ring.shape().log_base;
  for (auto& word : row) word = ring.residue((centred(word, ring.q()) + base / 2) >> ring.shape().log_base);
  return row;
}

TEST(PreAttacks, ProxyAndMemberTogetherHaveTheCollectionAndNothingElse) {  // 1
  World world;
  const auto delegation = world.delegate();
  const auto& rekey = delegation.rekey();
  const auto& member = world.receive.halves();
  const auto& owner = world.collection.halves();
  const auto found = collection_key_from(rekey.lattice.beta[1], rekey.lattice.theta[1], member.lattice);
  EXPECT_EQ(equal_words(found, secret_of(owner.lattice)), 2048U);
  // The classical half: a = rk·d, and the member can compute d.
  const auto& facts = delegation.facts();
  const auto raw = [](const auto& bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); };
  Point shared{};
  std::array<std::byte, 32> a_bytes{};
  ASSERT_EQ(crypto_scalarmult_ristretto255(u8(MutableBytes{shared}), member.scalar.u8().data(), raw(facts.x)), 0);
  const auto d = hash_to_scalar("rk", {facts.x, world.receive.public_key().halves().point, shared, facts.collection_point,
                                       delegation_info(facts).view()});
  crypto_core_ristretto255_scalar_mul(u8(MutableBytes{a_bytes}), rekey.classical.rk.u8().data(), d.u8().data());
  EXPECT_TRUE(equal_constant_time(a_bytes, owner.scalar.view()));

  // The key found opens that epoch's capsules, and is a stranger to the next epoch and to other collections.
  LatticeSecret forged{.ring = &Ring::of(Suite::kem_2048), .s = found};
  forged.ring->forward(forged.s.data());
  const Message m(32, std::byte{0x5a});
  const auto opens = [&](const CollectionPublic& key) {
    return decrypt(forged, *parse_capsule(*forged.ring, encrypt(key.halves().lattice, m, numbered("coins", 1)))) == m;
  };
  EXPECT_TRUE(opens(world.collection.public_key()));
  EXPECT_FALSE(opens(world.collection.roll(seed(12), seed(13))->public_key()));
  EXPECT_FALSE(opens(CollectionSecret::create(Suite::kem_2048, random_collection_id(), 5, seed(14), seed(15))->public_key()));
}

/// The delegate's attack without the proxy's help: two transforms are two equations for β_0 and β_1 in every slot.
struct TwoCapsules {
  explicit TwoCapsules(unsigned flood) : flood_bits{flood} {}

  Words transformed(unsigned number) const {
    const auto key = numbered("proxy", 1);
    const auto name = numbered("capsule", number);
    return transform(rekey, originals[number], flood_bits, {.key = key.view(), .delegation = {}, .capsule = name.view()});
  }
  /// Slot values of c0' − c0.
  Poly difference(const Words& out, unsigned number) const {
    Poly d = out.c0;
    ring.subtract(d.data(), originals[number].c0.data(), ring.n());
    ring.forward(d.data());
    return d;
  }
  std::array<Poly, 2> digits(unsigned number) const {
    std::array<Poly, 2> result{Poly(ring.n()), Poly(ring.n())};
    for (std::size_t i = 0; i < ring.n(); ++i) {
      const auto c = centred(originals[number].c1[i], ring.q());
      const std::int64_t low = ((c + (1 << 19)) & ((1 << 20) - 1)) - (1 << 19);
      result[0][i] = ring.residue(low);
      result[1][i] = ring.residue((c - low) >> 20);
    }
    for (auto& digit : result) ring.forward(digit.data());
    return result;
  }
  /// Solves for one column of the rekey's second row from values of both capsules.
  SecretPoly second_row(const Poly& one, const Poly& two) const {
    const auto q = ring.q();
    const auto d = digits(0), e = digits(1);
    SecretPoly row(ring.n());
    for (std::size_t i = 0; i < ring.n(); ++i) {
      const auto determinant = (multiply_mod(d[0][i], e[1][i], q) + q - multiply_mod(d[1][i], e[0][i], q)) % q;
      const auto numerator = (multiply_mod(d[0][i], two[i], q) + q - multiply_mod(e[0][i], one[i], q)) % q;
      row[i] = multiply_mod(numerator, power_mod(determinant, q - 2, q), q);
    }
    return row;
  }
  std::size_t recovered(const Words& first, const Words& second) const {
    auto theta_one = first.c1, theta_two = second.c1;
    ring.forward(theta_one.data());
    ring.forward(theta_two.data());
    const auto beta = second_row(difference(first, 0), difference(second, 1)), theta = second_row(theta_one, theta_two);
    return equal_words(collection_key_from(beta, theta, member.secret), secret_of(owner.secret));
  }

  const Ring& ring = full_length();
  unsigned flood_bits;
  LatticeKeys owner = lattice_keys(ring, numbered("owner", 1)), member = lattice_keys(ring, numbered("member", 1));
  LatticeRekey rekey = make_rekey(owner.secret, member.public_key, numbered("rekey", 1));
  std::array<Words, 2> originals = [this] {
    const Message m(ring.n() / 8);
    const auto one = encrypt(owner.public_key, m, numbered("coins", 1)), two = encrypt(owner.public_key, m, numbered("coins", 2));
    return std::array{*parse_capsule(ring, one), *parse_capsule(ring, two)};
  }();
};

TEST(PreAttacks, WithoutFloodingTwoCapsulesGiveAwayTheCollection) {  // 2
  const TwoCapsules attack{0};
  EXPECT_EQ(attack.recovered(attack.transformed(0), attack.transformed(1)), 2048U);
}

TEST(PreAttacks, WithFloodingTheyGiveNothingHoweverOftenTheyAreAskedFor) {  // 2
  const TwoCapsules attack{36};
  const auto first = attack.transformed(0), second = attack.transformed(1);
  EXPECT_LT(attack.recovered(first, second), 20U);
  for (int repeat = 0; repeat < 1000; ++repeat)  // nothing to average: the same words every time
    ASSERT_EQ(attack.transformed(0).c0, first.c0);
}

/// What the phase of a transform of c1 = 2^log·X^(−j), c0 = 0 says of the secret's coefficients j, j+1, …
void crafted(const World& world, const Delegation& delegation, std::size_t j, unsigned log, SecretPoly& phases) {
  const auto& ring = Ring::of(Suite::kem_2048);
  Words words{.c1 = Poly(2048), .c0 = Poly(256)};
  const std::uint64_t factor = std::uint64_t{1} << log;
  words.c1[j == 0 ? 0 : 2048 - j] = j == 0 ? factor : ring.q() - factor;  // X^(−j) = −X^(N−j)
  const auto capsule = numbered("crafted", 100 * j + log), flood = proxy_secrets(seed(30)).flood;
  const auto out = transform(delegation.rekey().lattice, words, ring.shape().flood_bits,
                             {.key = flood.view(), .delegation = delegation.id().value.view(), .capsule = capsule.view()});
  const auto part = phase(world.receive.halves().lattice, parse_transformed(ring, serialise_transformed(ring, out)));
  std::ranges::copy(part, phases.begin() + static_cast<std::ptrdiff_t>(j));
}

TEST(PreAttacks, CraftedCapsulesReadTheKeyWhereNobodyChecksSignatures) {  // 3
  World world;
  const auto delegation = world.delegate();
  const auto q = Ring::of(Suite::kem_2048).q();
  SecretPoly at_38(2048), at_37(2048);
  for (std::size_t j = 0; j < 2048; j += 256) {  // 16 transforms in all
    crafted(world, delegation, j, 38, at_38);
    crafted(world, delegation, j, 37, at_37);
  }
  const auto s = secret_of(world.collection.halves().lattice);
  std::size_t right = 0;
  for (std::size_t i = 0; i < 2048; ++i) {
    auto guess = static_cast<std::int64_t>(std::llround(std::ldexp(static_cast<double>(centred(at_38[i], q)), -38)));
    if (guess == 2 || guess == -2) guess = centred(at_37[i], q) > 0 ? 2 : -2;  // 2·2^38 = −2·2^38: the smaller factor tells
    right += Ring::of(Suite::kem_2048).residue(guess) == s[i];
  }
  EXPECT_GE(right, 2040U);

  // The same capsule in a stanza, signed by nobody and by a member.
  auto body = world.stanza_bytes();
  std::fill(body.begin() + 37, body.begin() + 37 + 10'624, std::byte{0});
  body[37 + 4] = std::byte{0x40};  // c1 = 2^38
  const auto refused = [&] {
    return world.proxy.transform(*CapsuleStanza::parse(body), digest(7), delegation, world.alice, kNow).error().code;
  };
  EXPECT_EQ(refused(), Code::denied);
  const auto& halves = world.collection.public_key().halves();
  const auto context = capsule_context(digest(7), halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
  const auto signature = world.bob.sign(capsule_digest(*CapsuleStanza::parse(body), context).view()).value();
  std::ranges::copy(signature, body.end() - kSignatureBytes);
  EXPECT_EQ(refused(), Code::denied);
}

// 5: noise. All seeds are fixed, so these either hold or do not.

double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const auto value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

class Noise : public ::testing::TestWithParam<Suite> {
 protected:
  struct Measured {
    std::vector<double> fresh, switched, transformed;
  };
  static Measured measure(Suite suite, unsigned keys, unsigned capsules) {
    const auto& ring = Ring::of(suite);
    const auto half = ring.q() / 2 + 1;
    Measured result;
    for (unsigned k = 0; k < keys; ++k) {
      const auto owner = lattice_keys(ring, numbered("owner", k)), member = lattice_keys(ring, numbered("member", k));
      const auto rekey = make_rekey(owner.secret, member.public_key, numbered("rekey", k));
      for (unsigned c = 0; c < capsules; ++c) {
        const auto bits = numbered("message", 1000 * k + c);
        const Message m(bits.view().begin(), bits.view().end());
        const auto original = *parse_capsule(ring, encrypt(owner.public_key, m, numbered("coins", 1000 * k + c)));
        const auto name = numbered("capsule", c), key = numbered("flood", k);
        const FloodSeed flood{.key = key.view(), .delegation = {}, .capsule = name.view()};
        const auto quiet = phase(member.secret, transform(rekey, original, 0, flood));
        const auto before = phase(owner.secret, original);
        const auto after = phase(member.secret, parse_transformed(ring, serialise_transformed(
                                                                            ring, transform(rekey, original, ring.shape().flood_bits, flood))));
        for (std::size_t i = 0; i < 256; ++i) {
          const auto bit = static_cast<std::uint64_t>(m[i / 8] >> (i % 8)) & 1;
          const auto noise = [&](std::uint64_t v) { return static_cast<double>(centred((v + ring.q() - bit * half) % ring.q(), ring.q())); };
          result.fresh.push_back(noise(before[i]));
          result.switched.push_back(static_cast<double>(centred((quiet[i] + ring.q() - before[i]) % ring.q(), ring.q())));
          result.transformed.push_back(noise(after[i]));
        }
      }
    }
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, Noise, ::testing::Values(Suite::kem_2048, Suite::kem_4096), [](const auto& suite) {
  return suite.param == Suite::kem_2048 ? std::string{"kem_2048"} : std::string{"kem_4096"};
});

TEST_P(Noise, IsWithinTwoPercentOfThePrediction) {
  const auto& shape = shape_of(GetParam());
  const auto n = static_cast<double>(shape.n), q = static_cast<double>(shape.q), e = 10.5, s = 1.0;  // variances of β_21 and β_2
  const double e_a = 2 * n * e * s + e, rounding_12 = std::pow(q / 4096, 2) / 12, rounding_8 = std::pow(q / 256, 2) / 12;
  const double base = std::ldexp(1.0, static_cast<int>(shape.log_base)), low = base * base / 12, high = std::pow(q / base, 2) / 12;
  const double key_switch = n * (low + high) * e_a;
  const double flood = std::ldexp(1.0, 2 * static_cast<int>(shape.flood_bits)) / 3;
  const auto measured = measure(GetParam(), 40, 4);
  // Fresh noise as stored has the rounding of c0 to 12 bits, which is far above e_A; so e_A is measured on a ring without it below.
  EXPECT_NEAR(deviation(measured.fresh) / std::sqrt(e_a + rounding_12), 1, 0.02);
  EXPECT_NEAR(deviation(measured.switched) / std::sqrt(key_switch), 1, 0.02);
  EXPECT_NEAR(deviation(measured.transformed) / std::sqrt(e_a + rounding_12 + key_switch + flood + n * s * rounding_12 + rounding_8), 1, 0.02);
  double largest = 0;
  for (const auto value : measured.transformed) largest = std::max(largest, std::abs(value));
  std::printf("log2 of sigma: key switch %.2f (predicted %.2f), transformed %.2f, largest %.2f of q/4 = %.2f\n",
              std::log2(deviation(measured.switched)), std::log2(key_switch) / 2, std::log2(deviation(measured.transformed)), std::log2(largest),
              std::log2(q / 4));
  EXPECT_LT(largest, q / 4);
}

TEST_P(Noise, OfAFreshEncryptionBeforeRounding) {
  const auto& ring = Ring::of(GetParam());
  std::vector<double> values;
  for (unsigned k = 0; k < 40; ++k) {  // e·u + e1·s + e0, from the definitions
    const auto keys = lattice_keys(ring, numbered("owner", k));
    auto noise = [&](const char* what) {
      SecretPoly p(ring.n());
      sample_21(ring, numbered(what, k), 1, p.data(), ring.n());
      ring.forward(p.data());
      return p;
    };
    const auto e = noise("e"), e1 = noise("e1");
    auto sum = noise("e0");
    SecretPoly u(ring.n());
    sample_2(ring, numbered("u", k), 0, u.data(), ring.n());
    ring.forward(u.data());
    ring.multiply_add(sum.data(), e.data(), u.data());
    ring.multiply_add(sum.data(), e1.data(), keys.secret.s.data());
    ring.inverse(sum.data());
    for (const auto word : sum) values.push_back(static_cast<double>(centred(word, ring.q())));
  }
  const double predicted = std::sqrt(10.5 * (2 * static_cast<double>(ring.n()) + 1));
  EXPECT_NEAR(deviation(values) / predicted, 1, 0.02);
}

/// Distribution function of the sum of four uniform numbers of [0, 1).
double irwin_hall(double x) {
  const auto part = [&](double k) { return x > k ? std::pow(x - k, 4) : 0.0; };
  return (part(0) - 4 * part(1) + 6 * part(2) - 4 * part(3) + part(4)) / 24;
}

TEST_P(Noise, OfTheFloodIsIrwinHallWithinItsBounds) {
  const auto& ring = Ring::of(GetParam());
  const auto w = static_cast<int>(ring.shape().flood_bits);
  constexpr std::size_t kBins = 64, kBatches = 2000;
  std::array<double, kBins> seen{};
  const std::int64_t bound = 2 * ((std::int64_t{1} << w) - 1);
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    Poly flood(256);
    const auto name = numbered("flood", batch);
    sample_flood(ring, ring.shape().flood_bits, {name.view()}, flood.data(), flood.size());
    for (const auto word : flood) {
      const auto f = centred(word, ring.q());
      ASSERT_LE(std::abs(f), bound);
      const double x = std::ldexp(static_cast<double>(f + bound), -w);  // (0, 4)
      ++seen[std::min(kBins - 1, static_cast<std::size_t>(x * kBins / 4))];
    }
  }
  double chi_squared = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const double expected = 256.0 * kBatches * (irwin_hall(4.0 * static_cast<double>(bin + 1) / kBins) - irwin_hall(4.0 * static_cast<double>(bin) / kBins));
    if (expected > 0.5) chi_squared += std::pow(seen[bin] - expected, 2) / expected;
  }
  EXPECT_LT(chi_squared, 120) << "63 degrees of freedom: 103 is a thousandth, 120 two in a hundred thousand";
  EXPECT_GT(chi_squared, 25);
}

TEST(NoiseSamplers, AreCentredBinomial) {
  const auto& ring = Ring::of(Suite::kem_2048);
  std::array<double, 5> small{};
  std::array<double, 43> wide{};
  for (unsigned batch = 0; batch < 100; ++batch) {
    Poly a(2048), b(2048);
    sample_2(ring, numbered("s", batch), 0, a.data(), 2048);
    sample_21(ring, numbered("e", batch), 0, b.data(), 2048);
    for (const auto word : a) ++small.at(static_cast<std::size_t>(centred(word, ring.q()) + 2));
    for (const auto word : b) ++wide.at(static_cast<std::size_t>(centred(word, ring.q()) + 21));
  }
  const auto chi_squared = [](const auto& seen, int trials) {
    double result = 0;
    for (std::size_t k = 0; k < seen.size(); ++k) {
      const double choose = std::exp(std::lgamma(trials + 1) - std::lgamma(static_cast<double>(k) + 1) - std::lgamma(trials - static_cast<double>(k) + 1));
      const double expected = 100 * 2048 * std::ldexp(choose, -trials);
      if (expected > 1) result += std::pow(seen[k] - expected, 2) / expected;
    }
    return result;
  };
  EXPECT_LT(chi_squared(small, 4), 24);   // 4 degrees: a ten-thousandth
  EXPECT_LT(chi_squared(wide, 42), 75);   // about 30 degrees
}

TEST(PreHops, ThreeHopsOfTheLatticeHalfDecrypt) {
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096}) {
    const auto& ring = Ring::of(suite);
    for (unsigned trial = 0; trial < 20; ++trial) {
      std::vector<LatticeKeys> keys;
      for (unsigned i = 0; i < 4; ++i) keys.push_back(lattice_keys(ring, numbered("hop", 10 * trial + i)));
      const auto bits = numbered("message", trial);
      const Message m(bits.view().begin(), bits.view().end());
      auto words = *parse_capsule(ring, encrypt(keys[0].public_key, m, numbered("coins", trial)));
      for (unsigned hop = 0; hop < 3; ++hop) {
        const auto rekey = make_rekey(keys[hop].secret, keys[hop + 1].public_key, numbered("rekey", 10 * trial + hop));
        const auto key = numbered("flood", 10 * trial + hop);
        words = transform(rekey, words, ring.shape().flood_bits_of_hops, {.key = key.view(), .delegation = {}, .capsule = {}});
      }
      EXPECT_EQ(decrypt(keys[3].secret, parse_transformed(ring, serialise_transformed(ring, words))), m);
    }
  }
}

/// 6: encrypt, transform, decrypt; a million times if asked to.
TEST_P(Noise, NoDecryptionFails) {
  const bool long_run = std::getenv("TABLINUM_LONG_TESTS") != nullptr;
  const unsigned keys = long_run ? 1000 : 4, capsules = GetParam() == Suite::kem_2048 ? (long_run ? 1000 : 250) : 50;
  const auto& ring = Ring::of(GetParam());
  std::size_t failures = 0, trials = 0;
  for (unsigned k = 0; k < keys; ++k) {
    const auto owner = lattice_keys(ring, random_secret<32>()), member = lattice_keys(ring, random_secret<32>());
    const auto rekey = make_rekey(owner.secret, member.public_key, random_secret<32>());
    for (unsigned c = 0; c < capsules; ++c, ++trials) {
      const auto bits = random_secret<32>();
      const Message m(bits.view().begin(), bits.view().end());
      const auto out = transform(rekey, *parse_capsule(ring, encrypt(owner.public_key, m, random_secret<32>())), ring.shape().flood_bits,
                                 {.key = bits.view(), .delegation = {}, .capsule = {}});
      failures += decrypt(member.secret, parse_transformed(ring, serialise_transformed(ring, out))) != m;
    }
  }
  std::printf("%zu decryptions, %zu failures\n", trials, failures);
  EXPECT_EQ(failures, 0U);
}

}  // namespace
}  // namespace tablinum::seal::pre
