#include "csv.h"

#include <algorithm>
#include <optional>

#include "tablinum/models/analytics.h"

namespace tablinum::models::csv {
namespace {

constexpr auto kNone = std::string_view::npos;

struct Quoted {
  std::size_t close = kNone;  ///< position of the closing quote
  bool cut = false;           ///< the text ends where the next byte would decide
};

/// Where the field that opens at `open` closes; nothing within kRecordBytesMax of the record's start counts as never.
Quoted closing_quote(std::string_view text, std::size_t open, bool at_end) noexcept {
  const auto window = text.substr(0, kRecordBytesMax);
  for (auto at = window.find('"', open + 1); at != kNone; at = window.find('"', at + 2)) {
    if (at + 1 == text.size()) return {at, !at_end};
    if (text[at + 1] != '"') return {at, false};
  }
  return {kNone, !at_end && text.size() < kRecordBytesMax};
}

std::size_t first_line(std::string_view text, bool at_end) noexcept {
  const auto newline = text.find('\n');
  if (newline != kNone) return newline + 1;
  return at_end ? text.size() : 0;
}

std::size_t separator_after(std::string_view text, std::size_t from) noexcept {
  while (from < text.size() && text[from] != ',' && text[from] != '\n') ++from;
  return from;
}

std::string_view without_line_end(std::string_view record) noexcept {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

void unquote(std::string_view inside, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < inside.size(); ++i) {
    out.push_back(inside[i]);
    if (inside[i] == '"') ++i;  // the second of a doubled quote
  }
}

}  // namespace

std::size_t record_length(std::string_view text, bool at_end) noexcept {
  std::size_t at = 0;
  while (true) {
    if (at < text.size() && text[at] == '"') {
      const auto quoted = closing_quote(text, at, at_end);
      if (quoted.cut) return 0;
      if (quoted.close == kNone) return first_line(text, at_end);
      at = quoted.close + 1;
    }
    at = separator_after(text, at);
    if (at == text.size()) return at_end ? at : 0;
    ++at;
    if (text[at - 1] == '\n') return at;
  }
}

std::uint64_t newlines(std::string_view text) noexcept {
  std::uint64_t count = 0;
#ifdef __SSE2__
  // Sixteen counters of one byte, which hold 255 rounds.
  constexpr std::size_t kRound = 16, kRoundsMax = 255;
  const __m128i newline = _mm_set1_epi8('\n');
  while (text.size() >= kRound) {
    const std::size_t rounds = std::min(text.size() / kRound, kRoundsMax);
    __m128i sums = _mm_setzero_si128();
    for (std::size_t i = 0; i < rounds; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i * kRound));
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, newline));
    }
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    count += static_cast<std::uint64_t>(_mm_cvtsi128_si64(halves)) +
             static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_srli_si128(halves, 8)));
    text.remove_prefix(rounds * kRound);
  }
#endif
  for (const char c : text) count += c == '\n';
  return count;
}

void split(std::string_view record, Fields& fields) {
  fields.count = 0;
  fields.problem = nullptr;
  const auto keep = [&](std::string_view value) {
    if (fields.count < kColumnsMax) fields.field[fields.count++] = value;
  };
  record = without_line_end(record);
  std::size_t at = 0;
  while (true) {
    if (at < record.size() && record[at] == '"') {
      const auto quoted = closing_quote(record, at, true);
      if (quoted.close == kNone) {
        fields.problem = "a quote is not closed";
        return;
      }
      const auto inside = record.substr(at + 1, quoted.close - at - 1);
      if (fields.count < kColumnsMax) unquote(inside, fields.unquoted[fields.count]);
      keep(fields.count < kColumnsMax ? std::string_view{fields.unquoted[fields.count]} : std::string_view{});
      at = quoted.close + 1;
      if (at < record.size() && record[at] != ',') {
        fields.problem = "something follows a closing quote";
        return;
      }
    } else {
      const auto end = std::min(record.find(',', at), record.size());
      const auto value = record.substr(at, end - at);
      if (value.find('"') != kNone) {
        fields.problem = "a quote within a field that has none around it";
        return;
      }
      keep(value);
      at = end;
    }
    if (at >= record.size()) return;
    ++at;
  }
}

}  // namespace tablinum::models::csv
