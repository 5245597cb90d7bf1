#pragma once
/// Typing mistakes: optimal string alignment distance, bounded, and the letter mask that excludes most candidates without it.
#include <bit>
#include <cstdint>
#include <string_view>

namespace tablinum::search {

/// Letters, case-insensitively, as bits 0–25; any digit bit 26; any other byte bit 27.
std::uint32_t letter_mask(std::string_view word) noexcept;

/// False if the words' distance is certainly over `limit`: one edit changes each difference of the letter sets by at most one.
constexpr bool masks_allow(std::uint32_t a, std::uint32_t b, unsigned limit) noexcept {
  return std::popcount(a & ~b) <= static_cast<int>(limit) && std::popcount(b & ~a) <= static_cast<int>(limit);
}

inline constexpr unsigned kDistanceMax = 2;
inline constexpr std::size_t kDistanceBytesMax = 64;

/// Insertions, deletions, replacements of one byte and exchanges of two neighbours (no part edited twice) that turn `a` into `b`.
/// @return 0 … limit, or limit + 1 if it is more.  Words over kDistanceBytesMax bytes are only compared for equality.
unsigned osa_distance(std::string_view a, std::string_view b, unsigned limit) noexcept;

/// How many mistakes a word may hold: none up to three letters, one up to six, then two.
constexpr unsigned typo_limit(std::size_t letters) noexcept { return letters <= 3 ? 0 : letters <= 6 ? 1 : kDistanceMax; }

}  // namespace tablinum::search
