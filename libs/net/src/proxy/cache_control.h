#pragma once
/// The rules of a shared HTTP cache, without a store and without a clock. Sources: RFC 9111, RFC 5861 (stale-while-revalidate,
/// stale-if-error), RFC 8246 (immutable is ignored: we revalidate when stale).
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/net/message.h"

namespace tablinum::net::proxy {

inline constexpr std::int64_t kHeuristicSecondsMax = 24 * 3600;
inline constexpr std::int64_t kDeltaSecondsMax = std::int64_t{1} << 31;  ///< RFC 9111 §1.2.2: larger ones mean this

/// Seconds are of the same directive's argument; one that cannot be read counts as 0 (stale) where that is the safe reading.
struct CacheControl {
  bool no_store = false;
  bool no_cache = false;        ///< also with field names: then the whole answer is revalidated, which is always allowed
  bool is_private = false;      ///< also with field names
  bool is_public = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool only_if_cached = false;
  std::optional<std::int64_t> max_age{};
  std::optional<std::int64_t> s_maxage{};
  std::optional<std::int64_t> stale_while_revalidate{};
  std::optional<std::int64_t> stale_if_error{};
  std::optional<std::int64_t> min_fresh{};
  std::optional<std::int64_t> max_stale{};  ///< without an argument: any
};

/// All Cache-Control fields together (and Pragma: no-cache where a request has none). A directive that occurs twice counts with
/// its smaller value.
CacheControl cache_control_of(const Headers& headers, bool is_request);
/// One field's value.
void read_cache_control(std::string_view value, CacheControl& out);

/// Whether a shared cache may keep the answer (RFC 9111 §3). Never: partial, with Set-Cookie, `Vary: *`.
bool may_store(const Request& request, Status status, const Headers& response);

/// How long an answer is fresh, from its generation on (§4.2.1, heuristic 10 % of the time since Last-Modified, at most a day).
std::int64_t freshness_seconds(Status status, const Headers& response);

/// The age an answer had when it arrived (§4.2.3).
std::int64_t age_on_arrival(const Headers& response, Timestamp asked, Timestamp arrived);

/// How a kept answer may be used for a request.
enum class Use : std::uint8_t {
  fresh,       ///< as it is
  stale,       ///< as it is (the client allows it, or it is being revalidated)
  background,  ///< as it is, and a revalidation is started (stale-while-revalidate)
  validate,    ///< only after the server has said so
};
struct Kept {
  std::int64_t age = 0;       ///< seconds, now
  std::int64_t lifetime = 0;  ///< freshness_seconds()
  CacheControl control{};
};
Use use_of(const CacheControl& request, const Kept& kept) noexcept;
/// The server cannot be reached or answers 500, 502, 503 or 504: whether the kept answer may be given instead.
bool usable_on_error(const CacheControl& request, const Kept& kept) noexcept;

/// The values that `vary` selects of a request, in one text; nothing for "*".
std::optional<std::string> vary_key(std::string_view vary, const Headers& request);

/// What a 304 changes in the kept fields (§3.2): all but those about the body.
void merge_not_modified(Headers& kept, const Headers& fresh);

/// Methods after whose success what is kept of the target is void.
constexpr bool invalidates(Method method) noexcept { return !is_safe(method); }

}  // namespace tablinum::net::proxy
