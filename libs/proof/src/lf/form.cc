#include "lf/form.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kBatch = Equality::kBatch;

Elt dot(const Elt* a, const Elt* b, std::size_t n) noexcept {
  Elt sum;
  gf().dot(raw(&sum), raw(a), raw(b), n);
  return sum;
}

// Σ constant · weight[g] · left[h0] · right[h1] over terms.
Elt sum_over(std::span<const Quad> terms, const Constants& constants, const Array<Elt>& weight, const Array<Elt>& left,
             const Array<Elt>& right) {
  std::array<Elt, kBatch> values, products;
  std::array<kernels::Corner, kBatch> corners;
  Elt sum;
  for (std::size_t i = 0; i < terms.size(); i += kBatch) {
    const Quad* const t = terms.data() + i;
    const std::size_t n = std::min(kBatch, terms.size() - i);
    gf().weights(raw(values.data()), raw_terms(t), raw(weight.data()), raw(constants.values.data()), constants.one, n);
    for (std::size_t k = 0; k < n; ++k) corners[k] = {{t[k].h0, t[k].h1}};
    gf().outer(raw(products.data()), corners.data(), raw(left.data()), raw(right.data()), n);
    sum += dot(products.data(), values.data(), n);
  }
  return sum;
}

// The same where few entries of the tables are used: weight(g) = first(g) + second(g), all made as they are needed.
Elt sum_over_few(std::span<const Quad> terms, const Constants& constants, const Equality& first, const Equality& second,
                 const Equality& left, const Equality& right) {
  std::array<Elt, kBatch> product, other;
  Elt sum;
  for (std::size_t i = 0; i < terms.size(); i += kBatch) {
    const Quad* const t = terms.data() + i;
    const std::size_t n = std::min(kBatch, terms.size() - i);
    first.pick(product.data(), n, [&](std::size_t k) { return t[k].g; });
    second.pick(other.data(), n, [&](std::size_t k) { return t[k].g; });
    for (std::size_t k = 0; k < n; ++k) product[k] += other[k];
    for (std::size_t k = 0; k < n; ++k) other[k] = constants.values[t[k].constant];
    gf().mul(raw(product.data()), raw(product.data()), raw(other.data()), n);
    left.pick(other.data(), n, [&](std::size_t k) { return t[k].h0; });
    gf().mul(raw(product.data()), raw(product.data()), raw(other.data()), n);
    right.pick(other.data(), n, [&](std::size_t k) { return t[k].h1; });
    sum += dot(product.data(), other.data(), n);
  }
  return sum;
}

// A layer without a template: whole tables, since most of their entries are used.
Elt plain_value(const Circuit& circuit, std::size_t layer, const Challenges& challenges) {
  const auto& own = challenges.layers[layer];
  const Claims claims{circuit, layer, challenges};
  const Layer& at = circuit.layers[layer];
  Array<Elt> weight(claims.outputs), left(at.wires), right(at.wires);
  Equality{claims.g0, kOne, weight.size()}.fill(weight.data(), 0, weight.size());
  Equality{claims.g1, own.alpha, weight.size()}.add(weight.data(), 0, weight.size());
  Equality{own.points[0], kOne, left.size()}.fill(left.data(), 0, left.size());
  Equality{own.points[1], kOne, right.size()}.fill(right.data(), 0, right.size());
  return sum_over(at.quads, Constants{circuit, own.beta}, weight, left, right);
}

// All copies of a term differ in the low variables only, whose sum is the same for every term: over g0 and g1,
// Σ_c EQ(low point, c) · EQ(low left, c) · EQ(low right, c), without the factors of hands that are the constant wire.
class PatternValue {
 public:
  PatternValue(const Circuit& circuit, std::size_t layer, const Challenges& challenges)
      : own_{challenges.layers[layer]}, claims_{circuit, layer, challenges}, layer_{circuit.layers[layer]},
        constants_{circuit, own_.beta}, low_{layer_.pattern.log_stride} {}

  Elt value() const {
    const Pattern& p = layer_.pattern;
    const Equality left{own_.points[0], kOne, layer_.wires}, right{own_.points[1], kOne, layer_.wires};
    const Equality weight{claims_.g0, kOne, claims_.outputs}, second{claims_.g1, own_.alpha, claims_.outputs};
    return of_terms(p.both, true, true) + of_terms(p.linear, false, true) + of_terms(p.constant, false, false) +
           sum_over_few(p.rest, constants_, weight, second, left, right);
  }

 private:
  std::vector<Elt> low_table(std::span<const Elt> point) const {
    std::vector<Elt> table(std::size_t{1} << low_);
    equality(point.first(low_), kOne, table);
    return table;
  }
  // The low sum for one of the claims' points.
  Elt low_sum(std::span<const Elt> g, bool left, bool right) const {
    auto table = low_table(g);
    const auto l = low_table(own_.points[0]), r = low_table(own_.points[1]);
    if (left) gf().mul(raw(table.data()), raw(table.data()), raw(l.data()), table.size());
    if (right) gf().mul(raw(table.data()), raw(table.data()), raw(r.data()), table.size());
    Elt sum;
    for (std::uint32_t c = 0; c < layer_.pattern.copies; ++c) sum += table[c];
    if (!left) sum = mul(sum, l[0]);  // the constant is wire 0: all its bits are 0
    if (!right) sum = mul(sum, r[0]);
    return sum;
  }
  Elt of_terms(std::span<const Quad> terms, bool left, bool right) const {
    const Pattern& p = layer_.pattern;
    const auto high = [&](std::span<const Elt> point) { return point.subspan(low_); };
    const Elt first = low_sum(claims_.g0, left, right), second = mul(own_.alpha, low_sum(claims_.g1, left, right));
    Array<Elt> weight(p.outputs), l(p.positions), r(p.positions);
    Equality{high(claims_.g0), first, p.outputs}.fill(weight.data(), 0, p.outputs);
    Equality{high(claims_.g1), second, p.outputs}.add(weight.data(), 0, p.outputs);
    Equality{high(own_.points[0]), kOne, p.positions}.fill(l.data(), 0, p.positions);
    Equality{high(own_.points[1]), kOne, p.positions}.fill(r.data(), 0, p.positions);
    return sum_over(terms, constants_, weight, l, r);
  }
  const LayerChallenges& own_;
  Claims claims_;
  const Layer& layer_;
  Constants constants_;
  std::size_t low_;
};

}  // namespace

Constants::Constants(const Circuit& circuit, Elt in_place_of_zero) : values{circuit.constants} {
  one = static_cast<std::uint32_t>(std::ranges::find(values, kOne) - values.begin());
  std::ranges::replace(values, kZero, in_place_of_zero);
}

Claims::Claims(const Circuit& circuit, std::size_t layer, const Challenges& challenges)
    : g0{layer == 0 ? challenges.outputs : challenges.layers[layer - 1].points[0]},
      g1{layer == 0 ? challenges.outputs : challenges.layers[layer - 1].points[1]},
      outputs{layer == 0 ? circuit.outputs : circuit.layers[layer - 1].wires} {}

void Form::append(std::span<const Quad> terms, const Elt* weight, const Constants& constants) {
  std::size_t out = corners.size();
  corners.reserve(out + terms.size() + 1);  // one more for whoever binds the form
  values.reserve(out + terms.size() + 1);
  corners.resize(out + terms.size());
  values.resize(out + terms.size());
  std::array<Elt, kBatch> batch;
  for (std::size_t i = 0; i < terms.size(); i += kBatch) {
    const std::size_t n = std::min(kBatch, terms.size() - i);
    gf().weights(raw(batch.data()), raw_terms(terms.data() + i), raw(weight), raw(constants.values.data()), constants.one, n);
    for (std::size_t k = 0; k < n; ++k) {
      const Quad& term = terms[i + k];
      if (out > 0 && corners[out - 1].h[0] == term.h0 && corners[out - 1].h[1] == term.h1) {
        values[out - 1] += batch[k];
      } else {
        corners[out] = {{term.h0, term.h1}};
        values[out++] = batch[k];
      }
    }
  }
  corners.resize(out);
  values.resize(out);
}

Elt bound_value(const Circuit& circuit, std::size_t layer, const Challenges& challenges) {
  if (circuit.layers[layer].pattern.copies == 0) return plain_value(circuit, layer, challenges);
  return PatternValue{circuit, layer, challenges}.value();
}

}  // namespace tablinum::proof::lf
