#include "aggregate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "csv.h"
#include "tablinum/models/selector.h"

namespace tablinum::models {
namespace {

constexpr std::size_t kColumns = 8, kLowGpus = 256, kFirstSlots = 256;
constexpr std::int64_t kFallbackBillionths = static_cast<std::int64_t>(kFallbackScore) * kBillion;
constexpr unsigned kDigitsMax = 9;
constexpr std::int64_t kPowers[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
constexpr std::int64_t kScoreStep = kBillion / 10;

bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

/// "1e-3" and numbers of more digits than billionths hold.
std::optional<std::int64_t> slow_billionths(std::string_view text) noexcept {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(std::abs(value) <= kAmountMax)) return std::nullopt;
  return std::llround(value * 1e9);
}

/// The usual form, "85.52": digits, a point, digits, few enough that nothing can overflow.  @return false: another form.
bool short_billionths(std::string_view text, std::int64_t& value) noexcept {
  if (text.empty() || text.size() > kDigitsMax) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::int64_t number = 0;
  for (; at != end && is_digit(*at); ++at) number = number * 10 + (*at - '0');
  if (at == text.data()) return false;
  std::size_t fraction = 0;
  if (at != end) {
    const char* const point = at;
    if (*at++ != '.') return false;
    for (; at != end && is_digit(*at); ++at) number = number * 10 + (*at - '0');
    fraction = static_cast<std::size_t>(at - point) - 1;
    if (at != end || fraction == 0) return false;
  }
  value = number * kPowers[fraction];
  return true;
}

/// A decimal number in billionths.
std::optional<std::int64_t> billionths(std::string_view text) noexcept {
  if (std::int64_t value = 0; short_billionths(text, value)) return value;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  at += negative;
  const char* const digits = at;
  std::int64_t value = 0;
  while (at != end && is_digit(*at) && at - digits <= kDigitsMax) value = value * 10 + (*at++ - '0');
  const auto whole = at - digits;
  if (whole == 0 || whole > kDigitsMax) return slow_billionths(text);
  std::size_t fraction = 0;
  if (at != end && *at == '.') {
    const char* const point = ++at;
    while (at != end && is_digit(*at) && at - point < kDigitsMax) value = value * 10 + (*at++ - '0');
    fraction = static_cast<std::size_t>(at - point);
    if (fraction == 0) return slow_billionths(text);
  }
  if (at != end) return slow_billionths(text);
  value *= kPowers[fraction];
  return negative ? -value : value;
}

template <class Int>
bool whole_number(std::string_view text, Int& value) noexcept {
  if (!text.empty() && text.size() <= kDigitsMax) {  // nearly always; no sign, and no overflow
    Int number = 0;
    std::size_t i = 0;
    for (; i < text.size() && is_digit(text[i]); ++i) number = static_cast<Int>(number * 10 + static_cast<Int>(text[i] - '0'));
    if (i == text.size()) {
      value = number;
      return true;
    }
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::uint64_t hash_of(std::string_view key) noexcept {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = key.size() * kMultiplier;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 29;
  };
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + 8 <= key.size(); at += 8) {
    std::memcpy(&word, key.data() + at, 8);
    mix(word);
  }
  word = 0;
  std::memcpy(&word, key.data() + at, key.size() - at);
  mix(word);
  return hash;
}

/// The row's fields as numbers.  @return nothing where all is well, else what is wrong.
const char* read_row(const std::string_view* field, std::size_t count, bool has_outcome, Row& row) noexcept {
  if (count < kColumns) return "fewer than eight columns";
  row.category = field[1];
  row.model = field[2];
  row.primary = field[3] == "true";
  const auto confidence = billionths(field[4]);
  if (!confidence) return "confidence_score is no number";
  const auto score = billionths(field[5]);
  if (!score) return "final_score is no number";
  row.confidence = *confidence;
  row.score = *score;
  if (!whole_number(field[6], row.gpu)) return "gpu_id is no number";
  if (!whole_number(field[7], row.duration_ms)) return "selection_duration_ms is no number";
  if (row.duration_ms < 0) return "selection_duration_ms is negative";
  row.outcome = Outcome::ok;
  if (has_outcome && count > kColumns) {
    if (field[8] == "fallback")
      row.outcome = Outcome::fallback;
    else if (field[8] == "error")
      row.outcome = Outcome::error;
    else if (field[8] != "ok")
      return "outcome is none of ok, fallback, error";
  } else if (row.model.empty()) {
    row.outcome = Outcome::error;
  } else if (!row.primary && row.score == kFallbackBillionths) {
    row.outcome = Outcome::fallback;
  }
  return nullptr;
}

std::size_t add_to(Totals& totals, const Row& row) {
  ++totals.requests;
  totals.score += row.score;
  totals.confidence += row.confidence;
  if (!row.primary) {
    ++totals.secondary;
    totals.secondary_confidence += row.confidence;
  }
  totals.fallbacks += row.outcome == Outcome::fallback;
  totals.errors += row.outcome == Outcome::error;
  totals.duration_ms += row.duration_ms;
  return totals.durations.add(static_cast<std::uint64_t>(row.duration_ms)) +
         totals.scores.add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, (row.score + kScoreStep / 2) / kScoreStep)));
}

std::unexpected<Error> over_limit() {
  return fail(Code::limit, "too many different categories, models, GPUs or windows for one report");
}

std::unexpected<Error> refusal(const Malformed& line) {
  return fail(Code::corrupt, "line " + std::to_string(line.line) + ": " + line.reason);
}

bool is_blank(std::string_view line) noexcept { return line.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Adds what is read from one record, whichever way its fields were found.
class Adder {
 public:
  Adder(Aggregate::Parts& parts, std::uint32_t file, bool has_outcome) noexcept
      : parts_{parts},
        file_{file},
        has_outcome_{has_outcome},
        wants_time_{parts.options.window != Window::none || parts.options.since_s || parts.options.until_s} {}

  /// @return false: over a limit, or malformed and strict.
  bool add(const std::string_view* field, std::size_t count, std::string_view pair, std::uint64_t line) {
    if (const char* problem = read_row(field, count, has_outcome_, row_)) return malformed(line, problem);
    row_.pair = pair;
    if (!wants_time_) return parts_.add_row(row_, std::nullopt);
    const auto time_s = parse_time(field[0]);
    const auto& options = parts_.options;
    if (!time_s) {
      ++parts_.rows_without_time;
      return options.since_s || options.until_s || parts_.add_row(row_, std::nullopt);
    }
    if ((options.since_s && *time_s < *options.since_s) || (options.until_s && *time_s >= *options.until_s)) {
      ++parts_.rows_outside_time;
      return true;
    }
    return parts_.add_row(row_, time_s);
  }
  bool malformed(std::uint64_t line, const char* problem) {
    parts_.add_malformed(file_, line, problem);
    return !parts_.options.strict;
  }

 private:
  Aggregate::Parts& parts_;
  const std::uint32_t file_;
  const bool has_outcome_, wants_time_;
  Row row_;
};

/// Text without any quote: a record is a line, a field lies between separators.
bool add_plain(std::string_view text, Adder& adder, std::uint64_t line) {
  csv::Separators separators{text};
  std::array<std::string_view, csv::kColumnsMax> field;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t record = start;
    std::size_t count = 0, end = 0;
    while (true) {
      end = separators.next();
      if (count < csv::kColumnsMax) field[count++] = {text.data() + start, end - start};
      start = end + 1;
      if (end >= text.size() || text[end] == '\n') break;
    }
    if (end > record && text[end - 1] == '\r') {
      auto& last = field[count - 1];
      if (last.ends_with('\r')) last.remove_suffix(1);  // not where only columns beyond the ninth end so
    }
    if (count == 1 && is_blank(field[0])) {
      ++line;
      continue;
    }
    const std::string_view pair =
        count > 2 ? std::string_view{field[1].data(), field[1].size() + 1 + field[2].size()} : std::string_view{};
    if (!adder.add(field.data(), count, pair, line++)) return false;
  }
  return true;
}

bool add_quoted(std::string_view text, Adder& adder, std::uint64_t line) {
  csv::Fields fields;
  std::string pair;
  while (!text.empty()) {
    const auto record = text.substr(0, csv::record_length(text, true));
    text.remove_prefix(record.size());
    const auto first_line = line;
    line += static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
    if (is_blank(record)) continue;
    csv::split(record, fields);
    if (fields.problem != nullptr) {
      if (!adder.malformed(first_line, fields.problem)) return false;
      continue;
    }
    if (fields.count > 2) {
      pair.assign(fields.field[1]);
      pair.push_back(',');
      pair.append(fields.field[2]);
    }
    if (!adder.add(fields.field.data(), fields.count, pair, first_line)) return false;
  }
  return true;
}

bool by_place(const Malformed& a, const Malformed& b) noexcept { return std::tie(a.file, a.line) < std::tie(b.file, b.line); }

}  // namespace

void Totals::merge(const Totals& other) {
  requests += other.requests;
  secondary += other.secondary;
  fallbacks += other.fallbacks;
  errors += other.errors;
  score += other.score;
  confidence += other.confidence;
  secondary_confidence += other.secondary_confidence;
  duration_ms += other.duration_ms;
  durations.merge(other.durations);
  scores.merge(other.scores);
}

Pair* Aggregate::Parts::pair(std::string_view key, std::size_t category_size) {
  if (pairs.size() * 2 >= slots.size()) {
    slots.assign(std::max(kFirstSlots, slots.size() * 2), 0);
    for (std::uint32_t i = 0; i < pairs.size(); ++i) {
      auto slot = hashes[i] & (slots.size() - 1);
      while (slots[slot] != 0) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = i + 1;
    }
  }
  const auto hash = hash_of(key);
  auto slot = hash & (slots.size() - 1);
  for (; slots[slot] != 0; slot = (slot + 1) & (slots.size() - 1)) {
    auto& known = pairs[slots[slot] - 1];
    if (known.category_size == category_size && known.key == key) return &known;
  }
  if (pairs.size() == kPairsMax) return nullptr;
  pairs.push_back({std::string{key}, category_size, {}});
  hashes.push_back(hash);
  slots[slot] = static_cast<std::uint32_t>(pairs.size());
  return &pairs.back();
}

bool Aggregate::Parts::add_gpu(std::uint32_t gpu, std::uint64_t count) {
  if (gpu < kLowGpus) {
    if (gpu >= low_gpus.size()) low_gpus.resize(kLowGpus);
    low_gpus[gpu] += count;
    return true;
  }
  high_gpus[gpu] += count;
  return high_gpus.size() <= kGpusMax;
}

Totals* Aggregate::Parts::window_of(std::int64_t time_s) {
  const std::int64_t length_s = options.window == Window::hour ? 3'600 : 86'400;
  const auto into = ((time_s % length_s) + length_s) % length_s;
  const auto start = time_s - into;
  if (last_totals == nullptr || start != last_window) {
    last_totals = &windows[start];  // a node: stays where it is
    last_window = start;
  }
  return windows.size() <= kWindowsMax ? last_totals : nullptr;
}

bool Aggregate::Parts::add_row(const Row& row, std::optional<std::int64_t> time_s) {
  auto* entry = pair(row.pair, row.category.size());
  if (entry == nullptr || !add_gpu(row.gpu, 1)) return false;
  histogram_bytes += add_to(entry->totals, row);
  if (time_s && options.window != Window::none) {
    auto* totals = window_of(*time_s);
    if (totals == nullptr) return false;
    histogram_bytes += add_to(*totals, row);
  }
  return histogram_bytes <= kHistogramBytesMax;
}

void Aggregate::Parts::add_malformed(std::uint32_t file, std::uint64_t line, std::string_view reason) {
  ++malformed_lines;
  Malformed entry{file, line, std::string{reason}};
  if (malformed.size() == kMalformedReportedMax && !by_place(entry, malformed.back())) return;
  malformed.insert(std::ranges::upper_bound(malformed, entry, by_place), std::move(entry));
  if (malformed.size() > kMalformedReportedMax) malformed.pop_back();
}

Aggregate::Aggregate(AnalyticsOptions options) : parts_{std::make_unique<Parts>(options)} {}
Aggregate::~Aggregate() = default;
std::optional<MetricsRow> parse_metrics_line(std::string_view line, bool has_outcome) {
  csv::Fields fields;
  csv::split(line, fields);
  Row row;
  if (fields.problem != nullptr || read_row(fields.field.data(), fields.count, has_outcome, row) != nullptr)
    return std::nullopt;
  const auto time_s = parse_time(fields.field[0]);
  if (!time_s) return std::nullopt;
  constexpr std::string_view kOutcomes[] = {"ok", "fallback", "error"};
  return MetricsRow{*time_s,
                    std::string{row.category},
                    std::string{row.model},
                    row.primary,
                    static_cast<double>(row.confidence) / 1e9,
                    static_cast<double>(row.score) / 1e9,
                    row.gpu,
                    row.duration_ms,
                    kOutcomes[static_cast<std::size_t>(row.outcome)]};
}

Aggregate::Aggregate(Aggregate&&) noexcept = default;
Aggregate& Aggregate::operator=(Aggregate&&) noexcept = default;

Result<void> Aggregate::add(std::string_view records, std::uint32_t file, std::uint64_t first_line, bool has_outcome) {
  Adder adder{*parts_, file, has_outcome};
  parts_->outcome_column |= has_outcome;
  const bool quoted = records.find('"') != std::string_view::npos;
  if (quoted ? add_quoted(records, adder, first_line) : add_plain(records, adder, first_line)) return {};
  if (parts_->options.strict && !parts_->malformed.empty()) return refusal(parts_->malformed.front());
  return over_limit();
}

Result<void> Aggregate::add_malformed(std::uint32_t file, std::uint64_t line, std::string_view reason) {
  parts_->add_malformed(file, line, reason);
  if (parts_->options.strict) return refusal(parts_->malformed.front());
  return {};
}

Result<void> Aggregate::merge(const Aggregate& other) {
  auto& mine = *parts_;
  const auto& theirs = *other.parts_;
  for (const auto& entry : theirs.pairs) {
    auto* known = mine.pair(entry.key, entry.category_size);
    if (known == nullptr) return over_limit();
    mine.histogram_bytes -= known->totals.durations.bytes() + known->totals.scores.bytes();
    known->totals.merge(entry.totals);
    mine.histogram_bytes += known->totals.durations.bytes() + known->totals.scores.bytes();
    if (mine.histogram_bytes > kHistogramBytesMax) return over_limit();
  }
  for (std::uint32_t i = 0; i < theirs.low_gpus.size(); ++i) {
    if (theirs.low_gpus[i] != 0) mine.add_gpu(i, theirs.low_gpus[i]);
  }
  for (const auto& [gpu, count] : theirs.high_gpus) {
    if (!mine.add_gpu(gpu, count)) return over_limit();
  }
  for (const auto& [start, totals] : theirs.windows) mine.windows[start].merge(totals);
  if (mine.windows.size() > kWindowsMax) return over_limit();
  for (const auto& entry : theirs.malformed) mine.add_malformed(entry.file, entry.line, entry.reason);
  mine.malformed_lines += theirs.malformed_lines - theirs.malformed.size();
  mine.rows_without_time += theirs.rows_without_time;
  mine.rows_outside_time += theirs.rows_outside_time;
  mine.outcome_column |= theirs.outcome_column;
  return {};
}

}  // namespace tablinum::models
