// Statements over the back end `lf`.
#include <gtest/gtest.h>

#include "tablinum/proof/lf.h"

namespace tablinum::proof {
namespace {

const Work kWork{{}, inline_executor()};

Bytes message_program(ByteView message) {
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  return program;
}

TEST(Message, ProvesAndVerifies) {
  const auto scheme = lf::scheme();
  for (const std::size_t length : {1U, 3U, 55U, 56U, 64U, 119U, 120U}) {
    const Bytes message(length, std::byte{0x5a});
    const Bytes program = message_program(message);
    const auto plan = scheme->plan_proof(program, message, {});
    ASSERT_TRUE(plan) << plan.error().detail;
    const auto circuit = scheme->compile(*plan, kWork);
    ASSERT_TRUE(circuit) << circuit.error().detail;
    const auto proof = scheme->prove(*plan, *circuit, program, message, kWork);
    ASSERT_TRUE(proof) << proof.error().detail;
    const auto held = scheme->verify(*plan, *circuit, program, proof->envelope, kWork);
    ASSERT_TRUE(held) << held.error().detail;
    EXPECT_TRUE(*held) << length;
  }
}

}  // namespace
}  // namespace tablinum::proof
