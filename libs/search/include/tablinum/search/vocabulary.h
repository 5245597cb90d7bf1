#pragma once
/// The words of one tree with the number of documents that hold each, counted apart for each circle of viewers.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::search {

/// Who may see a record at least. A viewer of one circle also sees the circles before it.
enum class Circle : std::uint8_t { everyone, members, owners };
inline constexpr std::size_t kCircles = 3;

struct WordCount {
  std::string_view word;
  std::uint32_t count = 0;    ///< documents in the viewer's circle; never 0
};

/// Sorted words in one block of text; words added since the last merge() stand apart.
/// A word whose count is 0 in the viewer's circle does not exist for that viewer, in any answer.
/// @note Not synchronised: TreeIndex is.
class Vocabulary {
 public:
  /// One more or less document in which `word` occurs.
  void add(std::string_view word, Circle circle, std::int32_t documents = 1);
  /// Sorts what was added and forgets words without documents. The questions below have the same answers before and after.
  void merge();
  /// True once so many words stand apart that questions become slow.
  bool needs_merge() const noexcept;

  std::uint32_t count(std::string_view word, Circle viewer) const;
  /// The `limit` most frequent words that begin with `prefix`; equal counts in order of the alphabet.
  std::vector<WordCount> beginning_with(std::string_view prefix, Circle viewer, std::size_t limit) const;
  /// The `limit` nearest words at distance 1 … `distance` of `word` (nearest first, then most frequent, then the alphabet).
  struct Near : WordCount {
    unsigned distance = 0;
  };
  std::vector<Near> near(std::string_view word, unsigned distance, Circle viewer, std::size_t limit) const;

  std::size_t size() const noexcept { return entries_.size() + fresh_.size(); }
  std::size_t bytes() const noexcept;

 private:
  /// Documents by the smallest circle that may see them.
  using Counts = std::array<std::uint32_t, kCircles>;
  struct Entry {
    std::uint32_t offset;
    std::uint32_t mask;
    Counts counts;
    std::uint8_t length;
  };
  struct Fresh {
    std::uint32_t mask;
    Counts counts;
  };
  static std::uint32_t seen(const Counts& counts, Circle viewer) noexcept;
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::string_view word_of(const Entry& entry) const noexcept { return {text_.data() + entry.offset, entry.length}; }
  const Entry* find(std::string_view word) const;
  std::span<const Entry> range(std::string_view prefix) const;

  std::string text_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, Fresh, TextHash, std::equal_to<>> fresh_;
};

}  // namespace tablinum::search
