#pragma once
/// Entity tags, dates and ranges: what decides between 200, 206, 304, 412 and 416. Pure functions. Source: RFC 9110 §8.8, §13, §14.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/net/message.h"

namespace tablinum::net {

/// "\"v17\"" or "W/\"v17\"". `opaque` has no quote, space or control character (asserted).
std::string make_etag(std::string_view opaque, bool weak = false);

/// Whether a list of tags ("*", "\"a\", W/\"b\"") holds `etag`. Weak comparison is If-None-Match's, strong If-Match's and
/// If-Range's. A malformed list holds nothing.
bool etag_listed(std::string_view list, std::string_view etag, bool weak_comparison);

/// The validators of what a request is about to touch; either may be absent.
struct Validators {
  std::string_view etag;  ///< with quotes; empty: none
  std::optional<Timestamp> last_modified;
  bool exists = true;     ///< false: "*" matches nothing
};

enum class Precondition : std::uint8_t { go_on, not_modified, failed };
/// RFC 9110 §13.2.2, steps 1–4: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since.
/// not_modified is answered 304 (GET, HEAD), failed 412.
Precondition evaluate_preconditions(Method method, const Headers& headers, const Validators& validators);

inline constexpr std::size_t kRangesMax = 8;
/// Half-open: [begin, end).
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t size() const noexcept { return end - begin; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// The ranges of a Range field for `size` bytes, in the client's order.
/// @return nothing: no (or another unit's, or malformed) Range, over kRangesMax, overlapping more than twice, or If-Range says
///         that the whole is wanted: answer 200. An empty list: none can be satisfied: answer 416.
std::optional<std::vector<ByteRange>> requested_ranges(const Headers& headers, std::uint64_t size, const Validators& validators);

/// "bytes 0-99/1000", and "bytes */1000" for 416.
std::string content_range(ByteRange range, std::uint64_t size);
std::string unsatisfied_range(std::uint64_t size);

/// Gives parts of something of known size; `slice` makes the body of one range. Sets Accept-Ranges, and for a partial answer
/// status 206 with Content-Range or multipart/byteranges, or 416. `whole` has the headers (Content-Type, ETag …) and the
/// status 200; its body is replaced.
using SliceBody = std::function<Body(ByteRange)>;
Response apply_ranges(const Request& request, Response whole, std::uint64_t size, const SliceBody& slice);

}  // namespace tablinum::net
