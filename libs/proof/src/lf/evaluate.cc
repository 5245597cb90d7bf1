// All wires of a circuit from its inputs.
#include "lf/form.h"
#include "lf/layout.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kBatch = 1024;
constexpr std::size_t kTermsAtOnce = 16 * kBatch;  // between two looks at the stop token
constexpr std::size_t kTermsForThread = 4 * kTermsAtOnce;

class Evaluation {
 public:
  Evaluation(const Circuit& circuit, const Work& work) : constants_{circuit, kZero}, work_{work} {}

  /// The outputs of a layer from its input wires.
  void run(const Layer& layer, const SecretArray<Elt>& in, SecretArray<Elt>& out) {
    const Pattern& p = layer.pattern;
    // Terms with the constant wire are taken as linear.
    if (p.copies == 0 || std::size_t{1} << p.log_stride < kernels::kCopiesStep || !(in[0] == kOne)) {
      share_out(layer.quads, in, out);
      return;
    }
    copies(p, in, out);
    terms(p.rest, in, out.data());
    check(p.rest, in);
    check_copies(p, in);
  }
  /// What assertions found, gathered without a branch: 0 where all hold.
  std::uint64_t wrong() const noexcept { return wrong_; }
  void expect_zeros(std::span<const Elt> values) noexcept {
    for (const Elt& e : values) wrong_ |= e.lo | e.hi;
  }

 private:
  void share_out(std::span<const Quad> all, const SecretArray<Elt>& in, SecretArray<Elt>& out) {
    const std::size_t parts = std::clamp<std::size_t>(all.size() / kTermsForThread, 1, work_.executor.threads());
    std::vector<SecretArray<Elt>> own(parts);  // outputs of each part; those of the first go where they belong
    work_.executor.for_each(parts, [&](std::size_t part) {
      if (part > 0) own[part].assign(out.size(), kZero);
      const std::size_t begin = all.size() * part / parts, end = all.size() * (part + 1) / parts;
      terms(all.subspan(begin, end - begin), in, part == 0 ? out.data() : own[part].data());
    });
    for (std::size_t part = 1; part < parts; ++part)
      split(work_.executor, out.size(), kTermsAtOnce, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) out[i] += own[part][i];
      });
    check(all, in);
  }
  void terms(std::span<const Quad> all, const SecretArray<Elt>& in, Elt* out) const {
    for (std::size_t i = 0; i < all.size() && !stopped(work_); i += kTermsAtOnce)
      gf().evaluate(raw(out), raw_terms(all.data() + i), raw(constants_.values.data()), constants_.one, raw(in.data()),
                    std::min(kTermsAtOnce, all.size() - i));
  }
  void check(std::span<const Quad> all, const SecretArray<Elt>& in) noexcept {
    for (const Quad& term : all) {
      if (constants_.values[term.constant] != kZero) continue;
      const Elt product = mul(in[term.h0], in[term.h1]);
      wrong_ |= product.lo | product.hi;
    }
  }

  void copies(const Pattern& p, const SecretArray<Elt>& in, SecretArray<Elt>& out) const {
    constexpr unsigned kFields[] = {2, 0, 1}, kLinear[] = {2, 1};
    const std::size_t stride = std::size_t{1} << p.log_stride;
    const auto* const constants = raw(constants_.values.data());
    split(work_.executor, stride, kernels::kCopiesStep, [&](std::size_t begin, std::size_t end) {
      const kernels::Copies range{stride, begin, end - begin};
      gf().copies(raw(out.data()), raw(in.data()), raw(in.data()), kFields, raw_terms(p.both.data()), constants, constants_.one, &range,
                  p.both.size());
      gf().copies_linear(raw(out.data()), raw(in.data()), kLinear, raw_terms(p.linear.data()), constants, constants_.one, &range,
                         p.linear.size());
    });
    for (const Quad& term : p.constant)
      for (std::size_t c = 0; c < p.copies; ++c) out[term.g * stride + c] += constants_.values[term.constant];
  }
  void check_copies(const Pattern& p, const SecretArray<Elt>& in) {
    SecretArray<Elt> products(p.copies);
    for (const Quad& term : p.both) {
      if (constants_.values[term.constant] != kZero) continue;
      const std::size_t h0 = std::size_t{term.h0} << p.log_stride, h1 = std::size_t{term.h1} << p.log_stride;
      gf().mul(raw(products.data()), raw(&in[h0]), raw(&in[h1]), p.copies);
      expect_zeros(products);
    }
    for (const Quad& term : p.linear)
      if (constants_.values[term.constant] == kZero) expect_zeros(std::span{in}.subspan(std::size_t{term.h1} << p.log_stride, p.copies));
  }

  const Constants constants_;
  const Work& work_;
  std::uint64_t wrong_ = 0;
};

}  // namespace

Outcome<Wires> evaluate(const Circuit& circuit, std::span<const Elt> inputs, const Work& work) {
  const std::size_t count = circuit.layers.size();
  Wires wires;
  wires.of_layer.resize(count);
  for (std::size_t l = 0; l < count; ++l) wires.of_layer[l].reserve(circuit.layers[l].wires + std::size_t{1});  // a hand's room
  wires.of_layer[count - 1].assign(inputs.begin(), inputs.end());
  Evaluation evaluation{circuit, work};
  SecretArray<Elt> outputs;
  for (std::size_t l = count; l-- > 0;) {
    auto& out = l == 0 ? outputs : wires.of_layer[l - 1];
    out.resize(l == 0 ? circuit.outputs : circuit.layers[l - 1].wires);
    split(work.executor, out.size(), kTermsAtOnce,
          [&](std::size_t begin, std::size_t end) { std::fill(out.data() + begin, out.data() + end, kZero); });
    evaluation.run(circuit.layers[l], wires.of_layer[l], out);
    if (stopped(work)) return cancelled();
    work.reached(kEvaluated * static_cast<double>(count - l) / static_cast<double>(count));
  }
  evaluation.expect_zeros(outputs);
  if (evaluation.wrong() != 0) return fault(Fault::input, "the inputs do not satisfy the circuit", "prove");
  return wires;
}

}  // namespace tablinum::proof::lf
