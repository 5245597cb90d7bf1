// Proving and verifying: commitment, padded sumcheck, Ligero argument.
#include "tablinum/proof/lf.h"

#include <atomic>

#include "field/vectors.h"
#include "lf/form.h"
#include "lf/ligero.h"
#include "lf/proof_bytes.h"
#include "lf/sumcheck.h"

namespace tablinum::proof::lf {
namespace {

// AES-256 under a seed that is drawn for each proof, so that a copied process does not repeat it.
class SystemRandom final : public Random {
 public:
  SystemRandom() : stream_{seed()} {}
  Outcome<void> fill(MutableBytes out) override {
    stream_.read(out);
    return {};
  }

 private:
  static Digest seed() {
    Digest drawn;
    fill_random(std::as_writable_bytes(std::span{drawn.bytes}));
    return drawn;
  }
  KeyStream stream_;
};

constexpr std::size_t kInputsAtOnce = 1024;
constexpr double kBound = 0.6;  // of a verification's time: the layers' forms

// How many of the private inputs are promised to be small.
std::uint32_t promised(const Circuit& circuit) noexcept {
  return circuit.subfield_boundary >= circuit.public_inputs ? circuit.subfield_boundary - circuit.public_inputs : 0;
}

Outcome<void> check_inputs(const Circuit& circuit, std::span<const Elt> inputs, Executor& executor) {
  if (inputs.empty() || inputs.size() != circuit.inputs || inputs[0] != kOne)
    return fault(Fault::input, "not the circuit's inputs", "prove");
  std::atomic<bool> kept = true;
  split(executor, circuit.subfield_boundary, kInputsAtOnce, [&](std::size_t begin, std::size_t end) {
    bool all = true;
    for (std::size_t i = std::max<std::size_t>(begin, circuit.public_inputs); i < end; ++i) all &= inj_inverse(inputs[i]).has_value();
    if (!all) kept = false;
  });
  if (!kept) return fault(Fault::input, "inputs outside the subfield that the circuit promises", "prove");
  return {};
}

// The pads of all layers: fresh ones, and each layer's third claim pad as the product of the other two.
Outcome<void> append_pads(const Circuit& circuit, Random& random, SecretArray<Elt>& witness) {
  for (const auto& layer : circuit.layers) {
    const std::size_t first = witness.size();
    witness.resize(first + pads_of(layer));
    CHECK_OK(random.fill(std::as_writable_bytes(std::span{witness}.subspan(first, pads_of(layer) - 1))));
    const std::size_t last = witness.size() - 1;
    witness[last] = mul(witness[last - 2], witness[last - 1]);
  }
  return {};
}

}  // namespace

std::unique_ptr<Random> system_random() { return std::make_unique<SystemRandom>(); }

Outcome<Bytes> prove(const Circuit& circuit, std::span<const Elt> inputs, ByteView session, const Params& params, Random& random,
                     const Work& work) {
  TRY(layout, layout_for(circuit, params));
  CHECK_OK(check_inputs(circuit, inputs, work.executor));
  TRY(wires, evaluate(circuit, inputs, work));

  const std::size_t own = circuit.inputs - circuit.public_inputs;
  SecretArray<Elt> witness;
  witness.reserve(layout.witnesses);
  witness.assign(inputs.begin() + circuit.public_inputs, inputs.end());
  CHECK_OK(append_pads(circuit, random, witness));
  const auto quadratic = quadratic_constraints(circuit);
  TRY(committer, Committer::commit(layout, witness, promised(circuit), quadratic, random, work));

  Transcript transcript{session};
  transcript.bytes(committer.root().view());
  const auto publics = inputs.first(circuit.public_inputs);
  absorb_statement(circuit, publics, transcript);
  Challenges challenges;
  std::vector<Elt> bound;
  RawProof proof{committer.root(), {}, {}};
  TRY(messages, prove_sumcheck(circuit, wires, std::span{witness}.subspan(own), transcript, challenges, bound, work));
  proof.messages = std::move(messages);
  const Constraints constraints = constraints_of(circuit, publics, proof.messages, challenges, bound);
  TRY(argument, committer.argue(constraints, quadratic, transcript, work));
  proof.argument = std::move(argument);
  return write_proof(layout, proof);
}

Outcome<bool> verify(const Circuit& circuit, std::span<const Elt> publics, ByteView session, const Params& params, ByteView proof,
                     const Work& work) {
  TRY(layout, layout_for(circuit, params));
  if (publics.empty() || publics.size() != circuit.public_inputs || publics[0] != kOne) return false;
  const auto read = read_proof(circuit, layout, proof);
  if (!read) return false;

  Transcript transcript{session};
  transcript.bytes(read->root.view());
  absorb_statement(circuit, publics, transcript);
  Challenges challenges;
  replay_sumcheck(circuit, read->messages, transcript, challenges);
  std::vector<Elt> bound(circuit.layers.size());
  std::atomic<std::size_t> done = 0;
  work.executor.for_each(bound.size(), [&](std::size_t l) {
    if (!stopped(work)) bound[l] = bound_value(circuit, l, challenges);
    work.reached(kBound * static_cast<double>(++done) / static_cast<double>(bound.size()));
  });
  if (stopped(work)) return cancelled();
  const Constraints constraints = constraints_of(circuit, publics, read->messages, challenges, bound);
  return check_argument(layout, read->root, read->argument, constraints, quadratic_constraints(circuit), transcript, work);
}

std::size_t prove_memory(const Circuit& circuit, const Params& params) {
  const auto layout = layout_for(circuit, params);
  if (!layout) return 0;
  std::size_t wires = circuit.outputs, widest = 0, terms = 0;
  for (const auto& layer : circuit.layers) {
    wires += layer.wires;
    widest = std::max<std::size_t>(widest, layer.wires);
    terms = std::max(terms, layer.quads.size());
  }
  const std::size_t tableau = std::size_t{layout->block_enc} * layout->rows;
  // Tableau with the linear test's vector; all wires; the widest layer's two hands and sums; the bound form with its scratch.
  const std::size_t held = kEltBytes * (tableau + std::size_t{layout->dblock} * layout->rows + wires + 4 * widest) + 40 * terms;
  return held / 4 * 5;  // arrays are rounded up, and kept ones of another size lie idle
}

std::size_t proof_size(const Circuit& circuit, const Params& params) {
  const auto layout = layout_for(circuit, params);
  if (!layout) return 0;
  const std::size_t small = promised(circuit) / layout->w;  // rows whose cells take two bytes
  const std::size_t cells = std::size_t{layout->queries} * (2 * small + kEltBytes * (layout->rows - small));
  const std::size_t answers = kEltBytes * (2 * std::size_t{layout->dblock} + layout->r);
  std::size_t tree = 0;  // the upper levels are shared by the opened leaves
  for (std::size_t leaves = layout->ext; leaves > layout->queries; leaves /= 2) tree += layout->queries * 3 / 4;
  return 32 + sumcheck_bytes(circuit) + answers + 32 * std::size_t{layout->queries} + cells + 32 * tree;
}

}  // namespace tablinum::proof::lf
