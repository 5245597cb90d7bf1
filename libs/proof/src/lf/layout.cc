#include "lf/layout.h"

#include <limits>

namespace tablinum::proof::lf {
namespace {

constexpr std::uint64_t kTableauMax = std::uint64_t{1} << 28;  // elements
constexpr std::uint32_t kBlockEncMax = 1U << 16;               // exclusive: points are 16-bit numbers

constexpr std::uint32_t ceil_div(std::uint64_t a, std::uint64_t b) { return static_cast<std::uint32_t>((a + b - 1) / b); }

struct Counts {
  std::uint64_t witnesses, quadratic;
};
Counts counts_of(const Circuit& circuit) {
  Counts counts{circuit.inputs - circuit.public_inputs, circuit.layers.size()};
  for (const auto& layer : circuit.layers) counts.witnesses += pads_of(layer);
  return counts;
}

Outcome<Layout> fill(const Counts& counts, const Params& params) {
  const auto refused = [] { return fault(Fault::unsupported, "parameters that do not fit the circuit", "layout"); };
  const std::uint64_t encoded = params.block_enc;
  if (encoded >= kBlockEncMax || params.rate_inverse == 0 || params.rate_inverse > kBlockEncMax || params.queries == 0)
    return refused();
  if (encoded + 1 < 2 + params.rate_inverse) return refused();
  Layout l{};
  l.block_enc = params.block_enc;
  l.queries = l.r = params.queries;
  l.block = static_cast<std::uint32_t>((encoded + 1) / (2 + params.rate_inverse));
  if (l.block < l.r || l.block - l.r < l.r) return refused();
  l.w = l.block - l.r;
  l.dblock = 2 * l.block - 1;
  if (l.block_enc < l.dblock) return refused();
  l.ext = l.block_enc - l.dblock;
  if (l.ext < l.queries) return refused();
  l.witnesses = static_cast<std::uint32_t>(counts.witnesses);
  l.quadratic = static_cast<std::uint32_t>(counts.quadratic);
  l.witness_rows = ceil_div(counts.witnesses, l.w);
  l.triples = ceil_div(counts.quadratic, l.w);
  l.rows = Layout::kRowWitness + l.witness_rows + 3 * l.triples;
  if (l.rows >= kTableauMax / l.block_enc) return refused();
  return l;
}

// Longfellow's estimate, formula for formula: another one would choose another block_enc.
std::uint64_t estimate(const Layout& l) {
  std::uint64_t path = 1;
  for (std::uint64_t at = 2 * std::uint64_t{l.ext} - 1; at > 1; at >>= 1) ++path;
  return 32 + path / 2 * l.queries * 32 + 16 * (std::uint64_t{l.block} + l.dblock + (l.dblock - l.w)) + 32 * l.queries +
         2 * std::uint64_t{l.rows} * l.queries;
}

}  // namespace

Outcome<Layout> layout_for(const Circuit& circuit, const Params& params) { return fill(counts_of(circuit), params); }

Outcome<std::uint32_t> search_block_enc(const Circuit& circuit, std::uint32_t rate_inverse, std::uint32_t queries) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  std::uint32_t best = 0;
  for (std::uint32_t block_enc = 1; block_enc < kBlockEncMax; block_enc *= 2) {
    const auto layout = fill(counts_of(circuit), {rate_inverse, queries, block_enc});
    if (!layout || estimate(*layout) >= least) continue;
    least = estimate(*layout);
    best = block_enc;
  }
  if (best == 0) return fault(Fault::unsupported, "no row length fits the circuit", "layout");
  return best;
}

std::size_t sumcheck_bytes(const Circuit& circuit) noexcept {
  std::size_t elements = 0;
  for (const auto& layer : circuit.layers) elements += 4 * layer.log_wires + 2;
  return elements * kEltBytes;
}

}  // namespace tablinum::proof::lf
