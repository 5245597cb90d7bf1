/// Any bytes, resets and ends on any streams of a connection of net/quic.h, whose server reads, answers, stops and drops as it may: the
/// connection lives or is closed with a code, no task waits for ever, and nothing is still charged when it is over.
#include <cstdlib>

#include "../tests/quic_pair.h"
#include "quic/raw_connection.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

/// What is done with a stream depends on its number.
io::Task<void> use(io::Io& io, std::unique_ptr<QuicStream> stream) {
  const Instant limit = io.now() + Duration::milliseconds(50);
  std::array<std::byte, 300> buffer;
  const auto kind = stream->id() / 4 % 4;
  if (kind == 1) stream->stop(7);
  for (bool more = true; more && kind != 2;) {
    const auto got = co_await stream->read(buffer, limit);
    more = got && *got > 0;
    if (!more || !stream->may_write()) continue;
    const ByteView said{buffer.data(), *got};
    const auto sent = co_await stream->write({&said, 1}, limit);
    more = sent.has_value();
  }
  if (kind == 3) stream->reset(9);
  if (stream->may_write() && kind == 0) co_await stream->end(limit);
}

io::Task<void> serve(io::Io& io, std::shared_ptr<quic::RawConnection> connection) {
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    while (true) {
      auto stream = co_await connection->accept(Instant::never());
      if (!stream) break;
      scope.spawn(use(io, std::move(*stream))).keep();
      auto data = co_await connection->receive_datagram(io.now());
      if (data) (void)connection->send_datagram(*data);
    }
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::PairOptions options;
  io::Scope* servers = nullptr;
  const auto memory = std::make_shared<quic::MemoryBudget>(std::uint64_t{64} << 20);
  options.memory = memory;
  options.application = [&](io::Io& io, quic::Connection& connection) {
    auto made = std::make_shared<quic::RawConnection>(io, connection, true);
    made->on_established = [&servers, &io](std::shared_ptr<quic::RawConnection> each) { servers->spawn(serve(io, std::move(each))).keep(); };
    return made;
  };
  const auto ran = test::with_pair(std::move(options), [&](io::Io& io, test::QuicPair& pair) -> io::Task<void> {
    auto body = [&](io::Scope& scope) -> io::Task<void> {
      servers = &scope;
      co_await pair.run(Duration::milliseconds(30));
      test::Script& script = pair.script();
      std::array<std::int64_t, 16> streams;
      for (std::size_t i = 0; i < streams.size(); ++i) streams[i] = script.open(i >= 4);
      std::string_view rest{reinterpret_cast<const char*>(data), size};
      // A piece: stream, FIN or reset, pause; size; bytes.
      while (rest.size() >= 2 && !script.ending.over) {
        const auto head = static_cast<std::uint8_t>(rest[0]);
        const std::size_t bytes = std::min<std::size_t>(static_cast<std::uint8_t>(rest[1]), rest.size() - 2);
        std::int64_t& stream = streams[head & 15];
        const bool resets = (head & 96) == 96, ends = (head & 32) != 0;
        if (stream >= 0 && resets) pair.connection().reset_stream(stream, bytes);
        else if (stream >= 0) script.send(stream, std::string{rest.substr(2, bytes)}, ends);
        if (resets || ends) stream = -1;
        if ((head & 128) != 0) co_await pair.run(Duration::milliseconds(6));
        rest.remove_prefix(2 + bytes);
      }
      co_await pair.run(Duration::milliseconds(100));
      if (!script.ending.over) pair.connection().close(0, pair.now());
      co_await pair.run(Duration::milliseconds(100));
    };
    co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  });
  if (!ran) std::abort();
  if (memory->used() != 0) std::abort();
  return 0;
}
