#include <algorithm>

#include "http/syntax.h"
#include "middleware/layers.h"
#include "tablinum/net/conditional.h"

namespace tablinum::net {

const std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'";

namespace {

/// For everything that is not a page or a script: opened on its own (an SVG chart, a JSON answer) it can load and run nothing.
constexpr std::string_view kDataPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
constexpr std::string_view kPermissions = "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()";
constexpr std::string_view kTransportSecurity = "max-age=31536000; includeSubDomains";

void set_default(Headers& headers, Field field, std::string_view value) {
  if (!headers.contains(field)) headers.add(field, value);
}
void set_default(Headers& headers, std::string_view name, std::string_view value) {
  if (!headers.contains(name)) headers.add(name, value);
}

bool type_is(const Headers& headers, std::string_view type) noexcept {
  const std::string_view value = headers.get_or(Field::content_type, "");
  return syntax::equal_ignoring_case(syntax::trim(value.substr(0, value.find(';'))), type);
}

Validators validators_of(const Headers& headers) {
  Validators validators;
  validators.etag = headers.get_or(Field::etag, "");
  if (const auto text = headers.get(Field::last_modified))
    if (const auto date = from_http_date(*text)) validators.last_modified = *date;
  return validators;
}

}  // namespace

void add_security_headers(Headers& headers, const SecurityOptions& options) {
  const bool page = type_is(headers, "text/html");
  // A worker lives under the policy its script came with, so scripts get the pages' too.
  const bool active = page || type_is(headers, "text/javascript");
  set_default(headers, Field::content_security_policy, active ? std::string_view{options.content_security_policy} : kDataPolicy);
  set_default(headers, Field::x_content_type_options, "nosniff");
  set_default(headers, Field::referrer_policy, "no-referrer");
  set_default(headers, "cross-origin-resource-policy", "same-origin");
  if (page) set_default(headers, "cross-origin-opener-policy", "same-origin");
  if (page) set_default(headers, "permissions-policy", kPermissions);
  if (options.hsts) set_default(headers, "strict-transport-security", kTransportSecurity);
  // Private data unless the handler knows better; with an ETag a repeat costs a 304.
  set_default(headers, Field::cache_control, "private, no-cache");
}

void check_validators(const Request& request, Response& response) {
  const bool reading = request.method == Method::get || request.method == Method::head;
  if (!reading || response.status != Status::ok) return;
  const Validators validators = validators_of(response.headers);
  if (validators.etag.empty() && !validators.last_modified) return;
  switch (evaluate_preconditions(request.method, request.headers, validators)) {
    case Precondition::go_on: return;
    case Precondition::not_modified:
      response.status = Status::not_modified;
      response.body = Body{};
      response.headers.erase(Field::content_type);
      return;
    case Precondition::failed:
      response = problem_response(Problem{.status = Status::precondition_failed, .code = "precondition_failed"}, request.id);
  }
}

}  // namespace tablinum::net
