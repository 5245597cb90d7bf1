#pragma once
/// The padded sumcheck over a layered circuit, and the linear constraints that its verifier leaves to the commitment.
/// Source: docs/proof/lf.md. Notation as there: hands 0 (left) and 1 (right), G0 and G1 the points of a layer's two claims,
/// p̂ and ŵ what is sent: the true value plus a committed pad.
#include <array>
#include <vector>

#include "lf/arrays.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/lf.h"
#include "tablinum/proof/transcript.h"

namespace tablinum::proof::lf {

/// What share of a proof's time is over after each part, about: for Work::reached().
inline constexpr double kEvaluated = 0.08, kCommitted = 0.35, kSummed = 0.92;

/// What the prover sends about one layer.
struct LayerMessages {
  std::vector<std::array<Elt, 2>> rounds;  ///< p̂(0), p̂(inj(2)), at 2 · round + hand
  std::array<Elt, 2> claims;               ///< ŵ
};
using Messages = std::vector<LayerMessages>;

/// What the verifier sends about one layer.
struct LayerChallenges {
  Elt alpha, beta;
  std::array<std::vector<Elt>, 2> points;  ///< by hand
};
struct Challenges {
  std::vector<Elt> outputs;  ///< G0 = G1 of layer 0
  std::vector<LayerChallenges> layers;
  Elt gamma;
};

/// Σ of coefficient · witness[index] in constraint `constraint`.
struct LinearTerm {
  std::uint32_t constraint, witness;
  Elt coefficient;
};
struct Constraints {
  std::vector<LinearTerm> terms;
  std::vector<Elt> right;  ///< one a constraint
};

/// Absorbs what both sides know before the first challenge.
void absorb_statement(const Circuit& circuit, std::span<const Elt> publics, Transcript& transcript);
void draw_outputs(const Circuit& circuit, Transcript& transcript, Challenges& challenges);
void draw_layer(const Layer& layer, Transcript& transcript, LayerChallenges& challenges);

/// All wires: input wires of each layer.
struct Wires {
  std::vector<SecretArray<Elt>> of_layer;
};
/// @error input: an output or an assertion is not 0.  cancelled.
Outcome<Wires> evaluate(const Circuit& circuit, std::span<const Elt> inputs, const Work& work);

/// The prover's side. `pads` are the committed pads in the order of their commitment. Destroys `wires`.
/// @param bound gets the value of each layer's bound form.
/// @error cancelled.
Outcome<Messages> prove_sumcheck(const Circuit& circuit, Wires& wires, std::span<const Elt> pads, Transcript& transcript,
                                 Challenges& challenges, std::vector<Elt>& bound, const Work& work);
/// The verifier's side: challenges for messages.
void replay_sumcheck(const Circuit& circuit, const Messages& messages, Transcript& transcript, Challenges& challenges);

/// What the committed witness (private inputs, then pads) must satisfy for the messages to be true.
Constraints constraints_of(const Circuit& circuit, std::span<const Elt> publics, const Messages& messages,
                           const Challenges& challenges, std::span<const Elt> bound);

/// True once the requester has gone away.
inline bool stopped(const Work& work) noexcept { return work.stop.stop_requested(); }
inline std::unexpected<Failure> cancelled() { return fault(Fault::cancelled, "the caller asked to stop", "lf"); }

}  // namespace tablinum::proof::lf
