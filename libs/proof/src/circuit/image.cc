#include "circuit/image.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kTermsMax = std::size_t{1} << 25;  // of all layers: twice the largest statement's
constexpr std::size_t kLayersMax = 64;
constexpr std::size_t kWiresMax = std::size_t{1} << 24;

std::unexpected<Failure> unreadable(const char* what) {
  return fault(Fault::serialization, std::string{"circuit image: "} + what, "circuit");
}

class Writer {
 public:
  void number(std::size_t n) { append_u32_le(out_, static_cast<std::uint32_t>(n)); }
  template <class T>
  void list(const std::vector<T>& items) {
    number(items.size());
    append(out_, std::as_bytes(std::span{items}));
  }
  Bytes take(const Digest& id) {
    append(out_, id.view());
    return std::move(out_);
  }

 private:
  Bytes out_;
};

/// Zeros and empty lists once the bytes have run out; ok() tells.
class Reader {
 public:
  explicit Reader(ByteView bytes) noexcept : left_{bytes} {}
  std::uint32_t number() noexcept {
    std::uint32_t n = 0;
    const ByteView from = take(sizeof n);
    if (!from.empty()) std::memcpy(&n, from.data(), sizeof n);
    return n;
  }
  template <class T>
  std::vector<T> list() {
    const std::size_t count = number();
    if (left_.size() / sizeof(T) < count) ok_ = false;
    if (!ok_) return {};
    const ByteView from = take(count * sizeof(T));
    std::vector<T> items(count);
    if (count > 0) std::memcpy(static_cast<void*>(items.data()), from.data(), from.size());
    return items;
  }
  Digest digest() noexcept {
    Digest d;
    const ByteView from = take(d.bytes.size());
    if (!from.empty()) std::memcpy(d.bytes.data(), from.data(), d.bytes.size());
    return d;
  }
  /// All read, and nothing left.
  bool complete() const noexcept { return ok_ && left_.empty(); }
  bool ok() const noexcept { return ok_; }

 private:
  ByteView take(std::size_t n) noexcept {
    if (left_.size() < n) ok_ = false;
    if (!ok_) return {};
    const ByteView taken = left_.first(n);
    left_ = left_.subspan(n);
    return taken;
  }
  ByteView left_;
  bool ok_ = true;
};

/// How many outputs and constants a layer's terms may name.
struct Bounds {
  std::size_t outputs, constants;
};

bool in_range(std::span<const Quad> terms, std::size_t wires, const Bounds& bounds) {
  return std::ranges::all_of(terms, [&](const Quad& t) {
    return t.h0 <= t.h1 && t.h1 < wires && t.g < bounds.outputs && t.constant < bounds.constants;
  });
}
bool in_order(std::span<const Quad> terms) {
  return std::ranges::adjacent_find(terms, [](const Quad& a, const Quad& b) { return !before(a, b); }) == terms.end();
}

bool fits(const Pattern& p, const Layer& layer, const Bounds& bounds) {
  if (p.copies < 2 || p.copies > kCompressionsMax || p.log_stride != static_cast<unsigned>(std::bit_width(p.copies - 1))) return false;
  const std::size_t stride = std::size_t{1} << p.log_stride;
  if (p.positions == 0 || p.positions > layer.wires / stride || p.outputs > bounds.outputs / stride) return false;
  const Bounds own{p.outputs, bounds.constants};
  const auto linear = [](const Quad& t) { return t.h0 == 0 && t.h1 > 0; };
  return in_range(p.both, p.positions, own) && in_range(p.linear, p.positions, own) && in_range(p.constant, p.positions, own) &&
         in_range(p.rest, layer.wires, bounds) && in_order(p.rest) &&
         std::ranges::all_of(p.both, [](const Quad& t) { return t.h0 > 0; }) && std::ranges::all_of(p.linear, linear) &&
         std::ranges::all_of(p.constant, [](const Quad& t) { return t.h1 == 0; });
}

// All terms of a layer of copies.
std::vector<Quad> written_out(const Pattern& p) {
  std::vector<Quad> terms = p.constant;
  terms.reserve(terms.size() + p.linear.size() + p.both.size());
  std::ranges::merge(p.linear, p.both, std::back_inserter(terms), before);
  std::vector<Quad> all;
  all.reserve(terms.size() * p.copies + p.rest.size());
  append_copies(terms, p.copies, 1U << p.log_stride, all);
  merge_into(all, p.rest);
  return all;
}

Outcome<Layer> read_layer(Reader& in, const Bounds& bounds, std::size_t terms_left) {
  Layer layer;
  layer.wires = in.number();
  Pattern& p = layer.pattern;
  p.copies = in.number();
  if (!in.ok() || layer.wires == 0 || layer.wires > kWiresMax) return unreadable("wires");
  layer.log_wires = std::max(1U, static_cast<std::uint32_t>(std::bit_width(layer.wires - 1)));
  if (p.copies == 0) {
    layer.quads = in.list<Quad>();
    if (!in.ok() || layer.quads.size() > terms_left) return unreadable("terms");
  } else {
    p.log_stride = in.number();
    p.positions = in.number();
    p.outputs = in.number();
    for (auto* const list : {&p.both, &p.linear, &p.constant, &p.rest}) *list = in.list<Quad>();
    if (!in.ok() || !fits(p, layer, bounds)) return unreadable("a template");
    const std::size_t terms = p.both.size() + p.linear.size() + p.constant.size();
    if (terms > terms_left / p.copies || terms * p.copies + p.rest.size() > terms_left) return unreadable("terms");
    layer.quads = written_out(p);
  }
  if (!in_range(layer.quads, layer.wires, bounds) || !in_order(layer.quads)) return unreadable("terms");
  return layer;
}

bool fits(const InputLayout& layout, const Circuit& circuit) {
  const std::uint64_t inputs = 1 + std::uint64_t{layout.publics} + std::uint64_t{kSlotInputs} * layout.slots + layout.glue.size();
  if (layout.slots > kCompressionsMax || inputs != circuit.inputs || circuit.public_inputs != 1 + layout.publics) return false;
  return std::ranges::all_of(layout.glue, [&](const auto& bits) {
    return bits[0] < layout.pendings && (bits[1] < layout.pendings || bits[1] == InputLayout::kNoBit);
  });
}

}  // namespace

Bytes write_image(const Compiled& compiled) {
  const auto& [circuit, layout] = compiled;
  Writer out;
  for (const std::uint32_t n : {circuit.outputs, circuit.inputs, circuit.public_inputs, circuit.subfield_boundary, layout.publics,
                                layout.slots, layout.pendings})
    out.number(n);
  out.list(layout.glue);
  out.list(circuit.constants);
  out.number(circuit.layers.size());
  for (const Layer& layer : circuit.layers) {
    const Pattern& p = layer.pattern;
    out.number(layer.wires);
    out.number(p.copies);
    if (p.copies == 0) {
      out.list(layer.quads);
      continue;
    }
    for (const std::uint32_t n : {p.log_stride, p.positions, p.outputs}) out.number(n);
    for (const auto* const list : {&p.both, &p.linear, &p.constant, &p.rest}) out.list(*list);
  }
  return out.take(circuit.id);
}

Outcome<Compiled> read_image(ByteView bytes) {
  Reader in{bytes};
  Compiled made;
  auto& [circuit, layout] = made;
  for (std::uint32_t* const n : {&circuit.outputs, &circuit.inputs, &circuit.public_inputs, &circuit.subfield_boundary, &layout.publics,
                                 &layout.slots, &layout.pendings})
    *n = in.number();
  layout.glue = in.list<std::array<std::uint32_t, 2>>();
  circuit.constants = in.list<Elt>();
  const std::size_t layers = in.number();
  if (!in.ok() || layers == 0 || layers > kLayersMax || circuit.outputs == 0 || circuit.outputs > kWiresMax ||
      circuit.subfield_boundary > circuit.inputs || !fits(layout, circuit))
    return unreadable("figures");
  std::size_t outputs = circuit.outputs, terms_left = kTermsMax;
  for (std::size_t l = 0; l < layers; ++l) {
    TRY(layer, read_layer(in, {outputs, circuit.constants.size()}, terms_left));
    outputs = layer.wires;
    terms_left -= layer.quads.size();
    circuit.layers.push_back(std::move(layer));
  }
  if (outputs != circuit.inputs) return unreadable("inputs");
  circuit.id = in.digest();
  if (!in.complete()) return unreadable("length");
  return made;
}

}  // namespace tablinum::proof::lf
