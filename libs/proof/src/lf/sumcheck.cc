#include "lf/sumcheck.h"

#include <algorithm>
#include <bit>

#include "field/vectors.h"
#include "lf/layer_prover.h"
#include "lf/layout.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kChallengesAtStart = 40;  // drawn twice; more than any circuit has bits of outputs
unsigned log2_up(std::uint32_t n) noexcept { return n <= 1 ? 0 : static_cast<unsigned>(std::bit_width(n - 1)); }

}  // namespace

void absorb_statement(const Circuit& circuit, std::span<const Elt> publics, Transcript& transcript) {
  transcript.bytes(circuit.id.view());
  for (const Elt& e : publics) transcript.elt(e);
  transcript.elt(kZero);
  transcript.zeros(circuit.quad_count());
}

void draw_outputs(const Circuit& circuit, Transcript& transcript, Challenges& challenges) {
  std::array<Elt, kChallengesAtStart> drawn;
  transcript.challenges(drawn);
  transcript.challenges(drawn);
  challenges.outputs.assign(drawn.begin(), drawn.begin() + log2_up(circuit.outputs));
}

void draw_layer(const Layer& layer, Transcript& transcript, LayerChallenges& challenges) {
  challenges.alpha = transcript.challenge();
  challenges.beta = transcript.challenge();
  for (auto& points : challenges.points) points.assign(layer.log_wires, kZero);
}

// ---- Prover ----------------------------------------------------------------------------------------------------------------

Outcome<Messages> prove_sumcheck(const Circuit& circuit, Wires& wires, std::span<const Elt> pads, Transcript& transcript,
                                 Challenges& challenges, std::vector<Elt>& bound, const Work& work) {
  draw_outputs(circuit, transcript, challenges);
  challenges.layers.resize(circuit.layers.size());
  bound.clear();
  Messages messages(circuit.layers.size());
  std::array<Elt, 2> claims;
  std::size_t pad = 0;
  LayerProver prover{circuit, work.executor};
  std::uint64_t terms = 0;
  const double all_terms = static_cast<double>(std::max<std::uint64_t>(circuit.quad_count(), 1));
  for (std::size_t l = 0; l < circuit.layers.size(); ++l) {
    const Layer& layer = circuit.layers[l];
    auto& own = challenges.layers[l];
    draw_layer(layer, transcript, own);
    prover.begin(l, challenges, std::move(wires.of_layer[l]));
    Elt claim = claims[0] + mul(own.alpha, claims[1]);
    for (std::uint32_t round = 0; round < layer.log_wires; ++round)
      for (unsigned hand = 0; hand < 2; ++hand) {
        if (stopped(work)) return cancelled();
        const Polynomial p = prover.round(hand, claim);
        const std::array<Elt, 2> sent{p.c0 + pads[pad], p.at(point2()) + pads[pad + 1]};
        pad += 2;
        messages[l].rounds.push_back(sent);
        transcript.elt(sent[0]);
        transcript.elt(sent[1]);
        const Elt challenge = own.points[hand][round] = transcript.challenge();
        claim = p.at(challenge);
        prover.bind(hand, challenge);
      }
    claims = {prover.wire(0), prover.wire(1)};
    messages[l].claims = {claims[0] + pads[pad], claims[1] + pads[pad + 1]};
    pad += 3;  // the third is the product of the two
    transcript.array(messages[l].claims);
    bound.push_back(prover.form());
    terms += layer.quads.size();
    work.reached(kCommitted + (kSummed - kCommitted) * static_cast<double>(terms) / all_terms);
  }
  challenges.gamma = transcript.challenge();
  return messages;
}

// ---- Verifier --------------------------------------------------------------------------------------------------------------

void replay_sumcheck(const Circuit& circuit, const Messages& messages, Transcript& transcript, Challenges& challenges) {
  draw_outputs(circuit, transcript, challenges);
  challenges.layers.resize(circuit.layers.size());
  for (std::size_t l = 0; l < circuit.layers.size(); ++l) {
    auto& own = challenges.layers[l];
    draw_layer(circuit.layers[l], transcript, own);
    for (std::size_t i = 0; i < messages[l].rounds.size(); ++i) {
      for (const Elt& e : messages[l].rounds[i]) transcript.elt(e);
      own.points[i % 2][i / 2] = transcript.challenge();
    }
    transcript.array(messages[l].claims);
  }
  challenges.gamma = transcript.challenge();
}

namespace {

// Weights of p(0), p(1), p(inj(2)) in p(x) for a polynomial of degree 2.
std::array<Elt, 3> lagrange(Elt x) noexcept {
  static const Elt at0 = invert(point2());                          // 1 / ((0 + 1)(0 + P2))
  static const Elt at1 = invert(kOne + point2());                   // 1 / ((1 + 0)(1 + P2))
  static const Elt at2 = invert(mul(point2(), point2() + kOne));    // 1 / ((P2 + 0)(P2 + 1))
  const Elt x1 = x + kOne, x2 = x + point2();
  return {mul(at0, mul(x1, x2)), mul(at1, mul(x, x2)), mul(at2, mul(x, x1))};
}

// known + Σ coefficient · pad: a claim that the verifier knows up to the committed pads. Pads are numbered as they are committed,
// with those of the claims before the layer in front.
class Claim {
 public:
  static constexpr std::size_t kBefore = 3;  // wl, wr, wl · wr of the layer before
  explicit Claim(std::size_t pads) : coefficients_(kBefore + pads) {}

  void add(std::size_t pad, Elt sent, Elt k) noexcept {
    known_ += mul(k, sent);
    coefficients_[pad] += k;
  }
  void scale(Elt k) noexcept {
    known_ = mul(known_, k);
    gf().scale(raw(coefficients_.data()), raw(&k), raw(coefficients_.data()), coefficients_.size());
  }
  Elt known_;
  std::vector<Elt> coefficients_;
};

}  // namespace

Constraints constraints_of(const Circuit& circuit, std::span<const Elt> publics, const Messages& messages,
                           const Challenges& challenges, std::span<const Elt> bound) {
  Constraints out;
  std::size_t terms = std::size_t{circuit.inputs - circuit.public_inputs} + 2;
  for (const auto& layer : circuit.layers) terms += Claim::kBefore + pads_of(layer);
  out.terms.reserve(terms);
  std::uint32_t first_pad = circuit.inputs - circuit.public_inputs;
  std::array<Elt, 2> before;  // claims sent about the layer before
  for (std::uint32_t l = 0; l < circuit.layers.size(); ++l) {
    const Layer& layer = circuit.layers[l];
    const auto& own = challenges.layers[l];
    Claim claim{pads_of(layer)};
    claim.add(0, before[0], kOne);
    claim.add(1, before[1], own.alpha);
    for (std::size_t i = 0; i < messages[l].rounds.size(); ++i) {
      const auto& sent = messages[l].rounds[i];
      const auto weights = lagrange(own.points[i % 2][i / 2]);
      const std::size_t pad = Claim::kBefore + 2 * i;
      claim.add(pad, sent[0], kOne);  // p(1) = claim − p(0)
      claim.scale(weights[1]);
      claim.add(pad, sent[0], weights[0]);
      claim.add(pad + 1, sent[1], weights[2]);
    }
    // claim = Q (ŵ0 + wl)(ŵ1 + wr), where wl · wr is a witness of its own.
    const Elt q = bound[l];
    const auto& w = messages[l].claims;
    const std::size_t last = claim.coefficients_.size() - 3;
    claim.coefficients_[last] += mul(q, w[1]);
    claim.coefficients_[last + 1] += mul(q, w[0]);
    claim.coefficients_[last + 2] += q;
    out.right.push_back(claim.known_ + mul(q, mul(w[0], w[1])));
    for (std::size_t i = l == 0 ? Claim::kBefore : 0; i < claim.coefficients_.size(); ++i)
      out.terms.push_back({l, static_cast<std::uint32_t>(first_pad + i - Claim::kBefore), claim.coefficients_[i]});
    before = w;
    first_pad += pads_of(layer);
  }

  // The inputs: Σ (EQ(G0, i) + γ EQ(G1, i)) input_i = (ŵ0 + wl) + γ (ŵ1 + wr).
  const auto number = static_cast<std::uint32_t>(circuit.layers.size());
  const auto& last = challenges.layers.back();
  Array<Elt> weight(circuit.inputs), second(circuit.inputs);
  equality(last.points[0], kOne, weight);
  equality(last.points[1], challenges.gamma, second);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] += second[i];
  Elt right;
  gf().dot(raw(&right), raw(weight.data()), raw(publics.data()), publics.size());
  for (std::uint32_t i = circuit.public_inputs; i < circuit.inputs; ++i)
    out.terms.push_back({number, i - circuit.public_inputs, weight[i]});
  out.terms.push_back({number, first_pad - 3, kOne});
  out.terms.push_back({number, first_pad - 2, challenges.gamma});
  out.right.push_back(right + before[0] + mul(challenges.gamma, before[1]));
  return out;
}

}  // namespace tablinum::proof::lf
