/// Any bytes on any streams of an HTTP/3 connection: it lives or is closed with a code, and no request is left running.
#include <cstdlib>

#include "../tests/quic_pair.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

io::Task<Result<Response>> size_of_body(io::Io& io, Request& request) {
  CO_TRY(body, co_await request.body.read_all(io, 1 << 16));
  Response response = text_response(std::string(request.target.path().size() * 1000, 'x') + std::to_string(body.size()));
  if (request.method == Method::put) response.priority = Priority{1, true};
  co_return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::PairOptions options;
  options.handler = size_of_body;
  const auto ran = test::with_pair(std::move(options), [&](io::Io&, test::QuicPair& pair) -> io::Task<void> {
    co_await pair.run(Duration::milliseconds(30));
    test::Script& script = pair.script();
    std::array<std::int64_t, 8> streams;
    // 0 … 3 one way, 4 … 7 both.
    for (std::size_t i = 0; i < streams.size(); ++i) streams[i] = script.open(i >= 4);
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    // A piece: stream, FIN, pause; size; bytes.
    while (rest.size() >= 2 && !script.ending.over) {
      const auto head = static_cast<std::uint8_t>(rest[0]);
      const std::size_t bytes = std::min<std::size_t>(static_cast<std::uint8_t>(rest[1]), rest.size() - 2);
      if (streams[head & 7] >= 0) script.send(streams[head & 7], std::string{rest.substr(2, bytes)}, (head & 8) != 0);
      if ((head & 8) != 0) streams[head & 7] = -1;
      if ((head & 16) != 0) co_await pair.run(Duration::milliseconds(6));
      rest.remove_prefix(2 + bytes);
    }
    co_await pair.run(Duration::milliseconds(60));
    if (!script.ending.over) pair.connection().close(0x100, pair.now());
    co_await pair.run(Duration::milliseconds(60));
    if (pair.counters().requests_active.get() != 0) std::abort();
  });
  if (!ran) std::abort();
  return 0;
}
