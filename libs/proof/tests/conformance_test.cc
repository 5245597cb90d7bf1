// One suite for every back end of the registry: what each must do alike (design: conformance).
#include <gtest/gtest.h>

#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/proof/registry.h"
#include "tablinum/proof/statement.h"
#include "tablinum/proof/vole.h"

namespace tablinum::proof {
namespace {

Bytes message_of(std::size_t bytes) {
  Bytes message(bytes);
  for (std::size_t i = 0; i < bytes; ++i) message[i] = static_cast<std::byte>(i * 7 + 1);
  return message;
}

Bytes program_for(ByteView message) {
  Bytes program{std::byte{1}};
  append(program, sha256(message).view());
  return program;
}

class Conformance : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    io_ = io::make_blocking_io().value();
    backend_ = registry_.backend(GetParam()).value();
  }
  Outcome<Proof> prove(ByteView program, ByteView input, const ZkConfig& config = {}) {
    return io::run(*io_, backend_->prove(program, input, config));
  }
  Outcome<bool> verify(ByteView program, ByteView proof) { return io::run(*io_, backend_->verify(program, proof, {})); }
  /// False, or not even a proof: nothing else may become of altered bytes.
  bool refuses(ByteView program, ByteView proof) {
    const auto outcome = verify(program, proof);
    if (outcome) return !*outcome;
    return outcome.error().fault == Fault::serialization || outcome.error().fault == Fault::unsupported;
  }

  std::unique_ptr<io::Io> io_;
  Registry registry_;
  std::shared_ptr<ZkBackend> backend_;
};

TEST_P(Conformance, MessagesAtTheEdgesOfEveryShape) {
  for (const std::size_t size : {1U, 2U, 55U, 56U, 63U, 64U, 119U, 120U, 247U}) {
    const Bytes message = message_of(size);
    const auto proof = prove(program_for(message), message);
    ASSERT_TRUE(proof.has_value()) << size << ": " << proof.error().detail;
    EXPECT_TRUE(verify(program_for(message), proof->bytes).value()) << size;
    EXPECT_GE(proof->metadata.soundness_bits, 115);
  }
}

TEST_P(Conformance, InputsThatDoNotFitAreRefusedByRule) {
  const Bytes message = message_of(10);
  EXPECT_EQ(prove(program_for(message), {}).error().fault, Fault::input);
  EXPECT_EQ(prove(program_for(message), {}).error().detail, "rule \"length\": a message has 1 to 2039 bytes");
  EXPECT_EQ(prove(program_for(message), Bytes(2040)).error().detail, "rule \"length\": a message has 1 to 2039 bytes");
  EXPECT_EQ(prove(program_for(message), message_of(11)).error().fault, Fault::input);
  const auto other = prove(program_for(message), message_of(12));
  EXPECT_EQ(other.error().detail.find("0102"), std::string::npos) << "an error shows no input";
}

TEST_P(Conformance, MalformedPrograms) {
  const Bytes message = message_of(10);
  const Bytes program = program_for(message);
  for (const std::size_t size : {0U, 1U, 32U}) EXPECT_EQ(prove(ByteView{program}.first(size), message).error().fault, Fault::program);
  Bytes longer = program;
  longer.push_back(std::byte{0});
  EXPECT_EQ(prove(longer, message).error().fault, Fault::program);
  Bytes unknown = program;
  unknown[0] = std::byte{0xff};
  EXPECT_EQ(prove(unknown, message).error().fault, Fault::program);
}

TEST_P(Conformance, HeadAndEndOfTheEnvelopeAndSomeOfTheRest) {
  const Bytes message = message_of(10);
  const Bytes program = program_for(message);
  const Bytes proof = prove(program, message)->bytes;
  const std::size_t step = std::getenv("TABLINUM_LONG_TESTS") != nullptr ? 1 : 997;
  for (std::size_t at = 0; at < proof.size(); at += at < 80 ? 1 : step) {
    Bytes altered = proof;
    altered[at] ^= std::byte{0x10};
    EXPECT_TRUE(refuses(program, altered)) << "byte " << at;
  }
  EXPECT_TRUE(refuses(program, ByteView{proof}.first(proof.size() - 1)));
  Bytes longer = proof;
  longer.push_back(std::byte{0});
  EXPECT_TRUE(refuses(program, longer));
  EXPECT_TRUE(refuses(program, {}));
}

TEST_P(Conformance, AnotherHashIsAnotherStatement) {
  const Bytes message = message_of(10);
  const Bytes proof = prove(program_for(message), message)->bytes;
  EXPECT_FALSE(verify(program_for(message_of(11)), proof).value());
}

TEST_P(Conformance, ATransplantedInnerProofIsFalse) {
  const Bytes message = message_of(10);
  const Bytes program = program_for(message);
  auto first = read_envelope(prove(program, message)->bytes).value();
  ZkConfig fresh;
  fresh.use_cache = false;
  const auto second = read_envelope(prove(program, message, fresh)->bytes).value();
  EXPECT_NE(first.nonce, second.nonce);
  first.inner = second.inner;
  EXPECT_FALSE(verify(program, first.encode()).value());
}

TEST_P(Conformance, StartsStopsAndReportsItsCapabilities) {
  EXPECT_TRUE(io::run(*io_, backend_->initialize({})).has_value());
  const Capabilities capabilities = backend_->capabilities();
  EXPECT_EQ(capabilities.backend, GetParam());
  EXPECT_TRUE(capabilities.zero_knowledge);
  EXPECT_GE(capabilities.shapes.size(), 6U);
  for (const auto& shape : capabilities.shapes) EXPECT_FALSE(shape.words.empty());
  io::run(*io_, backend_->shutdown(Duration::seconds(1)));
  const Bytes message = message_of(10);
  EXPECT_EQ(prove(program_for(message), message).error().fault, Fault::resource_limit);
}

TEST_P(Conformance, EstimateOfMemoryIsCheckedBeforeAnythingBegins) {
  ZkConfig config;
  config.max_memory = 1000;
  const Bytes message = message_of(10);
  EXPECT_EQ(prove(program_for(message), message, config).error().fault, Fault::resource_limit);
  EXPECT_EQ(backend_->cache_stats().circuit_misses, 0U);
}

INSTANTIATE_TEST_SUITE_P(Backends, Conformance, testing::Values("auto", "lf", "vole"),
                         [](const auto& row) { return std::string{row.param}; });

// ---- The registry -----------------------------------------------------------------------------------------------------------------

TEST(Registry, KnowsItsBackEnds) {
  Registry registry;
  EXPECT_EQ(registry.ids(), (std::vector<std::string>{"auto", "lf", "vole"}));
  EXPECT_EQ(registry.backend("sp1").error().fault, Fault::unsupported);
  EXPECT_EQ(registry.backend("vole").value(), registry.backend("vole").value());
}

TEST(Registry, AutoTakesTheSmallerProofAndVerifiesBoth) {
  const auto io = io::make_blocking_io().value();
  Registry registry;
  const auto chosen = registry.backend("auto").value();
  const Bytes short_message = message_of(10);
  const Bytes long_message = message_of(500);
  const auto short_proof = io::run(*io, chosen->prove(program_for(short_message), short_message));
  const auto long_proof = io::run(*io, chosen->prove(program_for(long_message), long_message));
  EXPECT_EQ(short_proof->metadata.backend, "vole");
  EXPECT_EQ(long_proof->metadata.backend, "lf");
  EXPECT_TRUE(io::run(*io, chosen->verify(program_for(short_message), short_proof->bytes)).value());
  EXPECT_TRUE(io::run(*io, chosen->verify(program_for(long_message), long_proof->bytes)).value());
  for (const char* id : {"lf", "vole"}) {
    const auto& other = std::string_view{id} == "lf" ? short_proof : long_proof;
    const Bytes& message = std::string_view{id} == "lf" ? short_message : long_message;
    const auto one = registry.backend(id).value();
    EXPECT_EQ(io::run(*io, one->verify(program_for(message), other->bytes)).error().fault, Fault::unsupported);
  }
}

TEST(Registry, AProfileNamesItsBackEnd) {
  const auto io = io::make_blocking_io().value();
  Registry registry;
  ZkConfig config;
  config.profile = 2;
  const Bytes message = message_of(10);
  const auto refused = io::run(*io, registry.backend("auto").value()->prove(program_for(message), message, config));
  EXPECT_EQ(refused.error().fault, Fault::config);
  const auto vole = registry.backend("vole").value();
  const auto small = io::run(*io, vole->prove(program_for(message), message, config));
  const auto fast = io::run(*io, vole->prove(program_for(message), message, {}));
  EXPECT_LT(small->bytes.size() * 4, fast->bytes.size() * 3);
  EXPECT_TRUE(io::run(*io, vole->verify(program_for(message), small->bytes)).value());
}

TEST(Registry, AddsBackEndsBeforeAutoIsUsed) {
  Registry registry;
  EXPECT_EQ(registry.add(2, vole::scheme()).error().fault, Fault::config);
  EXPECT_EQ(registry.add(9, vole::scheme()).error().fault, Fault::config);
  ASSERT_TRUE(registry.backend("auto").has_value());
  EXPECT_EQ(registry.add(9, vole::scheme()).error().fault, Fault::config);
}

TEST(Registry, ReconfiguresAll) {
  Registry registry;
  const auto lf = registry.backend("lf").value();
  Options options;
  options.max_concurrent = 5;
  ASSERT_TRUE(registry.reconfigure(options).has_value());
  EXPECT_EQ(lf->resource_usage().max_concurrent, 5U);
  EXPECT_EQ(registry.backend("vole").value()->resource_usage().max_concurrent, 5U);
  options.queue_max = 0;
  EXPECT_EQ(registry.reconfigure(options).error().fault, Fault::config);
}

}  // namespace
}  // namespace tablinum::proof
