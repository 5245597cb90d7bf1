#pragma once
/// What an Aggregate holds.
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tablinum/models/analytics.h"

namespace tablinum::models {

inline constexpr std::int64_t kBillion = 1'000'000'000;

enum class Outcome : std::uint8_t { ok, fallback, error };

/// One well-formed line.
struct Row {
  std::string_view category, model, pair;  ///< pair: "category,model"
  bool primary = false;
  Outcome outcome = Outcome::ok;
  std::int64_t confidence = 0, score = 0;  ///< billionths
  std::uint32_t gpu = 0;
  std::int64_t duration_ms = 0;
};

struct Pair {
  std::string key;  ///< "category,model"
  std::size_t category_size = 0;
  Totals totals;
  std::string_view category() const noexcept { return std::string_view{key}.substr(0, category_size); }
  std::string_view model() const noexcept { return std::string_view{key}.substr(category_size + 1); }
};

struct Aggregate::Parts {
  explicit Parts(AnalyticsOptions the_options) : options{the_options} {}

  AnalyticsOptions options;
  std::vector<Pair> pairs;
  std::vector<std::uint32_t> slots;     ///< open addressing: position in pairs + 1, 0 for none
  std::vector<std::uint64_t> hashes;    ///< of pairs
  std::vector<std::uint64_t> low_gpus;  ///< of small ids
  std::unordered_map<std::uint32_t, std::uint64_t> high_gpus;
  std::unordered_map<std::int64_t, Totals> windows;  ///< by start, Unix seconds
  std::int64_t last_window = 0;
  Totals* last_totals = nullptr;  ///< of last_window
  std::vector<Malformed> malformed;
  std::uint64_t malformed_lines = 0, rows_without_time = 0, rows_outside_time = 0;
  std::size_t histogram_bytes = 0;
  bool outcome_column = false;

  Pair* pair(std::string_view key, std::size_t category_size);
  /// @return false: over a limit.
  bool add_row(const Row& row, std::optional<std::int64_t> time_s);
  bool add_gpu(std::uint32_t gpu, std::uint64_t count);
  Totals* window_of(std::int64_t time_s);
  void add_malformed(std::uint32_t file, std::uint64_t line, std::string_view reason);
};

}  // namespace tablinum::models
