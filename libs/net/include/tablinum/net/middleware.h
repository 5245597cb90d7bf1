#pragma once
/// From a Router to the Handler a Server runs: what surrounds every route, in one fixed order (net.md §6):
///   request id → access log and metrics → security and cache headers → errors to problems → body limit and decoding →
///   your layers → compression → 304 and 412 from validators → route (404, 405, OPTIONS, HEAD, time limit).
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tablinum/net/router.h"

namespace tablinum::net {

/// Wraps a handler: may answer itself, change the request before or the response after.
using Middleware = std::function<Handler(Handler next)>;

/// One finished request, for the access log and the metrics. Views live during the call only.
struct Access {
  const Request& request;
  std::string_view pattern;  ///< the route's pattern; "" where none matched
  Status status;
  std::optional<std::uint64_t> body_bytes;  ///< of the response, where known before sending
  Duration took;             ///< from the first handler to the response, without its sending
};

/// Content-Security-Policy of the pages (web.md §6), the default of PipelineOptions.
extern const std::string_view kContentSecurityPolicy;

struct PipelineOptions {
  /// Called once a request, after its handler. Default: one line at info level in the log of "net".
  std::function<void(const Access&)> on_access;
  /// Between the body limit and compression, outermost first: authentication, CORS, rate limits.
  std::vector<Middleware> layers;
  /// Answers where no route matches the path (a single-page application); null: 404.
  Handler fallback;
  std::string content_security_policy{kContentSecurityPolicy};
  bool hsts = false;  ///< Strict-Transport-Security: only behind TLS
};

/// The Handler for Server. `router` is not changed any more.
Handler make_pipeline(std::shared_ptr<const Router> router, PipelineOptions options = {});

inline constexpr std::size_t kRequestIdBytesMax = 128;
inline constexpr std::size_t kCompressBytesMin = 1024;
/// A decoded request body may be this many times its encoded size (after the first 64 KiB), and at most the route's limit.
inline constexpr std::uint64_t kDecodeRatioMax = 200;

/// zstd or gzip by Accept-Encoding, from kCompressBytesMin bytes on, for text types. Never for ranges, event streams,
/// Response::secret, `Cache-Control: no-transform`, or routes that opted out. Adds Vary, and makes a strong ETag weak. In the pipeline
/// already; by itself for pipelines of another kind.
Middleware compression();

}  // namespace tablinum::net
