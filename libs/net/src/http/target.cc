#include <algorithm>
#include <array>

#include "http/syntax.h"
#include "tablinum/net/message.h"

namespace tablinum::net {
namespace {

constexpr bool is_unreserved(char c) noexcept {
  return syntax::is_digit(c) || (syntax::lower(c) >= 'a' && syntax::lower(c) <= 'z') || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

/// What may stand in a path or query: RFC 3986's pchar, '/' and '?', and the four that browsers leave as they are in a query
/// though the RFC wants them encoded. Anything else marks an attack or a bug and is refused.
constexpr auto kTargetTable = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = is_unreserved(static_cast<char>(c)) || std::string_view{"!$&'()*+,;=:@/?%[]|^"}.contains(static_cast<char>(c));
  return table;
}();
constexpr bool is_target_byte(char c) noexcept { return kTargetTable[static_cast<unsigned char>(c)]; }

bool escapes_are_sound(std::string_view text) noexcept {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3))
    if (i + 2 >= text.size() || syntax::hex_value(text[i + 1]) < 0 || syntax::hex_value(text[i + 2]) < 0) return false;
  return true;
}

/// Decodes text whose escapes are sound.
std::string decode_sound(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(syntax::hex_value(text[i + 1]) * 16 + syntax::hex_value(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Result<Target::Pairs> parse_query(std::string_view text) {
  Target::Pairs pairs;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (item.empty()) continue;
    if (pairs.size() == kQueryPairsMax) return fail(Code::limit, "too many query parameters");
    const auto equals = std::min(item.find('='), item.size());
    pairs.emplace_back(decode_sound(item.substr(0, equals), true),
                       decode_sound(item.substr(std::min(equals + 1, item.size())), true));
  }
  return pairs;
}

}  // namespace

Result<Target> Target::parse(std::string_view text) {
  if (text != "*" && !text.starts_with('/')) return fail(Code::invalid, "the target does not begin with '/'");
  if (!std::ranges::all_of(text, is_target_byte)) return fail(Code::invalid, "the target holds a character that must be encoded");
  if (!escapes_are_sound(text)) return fail(Code::invalid, "bad percent escape in the target");
  Target target;
  target.text_ = text;
  target.path_size_ = std::min(text.find('?'), text.size());
  TRY(pairs, parse_query(target.raw_query()));
  target.query_ = std::move(pairs);
  return target;
}

std::optional<std::string_view> Target::query(std::string_view name) const noexcept {
  const auto found = std::ranges::find(query_, name, &Pairs::value_type::first);
  if (found == query_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> Target::query_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : query_)
    if (key == name) values.push_back(value);
  return values;
}

Result<std::string> percent_decode(std::string_view text) {
  if (!escapes_are_sound(text)) return fail(Code::invalid, "bad percent escape");
  std::string decoded = decode_sound(text, false);
  if (decoded.contains('\0')) return fail(Code::invalid, "encoded NUL");
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace tablinum::net
