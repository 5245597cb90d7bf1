#include "lf/merkle.h"

#include <array>

#include "lf/hash_two.h"

namespace tablinum::proof::lf {
namespace {

Digest hash_pair(const Digest& a, const Digest& b) noexcept { return Sha256{}.update(a.view()).update(b.view()).finish(); }

// Nodes on the paths of the opened leaves.
std::vector<bool> paths(std::size_t leaves, std::span<const std::uint32_t> opened) {
  std::vector<bool> marked(2 * leaves);
  for (const auto j : opened)
    for (std::size_t i = leaves + j; i >= 1 && !marked[i]; i /= 2) marked[i] = true;
  return marked;
}
// Calls each(i) for every node that the opening holds, in its order.
template <class Each>
void for_each_given(std::size_t leaves, const std::vector<bool>& marked, Each&& each) {
  for (std::size_t i = leaves; i-- > 1;) {
    if (!marked[i]) continue;
    if (!marked[2 * i]) each(2 * i);
    if (!marked[2 * i + 1]) each(2 * i + 1);
  }
}

}  // namespace

void build_tree(std::span<Digest> nodes) noexcept {
  // Two nodes at a time: their children lie side by side, and are complete as long as neither is the other's child.
  std::size_t i = nodes.size() / 2;
  for (; i > 4; i -= 2) {
    const auto two = sha256_two(std::as_bytes(nodes.subspan(2 * i - 4, 2)), std::as_bytes(nodes.subspan(2 * i - 2, 2)));
    nodes[i - 2] = two[0];
    nodes[i - 1] = two[1];
  }
  while (i-- > 1) nodes[i] = hash_pair(nodes[2 * i], nodes[2 * i + 1]);
}

std::vector<Digest> open_tree(std::span<const Digest> nodes, std::span<const std::uint32_t> opened) {
  std::vector<Digest> opening;
  const std::size_t leaves = nodes.size() / 2;
  for_each_given(leaves, paths(leaves, opened), [&](std::size_t i) { opening.push_back(nodes[i]); });
  return opening;
}

std::size_t opening_size(std::size_t leaves, std::span<const std::uint32_t> opened) {
  std::size_t count = 0;
  for_each_given(leaves, paths(leaves, opened), [&](std::size_t) { ++count; });
  return count;
}

std::optional<Digest> root_of(std::size_t leaves, std::span<const std::uint32_t> opened, std::span<const Digest> hashes,
                              std::span<const Digest> opening) {
  if (opened.empty()) return std::nullopt;
  const std::vector<bool> marked = paths(leaves, opened);
  std::vector<Digest> nodes(2 * leaves);
  for (std::size_t i = 0; i < opened.size(); ++i) nodes[leaves + opened[i]] = hashes[i];
  std::size_t used = 0;
  bool enough = true;
  for_each_given(leaves, marked, [&](std::size_t i) {
    if (used < opening.size()) nodes[i] = opening[used++];
    else enough = false;
  });
  if (!enough || used != opening.size()) return std::nullopt;
  for (std::size_t i = leaves; i-- > 1;)
    if (marked[i]) nodes[i] = hash_pair(nodes[2 * i], nodes[2 * i + 1]);
  return nodes[1];
}

}  // namespace tablinum::proof::lf
