#pragma once
/// The connections to one origin: kept while unused, shared where the protocol allows it, counted, waited for in order (net.md §8).
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "client/dial.h"
#include "client/session.h"
#include "tablinum/io/sync.h"

namespace tablinum::net {

class TlsClient;
class AltSvcCache;

struct PoolOptions {
  ClientOptions client;
  unsigned connections_max = kHostConnectionsMax;
  std::size_t waiters_max = kWaitersMax;
  std::shared_ptr<TlsClient> tls;         ///< for https
  std::string server_name;                ///< for TLS; empty: the origin's host
  std::shared_ptr<AltSvcCache> alt_svc;   ///< null: HTTP/3 only where it is asked for
};

/// Belongs to one core; kept alive by its connections.
class OriginPool : public std::enable_shared_from_this<OriginPool> {
 public:
  OriginPool(Origin origin, PoolOptions options);

  struct Lease {
    std::shared_ptr<ClientSession> session;
    bool kept = false;  ///< it was open before: it may have died since
  };
  /// A session with room. `fresh`: not one that was kept for a single request at a time (a shared one is watched, and known to live).
  /// @error limit: waiters_max wait.  timeout: none by `limit`.  As dial(), and TLS.
  io::Task<Result<Lease>> acquire(io::Io& io, Instant limit, bool fresh = false);
  /// A connection for one request alone that speaks HTTP/1.1 and counts as any other; where HTTP/2 or HTTP/3 is asked for, a shared one.
  io::Task<Result<Lease>> acquire_own(io::Io& io, Instant limit);

  /// Closes what is not in use, and from now on everything after its use.
  void close() noexcept;
  /// Closes what is not in use.
  void close_idle() noexcept;

  const Origin& origin() const noexcept { return origin_; }
  const PoolOptions& options() const noexcept { return options_; }
  std::size_t open() const noexcept { return open_; }
  std::size_t idle() const noexcept { return idle_.size(); }
  std::size_t shared() const noexcept { return shared_.size(); }
  std::size_t waiting() const noexcept { return waiters_.size(); }
  std::uint64_t dialled() const noexcept { return dialled_; }

 private:
  using Session = std::shared_ptr<ClientSession>;
  struct Kept {
    Session session;
    Instant until;
  };
  struct Waiter {
    explicit Waiter(io::Io& io) : granted{io} {}
    io::Event granted;
    Session session;             // null: it may open one itself
    std::optional<Error> error;  // it has been tried for it
    bool done = false;
  };
  /// What the origin's connections are: many requests each, or one at a time.
  enum class Kind : std::uint8_t { unknown, single, shared };

  io::Task<Result<Lease>> wait(io::Io& io, Instant limit);
  io::Task<Result<Lease>> open_one(io::Io& io, Instant limit, Speak speak);
  io::Task<Result<Session>> connect(io::Io& io, Instant limit, Speak speak);
  io::Task<Result<Session>> connect_tcp(io::Io& io, Instant limit, Speak speak);
  io::Task<Result<Session>> connect_quic(io::Io& io, Instant limit, Origin at);
  io::Task<Result<Session>> shake_hands(io::Io& io, Instant limit, io::Endpoint peer);
  io::Task<Result<Session>> race(io::Io& io, Instant limit, Origin at);
  void consider_quic(io::Io& io);
  static io::Task<void> move_to_quic(io::Io& io, std::shared_ptr<OriginPool> pool, Origin at);
  void drive(io::Io& io, Session session);
  static io::Task<void> run_shared(io::Io& io, std::shared_ptr<OriginPool> pool, Session session);
  Session take_idle(Instant now) noexcept;
  Session take_shared(bool with_room) const noexcept;
  bool may_open() const noexcept;
  void opened(const Session& session) noexcept;
  void opening_failed(const Error& error) noexcept;
  void freed(ClientSession& session) noexcept;
  void ended(const Session& session) noexcept;
  void closed_one() noexcept;
  bool grant(Session session) noexcept;

  Origin origin_;
  PoolOptions options_;
  std::vector<Kept> idle_;  // the last used at the end
  std::vector<Session> shared_;
  std::list<Waiter*> waiters_;
  io::Io* io_ = nullptr;
  std::size_t open_ = 0;    // with those being opened
  std::size_t opening_ = 0;
  std::uint64_t dialled_ = 0;
  Kind kind_ = Kind::unknown;
  bool on_quic_ = false;  // the last shared one
  bool moving_ = false;   // there
  bool closing_ = false;
};

}  // namespace tablinum::net
