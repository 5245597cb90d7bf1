#include <algorithm>

#include "middleware/layers.h"
#include "tablinum/io/cancel.h"

namespace tablinum::net {
namespace {

/// Why no route was found; left in Request::ext for dispatch(), which answers.
struct Unrouted {
  std::vector<Method> allowed;
  std::optional<Error> error;
};

struct Pipeline {
  std::shared_ptr<const Router> router;
  Handler fallback;
  std::function<void(const Access&)> on_access;
  SecurityOptions security;
  UuidV7Source ids;
  Handler inside;  // the options' layers around the route
};

void route(const Router& router, Request& request) {
  auto match = router.find(request.method, request.target.path());
  if (match && match->route) {
    request.route = match->route;
    request.params = std::move(match->params);
    return;
  }
  request.ext.set(match ? Unrouted{std::move(match->allowed), {}} : Unrouted{{}, match.error()});
}

Response not_routable(const Request& request, const Error& error) {
  const bool too_long = error.code == Code::limit;
  return problem_response(
      Problem{.status = too_long ? Status::uri_too_long : Status::bad_request, .code = "invalid_path", .detail = error.detail},
      request.id);
}

Response wrong_method(const Request& request, const std::vector<Method>& allowed) {
  Response response =
      request.method == Method::options
          ? empty_response(Status::no_content)
          : problem_response(Problem{.status = Status::method_not_allowed, .code = "method_not_allowed"}, request.id);
  response.headers.set(Field::allow, allow_value(allowed));
  return response;
}

Response all_methods() {
  Response response = empty_response(Status::no_content);
  std::vector<Method> methods;
  for (std::size_t i = 0; i < kMethodCount; ++i) methods.push_back(static_cast<Method>(i));
  response.headers.set(Field::allow, allow_value(methods));
  return response;
}

io::Task<Result<Response>> answer_unrouted(io::Io& io, Request& request, const Pipeline& pipeline) {
  const Unrouted& unrouted = *request.ext.get<Unrouted>();
  if (unrouted.error) co_return not_routable(request, *unrouted.error);
  if (!unrouted.allowed.empty()) co_return wrong_method(request, unrouted.allowed);
  if (request.target.path() == "*") co_return all_methods();
  if (pipeline.fallback) co_return co_await pipeline.fallback(io, request);
  co_return fail(Code::not_found, "There is nothing at this address.");
}

io::Task<Result<Response>> dispatch(io::Io& io, Request& request, const Pipeline& pipeline) {
  const Route* found = request.route;
  if (found == nullptr) return answer_unrouted(io, request, pipeline);
  request.deadline = io.now() + found->options.limit;
  return io::with_deadline(io, request.deadline, found->handler(io, request));
}

/// The route, and what changes its answer.
io::Task<Result<Response>> answer(io::Io& io, Request& request, const Pipeline& pipeline) {
  auto response = co_await dispatch(io, request, pipeline);
  if (!response) co_return response;
  check_validators(request, *response);
  CO_CHECK_OK(compress(request, *response));
  co_return response;
}

/// Everything around it.
io::Task<Result<Response>> surround(io::Io& io, Request& request, Pipeline& pipeline) {
  route(*pipeline.router, request);
  request.id = choose_id(request.headers, pipeline.ids);
  const Instant begin = io.now();
  Result<Response> answered = Response{};
  try {
    auto refusal = take_body(request);
    if (!refusal) answered = std::unexpected(std::move(refusal).error());
    else if (*refusal) answered = std::move(**refusal);
    else answered = co_await pipeline.inside(io, request);
  } catch (const std::exception& exception) {
    answered = fail(Code::internal, exception.what());
  }
  if (!answered) answered = mended(request, answered.error());
  Response& response = *answered;
  add_security_headers(response.headers, pipeline.security);
  const std::string_view pattern = request.route ? std::string_view{request.route->pattern} : std::string_view{};
  pipeline.on_access({request, pattern, response.status, response.body.size(), io.now() - begin});
  response.headers.set(Field::x_correlation_id, request.id);
  co_return answered;
}

}  // namespace

Handler make_pipeline(std::shared_ptr<const Router> router, PipelineOptions options) {
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->router = std::move(router);
  pipeline->fallback = std::move(options.fallback);
  pipeline->on_access = options.on_access ? std::move(options.on_access) : log_access;
  pipeline->security = {std::move(options.content_security_policy), options.hsts};
  // The pipeline owns it, so it outlives every call.
  pipeline->inside = [inner = pipeline.get()](io::Io& io, Request& request) { return answer(io, request, *inner); };
  // From the inside out.
  for (auto layer = options.layers.rbegin(); layer != options.layers.rend(); ++layer)
    pipeline->inside = (*layer)(std::move(pipeline->inside));
  return [pipeline](io::Io& io, Request& request) { return surround(io, request, *pipeline); };
}

}  // namespace tablinum::net
