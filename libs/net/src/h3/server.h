#pragma once
/// The server's half of HTTP/3: each request becomes a task that runs the handler and sends what it answers.
#include <functional>
#include <string>

#include "h3/wire.h"
#include "http/stream_head.h"
#include "server/counters.h"
#include "tablinum/net/server.h"

namespace tablinum::net::h3 {

/// A peer may reset so many requests at once, and so many more a second: beyond it is an attack (CVE-2023-44487's kind).
inline constexpr std::uint32_t kResetsMax = 1000;
inline constexpr std::uint32_t kResetsPerSecond = 33;

/// What the connections of one core share; outlives their tasks.
struct ServerEnvironment {
  io::Io& io;
  const Limits& limits;
  const Handler& handler;
  Counters& counters;
  std::function<std::string_view()> date;      ///< the Date field's value
  std::function<void(io::Task<void>)> spawn;   ///< into the scope that ends before this does
};

class ServerWire final : public Wire {
 public:
  ServerWire(ServerEnvironment& environment, quic::Connection& connection) noexcept
      : Wire{environment.io, connection, true}, environment_{environment}, resets_left_{kResetsMax}, resets_at_{environment.io.now()} {}
  ~ServerWire() override;

  /// GOAWAY: what has begun is finished, then the connection is closed.
  void drain();
  bool handshake_completed() override;
  bool received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool early) override;
  void after_read() override;
  /// A request's task has ended; its place is free.
  void task_ended() noexcept;

 private:
  class Exchange;

  void head_begins(std::int64_t id) override;
  void head_field(std::int64_t id, std::string_view name, std::string_view value) override;
  void head_ends(std::int64_t id, bool message_ends) override;
  void trailer_field(std::int64_t id, std::string_view name, std::string_view value) override;
  void trailers_end(std::int64_t id) override;
  void aborted(std::int64_t id, const Error& why) override;
  void gone(Stream& stream) override;
  void count_reset() noexcept;
  const Peer& peer();
  void close_if_drained();
  std::shared_ptr<const TlsInfo> tls_info();
  static io::Task<void> serve(ServerEnvironment& environment, std::shared_ptr<Exchange> exchange);
  static io::Task<void> hand_over(ServerEnvironment& environment, Exchange& exchange, Response& response);
  static io::Task<void> answer(ServerEnvironment& environment, Exchange& exchange);

  ServerEnvironment& environment_;
  std::vector<std::shared_ptr<Exchange>> ready_;  // to be spawned after the round of reads
  std::vector<std::shared_ptr<Exchange>> held_;   // came early and are not safe: wait for the handshake
  // A task may outlive its stream, and even the connection.
  std::shared_ptr<ServerWire*> place_ = std::make_shared<ServerWire*>(this);
  std::shared_ptr<const TlsInfo> tls_;  // of the handshake that is done; requests share it
  bool early_now_ = false;
  bool draining_ = false;
  double resets_left_;
  Instant resets_at_;
  bool flooded_ = false;
  // Of the path's address when it was last looked at: it hardly ever changes, and making the text of one costs as much as a route.
  quic::Address peer_address_;
  Peer peer_;
};

}  // namespace tablinum::net::h3
