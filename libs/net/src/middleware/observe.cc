#include <algorithm>

#include "middleware/layers.h"
#include "tablinum/base/log.h"

namespace tablinum::net {
namespace {

bool is_id_byte(char c) noexcept { return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>'; }

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kRequestIdBytesMax && std::ranges::all_of(text, is_id_byte);
}

void log_failure(const Request& request, const Error& error) {
  if (number(status_of(error.code)) >= 500 && error.code != Code::cancelled)
    log::error("net", "a handler failed", {{"request_id", request.id}, {"path", request.target.path()}, {"error", describe(error)}});
}

}  // namespace

std::string choose_id(const Headers& headers, UuidV7Source& ids) {
  for (const Field field : {Field::x_correlation_id, Field::x_request_id})
    if (const auto given = headers.get(field); given && is_request_id(*given)) return std::string{*given};
  return to_string(ids.next());
}

void log_access(const Access& access) {
  if (!log::enabled(log::Level::info)) return;
  log::info("net", "request",
            {{"request_id", access.request.id},
             {"method", to_string(access.request.method)},
             {"path", access.request.target.path()},
             {"route", access.pattern},
             {"status", number(access.status)},
             {"bytes", access.body_bytes.value_or(0)},
             {"ms", access.took.seconds() * 1000},
             {"peer", access.request.peer.address}});
}

Response mended(const Request& request, const Error& error) {
  log_failure(request, error);
  return problem_response(error, request.id);
}

}  // namespace tablinum::net
