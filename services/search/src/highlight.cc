#include "highlight.h"

#include <array>
#include <utility>

namespace tablinum::search_service {
namespace {

constexpr std::string_view kOpen = "<mark>", kClose = "</mark>";
constexpr std::array<std::pair<std::string_view, char>, 6> kEntities{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&apos;", '\''}}};

void append_text(std::vector<Part>& parts, char c, bool match) {
  if (parts.empty() || parts.back().match != match) parts.push_back({{}, match});
  parts.back().text += c;
}

}  // namespace

std::vector<Part> parts_of(std::string_view html) {
  std::vector<Part> parts;
  bool match = false;
  while (!html.empty()) {
    if (html.starts_with(kOpen) || html.starts_with(kClose)) {
      match = html.starts_with(kOpen);
      html.remove_prefix(match ? kOpen.size() : kClose.size());
      continue;
    }
    std::size_t used = 1;
    char c = html.front();
    for (const auto& [entity, meaning] : kEntities) {
      if (html.starts_with(entity)) c = meaning, used = entity.size();
    }
    append_text(parts, c, match);
    html.remove_prefix(used);
  }
  return parts;
}

}  // namespace tablinum::search_service
