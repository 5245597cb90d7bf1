#include "h3/listener.h"

#include "tablinum/io/cancel.h"

namespace tablinum::net::h3 {
namespace {

constexpr Duration kGoneTick = Duration::milliseconds(50);

}  // namespace

Listener::Listener(io::Io& io, io::UdpSocket socket, ListenerConfig config, const Limits& limits, const Handler& handler,
                   Counters& counters)
    : io_{io},
      environment_{io, limits, handler, counters, std::move(config.date),
                   [this](io::Task<void> task) { scope_->spawn(std::move(task), io::SpawnOptions{"http/3 request"}).keep(); }},
      endpoint_{complete(std::move(config.endpoint)), io.now(), io.wall_time()},
      driver_{io, std::move(socket), endpoint_} {}

quic::EndpointConfig Listener::complete(quic::EndpointConfig config) {
  config.server = true;
  config.make_application = [this](quic::Connection& connection) { return std::make_unique<ServerWire>(environment_, connection); };
  return config;
}

io::Task<Result<void>> Listener::run() {
  auto body = [this](io::Scope& scope) -> io::Task<Result<void>> {
    scope_ = &scope;
    auto ended = co_await driver_.run();
    // What is still open hears of it, once.
    endpoint_.for_each([this](quic::Connection& connection) { connection.close(NGHTTP3_H3_NO_ERROR, io_.now()); });
    co_await io::shield(io_, Duration::milliseconds(100), driver_.flush());
    scope.cancel(io::Reason::shutdown);
    co_return ended;
  };
  auto ended = co_await io::with_scope(io_, body, io::ScopePolicy::supervise);
  scope_ = nullptr;
  co_return ended;
}

void Listener::drain() noexcept {
  endpoint_.stop_accepting();
  endpoint_.for_each([](quic::Connection& connection) {
    if (connection.is_open()) static_cast<ServerWire*>(connection.application())->drain();
  });
  driver_.stop_when_empty();
  if (scope_ != nullptr) scope_->spawn(leave_the_gone()).keep();
}

/// Draining waits until answers have arrived. Of a client that vanished nobody would ever hear that, until the grace is over.
io::Task<void> Listener::leave_the_gone() {
  while (endpoint_.size() > 0) {
    endpoint_.for_each([this](quic::Connection& connection) {
      if (connection.seems_gone(io_.now())) connection.close(NGHTTP3_H3_NO_ERROR, io_.now());
    });
    const auto slept = co_await io::sleep(io_, kGoneTick);
    if (!slept) co_return;
  }
}

}  // namespace tablinum::net::h3
