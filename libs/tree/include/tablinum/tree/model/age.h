#pragma once
/// Ages: "< 25y 3m", "CHILD", "2w".  GEDCOM 5.5.1 AGE_AT_EVENT, 7.0 Age.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tablinum::tree::model {

enum class AgeBound : std::uint8_t { exactly, less, more };

/// Parts that are not written are absent, so that 0y and 0d differ as they do in the file.
struct Age {
  AgeBound bound = AgeBound::exactly;
  std::optional<std::uint16_t> years, months, weeks, days;
  friend constexpr bool operator==(const Age&, const Age&) = default;
};

inline constexpr std::uint16_t kAgePartMax = 9999;

/// CHILD is "< 8y", INFANT "< 1y", STILLBORN "0y"; a bare number is years. Nothing for anything else.
std::optional<Age> parse_age(std::string_view text) noexcept;
/// In the form of 7.0: "< 8y 3m".
std::string to_string(const Age& age);
/// The lowest and highest age it allows, in days; an open end is 0 or kAgeDaysMax. A part not written may be anything below the part
/// before it: 25y is 25 years up to a day under 26.
inline constexpr std::int32_t kAgeDaysMax = 200 * 366;
struct AgeDays {
  std::int32_t min, max;
};
AgeDays days_of(const Age& age) noexcept;

}  // namespace tablinum::tree::model
