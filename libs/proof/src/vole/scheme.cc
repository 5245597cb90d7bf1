// The statements over `vole`: envelopes, circuits, limits.
#include <fmt/format.h>

#include "tablinum/proof/statement.h"
#include "vole/protocol.h"

namespace tablinum::proof::vole {
namespace {

constexpr std::uint8_t kBackendNumber = 2;
/// Raised whenever the Recorder's circuits change: circuits of different versions are never mixed up in a cache.
constexpr std::uint8_t kBuilderVersion = 1;

constexpr std::array kTypes{StatementType::message, StatementType::change,  StatementType::block,        StatementType::in_log,
                            StatementType::older,   StatementType::descent, StatementType::field_equals, StatementType::header_chain};

/// Upper bounds for one compression with what a statement adds to it, measured over all shapes (vole_scheme_test).
constexpr std::size_t kWiresPerCompression = 160'000;
constexpr std::size_t kCommittedPerCompression = 28'000;

std::vector<Capabilities::Shape> all_shapes() {
  std::vector<Capabilities::Shape> shapes;
  for (const StatementType type : kTypes) {
    for (unsigned shape = 0; shape <= 0xffff; ++shape) {
      const auto number = static_cast<std::uint16_t>(shape);
      if (!shape_exists(type, number) || compressions(type, number) > kCompressionsMaxHere) continue;
      shapes.push_back({static_cast<std::uint8_t>(type), number, words(type, number)});
    }
  }
  return shapes;
}

Plan plan_for(StatementType type, std::uint16_t shape, const Params& params) {
  const std::size_t size = std::max(1U, compressions(type, shape));
  const Layout layout{params, size * kCommittedPerCompression};
  Plan plan;
  plan.backend = "vole";
  plan.type = static_cast<std::uint8_t>(type);
  plan.profile = params.profile;
  plan.shape = shape;
  // Gates, values and tags of wires; columns and rows; the trees. Measured: memory_test.
  plan.memory_bytes = size * kWiresPerCompression * (sizeof(BooleanCircuit::Gate) + sizeof(Elt) + 1) +
                      layout.blocks() * sizeof(Elt) * (2 * 128 + params.trees) + params.trees * params.leaves() * 2 * kSeedBytes;
  plan.proof_bytes = layout.proof_bytes();
  plan.circuit_key = {std::byte{kBuilderVersion}, std::byte{plan.type}};
  append_u16_le(plan.circuit_key, shape);
  return plan;
}

Outcome<Params> params_of(std::uint8_t profile) {
  const auto params = Params::of(profile);
  if (!params) return fault(Fault::unsupported, fmt::format("vole has no profile {}", profile));
  return *params;
}

Outcome<void> check_size(StatementType type, std::uint16_t shape) {
  if (!shape_exists(type, shape)) return fault(Fault::unsupported, "no such shape");
  if (compressions(type, shape) > kCompressionsMaxHere) {
    return fault(Fault::unsupported, fmt::format("vole takes statements of up to {} compressions", kCompressionsMaxHere));
  }
  return {};
}

const BooleanCircuit& boolean(const CircuitPtr& circuit) { return dynamic_cast<const BooleanCircuit&>(*circuit); }

class VoleScheme final : public Scheme {
 public:
  explicit VoleScheme(RandomMaker random) : random_{std::move(random)} {}

  Capabilities capabilities() const override {
    static const std::vector<Capabilities::Shape> shapes = all_shapes();
    return {"vole", shapes, {1, 2}, true, true};
  }

  Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const override {
    TRY(statement, Statement::parse(program));
    TRY(params, params_of(profile.value_or(static_cast<std::uint8_t>(Profile::fast))));
    TRY(shape, shape_for(statement, input));
    CHECK_OK(check_size(statement.type, shape));
    return plan_for(statement.type, shape, params);
  }

  Outcome<Plan> plan_verification(ByteView program, ByteView proof) const override {
    TRY(statement, Statement::parse(program));
    TRY(envelope, read_envelope(proof));
    if (envelope.backend != kBackendNumber) return fault(Fault::unsupported, "the proof is of another back end");
    TRY(params, params_of(envelope.profile));
    CHECK_OK(check_size(envelope.type, envelope.shape));
    if (envelope.type != statement.type) return fault(Fault::unsupported, "the proof is of another type");
    if (!shape_fits(statement, envelope.shape)) return fault(Fault::unsupported, "the proof's shape does not go with the program");
    return plan_for(envelope.type, envelope.shape, params);
  }

  Outcome<CircuitPtr> compile(const Plan& plan, const Work& work) const override {
    if (work.stop.stop_requested()) return fault(Fault::cancelled, "asked to stop");
    Recorder recorder;
    build(static_cast<StatementType>(plan.type), plan.shape, recorder);
    return std::make_shared<const BooleanCircuit>(recorder.finish());
  }

  Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                           const Work& work) const override {
    TRY(statement, Statement::parse(program));
    TRY(witness, make_witness(statement, plan.shape, input));
    TRY(publics, public_bits(statement, plan.shape, witness.outputs));
    TRY(params, params_of(plan.profile));
    const auto random = random_ ? random_() : lf::system_random();
    Envelope envelope{kBackendNumber, statement.type, plan.profile, plan.shape, std::move(witness.outputs), {}, {}};
    CHECK_OK(random->fill(envelope.nonce));
    const Digest session = session_of(envelope, program);
    TRY(inner, vole::prove(boolean(circuit), params, publics, witness.bits, session.view(), *random, work));
    envelope.inner = std::move(inner);
    return MadeProof{envelope.encode(), soundness_bits(plan.profile)};
  }

  Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof, const Work& work) const override {
    TRY(statement, Statement::parse(program));
    TRY(envelope, read_envelope(proof));
    TRY(publics, public_bits(statement, plan.shape, envelope.outputs));
    if (publics.empty()) return false;
    TRY(params, params_of(plan.profile));
    const Digest session = session_of(envelope, program);
    TRY(verdict, vole::verify(boolean(circuit), params, publics, session.view(), envelope.inner, work));
    if (verdict == Verdict::wrong_length) return fault(Fault::serialization, "the proof has not the length that its shape has");
    return verdict == Verdict::accepted;
  }

  Sample sample() const override {
    const auto message = bytes_of("tablinum");
    Bytes program{std::byte{static_cast<std::uint8_t>(StatementType::message)}};
    append(program, sha256(message).view());
    return {std::move(program), {message.begin(), message.end()}};
  }

 private:
  const RandomMaker random_;
};

}  // namespace

Outcome<std::vector<SoundnessTerm>> soundness(std::uint8_t profile) {
  TRY(params, params_of(profile));
  const double pairs = std::log2(params.trees * (params.trees - 1) / 2.0);
  std::vector<SoundnessTerm> terms;
  terms.push_back({"consistency hash: two trees agree by chance", 8.0 * kConsistencyBytes - pairs});
  terms.push_back({"batching of the constraints", 128});
  terms.push_back({"opening of the trees: two roots of a polynomial of degree 2, grinding included",
                   params.columns() + params.grinding - 1.0});
  return terms;
}

double soundness_bits(std::uint8_t profile) noexcept {
  const auto params = Params::of(profile);
  return params ? params->columns() + params->grinding - 1.0 : 0;
}

std::shared_ptr<const Scheme> scheme(RandomMaker random) { return std::make_shared<VoleScheme>(std::move(random)); }

}  // namespace tablinum::proof::vole
