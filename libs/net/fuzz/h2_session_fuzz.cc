/// Any bytes after HTTP/2's preface: the connection ends, and so does every request that began on it.
#include <cstdlib>

#include "h2/server_connection.h"
#include "scripted_stream.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

/// Reads the body and says its size: both directions flow.
io::Task<Result<Response>> size_of_body(io::Io& io, Request& request) {
  CO_TRY(body, co_await request.body.read_all(io, 1 << 16));
  Response response = text_response(std::string(request.target.path().size() * 1000, 'x') + std::to_string(body.size()));
  if (request.method == Method::put) response.priority = Priority{1, true};
  co_return response;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1, size - 1};
  ServerOptions options;
  const Handler handler = size_of_body;
  Counters counters;
  const bool ended = fuzz::ends([&](io::Io& io) -> io::Task<void> {
    ConnectionEnvironment environment{io, options, handler, counters};
    auto stream = std::make_unique<fuzz::ScriptedStream>(io, input, std::size_t{1} + data[0], nullptr);
    const auto connection = h2::make_server_connection(environment, std::move(stream), nullptr, h2::kPreface);
    co_await connection->run();
  });
  if (!ended || counters.requests_active.get() != 0) std::abort();
  return 0;
}
