#include "report_words.h"

#include <fmt/format.h>

#include "tablinum/base/time.h"

namespace tablinum::models {

std::string_view window_word(Window window) noexcept {
  return window == Window::hour ? "hour" : window == Window::day ? "day" : "none";
}

std::string utc_text(std::int64_t unix_s) {
  auto text = to_rfc3339(Timestamp{unix_s * 1000});
  return text.substr(0, text.find('.')) + "Z";
}

std::string trend_words(const Trend& trend, Window window) {
  std::string words = fmt::format("{}: ", trend.figure);
  if (trend.direction == Direction::none)
    words += fmt::format("no trend (p = {:.3f})", trend.p_value);
  else
    words += fmt::format("{}, {:+.4g} per {} (p = {:.3g})", to_string(trend.direction), trend.slope, window_word(window),
                         trend.p_value);
  if (trend.change_at_s) {
    words += fmt::format("; changed at {}: mean {:.4g} before, {:.4g} after (p = {:.3g})", utc_text(*trend.change_at_s),
                         trend.before, trend.after, trend.change_p_value);
  }
  return words;
}

std::array<std::string, 2> recommendation_words(const AnalyticsReport& report) {
  const auto advice = recommendations(report);
  return {advice.good_utilization
              ? fmt::format("Good multi-category utilization: {:.1f}% of the requests used a secondary category.",
                            secondary_percent(report))
              : fmt::format(
                    "Low multi-category utilization: {:.1f}% of the requests used a secondary category; consider giving models "
                    "more categories.",
                    secondary_percent(report)),
          advice.good_confidence
              ? fmt::format("Good secondary confidence: {:.2f} on average.", report.all.mean_secondary_confidence)
              : fmt::format("Low secondary confidence: {:.2f} on average; review which categories models are listed for.",
                            report.all.mean_secondary_confidence)};
}

}  // namespace tablinum::models
