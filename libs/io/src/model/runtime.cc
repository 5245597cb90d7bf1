#include "tablinum/io/runtime.h"

#include <algorithm>
#include <vector>

#if TABLINUM_IO_THREADS
#include <mutex>
#include <thread>
#endif

#include "tablinum/base/parallel.h"
#include "tablinum/io/scope.h"

namespace tablinum::io {
namespace {

#if TABLINUM_IO_THREADS
using OwnMutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;

unsigned cores_of(const RuntimeOptions& options) {
  return std::min(options.cores == 0 ? available_processors() : options.cores, kCoresMax);
}
#else
struct OwnMutex {};
struct Lock {
  explicit Lock(OwnMutex&) noexcept {}
  ~Lock() {}
};

unsigned cores_of(const RuntimeOptions&) { return 1; }
#endif

}  // namespace

struct Runtime::Impl {
  explicit Impl(const RuntimeOptions& options)
      : cores{cores_of(options)},
        model{options.model},
        cpu{options.cpu},
        files{options.files} {}

  Result<std::unique_ptr<Io>> enter(unsigned core);
  void leave(unsigned core) noexcept;
  void stop(Duration grace) noexcept;
  Result<void> run_core(const Main& main, unsigned core);

  Result<std::unique_ptr<Io>> make();

  const unsigned cores;
  const Model model;
  OffloadPool cpu;
  OffloadPool files;
  OwnMutex mutex;                // of what follows
  std::vector<Io*> reactors;     // those that run
  bool stopped = false;
  Duration grace;
};

Result<std::unique_ptr<Io>> Runtime::Impl::make() {
  const StacklessOptions pools{&cpu, &files};
  if (model == Model::stackless) return make_stackless_io(pools);
  GreenOptions options;
  options.pools = pools;
  return make_green_threads_io(options);
}

Result<std::unique_ptr<Io>> Runtime::Impl::enter(unsigned core) {
  TRY(io, make());
  const Lock lock{mutex};
  reactors[core] = io.get();
  if (stopped) io->stop(grace);
  return std::move(io);
}

void Runtime::Impl::leave(unsigned core) noexcept {
  const Lock lock{mutex};
  reactors[core] = nullptr;
}

void Runtime::Impl::stop(Duration limit) noexcept {
  const Lock lock{mutex};
  stopped = true;
  grace = limit;
  for (Io* io : reactors) {
    if (io != nullptr) io->stop(limit);
  }
}

Result<void> Runtime::Impl::run_core(const Main& main, unsigned core) {
  auto io = enter(core);
  auto result = io ? tablinum::io::run(**io, main(**io, core)) : Result<void>{std::unexpected(std::move(io).error())};
  if (io) leave(core);
  if (!result) stop(Duration{0});
  return result;
}

Runtime::Runtime(RuntimeOptions options) : impl_{std::make_unique<Impl>(options)} {}

Runtime::~Runtime() = default;

Result<void> Runtime::run(const Main& main) {
  {
    const Lock lock{impl_->mutex};
    impl_->reactors.assign(impl_->cores, nullptr);
  }
  std::vector<Result<void>> results(impl_->cores);
#if TABLINUM_IO_THREADS
  std::vector<std::thread> threads;
  for (unsigned core = 1; core < impl_->cores; ++core) {
    threads.emplace_back([&, core] { results[core] = impl_->run_core(main, core); });
  }
#endif
  results[0] = impl_->run_core(main, 0);
#if TABLINUM_IO_THREADS
  for (std::thread& thread : threads) thread.join();
#endif
  // The first error stopped the others, which then report `cancelled`: the cause is the other one.
  const auto failed = [](const Result<void>& result) { return !result; };
  const auto cause = [](const Result<void>& result) { return !result && result.error().code != Code::cancelled; };
  auto found = std::ranges::find_if(results, cause);
  if (found == results.end()) found = std::ranges::find_if(results, failed);
  return found == results.end() ? Result<void>{} : *found;
}

void Runtime::stop(Duration grace) noexcept { impl_->stop(grace); }

unsigned Runtime::cores() const noexcept { return impl_->cores; }

OffloadPool& Runtime::cpu_pool() noexcept { return impl_->cpu; }

OffloadPool& Runtime::file_pool() noexcept { return impl_->files; }

}  // namespace tablinum::io
