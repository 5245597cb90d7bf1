#pragma once
/// Trees of seeds: all leaves from one root, or all but one from the seeds beside its path; and what their streams add up to.
#include <span>
#include <stop_token>

#include "kernels/vole_aes.h"
#include "tablinum/base/secret.h"
#include "tablinum/proof/field.h"
#include "vole/layout.h"

namespace tablinum::proof::vole {

using SecretElts = SecretVector<Elt>;
using Iv = std::span<const std::uint8_t, 16>;

class Tree {
 public:
  /// @param number of the tree, 0 … τ − 1.  @param iv outlives the tree.
  Tree(const Params& params, Iv iv, unsigned number);

  /// All leaves.
  void grow(std::span<const std::uint8_t, kSeedBytes> root);
  /// All leaves but `hidden`.  @param siblings depth × 16 bytes, from the root down.
  void grow_around(std::size_t hidden, std::span<const std::uint8_t> siblings);

  std::span<const std::uint8_t, kSeedBytes> leaf(std::size_t index) const noexcept { return node(leaves_ + index); }
  /// SHA-256("tablinum vole leaf" ‖ iv ‖ tree ‖ u32LE index ‖ seed).
  Digest commitment(std::size_t index) const noexcept;
  /// SHA-256 of all commitments; `given` stands for that of leaf `hidden`, if there is one.
  Digest root_hash(std::size_t hidden, const Digest* given) const;
  /// The seeds beside the path to a leaf, from the root down.
  void siblings(std::size_t hidden, std::span<std::uint8_t> out) const noexcept;

  /// Adds up the leaves' streams, in the order index ⊕ hidden. column[b] = ⊕ of those with bit b of (index ⊕ hidden) set, at
  /// columns + b · blocks; total = ⊕ of all. With `skip` the leaf `hidden` counts as zero.
  /// @return false: asked to stop.
  bool add_up(std::size_t hidden, bool skip, std::size_t blocks, std::span<Elt> columns, std::span<Elt> total,
              const std::stop_token& stop) const;

 private:
  std::span<const std::uint8_t, kSeedBytes> node(std::size_t number) const noexcept {
    return std::span<const std::uint8_t, kSeedBytes>{nodes_.data() + kSeedBytes * number, kSeedBytes};
  }
  void expand_level(unsigned level);

  unsigned depth_;
  std::size_t leaves_;
  Iv iv_;
  std::uint8_t number_;
  SecretVector<std::uint8_t> nodes_;  // node 1 is the root; 2i and 2i + 1 are the children of i
};

/// The kernels of this processor.
kernels::Expand expand_kernel() noexcept;
kernels::Stream stream_kernel() noexcept;

}  // namespace tablinum::proof::vole
