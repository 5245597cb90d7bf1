#include "proxy/cache_control.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net::proxy {
namespace {

using Seconds = std::optional<std::int64_t>;

/// delta-seconds, also in quotes; what is no number is 0.
std::int64_t seconds_of(std::string_view text) noexcept {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty() || !std::ranges::all_of(text, syntax::is_digit)) return 0;
  return static_cast<std::int64_t>(syntax::parse_decimal(text, static_cast<std::uint64_t>(kDeltaSecondsMax)).value_or(kDeltaSecondsMax));
}

void smaller(Seconds& kept, std::int64_t value) noexcept { kept = std::min(kept.value_or(value), value); }

void read_directive(std::string_view name, std::optional<std::string_view> value, CacheControl& out) {
  const auto is = [&](std::string_view word) { return syntax::equal_ignoring_case(name, word); };
  const std::int64_t seconds = seconds_of(value.value_or(""));
  if (is("no-store")) out.no_store = true;
  else if (is("no-cache")) out.no_cache = true;
  else if (is("private")) out.is_private = true;
  else if (is("public")) out.is_public = true;
  else if (is("must-revalidate")) out.must_revalidate = true;
  else if (is("proxy-revalidate")) out.proxy_revalidate = true;
  else if (is("must-understand")) out.must_understand = true;
  else if (is("only-if-cached")) out.only_if_cached = true;
  else if (is("max-age")) smaller(out.max_age, seconds);
  else if (is("s-maxage")) smaller(out.s_maxage, seconds);
  else if (is("stale-while-revalidate")) smaller(out.stale_while_revalidate, seconds);
  else if (is("stale-if-error")) smaller(out.stale_if_error, seconds);
  else if (is("min-fresh")) out.min_fresh = std::max(out.min_fresh.value_or(0), seconds);
  else if (is("max-stale")) smaller(out.max_stale, value ? seconds : kDeltaSecondsMax);
}

/// The end of a directive: the next comma outside quotes.
std::size_t directive_end(std::string_view text) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') ++i;
    else if (text[i] == '"') quoted = !quoted;
    else if (text[i] == ',' && !quoted) return i;
  }
  return text.size();
}

/// Statuses that may be kept without being told how long (RFC 9110 §15.1).
bool heuristic_status(Status status) noexcept {
  switch (number(status)) {
    case 200: case 203: case 204: case 300: case 301: case 308: case 404: case 405: case 410: case 414: case 501: return true;
    default: return false;
  }
}

/// Statuses this cache understands, so that must-understand lets it keep them.
bool understood(Status status) noexcept {
  return heuristic_status(status) || status == Status::found || status == Status::temporary_redirect;
}

std::optional<Timestamp> date_in(const Headers& headers, std::string_view name) {
  const auto value = headers.get(name);
  if (!value) return std::nullopt;
  auto date = from_http_date(*value);
  return date ? std::optional{*date} : std::nullopt;
}

bool is_about_body(Field field, std::string_view name) noexcept {
  return field == Field::content_length || field == Field::content_encoding || field == Field::content_type ||
         field == Field::content_range || field == Field::transfer_encoding || name == "content-md5" || name == "digest";
}

}  // namespace

void read_cache_control(std::string_view value, CacheControl& out) {
  while (!value.empty()) {
    const std::size_t end = directive_end(value);
    const std::string_view directive = syntax::trim(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
    const auto equals = directive.find('=');
    const bool has_value = equals != std::string_view::npos;
    read_directive(directive.substr(0, equals), has_value ? std::optional{directive.substr(equals + 1)} : std::nullopt, out);
  }
}

CacheControl cache_control_of(const Headers& headers, bool is_request) {
  CacheControl control;
  for (const FieldView field : headers)
    if (field.field == Field::cache_control) read_cache_control(field.value, control);
  if (is_request && !headers.contains(Field::cache_control) && list_contains(headers.get("pragma").value_or(""), "no-cache"))
    control.no_cache = true;
  return control;
}

bool may_store(const Request& request, Status status, const Headers& response) {
  if (request.method != Method::get || status == Status::partial_content || number(status) < 200 || status == Status::not_modified)
    return false;
  const CacheControl asked = cache_control_of(request.headers, true), control = cache_control_of(response, false);
  if (asked.no_store || control.is_private) return false;
  if (control.must_understand ? !understood(status) : control.no_store) return false;
  if (response.contains(Field::set_cookie) || list_contains(response.get_or(Field::vary, ""), "*")) return false;
  if (request.headers.contains(Field::authorization) && !control.is_public && !control.s_maxage && !control.must_revalidate) return false;
  const bool told = control.is_public || control.max_age || control.s_maxage || response.contains("expires");
  return told || heuristic_status(status);
}

std::int64_t freshness_seconds(Status status, const Headers& response) {
  const CacheControl control = cache_control_of(response, false);
  if (control.s_maxage) return *control.s_maxage;
  if (control.max_age) return *control.max_age;
  const auto date = date_in(response, "date");
  if (response.contains("expires")) {
    const auto expires = date_in(response, "expires");
    // "0" and other things that are no date mean that it has expired (RFC 9111 §5.3).
    return expires && date ? std::max<std::int64_t>(0, expires->seconds() - date->seconds()) : 0;
  }
  const auto modified = date_in(response, "last-modified");
  if (!modified || !date || (!heuristic_status(status) && !control.is_public)) return 0;
  return std::clamp<std::int64_t>((date->seconds() - modified->seconds()) / 10, 0, kHeuristicSecondsMax);
}

std::int64_t age_on_arrival(const Headers& response, Timestamp asked, Timestamp arrived) {
  const std::string_view text = response.get_or(Field::age, "0");
  const std::int64_t age = seconds_of(syntax::trim(text.substr(0, text.find(','))));
  const auto date = date_in(response, "date");
  const std::int64_t apparent = date ? std::max<std::int64_t>(0, arrived.seconds() - date->seconds()) : 0;
  return std::max(apparent, age + (arrived.ms - asked.ms) / 1000);
}

namespace {

/// What forbids to use it stale at all, whoever asks (§4.2.4).
bool never_stale(const CacheControl& control) noexcept {
  return control.must_revalidate || control.proxy_revalidate || control.s_maxage || control.no_cache;
}

}  // namespace

Use use_of(const CacheControl& request, const Kept& kept) noexcept {
  if (request.no_cache || kept.control.no_cache) return Use::validate;
  if (request.max_age && kept.age > *request.max_age) return Use::validate;
  const std::int64_t left = kept.lifetime - kept.age;
  if (left > 0) return request.min_fresh && left < *request.min_fresh ? Use::validate : Use::fresh;
  if (never_stale(kept.control) || request.min_fresh) return Use::validate;
  if (request.max_stale && -left <= *request.max_stale) return Use::stale;
  if (kept.control.stale_while_revalidate && -left < *kept.control.stale_while_revalidate) return Use::background;
  return Use::validate;
}

bool usable_on_error(const CacheControl& request, const Kept& kept) noexcept {
  if (never_stale(kept.control)) return false;
  const std::int64_t stale = kept.age - kept.lifetime;
  const std::int64_t allowed = std::max(request.stale_if_error.value_or(-1), kept.control.stale_if_error.value_or(-1));
  return stale < 0 ? !request.no_cache : stale < allowed;
}

std::optional<std::string> vary_key(std::string_view vary, const Headers& request) {
  std::string key;
  while (!vary.empty()) {
    const auto end = std::min(vary.find(','), vary.size());
    std::string name;
    for (const char c : syntax::trim(vary.substr(0, end))) name += syntax::lower(c);
    vary.remove_prefix(std::min(end + 1, vary.size()));
    if (name == "*") return std::nullopt;
    if (name.empty()) continue;
    key += name;
    for (const FieldView field : request) {
      if (field.name != name) continue;
      key += '\1';
      key += field.value;
    }
    key += '\n';
  }
  return key;
}

void merge_not_modified(Headers& kept, const Headers& fresh) {
  for (const FieldView field : fresh)
    if (!is_about_body(field.field, field.name)) kept.erase(field.name);
  for (const FieldView field : fresh)
    if (!is_about_body(field.field, field.name)) kept.add(field.name, field.value);
}

}  // namespace tablinum::net::proxy
