// Proxy re-encryption of one wrapped key: the lattice half by itself (what bench/pre_peers.py compares), then the hybrid.
// The argument is the suite; bytes in and out, as a program uses it.
#include <benchmark/benchmark.h>

#include <algorithm>

#include "pre_parties.h"
#include "pre/lattice.h"

namespace tablinum::seal::pre {
namespace {

using testing::digest;
using testing::kNow;
using testing::seed;
using testing::World;

struct Lattice {
  explicit Lattice(std::int64_t suite)
      : ring{Ring::of(static_cast<Suite>(suite))}, owner{lattice_keys(ring, seed(1))}, member{lattice_keys(ring, seed(2))},
        capsule{encrypt(owner.public_key, m, seed(3))}, rekey{make_rekey(owner.secret, member.public_key, seed(4))} {}
  Bytes transformed() const {
    return serialise_transformed(ring, transform(rekey, *parse_capsule(ring, capsule), ring.shape().flood_bits,
                                                 {.key = seed(5).view(), .delegation = seed(6).view(), .capsule = seed(7).view()}));
  }
  const Ring& ring;
  LatticeKeys owner, member;
  Message m = Message(32, std::byte{0x5a});
  Bytes capsule;
  LatticeRekey rekey;
};

/// Also the fastest tenth and the median of single runs: the mean on a busy machine is mostly the others' work.
template <class Work>
void measure(benchmark::State& state, Work work) {
  std::vector<std::int64_t> ns;
  for (auto _ : state) {
    const auto start = monotonic_now();
    benchmark::DoNotOptimize(work());
    ns.push_back((monotonic_now() - start).ns);
  }
  std::ranges::sort(ns);
  state.counters["fastest_tenth_us"] = static_cast<double>(ns[ns.size() / 10]) / 1000;
  state.counters["median_us"] = static_cast<double>(ns[ns.size() / 2]) / 1000;
}

void lattice_keygen(benchmark::State& state) {
  measure(state, [&] { return lattice_keys(Ring::of(static_cast<Suite>(state.range(0))), seed(1)); });
}
void lattice_encrypt(benchmark::State& state) {
  const Lattice lattice{state.range(0)};
  measure(state, [&] { return encrypt(lattice.owner.public_key, lattice.m, seed(3)); });
}
void lattice_rekey(benchmark::State& state) {
  const Lattice lattice{state.range(0)};
  measure(state, [&] { return make_rekey(lattice.owner.secret, lattice.member.public_key, seed(4)); });
}
void lattice_reencrypt(benchmark::State& state) {
  const Lattice lattice{state.range(0)};
  measure(state, [&] { return lattice.transformed(); });
}
void lattice_decrypt(benchmark::State& state) {
  const Lattice lattice{state.range(0)};
  const auto transformed = lattice.transformed();
  measure(state, [&] { return decrypt(lattice.member.secret, parse_transformed(lattice.ring, transformed)); });
  if (decrypt(lattice.member.secret, parse_transformed(lattice.ring, transformed)) != lattice.m) state.SkipWithError("wrong");
}

void hybrid_encapsulate(benchmark::State& state) {
  const World world{static_cast<Suite>(state.range(0))};
  measure(state, [&] { return world.stanza_bytes(); });
}
void hybrid_delegate(benchmark::State& state) {
  const World world{static_cast<Suite>(state.range(0))};
  measure(state, [&] { return world.delegate(); });
}
void hybrid_transform(benchmark::State& state) {
  World world{static_cast<Suite>(state.range(0))};
  const auto stanza = world.stanza_bytes();
  const auto delegation = world.delegate();
  measure(state, [&] { return world.proxy.transform(*CapsuleStanza::parse(stanza), digest(7), delegation, world.alice, kNow); });
}
void hybrid_open(benchmark::State& state) {
  World world{static_cast<Suite>(state.range(0))};
  const auto stanza = world.stanza();
  const auto delegation = world.delegate();
  const auto transformed = world.proxy.transform(stanza, digest(7), delegation, world.alice, kNow).value();
  measure(state, [&] { return world.open(stanza, transformed, delegation.ticket()); });
}

void transform_forward(benchmark::State& state) {
  const auto backends = backends_for(shape_of(Suite::kem_2048));
  if (static_cast<std::size_t>(state.range(0)) >= backends.size()) return state.SkipWithError("not on this processor");
  const Ring ring{shape_of(Suite::kem_2048), backends[static_cast<std::size_t>(state.range(0))]};
  Poly poly(ring.n(), 12345);
  for (auto _ : state) ring.forward(poly.data());
}

#define SUITES ->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)
BENCHMARK(lattice_keygen) SUITES;
BENCHMARK(lattice_encrypt) SUITES;
BENCHMARK(lattice_rekey) SUITES;
BENCHMARK(lattice_reencrypt) SUITES;
BENCHMARK(lattice_decrypt) SUITES;
BENCHMARK(hybrid_encapsulate) SUITES;
BENCHMARK(hybrid_delegate) SUITES;
BENCHMARK(hybrid_transform) SUITES;
BENCHMARK(hybrid_open) SUITES;
BENCHMARK(transform_forward)->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tablinum::seal::pre
