#pragma once
/// What every route shares: the call that comes in, the reply that goes out, errors of single fields, paging.
/// A route's function is plain and blocking (it may read the database); adapter.h runs it off the event loop. So routes can be
/// tested without a socket, and no route depends on the wire.
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum::api {

/// A request after routing. Views point into the request and live as long as the call.
struct Call {
  std::string_view method;                                      ///< "GET"
  std::string_view path;                                        ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of the path, decoded
  std::vector<std::pair<std::string, std::string>> query;       ///< decoded, in order; a name may repeat
  std::string body;                                             ///< whole; at most the route's limit
  std::string content_type;
  std::string accept;
  std::string accept_language;
  std::string if_match;         ///< If-Match as sent; empty: none
  std::string idempotency_key;  ///< Idempotency-Key as sent; empty: none
  std::string request_id;

  /// First value of a query parameter; nothing where it is absent.
  std::optional<std::string_view> parameter(std::string_view name) const;
  /// @error invalid: absent or not a number from `low` to `high`; `fallback` where absent and given.
  Result<std::int64_t> number(std::string_view name, std::int64_t low, std::int64_t high,
                              std::optional<std::int64_t> fallback) const;
  /// A path parameter; the router guarantees that it is there.
  std::string_view segment(std::string_view name) const;
  /// Primary language subtag of `lang` or Accept-Language that we speak ("en", "sn", "nd"); "en" otherwise.
  std::string language() const;
};

/// What a route answers. The wire turns `etag` into 304 where the caller has that version.
struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string etag;  ///< with its quotes; empty: none
  std::string cache_control = "private, no-cache";
  std::string location;
  std::string disposition;  ///< Content-Disposition; empty: none
  std::string file;         ///< path of a file to send instead of `body`; ranges are the wire's business
};

/// A reply with JSON.
inline Reply json_reply(std::string body, std::string etag = {}, int status = 200) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.etag = std::move(etag);
  return reply;
}

/// Content-Disposition that offers a download under a name of any characters (RFC 6266 §5: a plain name and the encoded one).
std::string attachment(std::string_view name);

using Function = std::function<Result<Reply>(const Call&)>;

/// One wrong field of a request.
struct FieldError {
  std::string field;
  std::string message;
  std::string type;  ///< stable word: "missing", "range", "format", "unknown"
};

/// An Error whose detail carries field errors, so that it passes through Result: made by invalid_field(), read by problem().
std::unexpected<Error> invalid_field(FieldError error);

/// The field error inside an Error, if it carries one.
std::optional<FieldError> field_error_of(const Error& error);

/// Opaque positions in lists. A cursor holds texts and is bound to the filter of its list, so that it cannot be used with
/// another. Signed with a per-process key: a changed or foreign cursor is refused.
class Cursors {
 public:
  Cursors();
  std::string seal(std::string_view binding, const std::vector<std::string>& fields) const;
  /// @error invalid: not one of ours, or made for another list.
  Result<std::vector<std::string>> open(std::string_view binding, std::string_view cursor) const;

 private:
  Bytes key_;
};

inline constexpr std::int64_t kPageLimitDefault = 50;
inline constexpr std::int64_t kPageLimitMax = 200;
/// Highest row that `page`/`skip` reach; beyond, cursors are the way.
inline constexpr std::int64_t kSkipMax = 10'000;

}  // namespace tablinum::api
