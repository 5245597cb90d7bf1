#include "tablinum/net/quic.h"

#include "quic/driver.h"
#include "quic/raw_connection.h"
#include "tablinum/base/log.h"
#include "tablinum/io/cancel.h"
#include "tls/client_state.h"
#include "tls/table.h"

namespace tablinum::net {
namespace quic {
namespace {

Settings settings_of(const QuicOptions& options) {
  Settings settings;
  settings.stream_window = options.stream_window;
  settings.connection_window = options.connection_window;
  settings.stream_window_max = std::max(options.stream_window_max, options.stream_window);
  settings.connection_window_max = std::max(options.connection_window_max, options.connection_window);
  settings.streams_bidi_max = options.streams_max;
  settings.streams_uni_max = options.one_way_streams_max;
  settings.idle_time = options.idle_time;
  settings.handshake_time = options.handshake_time;
  settings.congestion = options.bbr ? Congestion::bbr : Congestion::cubic;
  settings.datagrams = options.datagrams;
  return settings;
}

/// How long goodbyes may take to leave.
constexpr Duration kGoodbyeTime = Duration::milliseconds(100);

// ---- a client

/// One connection with a socket of its own.
class Dialled {
 public:
  Dialled(io::Io& io, io::UdpSocket socket, const QuicOptions& options)
      : io_{io}, options_{options}, endpoint_{config_of(options), io.now(), io.wall_time()}, driver_{io, std::move(socket), endpoint_} {}

  Result<std::shared_ptr<RawConnection>> begin(const io::Endpoint& peer, SslPtr ssl) {
    std::shared_ptr<RawConnection> made;
    TRY(connection, endpoint_.connect({}, driver_.socket().local(), peer, std::move(ssl),
                                      [&](Connection& each) {
                                        made = std::make_shared<RawConnection>(io_, each, options_.datagrams);
                                        return made;
                                      },
                                      io_.now()));
    if (options_.keep_alive.ns > 0) connection->keep_alive(options_.keep_alive);
    return made;
  }
  /// Until the connection has ended, or cancelled.
  static io::Task<void> run(std::shared_ptr<Dialled> self, std::shared_ptr<RawConnection> connection) {
    self->driver_.stop_when_empty();
    co_await self->driver_.run();
    connection->close(0);
    co_await io::shield(self->io_, kGoodbyeTime, self->driver_.flush());
  }

 private:
  static EndpointConfig config_of(const QuicOptions& options) {
    EndpointConfig config;
    config.settings = settings_of(options);
    return config;
  }

  io::Io& io_;
  QuicOptions options_;
  Endpoint endpoint_;
  Driver driver_;
};

/// Closes when its last user is gone.
class Held {
 public:
  explicit Held(std::shared_ptr<RawConnection> connection) noexcept : connection_{std::move(connection)} {}
  ~Held() { connection_->close(0); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::shared_ptr<RawConnection> connection_;
};

std::shared_ptr<QuicConnection> hold(const std::shared_ptr<RawConnection>& connection) {
  return {std::make_shared<Held>(connection), connection.get()};
}

// ---- a server

class Listener final : public QuicListener {
 public:
  Listener(io::Io& io, io::UdpSocket socket, QuicServe how)
      : io_{io},
        how_{std::move(how)},
        memory_{how_.bytes_max > 0 ? std::make_shared<MemoryBudget>(how_.bytes_max) : nullptr},
        endpoint_{config(), io.now(), io.wall_time()},
        driver_{io, std::move(socket), endpoint_} {}

  io::Task<Result<void>> serve(QuicHandler handler) override {
    handler_ = std::move(handler);
    auto body = [this](io::Scope& scope) -> io::Task<Result<void>> {
      scope_ = &scope;
      auto ended = co_await driver_.run();
      endpoint_.for_each([this](Connection& connection) { connection.close(0, io_.now()); });
      co_await io::shield(io_, kGoodbyeTime, driver_.flush());
      scope.cancel(io::Reason::shutdown);
      co_return ended;
    };
    auto ended = co_await io::with_scope(io_, body, io::ScopePolicy::supervise);
    scope_ = nullptr;
    co_return ended;
  }
  void stop() noexcept override {
    endpoint_.stop_accepting();
    driver_.stop_when_empty();
  }
  const io::Endpoint& local() const noexcept override { return const_cast<Driver&>(driver_).socket().local(); }
  QuicStats stats() const noexcept override {
    const EndpointStats& all = endpoint_.stats();
    return {endpoint_.size(), all.connections_total, all.refused, memory_ ? memory_->used() : 0, all.withheld};
  }

 private:
  EndpointConfig config() {
    EndpointConfig config;
    config.settings = settings_of(how_.options);
    config.server = true;
    config.connections_max = how_.connections_max;
    config.half_open_max = how_.half_open_max;
    config.retry = how_.retry_always ? RetryPolicy::always : RetryPolicy::when_busy;
    config.memory = memory_;
    config.make_ssl = [this] { return SslPtr{tls::new_quic_server(how_.tls->table()).release()}; };
    config.make_application = [this](Connection& connection) {
      auto made = std::make_shared<RawConnection>(io_, connection, how_.options.datagrams);
      made->on_established = [this](std::shared_ptr<RawConnection> each) {
        if (scope_ != nullptr) scope_->spawn(serve_one(std::move(each)), io::SpawnOptions{"quic connection"}).keep();
      };
      if (how_.options.keep_alive.ns > 0) connection.keep_alive(how_.options.keep_alive);
      return made;
    };
    return config;
  }
  io::Task<void> serve_one(std::shared_ptr<RawConnection> connection) {
    // One that threw would end the scope, and with it everybody's connection.
    try {
      co_await handler_(io_, *connection);
    } catch (const std::exception& exception) {
      log::error("net", "a handler of a QUIC connection threw", {{"what", exception.what()}});
    }
    connection->close(0);
  }

  io::Io& io_;
  QuicServe how_;
  std::shared_ptr<MemoryBudget> memory_;  // null: no limit
  QuicHandler handler_;
  io::Scope* scope_ = nullptr;
  Endpoint endpoint_;
  Driver driver_;
};

}  // namespace
}  // namespace quic

io::Task<Result<std::shared_ptr<QuicConnection>>> connect_quic(io::Io& io, io::Scope& scope, io::Endpoint peer, QuicConnect how,
                                                               Instant limit) {
  if (!how.tls) co_return fail(Code::invalid, "QUIC needs TLS");
  quic::SslPtr ssl{SSL_new(how.tls->state().quic.get())};
  if (!ssl) co_return fail(Code::internal, "no TLS");
  CO_CHECK_OK(tls::expect_server(ssl.get(), how.server_name));
  CO_TRY(any, io::Endpoint::from_ip(peer.family() == io::Endpoint::Family::ipv6 ? "::" : "0.0.0.0", 0));
  CO_TRY(socket, io::bind_udp(io, any));
  const auto dialled = std::make_shared<quic::Dialled>(io, std::move(socket), how.options);
  CO_TRY(connection, dialled->begin(peer, std::move(ssl)));
  scope.spawn(quic::Dialled::run(dialled, connection), io::SpawnOptions{"quic connection"}).keep();
  const auto held = quic::hold(connection);
  CO_CHECK_OK(co_await connection->established(limit));
  co_return held;
}

Result<std::unique_ptr<QuicListener>> QuicListener::bind(io::Io& io, const io::Endpoint& local, QuicServe how) {
  if (!how.tls) return fail(Code::invalid, "QUIC needs a certificate");
  TRY(socket, io::bind_udp(io, local));
  return std::make_unique<quic::Listener>(io, std::move(socket), std::move(how));
}

}  // namespace tablinum::net
