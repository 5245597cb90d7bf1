#pragma once
/// A map from n to a 32-bit value that is emptied by counting up an epoch instead of being written over. The storage is
/// borrowed from the thread and given back, so a query allocates nothing after the first one of its size.
#include <cstdint>
#include <utility>
#include <vector>

namespace tablinum::tree::kinship {

class ScratchMap {
 public:
  /// Empty, for keys below `size`.
  explicit ScratchMap(std::uint32_t size);
  ScratchMap(ScratchMap&&) noexcept = default;
  ScratchMap& operator=(ScratchMap&&) noexcept = default;
  ~ScratchMap();

  bool contains(std::uint32_t n) const noexcept { return cells_[n] >> 32 == epoch_; }
  /// The value of a key that the map contains.
  std::uint32_t at(std::uint32_t n) const noexcept { return static_cast<std::uint32_t>(cells_[n]); }
  std::uint32_t get(std::uint32_t n, std::uint32_t otherwise) const noexcept { return contains(n) ? at(n) : otherwise; }
  void set(std::uint32_t n, std::uint32_t value) noexcept { cells_[n] = std::uint64_t{epoch_} << 32 | value; }
  /// False, and nothing changed, if the key is there already.
  bool insert(std::uint32_t n, std::uint32_t value = 0) noexcept {
    if (contains(n)) return false;
    set(n, value);
    return true;
  }

 private:
  std::vector<std::uint64_t> cells_;  // epoch << 32 | value
  std::uint32_t epoch_ = 0;
};

}  // namespace tablinum::tree::kinship
