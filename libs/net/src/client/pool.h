#pragma once
/// The connections to one origin: kept while unused, counted, waited for in order (net.md §8).
#include <deque>
#include <list>
#include <memory>
#include <vector>

#include "client/dial.h"
#include "client/session.h"
#include "tablinum/io/sync.h"

namespace tablinum::net {

class TlsClient;

struct PoolOptions {
  ClientOptions client;
  unsigned connections_max = kHostConnectionsMax;
  std::size_t waiters_max = kWaitersMax;
  std::shared_ptr<TlsClient> tls;  ///< for https
  std::string server_name;         ///< for TLS; empty: the origin's host
};

/// Belongs to one core; kept alive by its connections.
class OriginPool : public std::enable_shared_from_this<OriginPool> {
 public:
  OriginPool(Origin origin, PoolOptions options) : origin_{std::move(origin)}, options_{std::move(options)} {}

  struct Lease {
    std::shared_ptr<ClientSession> session;
    bool kept = false;  ///< it was open before: it may have died since
  };
  /// A session with room. `fresh`: not one that was kept.
  /// @error limit: waiters_max wait.  timeout: none by `limit`.  As dial(), and TLS.
  io::Task<Result<Lease>> acquire(io::Io& io, Instant limit, bool fresh = false);

  /// Closes what is not in use, and from now on everything after its use.
  void close() noexcept;
  /// Closes what is not in use.
  void close_idle() noexcept;

  const Origin& origin() const noexcept { return origin_; }
  const PoolOptions& options() const noexcept { return options_; }
  std::size_t open() const noexcept { return open_; }
  std::size_t idle() const noexcept { return idle_.size(); }
  std::size_t waiting() const noexcept { return waiters_.size(); }
  std::uint64_t dialled() const noexcept { return dialled_; }

 private:
  struct Kept {
    std::shared_ptr<ClientSession> session;
    Instant until;
  };
  struct Waiter {
    explicit Waiter(io::Io& io) : granted{io} {}
    io::Event granted;
    std::shared_ptr<ClientSession> session;  // null: it may open one itself
    bool done = false;
  };
  io::Task<Result<Lease>> wait(io::Io& io, Instant limit);
  io::Task<Result<Lease>> open_one(io::Io& io, Instant limit);
  io::Task<Result<std::shared_ptr<ClientSession>>> connect(io::Io& io, Instant limit);
  std::shared_ptr<ClientSession> take_idle(Instant now) noexcept;
  void freed(ClientSession& session) noexcept;
  void closed_one() noexcept;
  bool grant(std::shared_ptr<ClientSession> session) noexcept;

  Origin origin_;
  PoolOptions options_;
  std::vector<Kept> idle_;  // the last used at the end
  std::list<Waiter*> waiters_;
  io::Io* io_ = nullptr;
  std::size_t open_ = 0;    // with those being opened
  std::uint64_t dialled_ = 0;
  bool closing_ = false;
};

}  // namespace tablinum::net
