#include "vole/trees.h"

#include <algorithm>
#include <cstring>

#include "tablinum/base/cpu.h"

namespace tablinum::proof::vole {
namespace {

constexpr std::uint8_t kUseTree = 1;
constexpr std::uint8_t kUseStream = 2;
/// Blocks of the streams that are added up at a time: the sums of all levels stay in the nearest cache.
constexpr std::size_t kChunkBlocks = 128;

void add(Elt* to, const Elt* from, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

/// One chunk of all streams, summed pair by pair: a right child adds itself to its level's column and to its left sibling.
class Summation {
 public:
  explicit Summation(unsigned depth) : depth_{depth}, storage_((depth + 2) * kChunkBlocks) {
    for (unsigned level = 0; level <= depth; ++level) waiting_.push_back(storage_.data() + (level + 1) * kChunkBlocks);
    incoming_ = storage_.data();
  }
  Elt* incoming() noexcept { return incoming_; }
  /// Takes what stands in incoming() as leaf `index`; column(level) is where that level's sum grows.
  template <class Column>
  void take(std::size_t index, std::size_t blocks, Column column) noexcept {
    unsigned level = 0;
    for (; level < depth_ && index >> level & 1; ++level) {
      add(column(level), incoming_, blocks);
      add(waiting_[level], incoming_, blocks);
      std::swap(waiting_[level], incoming_);
    }
    std::swap(waiting_[level], incoming_);
  }
  const Elt* total() const noexcept { return waiting_[depth_]; }

 private:
  unsigned depth_;
  SecretElts storage_;
  std::vector<Elt*> waiting_;
  Elt* incoming_;
};

bool has_aes() noexcept {
#if defined(__x86_64__)
  return cpu().pclmul && __builtin_cpu_supports("aes");
#else
  return false;
#endif
}

}  // namespace

kernels::Expand expand_kernel() noexcept {
#if defined(__x86_64__)
  if (has_aes()) return &kernels::expand_pclmul;
#endif
  return &kernels::expand_portable;
}

kernels::Stream stream_kernel() noexcept {
#if defined(__x86_64__)
  if (has_aes()) return &kernels::stream_pclmul;
#endif
  return &kernels::stream_portable;
}

Tree::Tree(const Params& params, Iv iv, unsigned number)
    : depth_{params.depth},
      leaves_{params.leaves()},
      iv_{iv},
      number_{static_cast<std::uint8_t>(number)},
      nodes_(2 * params.leaves() * kSeedBytes) {}

void Tree::expand_level(unsigned level) {
  const std::size_t first = std::size_t{1} << level;
  const kernels::Tweak tweak{iv_.data(), kUseTree, number_};
  expand_kernel()(nodes_.data() + kSeedBytes * first, first, first, tweak, nodes_.data() + 2 * kSeedBytes * first);
}

void Tree::grow(std::span<const std::uint8_t, kSeedBytes> root) {
  std::ranges::copy(root, nodes_.begin() + kSeedBytes);
  for (unsigned level = 0; level < depth_; ++level) expand_level(level);
}

// The nodes on the path hold what their unknown parent's zeros expand to; nothing reads them but their own children, and the
// hidden leaf is left out by everybody.
void Tree::grow_around(std::size_t hidden, std::span<const std::uint8_t> siblings) {
  for (unsigned level = 0; level < depth_; ++level) {
    expand_level(level);
    const std::size_t beside = (leaves_ + hidden) >> (depth_ - 1 - level) ^ 1;
    std::ranges::copy(siblings.subspan(level * kSeedBytes, kSeedBytes), nodes_.begin() + static_cast<std::ptrdiff_t>(kSeedBytes * beside));
  }
}

void Tree::siblings(std::size_t hidden, std::span<std::uint8_t> out) const noexcept {
  for (unsigned level = 0; level < depth_; ++level) {
    const std::size_t beside = (leaves_ + hidden) >> (depth_ - 1 - level) ^ 1;
    std::ranges::copy(node(beside), out.begin() + level * kSeedBytes);
  }
}

// 55 bytes: one compression.
Digest Tree::commitment(std::size_t index) const noexcept {
  static constexpr std::string_view kName = "tablinum vole leaf";
  std::array<std::uint8_t, kName.size() + 16 + 1 + 4 + kSeedBytes> message;
  auto at = std::ranges::copy(kName, message.begin()).out;
  at = std::ranges::copy(iv_, at).out;
  *at++ = number_;
  for (unsigned shift = 0; shift < 32; shift += 8) *at++ = static_cast<std::uint8_t>(index >> shift);
  std::ranges::copy(leaf(index), at);
  const Digest digest = sha256(std::as_bytes(std::span{message}));
  wipe(std::as_writable_bytes(std::span{message}));
  return digest;
}

Digest Tree::root_hash(std::size_t hidden, const Digest* given) const {
  Sha256 hash;
  for (std::size_t i = 0; i < leaves_; ++i) {
    const bool replaced = given != nullptr && i == hidden;
    hash.update((replaced ? *given : commitment(i)).view());
  }
  return hash.finish();
}

bool Tree::add_up(std::size_t hidden, bool skip, std::size_t blocks, std::span<Elt> columns, std::span<Elt> total,
                  const std::stop_token& stop) const {
  const kernels::Stream stream = stream_kernel();
  const kernels::Tweak tweak{iv_.data(), kUseStream, number_};
  Summation sums{depth_};
  for (std::size_t first = 0; first < blocks; first += kChunkBlocks) {
    if (stop.stop_requested()) return false;
    const std::size_t count = std::min(kChunkBlocks, blocks - first);
    const auto column = [&](unsigned level) { return columns.data() + level * blocks + first; };
    for (std::size_t i = 0; i < leaves_; ++i) {
      if (skip && i == 0) {
        std::fill_n(sums.incoming(), count, kZero);
      } else {
        stream(leaf(i ^ hidden).data(), first, count, tweak, reinterpret_cast<std::uint8_t*>(sums.incoming()));
      }
      sums.take(i, count, column);
    }
    std::copy_n(sums.total(), count, total.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return true;
}

}  // namespace tablinum::proof::vole
