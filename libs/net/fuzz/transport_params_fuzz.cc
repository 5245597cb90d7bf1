/// Any transport parameters in a ClientHello: the handshake succeeds or is refused with a code, and the server keeps one connection with
/// a handful of ids, however many the client says that it would take. (It may be the client that ends it then: it has lied about its
/// own limits.)
#include <cstdlib>

#include "../tests/quic_pair.h"

namespace {
using namespace tablinum;
using namespace tablinum::net;
constexpr std::size_t kIdsMax = 10;  // ngtcp2's eight, the first one, and the one that the client chose
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string input{reinterpret_cast<const char*>(data) + 1, std::min<std::size_t>(size - 1, 400)};
  test::PairOptions options;
  options.handler = [](io::Io&, Request&) -> io::Task<Result<Response>> { co_return text_response("hello"); };
  // Behind honest ones, or alone.
  options.parameters = [&](std::string honest) { return (data[0] & 1) != 0 ? honest + input : input; };
  const auto ran = test::with_pair(std::move(options), [&](io::Io&, test::QuicPair& pair) -> io::Task<void> {
    co_await pair.run(Duration::milliseconds(60));
    if (!pair.script().ending.over && !pair.script().established) std::abort();
    if (pair.server().size() > 1) std::abort();
    pair.server().for_each([](const quic::Connection& connection) {
      if (connection.cids.size() > kIdsMax) std::abort();
    });
  });
  if (!ran) std::abort();
  return 0;
}
