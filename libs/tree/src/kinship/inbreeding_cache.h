#pragma once
/// Exact inbreeding coefficients of one snapshot, by parents: full siblings share theirs.
#include <mutex>
#include <optional>
#include <unordered_map>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::kinship {

class InbreedingCache {
 public:
  static constexpr std::size_t kEntriesMax = 1'000'000;

  std::optional<double> find(PersonN father, PersonN mother) const {
    const std::lock_guard lock{mutex_};
    const auto found = values_.find(key(father, mother));
    return found == values_.end() ? std::nullopt : std::optional{found->second};
  }
  /// Forgotten where the cache is full.
  void keep(PersonN father, PersonN mother, double inbreeding) {
    const std::lock_guard lock{mutex_};
    if (values_.size() < kEntriesMax) values_.try_emplace(key(father, mother), inbreeding);
  }

 private:
  static std::uint64_t key(PersonN father, PersonN mother) noexcept { return std::uint64_t{father} << 32 | mother; }

  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, double> values_;
};

}  // namespace tablinum::tree::kinship
