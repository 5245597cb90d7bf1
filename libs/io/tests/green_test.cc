#include <sys/resource.h>

#include <csignal>
#include <limits>
#include <stdexcept>

#include "green/stacks.h"
#include "models.h"
#include "tablinum/io/offload.h"

namespace tablinum::io::test {
namespace {

std::unique_ptr<Io> make(Size stack_bytes = 64 * 1024) {
  GreenOptions options;
  options.stack_bytes = stack_bytes;
  return make_green_threads_io(options).value();
}

// Two tasks that park inside `catch` and rethrow afterwards: each must meet its own exception again.
TEST(GreenThreads, KeepTheExceptionsOfEachStackApart) {
  auto io = make();
  std::vector<std::string> caught;
  // Plain functions: a coroutine may not await in a handler, but code on its own stack may wait in one.
  auto throwing = [&](Context& here, const char* what, int turns) {
    try {
      try {
        throw std::runtime_error{what};
      } catch (...) {
        for (int i = 0; i < turns; ++i) {
          auto turn = [&]() -> Task<void> { static_cast<void>(co_await yield(*io)); };
          run_here(here, turn());
        }
        throw;
      }
    } catch (const std::exception& error) {
      caught.emplace_back(error.what());
    }
  };
  auto task = [&](const char* what, int turns) -> Task<void> {
    Context& here = co_await this_context();
    throwing(here, what, turns);
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(task("first", 3)).keep();
    scope.spawn(task("second", 2)).keep();
    co_return;
  };
  run(*io, with_scope(*io, body));
  EXPECT_EQ(caught, (std::vector<std::string>{"second", "first"}));
  EXPECT_EQ(std::uncaught_exceptions(), 0);
}

TEST(GreenThreads, AHundredThousandLive) {
  constexpr Size kCount = 100'000;
  auto io = make(16 * 1024);
  auto sleeper = [&]() -> Task<void> { static_cast<void>(co_await sleep(*io, kLong)); };
  Size live = 0;
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (Size i = 0; i < kCount; ++i) {
      CO_TRY(started, scope.spawn_concurrent(sleeper()));
      std::move(started).keep();
    }
    CO_CHECK_OK(co_await yield(*io));  // all have begun and sleep
    live = scope.live();
    scope.cancel();
    co_return {};
  };
  const auto ran = run(*io, with_scope(*io, body));
  if (!ran) {  // Linux before 6.13: guard pages split mappings, of which a process may have only so many
    EXPECT_EQ(ran.error().code, Code::limit) << describe(ran.error());
    EXPECT_NE(ran.error().detail.find("vm.max_map_count"), std::string::npos);
    return;
  }
  EXPECT_EQ(live, kCount);
  EXPECT_EQ(io->stats().tasks_live, 0U);
}

TEST(GreenThreads, WaitInPlainFunctionsWhileOthersRun) {
  auto io = make();
  std::string order;
  auto deep = [&](auto& self, Context& here, int depth) -> void {
    if (depth > 0) return self(self, here, depth - 1);
    auto wait = [&]() -> Task<void> { static_cast<void>(co_await sleep(*io, kShort)); };
    order += "a";
    run_here(here, wait());
    order += "c";
  };
  auto plain = [&]() -> Task<void> {
    Context& here = co_await this_context();
    deep(deep, here, 50);
  };
  auto other = [&]() -> Task<void> {
    order += "b";
    co_return;
  };
  auto body = [&](Scope& scope) -> Task<void> {
    scope.spawn(plain()).keep();
    scope.spawn(other()).keep();
    co_return;
  };
  run(*io, with_scope(*io, body));
  EXPECT_EQ(order, "abc");
}

TEST(GreenThreads, RunOnEveryCoreOfARuntime) {
  RuntimeOptions options;
  options.cores = 2;
  options.model = Model::green;
  Runtime runtime{options};
  std::atomic<int> ran = 0;
  const auto result = runtime.run([&](Io& io, unsigned) -> Task<Result<void>> {
    EXPECT_TRUE(io.capabilities().parking);
    auto work = [] { return 42; };
    CO_TRY(answer, co_await offload(io, work));
    ran += answer;
    co_return {};
  });
  EXPECT_TRUE(result);
  EXPECT_EQ(ran, 84);
}

TEST(GreenThreads, RefuseStacksThatCannotBe) {
  for (const Size bytes : {kGreenStackBytesMin - 4096, kGreenStackBytesMin + 1, kGreenStackBytesMax + 4096}) {
    GreenOptions options;
    options.stack_bytes = bytes;
    EXPECT_EQ(make_green_threads_io(options).error().code, Code::invalid) << bytes;
  }
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // they map memory of their own
// Where no address space is left, what may run at the same time runs inline, and what must is refused.
TEST(GreenThreads, WithoutStacksWhatMustRunConcurrentlyIsRefused) {
  auto io = make(kGreenStackBytesMax);
  auto task = []() -> Task<int> { co_return 7; };
  auto body = [&](Scope& scope) -> Task<void> {
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
    std::vector<Future<int>> first_slab;
    for (Size i = 1; i < green::kStacksPerSlab; ++i) first_slab.push_back(scope.spawn(task()));
    const rlimit none{1, before.rlim_max};
    setrlimit(RLIMIT_AS, &none);
    auto refused = scope.spawn_concurrent(task());
    auto inlined = scope.spawn(task());
    setrlimit(RLIMIT_AS, &before);
    EXPECT_EQ(refused.error().code, Code::limit);
    EXPECT_TRUE(inlined.ready());
    EXPECT_EQ(co_await inlined, 7);
    for (auto& each : first_slab) EXPECT_EQ(co_await each, 7);
  };
  run(*io, with_scope(*io, body));
}
#endif

TEST(Stacks, AreWholeApartAndReused) {
  green::Stacks stacks{64 * 1024};
  const auto a = stacks.take().value();
  const auto b = stacks.take().value();
  EXPECT_EQ(a.size(), 64U * 1024U);
  EXPECT_GE(std::max(a.data(), b.data()) - std::min(a.data(), b.data()), 64 * 1024 + 4096);
  std::ranges::fill(a, std::byte{1});
  stacks.give_back(a);
  while (stacks.trim()) {}
  const auto again = stacks.take().value();
  EXPECT_EQ(again.data(), a.data());
  EXPECT_EQ(again.front(), std::byte{0}) << "trimmed: the lower part went back to the system";
  EXPECT_EQ(again.back(), std::byte{1}) << "the top stays warm";
}

TEST(Stacks, KnowTheirGuards) {
  green::Stacks stacks{64 * 1024};
  const auto stack = stacks.take().value();
  const auto found = green::find_overflow(stack.data() - 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data(), stack.data());
  EXPECT_FALSE(green::find_overflow(stack.data()));
  EXPECT_FALSE(green::find_overflow(&stacks));
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
Task<int> endless(int depth) {
  if (depth == std::numeric_limits<int>::max()) co_return 0;
  const int below = co_await endless(depth + 1);
  co_return below + 1;
}

[[gnu::noinline]] int jumps_over_pages(int seed) {
  std::array<char, 200 * 1024> big;
  big[0] = static_cast<char>(seed);
  asm volatile("" : : "r"(big.data()) : "memory");  // the whole array must be there
  return big[0];
}

using GreenThreadsDeathTest = testing::Test;

TEST(GreenThreadsDeathTest, AStackThatIsUsedUpNamesItsTask) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto run_named = [](auto task) {
    auto io = make();
    auto body = [&](Scope& scope) -> Task<void> {
      scope.spawn(task(), SpawnOptions{"the deep one"}).keep();
      co_return;
    };
    run(*io, with_scope(*io, body));
  };
  auto deep = []() -> Task<void> { static_cast<void>(co_await endless(0)); };
  auto wide = []() -> Task<void> {
    static_cast<void>(jumps_over_pages(1));
    co_return;
  };
  EXPECT_DEATH(run_named(deep), "stack of a green thread overflowed: the deep one");
  EXPECT_DEATH(run_named(wide), "stack of a green thread overflowed: the deep one");
}

TEST(GreenThreadsDeathTest, OtherFaultsKeepTheirSignal) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto crash = [] {
    auto io = make();
    auto task = []() -> Task<void> {
      volatile int* nowhere = nullptr;
      *nowhere = 1;
      co_return;
    };
    run(*io, task());
  };
  EXPECT_EXIT(crash(), testing::KilledBySignal(SIGSEGV), "");
}
#endif

}  // namespace
}  // namespace tablinum::io::test
