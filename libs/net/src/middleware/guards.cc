#include "tablinum/net/guards.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

#include "tablinum/base/log.h"
#include "tablinum/io/cancel.h"

namespace tablinum::net {
namespace {

constexpr Status kTooEarly{425};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

/// What of CorsOptions goes onto the wire, made once.
struct Cors {
  CorsOptions options;
  std::string methods, request_fields, exposed_fields;

  bool any() const { return std::ranges::find(options.origins, "*") != options.origins.end(); }
  bool lists(std::string_view origin) const {
    return any() || std::ranges::find(options.origins, origin) != options.origins.end();
  }
  void mark(Headers& headers, std::string_view origin) const {
    const bool open = any();
    headers.set("access-control-allow-origin", open ? std::string_view{"*"} : origin);
    if (options.credentials && !open) headers.set("access-control-allow-credentials", "true");
  }
};

Response preflight_answer(const Cors& cors, std::string_view origin) {
  Response response = empty_response(Status::no_content);
  cors.mark(response.headers, origin);
  response.headers.set("access-control-allow-methods", cors.methods);
  if (!cors.request_fields.empty()) response.headers.set("access-control-allow-headers", cors.request_fields);
  response.headers.set("access-control-max-age", std::to_string(static_cast<std::int64_t>(cors.options.max_age.seconds())));
  response.headers.add_token(Field::vary, "Origin");
  return response;
}

io::Task<Result<Response>> sharing(io::Io& io, Request& request, const Handler& next, const Cors& cors) {
  const std::string origin{request.headers.get_or(Field::origin, "")};
  const bool listed = !origin.empty() && cors.lists(origin);
  const bool preflight = request.method == Method::options && request.headers.contains("access-control-request-method");
  if (listed && preflight) co_return preflight_answer(cors, origin);
  CO_TRY(response, co_await next(io, request));
  response.headers.add_token(Field::vary, "Origin");
  if (listed) {
    cors.mark(response.headers, origin);
    // A page of that origin may embed what it may read.
    response.headers.set("cross-origin-resource-policy", "cross-origin");
    if (!cors.exposed_fields.empty()) response.headers.set("access-control-expose-headers", cors.exposed_fields);
  }
  co_return std::move(response);
}

class MemoryLimiter final : public Limiter {
 public:
  MemoryLimiter(RatePolicy policy, std::size_t keys_max) noexcept
      : policy_{policy}, keys_max_{keys_max}, step_ns_{std::max<std::int64_t>(1, policy.window.ns / std::max(1u, policy.burst))} {}

  io::Task<Result<RateDecision>> take(io::Io& io, std::string_view key) override { co_return decide(io.now(), std::string{key}); }

 private:
  RateDecision decide(Instant now, const std::string& key) {
    const std::scoped_lock lock{mutex_};
    const auto known = full_at_.find(key);
    const std::int64_t full_at = known == full_at_.end() ? now.ns : std::max(known->second, now.ns);
    const std::int64_t next = full_at + step_ns_;
    const std::int64_t room = now.ns + step_ns_ * policy_.burst - next;
    RateDecision decision{room >= 0, policy_.burst, 0, {next - now.ns}, {}};
    if (decision.allowed && known == full_at_.end() && !make_room(now)) decision.allowed = false;
    if (!decision.allowed) {
      decision.reset = {full_at - now.ns};
      decision.retry_after = {room < 0 ? -room : step_ns_};
      return decision;
    }
    full_at_[key] = next;
    decision.remaining = static_cast<std::uint32_t>(room / step_ns_);
    return decision;
  }

  bool make_room(Instant now) {
    if (full_at_.size() < keys_max_) return true;
    std::erase_if(full_at_, [&](const auto& entry) { return entry.second <= now.ns; });
    return full_at_.size() < keys_max_;
  }

  RatePolicy policy_;
  std::size_t keys_max_;
  std::int64_t step_ns_;  // that one request costs
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> full_at_;  // when the whole burst is there again
};

std::uint64_t whole_seconds(Duration duration) noexcept {
  return static_cast<std::uint64_t>((duration.ns + 999'999'999) / 1'000'000'000);
}

void add_rate_fields(Headers& headers, const RateDecision& decision) {
  headers.set("ratelimit-limit", std::to_string(decision.limit));
  headers.set("ratelimit-remaining", std::to_string(decision.remaining));
  headers.set("ratelimit-reset", std::to_string(whole_seconds(decision.reset)));
}

io::Task<Result<Response>> limiting(io::Io& io, Request& request, const Handler& next, Limiter& limiter, std::string key) {
  const auto decision = co_await limiter.take(io, key);
  if (!decision) {
    log::error("net", "the rate limiter does not answer", {{"error", describe(decision.error())}});
    co_return co_await next(io, request);
  }
  if (!decision->allowed) {
    Response refused = problem_response(Problem{.status = Status::too_many_requests, .code = "rate_limit"}, request.id);
    add_rate_fields(refused.headers, *decision);
    refused.headers.set(Field::retry_after, whole_seconds(decision->retry_after));
    co_return refused;
  }
  CO_TRY(response, co_await next(io, request));
  add_rate_fields(response.headers, *decision);
  co_return std::move(response);
}

io::Task<Result<Response>> authenticating(io::Io& io, Request& request, const Handler& next, const Authenticator& check,
                                          const std::string& challenge) {
  const auto known = co_await check(io, request);
  if (known) co_return co_await next(io, request);
  if (known.error().code == Code::cancelled) co_return std::unexpected(known.error());
  Response refused = problem_response(known.error(), request.id);
  if (known.error().code == Code::unauthenticated) refused.headers.set(Field::www_authenticate, challenge);
  co_return refused;
}

}  // namespace

Middleware cors(CorsOptions options) {
  auto shared = std::make_shared<Cors>();
  shared->methods = allow_value(options.methods);
  shared->request_fields = joined(options.request_fields);
  shared->exposed_fields = joined(options.exposed_fields);
  shared->options = std::move(options);
  return [shared](Handler next) -> Handler {
    return [next = std::move(next), shared](io::Io& io, Request& request) { return sharing(io, request, next, *shared); };
  };
}

std::shared_ptr<Limiter> make_memory_limiter(RatePolicy policy, std::size_t keys_max) {
  return std::make_shared<MemoryLimiter>(policy, keys_max);
}

std::string rate_key_of_peer(const Request& request) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET6, request.peer.address.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 8);
  return request.peer.address;
}

Middleware rate_limit(std::shared_ptr<Limiter> limiter, std::function<std::string(const Request&)> key) {
  return [limiter, key = std::move(key)](Handler next) -> Handler {
    return [next = std::move(next), limiter, key](io::Io& io, Request& request) {
      return limiting(io, request, next, *limiter, key(request));
    };
  };
}

Middleware authentication(Authenticator check, std::string challenge) {
  return [check = std::move(check), challenge = std::move(challenge)](Handler next) -> Handler {
    return [next = std::move(next), check, challenge](io::Io& io, Request& request) {
      return authenticating(io, request, next, check, challenge);
    };
  };
}

Middleware after_handshake() {
  return [](Handler next) -> Handler {
    return [next = std::move(next)](io::Io& io, Request& request) -> io::Task<Result<Response>> {
      if (!request.early) co_return co_await next(io, request);
      co_return problem_response(Problem{.status = kTooEarly, .code = "too_early"}, request.id);
    };
  };
}

Middleware time_limit(Duration limit) {
  return [limit](Handler next) -> Handler {
    return [next = std::move(next), limit](io::Io& io, Request& request) { return io::timeout(io, limit, next(io, request)); };
  };
}

}  // namespace tablinum::net
