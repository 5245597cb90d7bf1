/// Ticks in virtual time: when they come after work that took too long.
#include "tablinum/io/interval.h"

#include <gtest/gtest.h>

#include "tablinum/io/simulate.h"

namespace tablinum::io::test {
namespace {

struct MissedCase {
  const char* name;
  MissedTicks missed;
  std::vector<std::int64_t> at;  ///< in tenths of a second after the beginning: when each of six ticks comes
  std::uint64_t left_out;        ///< in all
};
class Missed : public testing::TestWithParam<MissedCase> {};

/// A second's period; the work after the second tick takes 3.5 s.
TEST_P(Missed, TicksComeAsTheyShould) {
  SimOptions options;
  options.step_max = Duration{};
  SimWorld world{1, options};
  world.host("one").start([](Io& io) -> Task<Result<void>> {
    Interval interval{io, Duration::seconds(1), GetParam().missed};
    const Instant begin = io.now();
    std::vector<std::int64_t> at;
    std::uint64_t left_out = 0;
    for (int i = 0; i < 6; ++i) {
      CO_TRY(missed, co_await interval.tick());
      left_out += missed;
      at.push_back((io.now() - begin).milliseconds() / 100);
      if (i == 1) CO_CHECK_OK(co_await sleep(io, Duration::milliseconds(3500)));
    }
    EXPECT_EQ(at, GetParam().at);
    EXPECT_EQ(left_out, GetParam().left_out);
    co_return {};
  });
  EXPECT_TRUE(world.run());
}
INSTANTIATE_TEST_SUITE_P(Cases, Missed,
                         testing::Values(MissedCase{"skip", MissedTicks::skip, {10, 20, 55, 60, 70, 80}, 2},
                                         MissedCase{"burst", MissedTicks::burst, {10, 20, 55, 55, 55, 60}, 0},
                                         MissedCase{"delay", MissedTicks::delay, {10, 20, 55, 65, 75, 85}, 0}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Interval, IsCancelled) {
  SimOptions options;
  options.cancel_at_operation = 2;
  SimWorld world{1, options};
  world.host("one").start([](Io& io) -> Task<Result<void>> {
    Interval interval{io, Duration::seconds(1)};
    CO_CHECK_OK(co_await interval.tick());
    const auto second = co_await interval.tick();
    EXPECT_EQ(second ? Code{} : second.error().code, Code::cancelled);
    co_return {};
  });
  EXPECT_TRUE(world.run());
}

}  // namespace
}  // namespace tablinum::io::test
