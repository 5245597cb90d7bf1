#include "tablinum/tree/model/place.h"

#include <array>
#include <charconv>

#include "model/date_text.h"

namespace tablinum::tree::model {
namespace {

using date_text::is_digit;
using date_text::to_upper;

constexpr std::size_t kCoordinateBytesMax = 64;

struct Hemisphere {
  char letter;
  bool latitude;
  double sign;
};
constexpr std::array<Hemisphere, 4> kHemispheres{{{'N', true, 1}, {'S', true, -1}, {'E', false, 1}, {'W', false, -1}}};

const Hemisphere* hemisphere(char c) {
  for (const auto& each : kHemispheres)
    if (to_upper(c) == each.letter) return &each;
  return nullptr;
}

struct Number {
  double value;
  bool fraction;
};

// Digits with a point or a comma.
std::optional<Number> take_number(std::string_view& text) {
  std::array<char, kCoordinateBytesMax> digits;
  std::size_t size = 0;
  bool fraction = false;
  for (; size < text.size() && size < digits.size(); ++size) {
    const char c = text[size];
    const bool separator = (c == '.' || c == ',') && size > 0 && !fraction;
    if (!is_digit(c) && !separator) break;
    fraction = fraction || separator;
    digits[size] = separator ? '.' : c;
  }
  Number number{0, fraction};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + size, number.value);
  if (size == 0 || error != std::errc{} || end != digits.data() + size) return std::nullopt;
  text.remove_prefix(size);
  return number;
}

// Marks between degrees, minutes and seconds: blanks, ° ' " : and their typographic forms.
void skip_marks(std::string_view& text) {
  constexpr std::array<std::string_view, 10> kMarks{" ", "°", "'", "\"", "′", "″", "’", "”", "º", ":"};
  for (bool found = true; found;) {
    found = false;
    for (const auto mark : kMarks)
      if (text.starts_with(mark)) text.remove_prefix(mark.size()), found = true;
  }
}

// Degrees, then minutes and seconds if there are any, with a mark between them. Only the last may have a fraction.
std::optional<double> take_degrees(std::string_view& text) {
  constexpr std::array<double, 3> kUnits{1, 60, 3600};
  double sum = 0;
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const auto part = take_number(text);
    if (!part) return i == 0 ? std::nullopt : std::optional{sum};
    if (i > 0 && part->value >= 60) return std::nullopt;
    sum += part->value / kUnits[i];
    const auto before = text.size();
    skip_marks(text);
    if (part->fraction || text.size() == before) break;
  }
  return sum;
}

}  // namespace

void split_place(std::string_view text, std::vector<std::string_view>& levels) {
  levels.clear();
  if (date_text::trim(text).empty()) return;
  while (levels.size() + 1 < kPlaceLevelsMax) {
    const auto comma = text.find(',');
    levels.push_back(date_text::trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
  levels.push_back(date_text::trim(text));
}

std::optional<double> parse_coordinate(std::string_view text, double limit) noexcept {
  text = date_text::trim(text);
  if (text.empty() || text.size() > kCoordinateBytesMax) return std::nullopt;
  double sign = 1;
  const Hemisphere* side = hemisphere(text.front());
  if (side != nullptr) text.remove_prefix(1), text = date_text::trim(text);
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  const auto degrees = take_degrees(text);
  if (!degrees) return std::nullopt;
  if (side == nullptr && text.size() == 1 && (side = hemisphere(text.front())) != nullptr) text.remove_prefix(1);
  if (!text.empty() || (side != nullptr && side->latitude != (limit <= 90))) return std::nullopt;
  const double value = *degrees * sign * (side != nullptr ? side->sign : 1);
  if (value < -limit || value > limit) return std::nullopt;
  return value;
}

std::optional<Coordinates> parse_coordinates(std::string_view latitude, std::string_view longitude) noexcept {
  const auto lat = parse_coordinate(latitude, 90), lon = parse_coordinate(longitude, 180);
  if (!lat || !lon) return std::nullopt;
  return Coordinates{*lat, *lon};
}

}  // namespace tablinum::tree::model
