#include "client/url.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net {
namespace {

std::unexpected<Error> no_url(std::string_view why) { return fail(Code::invalid, "not a URL: " + std::string{why}); }

bool is_host_byte(char c) noexcept {
  return syntax::is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

/// "host", "host:80", "[::1]:80"
Result<Origin> parse_authority(std::string_view text, bool secure) {
  Origin origin{secure, {}, static_cast<std::uint16_t>(secure ? 443 : 80)};
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return no_url("a bracket is not closed");
    origin.host = text.substr(1, end - 1);
    const bool address = std::ranges::all_of(origin.host, [](char c) { return syntax::hex_value(c) >= 0 || c == ':' || c == '.'; });
    if (!address || !origin.host.contains(':')) return no_url("not an IPv6 address in brackets");
    text.remove_prefix(end + 1);
    has_port = text.starts_with(':');
    if (!text.empty() && !has_port) return no_url("text after the bracket");
    if (has_port) port = text.substr(1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    has_port = colon < text.size();
    if (has_port) port = text.substr(colon + 1);
    for (const char c : text.substr(0, colon)) origin.host += syntax::lower(c);
    if (!std::ranges::all_of(origin.host, is_host_byte)) return no_url("a host that is no name");
  }
  if (origin.host.empty()) return no_url("no host");
  if (has_port) {
    const auto number = syntax::parse_decimal(port, 65535);
    if (!number || *number == 0) return no_url("a port that is none");
    origin.port = static_cast<std::uint16_t>(*number);
  }
  return origin;
}

bool is_target_byte(char c) noexcept { return c > 0x20 && c < 0x7F && c != '"' && c != '<' && c != '>' && c != '\\'; }

/// RFC 3986 §5.2.4 on a path without query.
std::string remove_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.resize(out.find_last_of('/') == std::string::npos ? 0 : out.find_last_of('/'));
      if (path.empty()) out += '/';
      continue;
    }
    out += segment;
  }
  return out;
}

}  // namespace

std::string Origin::authority() const {
  std::string text = host.contains(':') ? "[" + host + "]" : host;
  if (port != (secure ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

std::string Origin::text() const { return (secure ? "https://" : "http://") + authority(); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return no_url("too long");
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return no_url("no scheme");
  const bool secure = syntax::equal_ignoring_case(text.substr(0, scheme_end), "https");
  if (!secure && !syntax::equal_ignoring_case(text.substr(0, scheme_end), "http")) return no_url("neither http nor https");
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.contains('@')) return no_url("user information");
  TRY(origin, parse_authority(authority, secure));
  const std::string_view target = rest.substr(end);
  if (!std::ranges::all_of(target, is_target_byte)) return no_url("a byte that must be encoded");
  Url url{std::move(origin), std::string{target}};
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const auto colon = reference.find(':');
  if (colon < reference.find_first_of("/?")) return parse_url(reference);
  if (reference.starts_with("//")) return parse_url((base.origin.secure ? "https:" : "http:") + std::string{reference});
  const std::string_view old_path = std::string_view{base.target}.substr(0, base.target.find('?'));
  const auto query_at = std::min(reference.find('?'), reference.size());
  std::string path{reference.substr(0, query_at)};
  if (path.empty()) path = old_path;
  else if (!path.starts_with('/')) path = std::string{old_path.substr(0, old_path.find_last_of('/') + 1)} + path;
  if (reference.empty()) return Url{base.origin, base.target};
  return parse_url(base.origin.text() + remove_dots(path) + std::string{reference.substr(query_at)});
}

}  // namespace tablinum::net
