#include "highlight.h"

#include "document_text.h"
#include "tablinum/search/phonetic.h"
#include "text.h"

namespace tablinum::search {
namespace {

constexpr std::string_view kOpen = "<mark>";
constexpr std::string_view kClose = "</mark>";
constexpr std::string_view kEllipsis = "…";

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
}

bool is_boundary(std::string_view text, std::size_t at) noexcept {
  return at == 0 || at >= text.size() || text[at - 1] == ' ' || text[at - 1] == '\n';
}

/// Moves forward to the beginning of a word, or at least of a code point.
std::size_t begin_of_word(std::string_view text, std::size_t at, std::size_t limit) noexcept {
  for (auto i = at; i < limit; ++i) {
    if (is_boundary(text, i)) return i;
  }
  while (at < limit && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

Highlighter::Highlighter(std::span<const WordPlan> plans) {
  for (const auto& plan : plans) {
    for (const auto& way : plan.expansions) {
      if (way.beginning) {
        beginnings_.push_back(way.tokens.front());
      } else {
        auto& target = way.column == Column::alt ? codes_ : tokens_;
        target.insert(way.tokens.begin(), way.tokens.end());
      }
    }
  }
}

bool Highlighter::has_matching_code(std::string_view plain) const {
  const auto has = [this](std::string_view prefix, std::string_view code) {
    return !code.empty() && codes_.contains(std::string{prefix} + std::string{code});
  };
  if (has(kSurnameCode, plain) || has(kGivenCode, plain) || has("_s", surname_root(plain))) return true;
  if (has("_b", bantu_key(plain, Language::other))) return true;
  const auto sounds = double_metaphone(plain);
  if (has("_m", fold(sounds.primary)) || has("_m", fold(sounds.alternate))) return true;
  return std::ranges::any_of(nickname_classes(plain), [&](auto name) { return has("_n", name); }) ||
         std::ranges::any_of(daitch_mokotoff(plain), [&](const auto& code) { return has("_d", code); });
}

bool Highlighter::is_match(std::string_view word) {
  const auto folded = fold_word(word);
  if (folded.empty()) return false;
  if (tokens_.contains(folded)) return true;
  for (const auto& spelling : tokenizer_.spellings(folded)) {
    if (tokens_.contains(spelling.text)) return true;
  }
  const auto plain = tokenizer_.latin(folded);
  if (std::ranges::any_of(beginnings_, [&](const auto& beginning) { return plain.starts_with(beginning); })) return true;
  return !codes_.empty() && !plain.empty() && has_matching_code(plain);
}

/// Words that match by themselves, and words joined by apostrophes and hyphens that match together. Marks do not overlap.
std::vector<Highlighter::Mark> Highlighter::marks_in(std::string_view text) {
  std::vector<Segment> segments;
  segment(text, segments);
  std::vector<Mark> marks;
  for (std::size_t i = 0; i < segments.size();) {
    auto end = i + 1;
    while (end < segments.size() && segments[end].joined) ++end;
    std::string whole;
    for (auto part = i; part < end; ++part) whole += segments[part].of(text);
    if (end > i + 1 && is_match(whole)) {
      marks.push_back({segments[i].begin, segments[end - 1].end});
    } else {
      for (auto part = i; part < end; ++part) {
        if (is_match(segments[part].of(text))) marks.push_back({segments[part].begin, segments[part].end});
      }
    }
    i = end;
  }
  return marks;
}

namespace {

template <class Marks>
std::string marked(std::string_view text, const Marks& marks, std::size_t from, std::size_t to) {
  std::string out;
  auto at = from;
  for (const auto& [begin, end] : marks) {
    if (begin < at || end > to) continue;
    append_escaped(out, text.substr(at, begin - at));
    out += kOpen;
    append_escaped(out, text.substr(begin, end - begin));
    out += kClose;
    at = end;
  }
  append_escaped(out, text.substr(at, to - at));
  return out;
}

}  // namespace

std::string Highlighter::title(std::string_view name_column) {
  const auto parts = displayed_parts(name_column);
  if (parts.empty()) return {};
  const auto first = marks_in(parts.front());
  auto out = marked(parts.front(), first, 0, parts.front().size());
  for (std::size_t i = 1; first.empty() && i < parts.size(); ++i) {
    const auto marks = marks_in(parts[i]);
    if (!marks.empty()) return out + " · " + marked(parts[i], marks, 0, parts[i].size());
  }
  return out;
}

std::string Highlighter::snippet(std::string_view body_column) {
  for (const auto part : displayed_parts(body_column)) {
    const auto marks = marks_in(part);
    if (marks.empty()) continue;
    constexpr std::size_t kBefore = kSnippetBytesMax / 3;
    const auto first = marks.front();
    const auto from = first.begin > kBefore ? begin_of_word(part, first.begin - kBefore, first.begin) : 0;
    const auto rest = cut_utf8(part.substr(from), std::max(kSnippetBytesMax, first.end - from));
    const auto to = from + rest.size();
    return std::string{from > 0 ? kEllipsis : ""} + marked(part, marks, from, to) + std::string{to < part.size() ? kEllipsis : ""};
  }
  return {};
}

}  // namespace tablinum::search
