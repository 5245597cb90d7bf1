// vole over the statements: its circuits, its estimates, its randomness.
#include <gtest/gtest.h>

#include "fixtures.h"
#include "small_statement.h"
#include "tablinum/proof/statement.h"
#include "vole/boolean_circuit.h"
#include "vole/layout.h"

namespace tablinum::proof::vole {
namespace {

class NoRandom final : public lf::Random {
 public:
  Outcome<void> fill(MutableBytes) override { return fault(Fault::backend, "no randomness"); }
};

const BooleanCircuit& boolean(const CircuitPtr& circuit) { return dynamic_cast<const BooleanCircuit&>(*circuit); }

Plan plan_of(const Capabilities::Shape& shape) {
  Plan plan;
  plan.type = shape.type;
  plan.shape = shape.shape;
  return plan;
}

// Memory is admitted by the estimates: for every shape they must not be below what a proof holds.
TEST(VoleScheme, EstimatesCoverEveryShape) {
  const auto vole = scheme();
  for (const auto& shape : vole->capabilities().shapes) {
    const auto circuit = vole->compile(plan_of(shape), test::plain_work()).value();
    const BooleanCircuit& gates = boolean(circuit);
    const unsigned size = std::max(1U, compressions(static_cast<StatementType>(shape.type), shape.shape));
    EXPECT_LE(gates.gates.size(), size * 160'000U) << shape.words;
    EXPECT_LE(gates.committed(), size * 28'000U) << shape.words;
  }
}

TEST(VoleScheme, CircuitsAreTheSameEveryTimeAndDifferByShape) {
  const auto vole = scheme();
  std::vector<Digest> ids;
  for (const auto& shape : vole->capabilities().shapes) {
    if (compressions(static_cast<StatementType>(shape.type), shape.shape) > 4) continue;
    const auto first = vole->compile(plan_of(shape), test::plain_work()).value();
    const auto second = vole->compile(plan_of(shape), test::plain_work()).value();
    EXPECT_EQ(boolean(first).id, boolean(second).id);
    EXPECT_EQ(std::ranges::count(ids, boolean(first).id), 0);
    ids.push_back(boolean(first).id);
  }
  EXPECT_GE(ids.size(), 3U);
}

TEST(VoleScheme, NoProofWithoutRandomness) {
  const auto vole = scheme([] { return std::make_unique<NoRandom>(); });
  const auto sample = vole->sample();
  const auto plan = vole->plan_proof(sample.program, sample.input, {}).value();
  const auto circuit = vole->compile(plan, test::plain_work()).value();
  EXPECT_EQ(vole->prove(plan, circuit, sample.program, sample.input, test::plain_work()).error().fault, Fault::backend);
}

TEST(VoleScheme, TakesItsOwnEnvelopesOnly) {
  const auto vole = scheme();
  const auto sample = vole->sample();
  Envelope envelope{2, StatementType::message, 1, 1, Bytes(32), {}, Bytes(10)};
  EXPECT_TRUE(vole->plan_verification(sample.program, envelope.encode()).has_value());
  const auto fault_of = [&](const Envelope& other) {
    const auto plan = vole->plan_verification(sample.program, other.encode());
    return plan ? Fault{} : plan.error().fault;
  };
  Envelope other = envelope;
  other.backend = 1;
  EXPECT_EQ(fault_of(other), Fault::unsupported);
  other = envelope;
  other.profile = 3;
  EXPECT_EQ(fault_of(other), Fault::unsupported);
  other = envelope;
  other.shape = 3;
  EXPECT_EQ(fault_of(other), Fault::unsupported);
  other = envelope;
  other.type = static_cast<StatementType>(0x7f);
  EXPECT_EQ(fault_of(other), Fault::unsupported);
  EXPECT_EQ(vole->plan_verification(sample.program, Bytes(5)).error().fault, Fault::serialization);
}

TEST(VoleScheme, UnknownProfileIsUnsupported) {
  const auto vole = scheme();
  const auto sample = vole->sample();
  EXPECT_EQ(vole->plan_proof(sample.program, sample.input, 3).error().fault, Fault::unsupported);
}

class VoleStatement : public testing::TestWithParam<fixtures::Case> {};

TEST_P(VoleStatement, ProvesAndVerifiesForItsProgramOnly) {
  const auto vole = scheme();
  const fixtures::Case& c = GetParam();
  const auto plan = vole->plan_proof(c.program, c.input, {}).value();
  const auto circuit = vole->compile(plan, test::plain_work()).value();
  const auto made = vole->prove(plan, circuit, c.program, c.input, test::plain_work());
  ASSERT_TRUE(made) << made.error().detail;
  const auto again = vole->plan_verification(c.program, made->envelope).value();
  EXPECT_TRUE(vole->verify(again, circuit, c.program, made->envelope, test::plain_work()).value());
  Bytes other = c.program;
  other[1] ^= std::byte{1};
  const auto held = vole->verify(again, circuit, other, made->envelope, test::plain_work());
  EXPECT_TRUE(!held || !*held);
  Bytes altered = made->envelope;
  altered[altered.size() / 2] ^= std::byte{1};
  const auto damaged = vole->verify(again, circuit, c.program, altered, test::plain_work());
  EXPECT_TRUE(!damaged || !*damaged);
}

std::vector<fixtures::Case> cases_that_fit() {
  std::vector<fixtures::Case> out;
  for (const auto& c : fixtures::all())
    if (scheme()->plan_proof(c.program, c.input, {})) out.push_back(c);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Cases, VoleStatement, testing::ValuesIn(cases_that_fit()),
                         [](const auto& row) { return row.param.name + "_" + std::to_string(row.index); });

// What does not fit is refused by its size, and nothing else is.
TEST(VoleScheme, RefusesNoStatementButForItsSize) {
  for (const auto& c : fixtures::all()) {
    const auto plan = scheme()->plan_proof(c.program, c.input, {});
    if (!plan) EXPECT_TRUE(plan.error().detail.contains("compressions")) << c.name << ": " << plan.error().detail;
  }
  EXPECT_GE(cases_that_fit().size(), 8U);
}

}  // namespace
}  // namespace tablinum::proof::vole
