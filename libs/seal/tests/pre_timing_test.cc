// Does the time tell the secret? After Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?" (DATE 2017): two classes of
// secrets, one fixed and one random, in random order; Welch's t on the times below a percentile. A control that does leak must be found.
// A fraction of the measurements by default, all of them with TABLINUM_LONG_TESTS=1.
#include <gtest/gtest.h>
#include <x86intrin.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "pre/classical.h"
#include "pre/lattice.h"
#include "pre_parties.h"
#include "tablinum/seal/fhe.h"

namespace tablinum::seal::pre {
namespace {

/// The first is the fixed one, the others are random.
constexpr std::size_t kSecrets = 64;

/// Both classes read the same memory and do the same work before the clock starts: otherwise that is what would be measured.
struct Choice {
  std::size_t random;   ///< 1 … kSecrets − 1
  std::uint64_t mask;   ///< all ones: take that one, else the fixed one
};
template <class To, class From>
void blend(To& to, const From& fixed, const From& random, const Choice& choice) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = fixed[i] ^ ((fixed[i] ^ random[i]) & choice.mask);
}

/// Of what takes long: a fraction.
std::size_t measurements(std::size_t part = 1) { return std::getenv("TABLINUM_LONG_TESTS") != nullptr ? 200'000 / part : 6'000 / part; }

struct Sample {
  bool random;
  double cycles;
};

double welch_t(const std::vector<Sample>& samples, double limit) {
  double count[2]{}, mean[2]{}, squares[2]{};
  for (const auto& [random, cycles] : samples) {
    if (cycles > limit) continue;
    const double delta = cycles - mean[random];
    mean[random] += delta / ++count[random];
    squares[random] += delta * (cycles - mean[random]);
  }
  const double v0 = squares[0] / (count[0] - 1) / count[0], v1 = squares[1] / (count[1] - 1) / count[1];
  return (mean[0] - mean[1]) / std::sqrt(v0 + v1);
}

/// The largest |t| over several percentiles: a leak may show only where the machine did not interfere.
template <class Prepare, class Run>
double leak(Prepare prepare, Run run, std::size_t part = 1) {
  std::vector<Sample> samples(measurements(part));
  auto coins = xof(Shake::Strength::bits128, "order", {random_secret<32>().view()}, 0);
  Bytes order(2 * samples.size());
  coins.squeeze(order);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const bool random = (order[2 * i] & std::byte{1}) != std::byte{0};
    std::uint64_t mask = 0 - std::uint64_t{random};
    asm volatile("" : "+r"(mask));  // or the compiler knows that it is all or nothing, and reads one memory only
    prepare(Choice{1 + static_cast<std::size_t>(order[2 * i + 1]) % (kSecrets - 1), mask});
    unsigned cpu;
    const auto start = __rdtscp(&cpu);
    run();
    samples[i] = {random, static_cast<double>(__rdtscp(&cpu) - start)};
  }
  std::vector<double> cycles;
  for (const auto& sample : samples) cycles.push_back(sample.cycles);
  std::ranges::sort(cycles);
  double worst = 0;
  for (const double below : {0.5, 0.75, 0.9, 0.97})
    worst = std::max(worst, std::abs(welch_t(samples, cycles[static_cast<std::size_t>(below * static_cast<double>(cycles.size()))])));
  return worst;
}

constexpr double kFound = 10;  // dudect's own bound for "definitely not constant time"

/// Somebody else's load may make one run look bad; a leak is there every time.
template <class Prepare, class Run>
void expect_no_leak(const char* what, Prepare prepare, Run run, std::size_t part = 1) {
  double best = 1e9;
  for (int attempt = 0; attempt < 4 && best >= kFound; ++attempt) best = std::min(best, leak(prepare, run, part));
  std::printf("%s: |t| = %.1f over %zu runs\n", what, best, measurements(part));
  EXPECT_LT(best, kFound) << what;
}

struct Timing : ::testing::Test {
  const Ring& ring = Ring::of(Suite::kem_2048);
  Message m = Message(32, std::byte{0x5a});
  LatticeKeys owner = lattice_keys(ring, testing::seed(1)), member = lattice_keys(ring, testing::seed(2));
  LatticeRekey rekey = make_rekey(owner.secret, member.public_key, testing::seed(3));
  Words capsule = *parse_capsule(ring, encrypt(owner.public_key, m, testing::seed(4)));
  Words transformed = transform(rekey, capsule, 36, {.key = testing::seed(5).view(), .delegation = {}, .capsule = {}});
};

TEST_F(Timing, AControlThatLeaksIsFound) {
  std::vector<Poly> secrets(kSecrets, Poly(512));
  for (std::size_t i = 1; i < kSecrets; ++i) secrets[i][511 - 7 * i] = 1;
  const Poly zero(512);
  Poly working(512);
  volatile bool sink = false;
  const auto t = leak([&](const Choice& choice) { blend(working, secrets[0], secrets[choice.random], choice); },
                      [&] {
                        std::size_t at = 0;
                        while (at < working.size() && working[at] == zero[at]) ++at;
                        sink = at == working.size();
                      });
  EXPECT_GT(t, kFound);
}

TEST_F(Timing, Decrypt) {
  std::vector<SecretPoly> secrets;
  for (std::size_t i = 0; i < kSecrets; ++i) secrets.push_back(lattice_keys(ring, random_secret<32>()).secret.s);
  auto working = member.secret;
  expect_no_leak("decrypt", [&](const Choice& choice) { blend(working.s, secrets[0], secrets[choice.random], choice); },
                 [&] { (void)decrypt(working, transformed); });
}

TEST_F(Timing, Decode) {
  std::vector<SecretPoly> phases{SecretPoly(256, ring.q() / 4)};  // the fixed one is all zero bits, on the edge
  for (std::size_t i = 1; i < kSecrets; ++i) {
    SecretPoly v(256, 0);
    sample_flood(ring, 36, {random_secret<32>().view()}, v.data(), v.size());
    for (std::size_t j = 0; j < v.size(); j += 1 + i % 3) v[j] = (v[j] + ring.q() / 2) % ring.q();
    phases.push_back(std::move(v));
  }
  SecretPoly working(256);
  expect_no_leak("decode", [&](const Choice& choice) { blend(working, phases[0], phases[choice.random], choice); },
                 [&] {
                   for (int repeat = 0; repeat < 8; ++repeat) (void)decide(ring, working);
                 });
}

TEST_F(Timing, Transform) {
  std::vector<LatticeRekey> rekeys;
  std::vector<Poly> floods(kSecrets, Poly(4));
  for (auto& words : floods) {
    rekeys.push_back(make_rekey(owner.secret, member.public_key, random_secret<32>()));
    fill_random(std::as_writable_bytes(std::span{words}));
  }
  auto working = rekey;
  Poly flood(4);
  expect_no_leak("transform",
                 [&](const Choice& choice) {
                   for (std::size_t row = 0; row < 2; ++row) {
                     blend(working.beta[row], rekeys[0].beta[row], rekeys[choice.random].beta[row], choice);
                     blend(working.theta[row], rekeys[0].theta[row], rekeys[choice.random].theta[row], choice);
                   }
                   blend(flood, floods[0], floods[choice.random], choice);
                 },
                 [&] {
                   (void)transform(working, capsule, 36, {.key = std::as_bytes(std::span{flood}), .delegation = {}, .capsule = {}});
                 });
}

/// The ristretto255 half. The fixed scalar is 2: one bit, where a multiplication that skips zeros would be fastest.
struct ClassicalTiming : ::testing::Test {
  using Words = std::array<std::uint64_t, 4>;
  ClassicalTiming() {
    scalars[0] = {2, 0, 0, 0};
    for (std::size_t i = 1; i < kSecrets; ++i) std::memcpy(scalars[i].data(), classical_keys(random_secret<32>()).secret.view().data(), 32);
  }
  void take(const Choice& choice) {
    blend(words, scalars[0], scalars[choice.random], choice);
    secret = Scalar{std::span<const std::byte, 32>{std::as_bytes(std::span{words})}};
  }

  std::vector<Words> scalars = std::vector<Words>(kSecrets);
  Words words{};
  Scalar secret;
  ClassicalKeys owner = classical_keys(testing::seed(1)), member = classical_keys(testing::seed(2));
  Digest context = testing::digest(3), info = testing::digest(4);
  WideSeed coins = random_secret<64>();
  ClassicalSecret sent = encapsulate(owner.public_key, context.view(), coins, random_secret<64>());
  ClassicalRekey rekey = *make_rekey(owner.secret, owner.public_key, member.public_key, info.view(), coins);
};

TEST_F(ClassicalTiming, Open) {
  const auto fragment = reencrypt(rekey, sent.capsule, owner.public_key, context.view(), testing::seed(5), info.view()).value();
  expect_no_leak("ristretto255, open", [&](const Choice& choice) { take(choice); },
                 [&] { (void)open_fragment(secret, member.public_key, fragment, owner.public_key, info.view()); }, 4);
}

TEST_F(ClassicalTiming, Rekey) {
  expect_no_leak("ristretto255, rekey", [&](const Choice& choice) { take(choice); },
                 [&] { (void)make_rekey(secret, owner.public_key, member.public_key, info.view(), coins); }, 4);
}

TEST_F(ClassicalTiming, Transform) {
  expect_no_leak("ristretto255, transform",
                 [&](const Choice& choice) {
                   take(choice);
                   rekey.rk = secret;
                 },
                 [&] { (void)reencrypt(rekey, sent.capsule, owner.public_key, context.view(), testing::seed(5), info.view()); }, 4);
}

TEST_F(ClassicalTiming, PublicKey) {
  expect_no_leak("ristretto255, public key", [&](const Choice& choice) { take(choice); }, [&] { (void)times_base(secret); }, 2);
}

/// The vector scheme's decryption. The fixed key is zero: what is decrypted is then the ciphertext's first half, as it is.
TEST(VectorTiming, Decrypt) {
  const auto cc = fhe::context().value();
  auto keys = fhe::generate_keys(cc);
  const auto ciphertext = fhe::encrypt(keys.public_key, std::vector<std::int64_t>{1, 2, 65'000, 4}).value();
  std::vector<fhe::SecretWords> secrets{fhe::SecretWords(keys.secret_key.s_mont.size())};
  for (std::size_t i = 1; i < kSecrets; ++i) secrets.push_back(fhe::generate_keys(cc).secret_key.s_mont);
  expect_no_leak("vectors, decrypt", [&](const Choice& choice) { blend(keys.secret_key.s_mont, secrets[0], secrets[choice.random], choice); },
                 [&] { (void)fhe::decrypt(keys.secret_key, ciphertext); }, 4);
}

}  // namespace
}  // namespace tablinum::seal::pre
