// The whole way of a file key, and everything that must stop it: design "seal" §13, capsule, rekey and proxy policy.
#include <gtest/gtest.h>

#include "pre_parties.h"

namespace tablinum::seal::pre {
namespace {

using testing::World;

class Exchange : public ::testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Suites, Exchange, ::testing::Values(Suite::kem_2048, Suite::kem_4096), [](const auto& suite) {
  return suite.param == Suite::kem_2048 ? std::string{"kem_2048"} : std::string{"kem_4096"};
});

TEST_P(Exchange, AMemberOpensWhatTheOwnerDelegated) {
  World world{GetParam()};
  const auto stanza = world.stanza();
  const auto delegation = world.delegate();
  const auto transformed = world.proxy.transform(stanza, testing::digest(7), delegation, world.alice, testing::kNow);
  ASSERT_TRUE(transformed) << describe(transformed.error());
  const auto opened = world.open(stanza, *transformed, delegation.ticket());
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_TRUE(*opened == world.file_key);
  EXPECT_EQ(world.budget.taken(world.receive.public_key().id()), 0U);
}

TEST(PreSelfTest, Passes) { EXPECT_TRUE(self_test()); }

}  // namespace
}  // namespace tablinum::seal::pre
