// For valgrind: marks secrets as undefined memory, so that memcheck reports every branch and every address that depends on them.
// Run by pre_taint.sh. With an argument it branches on a secret on purpose: memcheck must notice, or the run above proves nothing.
#include <valgrind/memcheck.h>

#include <cstdio>

#include "pre/lattice.h"
#include "pre_parties.h"

namespace tablinum::seal::pre {
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

}  // namespace
}  // namespace tablinum::seal::pre

int main(int count, char**) {
  using namespace tablinum::seal::pre;
  int wrong = 0;
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096})
    for (const auto backend : backends_for(shape_of(suite))) {
      wrong |= run(suite, backend, count > 1);
      std::printf("%s, implementation %d\n", std::string{to_string(suite)}.c_str(), static_cast<int>(backend));
    }
  return wrong;
}
