#pragma once
/// The reverse proxy: virtual hosts and routes in front of upstreams, with balancing, health, breaker, retries and a cache
/// (net.md §9). Bodies stream both ways; what goes out is framed anew, so no request of a client can smuggle another.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tablinum/net/client.h"
#include "tablinum/net/server.h"

namespace tablinum::net {

enum class Algorithm : std::uint8_t {
  round_robin,
  weighted_round_robin,
  least_connections,
  least_response_time,
  ip_hash,
  consistent_hash,
  random
};
std::string_view to_string(Algorithm algorithm) noexcept;

enum class BackendState : std::uint8_t { unknown, healthy, unhealthy, maintenance, draining };
std::string_view to_string(BackendState state) noexcept;

inline constexpr std::size_t kProxyConfigBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kBackendsMax = 256;       ///< of an upstream
inline constexpr unsigned kBackendWeightMax = 100;
inline constexpr std::size_t kReplayBytesMax = std::size_t{64} << 10;  ///< of a request's body, kept for a repeat

struct BackendOptions {
  std::string url;  ///< "http://127.0.0.1:8001", without a path
  unsigned weight = 1;
  unsigned connections_max = 256;  ///< a core
  friend bool operator==(const BackendOptions&, const BackendOptions&) = default;
};
struct HealthOptions {
  bool active = true;
  std::string path = "/health";
  Duration interval = Duration::seconds(30);
  Duration timeout = Duration::seconds(5);
  unsigned failures = 3;
  unsigned successes = 2;
  std::string expected_body;  ///< must occur in the answer (its first 64 KiB)
  friend bool operator==(const HealthOptions&, const HealthOptions&) = default;
};
struct BreakerOptions {
  unsigned failures = 5;
  Duration open_time = Duration::seconds(60);
  unsigned trials = 3;
  friend bool operator==(const BreakerOptions&, const BreakerOptions&) = default;
};
struct RetryOptions {
  unsigned repeats_max = 3;
  Duration base = Duration::milliseconds(100);
  double budget = 0.2;  ///< of all requests
  friend bool operator==(const RetryOptions&, const RetryOptions&) = default;
};
struct UpstreamTimes {
  Duration connect = Duration::seconds(5);
  Duration first_byte = Duration::seconds(30);
  Duration idle = Duration::seconds(60);
  friend bool operator==(const UpstreamTimes&, const UpstreamTimes&) = default;
};
struct UpstreamTls {
  std::string ca;           ///< PEM file; empty: the system's roots
  std::string server_name;  ///< empty: the backend's host
  friend bool operator==(const UpstreamTls&, const UpstreamTls&) = default;
};
struct UpstreamOptions {
  std::string name;
  std::vector<BackendOptions> backends;
  Algorithm algorithm = Algorithm::round_robin;
  std::string hash_key = "ip";  ///< of consistent_hash: "ip", "path", "header:NAME", "cookie:NAME"
  HealthOptions health;
  BreakerOptions breaker;
  RetryOptions retry;
  UpstreamTimes times;
  UpstreamTls tls;
  Speak speak = Speak::automatic;  ///< http3: https backends only
  unsigned queue_max = 256;  ///< requests that wait for a connection of a backend; then 503
  friend bool operator==(const UpstreamOptions&, const UpstreamOptions&) = default;
};

/// What is done to the fields of a message, in this order.
struct FieldEdits {
  std::vector<std::string> remove;
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::pair<std::string, std::string>> add;
  bool empty() const noexcept { return remove.empty() && set.empty() && add.empty(); }
};
struct ProxyRoute {
  std::string path = "/";    ///< prefix of whole segments: "/api" is for "/api" and "/api/x", not for "/apis"
  std::string upstream;
  bool strip_path = false;   ///< the backend sees the path without the prefix
  bool pass_host = true;     ///< the client's Host; false: the backend's
  bool cache = false;
  bool websocket = true;     ///< Upgrade is passed on
  std::uint64_t body_bytes_max = std::uint64_t{10} << 20;
  FieldEdits request;
  FieldEdits response;
};
struct ProxyHost {
  std::vector<std::string> names;  ///< "example.org", "*.example.org"; none: every other name
  std::vector<ProxyRoute> routes;
};
struct CacheOptions {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
  std::uint64_t entry_bytes_max = std::uint64_t{16} << 20;
};
/// Of one client: an IPv4 address, or the /64 of an IPv6 one.
struct ClientLimits {
  double requests_per_second = 0;  ///< 0: no limit
  unsigned burst = 100;
  unsigned concurrent_max = 0;     ///< requests at a time; 0: no limit
};
struct ProxyCertificate {
  std::string certificate, key;  ///< PEM files
};
struct ProxyOptions {
  std::vector<std::string> listen{"127.0.0.1:8000"};
  std::vector<std::string> listen_tls;
  std::vector<ProxyCertificate> certificates;
  bool http3 = false;  ///< also over QUIC, on the UDP ports of `listen_tls`; answers over TCP say so (Alt-Svc)
  std::vector<ProxyHost> hosts;
  std::vector<UpstreamOptions> upstreams;
  CacheOptions cache;
  ClientLimits client_limits;
  Limits limits;
  std::vector<std::string> trusted;  ///< addresses of proxies before this one, whose X-Forwarded-* and Forwarded are kept
  std::string via = "tablinum";      ///< its name in Via, Forwarded and Cache-Status
  bool report_fields = false;        ///< X-Proxy, X-Backend, X-Response-Time and Server-Timing in answers
  std::string admin_listen;          ///< "127.0.0.1:9465"; empty: no admin listener
  std::string admin_token_file;
  Duration grace = Duration::seconds(10);
};

/// Reads a configuration in YAML (docs/operator/proxy.md).  `name` is what errors call the file.
/// @error invalid: "proxy.yaml:12: …": not YAML, a key that does not exist, a value that cannot be, an upstream that is not there.
///        too_large: over kProxyConfigBytesMax.
Result<ProxyOptions> parse_proxy_options(std::string_view yaml, std::string_view name);

struct ProxyState;

class Proxy {
 public:
  /// Binds.  @error as Server::bind(), parse_proxy_options() for what only a running proxy can see; `cores` as ServerOptions.
  static Result<std::unique_ptr<Proxy>> bind(ProxyOptions options, unsigned cores, std::string admin_token = {});
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  /// As Server::serve(), once a core.
  io::Task<Result<void>> serve(io::Io& io);
  void stop() noexcept;
  /// Hosts, routes, upstreams, certificates, cache and client limits change for the requests that begin from now on; those under
  /// way end as they began. Listeners and Limits stay what they were.
  /// @note Thread-safe.  @error invalid: what is wrong with `options`; nothing has changed then.
  Result<void> reload(ProxyOptions options);

  std::uint16_t port() const noexcept;
  std::uint16_t admin_port() const noexcept;
  std::string url() const;
  /// What /_wraith/stats answers, and /metrics' text.
  std::string stats_json() const;
  std::string metrics() const;

 private:
  explicit Proxy(std::unique_ptr<ProxyState> state) noexcept;
  std::unique_ptr<ProxyState> state_;
};

}  // namespace tablinum::net
