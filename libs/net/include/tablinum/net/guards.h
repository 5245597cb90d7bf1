#pragma once
/// Layers that decide whether a request gets through: CORS, rate limits, authentication, time limits. They stand in
/// PipelineOptions::layers, outermost first: rate limit, CORS, authentication.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tablinum/net/middleware.h"

namespace tablinum::net {

/// Source: WHATWG Fetch, "CORS protocol".
struct CorsOptions {
  std::vector<std::string> origins;  ///< "https://app.example"; "*": any, then never with credentials
  std::vector<Method> methods{Method::get, Method::head, Method::post};
  std::vector<std::string> request_fields;  ///< that a page may send beyond the safelisted
  std::vector<std::string> exposed_fields;  ///< of the answer that a page may read beyond the safelisted
  bool credentials = false;
  Duration max_age = Duration::seconds(600);  ///< that a browser keeps the answer to a preflight
};
/// Answers preflights of listed origins itself (204) and marks their other answers; a foreign origin's requests go on without a
/// mark, so its page reads nothing. Adds Vary: Origin.
Middleware cors(CorsOptions options);

/// So many at once, refilled at an even pace.
struct RatePolicy {
  std::uint32_t burst = 100;
  Duration window = Duration::seconds(60);  ///< in which `burst` grows back from nothing
};

struct RateDecision {
  bool allowed = true;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;
  Duration reset{};        ///< until the whole burst is there again
  Duration retry_after{};  ///< where not allowed
};

/// Counts by key. In memory here; in Redis where several processes serve (engines).
class Limiter {
 public:
  Limiter() = default;
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;
  virtual ~Limiter() = default;
  virtual io::Task<Result<RateDecision>> take(io::Io& io, std::string_view key) = 0;
};

inline constexpr std::size_t kRateKeysMax = 100'000;

/// GCRA (ITU-T I.371): one instant a key.
/// @note Thread-safe. At `keys_max` keys, those whose burst has grown back are forgotten; if none has, new keys are refused.
std::shared_ptr<Limiter> make_memory_limiter(RatePolicy policy, std::size_t keys_max = kRateKeysMax);

/// An IPv4 address, or the /64 of an IPv6 one.
std::string rate_key_of_peer(const Request& request);

/// 429 with Retry-After beyond the limit; RateLimit-Limit, -Remaining and -Reset (seconds) on every answer.
/// A limiter that fails lets the request through: it must not take the service down with it.
Middleware rate_limit(std::shared_ptr<Limiter> limiter,
                      std::function<std::string(const Request&)> key = rate_key_of_peer);

/// Finds out who asks; puts what it found into request.ext, or says why not.
using Authenticator = std::function<io::Task<Result<void>>(io::Io&, Request&)>;
/// What `check` refuses does not reach the handler: 401 with `challenge` (WWW-Authenticate) for `unauthenticated`, else the
/// status of its error.
Middleware authentication(Authenticator check, std::string challenge = "Bearer");

/// 425 (RFC 8470) for what came as 0-RTT data and could be a replay: around routes whose safe methods have an effect, or all of
/// them. Clients ask again after the handshake.
Middleware after_handshake();

/// 504 for a handler that has not answered after `limit`; it is cancelled.
Middleware time_limit(Duration limit);

}  // namespace tablinum::net
