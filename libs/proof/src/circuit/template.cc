// Additions are checked in the exponent: a word v stands for x^v = Π (1 + v_i (x^(2^i) + 1)), sums are products, and a sum modulo
// 2^32 is one of a few products that differ by powers of x^(2^32). x has order 2^128 − 1, so exponents do not wrap.
#include "circuit/template.h"

#include <algorithm>
#include <bit>
#include <map>

namespace tablinum::proof::lf {
namespace {

// A wire of the template: its level and its position there.
struct Wire {
  std::uint32_t level = 0, at = 0;
  friend auto operator<=>(const Wire&, const Wire&) = default;
};
struct Part {
  Wire a, b;
  Elt k;
};

class Builder {
 public:
  Builder() {
    result_.constants = {kZero, kOne};
    Elt power{2, 0};
    for (auto& e : powers_) {
      e = power;
      power = square(power);
    }
  }
  Template build();

 private:
  using Bits = std::array<Wire, 32>;

  static Wire one(std::uint32_t level) { return {level, 0}; }
  Wire bit(std::uint32_t word, std::uint32_t i) const { return {1, bit_position(word, i % 32)}; }

  std::uint32_t constant(Elt k) {
    const auto key = std::pair{k.lo, k.hi};
    if (k == kZero) return 0;
    if (k == kOne) return 1;
    auto [at, added] = constants_.try_emplace(key, static_cast<std::uint32_t>(result_.constants.size()));
    if (added) result_.constants.push_back(k);
    return at->second;
  }
  TemplateLevel& level(std::uint32_t l) {
    if (result_.levels.size() <= l) result_.levels.resize(l + 1, {{}, 1});
    return result_.levels[l];
  }
  void term(std::uint32_t l, std::uint32_t g, Wire a, Wire b, Elt k) {
    level(l).quads.push_back({std::min(a.at, b.at), std::max(a.at, b.at), g, constant(k)});
  }
  // A new wire: the sum of the parts, all of whose wires are at one level.
  Wire sum(std::initializer_list<Part> parts) {
    const std::uint32_t l = parts.begin()->b.level;
    const std::uint32_t g = level(l).wires++;
    for (const auto& p : parts) term(l, g, p.a, p.b, p.k);
    return {l + 1, g};
  }
  Wire product(Wire a, Wire b) {
    b = lift(b, a.level), a = lift(a, b.level);
    return sum({{a, b, kOne}});
  }
  // The same value at a higher level.
  Wire lift(Wire w, std::uint32_t to) {
    while (w.level < to) {
      auto [at, added] = lifted_.try_emplace(w);
      if (added) at->second = sum({{one(w.level), w, kOne}});
      w = lifted_[w];
    }
    return w;
  }
  // Each assertion of a level has an output of its own: two on one output could cancel.
  void assert_product(Wire a, Wire b) {
    b = lift(b, a.level), a = lift(a, b.level);
    assertions_.push_back({a, b});
  }
  Wire product_of(std::vector<Wire> factors) {
    for (; factors.size() > 1;) {
      std::vector<Wire> next;
      for (std::size_t i = 0; i + 1 < factors.size(); i += 2) next.push_back(product(factors[i], factors[i + 1]));
      if (factors.size() % 2 != 0) next.push_back(factors.back());
      factors = std::move(next);
    }
    return factors[0];
  }

  void unpack();
  // x^word from the word's own bits.
  Wire power_of(std::uint32_t word) {
    auto [at, added] = word_powers_.try_emplace(word);
    if (!added) return at->second;
    std::vector<Wire> pairs;
    for (std::uint32_t p = 0; p < kPairs; ++p) {
      const Elt k0 = powers_[2 * p] + kOne, k1 = powers_[2 * p + 1] + kOne;
      const Wire b0 = bit(word, 2 * p), b1 = bit(word, 2 * p + 1);
      pairs.push_back(sum({{one(1), one(1), kOne}, {one(1), b0, k0}, {one(1), b1, k1}, {b0, b1, mul(k0, k1)}}));
    }
    return word_powers_[word] = product_of(pairs);
  }
  // x^(bits given by three products or single bits each): part(i) are the three parts of bit i.
  template <class Parts>
  Wire power_of_bits(Parts&& parts) {
    std::vector<Wire> factors;
    for (std::uint32_t i = 0; i < 32; ++i) {
      const Elt k = powers_[i] + kOne;
      const auto three = parts(i);
      const std::uint32_t g = level(1).wires++;
      term(1, g, one(1), one(1), kOne);
      for (const auto& [a, b] : three) term(1, g, a, b, k);
      factors.push_back({2, g});
    }
    return product_of(factors);
  }
  using Three = std::vector<std::pair<Wire, Wire>>;
  Wire power_of_rotations(std::uint32_t word, std::uint32_t r0, std::uint32_t r1, std::uint32_t last, bool shift) {
    return power_of_bits([&](std::uint32_t i) {
      Three out{{one(1), bit(word, i + r0)}, {one(1), bit(word, i + r1)}};
      if (!shift || i + last < 32) out.push_back({one(1), bit(word, i + last)});
      return out;
    });
  }
  Wire power_of_choice(std::uint32_t e, std::uint32_t f, std::uint32_t g) {
    return power_of_bits([&](std::uint32_t i) {
      return Three{{bit(e, i), bit(f, i)}, {bit(e, i), bit(g, i)}, {one(1), bit(g, i)}};
    });
  }
  Wire power_of_majority(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return power_of_bits([&](std::uint32_t i) {
      return Three{{bit(a, i), bit(b, i)}, {bit(b, i), bit(c, i)}, {bit(a, i), bit(c, i)}};
    });
  }
  // total = result · x^(2^32 j + offset) for some j of [first, first + count).
  void assert_congruent(Wire total, Wire result, int first, unsigned count, std::uint32_t offset);

  Template result_;
  std::array<Elt, 33> powers_;  // x^(2^i)
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> constants_;
  std::map<Wire, Wire> lifted_;
  std::map<std::uint32_t, Wire> word_powers_;
  std::vector<std::pair<Wire, Wire>> assertions_;
};

// Inputs to bits, and that each input is one of the four values: b1 is 0 or 1 exactly then.
void Builder::unpack() {
  const auto& c = pair_coefficients();
  level(0).wires = bit_position(word::kCount, 0);
  for (std::uint32_t word = 0; word < word::kCount; ++word)
    for (std::uint32_t p = 0; p < kPairs; ++p) {
      const std::uint32_t e = word * kPairs + p;
      const std::uint32_t b0 = bit_position(word, 2 * p), b1 = bit_position(word, 2 * p + 1);
      // The constant of level 0 is not the template's: whoever copies it puts input 0 there. A mark that no position has.
      level(0).quads.push_back({~0U, e, b0, constant(c.low[0])});
      level(0).quads.push_back({e, e, b0, constant(c.low[1])});
      level(0).quads.push_back({~0U, e, b1, constant(c.high)});
      level(0).quads.push_back({e, e, b1, constant(c.high)});
      const Wire b{1, b1};
      const Wire check = sum({{b, b, kOne}, {one(1), b, kOne}});
      assert_product(one(2), check);
    }
}

void Builder::assert_congruent(Wire total, Wire result, int first, unsigned count, std::uint32_t offset) {
  // x^offset from its bits.
  Elt base = kOne;
  for (unsigned i = 0; i < 32; ++i)
    if (offset >> i & 1) base = mul(base, powers_[i]);
  base = invert(base);
  for (int j = first; j < 0; ++j) base = mul(base, invert(powers_[32]));
  for (int j = 0; j < first; ++j) base = mul(base, powers_[32]);
  std::vector<Elt> steps;
  for (unsigned j = 0; j < count; ++j, base = mul(base, powers_[32])) steps.push_back(base);

  const std::uint32_t at = std::max(total.level, result.level);
  total = lift(total, at), result = lift(result, at);
  // (total + s result)(total + t result) for two steps at a time.
  std::vector<Wire> factors;
  if (count == 2) {
    for (const Elt& s : steps) factors.push_back(sum({{one(at), total, kOne}, {one(at), result, s}}));
  } else {
    for (unsigned j = 0; j + 1 < count; j += 2) {
      const Elt product = mul(steps[j], steps[j + 1]);
      factors.push_back(sum({{total, total, kOne}, {total, result, steps[j] + steps[j + 1]}, {result, result, product}}));
    }
  }
  while (factors.size() > 2) {
    factors.push_back(product(factors[0], factors[1]));
    factors.erase(factors.begin(), factors.begin() + 2);
  }
  assert_product(factors[0], factors[1]);
}

Template Builder::build() {
  unpack();
  const auto w = [](std::uint32_t t) { return t < 16 ? word::kBlock + t : word::kSchedule + t - 16; };
  // a and e after round t; before the first round they are the state's words.
  const auto a = [](int t) {
    return t >= 0 ? word::kA + static_cast<std::uint32_t>(t) : word::kState + static_cast<std::uint32_t>(-1 - t);
  };
  const auto e = [](int t) { return t >= 0 ? word::kE + static_cast<std::uint32_t>(t) : word::kState + static_cast<std::uint32_t>(3 - t); };

  for (std::uint32_t t = 16; t < 64; ++t) {
    const Wire small = product(power_of(w(t - 7)), power_of(w(t - 16)));
    const Wire sigma = product(power_of_rotations(w(t - 2), 17, 19, 10, true), power_of_rotations(w(t - 15), 7, 18, 3, true));
    assert_congruent(product(small, sigma), power_of(w(t)), 0, 4, 0);
  }
  for (int t = 0; t < 64; ++t) {
    const std::uint32_t round = static_cast<std::uint32_t>(t);
    // e' = d + h + Σ1(e) + Ch(e, f, g) + K + w: at most five carries.
    const Wire direct = product(product(power_of(a(t - 4)), power_of(e(t - 4))), power_of(w(round)));
    const Wire choice = product(power_of_rotations(e(t - 1), 6, 11, 25, false), power_of_choice(e(t - 1), e(t - 2), e(t - 3)));
    // K is on the side of the sum: total = result · x^(2^32 j − K).
    assert_congruent(product(direct, choice), power_of(e(t)), 0, 6, kRoundConstants[round]);
    // a' + d = e' + Σ0(a) + Maj(a, b, c): the two sides differ by −1 … 2 times 2^32.
    const Wire mixed = product(power_of_rotations(a(t - 1), 2, 13, 22, false), power_of_majority(a(t - 1), a(t - 2), a(t - 3)));
    assert_congruent(product(power_of(e(t)), mixed), product(power_of(a(t)), power_of(a(t - 4))), -1, 4, 0);
  }
  for (std::uint32_t i = 0; i < 8; ++i) {
    const int t = 63 - static_cast<int>(i % 4);
    const Wire last = product(power_of(word::kState + i), power_of(i < 4 ? a(t) : e(t)));
    assert_congruent(last, power_of(word::kResult + i), 0, 2, 0);
  }

  std::map<std::uint32_t, std::uint32_t> used;
  for (const auto& [x, y] : assertions_) {
    const std::uint32_t g = ++used[x.level];
    term(x.level, g, x, y, kZero);
  }
  for (const auto& [l, count] : used) level(l).wires = std::max(level(l).wires, count + 1);
  // ~0 as h0 sorts before everything: it stands for the constant.
  for (std::size_t l = 1; l < result_.levels.size(); ++l) std::ranges::sort(result_.levels[l].quads, before);
  return std::move(result_);
}

}  // namespace

// By the bits of h0 and h1 interleaved, then by g. The highest bit in which the interleaved keys differ is that of the larger
// difference; h1's bits lie above h0's.
bool before(const Quad& a, const Quad& b) noexcept {
  const std::uint32_t d0 = a.h0 ^ b.h0, d1 = a.h1 ^ b.h1;
  if ((d0 | d1) == 0) return a.g < b.g;
  return std::bit_width(d1) >= std::bit_width(d0) ? a.h1 < b.h1 : a.h0 < b.h0;
}

// Merges sorted terms into others, from the end: most of them lie in long runs between two of `more`, which move as a whole.
void merge_into(std::vector<Quad>& terms, std::span<const Quad> more) {
  auto left = static_cast<std::ptrdiff_t>(terms.size());
  terms.resize(terms.size() + more.size());
  for (auto i = static_cast<std::ptrdiff_t>(more.size()); i-- > 0;) {
    const auto begin = terms.begin();
    const Quad& term = more[static_cast<std::size_t>(i)];
    // Runs are looked for in growing steps, since where runs are short the next one is near.
    std::ptrdiff_t step = 1;
    while (step < left && before(term, begin[left - step])) step *= 2;
    const auto at = std::upper_bound(begin + std::max<std::ptrdiff_t>(left - step, 0), begin + left, term, before) - begin;
    std::move_backward(begin + at, begin + left, begin + left + i + 1);
    begin[at + i] = term;
    left = at;
  }
}

void append_copies(std::span<const Quad> quads, std::uint32_t copies, std::uint32_t stride, std::vector<Quad>& to) {
  for (std::size_t i = 0, end = 0; i < quads.size(); i = end) {
    const Quad& first = quads[i];
    while (end < quads.size() && quads[end].h0 == first.h0 && quads[end].h1 == first.h1) ++end;
    if (first.h1 == 0) {  // constants: one corner for all compressions, so g decides
      for (std::size_t q = i; q < end; ++q)
        for (std::uint32_t c = 0; c < copies; ++c) to.push_back({0, 0, quads[q].g * stride + c, quads[q].constant});
      continue;
    }
    for (std::uint32_t c = 0; c < copies; ++c) {
      const std::uint32_t h0 = first.h0 == 0 ? 0 : first.h0 * stride + c, h1 = first.h1 * stride + c;
      for (std::size_t q = i; q < end; ++q) to.push_back({h0, h1, quads[q].g * stride + c, quads[q].constant});
    }
  }
}

const PairCoefficients& pair_coefficients() {
  static const PairCoefficients instance = [] {
    const Elt g = inj(2);
    const Elt high = invert(square(g) + g);
    return PairCoefficients{{kOne + mul(g, high), mul(g, high)}, high};
  }();
  return instance;
}

const Template& compression_template() {
  static const Template instance = Builder{}.build();
  return instance;
}

}  // namespace tablinum::proof::lf
