#pragma once
/// What a client must know of a URL: where to connect, and what to ask for there. Source: RFC 3986, RFC 9110 §4.2.
#include <cstdint>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"

namespace tablinum::net {

inline constexpr std::size_t kUrlBytesMax = std::size_t{8} << 10;

/// Scheme, host and port: what a connection is good for.
struct Origin {
  bool secure = false;
  std::string host;  ///< a name in lower case, or an address without brackets
  std::uint16_t port = 80;
  friend bool operator==(const Origin&, const Origin&) = default;
  friend auto operator<=>(const Origin&, const Origin&) = default;
  /// "example.org", "127.0.0.1:8080", "[::1]:8443": the Host field.
  std::string authority() const;
  /// "https://example.org"
  std::string text() const;
};

struct Url {
  Origin origin;
  std::string target;  ///< path and query as they came; "/" where there is none
};

/// @error invalid: not http or https, user information, no host, a port that is none, a byte outside the alphabet, over
///        kUrlBytesMax. A fragment is dropped.
Result<Url> parse_url(std::string_view text);

/// `reference` (a Location) as seen from `base`.  @error as parse_url().
Result<Url> resolve_url(const Url& base, std::string_view reference);

}  // namespace tablinum::net
