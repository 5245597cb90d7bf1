#include "tablinum/io/offload.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "models.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class OffloadCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(OffloadCorpus, Models, ModelNames);

TYPED_TEST(OffloadCorpus, YieldsValuesResultsNothingAndExceptions) {
  auto task = [](Io& io) -> Task<Result<void>> {
    auto number = [] { return 6; };
    auto failing = []() -> Result<int> { return fail(Code::corrupt); };
    bool done = false;
    auto nothing = [&] { done = true; };
    auto throwing = []() -> int { throw std::runtime_error{"planted"}; };
    CO_TRY(six, co_await offload(io, number));
    EXPECT_EQ(six, 6);
    EXPECT_EQ(code_of(co_await offload(io, failing)), Code::corrupt);
    CO_CHECK_OK(co_await offload(io, nothing));
    EXPECT_TRUE(done);
    bool caught = false;
    try {
      static_cast<void>(co_await offload(io, throwing));
    } catch (const std::runtime_error&) {
      caught = true;
    }
    EXPECT_TRUE(caught);
    co_return {};
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(OffloadCorpus, ManyTasksOffloadAtTheSameTime) {
  std::atomic<int> calls = 0;
  auto child = [&](int i) -> Task<Result<void>> {
    auto work = [&] { return ++calls, i; };
    CO_TRY(value, co_await offload(this->io, work));
    EXPECT_EQ(value, i);
    co_return {};
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    for (int i = 0; i < 200; ++i) scope.spawn(child(i)).keep();
    co_return {};
  };
  EXPECT_TRUE(run(this->io, with_scope(this->io, body)));
  EXPECT_EQ(calls, 200);
}

TEST(StacklessOffload, RunsElsewhereAndComesBack) {
  auto io = make_stackless_io().value();
  auto task = [](Io& here) -> Task<Result<void>> {
    const auto home = std::this_thread::get_id();
    auto work = [] { return std::this_thread::get_id(); };
    CO_TRY(elsewhere, co_await offload(here, work));
    EXPECT_NE(elsewhere, home);
    EXPECT_EQ(std::this_thread::get_id(), home);
    co_return {};
  };
  EXPECT_TRUE(run(*io, task(*io)));
}

TEST(StacklessOffload, TheReactorGoesOnMeanwhile) {
  auto io = make_stackless_io().value();
  std::atomic<bool> released = false;
  auto blocked = [&]() -> Task<Result<void>> {
    auto work = [&] { released.wait(false); };
    co_return co_await offload(*io, work);
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto waiting = scope.spawn(blocked());
    CO_CHECK_OK(co_await sleep(*io, kShort));
    EXPECT_FALSE(waiting.ready());
    released = true;
    released.notify_all();
    co_return co_await waiting;
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body)));
}

/// A pool of one thread that is held until `open`.
struct HeldPool {
  explicit HeldPool(Size queue) : pool{OffloadOptions{1, 1, queue}} {
    gate.run = [](Ready& ready) noexcept { static_cast<Gate&>(ready).open.wait(false); };
    EXPECT_TRUE(pool.submit(gate));
    while (pool.usage().queued > 0) std::this_thread::yield();
  }
  void open() {
    gate.open = true;
    gate.open.notify_all();
  }
  struct Gate : Ready {
    std::atomic<bool> open = false;
  };
  Gate gate;
  OffloadPool pool;
};

TEST(StacklessOffload, AFullQueueIsALimit) {
  HeldPool held{2};
  auto io = make_stackless_io(StacklessOptions{&held.pool, &held.pool}).value();
  auto child = [&]() -> Task<Result<void>> {
    auto work = [] {};
    co_return co_await offload(*io, work);
  };
  auto body = [&](Scope& scope) -> Task<Result<void>> {
    auto first = scope.spawn(child());
    auto second = scope.spawn(child());
    auto third = scope.spawn(child());
    EXPECT_EQ(code_of(co_await third), Code::limit);
    held.open();
    CO_CHECK_OK(co_await first);
    co_return co_await second;
  };
  EXPECT_TRUE(run(*io, with_scope(*io, body, ScopePolicy::supervise)));
}

TEST(StacklessOffload, WhatHasNotBegunCanBeCancelled) {
  HeldPool held{2};
  auto io = make_stackless_io(StacklessOptions{&held.pool, &held.pool}).value();
  int calls = 0;
  auto child = [&]() -> Task<Result<void>> {
    auto work = [&] { ++calls; };
    co_return co_await offload(*io, work);
  };
  EXPECT_EQ(code_of(run(*io, timeout(*io, kShort, child()))), Code::timeout);
  held.open();
  EXPECT_EQ(calls, 0);
}

TEST(StacklessOffload, WhatHasBegunIsFinishedAndAnOnCancelCanInterruptIt) {
  auto io = make_stackless_io().value();
  std::atomic<bool> begun = false;
  std::atomic<bool> interrupted = false;
  auto child = [&]() -> Task<Result<int>> {
    Context& here = co_await this_context();
    const OnCancel guard{here, [](void* flag) noexcept {
                           static_cast<std::atomic<bool>*>(flag)->store(true);
                           static_cast<std::atomic<bool>*>(flag)->notify_all();
                         }, &interrupted};
    auto work = [&] {
      begun = true;
      interrupted.wait(false);
      return 8;
    };
    co_return co_await offload(*io, work);
  };
  auto body = [&](Scope& scope) -> Task<Result<int>> {
    auto future = scope.spawn(child());
    while (!begun) CO_CHECK_OK(co_await yield(*io));
    future.cancel();
    co_return co_await future;
  };
  EXPECT_EQ(run(*io, with_scope(*io, body)).value(), 8);
}

TEST(OffloadPool, GrowsUnderLoadAndShrinksWhenIdle) {
  OffloadOptions options{1, 3, 8};
  options.idle_limit = Duration::milliseconds(10);
  OffloadPool pool{options};
  struct Job : Ready {
    std::atomic<bool>* open = nullptr;
  };
  std::atomic<bool> open = false;
  std::array<Job, 5> jobs;
  for (Job& job : jobs) {
    job.open = &open;
    job.run = [](Ready& ready) noexcept { static_cast<Job&>(ready).open->wait(false); };
    ASSERT_TRUE(pool.submit(job));
  }
  while (pool.usage().queued > 2) std::this_thread::yield();
  EXPECT_EQ(pool.usage().threads, 3U);
  EXPECT_EQ(pool.usage().busy, 3U);
  EXPECT_TRUE(pool.withdraw(jobs[4]));
  EXPECT_FALSE(pool.withdraw(jobs[0])) << "it runs";
  open = true;
  open.notify_all();
  while (pool.usage().threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  EXPECT_EQ(pool.usage().jobs_done, 4U);
}

TEST(OffloadPool, RunsWhatIsQueuedBeforeItEnds) {
  std::atomic<int> done = 0;
  struct Job : Ready {
    std::atomic<int>* count = nullptr;
  };
  std::array<Job, 100> jobs;
  {
    OffloadPool pool{OffloadOptions{1, 2, 100}};
    for (Job& job : jobs) {
      job.count = &done;
      job.run = [](Ready& ready) noexcept { ++*static_cast<Job&>(ready).count; };
      ASSERT_TRUE(pool.submit(job));
    }
  }
  EXPECT_EQ(done, 100);
}

TEST(Post, MessagesOfManyThreadsAllArriveInTheirOrder) {
  auto io = make_stackless_io().value();
  struct Message : Ready {
    std::vector<int>* seen = nullptr;
    int producer = 0;
    int number = 0;
  };
  constexpr int kProducers = 8;
  constexpr int kEach = 500;
  std::vector<std::vector<int>> seen(kProducers);
  std::vector<Message> messages(kProducers * kEach);
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) {
        Message& message = messages[static_cast<std::size_t>(p * kEach + i)];
        message.seen = &seen[static_cast<std::size_t>(p)];
        message.number = i;
        message.run = [](Ready& ready) noexcept {
          auto& self = static_cast<Message&>(ready);
          self.seen->push_back(self.number);
        };
        io->post(message);
      }
    });
  }
  auto task = [&](Io& here) -> Task<Result<void>> {
    const auto complete = [&] { return std::ranges::all_of(seen, [](const auto& each) { return each.size() == kEach; }); };
    while (!complete()) CO_CHECK_OK(co_await sleep(here, Duration::microseconds(100)));
    co_return {};
  };
  EXPECT_TRUE(run(*io, timeout(*io, kLong, task(*io))));
  for (std::thread& producer : producers) producer.join();
  for (const auto& each : seen) EXPECT_TRUE(std::ranges::is_sorted(each));
}

}  // namespace
}  // namespace tablinum::io::test
