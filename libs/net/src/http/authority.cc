#include "http/authority.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net {

bool is_authority(std::string_view text) noexcept {
  std::size_t at = 0;
  if (text.starts_with('[')) {
    for (at = 1; at < text.size() && (syntax::hex_value(text[at]) >= 0 || text[at] == ':' || text[at] == '.'); ++at) {
    }
    if (at == 1 || at >= text.size() || text[at++] != ']') return false;
  } else {
    constexpr std::string_view kNameBytes = "-._~%!$&'()*+,;=";
    for (; at < text.size() && text[at] != ':'; ++at) {
      const char c = syntax::lower(text[at]);
      if (!syntax::is_digit(c) && !(c >= 'a' && c <= 'z') && !kNameBytes.contains(c)) return false;
    }
  }
  if (at == text.size()) return true;
  return text[at] == ':' && text.size() - at <= 6 && std::ranges::all_of(text.substr(at + 1), syntax::is_digit);
}

}  // namespace tablinum::net
