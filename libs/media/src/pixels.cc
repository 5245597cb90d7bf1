#include "pixels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace tablinum::media {
namespace {

/// Colours times opacity, and opacity: what can be averaged.
using Sum = std::array<float, 4>;

void add(Sum& sum, const std::uint8_t* pixel, float share) noexcept {
  const float opacity = share * static_cast<float>(pixel[3]);
  for (std::size_t c = 0; c < 3; ++c) sum[c] += opacity * static_cast<float>(pixel[c]);
  sum[3] += opacity;
}

/// How much of [first, last) lies in the cell `i`.
float overlap(double first, double last, std::uint32_t i) noexcept {
  return static_cast<float>(std::min(last, i + 1.0) - std::max(first, static_cast<double>(i)));
}

void write_row(Pixels& to, std::uint32_t y, const std::vector<Sum>& row, float area) {
  for (std::uint32_t x = 0; x < to.width; ++x) {
    const Sum& sum = row[x];
    auto* pixel = to.at(x, y);
    for (std::size_t c = 0; c < 3; ++c) {
      pixel[c] = sum[3] > 0 ? static_cast<std::uint8_t>(std::clamp(std::lround(sum[c] / sum[3]), 0L, 255L)) : std::uint8_t{0};
    }
    pixel[3] = static_cast<std::uint8_t>(std::clamp(std::lround(sum[3] / area), 0L, 255L));
  }
}

/// One row of the original, added to a row of the new picture with the weight `share`.
void add_row(std::vector<Sum>& row, const Pixels& from, std::uint32_t y, double step, float share) {
  for (std::uint32_t x = 0; x < row.size(); ++x) {
    const double first = x * step;
    const double last = std::min((x + 1) * step, static_cast<double>(from.width));
    for (auto i = static_cast<std::uint32_t>(first); i < last; ++i) add(row[x], from.at(i, y), share * overlap(first, last, i));
  }
}

std::pair<std::uint32_t, std::uint32_t> fitting(const Pixels& from, std::uint32_t side) noexcept {
  const std::uint64_t longest = std::max(from.width, from.height);
  const auto scaled = [&](std::uint32_t length) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (length * std::uint64_t{side} + longest / 2) / longest));
  };
  return {scaled(from.width), scaled(from.height)};
}

}  // namespace

Pixels shrink(const Pixels& from, std::uint32_t side) {
  if (std::max(from.width, from.height) <= side) return from;
  const auto [width, height] = fitting(from, side);
  Pixels to(width, height);
  const double step_x = static_cast<double>(from.width) / width;
  const double step_y = static_cast<double>(from.height) / height;
  std::vector<Sum> row(width);
  for (std::uint32_t y = 0; y < height; ++y) {
    std::ranges::fill(row, Sum{});
    const double first = y * step_y;
    const double last = std::min((y + 1) * step_y, static_cast<double>(from.height));
    for (auto i = static_cast<std::uint32_t>(first); i < last; ++i) add_row(row, from, i, step_x, overlap(first, last, i));
    write_row(to, y, row, static_cast<float>(step_x * step_y));
  }
  return to;
}

Pixels turn(const Pixels& from, std::uint8_t orientation) {
  if (orientation <= 1 || orientation > 8) return from;
  const bool swapped = orientation >= 5;
  Pixels to(swapped ? from.height : from.width, swapped ? from.width : from.height);
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (std::uint32_t y = 0; y < to.height; ++y) {
    for (std::uint32_t x = 0; x < to.width; ++x) {
      const std::uint32_t column = swapped ? y : x;
      const std::uint32_t row = swapped ? x : y;
      const auto* pixel = from.at(from_right ? from.width - 1 - column : column, from_below ? from.height - 1 - row : row);
      std::copy_n(pixel, 4, to.at(x, y));
    }
  }
  return to;
}

}  // namespace tablinum::media
