#pragma once
/// The shape of a Ligero commitment, derived from the parameters and the circuit.  Source: docs/proof/lf.md.
#include "tablinum/proof/lf.h"

namespace tablinum::proof::lf {

/// A row: [random r | witness w], `block` values in all, extended to block_enc; the first dblock are never opened.
struct Layout {
  std::uint32_t block_enc, block, dblock, ext;  ///< ext: columns that can be opened, the Merkle tree's leaves
  std::uint32_t r, w;
  std::uint32_t queries;
  std::uint32_t witnesses;       ///< committed elements: private inputs, then pads
  std::uint32_t quadratic;       ///< quadratic constraints: one a layer
  std::uint32_t witness_rows, triples, rows;

  static constexpr std::uint32_t kRowLdt = 0, kRowDot = 1, kRowQuad = 2, kRowWitness = 3;
  /// First x, y and z row.
  std::uint32_t row_x() const noexcept { return kRowWitness + witness_rows; }
  std::uint32_t row_y() const noexcept { return row_x() + triples; }
  std::uint32_t row_z() const noexcept { return row_y() + triples; }
  /// Rows that linear constraints speak about.
  std::uint32_t constrained_rows() const noexcept { return rows - kRowWitness; }
};

/// @error unsupported: the parameters do not go with each other or the circuit.
Outcome<Layout> layout_for(const Circuit& circuit, const Params& params);
/// The power of two that google/longfellow-zk takes where a caller does not pin block_enc: least by its estimate of the size.
/// @error unsupported: none fits.
Outcome<std::uint32_t> search_block_enc(const Circuit& circuit, std::uint32_t rate_inverse, std::uint32_t queries);

/// Committed pads of one layer: two for each round and hand, then wl, wr and wl · wr.
constexpr std::uint32_t pads_of(const Layer& layer) noexcept { return 4 * layer.log_wires + 3; }

/// Bytes of a proof up to the opened columns, and all but the runs' heads and the tree's opening.
std::size_t sumcheck_bytes(const Circuit& circuit) noexcept;

}  // namespace tablinum::proof::lf
