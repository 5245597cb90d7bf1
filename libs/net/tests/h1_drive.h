#pragma once
/// Feeds bytes to a RequestReader in given cuts and writes down what comes out: the tests' and the fuzzer's common view.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "h1/reader.h"

namespace tablinum::net::h1 {

/// A request as it was read, and what ended the input.
struct ReadRequest {
  RequestHead head;
  std::string body;
  Headers trailers;
  bool complete = false;
};
struct Outcome {
  std::vector<ReadRequest> requests;
  Status refused{};  // Status{}: not refused
};

inline void take_event(RequestReader& reader, Event event, Outcome& out) {
  switch (event) {
    case Event::head:
      out.requests.push_back({reader.take_head(), {}, {}, false});
      out.requests.back().complete = out.requests.back().head.framing == Framing::none;
      break;
    case Event::data: out.requests.back().body += reader.data(); break;
    case Event::body_end:
      out.requests.back().trailers = reader.take_trailers();
      out.requests.back().complete = true;
      break;
    case Event::refused: out.refused = reader.refusal().status; break;
    case Event::need_input: break;
  }
}

/// `cuts` are the sizes of the reads, used in turn.
inline Outcome drive(std::string_view input, std::span<const std::size_t> cuts, const HeadLimits& limits = {}) {
  Outcome out;
  RequestReader reader{limits};
  for (std::size_t turn = 0; out.refused == Status{}; ++turn) {
    Event event = reader.next();
    for (; event != Event::need_input && event != Event::refused; event = reader.next()) take_event(reader, event, out);
    take_event(reader, event, out);
    if (event == Event::refused || input.empty()) break;
    const MutableBytes room = reader.room();
    const std::size_t size = std::min({cuts[turn % cuts.size()], input.size(), room.size()});
    std::copy_n(input.data(), size, reinterpret_cast<char*>(room.data()));
    reader.received(size);
    input.remove_prefix(size);
  }
  return out;
}

inline Outcome drive_whole(std::string_view input, const HeadLimits& limits = {}) {
  const std::size_t all[] = {std::max<std::size_t>(input.size(), 1)};
  return drive(input, all, limits);
}

inline bool same(const Outcome& a, const Outcome& b) {
  if (a.refused != b.refused || a.requests.size() != b.requests.size()) return false;
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    const ReadRequest &x = a.requests[i], &y = b.requests[i];
    if (x.head.method != y.head.method || x.head.target.text() != y.head.target.text() || x.head.headers != y.head.headers ||
        x.head.protocol != y.head.protocol || x.body != y.body || x.trailers != y.trailers || x.complete != y.complete)
      return false;
  }
  return true;
}

}  // namespace tablinum::net::h1
