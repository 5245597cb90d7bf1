#include "quic/driver.h"

#include "tablinum/io/cancel.h"

namespace tablinum::net::quic {

Driver::Driver(io::Io& io, io::UdpSocket socket, Endpoint& endpoint)
    : io_{io},
      socket_{std::move(socket)},
      endpoint_{endpoint},
      buffer_(kReceiveBuffers * io::kGroBufferBytes),
      received_(kReceiveBuffers),
      work_{io, io::Event::Reset::automatic} {
  for (std::size_t i = 0; i < kReceiveBuffers; ++i)
    received_[i].buffer = MutableBytes{buffer_}.subspan(i * io::kGroBufferBytes, io::kGroBufferBytes);
  endpoint_.on_work = [this] { work_.set(); };
}

Driver::~Driver() { endpoint_.on_work = nullptr; }

io::Task<Result<void>> Driver::run() {
  auto body = [this](io::Scope& scope) -> io::Task<Result<void>> {
    auto reading = scope.spawn(receive(), io::SpawnOptions{"quic receive"});
    auto crossing = scope.spawn(take_strays(), io::SpawnOptions{"quic strays"});
    auto sent = co_await send();
    reading.cancel();
    crossing.cancel();
    co_return sent;
  };
  co_return co_await io::with_scope(io_, body);
}

void Driver::stop() noexcept {
  stopped_ = true;
  work_.set();
}

void Driver::stop_when_empty() noexcept {
  stops_when_empty_ = true;
  work_.set();
}

io::Task<Result<void>> Driver::receive() {
  while (true) {
    auto got = co_await socket_.receive_batch(received_);
    if (!got) {
      if (got.error().code == Code::cancelled || got.error().code == Code::closed) co_return Result<void>{};
      co_return std::unexpected(std::move(got).error());
    }
    const Instant now = io_.now();
    for (std::size_t i = 0; i < *got; ++i)
      if (received_[i].status == Code{}) endpoint_.receive(received_[i], socket_.local(), now);
    after_read();
    // The sender's turn: acknowledgements wait for it, and more datagrams may be here already.
    auto turn = co_await io::yield(io_);
    if (!turn) co_return Result<void>{};
  }
}

void Driver::after_read() {
  endpoint_.after_read();
  if (endpoint_.has_work()) work_.set();
}

/// What came to another core and is a connection's of this one.
io::Task<Result<void>> Driver::take_strays() {
  io::Channel<Stray>* inbox = endpoint_.inbox();
  if (inbox == nullptr) co_return Result<void>{};
  while (true) {
    auto stray = co_await inbox->receive(io_);
    if (!stray) co_return Result<void>{};
    endpoint_.receive(*stray, io_.now());
    for (std::size_t i = 0; i < kReceiveBuffers; ++i) {
      auto next = inbox->try_receive();
      if (!next) break;
      endpoint_.receive(*next, io_.now());
    }
    after_read();
    auto turn = co_await io::yield(io_);
    if (!turn) co_return Result<void>{};
  }
}

/// Whatever ends it, also in the middle of a write: what was said last (a close) goes out if the socket takes it at once.
io::Task<Result<void>> Driver::send() {
  auto sent = co_await send_until_stopped();
  co_await io::shield(io_, Duration::milliseconds(100), flush());
  if (!sent && sent.error().code == Code::cancelled) co_return Result<void>{};
  co_return sent;
}

io::Task<Result<void>> Driver::send_until_stopped() {
  while (true) {
    endpoint_.expire(io_.now());
    CO_CHECK_OK(co_await flush());
    if (stopped_ || (stops_when_empty_ && endpoint_.size() == 0)) co_return Result<void>{};
    auto waited = co_await work_.wait().until(endpoint_.deadline());
    if (!waited && waited.error().code != Code::timeout) co_return Result<void>{};
  }
}

io::Task<Result<void>> Driver::flush() {
  // What an interrupted call has left is not known to be on its way: QUIC takes a packet that comes twice for one.
  while (!batch_.empty() || endpoint_.write(batch_, io_.now())) {
    auto sent = co_await socket_.send_batch(batch_.datagrams());
    if (!sent && sent.error().code == Code::cancelled) co_return std::unexpected(std::move(sent).error());
    batch_.clear();
    if (!sent) co_return std::unexpected(std::move(sent).error());
    // Acknowledgements must be read while much is sent.
    auto turn = co_await io::yield(io_);
    if (!turn) co_return std::unexpected(std::move(turn).error());
  }
  co_return Result<void>{};
}

}  // namespace tablinum::net::quic
