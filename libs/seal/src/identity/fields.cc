#include "identity/fields.h"

#include "tablinum/seal/contact_card.h"

namespace tablinum::seal {
namespace {

// Length of the UTF-8 character at the front (RFC 3629: shortest form, no surrogates), 0 where there is none.
std::size_t character_length(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0)
    return follows(1) && follows(2) && !(first == 0xe0 && at(1) < 0xa0) && !(first == 0xed && at(1) >= 0xa0) ? 3 : 0;
  if (first >= 0xf0 && first < 0xf5)
    return follows(1) && follows(2) && follows(3) && !(first == 0xf0 && at(1) < 0x90) && !(first == 0xf4 && at(1) >= 0x90) ? 4
                                                                                                                           : 0;
  return 0;
}

// C0, DEL and C1 controls, and what turns the direction of text: a name must not rewrite the line in which it is shown.
bool is_control(std::string_view character) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  const unsigned code = (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU) | 0x2000U;
  return (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

bool is_good_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kCardNameBytesMax) return false;
  while (!name.empty()) {
    const std::size_t length = character_length(name);
    if (length == 0 || is_control(name.substr(0, length))) return false;
    name.remove_prefix(length);
  }
  return true;
}

}  // namespace tablinum::seal
