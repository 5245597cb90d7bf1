// The bytes of a circuit and its id.
#include <algorithm>
#include <bit>
#include <cstring>

#include "circuit/template.h"
#include "tablinum/proof/lf.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kFieldId = 4;
constexpr std::uint32_t kCountMax = (1U << 24) - 1;
constexpr std::uint32_t kLayersMax = 10'000;
constexpr std::uint32_t kLogWiresMax = 40;

unsigned log2_up(std::uint32_t n) noexcept { return n <= 1 ? 0 : static_cast<unsigned>(std::bit_width(n - 1)); }

class Hasher {
 public:
  void number(std::uint64_t n) noexcept { put(&n, 8); }
  void term(const Quad& quad, const Elt& v) noexcept {
    const std::array<std::uint64_t, 5> words{quad.g, quad.h0, quad.h1, v.lo, v.hi};
    put(words.data(), sizeof words);
  }
  Digest finish() noexcept {
    flush();
    return sha_.finish();
  }

 private:
  void put(const void* from, std::size_t n) noexcept {
    if (used_ + n > buffer_.size()) flush();
    std::memcpy(buffer_.data() + used_, from, n);
    used_ += n;
  }
  void flush() noexcept {
    sha_.update(ByteView{buffer_}.first(used_));
    used_ = 0;
  }
  Sha256 sha_;
  std::array<std::byte, 16384> buffer_;
  std::size_t used_ = 0;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : left_{bytes} {}
  std::uint32_t number() noexcept {
    const auto b = take(3);
    return static_cast<std::uint32_t>(b[0]) | static_cast<std::uint32_t>(b[1]) << 8 | static_cast<std::uint32_t>(b[2]) << 16;
  }
  /// Zeros once the bytes have run out; ok() tells.
  ByteView take(std::size_t n) noexcept {
    static constexpr std::array<std::byte, 32> kNone{};
    if (left_.size() < n) {
      ok_ = false;
      left_ = {};
      return ByteView{kNone}.first(n);
    }
    const ByteView taken = left_.first(n);
    left_ = left_.subspan(n);
    return taken;
  }
  bool ok() const noexcept { return ok_; }
  std::size_t left() const noexcept { return left_.size(); }

 private:
  ByteView left_;
  bool ok_ = true;
};

std::unexpected<Failure> unreadable(const char* what) {
  return fault(Fault::serialization, std::string{"circuit: "} + what, "circuit");
}
constexpr std::uint32_t kMinusZero = 1;  // a second way to write "the same": refused
// A difference to the number before: twice it, plus one where it is negative.
std::uint32_t moved(std::uint32_t from, std::uint32_t delta) noexcept {
  return delta & 1 ? from - (delta >> 1) : from + (delta >> 1);
}

Outcome<Layer> read_layer(Reader& in, std::uint32_t outputs, const std::vector<Elt>& constants) {
  Layer layer;
  layer.log_wires = in.number();
  layer.wires = in.number();
  const std::uint32_t count = in.number();
  if (!in.ok() || in.left() / 12 < count) return unreadable("ends early");
  if (layer.log_wires == 0 || layer.log_wires > kLogWiresMax || layer.wires == 0) return unreadable("a layer without wires");
  // Wider than needed would do no harm to soundness, but there is one right value for these figures.
  if (layer.log_wires != std::max(1U, log2_up(layer.wires))) return unreadable("a layer whose figures do not fit");
  layer.quads.resize(count);
  Quad last;
  for (std::uint32_t i = 0; i < count; ++i) {
    Quad quad;
    const std::array<std::uint32_t, 3> deltas{in.number(), in.number(), in.number()};
    if (std::ranges::find(deltas, kMinusZero) != deltas.end()) return unreadable("a number written in a second way");
    quad.g = moved(last.g, deltas[0]);
    quad.h0 = moved(last.h0, deltas[1]);
    quad.h1 = moved(last.h1, deltas[2]);
    quad.constant = in.number();
    if (quad.g >= outputs || quad.h0 >= layer.wires || quad.h1 >= layer.wires || quad.constant >= constants.size())
      return unreadable("a term outside its layer");
    if (quad.h0 > quad.h1 || (i > 0 && !before(last, quad))) return unreadable("terms out of order");
    layer.quads[i] = last = quad;
  }
  return layer;
}

}  // namespace

std::uint64_t Circuit::quad_count() const noexcept {
  std::uint64_t count = 0;
  for (const auto& layer : layers) count += layer.quads.size();
  return count;
}
std::size_t Circuit::bytes() const noexcept {
  std::uint64_t terms = quad_count();
  for (const auto& layer : layers) {
    const Pattern& p = layer.pattern;
    terms += p.both.size() + p.linear.size() + p.constant.size() + p.rest.size();
  }
  return sizeof *this + constants.size() * sizeof(Elt) + layers.size() * sizeof(Layer) + terms * sizeof(Quad);
}

Digest circuit_id(const Circuit& circuit) {
  Hasher hash;
  for (const std::uint64_t n : {std::uint64_t{2}, std::uint64_t{128}, std::uint64_t{circuit.outputs},
                                std::uint64_t{log2_up(circuit.outputs)}, std::uint64_t{1}, std::uint64_t{0},
                                std::uint64_t{circuit.layers.size()}, std::uint64_t{circuit.inputs},
                                std::uint64_t{circuit.public_inputs}, std::uint64_t{circuit.subfield_boundary}})
    hash.number(n);
  for (const auto& layer : circuit.layers) {
    hash.number(layer.wires);
    hash.number(layer.log_wires);
    hash.number(layer.quads.size());
    for (const auto& quad : layer.quads) hash.term(quad, circuit.constants[quad.constant]);
  }
  return hash.finish();
}

Outcome<Bytes> write_circuit(const Circuit& circuit) {
  // Constants in the order of their first use, and none that is not used.
  constexpr std::uint32_t kUnused = ~0U;
  std::vector<std::uint32_t> numbers(circuit.constants.size(), kUnused);
  std::vector<Elt> constants;
  for (const auto& layer : circuit.layers)
    for (const auto& quad : layer.quads) {
      if (numbers[quad.constant] != kUnused) continue;
      numbers[quad.constant] = static_cast<std::uint32_t>(constants.size());
      constants.push_back(circuit.constants[quad.constant]);
    }
  Bytes out;
  bool fits = true;
  const auto number = [&](std::uint64_t n) {
    fits &= n <= kCountMax;
    for (int i = 0; i < 3; ++i) out.push_back(static_cast<std::byte>(n >> (8 * i)));
  };
  const auto delta = [&](std::uint32_t from, std::uint32_t to) {
    number(to >= from ? 2 * std::uint64_t{to - from} : 2 * std::uint64_t{from - to} + 1);
  };
  out.push_back(std::byte{kVersion});
  for (const std::uint64_t n : {std::uint64_t{kFieldId}, std::uint64_t{circuit.outputs}, std::uint64_t{1},
                                std::uint64_t{circuit.public_inputs}, std::uint64_t{circuit.subfield_boundary},
                                std::uint64_t{circuit.inputs}, std::uint64_t{circuit.layers.size()},
                                std::uint64_t{constants.size()}})
    number(n);
  append(out, std::as_bytes(std::span{constants}));
  for (const auto& layer : circuit.layers) {
    number(layer.log_wires);
    number(layer.wires);
    number(layer.quads.size());
    Quad last;
    for (const auto& quad : layer.quads) {
      delta(last.g, quad.g);
      delta(last.h0, quad.h0);
      delta(last.h1, quad.h1);
      number(numbers[quad.constant]);
      last = quad;
    }
  }
  append(out, circuit.id.view());
  if (!fits) return fault(Fault::unsupported, "a circuit of more than 2^24 terms in a layer", "circuit");
  return out;
}

Outcome<Circuit> read_circuit(ByteView bytes) {
  Reader in{bytes};
  if (in.take(1)[0] != std::byte{kVersion}) return unreadable("not version 1");
  if (in.number() != kFieldId) return unreadable("not over GF(2^128)");
  Circuit circuit;
  circuit.outputs = in.number();
  if (in.number() != 1) return unreadable("more than one copy");
  circuit.public_inputs = in.number();
  circuit.subfield_boundary = in.number();
  circuit.inputs = in.number();
  const std::uint32_t layers = in.number();
  const std::uint32_t constants = in.number();
  if (!in.ok() || in.left() / kEltBytes < constants || layers == 0 || layers > kLayersMax) return unreadable("ends early");
  if (circuit.outputs == 0 || circuit.public_inputs == 0 || circuit.public_inputs > circuit.inputs ||
      circuit.subfield_boundary > circuit.inputs)
    return unreadable("inputs or outputs that do not fit");
  circuit.constants.resize(constants);
  for (auto& e : circuit.constants) e = elt_from(in.take(kEltBytes).first<kEltBytes>());
  std::uint32_t outputs = circuit.outputs;
  for (std::uint32_t i = 0; i < layers; ++i) {
    auto layer = read_layer(in, outputs, circuit.constants);
    if (!layer) return std::unexpected(std::move(layer).error());
    outputs = layer->wires;
    circuit.layers.push_back(std::move(*layer));
  }
  if (outputs != circuit.inputs) return unreadable("inputs that are not the last layer's wires");
  std::memcpy(circuit.id.bytes.data(), in.take(32).data(), 32);
  if (!in.ok() || in.left() != 0) return unreadable("of another length");
  if (circuit.id != circuit_id(circuit)) return unreadable("with a wrong id");
  return circuit;
}

}  // namespace tablinum::proof::lf
