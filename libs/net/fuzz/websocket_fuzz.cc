/// Any bytes as WebSocket frames, at either end: the same messages, the same end and (of a server) the same answer, however they
/// are cut. What a server reads as text is UTF-8: it can be sent again.
#include <cstdlib>

#include "scripted_stream.h"
#include "tablinum/net/websocket.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

struct Heard {
  std::vector<std::string> messages;
  std::string answer;
  WebSocketClose closed{};
  bool orderly = false;
  bool operator==(const Heard&) const = default;
};

Heard hear(std::string_view input, std::size_t cut, WebSocket::Role role) {
  Heard heard;
  const bool ended = fuzz::ends([&](io::Io& io) -> io::Task<void> {
    std::string answer;
    fuzz::ScriptedStream stream{io, input, cut, &answer};
    WebSocketLimits limits;
    limits.message_bytes_max = 2000;
    limits.frame_bytes_max = 1000;
    WebSocket socket{io, stream, role, limits};
    while (true) {
      auto message = co_await socket.read();
      heard.orderly = message && !*message;
      if (!message || !*message) break;
      const auto sent = co_await socket.send((*message)->text, (*message)->data);
      if (!sent && sent.error().code == Code::invalid) std::abort();
      heard.messages.push_back(std::move((*message)->data));
    }
    heard.closed = socket.closed_with();
    // A client's masks are random.
    if (role == WebSocket::Role::server) heard.answer = std::move(answer);
  });
  if (!ended) std::abort();
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto role = (data[0] & 1) != 0 ? WebSocket::Role::client : WebSocket::Role::server;
  if (!(hear(input, std::size_t{1} << 20, role) == hear(input, std::size_t{1} + data[1], role))) std::abort();
  return 0;
}
