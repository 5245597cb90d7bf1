// What requests are estimated at beside what they take: this program's allocations are counted.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "circuit/compiler.h"
#include "fixtures.h"
#include "lf/arrays.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/vole.h"

namespace {

std::atomic<std::size_t> live = 0, most = 0;

void* counted(void* block) {
  if (block == nullptr) throw std::bad_alloc{};
  const std::size_t now = live += malloc_usable_size(block);
  for (std::size_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
  }
  return block;
}
void uncounted(void* block) noexcept {
  if (block != nullptr) live -= malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto step = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}
// All forms, so that none is another library's (a sanitizer's) with one of ours as its opposite.
void* operator new[](std::size_t size) { return ::operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return ::operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& how) noexcept { return ::operator new(size, how); }
void operator delete[](void* block) noexcept { uncounted(block); }
void operator delete[](void* block, std::size_t) noexcept { uncounted(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { uncounted(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { uncounted(block); }
void operator delete(void* block) noexcept { uncounted(block); }
void operator delete(void* block, std::size_t) noexcept { uncounted(block); }
void operator delete(void* block, std::align_val_t) noexcept { uncounted(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { uncounted(block); }

namespace tablinum::proof {
namespace {

/// The most bytes that `work` held at one time beside what was there before, and what of them stays.
struct Held {
  std::size_t most, stays;
};
template <class F>
Held measure(F&& work) {
  lf::drop_blocks();
  const std::size_t before = live;
  most = before;
  work();
  return {most - before, live - before};
}

constexpr double kLeast = 0.7, kMost = 1.5;
void expect_near(std::size_t estimate, std::size_t measured, const char* what, unsigned blocks) {
  const double ratio = static_cast<double>(estimate) / static_cast<double>(measured);
  EXPECT_GE(ratio, kLeast) << what << ", " << blocks << " blocks: " << estimate << " for " << measured;
  EXPECT_LE(ratio, kMost) << what << ", " << blocks << " blocks: " << estimate << " for " << measured;
}

// The larger ones only with TABLINUM_LONG_TESTS: they take seconds.
TEST(ProverMemory, OfEveryStatement) {
  const Work work{{}, inline_executor()};
  const std::size_t largest = std::getenv("TABLINUM_LONG_TESTS") != nullptr ? std::size_t{1} << 40 : std::size_t{100} << 20;
  for (const auto& scheme : {lf::scheme(), vole::scheme()})
    for (const auto& c : fixtures::all()) {
      const auto plan = scheme->plan_proof(c.program, c.input, {});
      if (!plan || plan->memory_bytes > largest) continue;  // no plan: too large for this back end
      CircuitPtr circuit;
      const Held compiled = measure([&] { circuit = scheme->compile(*plan, work).value(); });
      const Held proved = measure([&] { ASSERT_TRUE(scheme->prove(*plan, circuit, c.program, c.input, work)); });
      const std::size_t most = std::max(compiled.most, compiled.stays + proved.most);
      expect_near(plan->memory_bytes, most, c.name.c_str(), compressions(Statement::parse(c.program)->type, plan->shape));
    }
}

struct Backend {
  const char* name;
  std::shared_ptr<const Scheme> (*scheme)();
};
class Estimate : public testing::TestWithParam<Backend> {};
TEST_P(Estimate, IsNearWhatARequestTakes) {
  const auto scheme = GetParam().scheme();
  const Work work{{}, inline_executor()};
  const auto prove = [&](const Bytes& message, bool is_first = false) {
    Bytes program{std::byte{1}};
    append(program, sha256(message).view());
    const Plan plan = scheme->plan_proof(program, message, {}).value();
    CircuitPtr circuit;
    const Held compiled = measure([&] { circuit = scheme->compile(plan, work).value(); });
    Bytes envelope;
    const Held proved = measure([&] { envelope = scheme->prove(plan, circuit, program, message, work).value().envelope; });
    const Held verified = measure([&] { ASSERT_TRUE(scheme->verify(plan, circuit, program, envelope, work).value()); });
    const Plan checking = scheme->plan_verification(program, envelope).value();
    if (is_first) return;  // what is made once for the process is not the request's
    const auto blocks = static_cast<unsigned>((message.size() + 9) / 64);
    expect_near(plan.memory_bytes, std::max(compiled.most, compiled.stays + proved.most), "proof", blocks);
    expect_near(checking.memory_bytes, std::max(compiled.most, compiled.stays + verified.most), "verification", blocks);
    expect_near(circuit->bytes(), compiled.stays, "circuit", blocks);
  };
  prove(Bytes(1, std::byte{'a'}), true);
  for (const unsigned blocks : {1U, 2U, 4U, 8U, 16U, 32U}) prove(Bytes(64 * blocks - 9, std::byte{'a'}));
}
std::shared_ptr<const Scheme> vole_scheme() { return vole::scheme(); }
INSTANTIATE_TEST_SUITE_P(Backends, Estimate, testing::Values(Backend{"lf", &lf::scheme}, Backend{"vole", &vole_scheme}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(ProverMemory, IsNearWhatItTakes) {
  const Work work{{}, inline_executor()};
  for (const std::uint16_t blocks : std::array<std::uint16_t, 6>{1, 2, 4, 8, 16, 32}) {
    const Bytes message(64 * blocks - 9U, std::byte{'a'});
    Bytes program{std::byte{1}};
    append(program, sha256(message).view());
    const auto statement = Statement::parse(program).value();
    const auto witness = make_witness(statement, blocks, message).value();
    const auto publics = public_bits(statement, blocks, witness.outputs).value();
    const auto made = fixtures::compiled(StatementType::message, blocks);
    lf::Recorder recorder{publics, witness.bits};
    build(StatementType::message, blocks, recorder);
    const auto inputs = recorder.inputs(made.layout);
    const lf::Params params = lf::params_for(1, blocks).value();
    const auto random = lf::system_random();
    const Held held = measure([&] { ASSERT_TRUE(lf::prove(made.circuit, inputs, {}, params, *random, work)); });
    expect_near(lf::prove_memory(made.circuit, params), held.most, "lf::prove", blocks);
  }
}

}  // namespace
}  // namespace tablinum::proof
