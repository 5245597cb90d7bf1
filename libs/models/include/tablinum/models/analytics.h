#pragma once
/// Statistics of selections: reads the metrics CSV (RFC 4180; the contract's eight columns), adds it up, gives a report.
///
/// Everything that is added up is a count or an exact sum (scores in billionths), so any order of the rows and any split into
/// parts gives the same report, bit for bit. Percentiles of durations are exact below 4,096 ms and within 0.05 % above. Memory
/// is bounded (kHistogramBytesMax, kPairsMax, kWindowsMax) and does not grow with the number of rows.
///
/// Columns: timestamp, task_category, selected_model, primary_category, confidence_score, final_score, gpu_id,
/// selection_duration_ms; and, where the header names a ninth column `outcome`: ok, fallback or error. Further columns are
/// ignored. Without `outcome`, a row whose final_score is the selector's fallback score (25) and that is not primary counts as
/// a fallback, and one without a model as an error.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/stream.h"
#include "tablinum/base/time.h"
#include "tablinum/models/selector.h"

namespace tablinum::models {

/// A record, and so a quoted field, is at most this long; an opening quote without an end costs one line, not the rest of the
/// file.
inline constexpr std::size_t kRecordBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kPairsMax = 16'384;     ///< distinct (category, model)
inline constexpr std::size_t kGpusMax = 65'536;      ///< distinct gpu_id
inline constexpr std::size_t kWindowsMax = 100'000;  ///< distinct hours or days
inline constexpr std::size_t kHistogramBytesMax = std::size_t{1} << 30;
inline constexpr std::size_t kMalformedReportedMax = 100;
inline constexpr double kAmountMax = 1e9;  ///< of a score; beyond, the line is malformed
inline constexpr unsigned kBootstrapDefault = 200;
inline constexpr unsigned kBootstrapMax = 10'000;
/// A trend needs this many windows; of more than the second, the last are looked at.
inline constexpr std::size_t kTrendWindowsMin = 8, kTrendWindowsMax = 4'096;

enum class Window : std::uint8_t { none, hour, day };

struct AnalyticsOptions {
  Window window = Window::none;
  std::optional<std::int64_t> since_s = {},
                              until_s =
                                  {};  ///< Unix seconds, since included, until not; rows without a readable time are left out
  bool strict = false;                 ///< a malformed line is an error
};

/// Reads "2026-01-23 08:00:00", with T, fraction, Z or ±HH:MM, a date alone, or Unix seconds. Without a zone it is UTC.
/// @return Unix seconds; nothing for another form.
std::optional<std::int64_t> parse_time(std::string_view text) noexcept;

/// Counts of non-negative integers: exact below 4,096, then 2,048 steps an octave.
class Histogram {
 public:
  /// @return bytes by which it grew.
  std::size_t add(std::uint64_t value, std::uint64_t count = 1);
  void merge(const Histogram& other);
  /// Value of rank ceil(q · n), q from 0 to 1 (the inverse of the distribution function, as DuckDB's quantile_disc); 0 where
  /// empty.
  std::uint64_t quantile(double q) const noexcept;
  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const noexcept { return max_; }
  std::size_t bytes() const noexcept { return low_.capacity() * sizeof low_[0] + high_.capacity() * sizeof high_[0]; }
  /// (value, count) of every step that is not empty, in order.
  std::vector<std::pair<double, std::uint64_t>> steps() const;
  friend bool operator==(const Histogram& a, const Histogram& b) noexcept;

 private:
  void grow(std::size_t index);
  void carry(std::size_t index, std::uint64_t amount);
  std::uint64_t at(std::size_t index) const noexcept { return low_[index] + (high_.empty() ? 0 : high_[index]); }
  // A step's count is the sum of both: small counts stay in few pages. high_ is empty until one passes 65,535.
  std::vector<std::uint16_t> low_;
  std::vector<std::uint64_t> high_;
  std::uint64_t count_ = 0, min_ = ~std::uint64_t{0}, max_ = 0;
};

struct Malformed {
  std::uint32_t file = 0;  ///< position among the inputs
  std::uint64_t line = 0;  ///< physical line, from 1
  std::string reason;
  friend bool operator==(const Malformed&, const Malformed&) = default;
};

/// What is added up for any set of rows.
struct Totals {
  std::uint64_t requests = 0, secondary = 0, fallbacks = 0, errors = 0;
  __extension__ typedef __int128 Sum;                       // NOLINT: -Wpedantic
  Sum score = 0, confidence = 0, secondary_confidence = 0;  ///< in billionths
  Sum duration_ms = 0;
  Histogram durations;  ///< milliseconds
  Histogram scores;     ///< tenths of a point; negative ones count as 0 here
  void merge(const Totals& other);
  friend bool operator==(const Totals&, const Totals&) = default;
};

/// A part of the statistics: of some rows of some files. Parts merge in any order.
/// @note One thread at a time.
class Aggregate {
 public:
  explicit Aggregate(AnalyticsOptions options);
  ~Aggregate();
  Aggregate(Aggregate&&) noexcept;
  Aggregate& operator=(Aggregate&&) noexcept;

  /// Adds whole records. `first_line` is the number of the first one's line; `has_outcome`: the ninth column is one.
  /// @error limit: too many pairs, GPUs, windows, or bytes of histograms.  corrupt: malformed, and strict.
  Result<void> add(std::string_view records, std::uint32_t file, std::uint64_t first_line, bool has_outcome);
  /// Counts a line that could not even be read as a record.  @error corrupt: strict.
  Result<void> add_malformed(std::uint32_t file, std::uint64_t line, std::string_view reason);
  /// @error limit, as add().
  Result<void> merge(const Aggregate& other);

  struct Parts;
  const Parts& parts() const noexcept { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

struct AnalyticsInput {
  std::string path;  ///< "-": standard input; gzip and zstd are recognised by their first bytes
};

/// Reads all inputs with every thread of `executor`.
/// @error not_found, denied, io: of a file.  corrupt: compressed data is damaged, or strict.  limit: as Aggregate::add().
///        cancelled: `stop` said so.
Result<Aggregate> read_metrics(std::span<const AnalyticsInput> inputs, const AnalyticsOptions& options, Executor& executor,
                               FunctionRef<bool()> stop);
/// The same for one open source (uncompressed or not).
Result<Aggregate> read_metrics(Source& source, const AnalyticsOptions& options, Executor& executor);

/// A mean with the bounds that 95 % of bootstrap samples lie in; bounds absent where there was no bootstrap or no row.
struct Interval {
  double low = 0, high = 0;
};

struct Figures {
  std::uint64_t requests = 0, primary = 0, secondary = 0, fallbacks = 0, errors = 0;
  double mean_score = 0, mean_confidence = 0, mean_duration_ms = 0, mean_secondary_confidence = 0;
  double success_rate = 0, fallback_rate = 0;  ///< shares of requests, 0–1
  std::uint64_t p50_ms = 0, p90_ms = 0, p95_ms = 0, p99_ms = 0, min_ms = 0, max_ms = 0;
  std::optional<Interval> score_interval, duration_interval;
};

struct CategoryRow {
  std::string category;
  std::uint64_t models = 0;
  Figures figures;
};
struct ModelRow {
  std::string model;
  std::uint64_t categories = 0;
  Figures figures;
};
struct GpuRow {
  std::uint32_t gpu = 0;
  std::uint64_t requests = 0;
  double share = 0;  ///< percent
};
struct WindowRow {
  std::int64_t start_s = 0;
  Figures figures;
};

enum class Direction : std::uint8_t { none, rising, falling };
std::string_view to_string(Direction direction) noexcept;

/// How a series over the windows moves. Trend: Mann–Kendall's test at 5 %, slope by Theil and Sen (per window). Change point:
/// Pettitt's test at 5 %.
struct Trend {
  std::string_view figure;  ///< "requests", "mean_score", "mean_duration_ms", "success_rate"
  Direction direction = Direction::none;
  double slope = 0, p_value = 1;
  std::optional<std::int64_t> change_at_s;  ///< first window of the new level
  double change_p_value = 1;
  double before = 0, after = 0;  ///< means on both sides of the change
};

struct AnalyticsReport {
  std::uint64_t malformed_lines = 0;
  std::vector<Malformed> malformed;     ///< the first kMalformedReportedMax, by file and line
  std::uint64_t rows_without_time = 0;  ///< left out of windows, or by since and until
  std::uint64_t rows_outside_time = 0;  ///< left out by since and until
  bool outcome_column = false;
  std::uint64_t unique_models = 0, multi_category_models = 0;
  Figures all;
  std::vector<CategoryRow> categories;  ///< by name
  std::vector<ModelRow> models;         ///< by name
  std::vector<GpuRow> gpus;             ///< by id
  Window window = Window::none;
  std::vector<WindowRow> windows;  ///< by time
  std::vector<Trend> trends;
};

struct ReportOptions {
  unsigned bootstrap = 0;  ///< samples; 0: no intervals. At most kBootstrapMax.
};

AnalyticsReport report(const Aggregate& aggregate, const ReportOptions& options = {});

/// Contract §1: two lines, and what they rest on.
struct Recommendations {
  bool good_utilization = false;  ///< over 30 % secondary
  bool good_confidence = false;   ///< 0.75 and more
};
Recommendations recommendations(const AnalyticsReport& report) noexcept;
double secondary_percent(const AnalyticsReport& report) noexcept;

/// "MULTI-CATEGORY ROUTING SUMMARY" of the contract, with up to five models.
std::string console_text(const AnalyticsReport& report);
/// The contract's Markdown report with percentiles added. `generated_s`: Unix seconds.
std::string markdown_text(const AnalyticsReport& report, std::string_view files, std::int64_t generated_s);
/// docs/schemas/models-analytics.schema.json.
std::string json_text(const AnalyticsReport& report);
/// One page without scripts or links to the outside; charts are inline SVG.
std::string html_text(const AnalyticsReport& report, std::string_view files, std::int64_t generated_s);

/// One row for the metrics file.
struct MetricsRow {
  std::int64_t time_s = 0;
  std::string category, model;
  bool primary = false;
  double confidence = 0, score = 0;
  std::uint32_t gpu = 0;
  std::int64_t duration_ms = 0;
  std::string_view outcome = "ok";
};
/// The row of a selection that took `took`.
MetricsRow metrics_row(const Selector& selector, std::string_view category, const Selection& chosen, Timestamp now,
                       Duration took);
/// Reads one record back; `outcome` is one of the three words.  @return nothing: malformed, or without a readable time.
std::optional<MetricsRow> parse_metrics_line(std::string_view line, bool has_outcome);
std::string_view metrics_header() noexcept;
/// A line of CSV with its newline; fields are quoted where RFC 4180 wants it.
std::string metrics_line(const MetricsRow& row);
/// Appends to the file as one write, with the header where it is new or empty. Several processes may append.  @error as
/// create_sink().
Result<void> append_metrics(const std::string& path, const MetricsRow& row);

}  // namespace tablinum::models
