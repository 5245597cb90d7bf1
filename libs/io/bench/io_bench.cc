/// What a task, a switch and a channel cost (design targets: docs of the module). One iteration is one operation unless said.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <thread>

#include "tablinum/io/channel.h"
#include "tablinum/io/file.h"
#include "tablinum/io/net.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"

namespace tablinum::io {
namespace {

constexpr int kBatch = 1'000;

std::unique_ptr<Io> make(int model) {
  if (model == 0) return make_stackless_io().value();
  if (model == 3) return make_green_threads_io().value();
  return model == 1 ? make_blocking_io().value() : make_thread_pool_io().value();
}

Task<int> constant(int value) { co_return value; }

Task<std::int64_t> call_and_await(int count) {
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await constant(i);
  co_return sum;
}

void BM_CallAndAwait(benchmark::State& state) {
  auto io = make(0);
  for (auto _ : state) benchmark::DoNotOptimize(run(*io, call_and_await(kBatch)));
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(BM_CallAndAwait);

void BM_SpawnAndJoin(benchmark::State& state) {
  auto io = make(static_cast<int>(state.range(0)));
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < kBatch; ++i) scope.spawn(constant(i)).keep();
    co_return;
  };
  for (auto _ : state) run(*io, with_scope(*io, body));
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(BM_SpawnAndJoin)->Arg(0)->Arg(1)->Arg(2)->Arg(3)->ArgName("model");

void BM_Yield(benchmark::State& state) {
  auto io = make(static_cast<int>(state.range(0)));
  auto task = [&]() -> Task<void> {
    for (int i = 0; i < kBatch; ++i) static_cast<void>(co_await yield(*io));
  };
  for (auto _ : state) run(*io, task());
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(BM_Yield)->Arg(0)->Arg(3)->ArgName("model");

template <class Send, class Receive>
Task<void> echo_values(Receive receive, Send send) {
  for (;;) {
    auto value = co_await receive();
    if (!value) co_return;
    static_cast<void>(co_await send(*value));
  }
}

/// There and back between two tasks of one core.
template <class Open>
void channel_round_trip(benchmark::State& state, Open open) {
  auto io = make(0);
  auto there = open(*io);
  auto back = open(*io);
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(echo_values([&] { return there.receive(); }, [&](int& value) { return back.send(value); })).keep();
    for (auto _ : state) {
      int value = 1;
      static_cast<void>(co_await there.send(value));
      benchmark::DoNotOptimize(co_await back.receive());
    }
    there.close();
  };
  run(*io, with_scope(*io, body));
}

struct OpenLocal {
  struct Ends {
    LocalChannel<int> channel;
    auto send(int& value) { return channel.send(value); }
    auto receive() { return channel.receive(); }
    void close() { channel.close(); }
  };
  Ends operator()(Io& io) const { return {LocalChannel<int>{io, 1}}; }
};
struct OpenShared {
  struct Ends {
    Io& io;
    Channel<int> channel;
    auto send(int& value) { return channel.send(io, value); }
    auto receive() { return channel.receive(io); }
    void close() { channel.close(); }
  };
  Ends operator()(Io& io) const { return {io, Channel<int>{1}}; }
};
void BM_LocalChannelRoundTrip(benchmark::State& state) { channel_round_trip(state, OpenLocal{}); }
BENCHMARK(BM_LocalChannelRoundTrip);
void BM_SharedChannelRoundTrip(benchmark::State& state) { channel_round_trip(state, OpenShared{}); }
BENCHMARK(BM_SharedChannelRoundTrip);

void BM_Sleepers(benchmark::State& state) {
  auto io = make(0);
  const auto count = state.range(0);
  auto sleeper = [&](std::int64_t i) -> Task<void> {
    static_cast<void>(co_await sleep(*io, Duration::microseconds(1'000 + i * 7'919 % 100'000)));
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (std::int64_t i = 0; i < count; ++i) scope.spawn(sleeper(i)).keep();
    co_return;
  };
  for (auto _ : state) run(*io, with_scope(*io, body));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_Sleepers)->Arg(100'000)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

void BM_Offload(benchmark::State& state) {
  auto io = make(0);
  auto task = [&]() -> Task<void> {
    auto work = [] { return 1; };
    for (auto _ : state) benchmark::DoNotOptimize(co_await offload(*io, work));
  };
  run(*io, task());
}
BENCHMARK(BM_Offload)->UseRealTime();

/// 64 bytes there and back over loopback TCP, both ends on one reactor.
void BM_TcpEcho(benchmark::State& state) {
  auto io = make(0);
  auto listener = listen(*io, Endpoint::parse("127.0.0.1:0").value()).value();
  auto serve = [&]() -> Task<void> {
    auto socket = (co_await listener.accept()).value();
    std::array<std::byte, 64> buffer;
    for (;;) {
      const auto got = co_await socket.read(buffer);
      if (!got || *got == 0) co_return;
      const ByteView part{buffer.data(), *got};
      static_cast<void>(co_await socket.write_all(part));
    }
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(serve()).keep();
    auto socket = (co_await connect(*io, listener.local())).value();
    std::array<std::byte, 64> buffer{};
    const ByteView request{buffer};
    for (auto _ : state) {
      static_cast<void>(co_await socket.write_all(request));
      static_cast<void>(co_await socket.read_exactly(buffer));
    }
  };
  run(*io, with_scope(*io, body));
}
BENCHMARK(BM_TcpEcho);

/// 4 KiB written, or written and synced, by 16 tasks; args: ring or pool.
void write_pieces(benchmark::State& state, bool synced) {
  constexpr int kWriters = 16;
  StacklessOptions options;
  options.ring = state.range(0) != 0;
  auto io = make_stackless_io(options).value();
  const std::string path = "/tmp/tablinum-io-bench-" + std::to_string(::getpid());
  const Bytes data(4096, std::byte{7});
  auto open_file = [&]() -> Task<Result<File>> {
    OpenOptions how;
    how.write = how.create = true;
    co_return co_await open(*io, path, how);
  };
  File file = run(*io, open_file()).value();
  auto write_one = [&](int at) -> Task<void> {
    for (int i = 0; i < kBatch / kWriters; ++i) {
      if (!co_await file.write_at(static_cast<std::uint64_t>(at * 64 + i % 64) * 4096, data)) std::abort();
      if (synced && !co_await file.sync(SyncKind::data)) std::abort();
    }
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < kWriters; ++i) scope.spawn(write_one(i)).keep();
    co_return;
  };
  for (auto _ : state) run(*io, with_scope(*io, body));
  state.SetItemsProcessed(state.iterations() * (kBatch / kWriters) * kWriters);
  ::unlink(path.c_str());
}
void BM_FileWrite(benchmark::State& state) { write_pieces(state, false); }
BENCHMARK(BM_FileWrite)->Arg(0)->Arg(1)->ArgName("ring")->MeasureProcessCPUTime();
void BM_FileWriteAndSync(benchmark::State& state) { write_pieces(state, true); }
BENCHMARK(BM_FileWriteAndSync)->Arg(0)->Arg(1)->ArgName("ring")->MeasureProcessCPUTime();

}  // namespace
}  // namespace tablinum::io
