#pragma once
/// A server on one reactor core: accepts, keeps the list of its connections, and ends them.
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "h3/listener.h"
#include "server/environment.h"
#include "server/server_state.h"
#include "tablinum/io/net.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

/// One call of Server::serve().
class Core {
 public:
  Core(io::Io& io, ServerState& shared, unsigned index);

  io::Task<Result<void>> serve();

  /// From any thread, under ServerState::mutex.
  void post_stop() noexcept;
  bool message_on_its_way() const noexcept { return posted_ && !message_arrived_; }

 private:
  struct Listener {
    io::TcpListener socket;
    bool plain;
  };
  struct StopMessage : io::Ready {
    Core* core = nullptr;
  };

  void stop() noexcept;
  io::Task<Result<void>> run(io::Scope& scope);
  Result<void> open_listeners();
  Result<void> open_quic(ListeningFd& bound);
  h3::ListenerConfig quic_config();
  io::Task<void> serve_quic(h3::Listener& listener);
  void announce_if_closed() noexcept;
  io::Task<void> accept_from(Listener& listener, io::Scope& scope);
  io::Task<bool> accept_one(Listener& listener, io::Scope& scope);
  io::Task<void> serve_connection(io::TcpSocket socket, bool plain);
  io::Task<void> serve_socket(io::TcpSocket socket, bool plain);
  io::Task<void> serve_tls(io::TcpSocket socket);
  io::Task<void> serve_either(std::unique_ptr<ByteStream> stream);
  io::Task<void> keep(Served& connection);
  io::Task<void> watch_io();

  io::Io& io_;
  ServerState& shared_;
  const unsigned index_;
  ConnectionEnvironment environment_;
  io::Semaphore permits_;
  io::Event stop_requested_;
  io::Event all_closed_;
  std::vector<Listener> listeners_;
  std::vector<std::unique_ptr<h3::Listener>> quic_;
  std::size_t quic_running_ = 0;
  std::list<Served*> connections_;  // as they came: in the order of addresses a simulated run would not repeat
  std::uint32_t handshakes_ = 0;  // half-open
  std::optional<Error> failure_;
  StopMessage message_;
  bool posted_ = false;           // guarded by ServerState::mutex
  bool message_arrived_ = false;  // this core only
};

}  // namespace tablinum::net
