#include "tablinum/tree/gedcom/finding.h"

#include <cstdio>

#include "gedcom/text.h"

namespace tablinum::tree::gedcom {
namespace {

struct Row {
  std::string_view name;
  Severity severity;
  std::string_view meaning;
  std::string_view remedy;
};

constexpr Row kRows[] = {
#define TABLINUM_FINDING_ROW(name, severity, meaning, remedy) {#name, Severity::severity, meaning, remedy},
    TABLINUM_GEDCOM_FINDINGS(TABLINUM_FINDING_ROW)
#undef TABLINUM_FINDING_ROW
};

const Row& row_of(FindingCode code) noexcept { return kRows[static_cast<std::size_t>(code)]; }

std::string escaped(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

std::string_view to_string(FindingCode code) noexcept { return row_of(code).name; }
Severity severity_of(FindingCode code) noexcept { return row_of(code).severity; }
std::string_view meaning_of(FindingCode code) noexcept { return row_of(code).meaning; }
std::string_view remedy_of(FindingCode code) noexcept { return row_of(code).remedy; }

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::repaired: return "repaired";
    case Severity::lost: return "lost";
  }
  return "info";
}

std::string excerpt(std::string_view text) {
  std::string out;
  std::size_t chars = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::string piece;
    if (utf8::sequence_length(text, at) == 0) {
      piece = escaped("\\x%02X", static_cast<std::uint8_t>(text[at++]));
    } else {
      const auto start = at;
      const char32_t c = next_code_point(text, at);
      const bool shown = c != '\t' && !is_invisible_control(c);
      piece = shown ? std::string{text.substr(start, at - start)} : escaped("\\u%04X", static_cast<unsigned>(c));
    }
    const std::size_t piece_chars = piece.front() == '\\' ? piece.size() : 1;
    const std::size_t room_after = at < text.size() ? 1 : 0;  // for the ellipsis
    if (chars + piece_chars + room_after > kExcerptCharsMax) return out + "…";
    out += piece;
    chars += piece_chars;
  }
  return out;
}

void Findings::add(FindingCode code, std::uint64_t line, std::string_view text, std::uint64_t other_line) {
  auto& count = counts_[static_cast<std::size_t>(code)];
  if (++count > kFindingsPerCodeMax || stored_.size() >= kFindingsMax) return;
  stored_.push_back({code, line, other_line, excerpt(text)});
}

std::uint64_t Findings::count(Severity severity) const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (kRows[i].severity == severity) sum += counts_[i];
  }
  return sum;
}

std::uint64_t Findings::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto count : counts_) sum += count;
  return sum;
}

}  // namespace tablinum::tree::gedcom
