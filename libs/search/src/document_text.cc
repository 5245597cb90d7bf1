#include "document_text.h"

#include "tablinum/search/names.h"
#include "text.h"

namespace tablinum::search {
namespace {

bool is_index_character(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || is_ascii_word(byte);
}

template <class Visit>
void each_run(std::string_view text, Visit&& visit) {
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && !is_index_character(text[at])) ++at;
    const auto begin = at;
    while (at < text.size() && is_index_character(text[at])) ++at;
    if (at > begin) visit(text.substr(begin, at - begin));
  }
}

bool is_plain_run(std::string_view run) noexcept {
  return run.size() <= kWordBytesMax &&
         std::ranges::all_of(run, [](char c) { return is_ascii_word(static_cast<unsigned char>(c)); });
}

void sort_unique(std::vector<std::string_view>& words) {
  std::ranges::sort(words);
  const auto repeats = std::ranges::unique(words);
  words.erase(repeats.begin(), repeats.end());
}

}  // namespace

void append_part(std::string& column, std::string_view part) {
  if (!column.empty()) column += kPartBreak;
  const auto begin = static_cast<std::ptrdiff_t>(column.size());
  column += part;
  // Without a branch, so that the compiler does many at once.
  std::for_each(column.begin() + begin, column.end(), [](char& c) { c = c == kPartMark || c == kTailMark || c == '\0' ? ' ' : c; });
}

bool is_plain(std::string_view text) noexcept {
  bool strange = false;
  for (const char c : text) strange |= (static_cast<unsigned char>(c) >= 0x80) | (c == '_');
  if (strange || text.size() <= kWordBytesMax) return !strange;
  std::size_t run = 0;
  for (const char c : text) {
    run = is_index_character(c) ? run + 1 : 0;
    if (run > kWordBytesMax) return false;
  }
  return true;
}

std::vector<std::string_view> displayed_parts(std::string_view column) {
  std::vector<std::string_view> parts;
  auto rest = column.substr(0, column.find(kTailMark));
  while (!rest.empty()) {
    const auto end = rest.find(kPartBreak);
    parts.push_back(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + kPartBreak.size());
  }
  return parts;
}

void indexed_words(std::string_view column, std::string& scratch, std::vector<std::string_view>& out) {
  out.clear();
  scratch.assign(column);
  for (auto& c : scratch) c = ascii_lower(c);
  const std::string_view text = scratch;
  const auto tail = std::min(text.find(kTailMark), text.size());
  each_run(text.substr(0, tail), [&](std::string_view run) {
    if (is_plain_run(run)) out.push_back(run);
  });
  each_run(text.substr(tail), [&](std::string_view run) {
    if (run != kBarrier) out.push_back(run);
  });
  sort_unique(out);
}

void codes_of(std::string_view column, std::vector<std::string_view>& out) {
  out.clear();
  each_run(column, [&](std::string_view run) { out.push_back(run); });
  sort_unique(out);
}

}  // namespace tablinum::search
