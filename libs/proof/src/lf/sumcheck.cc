#include "lf/sumcheck.h"

#include <algorithm>
#include <bit>

#include "field/vectors.h"
#include "lf/layout.h"

namespace tablinum::proof::lf {
namespace {

using kernels::Corner;
using kernels::Gf;

constexpr std::size_t kChallengesAtStart = 40;  // drawn twice; more than any circuit has bits of outputs
constexpr std::size_t kBatch = 1024;            // terms between two looks at the stop token are a multiple of it

// Quad and kernels::Term have one layout, so that a layer's terms go to the kernels as they are.
static_assert(sizeof(Quad) == sizeof(kernels::Term));
const kernels::Term* raw_terms(const Quad* q) noexcept { return reinterpret_cast<const kernels::Term*>(q); }

std::uint32_t index_of_one(const Circuit& circuit) noexcept {
  const auto at = std::ranges::find(circuit.constants, kOne);
  return static_cast<std::uint32_t>(at - circuit.constants.begin());
}

unsigned log2_up(std::uint32_t n) noexcept { return n <= 1 ? 0 : static_cast<unsigned>(std::bit_width(n - 1)); }

Elt all_products(const BoundForm& form, std::span<const Elt> left, std::span<const Elt> right) {
  std::array<Elt, kBatch> products;
  Elt sum;
  for (std::size_t i = 0; i < form.corners.size(); i += kBatch) {
    const std::size_t n = std::min(kBatch, form.corners.size() - i);
    gf().outer(raw(products.data()), form.corners.data() + i, raw(left.data()), raw(right.data()), n);
    Elt part;
    gf().dot(raw(&part), raw(products.data()), raw(form.values.data() + i), n);
    sum += part;
  }
  return sum;
}

}  // namespace

void equality(std::span<const Elt> point, Elt scale, std::span<Elt> table) noexcept {
  if (table.empty()) return;
  table[0] = scale;
  for (std::size_t k = 0, half = 1; k < point.size() && half < table.size(); ++k, half *= 2) {
    const std::size_t n = std::min(half, table.size() - half);
    gf().scale(raw(table.data() + half), raw(&point[k]), raw(table.data()), n);
    for (std::size_t i = 0; i < n; ++i) table[i] += table[half + i];
    // Entries whose sibling lies beyond the table still get their factor 1 + point_k.
    const Elt rest = kOne + point[k];
    if (n < half) gf().scale(raw(table.data() + n), raw(&rest), raw(table.data() + n), half - n);
  }
  // Variables beyond the table's size are 0 in every index.
  std::size_t covered = 0;
  for (std::size_t half = 1; covered < point.size() && half < table.size(); half *= 2) ++covered;
  for (; covered < point.size(); ++covered) {
    const Elt rest = kOne + point[covered];
    gf().scale(raw(table.data()), raw(&rest), raw(table.data()), table.size());
  }
}

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

BoundForm bind_outputs(const Circuit& circuit, std::size_t layer, const Challenges& challenges) {
  const auto& own = challenges.layers[layer];
  const std::vector<Elt>& g0 = layer == 0 ? challenges.outputs : challenges.layers[layer - 1].points[0];
  const std::vector<Elt>& g1 = layer == 0 ? challenges.outputs : challenges.layers[layer - 1].points[1];
  const std::uint32_t outputs = layer == 0 ? circuit.outputs : circuit.layers[layer - 1].wires;
  std::vector<Elt> weight(outputs), second(outputs);
  equality(g0, kOne, weight);
  equality(g1, own.alpha, second);
  for (std::size_t i = 0; i < outputs; ++i) weight[i] += second[i];

  std::vector<Elt> constants = circuit.constants;
  std::ranges::replace(constants, kZero, own.beta);
  const std::uint32_t one = index_of_one(circuit);

  const auto& quads = circuit.layers[layer].quads;
  BoundForm form;
  form.corners.reserve(quads.size());
  form.values.reserve(quads.size());
  std::array<Elt, kBatch> values;
  for (std::size_t i = 0; i < quads.size(); i += kBatch) {
    const std::size_t n = std::min(kBatch, quads.size() - i);
    gf().weights(raw(values.data()), raw_terms(quads.data() + i), raw(weight.data()), raw(constants.data()), one, n);
    for (std::size_t k = 0; k < n; ++k) {
      const Quad& quad = quads[i + k];
      if (!form.corners.empty() && form.corners.back().h[0] == quad.h0 && form.corners.back().h[1] == quad.h1) {
        form.values.back() += values[k];
      } else {
        form.corners.push_back({{quad.h0, quad.h1}});
        form.values.push_back(values[k]);
      }
    }
  }
  return form;
}

Elt bind_all(const BoundForm& form, const Layer& layer, const LayerChallenges& challenges) {
  std::vector<Elt> left(layer.wires), right(layer.wires);
  equality(challenges.points[0], kOne, left);
  equality(challenges.points[1], kOne, right);
  return all_products(form, left, right);
}

// ---- Prover ----------------------------------------------------------------------------------------------------------------

Outcome<Wires> evaluate(const Circuit& circuit, std::span<const Elt> inputs, const Work& work) {
  const std::size_t count = circuit.layers.size();
  const std::uint32_t one = index_of_one(circuit);
  Wires wires;
  wires.of_layer.resize(count);
  wires.of_layer[count - 1].assign(inputs.begin(), inputs.end());
  std::uint64_t wrong = 0;  // gathered without a branch; read once at the end
  SecretVector<Elt> outputs;
  for (std::size_t l = count; l-- > 0;) {
    const auto& quads = circuit.layers[l].quads;
    const auto& in = wires.of_layer[l];
    auto& out = l == 0 ? outputs : wires.of_layer[l - 1];
    out.assign(l == 0 ? circuit.outputs : circuit.layers[l - 1].wires, kZero);
    for (std::size_t i = 0; i < quads.size(); i += 16 * kBatch) {
      if (stopped(work)) return cancelled();
      const std::size_t n = std::min(16 * kBatch, quads.size() - i);
      gf().evaluate(raw(out.data()), raw_terms(quads.data() + i), raw(circuit.constants.data()), one, raw(in.data()), n);
      for (std::size_t k = i; k < i + n; ++k) {
        if (circuit.constants[quads[k].constant] != kZero) continue;
        const Elt product = mul(in[quads[k].h0], in[quads[k].h1]);
        wrong |= product.lo | product.hi;
      }
    }
  }
  for (const Elt& e : outputs) wrong |= e.lo | e.hi;
  if (wrong != 0) return fault(Fault::input, "the inputs do not satisfy the circuit", "prove");
  return wires;
}

namespace {

// p(x) = c0 + c1 x + c2 x^2.
struct Polynomial {
  Elt c0, c1, c2;
  Elt at(Elt x) const noexcept { return c0 + mul(x, c1 + mul(x, c2)); }
};

// One hand's wires while its variables are bound, with room for a zero that makes their number even.
struct Hand {
  SecretVector<Elt> values;
  std::size_t size = 0;
  void even() noexcept {
    if (size % 2 != 0) values[size] = kZero;
  }
  void bind(Elt challenge) noexcept {
    even();
    size = (size + 1) / 2;
    gf().bind(raw(values.data()), raw(&challenge), raw(values.data()), size);
  }
};

// Binds a variable of one hand: value (1 + c) where the bit is 0, value c where it is 1; two entries that fall together add up.
// Whether they do is irregular, so nothing here branches on it.
void bind_form(BoundForm& form, unsigned hand, Elt challenge, std::vector<Elt>& scaled) {
  auto& corners = form.corners;
  auto& values = form.values;
  const std::size_t n = corners.size();
  constexpr std::uint32_t kNowhere = ~0U;
  corners.push_back({{kNowhere, kNowhere}});  // pairs with nothing
  values.push_back(kZero);
  Corner* const corner = corners.data();
  Elt* const value = values.data();
  std::size_t out = 0;
  for (std::size_t i = 0; i < n; ++out) {
    const std::uint32_t own = corner[i].h[hand], other = corner[i].h[1 - hand];
    const std::uint32_t odd = own & 1;
    const std::uint32_t differs = (corner[i + 1].h[1 - hand] ^ other) | (corner[i + 1].h[hand] ^ (own | 1)) | odd;
    const std::uint64_t pair = differs == 0 ? 1 : 0;
    const std::uint64_t second = std::uint64_t{0} - pair, first = std::uint64_t{odd} - 1;
    const Elt here = value[i], next = value[i + 1];
    scaled[out] = here + Elt{next.lo & second, next.hi & second};
    value[out] = {here.lo & first, here.hi & first};
    corner[out].h[hand] = own >> 1;
    corner[out].h[1 - hand] = other;
    i += 1 + pair;
  }
  corners.resize(out);
  values.resize(out);
  gf().axpy(raw(values.data()), raw(&challenge), raw(scaled.data()), out);
}

class LayerProver {
 public:
  LayerProver(BoundForm form, SecretVector<Elt> wires, const Work& work) : form_{std::move(form)}, work_{work} {
    hands_[0].size = hands_[1].size = wires.size();
    wires.push_back(kZero);
    hands_[0].values = wires;
    hands_[1].values = std::move(wires);
    scaled_.resize(form_.corners.size());
    sums_.resize(hands_[0].values.size());
  }

  // The polynomial of one round: p(0) + p(1) = claim.
  Polynomial round(unsigned hand, Elt claim) {
    Hand& own = hands_[hand];
    const Hand& other = hands_[1 - hand];
    own.even();
    const std::size_t size = (own.size + 1) / 2 * 2;
    std::fill_n(sums_.begin(), size, kZero);
    gf().scatter(raw(sums_.data()), form_.corners.data(), raw(form_.values.data()), raw(other.values.data()), hand,
                 form_.corners.size());
    std::array<Elt, 2> sums;
    gf().round(raw(sums.data()), raw(sums_.data()), raw(own.values.data()), size / 2);
    return {sums[0], claim + sums[1], sums[1]};
  }
  void bind(unsigned hand, Elt challenge) {
    hands_[hand].bind(challenge);
    bind_form(form_, hand, challenge, scaled_);
  }
  Elt wire(unsigned hand) const noexcept { return hands_[hand].values[0]; }
  Elt form() const noexcept { return form_.values.empty() ? kZero : form_.values[0]; }

 private:
  BoundForm form_;
  std::array<Hand, 2> hands_;
  SecretVector<Elt> sums_;
  std::vector<Elt> scaled_;
  [[maybe_unused]] const Work& work_;
};

}  // namespace

Outcome<Messages> prove_sumcheck(const Circuit& circuit, Wires& wires, std::span<const Elt> pads, Transcript& transcript,
                                 Challenges& challenges, std::vector<Elt>& bound, const Work& work) {
  draw_outputs(circuit, transcript, challenges);
  challenges.layers.resize(circuit.layers.size());
  bound.clear();
  Messages messages(circuit.layers.size());
  std::array<Elt, 2> claims;
  std::size_t pad = 0;
  for (std::size_t l = 0; l < circuit.layers.size(); ++l) {
    const Layer& layer = circuit.layers[l];
    auto& own = challenges.layers[l];
    draw_layer(layer, transcript, own);
    LayerProver prover{bind_outputs(circuit, l, challenges), std::move(wires.of_layer[l]), work};
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
  std::vector<Elt> weight(circuit.inputs), second(circuit.inputs);
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
