#include "server/environment.h"

#include <exception>

#include "tablinum/base/log.h"

namespace tablinum::net {

std::string_view ConnectionEnvironment::date() {
  const Timestamp now = io.wall_time();
  if (now.seconds() != date_second_) {
    date_second_ = now.seconds();
    date_ = to_http_date(now);
  }
  return date_;
}

io::Task<Response> answer(ConnectionEnvironment& environment, Request& request, const std::optional<h1::Refusal>& failure) {
  Result<Response> response = Response{};
  try {
    response = co_await environment.handler(environment.io, request);
  } catch (const std::exception& exception) {
    response = fail(Code::internal, exception.what());
    log::error("net", "a handler threw", {{"path", request.target.path()}, {"what", exception.what()}});
  }
  // What the wire knows is more precise than what the handler made of it: a body that stalled is 408, not the handler's 504.
  if (failure) co_return refusal_response(*failure);
  if (!response) co_return problem_response(response.error(), request.id);
  co_return std::move(*response);
}

Response refusal_response(const h1::Refusal& refusal) {
  return problem_response(Problem{.status = refusal.status, .code = "bad_request",
                                  .detail = std::string{refusal.detail}},
                          {});
}

void refuse_tunnel(Response& response) {
  if (class_of(response.status) != 2) return;
  response = refusal_response({Status::not_implemented, "nothing here speaks the protocol that was asked for"});
}

Peer peer_of(const io::Endpoint& endpoint) { return {endpoint.host(), endpoint.port(), endpoint.is_loopback()}; }

}  // namespace tablinum::net
