#include "server/core.h"

#include <array>

#include "h2/server_connection.h"
#include "server/connection.h"
#include "tablinum/base/log.h"
#include "tls/table.h"

namespace tablinum::net {
namespace {

constexpr Duration kNoDescriptorPause = Duration::milliseconds(50);

}  // namespace

Core::Core(io::Io& io, ServerState& shared, unsigned index)
    : io_{io},
      shared_{shared},
      index_{index},
      environment_{io, shared.options, shared.handler, shared.counters[index]},
      permits_{io, (shared.options.limits.connections_max + shared.options.cores - 1) / shared.options.cores},
      stop_requested_{io},
      all_closed_{io} {
  message_.core = this;
  message_.run = [](io::Ready& ready) noexcept {
    Core& core = *static_cast<StopMessage&>(ready).core;
    core.message_arrived_ = true;
    core.stop();
  };
}

void Core::post_stop() noexcept {
  if (posted_) return;
  posted_ = true;
  io_.post(message_);
}

io::Task<Result<void>> Core::serve() {
  CO_CHECK_OK(open_listeners());
  auto body = [&](io::Scope& scope) { return run(scope); };
  auto served = co_await io::with_scope(io_, body, io::ScopePolicy::supervise);
  if (failure_) co_return std::unexpected(std::move(*failure_));
  co_return served;
}

Result<void> Core::open_listeners() {
  for (const io::Endpoint& address : shared_.unbound) {
    io::ListenOptions options;
    options.reuse_port = shared_.options.cores > 1;
    TRY(listener, io::listen(io_, address, options));
    listeners_.push_back({std::move(listener), false});
  }
  if (!shared_.datagrams.empty())
    for (ListeningFd& socket : shared_.datagrams[index_]) CHECK_OK(open_quic(socket));
  if (shared_.sockets.empty()) return {};
  for (ListeningFd& socket : shared_.sockets[index_]) {
    const io::Endpoint local = socket.local();
    const bool plain = socket.plain;
    TRY(descriptor, io_.attach(socket.release(), false));
    listeners_.push_back({io::TcpListener{io_, descriptor, local, io::ListenOptions{}}, plain});
  }
  return {};
}

Result<void> Core::open_quic(ListeningFd& bound) {
  TRY(socket, io::adopt_udp(io_, bound.release()));
  quic_.push_back(std::make_unique<h3::Listener>(io_, std::move(socket), quic_config(), environment_.limits, environment_.handler,
                                                 environment_.counters));
  return {};
}

h3::ListenerConfig Core::quic_config() {
  h3::ListenerConfig config;
  config.date = [this] { return environment_.date(); };
  quic::EndpointConfig& endpoint = config.endpoint;
  endpoint.core = static_cast<std::uint8_t>(index_);
  endpoint.static_key = SecretBytes(shared_.quic_key.begin(), shared_.quic_key.end());
  endpoint.connections_max = (environment_.limits.connections_max + shared_.options.cores - 1) / shared_.options.cores;
  endpoint.memory = shared_.quic_memory;
  // The addresses' listeners are made in the same order on every core.
  if (quic_.size() < shared_.crossings.size()) endpoint.crossing = shared_.crossings[quic_.size()];
  endpoint.half_open_max = environment_.limits.handshakes_per_core_max;
  endpoint.early_data = shared_.options.tls->table()->quic_early_data;
  endpoint.make_ssl = [this] { return quic::SslPtr{tls::new_quic_server(shared_.options.tls->table()).release()}; };
  endpoint.admit = [this](const quic::Address& peer) {
    environment_.counters.connections_total.add();
    if (!shared_.addresses.enter(peer.endpoint())) {
      environment_.counters.connections_refused.add();
      return false;
    }
    environment_.counters.connections_open.add();
    environment_.counters.http3_connections.add();
    return true;
  };
  endpoint.release = [this](const quic::Address& peer) {
    shared_.addresses.leave(peer.endpoint());
    environment_.counters.connections_open.subtract();
  };
  return config;
}

io::Task<void> Core::serve_quic(h3::Listener& listener) {
  ++quic_running_;
  auto ended = co_await listener.run();
  --quic_running_;
  if (!ended && ended.error().code != Code::cancelled) {
    failure_ = std::move(ended).error();
    stop();
  }
  announce_if_closed();
}

void Core::announce_if_closed() noexcept {
  if (environment_.stopping && connections_.empty() && quic_running_ == 0) all_closed_.set();
}

io::Task<Result<void>> Core::run(io::Scope& scope) {
  auto watching = scope.spawn(watch_io());
  for (const auto& listener : quic_) scope.spawn(serve_quic(*listener)).keep();
  for (Listener& listener : listeners_) scope.spawn(accept_from(listener, scope)).keep();
  const auto requested = co_await stop_requested_.wait();
  // Cancelled instead of asked: no grace, the scope ends everything.
  if (!requested) {
    stop();
    co_return Result<void>{};
  }
  if (!connections_.empty() || quic_running_ > 0) co_await all_closed_.wait().until(io_.now() + shared_.options.grace);
  scope.cancel(io::Reason::shutdown);
  co_return Result<void>{};
}

/// On the core. Idempotent.
void Core::stop() noexcept {
  stop_requested_.set();
  if (environment_.stopping) return;
  environment_.stopping = true;
  for (Listener& listener : listeners_) listener.socket.close();
  for (Served* connection : connections_) connection->stop();
  for (const auto& listener : quic_) listener->drain();
}

io::Task<void> Core::watch_io() {
  auto stopping = co_await io::until_stopping(io_);
  if (stopping) stop();
}

io::Task<void> Core::accept_from(Listener& listener, io::Scope& scope) {
  while (!environment_.stopping) {
    // The permit comes first: at the limit nothing is accepted, and the kernel's queue holds the callers.
    auto permit = co_await permits_.acquire();
    if (!permit) co_return;
    const bool accepted = co_await accept_one(listener, scope);
    if (!accepted) permits_.release();
  }
}

/// True: a connection took the permit over.
io::Task<bool> Core::accept_one(Listener& listener, io::Scope& scope) {
  auto socket = co_await listener.socket.accept();
  if (!socket) {
    if (socket.error().code == Code::limit) {
      log::warn("net", "no file descriptor left: a connection was turned away");
      co_await io::sleep(io_, kNoDescriptorPause);
    } else if (socket.error().code != Code::cancelled && socket.error().code != Code::closed) {
      failure_ = std::move(socket).error();
      stop();
    }
    co_return false;
  }
  environment_.counters.connections_total.add();
  if (!shared_.addresses.enter(socket->peer())) {
    environment_.counters.connections_refused.add();
    co_return false;
  }
  environment_.counters.connections_open.add();
  scope.spawn(serve_connection(std::move(*socket), listener.plain)).keep();
  co_return true;
}

io::Task<void> Core::serve_connection(io::TcpSocket socket, bool plain) {
  const io::Endpoint peer = socket.peer();
  co_await serve_socket(std::move(socket), plain);
  shared_.addresses.leave(peer);
  environment_.counters.connections_open.subtract();
  permits_.release();
  announce_if_closed();
}

io::Task<void> Core::serve_socket(io::TcpSocket socket, bool plain) {
  if (shared_.options.tls && !plain) {
    co_await serve_tls(std::move(socket));
  } else if (shared_.options.http2_without_tls) {
    co_await serve_either(make_stream(std::move(socket)));
  } else {
    Connection connection{environment_, std::move(socket)};
    co_await keep(connection);
  }
}

io::Task<void> Core::serve_tls(io::TcpSocket socket) {
  const Limits& limits = environment_.limits;
  if (handshakes_ >= limits.handshakes_per_core_max) co_return;
  ++handshakes_;
  auto accepted =
      co_await accept_tls(io_, shared_.options.tls, make_stream(std::move(socket)), io_.now() + limits.handshake_time);
  --handshakes_;
  (accepted ? environment_.counters.tls_handshakes : environment_.counters.tls_failures).add();
  if (!accepted || environment_.stopping) co_return;
  const TlsInfo& info = (*accepted)->info();
  if (info.alpn == "h2") {
    const auto connection = h2::make_server_connection(environment_, std::move(*accepted), &info, {});
    co_await keep(*connection);
  } else {
    Connection connection{environment_, std::move(*accepted), &info, {}};
    co_await keep(connection);
  }
}

/// HTTP/2 if the client begins with its preface, else HTTP/1.1 (RFC 9113 §3.3).
io::Task<void> Core::serve_either(std::unique_ptr<ByteStream> stream) {
  const Instant limit = io_.now() + environment_.limits.headers_time;
  std::array<std::byte, h2::kPreface.size()> buffer;
  std::size_t size = 0;
  while (size < buffer.size() && h2::kPreface.starts_with(text_of(ByteView{buffer}.first(size)))) {
    auto got = co_await stream->read(MutableBytes{buffer}.subspan(size), limit);
    if (!got || *got == 0) co_return;
    size += *got;
  }
  const std::string_view begun = text_of(ByteView{buffer}.first(size));
  if (begun == h2::kPreface) {
    const auto connection = h2::make_server_connection(environment_, std::move(stream), nullptr, begun);
    co_await keep(*connection);
  } else {
    Connection connection{environment_, std::move(stream), nullptr, begun};
    co_await keep(connection);
  }
}

io::Task<void> Core::keep(Served& connection) {
  const auto place = connections_.insert(connections_.end(), &connection);
  co_await connection.run();
  connections_.erase(place);
}

}  // namespace tablinum::net
