/// Any frames in a packet that a client sealed with the right keys, in the handshake and after it: the connection lives or is
/// closed with a code, and the server goes on.
#include <cstdlib>

#include "../tests/quic_pair.h"

namespace {
using namespace tablinum;
using namespace tablinum::net;
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  test::PairOptions options;
  options.handler = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("hello"); };
  const auto ran = test::with_pair(std::move(options), [&](io::Io&, test::QuicPair& pair) -> io::Task<void> {
    pair.client_to_server();
    pair.server_to_client();
    const bool early = (data[0] & 1) != 0;
    if (!early) co_await pair.run(Duration::milliseconds(30));
    // Packets of at most 1100 bytes.
    for (std::size_t at = 0; at < input.size(); at += 1100)
      pair.to_server(pair.forge(early ? test::Level::handshake : test::Level::application, std::string{input.substr(at, 1100)}, data[0] >> 6));
    co_await pair.run(Duration::milliseconds(30));
  });
  if (!ran) std::abort();
  return 0;
}
