#include <memory>
#include <stdexcept>

#include "models.h"
#include "tablinum/io/sync.h"

namespace tablinum::io::test {
namespace {

template <class Model>
class TaskCorpus : public Corpus<Model> {};
TYPED_TEST_SUITE(TaskCorpus, Models, ModelNames);

Task<int> constant(int value) { co_return value; }

Task<int> add(int a, int b) {
  const int left = co_await constant(a);
  const int right = co_await constant(b);
  co_return left + right;
}

TYPED_TEST(TaskCorpus, ReturnsTheValueOfNestedTasks) { EXPECT_EQ(run(this->io, add(40, 2)), 42); }

TYPED_TEST(TaskCorpus, MovesOnlyTypesThrough) {
  auto task = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  EXPECT_EQ(*run(this->io, task()), 7);
}

Task<std::int64_t> sum_of_awaits(int count) {
  std::int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await constant(1);
  co_return sum;
}

TYPED_TEST(TaskCorpus, AMillionAwaitsThatFinishAtOnceUseConstantStack) { EXPECT_EQ(run(this->io, sum_of_awaits(1'000'000)), 1'000'000); }

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await nested(depth - 1);
  co_return below + 1;
}

TYPED_TEST(TaskCorpus, NestsThousandsDeep) { EXPECT_EQ(run(this->io, nested(5'000)), 5'000); }

Task<int> nested_with_wait(Io& io, int depth) {
  if (depth == 0) {
    auto slept = co_await sleep(io, Duration::milliseconds(1));
    co_return slept ? 0 : -1'000'000;
  }
  const int below = co_await nested_with_wait(io, depth - 1);
  co_return below + 1;
}

TYPED_TEST(TaskCorpus, ResumesADeepChainWithoutRecursion) { EXPECT_EQ(run(this->io, nested_with_wait(this->io, 5'000)), 5'000); }

Task<void> throws() {
  throw std::runtime_error{"planted"};
  co_return;
}

TYPED_TEST(TaskCorpus, ExceptionsReachTheAwaiter) {
  auto task = []() -> Task<std::string> {
    try {
      co_await throws();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(run(this->io, task()), "planted");
}

TYPED_TEST(TaskCorpus, ExceptionsLeaveRun) { EXPECT_THROW(run(this->io, throws()), std::runtime_error); }

TYPED_TEST(TaskCorpus, ATaskThatNeverStartedFreesItsParameters) {
  auto shared = std::make_shared<int>(1);
  auto holds = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  {
    auto task = holds(shared);
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TYPED_TEST(TaskCorpus, RunsAreRepeatable) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(run(this->io, add(i, 1)), i + 1);
  EXPECT_EQ(this->io.stats().tasks_live, 0U);
  EXPECT_EQ(this->io.stats().tasks_spawned, 100U);
}

TYPED_TEST(TaskCorpus, FramesOverThePoolsSizeWorkToo) {
  auto task = [](Io& io) -> Task<Size> {
    std::array<std::byte, kPooledFrameBytesMax + 1> large{};
    auto yielded = co_await yield(io);
    large.back() = std::byte{1};
    co_return yielded ? large.size() : 0;
  };
  EXPECT_EQ(run(this->io, task(this->io)), kPooledFrameBytesMax + 1);
}

TYPED_TEST(TaskCorpus, SleepIsNeverEarly) {
  auto task = [](Io& io) -> Task<Duration> {
    const Instant start = io.now();
    auto slept = co_await sleep(io, kShort);
    co_return slept ? io.now() - start : Duration{};
  };
  const Duration took = run(this->io, task(this->io));
  EXPECT_GE(took, kShort);
  EXPECT_LT(took, Duration::seconds(5));
}

TYPED_TEST(TaskCorpus, SleepInThePastReturnsAtOnce) {
  auto task = [](Io& io) -> Task<Result<void>> {
    CO_CHECK_OK(co_await sleep(io, Duration{}));
    co_return co_await sleep(io, Duration::seconds(-5));
  };
  EXPECT_TRUE(run(this->io, task(this->io)));
}

TYPED_TEST(TaskCorpus, RandomBytesDiffer) {
  std::array<std::byte, 600> first{};
  std::array<std::byte, 600> second{};
  this->io.fill_random(first);
  this->io.fill_random(second);
  EXPECT_NE(first, second);
}

// A task that never has to wait must let the others run (the budget).
TEST(StacklessTask, ABusyTaskLetsOthersRun) {
  auto owner = make_stackless_io().value();
  Io& io = *owner;
  auto body = [&](Scope& scope) -> Task<Result<Size>> {
    bool other_ran = false;
    auto other = [&]() -> Task<void> {
      other_ran = true;
      co_return;
    };
    Event always{io};
    always.set();
    scope.spawn(other()).keep();
    Size waits = 0;
    while (!other_ran && waits < 10 * kOperationBudget) {
      CO_CHECK_OK(co_await always.wait());
      ++waits;
    }
    co_return waits;
  };
  EXPECT_EQ(run(io, with_scope(io, body)).value(), kOperationBudget);
}

TEST(FramePool, KeepsAtMostItsNumberOfFreeFrames) {
  const auto allocate_and_free = [](Size count, Size bytes) {
    std::vector<void*> frames;
    for (Size i = 0; i < count; ++i) frames.push_back(detail::allocate_frame(bytes));
    for (void* frame : frames) detail::free_frame(frame, bytes);
    return detail::free_frames(bytes);
  };
  EXPECT_EQ(allocate_and_free(kPooledFramesPerClassMax, kPooledFrameBytesMax), kFramesPooled ? kPooledFramesPerClassMax : 0);
  EXPECT_EQ(allocate_and_free(kPooledFramesPerClassMax + 1, kPooledFrameBytesMax), kFramesPooled ? kPooledFramesPerClassMax : 0);
  // The pool hands them out again, and sizes of one class share them.
  void* again = detail::allocate_frame(kPooledFrameBytesMax - 1);
  EXPECT_EQ(detail::free_frames(kPooledFrameBytesMax), kFramesPooled ? kPooledFramesPerClassMax - 1 : 0);
  detail::free_frame(again, kPooledFrameBytesMax - 1);
}

// Whoever chooses the sizes fills no more than this of a thread's memory.
TEST(FramePool, KeepsAtMostSixteenMebibytesOfAllSizes) {
  std::size_t kept = 0;
  for (std::size_t bytes = 16; bytes <= kPooledFrameBytesMax; bytes += 16) {
    std::vector<void*> frames;
    for (std::size_t i = 0; i < kPooledFramesPerClassMax; ++i) frames.push_back(detail::allocate_frame(bytes));
    for (void* frame : frames) detail::free_frame(frame, bytes);
    kept += detail::free_frames(bytes) * bytes;
  }
  EXPECT_LE(kept, std::size_t{16} << 20);
  EXPECT_EQ(kept > 0, kFramesPooled);
}

}  // namespace
}  // namespace tablinum::io::test
