/// Sealed files in memory and in batches. The rows of whole processes, and peers, are in bench/seal_files.py.
#include <benchmark/benchmark.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "tablinum/seal/identity.h"
#include "tablinum/seal/sealed_file.h"

namespace tablinum::seal {
namespace {

const SymmetricKey& symmetric() {
  static const SymmetricKey key{random_secret<32>()};
  return key;
}

struct Person {
  ExchangeSecretKey secret{random_secret<32>(), random_secret<64>()};
  std::unique_ptr<Recipient> recipient = make_identity_recipient(secret.public_key());
  std::unique_ptr<Opener> opener = make_identity_opener(secret);
};
const Person& person() {
  static const Person one;
  return one;
}

Cipher cipher_of(const benchmark::State& state) { return static_cast<Cipher>(state.range(1)); }

/// Arguments: bytes, cipher, threads.
void BM_SealInMemory(benchmark::State& state) {
  const Bytes plain(static_cast<std::size_t>(state.range(0)));
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(2)));
  const Recipient* recipient = &symmetric();
  Bytes sealed;  // its memory is there before the first round, as a caller's is who seals more than one thing
  const auto once = [&] { return seal(plain, sealed, {&recipient, 1}, {.cipher = cipher_of(state)}, {.executor = pool.get()}).has_value(); };
  if (!once()) state.SkipWithError("seal");
  for (auto _ : state) benchmark::DoNotOptimize(once());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
void BM_OpenInMemory(benchmark::State& state) {
  const Bytes plain(static_cast<std::size_t>(state.range(0)));
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(2)));
  const Recipient* recipient = &symmetric();
  const Opener* opener = &symmetric();
  Bytes sealed;
  Bytes opened;
  if (!seal(plain, sealed, {&recipient, 1}, {.cipher = cipher_of(state)})) state.SkipWithError("seal");
  const auto once = [&] { return open(sealed, opened, {&opener, 1}, {}, {.executor = pool.get()}).has_value(); };
  if (!once()) state.SkipWithError("open");
  for (auto _ : state) benchmark::DoNotOptimize(once());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
void arguments(benchmark::internal::Benchmark* rows) {
  rows->ArgsProduct({{1 << 20, 64 << 20}, {1, 2}, {1, 2}})->ArgNames({"bytes", "cipher", "threads"})->UseRealTime()->MeasureProcessCPUTime();
  rows->Args({10 << 10, 1, 1});
}
BENCHMARK(BM_SealInMemory)->Apply(arguments);
BENCHMARK(BM_OpenInMemory)->Apply(arguments);

/// The primitive alone, 64 KiB at a time: what the chunks could reach.
void BM_AeadAlone(benchmark::State& state) {
  const Bytes plain(65536);
  Bytes out(65536 + kAeadTagBytes);
  const Aead aead{static_cast<Cipher>(state.range(0)), random_secret<32>().view()};
  const Bytes nonce(nonce_bytes(aead.cipher()));
  for (auto _ : state) aead.seal(nonce, {}, plain, out);
  state.SetBytesProcessed(state.iterations() * 65536);
}
BENCHMARK(BM_AeadAlone)->Arg(1)->Arg(2)->ArgName("cipher");

/// A folder of small files, in a file system in memory where there is one.
struct Folder {
  explicit Folder(std::size_t files) : path{(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + std::string{"/seal_bench"}} {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    const Bytes content(10 << 10, std::byte{7});
    for (std::size_t i = 0; i < files; ++i) {
      const std::string name = path + "/" + std::to_string(i);
      auto sink = create_sink(name).value();
      if (!sink->write(content) || !sink->finish()) std::abort();
      seal_jobs.push_back({name, name + ".sealed"});
      open_jobs.push_back({name + ".sealed", name + ".opened"});
    }
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
  std::vector<FileJob> seal_jobs, open_jobs;
};
constexpr std::size_t kFiles = 10'000;
Folder& folder() {
  static Folder one{kFiles};
  return one;
}

/// As a first run finds it: no output is there.
void remove_outputs(const std::vector<FileJob>& jobs) {
  for (const auto& job : jobs) unlink(job.out.c_str());
}

/// Arguments: hybrid, threads.
void BM_SealFiles(benchmark::State& state) {
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(1)));
  const Recipient* recipient = state.range(0) != 0 ? person().recipient.get() : &symmetric();
  std::atomic<std::size_t> failed = 0;
  const auto done = [&](std::size_t, const Result<std::uint64_t>& result) { return failed += !result, true; };
  remove_outputs(folder().seal_jobs);
  for (auto _ : state) {
    seal_files(folder().seal_jobs, {&recipient, 1}, {}, {}, *pool, done);
    state.PauseTiming();
    remove_outputs(folder().seal_jobs);
    state.ResumeTiming();
  }
  if (failed != 0) state.SkipWithError("seal");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kFiles));
}
void BM_OpenFiles(benchmark::State& state) {
  const auto pool = make_thread_pool(static_cast<unsigned>(state.range(1)));
  const Opener* opener = state.range(0) != 0 ? person().opener.get() : &symmetric();
  const Recipient* recipient = state.range(0) != 0 ? person().recipient.get() : &symmetric();
  std::atomic<std::size_t> failed = 0;
  const auto done = [&](std::size_t, const Result<std::uint64_t>& result) { return failed += !result, true; };
  seal_files(folder().seal_jobs, {&recipient, 1}, {}, {.existing = Existing::replace}, *pool, done);
  remove_outputs(folder().open_jobs);
  for (auto _ : state) {
    open_files(folder().open_jobs, {&opener, 1}, {}, {}, *pool, done);
    state.PauseTiming();
    remove_outputs(folder().open_jobs);
    state.ResumeTiming();
  }
  if (failed != 0) state.SkipWithError("open");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kFiles));
}
BENCHMARK(BM_SealFiles)->ArgsProduct({{0, 1}, {1, 2}})->ArgNames({"hybrid", "threads"})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_OpenFiles)->ArgsProduct({{0, 1}, {1, 2}})->ArgNames({"hybrid", "threads"})->UseRealTime()->Unit(benchmark::kMillisecond);

/// Zeros, as many as are wanted.
class Zeros final : public Source {
 public:
  explicit Zeros(std::uint64_t bytes) : left_{bytes} {}
  Result<std::size_t> read(MutableBytes into) override {
    const auto count = std::min<std::uint64_t>(into.size(), left_);
    left_ -= count;
    return count;
  }

 private:
  std::uint64_t left_;
};

/// 1 MiB in the middle of a file on the disk (in memory where there is a file system there), opening it included.
void BM_RangeRead(benchmark::State& state) {
  const Recipient* recipient = person().recipient.get();
  const Opener* opener = person().opener.get();
  const auto bytes = static_cast<std::uint64_t>(state.range(0));
  const std::string path = folder().path + "/large";
  Zeros zeros{bytes};
  const auto pool = make_thread_pool();
  auto sink = create_sink(path, {.existing = Existing::replace}).value();
  if (!seal(zeros, *sink, {&recipient, 1}, {}, {.executor = pool.get()})) state.SkipWithError("seal");
  const auto file = open_random_access(path).value();
  Bytes part(1 << 20);
  for (auto _ : state) {
    const auto opened = SealedFile::open(*file, {&opener, 1});
    if (!opened || !(*opened)->read_at(bytes / 2 + 12345, part)) state.SkipWithError("read");
  }
  std::filesystem::remove(path);
}
BENCHMARK(BM_RangeRead)->Arg(std::int64_t{4} << 30)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tablinum::seal
