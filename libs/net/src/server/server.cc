#include "tablinum/net/server.h"

#include "server/core.h"
#include "server/server_state.h"
#include "tablinum/io/cancel.h"

namespace tablinum::net {
namespace {

/// Enters a core into the list that stop() posts to, and takes it out when no message can come any more.
class Registration {
 public:
  Registration(ServerState& state, Core& core) : state_{state}, core_{core} {
    const std::scoped_lock lock{state.mutex};
    state.cores.push_back(&core);
    if (state.stopping.load()) core.post_stop();
  }
  /// A stop that was posted while the core ended must find it alive. It lies in this thread's own queue.
  io::Task<void> settle(io::Io& io) {
    while (!withdraw()) co_await io::yield(io);
  }

 private:
  /// True: out of the list, and nothing is on its way.
  bool withdraw() {
    const std::scoped_lock lock{state_.mutex};
    std::erase(state_.cores, &core_);
    return !core_.message_on_its_way();
  }

  ServerState& state_;
  Core& core_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::bind(ServerOptions options, Handler handler) {
  if (options.cores == 0) return fail(Code::invalid, "a server needs a core");
  if (options.http3 && !options.tls) return fail(Code::invalid, "HTTP/3 needs a certificate");
  BoundSockets bound;
  if (options.http3) {
    TRY(both, bind_with_datagrams(options.listen, options.cores));
    bound = std::move(both);
  } else {
    TRY(streams, bind_all(options.listen, options.cores));
    bound.streams = std::move(streams);
  }
  ListeningSets& sockets = bound.streams;
  if (!options.listen_plain.empty()) {
    TRY(plain, bind_all(options.listen_plain, options.cores));
    for (std::size_t core = 0; core < plain.size(); ++core)
      for (ListeningFd& socket : plain[core]) sockets[core].emplace_back(std::move(socket)).plain = true;
  }
  if (options.http3 && options.alt_svc.empty())
    options.alt_svc = "h3=\":" + std::to_string(sockets.front().front().local().port()) + "\"; ma=86400";
  return std::unique_ptr<Server>(
      new Server{std::make_shared<ServerState>(std::move(options), std::move(handler), std::move(bound), std::vector<io::Endpoint>{})});
}

Result<std::unique_ptr<Server>> Server::unbound(ServerOptions options, Handler handler) {
  if (options.cores == 0) return fail(Code::invalid, "a server needs a core");
  if (options.listen.empty() || !options.listen_plain.empty() || options.http3)
    return fail(Code::invalid, "a server that binds nothing has one list of addresses, for TCP");
  std::vector<io::Endpoint> endpoints;
  for (const std::string& text : options.listen) {
    TRY(endpoint, io::Endpoint::parse(text));
    endpoints.push_back(endpoint);
  }
  return std::unique_ptr<Server>(
      new Server{std::make_shared<ServerState>(std::move(options), std::move(handler), BoundSockets{}, std::move(endpoints))});
}

Server::Server(std::shared_ptr<ServerState> state) noexcept : state_{std::move(state)} {}
Server::~Server() = default;

io::Task<Result<void>> Server::serve(io::Io& io) {
  const std::shared_ptr<ServerState> state = state_;
  const unsigned index = state->cores_started.fetch_add(1);
  if (index >= state->options.cores) co_return fail(Code::limit, "served on more cores than were asked for");
  Core core{io, *state, index};
  Registration registration{*state, core};
  auto served = co_await core.serve();
  co_await io::shield(io, io::kShieldMax, registration.settle(io));
  co_return served;
}

void Server::stop() noexcept {
  state_->stopping.store(true);
  const std::scoped_lock lock{state_->mutex};
  for (Core* core : state_->cores) core->post_stop();
}

bool Server::stopping() const noexcept { return state_->stopping.load(); }

std::uint16_t Server::port() const noexcept { return state_->first_address().port(); }
std::string Server::url() const { return (state_->options.tls ? "https://" : "http://") + state_->first_address().to_string(); }

ServerStats Server::stats() const noexcept {
  ServerStats stats;
  for (const Counters& counters : state_->counters) counters.add_to(stats);
  if (state_->quic_memory) stats.quic_bytes = state_->quic_memory->used();
  return stats;
}

}  // namespace tablinum::net
