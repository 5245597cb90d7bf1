#include "circuit/compiler.h"

#include <algorithm>
#include <bit>

#include "lf/sumcheck.h"
#include "tablinum/proof/statement.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kProductMax = 4;   // products that multiplying two sums may make
constexpr std::size_t kFormMax = 12;     // products of one form before it becomes a wire
constexpr double kLaidOut = 0.7;         // of a compilation's time, about: all layers; the rest is the id

}  // namespace

Compiler::Compiler() : levels_(2) {}

Bit Compiler::keep(Form f) {
  forms_.push_back(std::move(f));
  return {forms_.size() - 1};
}
bool Compiler::linear(const Form& f) {
  return std::ranges::all_of(f, [](const Product& p) { return p.a == kOneWire; });
}
std::uint32_t Compiler::level_of(const Form& f) {
  std::uint32_t level = 1;
  for (const auto& p : f) level = std::max({level, level_of(p.a), level_of(p.b)});
  return level;
}
// The constant comes first; a bit's square is the bit; two equal products cancel.
void Compiler::add_product(Form& to, Wire a, Wire b) {
  if (a == b && a != kOneWire) a = kOneWire;
  if (b == kOneWire || (a != kOneWire && a > b)) std::swap(a, b);
  const Product p{a, b, kOne};
  const auto found = std::ranges::find(to, p);
  if (found != to.end()) to.erase(found);
  else to.push_back(p);
}

Bit Compiler::constant(bool value) {
  Form f;
  if (value) f.push_back({kOneWire, kOneWire, kOne});
  return keep(std::move(f));
}
Bit Compiler::public_bit() {
  const Wire w = add_wire(1, {{kOneWire, wire(kPublic, 0, publics_++), kOne}});
  return keep({{kOneWire, w, kOne}});
}
Bit Compiler::private_bit() {
  placed_.push_back(kUnplaced);
  return keep({{kOneWire, wire(kPending, 1, placed_.size() - 1), kOne}});
}

Bit Compiler::exclusive_or(Bit a, Bit b) {
  Form x = form(a), y = form(b);
  if (x.empty()) return b;
  if (y.empty()) return a;
  // A sum that waits for a higher level would carry each of its wires there.
  const std::uint32_t lx = level_of(x), ly = level_of(y);
  if (lx < ly && x.size() > 1) x = single(x);
  if (ly < lx && y.size() > 1) y = single(y);
  if (x.size() + y.size() > kFormMax) x = single(x), y = single(y);
  for (const auto& p : y) add_product(x, p.a, p.b);
  return keep(std::move(x));
}

Bit Compiler::both(Bit a, Bit b) {
  Form x = form(a), y = form(b);
  if (x.empty() || y.empty()) return constant(false);
  if (!linear(x)) x = single(x);
  if (!linear(y)) y = single(y);
  const std::uint32_t lx = level_of(x), ly = level_of(y);
  if (lx < ly && x.size() > 1) x = single(x);
  if (ly < lx && y.size() > 1) y = single(y);
  if (x.size() * y.size() > kProductMax) (x.size() > y.size() ? x : y) = single(x.size() > y.size() ? x : y);
  if (x.size() * y.size() > kProductMax) (x.size() > y.size() ? x : y) = single(x.size() > y.size() ? x : y);
  Form out;
  for (const auto& p : x)
    for (const auto& q : y) add_product(out, p.b, q.b);
  return keep(std::move(out));
}

void Compiler::assert_zero(Bit a) {
  const Form& f = form(a);
  if (f.empty()) return;
  Wire x = kOneWire, y = kOneWire;
  if (f.size() == 1) x = f[0].a, y = f[0].b;
  else y = materialize(f);
  const std::uint32_t level = std::max({1U, level_of(x), level_of(y)});
  if (x != kOneWire) x = lift(x, level);
  if (y != kOneWire) y = lift(y, level);
  glue(level).assertions.emplace_back(x, y);
}

Bit Compiler::fresh(Bit a) {
  const Bit copy = private_bit();
  assert_zero(exclusive_or(copy, a));
  return copy;
}

Compiler::GlueLevel& Compiler::glue(std::uint32_t level) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  return levels_[level];
}
Compiler::Wire Compiler::add_wire(std::uint32_t level, Form f) {
  auto& wires = glue(level).wires;
  wires.push_back(std::move(f));
  return wire(kGlue, level, wires.size() - 1);
}
Compiler::Wire Compiler::lift(Wire w, std::uint32_t level) {
  if (w == kOneWire) return w;
  while (level_of(w) < level) {
    const auto [at, added] = lifts_.try_emplace(w, 0);
    if (added) {
      const Wire above = add_wire(level_of(w) + 1, {{kOneWire, w, kOne}});
      lifts_[w] = above;
    }
    w = lifts_[w];
  }
  return w;
}
Compiler::Form Compiler::lifted(const Form& f, std::uint32_t level) {
  Form out;
  for (const auto& p : f) out.push_back({lift(p.a, level), lift(p.b, level), p.k});
  return out;
}
Compiler::Wire Compiler::materialize(const Form& f) {
  if (f.size() == 1 && f[0].a == kOneWire) return f[0].b;
  const std::uint32_t level = level_of(f);
  return add_wire(level + 1, lifted(f, level));
}

// ---- Compressions ----------------------------------------------------------------------------------------------------------

StateWords Compiler::compress(const StateWords& state, const BlockWords& block) {
  const std::uint32_t slot = slots_++;
  for (std::uint32_t i = 0; i < 8; ++i) place_word(slot, word::kState + i, state[i]);
  for (std::uint32_t i = 0; i < 16; ++i) place_word(slot, word::kBlock + i, block[i]);
  StateWords out;
  for (std::uint32_t i = 0; i < 8; ++i)
    for (std::uint32_t k = 0; k < 32; ++k)
      out[i][k] = keep({{kOneWire, wire(kSlotBit, 1, std::uint64_t{slot} << 16 | bit_position(word::kResult + i, k)), kOne}});
  return out;
}

void Compiler::place_word(std::uint32_t slot, std::uint32_t word, const Word& bits) {
  if (equate_inputs(slot, word, bits)) return;
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint64_t place = std::uint64_t{slot} << 16 | bit_position(word, i);
    // A secret bit without a place takes this one; for every other bit the word has a bit of its own that is equal.
    if (const auto pending = unplaced(bits[i])) {
      placed_[*pending] = place;
      continue;
    }
    const Bit own = keep({{kOneWire, wire(kSlotBit, 1, place), kOne}});
    assert_zero(exclusive_or(own, bits[i]));
  }
}

std::optional<std::uint64_t> Compiler::unplaced(Bit b) const {
  const Form& f = form(b);
  if (f.size() != 1 || f[0].a != kOneWire || f[0].b == kOneWire || kind_of(f[0].b) != kPending) return std::nullopt;
  const std::uint64_t n = at_of(f[0].b);
  return placed_[n] == kUnplaced ? std::optional{n} : std::nullopt;
}

// A constant word, or a whole word of another compression: the inputs are equal, two bits at a time.
bool Compiler::equate_inputs(std::uint32_t slot, std::uint32_t word, const Word& bits) {
  const auto slot_bit = [&](Bit b) -> std::uint64_t {  // (slot, position), or none
    const Form& f = form(b);
    if (f.size() != 1 || f[0].a != kOneWire || f[0].b == kOneWire) return kUnplaced;
    if (kind_of(f[0].b) == kSlotBit) return at_of(f[0].b);
    return kind_of(f[0].b) == kPending ? placed_[at_of(f[0].b)] : kUnplaced;
  };
  const auto is_constant = [&](Bit b) { return form(b).empty() || form(b) == Form{{kOneWire, kOneWire, kOne}}; };
  const bool constants = std::ranges::all_of(bits, is_constant);
  const std::uint64_t first = slot_bit(bits[0]);
  bool whole = first != kUnplaced && ((first & 0xffff) - 1) % 32 == 0;
  for (std::uint32_t i = 0; whole && i < 32; ++i) whole = slot_bit(bits[i]) == first + i;
  if (!constants && !whole) return false;
  for (std::uint32_t p = 0; p < kPairs; ++p) {
    Form sum{{kOneWire, wire(kSlotInput, 0, std::uint64_t{slot} << 16 | (word * kPairs + p)), kOne}};
    if (constants) {
      const unsigned value = (form(bits[2 * p]).empty() ? 0U : 1U) + (form(bits[2 * p + 1]).empty() ? 0U : 2U);
      if (value != 0) sum.insert(sum.begin(), {kOneWire, kOneWire, inj(static_cast<std::uint16_t>(value))});
    } else {
      const std::uint64_t other = ((first & 0xffff) - 1) / 32 * kPairs + p;
      sum.push_back({kOneWire, wire(kSlotInput, 0, first >> 16 << 16 | other), kOne});
    }
    glue(1).assertions.emplace_back(kOneWire, add_wire(1, std::move(sum)));
  }
  return true;
}

// ---- The circuit -----------------------------------------------------------------------------------------------------------

// Positions: level 0: the constant, public bits, inputs of the compressions (input x of compression c at x · slots + c), glue.
// Other levels: wire x of compression c at x · stride + c, so that the lowest variables of a layer number the compressions and
// binding them halves its terms each time; x = 0 is the constant alone; then glue, then outputs of glue's assertions.
struct Compiler::Emission {
  const Compiler& from;
  Compiled out;
  std::uint32_t stride = 1;
  std::uint32_t depth = 0;
  std::vector<std::uint64_t> glue_places;  // of secret bits outside compressions: input and half
  std::vector<std::uint32_t> template_wires;
  std::unordered_map<std::uint64_t, std::uint32_t> constants;

  explicit Emission(const Compiler& compiler) : from{compiler} {}

  bool has_slots() const { return from.slots_ > 0; }
  std::uint32_t glue_inputs() const { return static_cast<std::uint32_t>(out.layout.glue.size()); }
  std::uint32_t first_private() const { return 1 + from.publics_; }
  std::uint32_t first_glue_input() const { return first_private() + kSlotInputs * from.slots_; }
  std::uint32_t template_size(std::uint32_t level) const { return level < template_wires.size() ? template_wires[level] : 1; }
  std::uint32_t first_glue(std::uint32_t level) const { return template_size(level) * stride; }
  std::size_t glue_size(std::uint32_t level) const { return level < from.levels_.size() ? from.levels_[level].wires.size() : 0; }
  // Bits of glue inputs are wires of level 1, after the glue's own.
  std::uint32_t first_glue_bit() const { return first_glue(1) + static_cast<std::uint32_t>(glue_size(1)); }
  std::uint32_t first_check() const { return first_glue(2) + static_cast<std::uint32_t>(glue_size(2)); }
  std::uint32_t extra(std::uint32_t level) const { return level == 1 ? 2 * glue_inputs() : level == 2 ? glue_inputs() : 0; }
  std::size_t assertions(std::uint32_t level) const {
    const std::size_t own = level < from.levels_.size() ? from.levels_[level].assertions.size() : 0;
    return own + (level == 2 ? glue_inputs() : 0);
  }
  std::uint32_t first_assertion(std::uint32_t level) const {
    return first_glue(level) + static_cast<std::uint32_t>(glue_size(level)) + extra(level);
  }
  std::uint32_t wires(std::uint32_t level) const {
    if (level == 0) return first_glue_input() + glue_inputs();
    return first_assertion(level) + static_cast<std::uint32_t>(assertions(level - 1));
  }

  std::uint32_t constant(Elt k);
  std::uint32_t position(Wire w) const;
  void pair_glue_bits();
  void measure();
  void template_terms(std::uint32_t level, std::size_t more, std::vector<Quad>& to) const;
  Pattern pattern(std::uint32_t level) const;
  void input_terms(std::vector<Quad>& to);
  void glue_terms(std::uint32_t level, std::vector<Quad>& to);
  Layer layer(std::uint32_t level);
};

std::uint32_t Compiler::Emission::constant(Elt k) {
  auto& all = out.circuit.constants;
  const auto found = std::ranges::find(all, k);
  if (found != all.end()) return static_cast<std::uint32_t>(found - all.begin());
  all.push_back(k);
  return static_cast<std::uint32_t>(all.size() - 1);
}

std::uint32_t Compiler::Emission::position(Wire w) const {
  if (w == kOneWire) return 0;
  const auto slot_bit = [&](std::uint64_t at) { return static_cast<std::uint32_t>((at & 0xffff) * stride + (at >> 16)); };
  switch (kind_of(w)) {
    case kGlue: return first_glue(Compiler::level_of(w)) + static_cast<std::uint32_t>(at_of(w));
    case kSlotBit: return slot_bit(at_of(w));
    case kSlotInput: return first_private() + static_cast<std::uint32_t>((at_of(w) & 0xffff) * from.slots_ + (at_of(w) >> 16));
    case kPublic: return 1 + static_cast<std::uint32_t>(at_of(w));
    case kPending: break;
  }
  const std::uint64_t placed = from.placed_[at_of(w)];
  return placed != kUnplaced ? slot_bit(placed) : first_glue_bit() + static_cast<std::uint32_t>(glue_places[at_of(w)]);
}

void Compiler::Emission::pair_glue_bits() {
  auto& glue = out.layout.glue;
  glue_places.resize(from.placed_.size());
  bool half = false;
  for (std::uint32_t n = 0; n < from.placed_.size(); ++n) {
    if (from.placed_[n] != kUnplaced) continue;
    if (!half) glue.push_back({n, InputLayout::kNoBit});
    else glue.back()[1] = n;
    glue_places[n] = 2 * (glue.size() - 1) + (half ? 1 : 0);
    half = !half;
  }
}

void Compiler::Emission::measure() {
  template_wires = {1};
  if (has_slots()) {
    stride = std::bit_ceil(from.slots_);
    for (const auto& level : compression_template().levels) template_wires.push_back(level.wires);
  }
  depth = has_slots() ? static_cast<std::uint32_t>(compression_template().levels.size()) : 1;
  for (std::uint32_t level = 1; level < from.levels_.size(); ++level)
    if (!from.levels_[level].assertions.empty() || !from.levels_[level].wires.empty()) depth = std::max(depth, level + 1);
  if (glue_inputs() > 0) depth = std::max(depth, 3U);
}

// Terms of the template from `level` to the next for every compression, with room for `more` others.
void Compiler::Emission::template_terms(std::uint32_t level, std::size_t more, std::vector<Quad>& to) const {
  const auto& all = compression_template().levels;
  if (!has_slots() || level >= all.size()) return;
  to.reserve(all[level].quads.size() * from.slots_ + more);
  append_copies(all[level].quads, from.slots_, stride, to);
}

// The same without writing the copies out; the inputs' layer has none, since inputs stand side by side without gaps.
Pattern Compiler::Emission::pattern(std::uint32_t level) const {
  Pattern result;
  const auto& all = compression_template().levels;
  if (from.slots_ < 2 || level == 0 || level >= all.size()) return result;
  result.copies = from.slots_;
  result.log_stride = static_cast<std::uint32_t>(std::countr_zero(stride));
  result.positions = template_size(level);
  result.outputs = template_size(level + 1);
  for (const Quad& quad : all[level].quads) (quad.h1 == 0 ? result.constant : quad.h0 == 0 ? result.linear : result.both).push_back(quad);
  return result;
}

// Level 0: inputs to bits. Two sorted runs, the linear terms and the squares.
void Compiler::Emission::input_terms(std::vector<Quad>& to) {
  std::vector<Quad> squares;
  if (has_slots()) {
    const auto& quads = compression_template().levels[0].quads;  // four an input: linear, square, linear, square
    to.reserve(quads.size() * from.slots_ + 4 * std::size_t{glue_inputs()} + 16);
    for (std::size_t i = 0; i < quads.size(); i += 4)
      for (std::uint32_t c = 0; c < from.slots_; ++c) {
        const std::uint32_t e = first_private() + quads[i].h1 * from.slots_ + c;
        for (const std::size_t q : {i, i + 2}) {
          to.push_back({0, e, quads[q].g * stride + c, quads[q].constant});
          squares.push_back({e, e, quads[q + 1].g * stride + c, quads[q + 1].constant});
        }
      }
  }
  const auto& c = pair_coefficients();
  const std::uint32_t low0 = constant(c.low[0]), low1 = constant(c.low[1]), high = constant(c.high);
  for (std::uint32_t i = 0; i < glue_inputs(); ++i) {
    const std::uint32_t e = first_glue_input() + i, g = first_glue_bit() + 2 * i;
    to.push_back({0, e, g, low0});
    to.push_back({0, e, g + 1, high});
    squares.push_back({e, e, g, low1});
    squares.push_back({e, e, g + 1, high});
  }
  merge_into(to, squares);
}

void Compiler::Emission::glue_terms(std::uint32_t level, std::vector<Quad>& to) {
  const auto add = [&](Wire a, Wire b, std::uint32_t g, Elt k) {
    const std::uint32_t x = position(a), y = position(b);
    to.push_back({std::min(x, y), std::max(x, y), g, constant(k)});
  };
  if (level + 1 < depth) to.push_back({0, 0, 0, constant(kOne)});
  if (level + 1 < from.levels_.size()) {
    const auto& wires = from.levels_[level + 1].wires;
    for (std::uint32_t i = 0; i < wires.size(); ++i)
      for (const auto& p : wires[i]) add(p.a, p.b, first_glue(level + 1) + i, p.k);
  }
  std::uint32_t g = first_assertion(level + 1);
  if (level < from.levels_.size())
    for (const auto& [a, b] : from.levels_[level].assertions) add(a, b, g++, kZero);
  // Each glue input is one of four values: b1 is 0 or 1.
  for (std::uint32_t i = 0; i < glue_inputs(); ++i) {
    const std::uint32_t b1 = first_glue_bit() + 2 * i + 1;
    if (level == 1) {
      to.push_back({b1, b1, first_check() + i, constant(kOne)});
      to.push_back({0, b1, first_check() + i, constant(kOne)});
    } else if (level == 2) {
      to.push_back({0, first_check() + i, g++, constant(kZero)});
    }
  }
}

Layer Compiler::Emission::layer(std::uint32_t level) {
  Layer result;
  result.wires = wires(level);
  result.log_wires = std::max(1U, static_cast<std::uint32_t>(std::bit_width(result.wires - 1)));
  std::vector<Quad> rest;
  if (level == 0) input_terms(result.quads);
  glue_terms(level, rest);
  if (level > 0) template_terms(level, rest.size(), result.quads);
  std::ranges::sort(rest, before);
  merge_into(result.quads, rest);
  result.pattern = pattern(level);
  if (result.pattern.copies > 0) result.pattern.rest = std::move(rest);
  return result;
}

Outcome<Compiled> Compiler::compile(const Work& work) {
  if (slots_ > kCompressionsMax) return fault(Fault::unsupported, "more compressions than a circuit can hold", "circuit");
  Emission emission{*this};
  emission.pair_glue_bits();
  emission.measure();
  auto& circuit = emission.out.circuit;
  circuit.constants = compression_template().constants;
  circuit.layers.resize(emission.depth);
  for (std::uint32_t level = 0; level < emission.depth; ++level) {
    if (stopped(work)) return cancelled();
    circuit.layers[emission.depth - 1 - level] = emission.layer(level);
    work.reached(kLaidOut * (level + 1) / emission.depth);
  }
  circuit.outputs = std::max(2U, emission.wires(emission.depth));
  circuit.inputs = emission.wires(0);
  circuit.public_inputs = 1 + publics_;
  circuit.subfield_boundary = circuit.inputs;
  circuit.id = circuit_id(circuit);
  emission.out.layout.publics = publics_;
  emission.out.layout.slots = slots_;
  emission.out.layout.pendings = static_cast<std::uint32_t>(placed_.size());
  return std::move(emission.out);
}

// ---- Witness ---------------------------------------------------------------------------------------------------------------

namespace {

std::uint32_t word_of(const Word& bits) {
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < 32; ++i) value |= static_cast<std::uint32_t>(bits[i].id) << i;
  return value;
}
Word bits_of(std::uint32_t value) {
  Word out;
  for (std::uint32_t i = 0; i < 32; ++i) out[i].id = value >> i & 1;
  return out;
}
// inj(b0 + 2 b1) without a branch.
Elt pair_element(std::uint32_t b0, std::uint32_t b1) {
  const std::uint64_t m0 = std::uint64_t{0} - (b0 & 1), m1 = std::uint64_t{0} - (b1 & 1);
  static const Elt g = inj(2);
  return {(kOne.lo & m0) ^ (g.lo & m1), g.hi & m1};
}

// All words of one compression, in the order of words::.
void fill_words(std::span<std::uint32_t, word::kCount> v) {
  const auto rotated = [](std::uint32_t x, int n) { return std::rotr(x, n); };
  std::array<std::uint32_t, 64> w;
  std::copy_n(v.begin() + word::kBlock, 16, w.begin());
  for (std::size_t t = 16; t < 64; ++t) {
    const std::uint32_t s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ (w[t - 15] >> 3);
    const std::uint32_t s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ (w[t - 2] >> 10);
    w[t] = v[word::kSchedule + t - 16] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  std::array<std::uint32_t, 8> s;
  std::copy_n(v.begin(), 8, s.begin());
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t t1 = s[7] + (rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) +
                             kRoundConstants[t] + w[t];
    const std::uint32_t t2 = (rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)) + ((s[0] & s[1]) ^ (s[1] & s[2]) ^ (s[0] & s[2]));
    s = {t1 + t2, s[0], s[1], s[2], s[3] + t1, s[4], s[5], s[6]};
    v[word::kE + t] = s[4];
    v[word::kA + t] = s[0];
  }
  for (std::size_t i = 0; i < 8; ++i) v[word::kResult + i] = v[word::kState + i] + s[i];
  wipe(std::as_writable_bytes(std::span{w}));
  wipe(std::as_writable_bytes(std::span{s}));
}

}  // namespace

StateWords Recorder::compress(const StateWords& state, const BlockWords& block) {
  const std::size_t first = words_.size();
  words_.resize(first + word::kCount);
  const std::span<std::uint32_t, word::kCount> own{words_.data() + first, word::kCount};
  for (std::size_t i = 0; i < 8; ++i) own[word::kState + i] = word_of(state[i]);
  for (std::size_t i = 0; i < 16; ++i) own[word::kBlock + i] = word_of(block[i]);
  fill_words(own);
  StateWords out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = bits_of(own[word::kResult + i]);
  return out;
}

bool Recorder::fits(const InputLayout& layout) const noexcept {
  return layout.publics == publics_.size() && std::size_t{layout.slots} * word::kCount == words_.size() &&
         layout.pendings == secrets_.size();
}

SecretVector<Elt> Recorder::inputs(const InputLayout& layout) const {
  SecretVector<Elt> out;
  out.reserve(1 + layout.publics + std::size_t{kSlotInputs} * layout.slots + layout.glue.size());
  out.push_back(kOne);
  for (const auto bit : publics_) out.push_back(Elt{bit, 0});
  for (std::uint32_t x = 0; x < kSlotInputs; ++x)
    for (std::uint32_t c = 0; c < layout.slots; ++c) {
      const std::uint32_t pair = words_[c * word::kCount + x / kPairs] >> (2 * (x % kPairs));
      out.push_back(pair_element(pair, pair >> 1));
    }
  for (const auto& [low, high] : layout.glue)
    out.push_back(pair_element(secrets_[low], high == InputLayout::kNoBit ? 0U : secrets_[high]));
  return out;
}

}  // namespace tablinum::proof::lf
