#pragma once
/// Merkle trees over the columns of the commitment, with one opening for many leaves.  Source: docs/proof/lf.md.
/// Array a[2n]: leaves at n + j, a[i] = SHA-256(a[2i] ‖ a[2i+1]), the root is a[1]; n need not be a power of two.
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/parallel.h"

namespace tablinum::proof::lf {

/// @param nodes 2n digests, the leaves filled in; fills the rest. n ≥ 1.
void build_tree(std::span<Digest> nodes, Executor& executor);
/// The digests that a verifier needs besides the leaves `opened`.  @pre different, all below n.
std::vector<Digest> open_tree(std::span<const Digest> nodes, std::span<const std::uint32_t> opened);
/// How many digests open_tree() gives for these leaves.
std::size_t opening_size(std::size_t leaves, std::span<const std::uint32_t> opened);
/// The root that leaves and opening lead to; nothing where the number of digests does not fit.
/// @pre `opened` are different, all below `leaves`; hashes[i] is leaf opened[i].
std::optional<Digest> root_of(std::size_t leaves, std::span<const std::uint32_t> opened, std::span<const Digest> hashes,
                              std::span<const Digest> opening);

}  // namespace tablinum::proof::lf
