#include "tablinum/base/time.h"

#include <cstdio>
#include <ctime>

namespace tablinum {
namespace {

std::int64_t read_clock(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::tm utc_of(Timestamp time) noexcept {
  const std::int64_t floor_seconds = time.ms >= 0 ? time.ms / 1000 : (time.ms - 999) / 1000;
  const std::time_t seconds = floor_seconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

Instant monotonic_now() noexcept { return {read_clock(CLOCK_MONOTONIC)}; }
Timestamp wall_now() noexcept { return {read_clock(CLOCK_REALTIME) / 1'000'000}; }

std::string to_rfc3339(Timestamp time) {
  const auto parts = utc_of(time);
  const int ms = static_cast<int>(((time.ms % 1000) + 1000) % 1000);
  char text[64];
  const int n = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                              parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms);
  return {text, static_cast<std::size_t>(n)};
}

std::string to_http_date(Timestamp time) {
  const auto parts = utc_of(time);
  char text[64];
  const int n = std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday], parts.tm_mday,
                              kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text, static_cast<std::size_t>(n)};
}

Result<Timestamp> from_http_date(std::string_view text) {
  std::tm parts{};
  const std::string copy{text};
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return fail(Code::invalid, "not an HTTP date");
  return Timestamp{std::int64_t{timegm(&parts)} * 1000};
}

}  // namespace tablinum
