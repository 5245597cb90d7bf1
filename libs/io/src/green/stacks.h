#pragma once
/// Stacks of one size, each above a guard page, from slabs of address space. A thread's own, except find_overflow().
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::io::green {

inline constexpr std::size_t kStacksPerSlab = 1024;
inline constexpr std::size_t kSlabsMax = 1024;
/// What a free stack keeps; the rest goes back to the system when there is time.
inline constexpr std::size_t kKeptBytes = 16 * 1024;

class Stacks {
 public:
  /// `bytes` of each, a multiple of the page size, without the guard.
  explicit Stacks(std::size_t bytes) noexcept : bytes_{bytes} {}
  ~Stacks();
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  /// @error limit: no memory, or no mapping is left (the detail names the setting of the system).
  Result<std::span<std::byte>> take();
  /// The memory of one that take() gave; its contents are gone.
  void give_back(std::span<std::byte> stack) noexcept;
  /// Returns memory of a few stacks that were given back. False: there is nothing (more) to do.
  bool trim() noexcept;
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  Result<void> add_slab();

  const std::size_t bytes_;
  std::vector<std::byte*> slabs_;
  std::vector<std::byte*> free_;  // the last given back is the first taken: its pages are warm
  std::size_t trimmed_ = 0;       // of free_, from the front
};

/// The stack whose guard page `address` lies in, or nothing. Safe in a signal handler.
std::optional<std::span<std::byte>> find_overflow(const void* address) noexcept;

}  // namespace tablinum::io::green
