#pragma once
/// Which records of a tree are persons: n ⇄ person number, the position in the zk state tree. One bit a record, in rows of
/// 4,096 at level kPersonIndexLevel of state_node: u32BE persons before the row ‖ u32BE records in it ‖ bits, least significant
/// first.
#include <cstdint>
#include <vector>

#include "tablinum/store/database.h"

namespace tablinum::store {

class PersonIndex {
 public:
  /// @error corrupt: a row does not continue the one before.
  static Result<PersonIndex> load(Session& session, std::int64_t tree_no);
  /// Writes the rows that append() changed.
  Result<void> store(Writer& writer, std::int64_t tree_no);

  void append(bool person);
  std::uint32_t records() const noexcept { return records_; }
  std::uint64_t count() const noexcept { return count_; }
  bool is_person(std::uint32_t n) const noexcept { return words_[n / 64] >> (n % 64) & 1; }
  /// Persons below n.
  std::uint64_t number_of(std::uint32_t n) const noexcept;
  /// Inverse, for numbers below count().
  std::uint32_t n_of(std::uint64_t number) const noexcept;

 private:
  /// @pre records() is a multiple of a row's
  void append_row(ByteView bits, std::uint32_t records);

  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> before_;  // persons before each row of 4,096
  std::uint32_t records_ = 0;
  std::uint64_t count_ = 0;
  std::uint32_t stored_ = 0;  // records when loaded
};

}  // namespace tablinum::store
