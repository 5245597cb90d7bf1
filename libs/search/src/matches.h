#pragma once
/// Which records meet all words of a query, and how.
#include <memory>
#include <span>
#include <vector>

#include "expansion.h"
#include "tablinum/search/search.h"
#include "tree_state.h"

namespace tablinum::search {

/// For every record the best way in which each word matches it. One byte a record and word, reused by the thread's next search.
class Matches {
 public:
  static constexpr std::uint8_t kNone = 0;  ///< else index in WordPlan::expansions + 1

  /// Reads the lists of all ways of `plans`, which must outlive this.  @error of the database.
  static Result<Matches> read(const TreeIndex::State& state, Snapshot snapshot, std::span<const WordPlan> plans);
  Matches(Matches&& other) noexcept;
  Matches& operator=(Matches&&) = delete;
  ~Matches();

  /// Calls visit(n) for each record that meets all words, ascending; all records there are if there are no words.
  template <class Visit>
  void each(Visit&& visit) const;

  std::uint8_t way(std::size_t word, std::uint32_t n) const noexcept { return ways_[word][n]; }
  /// idf · field · match of the word's best way in record n.
  double points(std::size_t word, std::uint32_t n) const noexcept {
    return points_[word][person(n)][way(word, n)];
  }
  /// Points of a record whose preferred name holds every word as written; 0 if no word counts.
  double maximum() const noexcept { return maximum_; }

 private:
  using Ways = std::vector<std::uint8_t>;
  using Points = std::array<std::array<double, kWaysMax + 1>, 2>;  // of other kinds, of persons

  Matches(const TreeIndex::State& state, std::span<const WordPlan> plans);
  std::size_t person(std::uint32_t n) const noexcept { return columns_.is_person(n) ? 1 : 0; }
  void weigh(const WordPlan& plan);
  Result<void> mark(const TreeIndex::State& state, Snapshot snapshot, std::size_t word);
  bool met_by_others(std::uint32_t n) const noexcept;

  const Columns& columns_;
  std::span<const WordPlan> plans_;
  std::vector<Ways> ways_;       // by word, then by record
  std::vector<Points> points_;
  std::size_t rarest_ = 0;       // the word with the shortest lists leads
  std::size_t shortest_ = ~std::size_t{0};
  double maximum_ = 0;
};

template <class Visit>
void Matches::each(Visit&& visit) const {
  const std::uint32_t size = columns_.size();
  if (ways_.empty()) {
    for (std::uint32_t n = 0; n < size; ++n) {
      if (columns_.present(n)) visit(n);
    }
    return;
  }
  // Eight records at a time: most words meet few.
  const auto& leading = ways_[rarest_];
  for (std::uint32_t from = 0; from < size; from += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, leading.data() + from, sizeof eight);
    for (std::uint32_t n = from; eight != 0 && n < from + 8; ++n) {
      if (leading[n] != kNone && met_by_others(n)) visit(n);
    }
  }
}

}  // namespace tablinum::search
