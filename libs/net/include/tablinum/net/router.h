#pragma once
/// From method and path to a handler: one radix tree a method over path segments (net.md §6).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/net/message.h"

namespace tablinum::net {

inline constexpr std::size_t kPathSegmentsMax = 64;
inline constexpr std::uint64_t kBodyBytesDefault = std::uint64_t{10} << 20;

struct RouteOptions {
  std::uint64_t body_bytes_max = kBodyBytesDefault;  ///< 413 over it, before reading where Content-Length says so
  Duration limit = Duration::seconds(30);            ///< for the handler; a streamed response may take longer.  504 after it
  bool compress = true;                              ///< false: answers of this route are never compressed
};

struct Route {
  Method method = Method::get;
  std::string pattern;  ///< as registered: the label in logs and metrics
  Handler handler;
  RouteOptions options;
};

/// Patterns: "/api/v1/persons/{id}" (a segment), "/files/{path...}" (the rest, may be empty; last only).
/// In a segment a literal beats a parameter, and a parameter beats the rest; the choice is made segment by segment from the
/// left, with return to the next best where a choice leads nowhere.
/// The path is split first and each segment percent-decoded then, so "%2F" stays inside its segment; one trailing slash is
/// dropped; "." and ".." segments are resolved as RFC 3986 §5.2.4 says, and in encoded form (%2e) refused.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// @error invalid: pattern without leading '/', with an empty or repeated name, text beside braces in one segment,
  ///        `{…...}` not last, or over kPathSegmentsMax segments.
  ///        conflict: another route of that method matches exactly the same paths.
  Result<void> add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;  ///< null: no route for this path and method
    Params params;
    std::vector<Method> allowed;   ///< filled where `route` is null: methods with a route for this path (HEAD and OPTIONS derived)
  };
  /// HEAD falls back to the GET route. `path` is Target::path().
  /// @error invalid: bad percent escape, encoded dot segment, encoded NUL, ".." above the root.
  ///        limit: more than kPathSegmentsMax segments.
  Result<Match> find(Method method, std::string_view path) const;

  /// Every route, in the order of registration.
  const std::vector<std::unique_ptr<Route>>& routes() const noexcept { return routes_; }

 private:
  struct Node;
  std::vector<std::unique_ptr<Node>> roots_;  // one a Method
  std::vector<std::unique_ptr<Route>> routes_;
};

/// "GET, HEAD, OPTIONS" for Allow.
std::string allow_value(const std::vector<Method>& methods);

}  // namespace tablinum::net
