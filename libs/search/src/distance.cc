#include "tablinum/search/distance.h"

namespace tablinum::search {
namespace {

constexpr std::uint32_t mask_bit(char c) noexcept {
  const auto lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'z' && static_cast<unsigned char>(c) < 0x80) return std::uint32_t{1} << (lower - 'a');
  if (c >= '0' && c <= '9') return std::uint32_t{1} << 26;
  return std::uint32_t{1} << 27;
}

/// Equal ends cost nothing, and most candidates differ in the middle only.
void strip_common_ends(std::string_view& a, std::string_view& b) noexcept {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
}

}  // namespace

std::uint32_t letter_mask(std::string_view word) noexcept {
  std::uint32_t mask = 0;
  for (const char c : word) mask |= mask_bit(c);
  return mask;
}

unsigned osa_distance(std::string_view a, std::string_view b, unsigned limit) noexcept {
  const unsigned over = limit + 1;
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return over;
  if (b.size() > kDistanceBytesMax) return a == b ? 0 : over;
  strip_common_ends(a, b);
  if (a.empty()) return static_cast<unsigned>(b.size());

  // rows[i % 3][j]: distance of the first i bytes of a and the first j of b, cut at `over`; only the band |i − j| ≤ limit is computed.
  std::array<std::array<std::uint8_t, kDistanceBytesMax + 2>, 3> rows;
  const auto cut = [over](unsigned value) { return static_cast<std::uint8_t>(std::min(value, over)); };
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = cut(static_cast<unsigned>(j));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& second = rows[(i + 1) % 3];
    const std::size_t from = i > limit ? i - limit : 0;
    const std::size_t to = std::min(b.size(), i + limit);
    unsigned best = over;
    for (std::size_t j = from; j <= to; ++j) {
      unsigned value = over;
      if (j == 0) {
        value = static_cast<unsigned>(i);
      } else {
        value = above[j - 1] + unsigned{a[i - 1] != b[j - 1]};
        if (j > from) value = std::min(value, row[j - 1] + 1U);
        if (j < i + limit) value = std::min(value, above[j] + 1U);
        const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        if (exchanged) value = std::min(value, second[j - 2] + 1U);
      }
      row[j] = cut(value);
      best = std::min<unsigned>(best, row[j]);
    }
    if (best == over) return over;
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace tablinum::search
