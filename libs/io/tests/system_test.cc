// What a program asks of the system besides sockets and files: names, other programs, changes of files; and what it is asked
// about itself.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "models.h"
#include "tablinum/io/diagnose.h"
#include "tablinum/io/process.h"
#include "tablinum/io/resolve.h"
#include "tablinum/io/signal.h"
#include "tablinum/io/sync.h"
#include "tablinum/io/watch_file.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class SystemCorpus : public Corpus<Model> {
 protected:
  bool real() const { return this->io.capabilities().real_kernel; }
  Result<ProcessEnd> start(ProcessOptions options) { return run(this->io, run_process(this->io, std::move(options))); }
};
TYPED_TEST_SUITE(SystemCorpus, Models, ModelNames);

// --- names ---

TYPED_TEST(SystemCorpus, AddressesAndLocalNamesAreResolved) {
  Io& io = this->io;
  EXPECT_EQ(run(io, resolve(io, "192.0.2.7", 80)).value(), std::vector{Endpoint::from_ip("192.0.2.7", 80).value()});
  EXPECT_EQ(run(io, resolve(io, "2001:db8::1", 443)).value(), std::vector{Endpoint::from_ip("2001:db8::1", 443).value()});
  const auto local = run(io, resolve(io, "localhost", 81));
  ASSERT_TRUE(local) << describe(local.error());
  ASSERT_FALSE(local->empty());
  EXPECT_TRUE(local->front().is_loopback());
  EXPECT_EQ(local->front().port(), 81);
}

TYPED_TEST(SystemCorpus, WhatCannotBeANameIsInvalid) {
  Io& io = this->io;
  EXPECT_EQ(code_of(run(io, resolve(io, "", 80))), Code::invalid);
  EXPECT_EQ(code_of(run(io, resolve(io, std::string(kHostNameBytesMax + 1, 'a'), 80))), Code::invalid);
  EXPECT_EQ(code_of(run(io, resolve(io, std::string("a\0b", 3), 80))), Code::invalid);
  // A name with a label too long cannot exist, so no server is asked.
  const auto none = run(io, resolve(io, std::string(200, 'x'), 80));
  EXPECT_FALSE(none);
}

TYPED_TEST(SystemCorpus, ALookUpCanBeGivenUp) {
  Io& io = this->io;
  const auto given_up = run(io, timeout(io, Duration{0}, resolve(io, "localhost", 80)));
  EXPECT_TRUE(given_up || given_up.error().code == Code::timeout) << describe(given_up.error());
}

TEST(SimulatedNames, AreTheHosts) {
  SimWorld world{1};
  world.host("server");
  auto ask = [&](Io& io) -> Task<Result<void>> {
    CO_TRY(found, co_await resolve(io, "server", 80));
    EXPECT_EQ(found, std::vector{world.host("server").endpoint(80)});
    EXPECT_EQ(code_of(co_await resolve(io, "nobody", 80)), Code::not_found);
    co_return {};
  };
  world.host("client").start([&](Io& io) { return ask(io); });
  EXPECT_TRUE(world.run());
}

// --- programs ---

ProcessOptions shell(std::string script) {
  ProcessOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", std::move(script)};
  return options;
}

TYPED_TEST(SystemCorpus, AProgramReadsItsInputAndItsOutputComesBack) {
  auto options = shell("cat; echo problem >&2; echo \"$NAME\"; pwd; exit 3");
  options.input = Bytes(100'000, std::byte{'x'});
  options.environment = {"NAME=value"};
  options.directory = "/";
  const auto end = this->start(options);
  if (!this->real()) {
    EXPECT_EQ(code_of(end), Code::unsupported);
    return;
  }
  ASSERT_TRUE(end) << describe(end.error());
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->signal, 0);
  EXPECT_EQ(text_of(end->output), std::string(100'000, 'x') + "problem\nvalue\n/\n");
}

TYPED_TEST(SystemCorpus, ASignalsEndIsTold) {
  if (!this->real()) return;  // AProgramReadsItsInput… has asserted `unsupported`
  auto options = shell("echo lost >&2; kill -9 $$");
  options.errors = ProcessOptions::Errors::discard;
  const auto end = this->start(options);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, -1);
  EXPECT_EQ(end->signal, SIGKILL);
  EXPECT_TRUE(end->output.empty());
}

TYPED_TEST(SystemCorpus, ProcessErrors) {
  if (!this->real()) return;
  ProcessOptions options;
  EXPECT_EQ(code_of(this->start(options)), Code::invalid);
  options.program = "/nowhere/program";
  EXPECT_EQ(code_of(this->start(options)), Code::not_found);
  options.program = "/etc/passwd";
  EXPECT_EQ(code_of(this->start(options)), Code::denied);
  options = shell("true");
  options.arguments.push_back(std::string("a\0b", 3));
  EXPECT_EQ(code_of(this->start(options)), Code::invalid);
  options = shell("true");
  options.output_bytes_max = kProcessOutputBytesMax + 1;
  EXPECT_EQ(code_of(this->start(options)), Code::invalid);
}

/// No child of this process is left, not even a zombie.
void expect_no_children() {
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  EXPECT_EQ(errno, ECHILD);
}

TYPED_TEST(SystemCorpus, TooMuchOutputEndsTheProgram) {
  if (!this->real()) return;
  auto options = shell("yes");
  options.program = "/usr/bin/yes";
  options.arguments = {};
  options.output_bytes_max = 200'000;
  EXPECT_EQ(code_of(this->start(options)), Code::too_large);
  options = shell("printf 12345");
  options.output_bytes_max = 5;
  EXPECT_EQ(text_of(this->start(options)->output), "12345");
  options.output_bytes_max = 4;
  EXPECT_EQ(code_of(this->start(options)), Code::too_large);
  expect_no_children();
}

TYPED_TEST(SystemCorpus, ACancelledProgramIsAskedThenKilledAndReaped) {
  if (!this->real()) return;
  Io& io = this->io;
  for (const bool deaf : {false, true}) {
    auto options = shell(deaf ? "trap '' TERM; while :; do sleep 0.02; done" : "exec sleep 100");
    options.grace = deaf ? Duration::milliseconds(50) : Duration::seconds(20);
    EXPECT_EQ(code_of(run(io, timeout(io, Duration::milliseconds(100), run_process(io, options)))), Code::timeout);
    expect_no_children();
  }
}

// --- files that change ---

TYPED_TEST(SystemCorpus, AFileThatIsMadeWrittenReplacedOrRemovedIsNoticed) {
  Io& io = this->io;
  std::string folder = "/tmp/watched";
  if (this->real()) {
    folder = testing::TempDir() + "/tablinum-io-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  } else {
    ASSERT_TRUE(run(io, make_directory(io, folder)));
  }
  auto task = [&]() -> Task<Result<void>> {
    const std::string path = folder + "/certificate";
    CO_TRY(watch, co_await FileWatch::open(io, path));
    EXPECT_EQ(code_of(co_await timeout(io, Duration::milliseconds(20), watch.changed())), Code::timeout);
    CO_CHECK_OK(co_await replace_atomically(io, path, bytes_of("one")));
    CO_CHECK_OK(co_await timeout(io, kLong, watch.changed()));
    CO_CHECK_OK(co_await replace_atomically(io, path, bytes_of("other")));
    CO_CHECK_OK(co_await timeout(io, kLong, watch.changed()));
    CO_CHECK_OK(co_await remove(io, path));
    CO_CHECK_OK(co_await timeout(io, kLong, watch.changed()));
    co_return {};
  };
  const auto done = run(io, task());
  EXPECT_TRUE(done) << describe(done.error());
}

// --- what it is asked about itself ---

Task<Result<void>> wait_inside(Event& event) { co_return co_await event.wait(); }
Task<Result<void>> wait_outside(Event& event) { co_return co_await wait_inside(event); }

TEST(Diagnose, TheDumpNamesTasksAndTheCoroutinesThatWait) {
  auto io = make_stackless_io().value();
  Event event{*io};
  std::string dump;
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto waiting = scope.spawn(timeout(*io, kLong, wait_outside(event)), SpawnOptions{"the waiting one"});
    CO_CHECK_OK(co_await sleep(*io, kShort));
    dump = describe_tasks(*io);
    event.set();
    co_return co_await waiting;
  };
  ASSERT_TRUE(run(*io, with_scope(*io, body)));
  const auto named = dump.find("the waiting one");
  const auto inner = dump.find("wait_inside", named);
  const auto outer = dump.find("wait_outside", inner);
  EXPECT_NE(named, std::string::npos) << dump;
  EXPECT_NE(inner, std::string::npos) << dump;
  EXPECT_NE(outer, std::string::npos) << dump;
  EXPECT_NE(dump.find("system_test.cc:", inner), std::string::npos) << dump;
  EXPECT_NE(dump.find("ms to its deadline"), std::string::npos) << dump;
  EXPECT_EQ(describe_tasks(*io), "");
}

TEST(Diagnose, ASignalAsksForADump) {
  const std::array<int, 1> signals{SIGUSR2};
  ASSERT_TRUE(block_signals(signals));
  auto io = make_stackless_io().value();
  Event asked{*io};
  std::string dump;
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto dumping = scope.spawn(dump_on_signal(*io, SIGUSR2,
                                              [&](std::string text) {
                                                dump = std::move(text);
                                                asked.set();
                                              }),
                               SpawnOptions{"dumps"});
    CO_CHECK_OK(co_await sleep(*io, kShort));
    ::pthread_kill(::pthread_self(), SIGUSR2);
    CO_CHECK_OK(co_await asked.wait());
    dumping.cancel();
    EXPECT_EQ(code_of(co_await dumping), Code::cancelled);
    co_return {};
  };
  ASSERT_TRUE(run(*io, with_scope(*io, body)));
  EXPECT_NE(dump.find("dumps"), std::string::npos) << dump;
}

TEST(Diagnose, TheWatchdogNamesATaskThatDoesNotLetGo) {
  std::mutex mutex;
  std::vector<std::string> stalls;
  Watchdog watchdog{[&](const std::string& task, Duration so_far) {
                      EXPECT_GT(so_far, Duration::milliseconds(20));
                      const std::lock_guard lock{mutex};
                      stalls.push_back(task);
                    },
                    Duration::milliseconds(20)};
  auto io = make_stackless_io().value();
  ASSERT_TRUE(watchdog.watch(*io));
  auto blocking = make_blocking_io().value();
  EXPECT_FALSE(watchdog.watch(*blocking));
  const auto told = [&] {
    const std::lock_guard lock{mutex};
    return std::ranges::find(stalls, "the greedy one") != stalls.end();  // a busy machine may make others slow too
  };
  auto greedy = [&]() -> Task<Result<void>> {
    while (!told()) ::usleep(1'000);
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    co_return co_await scope.spawn(greedy(), SpawnOptions{"the greedy one"});
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body)));
  watchdog.unwatch(*io);
  const std::lock_guard lock{mutex};
  EXPECT_EQ(std::ranges::count(stalls, "the greedy one"), 1) << "once for each stall";
}

// --- how many tasks there may be ---

template <class MakeIo>
void expect_a_limit(MakeIo make) {
  auto io = make();
  int ran = 0;
  auto child = [&]() -> Task<Result<void>> {
    ++ran;
    co_return {};
  };
  auto plain = [&]() -> Task<void> {
    ++ran;
    co_return;
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto first = scope.spawn(child());
    auto second = scope.spawn(child());
    auto third = scope.spawn(child());  // with the root there are three
    EXPECT_EQ(code_of(co_await third), Code::limit);
    EXPECT_EQ(third.state(), TaskState::error);
    auto concurrent = scope.spawn_concurrent(child());
    EXPECT_EQ(code_of(concurrent), Code::limit);
    auto without_result = scope.spawn(plain());
    EXPECT_THROW(co_await without_result, std::bad_alloc);
    CO_CHECK_OK(co_await first);
    CO_CHECK_OK(co_await second);
    EXPECT_EQ(scope.live(), 0U);
    co_return {};
  };
  EXPECT_THROW(static_cast<void>(run(*io, with_scope(*io, body, ScopePolicy::supervise))), std::bad_alloc)
      << "an exception of a child is rethrown by its scope";
  EXPECT_EQ(ran, 2);
}

TEST(TaskLimit, BeyondItASpawnHasEndedWithLimit) {
  StacklessOptions options;
  options.tasks_max = 3;
  expect_a_limit([&] { return make_stackless_io(options).value(); });
  GreenOptions green;
  green.pools = options;
  expect_a_limit([&] { return make_green_threads_io(green).value(); });
}

}  // namespace
}  // namespace tablinum::io::test
