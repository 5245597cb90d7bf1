#pragma once
/// Time without <chrono>: three types that never mix by accident.
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"

namespace tablinum {

/// A length of time in nanoseconds; may be negative.
struct Duration {
  std::int64_t ns = 0;
  static constexpr Duration nanoseconds(std::int64_t n) noexcept { return {n}; }
  static constexpr Duration microseconds(std::int64_t n) noexcept { return {n * 1'000}; }
  static constexpr Duration milliseconds(std::int64_t n) noexcept { return {n * 1'000'000}; }
  static constexpr Duration seconds(std::int64_t n) noexcept { return {n * 1'000'000'000}; }
  static constexpr Duration max() noexcept { return {std::numeric_limits<std::int64_t>::max()}; }
  constexpr std::int64_t milliseconds() const noexcept { return ns / 1'000'000; }
  constexpr double seconds() const noexcept { return static_cast<double>(ns) / 1e9; }
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) noexcept { return {a.ns + b.ns}; }
  friend constexpr Duration operator-(Duration a, Duration b) noexcept { return {a.ns - b.ns}; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) noexcept { return {a.ns * n}; }
};

/// A point of a monotonic clock (virtual in simulation), in nanoseconds since that clock's start.
struct Instant {
  std::int64_t ns = 0;
  static constexpr Instant never() noexcept { return {std::numeric_limits<std::int64_t>::max()}; }
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  /// Saturates at never().
  friend constexpr Instant operator+(Instant a, Duration d) noexcept {
    return d.ns > 0 && a.ns > never().ns - d.ns ? never() : Instant{a.ns + d.ns};
  }
  friend constexpr Duration operator-(Instant a, Instant b) noexcept { return {a.ns - b.ns}; }
};

/// A point of the wall clock: Unix milliseconds. Never used for deadlines.
struct Timestamp {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
  constexpr std::int64_t seconds() const noexcept { return ms / 1000; }
};

/// The system's monotonic and wall clocks.
Instant monotonic_now() noexcept;
Timestamp wall_now() noexcept;

/// RFC 3339 in UTC with milliseconds: "2026-11-21T05:20:00.000Z".
std::string to_rfc3339(Timestamp time);
/// "Sat, 21 Nov 2026 05:20:00 GMT" (RFC 9110 §5.6.7), and back.  @error invalid: not that form.
std::string to_http_date(Timestamp time);
Result<Timestamp> from_http_date(std::string_view text);

}  // namespace tablinum
