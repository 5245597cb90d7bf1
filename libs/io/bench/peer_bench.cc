/// One measurement a process, for bench/io.py, which runs it in turn with the same program on tokio and on Go (bench/peers/io).
///   io_peer_bench MODEL spawn|yield|channel|timers COUNT     prints ns of CPU for each
///   io_peer_bench MODEL idle COUNT                           prints bytes for each waiting task
///   io_peer_bench MODEL echo                                 prints its port and serves until it is killed
///   io_peer_bench MODEL ask PORT CONNECTIONS REQUESTS        64 bytes there and back, so often in all
/// MODEL: stackless, green.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tablinum/io/channel.h"
#include "tablinum/io/net.h"
#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"

namespace tablinum::io {
namespace {

constexpr int kBatch = 1'000;
constexpr Size kEchoBytes = 64;

double cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& time) { return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3; };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

double resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  double total = 0;
  double pages = 0;
  file >> total >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

Task<int> constant(int value) { co_return value; }

Task<void> spawn(Io& io, int count) {
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < kBatch; ++i) scope.spawn(constant(i)).keep();
    co_return;
  };
  for (int i = 0; i < count / kBatch; ++i) co_await with_scope(io, body);
}

Task<void> yields(Io& io, int count) {
  for (int i = 0; i < count; ++i) static_cast<void>(co_await yield(io));
}

Task<void> channel(Io& io, int count) {
  LocalChannel<int> to{io, 1};
  LocalChannel<int> back{io, 1};
  auto echo = [&]() -> Task<void> {
    for (;;) {
      auto value = co_await to.receive();
      if (!value) co_return;
      static_cast<void>(co_await back.send(*value));
    }
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(echo()).keep();
    for (int i = 0; i < count; ++i) {
      int value = i;
      static_cast<void>(co_await to.send(value));
      static_cast<void>(co_await back.receive());
    }
    to.close();
  };
  co_await with_scope(io, body);
}

Task<void> timers(Io& io, int count) {
  auto sleeper = [&](int i) -> Task<void> { static_cast<void>(co_await sleep(io, Duration::milliseconds(1'000 + i * 7'919LL % 2'000))); };
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < count; ++i) scope.spawn(sleeper(i)).keep();
    co_return;
  };
  co_await with_scope(io, body);
}

Task<void> idle(Io& io, int count) {
  Event stop{io};
  auto waiter = [&]() -> Task<void> { static_cast<void>(co_await stop.wait()); };
  auto body = [&](Scope& scope) -> Task<void> {
    const double before = resident_bytes();
    for (int i = 0; i < count; ++i) scope.spawn(waiter()).keep();
    static_cast<void>(co_await sleep(io, Duration::milliseconds(100)));
    std::printf("%.1f\n", (resident_bytes() - before) / count);
    stop.set();
  };
  co_await with_scope(io, body);
}

Task<void> answer(TcpSocket socket) {
  std::array<std::byte, 4'096> buffer;
  for (;;) {
    const auto got = co_await socket.read(buffer);
    if (!got || *got == 0) co_return;
    const ByteView view{buffer.data(), *got};
    if (!co_await socket.write_all(view)) co_return;
  }
}

Task<void> echo(Io& io) {
  auto listener = listen(io, Endpoint::from_ip("127.0.0.1", 0).value()).value();
  std::printf("%d\n", static_cast<int>(listener.local().port()));
  std::fflush(stdout);
  auto body = [&](Scope& scope) -> Task<void> {
    for (;;) scope.spawn(answer((co_await listener.accept()).value())).keep();
  };
  co_await with_scope(io, body);
}

Task<void> ask(Io& io, std::uint16_t port, int connections, int requests) {
  auto client = [&]() -> Task<void> {
    auto socket = (co_await connect(io, Endpoint::from_ip("127.0.0.1", port).value())).value();
    std::array<std::byte, kEchoBytes> data{};
    const ByteView view{data};
    for (int i = 0; i < requests / connections; ++i) {
      (co_await socket.write_all(view)).value();
      (co_await socket.read_exactly(data)).value();
    }
  };
  auto body = [&](Scope& scope) -> Task<void> {
    for (int i = 0; i < connections; ++i) scope.spawn(client()).keep();
    co_return;
  };
  co_await with_scope(io, body);
}

int measure(int argc, char** argv) {
  const auto number = [&](int at) { return argc > at ? std::atoi(argv[at]) : 0; };
  if (argc < 3) return 2;
  const std::string model = argv[1];
  const std::string what = argv[2];
  auto io = model == "green" ? make_green_threads_io().value() : make_stackless_io().value();
  const int count = number(3);
  const double before = cpu_ns();
  if (what == "spawn") run(*io, spawn(*io, count));
  if (what == "yield") run(*io, yields(*io, count));
  if (what == "channel") run(*io, channel(*io, count));
  if (what == "timers") run(*io, timers(*io, count));
  if (what == "echo") run(*io, echo(*io));
  if (what == "ask") {
    run(*io, ask(*io, static_cast<std::uint16_t>(count), number(4), number(5)));
  } else if (what == "idle") {
    run(*io, idle(*io, count));
  } else {
    std::printf("%.1f\n", (cpu_ns() - before) / count);
  }
  return 0;
}

}  // namespace
}  // namespace tablinum::io

int main(int argc, char** argv) { return tablinum::io::measure(argc, argv); }
