#pragma once
/// The receiving half of a connection, sans I/O: bytes go in, requests (for a server) or responses (for a client) come out.
/// What comes out depends on the bytes alone, not on how they were cut.
#include <cstdint>
#include <optional>
#include <string_view>

#include "h1/body_decoder.h"
#include "h1/read_buffer.h"
#include "h1/request_head.h"
#include "h1/response_head.h"

namespace tablinum::net::h1 {

enum class Event : std::uint8_t {
  need_input,  ///< put more bytes into room()
  head,        ///< take_head()
  data,        ///< data() holds the next piece of the body, until the next call of anything here
  body_end,    ///< comes for every message with a body; trailers() are complete
  refused,     ///< refusal(); for good
};

/// What both directions share: the buffer, the search for the head, the body.
class MessageReader {
 public:
  explicit MessageReader(const HeadLimits& limits) noexcept : limits_{limits}, scanner_{limits} {}

  /// Where to put received bytes, and how many have been put there.
  MutableBytes room() { return buffer_.room(in_body_ ? kBodyReadBytes : kIdleBufferBytes); }
  void received(std::size_t bytes) noexcept { buffer_.received(bytes); }
  std::size_t buffered() const noexcept { return buffer_.view().size(); }
  /// Moves received bytes that belong to no message out, for what takes the connection over.
  std::size_t take_buffered(MutableBytes out) noexcept;
  /// True from the first byte of a head to its last: the slow client's clock runs.
  bool head_begun() const noexcept { return !in_body_ && scanner_.begun(); }
  bool in_body() const noexcept { return in_body_; }
  void shrink() noexcept { buffer_.shrink(); }

  std::string_view data() const noexcept { return data_; }
  Headers take_trailers() noexcept { return std::move(decoder_.trailers()); }
  const Refusal& refusal() const noexcept { return refusal_; }
  /// The peer will send nothing more. True if that ends the message in an orderly way.
  bool input_may_end() const noexcept { return in_body_ ? decoder_.may_end_with_input() : buffer_.empty(); }

 protected:
  /// Text of the next head without its empty line, and where its fields begin.
  struct HeadText {
    std::string text;
    std::size_t fields = 0;
  };
  std::optional<HeadText> find_head(Event& outcome);
  void begin_body(MessageFraming framing);
  Event next_of_body();
  Event refuse_with(const Refusal& refusal) noexcept;
  bool refused() const noexcept { return refused_; }

 private:
  HeadLimits limits_;
  ReadBuffer buffer_;
  HeadScanner scanner_;
  BodyDecoder decoder_;
  std::string_view data_;
  Refusal refusal_;
  bool in_body_ = false;
  bool refused_ = false;
};

class RequestReader : public MessageReader {
 public:
  using MessageReader::MessageReader;
  /// The next event. After a head, its body's events follow; after those the next request's head.
  Event next();
  RequestHead take_head() noexcept { return std::move(head_); }

 private:
  RequestHead head_;
};

class ResponseReader : public MessageReader {
 public:
  using MessageReader::MessageReader;
  /// As RequestReader::next(). `method` is that of the request which is answered. 1xx responses are heads without a body.
  Event next(Method method);
  ResponseHead take_head() noexcept { return std::move(head_); }

 private:
  ResponseHead head_;
};

}  // namespace tablinum::net::h1
