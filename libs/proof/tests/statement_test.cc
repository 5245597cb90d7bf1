// Statements: every type proves and verifies over `lf`; every rule is refused in the clear and, without those checks, by the gates
// and by the circuit that they become.
#include <gtest/gtest.h>

#include "fixtures.h"

namespace tablinum::proof {
namespace {

using namespace fixtures;

struct Made {
  Plan plan;
  CircuitPtr circuit;
  Bytes proof;
};
Outcome<Made> make(const Case& c) {
  const auto scheme = lf::scheme();
  TRY(plan, scheme->plan_proof(c.program, c.input, {}));
  TRY(circuit, scheme->compile(plan, kWork));
  TRY(proof, scheme->prove(plan, circuit, c.program, c.input, kWork));
  return Made{plan, circuit, proof.envelope};
}

class EveryStatement : public testing::TestWithParam<Case> {};

TEST_P(EveryStatement, ProvesAndVerifies) {
  const auto made = make(GetParam());
  ASSERT_TRUE(made) << made.error().detail;
  const auto held = lf::scheme()->verify(made->plan, made->circuit, GetParam().program, made->proof, kWork);
  ASSERT_TRUE(held) << held.error().detail;
  EXPECT_TRUE(*held);
}

TEST_P(EveryStatement, TakesAsManyCompressionsAsItSays) {
  const auto statement = Statement::parse(GetParam().program).value();
  const auto shape = shape_for(statement, GetParam().input).value();
  EXPECT_EQ(compiled(statement.type, shape).layout.slots, compressions(statement.type, shape));
}

// Whatever bit of the program changes: either it is no program, or the proof is not one of it.
TEST_P(EveryStatement, ProofIsBoundToTheProgram) {
  const auto made = make(GetParam()).value();
  for (std::size_t i = 1; i < GetParam().program.size(); i += 16) {
    Bytes other = GetParam().program;
    other[i] ^= std::byte{4};
    if (!Statement::parse(other) || !lf::scheme()->plan_verification(other, made.proof)) continue;
    const auto held = lf::scheme()->verify(made.plan, made.circuit, other, made.proof, kWork);
    EXPECT_TRUE(!held || !*held) << i;
  }
}

// What the statement leaves open: the size of the log beyond the path that it gives, and a side where there is no hop.
bool left_open(const Case& c, std::size_t byte) {
  return (c.name == "in_log" && byte >= 8 && byte < 16) || (c.name == "short_descent" && byte + 2 == c.input.size());
}

TEST_P(EveryStatement, FlippedInputIsRefused) {
  const auto statement = Statement::parse(GetParam().program).value();
  const auto shape = shape_for(statement, GetParam().input).value();
  for (std::size_t i = 0; i < GetParam().input.size(); ++i) {
    Bytes other = GetParam().input;
    other[i] ^= std::byte{1};
    const auto witness = make_witness(statement, shape, other);
    EXPECT_TRUE(!witness || left_open(GetParam(), i)) << i;
    if (!witness) EXPECT_EQ(witness.error().fault, Fault::input);
  }
}

TEST_P(EveryStatement, FlippedWitnessBitIsRefusedByGatesAndCircuit) {
  const auto statement = Statement::parse(GetParam().program).value();
  const auto shape = shape_for(statement, GetParam().input).value();
  const auto witness = make_witness(statement, shape, GetParam().input).value();
  const auto publics = public_bits(statement, shape, witness.outputs).value();
  const auto made = compiled(statement.type, shape);
  const auto good = judge(statement.type, shape, made, publics, witness.bits);
  EXPECT_TRUE(good.gates && good.circuit);
  auto bits = witness.bits;
  const std::size_t step = std::max<std::size_t>(1, bits.size() / 12);
  for (std::size_t i = 0; i < bits.size(); i += step) {
    bits[i] ^= 1;
    const auto verdict = judge(statement.type, shape, made, publics, bits);
    EXPECT_EQ(verdict.gates, verdict.circuit) << i;
    bits[i] ^= 1;
  }
  auto other = publics;
  for (std::size_t i = 0; i < other.size(); i += std::max<std::size_t>(1, other.size() / 6)) {
    other[i] ^= 1;
    const auto verdict = judge(statement.type, shape, made, other, witness.bits);
    EXPECT_EQ(verdict.gates, verdict.circuit) << i;
    other[i] ^= 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, EveryStatement, testing::ValuesIn(all()),
                         [](const auto& row) { return row.param.name + "_" + std::to_string(row.index); });

}  // namespace
}  // namespace tablinum::proof
