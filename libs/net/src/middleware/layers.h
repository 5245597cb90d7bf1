#pragma once
/// What surrounds every route, as plain functions: the pipeline calls them before and after the route in one coroutine, since a coroutine
/// for each would cost more than most of them do.
#include <optional>

#include "tablinum/base/id.h"
#include "tablinum/net/middleware.h"

namespace tablinum::net {

/// The client's word for the request if it has a usable one, so that a chain of services logs the same.
std::string choose_id(const Headers& headers, UuidV7Source& ids);
/// PipelineOptions::on_access, where none is given.
void log_access(const Access& access);
/// The problem for an error; one of ours is logged.
Response mended(const Request& request, const Error& error);
/// Sets the body's limit and decodes it.  @return what to answer instead of asking the route (415).  @error too_large.
Result<std::optional<Response>> take_body(Request& request);

struct SecurityOptions {
  std::string content_security_policy;
  bool hsts;
};
void add_security_headers(Headers& headers, const SecurityOptions& options);
/// 304 and 412 from the validators that the handler has set.
void check_validators(const Request& request, Response& response);
/// As compression().
Result<void> compress(const Request& request, Response& response);

}  // namespace tablinum::net
