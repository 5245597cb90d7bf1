// The scheme that chooses among schemes.
#include "tablinum/proof/registry.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof {
namespace {

class AutoScheme final : public Scheme {
 public:
  explicit AutoScheme(std::vector<NumberedScheme> schemes) {
    for (auto& [number, scheme] : schemes) {
      Capabilities capabilities = scheme->capabilities();
      schemes_.push_back({number, std::move(scheme), std::move(capabilities)});
    }
  }

  Capabilities capabilities() const override {
    Capabilities all{std::string{kAuto}, {}, {}, true, true};
    for (const auto& [number, scheme, one] : schemes_) {
      if (!one.zero_knowledge) continue;
      for (const Capabilities::Shape& shape : one.shapes) {
        const auto same = [&](const Capabilities::Shape& known) { return known.type == shape.type && known.shape == shape.shape; };
        if (std::ranges::none_of(all.shapes, same)) all.shapes.push_back(shape);
      }
      all.post_quantum = all.post_quantum && one.post_quantum;
    }
    return all;
  }

  Outcome<Plan> plan_proof(ByteView program, ByteView input, std::optional<std::uint8_t> profile) const override {
    if (profile) return fault(Fault::config, "a profile belongs to one back end: name it");
    Outcome<Plan> best = fault(Fault::unsupported, "no back end takes this statement");
    for (const auto& [number, scheme, capabilities] : schemes_) {
      if (!capabilities.zero_knowledge) continue;
      Outcome<Plan> plan = scheme->plan_proof(program, input, {});
      const bool better = plan ? !best || plan->proof_bytes < best->proof_bytes
                               : !best && best.error().fault == Fault::unsupported && plan.error().fault != Fault::unsupported;
      if (better) best = std::move(plan);
    }
    return best;
  }

  Outcome<Plan> plan_verification(ByteView program, ByteView proof) const override {
    TRY(envelope, read_envelope(proof));
    for (const auto& [number, scheme, capabilities] : schemes_) {
      if (number == envelope.backend) return scheme->plan_verification(program, proof);
    }
    return fault(Fault::unsupported, "the proof is of a back end that is not here");
  }

  Outcome<CircuitPtr> compile(const Plan& plan, const Work& work) const override { return of(plan).compile(plan, work); }
  Bytes image(const CircuitPtr& circuit) const override {
    for (const Known& one : schemes_)
      if (Bytes bytes = one.scheme->image(circuit); !bytes.empty()) return bytes;
    return {};
  }
  Outcome<CircuitPtr> from_image(const Plan& plan, ByteView bytes) const override { return of(plan).from_image(plan, bytes); }
  Outcome<MadeProof> prove(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView input,
                           const Work& work) const override {
    return of(plan).prove(plan, circuit, program, input, work);
  }
  Outcome<bool> verify(const Plan& plan, const CircuitPtr& circuit, ByteView program, ByteView proof, const Work& work) const override {
    return of(plan).verify(plan, circuit, program, proof, work);
  }
  Sample sample() const override { return schemes_.front().scheme->sample(); }

 private:
  struct Known {
    std::uint8_t number;
    std::shared_ptr<const Scheme> scheme;
    Capabilities capabilities;
  };
  /// The plan came from here, so its back end is here.
  const Scheme& of(const Plan& plan) const {
    const auto named = [&](const Known& one) { return one.capabilities.backend == plan.backend; };
    return *std::ranges::find_if(schemes_, named)->scheme;
  }
  std::vector<Known> schemes_;
};

}  // namespace

std::shared_ptr<const Scheme> make_auto_scheme(std::vector<NumberedScheme> schemes) {
  return std::make_shared<AutoScheme>(std::move(schemes));
}

}  // namespace tablinum::proof
