#include "proxy/forwarding.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net::proxy {
namespace {

bool belongs_to_hop(Field field, std::string_view name) noexcept {
  switch (field) {
    case Field::connection: case Field::keep_alive: case Field::te: case Field::trailer: case Field::transfer_encoding:
    case Field::upgrade: case Field::expect: return true;
    case Field::other: return name == "proxy-connection" || name == "proxy-authorization" || name == "proxy-authenticate";
    default: return false;
  }
}

/// Fields that Connection may not take away: routing and framing are ours, and whether credentials pass is no peer's choice.
bool is_protected(Field field) noexcept {
  return field == Field::host || field == Field::content_length || field == Field::authorization || field == Field::cookie;
}

bool named_by_connection(const Headers& headers, std::string_view name) noexcept {
  for (const FieldView field : headers)
    if (field.field == Field::connection && list_contains(field.value, name)) return true;
  return false;
}

void append_to_list(Headers& headers, std::string_view name, std::string_view element) {
  std::string list;
  headers.erase_if([&](const FieldView& field) {
    if (field.field != Field::other || field.name != name) return false;
    list.append(field.value).append(", ");
    return true;
  });
  headers.add(name, list.append(element));
}

/// A token as it is, anything else in quotes (RFC 7239 §4).
std::string forwarded_value(std::string_view text) {
  if (syntax::is_token(text)) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string node_of(std::string_view address) {
  return address.contains(':') ? "[" + std::string{address} + "]" : std::string{address};
}

/// "%2f" in either case, for first = '2' and second = 'f'.
bool is_encoded(std::string_view path, std::size_t at, char first, char second) noexcept {
  return path.size() - at >= 3 && path[at] == '%' && path[at + 1] == first && syntax::lower(path[at + 2]) == second;
}

}  // namespace

void keep_end_to_end(Headers& headers) {
  std::vector<std::string> named;
  if (headers.contains(Field::connection)) {
    for (const FieldView field : headers)
      if (!is_protected(field.field) && named_by_connection(headers, field.name)) named.emplace_back(field.name);
  }
  headers.erase_if([&](const FieldView& field) {
    return belongs_to_hop(field.field, field.name) || (!named.empty() && std::ranges::find(named, field.name) != named.end());
  });
}

void keep_to_trailers(Headers& trailers) {
  keep_end_to_end(trailers);
  constexpr std::string_view kNever[] = {"age",           "authorization", "cache-control", "content-encoding", "content-length",
                                         "content-range", "content-type",  "cookie",        "date",             "early-data",
                                         "expires",       "forwarded",     "host",          "location",         "max-forwards",
                                         "range",         "set-cookie",    "vary",          "via",              "x-real-ip"};
  trailers.erase_if([&](const FieldView& field) {
    return std::ranges::binary_search(kNever, field.name) || field.name.starts_with("if-") || field.name.starts_with("x-forwarded-");
  });
}

void add_via(Headers& headers, std::string_view name) { append_to_list(headers, "via", "1.1 " + std::string{name}); }

int hops_of(const Headers& headers, std::string_view name) noexcept {
  int hops = 0;
  for (const FieldView field : headers) {
    if (field.name != "via") continue;
    for (std::size_t at = field.value.find(name); at != std::string_view::npos; at = field.value.find(name, at + name.size())) ++hops;
  }
  return hops;
}

void add_forwarding(Headers& headers, const Forwarder& forwarder) {
  if (!forwarder.peer_is_trusted)
    headers.erase_if([](const FieldView& field) {
      return field.field == Field::other &&
             (field.name == "forwarded" || field.name.starts_with("x-forwarded-") || field.name == "x-real-ip");
    });
  const std::string_view scheme = forwarder.secure ? "https" : "http";
  append_to_list(headers, "x-forwarded-for", forwarder.peer);
  if (!headers.contains("x-forwarded-proto")) headers.set("x-forwarded-proto", scheme);
  if (!headers.contains("x-forwarded-host")) headers.set("x-forwarded-host", forwarder.host);
  append_to_list(headers, "forwarded", "for=" + forwarded_value(node_of(forwarder.peer)) + ";host=" + forwarded_value(forwarder.host) +
                                           ";proto=" + std::string{scheme});
  add_via(headers, forwarder.name);
}

void apply_edits(Headers& headers, const FieldEdits& edits) {
  for (const auto& name : edits.remove) headers.erase(name);
  for (const auto& [name, value] : edits.set) headers.set(name, value);
  for (const auto& [name, value] : edits.add) headers.add(name, value);
}

std::string host_name(std::string_view authority) {
  const auto end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  if (authority.starts_with('[') && end != std::string_view::npos) authority = authority.substr(1, end - 1);
  else authority = authority.substr(0, end);
  std::string name;
  for (const char c : authority) name += syntax::lower(c);
  while (name.ends_with('.')) name.pop_back();
  return name;
}

bool path_is_ambiguous(std::string_view path) noexcept {
  std::size_t dots = 0, others = 0;  // of the segment
  const auto is_dot_segment = [&] { return others == 0 && (dots == 1 || dots == 2); };
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool slash = is_encoded(path, i, '2', 'f') || is_encoded(path, i, '5', 'c');
    const bool dot = is_encoded(path, i, '2', 'e');
    if (slash || path[i] == '/' || path[i] == '\\') {
      if (is_dot_segment()) return true;
      dots = others = 0;
    } else if (dot || path[i] == '.') {
      ++dots;
    } else {
      ++others;
    }
    if (slash || dot) i += 2;
  }
  return is_dot_segment();
}

bool path_covers(std::string_view prefix, std::string_view path) noexcept {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/';
}

}  // namespace tablinum::net::proxy
