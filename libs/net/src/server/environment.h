#pragma once
/// What the wires of a server share: who answers, under which limits, and how a core ends its connections.
#include <cstdint>
#include <optional>
#include <string>

#include "h1/refusal.h"
#include "server/counters.h"
#include "tablinum/io/io.h"
#include "tablinum/net/server.h"

namespace tablinum::net {

/// What the connections of one core share.
struct ConnectionEnvironment {
  ConnectionEnvironment(io::Io& core_io, const ServerOptions& server_options, const Handler& server_handler, Counters& core_counters)
      : io{core_io}, limits{server_options.limits}, alt_svc{server_options.alt_svc}, handler{server_handler}, counters{core_counters} {}

  io::Io& io;
  const Limits& limits;
  const std::string& alt_svc;
  const Handler& handler;
  Counters& counters;
  bool stopping = false;

  /// The Date field's value; made once a second.
  std::string_view date();

 private:
  std::string date_;
  std::int64_t date_second_ = -1;
};

/// One connection, whatever its wire.
class Served {
 public:
  Served() = default;
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  virtual ~Served() = default;
  /// Serves until either side closes. Never fails: what goes wrong ends the connection.
  virtual io::Task<void> run() = 0;
  /// The server stops: what is idle and what sends events closes now, what is busy after its answers.
  virtual void stop() noexcept = 0;
};

/// Runs the handler; its errors and exceptions become problems. `failure` (why the wire could not read the request's body; it may
/// come while the handler runs) is more precise than what the handler made of it.
io::Task<Response> answer(ConnectionEnvironment& environment, Request& request, const std::optional<h1::Refusal>& failure);
Response refusal_response(const h1::Refusal& refusal);
/// What answers an extended CONNECT without a 101 is no tunnel, but a 2xx would say so (RFC 8441 §5): it becomes 501.
void refuse_tunnel(Response& response);
Peer peer_of(const io::Endpoint& endpoint);
inline std::size_t class_of(Status status) noexcept { return number(status) / 100; }

}  // namespace tablinum::net
