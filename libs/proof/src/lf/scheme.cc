// The statements over `lf`: plans, circuits, envelopes.
#include <algorithm>

#include "circuit/compiler.h"
#include "circuit/image.h"
#include "lf/layout.h"
#include "tablinum/proof/lf.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::uint8_t kBackend = 1;
constexpr std::uint8_t kDefaultProfile = static_cast<std::uint8_t>(Profile::p115);
// Of one compression: 100 thousand terms of 16 bytes, and half of that for what is not hashing; and what proving and verifying hold
// beside the circuit. Measured: memory_test.
constexpr std::size_t kCircuitBytesPerCompression = std::size_t{5} << 19;
constexpr std::size_t kProveBytesPerCompression = std::size_t{6} << 20;
constexpr std::size_t kVerifyBytesPerCompression = std::size_t{3} << 18;
/// SHA-256 of the sources that decide which circuit a statement gets (CMakeLists.txt), in hexadecimal.
constexpr std::string_view kCircuitSources = TABLINUM_CIRCUIT_SOURCES;
static_assert(kCircuitSources.size() == 64);
constexpr std::size_t kBytesAtLeast = std::size_t{2} << 20;

class CircuitOf final : public CompiledCircuit {
 public:
  explicit CircuitOf(Compiled made) : compiled{std::move(made)} {}
  std::size_t bytes() const noexcept override { return compiled.circuit.bytes() + 8 * compiled.layout.glue.size(); }
  Compiled compiled;
};
const Compiled& compiled(const CircuitPtr& circuit) { return static_cast<const CircuitOf&>(*circuit).compiled; }

Outcome<Plan> plan_for(StatementType type, std::uint16_t shape, std::uint8_t profile, std::size_t bytes_per_compression) {
  TRY(params, params_for(profile, compressions(type, shape)));
  const std::size_t count = std::max(1U, compressions(type, shape));
  Plan plan;
  plan.backend = "lf";
  plan.type = static_cast<std::uint8_t>(type);
  plan.profile = profile;
  plan.shape = shape;
  plan.memory_bytes = kBytesAtLeast + count * (kCircuitBytesPerCompression + bytes_per_compression);
  const std::size_t w = (params.block_enc + 1) / (2 + params.rate_inverse) - params.queries;
  plan.proof_bytes = std::size_t{72} << 10 | (std::size_t{kSlotInputs} * count / w * params.queries * 2);
  plan.circuit_key.push_back(std::byte{kBackend});
  plan.circuit_key.push_back(std::byte{kBuilderVersion});
  plan.circuit_key.push_back(std::byte{kImageVersion});
  plan.circuit_key.push_back(static_cast<std::byte>(type));
  append_u16_le(plan.circuit_key, shape);
  plan.circuit_key.push_back(std::byte{profile});
  append(plan.circuit_key, bytes_of(kCircuitSources));
  return plan;
}

SecretVector<Elt> public_elements(std::span<const std::uint8_t> bits) {
  SecretVector<Elt> out{kOne};
  for (const auto bit : bits) out.push_back(Elt{bit, 0});
  return out;
}

class LfScheme final : public Scheme {
 public:
  Capabilities capabilities() const override {
    Capabilities out;
    out.backend = "lf";
    for (const auto& [type, shape] : common_shapes()) out.shapes.push_back({static_cast<std::uint8_t>(type), shape, words(type, shape)});
    out.profiles = {kDefaultProfile, static_cast<std::uint8_t>(Profile::lf140), static_cast<std::uint8_t>(Profile::lf132)};
    return out;
  }

  Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const override {
    TRY(statement, Statement::parse(program));
    TRY(shape, shape_for(statement, input));
    return plan_for(statement.type, shape, profile.value_or(kDefaultProfile), kProveBytesPerCompression);
  }
  Outcome<Plan> plan_verification(ByteView program, ByteView proof) const override {
    TRY(statement, Statement::parse(program));
    TRY(envelope, read_envelope(proof));
    if (envelope.backend != kBackend || envelope.type != statement.type || !shape_fits(statement, envelope.shape))
      return fault(Fault::unsupported, "a proof of another back end, type or shape", "verify");
    return plan_for(envelope.type, envelope.shape, envelope.profile, kVerifyBytesPerCompression);
  }
  Outcome<CircuitPtr> compile(const Plan& plan, const Work& work) const override {
    Compiler compiler;
    build(static_cast<StatementType>(plan.type), plan.shape, compiler);
    TRY(made, compiler.compile(work));
    return std::make_shared<CircuitOf>(std::move(made));
  }

  Bytes image(const CircuitPtr& circuit) const override {
    const auto* const ours = dynamic_cast<const CircuitOf*>(circuit.get());
    return ours != nullptr ? write_image(ours->compiled) : Bytes{};
  }
  Outcome<CircuitPtr> from_image(const Plan& plan, ByteView bytes) const override {
    TRY(made, read_image(bytes));
    if (made.layout.slots != compressions(static_cast<StatementType>(plan.type), plan.shape))
      return fault(Fault::serialization, "circuit image: of another statement", "circuit");
    return std::make_shared<CircuitOf>(std::move(made));
  }

  Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                           const Work& work) const override {
    TRY(statement, Statement::parse(program));
    TRY(witness, make_witness(statement, plan.shape, input));
    TRY(publics, public_bits(statement, plan.shape, witness.outputs));
    const auto& [shape_circuit, layout] = compiled(circuit);
    Recorder recorder{publics, witness.bits};
    build(statement.type, plan.shape, recorder);
    if (!recorder.fits(layout)) return fault(Fault::backend, "the circuit is of another statement", "prove");
    if (!recorder.satisfied()) return fault(Fault::input, "the input does not make the program true", "prove");

    Envelope envelope{kBackend, statement.type, plan.profile, plan.shape, std::move(witness.outputs), {}, {}};
    fill_random(envelope.nonce);
    TRY(params, params_for(plan.profile, compressions(statement.type, plan.shape)));
    const auto random = system_random();
    TRY(inner, lf::prove(shape_circuit, recorder.inputs(layout), session_of(envelope, program).view(), params, *random, work));
    envelope.inner = std::move(inner);
    return MadeProof{envelope.encode(), profile_bits(plan.profile, compressions(statement.type, plan.shape))};
  }
  Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof, const Work& work) const override {
    TRY(statement, Statement::parse(program));
    TRY(envelope, read_envelope(proof));
    TRY(publics, public_bits(statement, plan.shape, envelope.outputs));
    if (publics.empty()) return false;
    TRY(params, params_for(plan.profile, compressions(statement.type, plan.shape)));
    return lf::verify(compiled(circuit).circuit, public_elements(publics), session_of(envelope, program).view(), params, envelope.inner,
                      work);
  }

  Sample sample() const override {
    const ByteView message = bytes_of("abc");
    Sample out{{std::byte{1}}, {message.begin(), message.end()}};
    append(out.program, sha256(message).view());
    return out;
  }

 private:
  static std::vector<std::pair<StatementType, std::uint16_t>> common_shapes() {
    std::vector<std::pair<StatementType, std::uint16_t>> out;
    for (const auto type : {StatementType::message, StatementType::change, StatementType::block, StatementType::in_log,
                            StatementType::older,
                            StatementType::descent, StatementType::field_equals, StatementType::header_chain})
      for (unsigned shape = 0; shape <= 0xffff; ++shape)
        if (shape_exists(type, static_cast<std::uint16_t>(shape)) && !is_variant(type, shape)) out.emplace_back(type, shape);
    return out;
  }
  // Chains and trees of every size exist; the list names single ones.
  static bool is_variant(StatementType type, unsigned shape) { return type == StatementType::block && shape > 1; }
};

}  // namespace

std::shared_ptr<const Scheme> scheme() { return std::make_shared<LfScheme>(); }

}  // namespace tablinum::proof::lf
