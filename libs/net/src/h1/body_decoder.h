#pragma once
/// Takes the framing off a body while it arrives. Gives views into what it was given: no copy.
#include <cstdint>
#include <string>
#include <string_view>

#include "h1/framing.h"
#include "h1/head_scanner.h"
#include "tablinum/base/bytes.h"

namespace tablinum::net::h1 {

/// A chunk's line with its extensions (which mean nothing here). Longer ones are an attack on the receiver's patience.
inline constexpr std::size_t kChunkLineBytesMax = 256;

class BodyDecoder {
 public:
  BodyDecoder() = default;
  /// `limits` are those of the trailers.
  BodyDecoder(MessageFraming framing, const HeadLimits& limits);

  struct Step {
    std::size_t consumed = 0;  // of the input: may be dropped
    std::string_view data;     // inside the consumed bytes; empty while more input is needed, and at the end
    bool ended = false;
  };
  /// Looks at all bytes that are here and were not consumed. Call again until it gives neither data nor end.
  /// @refused 400: chunk framing that is not RFC 9112 §7.1's, a chunk line over kChunkLineBytesMax, bad trailers, a framing field
  ///          among them.  431: trailers over the limits.
  Parsed<Step> step(std::string_view input);

  bool ended() const noexcept { return state_ == State::ended; }
  Headers& trailers() noexcept { return trailers_; }
  /// True if the end of the input here is the end of the body (Framing::until_close).
  bool may_end_with_input() const noexcept { return framing_.kind == Framing::until_close; }

 private:
  enum class State : std::uint8_t { data, chunk_line, chunk_end, trailers, ended };
  Parsed<Step> take_data(std::string_view input);
  Parsed<Step> take_chunk_line(std::string_view input);
  Parsed<Step> take_chunk_end(std::string_view input);
  Parsed<Step> take_trailers(std::string_view input);

  MessageFraming framing_;
  State state_ = State::ended;
  std::uint64_t left_ = 0;  // of the length, or of the chunk
  HeadScanner trailer_scanner_{HeadLimits{}};
  Headers trailers_;
};

}  // namespace tablinum::net::h1
