#include "http/field_block.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net {

std::string_view FieldBlock::parse(std::string text, std::size_t offset, Headers& out) {
  out.entries_.clear();
  out.entries_.reserve(static_cast<std::size_t>(std::ranges::count(text, '\n')));
  std::string_view fault;
  for (std::size_t at = offset; at < text.size() && fault.empty();) {
    const std::size_t lf = text.find('\n', at);
    if (lf == std::string::npos || lf == at || text[lf - 1] != '\r') return "a line does not end in CR LF";
    fault = parse_line(text, at, lf - 1, out);
    at = lf + 1;
  }
  out.text_ = std::move(text);
  return fault;
}

std::string_view FieldBlock::parse_line(std::string& text, std::size_t begin, std::size_t end, Headers& out) {
  std::size_t colon = begin;
  for (; colon < end && syntax::is_token_byte(text[colon]); ++colon) text[colon] = syntax::lower(text[colon]);
  if (colon == begin || colon == end || text[colon] != ':') return "a field name is not a token followed by a colon";
  const std::string_view name = std::string_view{text}.substr(begin, colon - begin);
  const std::string_view value = syntax::trim(std::string_view{text}.substr(colon + 1, end - colon - 1));
  if (!syntax::is_field_value(value)) return "a control character in a field value";
  const auto at = [&](std::string_view slice) { return static_cast<std::uint32_t>(slice.data() - text.data()); };
  out.entries_.push_back({field_of(name), at(name), static_cast<std::uint32_t>(name.size()), at(value),
                          static_cast<std::uint32_t>(value.size())});
  return {};
}

}  // namespace tablinum::net
