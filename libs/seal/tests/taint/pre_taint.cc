// For valgrind: marks secrets as undefined memory, so that memcheck reports every branch and every address that depends on them.
// Run by pre_taint.sh. With an argument it branches on a secret on purpose: memcheck must notice, or the run above proves nothing.
#include <valgrind/memcheck.h>

#include <cstdio>

#include "pre/classical.h"
#include "pre/lattice.h"
#include "pre_parties.h"
#include "tablinum/seal/fhe.h"

namespace tablinum::seal::pre {

bool told(bool outcome) noexcept {
  VALGRIND_MAKE_MEM_DEFINED(&outcome, sizeof outcome);
  return outcome;
}

namespace {

template <class Values>
void poison(Values& values) {
  VALGRIND_MAKE_MEM_UNDEFINED(values.data(), values.size() * sizeof(values[0]));
}
template <class Values>
void publish(Values& values) {
  VALGRIND_MAKE_MEM_DEFINED(values.data(), values.size() * sizeof(values[0]));
}
Seed secret_seed(std::uint8_t number) {
  auto seed = testing::seed(number);
  VALGRIND_MAKE_MEM_UNDEFINED(seed.mutable_view().data(), 32);
  return seed;
}

int run(Suite suite, Backend backend, bool on_purpose) {
  const Ring ring{shape_of(suite), backend};
  // The seeds themselves stay defined: the public ρ comes from the same stream, and its expansion is free to branch.
  auto owner = lattice_keys(ring, testing::seed(1)), member = lattice_keys(ring, testing::seed(2));
  poison(owner.secret.s);
  poison(member.secret.s);
  Message m(32, std::byte{0x5a});
  poison(m);
  auto capsule = encrypt(owner.public_key, m, secret_seed(3));
  publish(capsule);  // what is sent is public from here on
  auto rekey = make_rekey(owner.secret, member.public_key, secret_seed(4));
  const auto flood = secret_seed(5);
  auto words = transform(rekey, *parse_capsule(ring, capsule), ring.shape().flood_bits, {.key = flood.view(), .delegation = {}, .capsule = {}});
  auto transformed = serialise_transformed(ring, words);
  publish(transformed);
  auto opened = decrypt(member.secret, parse_transformed(ring, transformed));
  if (on_purpose && opened[0] == m[0]) std::puts("a branch on a secret");
  publish(opened);
  publish(m);
  return opened == m ? 0 : 1;
}

/// What key generation does with its secret seed: the samplers, and b = e − a·s.
int run_key_generation(Suite suite, Backend backend) {
  const Ring ring{shape_of(suite), backend};
  const auto sigma = secret_seed(6);
  SecretPoly s(ring.n(), 0), e(ring.n(), 0), product(ring.n(), 0);
  sample_2(ring, sigma, 0, s.data(), s.size());
  sample_21(ring, sigma, 1, e.data(), e.size());
  ring.forward(s.data());
  ring.forward(e.data());
  const auto a = expand_a(ring, testing::seed(7).view());
  ring.multiply(product.data(), a.data(), s.data());
  ring.subtract(e.data(), product.data(), ring.n());
  publish(e);
  return e == SecretPoly(ring.n(), 0) ? 1 : 0;
}

WideSeed secret_coins(std::uint8_t number) {
  WideSeed coins;
  std::ranges::fill(coins.mutable_view(), std::byte{number});
  VALGRIND_MAKE_MEM_UNDEFINED(coins.mutable_view().data(), 64);
  return coins;
}

/// The ristretto255 half: everybody's secrets are marked, what is sent is published.
int run_classical() {
  auto owner = classical_keys(secret_seed(1)), member = classical_keys(secret_seed(2));
  publish(owner.public_key);
  publish(member.public_key);
  const auto context = testing::digest(3), info = testing::digest(4);
  auto sent = encapsulate(owner.public_key, context.view(), secret_coins(5), secret_coins(6));
  publish(sent.capsule.e);
  publish(sent.capsule.v);
  publish(sent.capsule.s);
  auto rekey = make_rekey(owner.secret, owner.public_key, member.public_key, info.view(), secret_coins(7));
  VALGRIND_MAKE_MEM_DEFINED(&rekey, sizeof rekey);  // whether there is one
  if (!rekey) return 1;
  VALGRIND_MAKE_MEM_UNDEFINED(rekey->rk.mutable_view().data(), 32);
  auto fragment = reencrypt(*rekey, sent.capsule, owner.public_key, context.view(), secret_seed(8), testing::digest(9).view());
  VALGRIND_MAKE_MEM_DEFINED(&fragment, sizeof fragment);
  if (!fragment) return 1;
  auto key = open_fragment(member.secret, member.public_key, *fragment, owner.public_key, info.view());
  VALGRIND_MAKE_MEM_DEFINED(&key, sizeof key);
  VALGRIND_MAKE_MEM_DEFINED(sent.key.mutable_view().data(), 32);
  return key && *key == sent.key ? 0 : 1;
}

/// The vector scheme: decryption and the making of a rekey under a marked key.
int run_vectors() {
  const auto cc = fhe::context().value();
  auto alice = fhe::generate_keys(cc), bob = fhe::generate_keys(cc);
  const std::vector<std::int64_t> values{1, 2, 65'000, 4};
  const auto ciphertext = fhe::encrypt(alice.public_key, values).value();
  poison(alice.secret_key.s_mont);
  poison(bob.secret_key.s_mont);
  auto rekey = fhe::make_rekey(alice.secret_key, bob.public_key).value();
  for (auto* rows : {&rekey.theta_mont, &rekey.beta_mont})
    for (auto& row : *rows) publish(row);
  auto opened = fhe::decrypt(bob.secret_key, fhe::reencrypt(rekey, ciphertext).value()).value();
  publish(opened);
  return opened[0] == 1 && opened[2] == 65'000 - 65'537 && opened[5] == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tablinum::seal::pre

int main(int count, char**) {
  using namespace tablinum::seal::pre;
  int wrong = 0;
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096})
    for (const auto backend : backends_for(shape_of(suite))) {
      wrong |= run(suite, backend, count > 1) | run_key_generation(suite, backend);
      std::printf("%s, implementation %d\n", std::string{to_string(suite)}.c_str(), static_cast<int>(backend));
    }
  wrong |= run_classical();
  std::puts("ristretto255");
  wrong |= run_vectors();
  std::puts("vectors");
  return wrong;
}
