#pragma once
/// Words that every form of the report shares.
#include <array>
#include <string>

#include "tablinum/models/analytics.h"

namespace tablinum::models {

/// "hour" or "day".
std::string_view window_word(Window window) noexcept;
/// "2026-01-23T08:00:00Z".
std::string utc_text(std::int64_t unix_s);
std::string trend_words(const Trend& trend, Window window);
std::array<std::string, 2> recommendation_words(const AnalyticsReport& report);

}  // namespace tablinum::models
