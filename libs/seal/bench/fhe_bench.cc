// Operations of the fhe profile at the reference's parameters; bench/fhe_peer.py runs the same of OpenFHE beside them.
#include <benchmark/benchmark.h>

#include "fhe/context.h"

namespace tablinum::seal::fhe {
namespace {

struct Fixture {
  ContextPtr of = context().value();
  KeyPair alice = generate_keys(of), bob = generate_keys(of);
  ReKey rekey = make_rekey(alice.secret_key, bob.public_key).value();
  std::vector<std::int64_t> values = std::vector<std::int64_t>(8192, 12345);
  Ciphertext ciphertext = encrypt(alice.public_key, values).value();
};
const Fixture& fixture() {
  static const Fixture one;
  return one;
}

void BM_Keygen(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(generate_keys(fixture().of));
}
void BM_Encrypt(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(encrypt(fixture().alice.public_key, fixture().values));
}
void BM_Rekey(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_rekey(fixture().alice.secret_key, fixture().bob.public_key));
}
void BM_Reencrypt(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(reencrypt(fixture().rekey, fixture().ciphertext));
}
void BM_Decrypt(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(decrypt(fixture().alice.secret_key, fixture().ciphertext));
}
void BM_EncryptBatch(benchmark::State& state) {
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(0)));
  const std::vector<std::int64_t> values(64 * 8192, 12345);
  for (auto _ : state) benchmark::DoNotOptimize(encrypt_all(fixture().alice.public_key, values, Encoding::packed, *pool));
  state.SetItemsProcessed(state.iterations() * 64);
}
void BM_Ntt(benchmark::State& state, const FheKernels* kernels) {
  const auto tables = fixture().of->internals().limbs[0].limb();
  Words x(8192, 5);
  for (auto _ : state) kernels->ntt(x.data(), &tables);
}
void BM_InverseNtt(benchmark::State& state, const FheKernels* kernels) {
  const auto& limb = fixture().of->internals().limbs[0];
  const auto tables = limb.limb();
  Words x(8192, 5);
  for (auto _ : state) kernels->inverse_ntt(x.data(), &tables, limb.n_inverse.value, limb.n_inverse.companion);
}

BENCHMARK(BM_Keygen)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Encrypt)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Rekey)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Reencrypt)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Decrypt)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_EncryptBatch)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(BM_Ntt, portable, &fhe_kernels_portable)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Ntt, best, &best_kernels())->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_InverseNtt, portable, &fhe_kernels_portable)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_InverseNtt, best, &best_kernels())->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tablinum::seal::fhe
