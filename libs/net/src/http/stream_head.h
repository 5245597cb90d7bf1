#pragma once
/// A request's head as HTTP/2 and HTTP/3 bring it: field by field, the pseudo-fields first. Checked as strictly as HTTP/1.1's,
/// by the same code. Source: RFC 9113 §8.3, RFC 9114 §4.3, RFC 8441, RFC 9220.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "h1/head_scanner.h"
#include "h1/refusal.h"
#include "tablinum/net/message.h"

namespace tablinum::net {

struct StreamRequest {
  Request request;  // without its body
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;
  bool connects = false;  // an extended CONNECT: the stream's data is no body but what a 101 hands over
};

class StreamHead {
 public:
  explicit StreamHead(const h1::HeadLimits& limits) noexcept : limits_{limits} {}

  /// One field as the wire decoded it. Beyond a limit it is only counted, so that memory stays bounded.
  void add(std::string_view name, std::string_view value);
  /// After the last field.
  /// @refused 431, 414: over the limits.  400: a pseudo-field doubled, missing or unknown; another scheme than http and https;
  /// no
  ///          authority, or another than Host; whatever HTTP/1.1 refuses in a field, in the target or in Content-Length.
  ///          501: an unknown method, CONNECT without :protocol.  417: an unknown expectation.
  h1::Parsed<StreamRequest> finish(Protocol protocol);

 private:
  struct Pseudo {
    std::optional<std::string> method, scheme, authority, path, protocol;
  };
  void add_pseudo(std::string_view name, std::string_view value);
  h1::Parsed<void> take_method(Request& request) const;
  h1::Parsed<void> take_fields(Request& request);
  h1::Parsed<void> take_target(Request& request) const;

  h1::HeadLimits limits_;
  Pseudo pseudo_;
  std::string text_;    // "name: value CR LF" …
  std::string cookie_;  // its crumbs put together (RFC 9113 §8.2.3)
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  std::string_view fault_;
};

/// The trailers of a stream, field by field, under the same limits.
class StreamTrailers {
 public:
  explicit StreamTrailers(const h1::HeadLimits& limits) noexcept : limits_{limits} {}
  void add(std::string_view name, std::string_view value);
  /// @refused 431, 400.
  h1::Parsed<Headers> finish();

 private:
  h1::HeadLimits limits_;
  std::string text_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  bool pseudo_ = false;
};

/// "u=2, i" of the priority field; what cannot be read changes nothing (RFC 9218 §4).
Priority priority_in(std::string_view field) noexcept;

}  // namespace tablinum::net
