#pragma once
/// A server on a thread of its own, and sockets of the operating system as clients: the tests' other side shares no code with ours.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "tablinum/io/runtime.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/middleware.h"
#include "tablinum/net/server.h"

namespace tablinum::net::test {

/// Runs until it is destroyed (or stop()).
class TestServer {
 public:
  explicit TestServer(Handler handler, ServerOptions options = defaults());
  ~TestServer();
  static ServerOptions defaults();

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  /// Asks it to stop and waits for its end.
  void stop();
  /// True once serve() has returned.
  bool ended() const { return ended_.load(); }

 private:
  std::unique_ptr<Server> server_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// A blocking TCP connection to a local port; every wait ends after ten seconds.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False: the peer has closed.
  bool send(std::string_view bytes);
  /// What one recv gives; empty at the end.
  std::string receive();
  /// Everything until the peer closes.
  std::string receive_all();
  /// Until `mark` was seen (all so far is returned), or the peer closes.
  std::string receive_until(std::string_view mark);
  /// One response with Content-Length, head and body.
  std::string receive_response();
  void shutdown_write();
  /// Closes with a reset instead of a FIN.
  void reset();
  /// Makes the receive buffer small, before anything is received.
  void narrow_window();

 private:
  int fd_;
  std::string pending_;
};

/// "200" of a response's text.
std::string status_in(std::string_view response);
/// The value of a field of a response's text, by its lower-case name.
std::optional<std::string> field_in(std::string_view response, std::string_view name);
/// What follows the head.
std::string body_in(std::string_view response);

/// Runs one task on a StacklessIo and returns its result.
template <class Body>
auto run_task(Body& body) {
  auto io = io::make_stackless_io().value();
  return io::run(*io, body(*io));
}

}  // namespace tablinum::net::test
