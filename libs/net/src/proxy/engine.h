#pragma once
/// The proxy at work: finds route and backend of a request, sends it on, and gives the answer back while it arrives.
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/alt_svc.h"
#include "client/pool.h"
#include "proxy/balancer.h"
#include "proxy/cache.h"
#include "proxy/client_limiter.h"
#include "proxy/health.h"
#include "tablinum/io/scope.h"
#include "tablinum/io/sync.h"

namespace tablinum::net::proxy {

/// How long a request waits for another's answer to the same question before it asks itself.
inline constexpr Duration kCollapseTime = Duration::seconds(3);
/// A tunnel ends when nothing moved for so long.
inline constexpr Duration kTunnelIdleTime = Duration::seconds(600);
inline constexpr std::size_t kTunnelBufferBytes = std::size_t{16} << 10;
/// Answers up to this size are awaited whole before they go on.
inline constexpr std::size_t kShortAnswerBytesMax = std::size_t{16} << 10;
/// Our own name so often in Via: a loop.
inline constexpr int kViaHopsMax = 10;
/// How long backends have to hear a goodbye.
inline constexpr Duration kGoodbyeTime = Duration::milliseconds(500);

/// One backend; shared by the cores, and kept over a reload that does not change its URL.
struct Backend {
  Backend(BackendOptions backend_options, Origin backend_origin, const UpstreamOptions& upstream)
      : options{std::move(backend_options)},
        origin{std::move(backend_origin)},
        health{upstream.health.failures, upstream.health.successes},
        breaker{upstream.breaker} {}
  const BackendOptions options;
  const Origin origin;
  std::atomic<unsigned> active{0};
  std::atomic<std::uint64_t> requests{0}, failures{0};
  std::atomic<bool> drained{false};  ///< by the operator
  // Guarded by the Upstream's mutex:
  Health health;
  Breaker breaker;
  LatencyMean latency;
};

struct Upstream {
  Upstream(UpstreamOptions upstream_options, std::vector<std::shared_ptr<Backend>> all);
  const UpstreamOptions options;
  const std::vector<std::shared_ptr<Backend>> backends;
  std::shared_ptr<TlsClient> tls;
  mutable std::mutex mutex;  ///< guards what follows, and the backends' health
  Balancer balancer;
  RetryBudget budget;
};

/// One configuration at work; immutable but for the state of its upstreams.
struct Snapshot {
  /// Takes health and counters of backends over from `before` (may be null).
  /// @error invalid, and what TlsClient::make() says of a CA file.
  static Result<std::shared_ptr<const Snapshot>> make(ProxyOptions options, const Snapshot* before);

  struct Route {
    const ProxyRoute* options;
    Upstream* upstream;
  };
  /// Null: there is none.
  const Route* find(std::string_view host, std::string_view path) const noexcept;
  bool trusts(std::string_view address) const noexcept;

  ProxyOptions options;
  std::vector<std::shared_ptr<Upstream>> upstreams;

 private:
  struct Host {
    std::vector<Route> routes;  // longest path first
  };
  const Host* host_of(std::string_view name) const noexcept;
  std::map<std::string, const Host*, std::less<>> exact_, wildcard_;
  const Host* default_ = nullptr;
  std::vector<std::unique_ptr<Host>> hosts_;
};

struct Totals {
  std::atomic<std::uint64_t> requests{0}, upstream_errors{0}, repeats{0}, limited{0}, refused{0}, tunnels{0}, no_backend{0};
  std::atomic<std::uint64_t> cache_hits{0}, cache_misses{0}, cache_stale{0}, cache_revalidated{0}, cache_stored{0}, cache_collapsed{0};
  std::atomic<std::uint64_t> reloads{0}, reload_failures{0};
};

/// What the cores share.
struct Shared {
  Shared(std::shared_ptr<const Snapshot> first)
      : cache{first->options.cache.bytes_max}, limiter{first->options.client_limits}, snapshot{std::move(first)} {}
  std::shared_ptr<const Snapshot> current() const;
  void swap(std::shared_ptr<const Snapshot> next);

  Totals totals;
  Cache cache;
  ClientLimiter limiter;
  std::atomic<std::uint64_t> generation{1};

 private:
  mutable std::mutex mutex;
  std::shared_ptr<const Snapshot> snapshot;
};

/// The engine of one core.
class Engine {
 public:
  Engine(io::Io& io, Shared& shared) : io_{io}, shared_{shared} {}
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Background work (revalidation, connections that many requests share) runs in `scope` while it is set.
  void set_scope(io::Scope* scope) noexcept { scope_ = scope; }
  io::Task<Result<Response>> handle(Request& request);
  /// Says goodbye to the backends and waits a moment until it has been heard.
  io::Task<void> leave();

  io::Io& io() const noexcept { return io_; }
  /// For health checks.
  std::shared_ptr<OriginPool> pool_of(const Upstream& upstream, const std::shared_ptr<Backend>& backend);
  std::shared_ptr<const Snapshot> snapshot();

 private:
  friend class RelayBody;
  struct Exchange;
  struct Attempt;

  io::Task<Result<Response>> answer(Request& request, std::shared_ptr<const Snapshot> snapshot, const Snapshot::Route& route);
  io::Task<Result<Response>> answer_cached(Exchange& exchange);
  io::Task<Result<Response>> revalidate(Exchange& exchange, std::shared_ptr<const CacheEntry> entry);
  io::Task<void> revalidate_behind(std::shared_ptr<Exchange> exchange, std::shared_ptr<const CacheEntry> entry);
  io::Task<Result<Response>> forward(Exchange& exchange);
  io::Task<Attempt> send_once(Exchange& exchange, std::shared_ptr<Backend> backend, bool fresh);
  enum class Verdict : std::uint8_t { well, failed, clients_fault };
  Verdict learn(Exchange& exchange, Backend& backend, const Attempt& attempt);
  bool withdraw_repeat(const Exchange& exchange, const Attempt& attempt, unsigned repeat);
  Response conclude(Exchange& exchange, Attempt attempt, const std::shared_ptr<Backend>& backend);
  void keep_whole(Exchange& exchange, const Chunk& body);
  io::Task<Result<Response>> tunnel(Exchange& exchange);
  std::shared_ptr<Backend> choose(Exchange& exchange, const std::vector<const Backend*>& tried);
  io::Task<Result<void>> await_if_short(const Exchange& exchange, const ClientSession& session, Response& response);
  bool may_repeat(const Exchange& exchange, bool sent) const noexcept;
  Headers upstream_headers(const Exchange& exchange, const Backend& backend) const;
  Response finish_response(const Exchange& exchange, Response response, const std::shared_ptr<Backend>& backend, Instant begin) const;
  Response serve(const Exchange& exchange, const CacheEntry& entry, std::string_view detail) const;
  void begin_fill(Exchange& exchange, const std::string& key);
  std::uint64_t random() noexcept;

  io::Io& io_;
  Shared& shared_;
  io::Scope* scope_ = nullptr;
  std::shared_ptr<const Snapshot> snapshot_;
  std::uint64_t generation_ = 0;
  struct Pool {
    std::shared_ptr<Backend> backend;
    std::shared_ptr<OriginPool> pool;
  };
  std::unordered_map<const Backend*, Pool> pools_;
  std::shared_ptr<AltSvcCache> alt_svc_ = std::make_shared<AltSvcCache>();
  std::unordered_map<std::string, std::shared_ptr<io::Event>> fills_;  // questions that are being asked
  std::uint64_t random_state_ = 0;
};

/// One round of active checks of all backends that are due; ends when cancelled.
io::Task<void> check_health(Engine& engine);

}  // namespace tablinum::net::proxy
