#include "lf/merkle.h"

#include <array>

#include "lf/arrays.h"
#include "lf/hash_two.h"

namespace tablinum::proof::lf {
namespace {

constexpr std::size_t kNodesForThread = 256;

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

void build_tree(std::span<Digest> nodes, Executor& executor) {
  // [first, end) are the nodes whose children lie beyond `end`, so none of them is another's child.
  for (std::size_t end = nodes.size() / 2; end > 1;) {
    const std::size_t begin = (end + 1) / 2;
    split(executor, end - begin, kNodesForThread, [&](std::size_t from, std::size_t to) {
      std::size_t i = begin + from;
      for (; i + 1 < begin + to; i += 2) {
        const auto two = sha256_two(std::as_bytes(nodes.subspan(2 * i, 2)), std::as_bytes(nodes.subspan(2 * i + 2, 2)));
        nodes[i] = two[0];
        nodes[i + 1] = two[1];
      }
      if (i < begin + to) nodes[i] = hash_pair(nodes[2 * i], nodes[2 * i + 1]);
    });
    end = begin;
  }
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
