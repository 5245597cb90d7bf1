#include "tablinum/api/guard.h"

namespace tablinum::api {
namespace {

std::string_view without_port(std::string_view host) noexcept {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? host.substr(0, colon) : host;
}

/// "http://host" or "https://host" of this very host.
bool is_origin_of(std::string_view origin, std::string_view host) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return origin.substr(scheme.size()) == host;
  }
  return false;
}

bool comes_from_us(const net::Request& request) noexcept {
  if (const auto site = request.headers.get("sec-fetch-site").value_or(""); !site.empty())
    return site == "same-origin" || site == "none";
  const auto origin = request.headers.get_or(net::Field::origin, {});
  return origin.empty() || is_origin_of(origin, request.headers.get_or(net::Field::host, {}));
}

Result<void> check(const net::Request& request, const GuardOptions& options) {
  if (options.loopback_names_only && !is_loopback_host(request.headers.get_or(net::Field::host, {}))) {
    return fail(Code::denied, "this archive answers on this machine only, at 127.0.0.1 or localhost");
  }
  if (!net::is_safe(request.method) && !comes_from_us(request))
    return fail(Code::denied, "a page of another site may change nothing here");
  return {};
}

io::Task<Result<net::Response>> guarding(io::Io& io, net::Request& request, const net::Handler& next,
                                         const GuardOptions& options) {
  CO_CHECK_OK(check(request, options));
  co_return co_await next(io, request);
}

}  // namespace

bool is_loopback_host(std::string_view host) noexcept {
  const auto name = without_port(host);
  if (name == "localhost" || name == "[::1]") return true;
  // Four numbers: "127.0.0.1.example.org" is a stranger's name.
  return name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos;
}

net::Middleware guard(GuardOptions options) {
  return [options](net::Handler next) -> net::Handler {
    return
        [next = std::move(next), options](io::Io& io, net::Request& request) { return guarding(io, request, next, options); };
  };
}

}  // namespace tablinum::api
