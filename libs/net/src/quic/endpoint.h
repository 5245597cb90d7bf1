#pragma once
/// All QUIC connections of one UDP socket: routes datagrams, answers what belongs to no connection, bounds what strangers can cost.
/// Sans-I/O: datagrams and times go in, a Batch and a deadline come out. Source: RFC 9000 §5, §8, §10; net.md §4.
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "quic/connection.h"
#include "quic/crossing.h"
#include "quic/token.h"
#include "tablinum/base/secret.h"

namespace tablinum::net::quic {

enum class RetryPolicy : std::uint8_t { when_busy, always };

struct EndpointConfig {
  Settings settings;
  bool server = false;
  std::uint8_t generation = 0;  ///< 2 bits: which process of a binary upgrade
  std::uint8_t core = 0;        ///< 6 bits
  SecretBytes static_key;       ///< for tokens and stateless resets; shared by all cores and processes. Empty: random
  RetryPolicy retry = RetryPolicy::when_busy;
  std::uint32_t connections_max = 10'000;
  std::uint32_t half_open_max = 1024;       ///< beyond it strangers get a Retry
  std::uint32_t handshakes_per_second = 1000;  ///< likewise
  std::uint32_t resets_per_second = 100;
  std::uint32_t negotiations_per_second = 1000;
  std::uint32_t retries_per_second = 10'000;
  bool early_data = false;
  /// What all connections together may hold, of all cores; null: no limit.
  std::shared_ptr<MemoryBudget> memory;
  /// Between the cores of a server's address; null: there is one core.
  std::shared_ptr<Crossing> crossing;
  /// TLS for a new connection of a server; null: it is refused.
  std::function<SslPtr()> make_ssl;
  /// What runs over a new connection of a server.
  std::function<std::shared_ptr<Application>(Connection&)> make_application;
  /// Whether this address may have another connection; told again when it ends. Null: always.
  std::function<bool(const Address&)> admit;
  std::function<void(const Address&)> release;
};

struct EndpointStats {
  std::uint64_t connections_open = 0, connections_total = 0, half_open = 0;
  std::uint64_t datagrams = 0, unknown = 0, refused = 0, refused_for_memory = 0;
  std::uint64_t withheld = 0;  ///< times that a connection's credit was kept back
  std::uint64_t retries = 0, resets = 0, negotiations = 0, early_accepted = 0, early_refused = 0;
};

/// So many a second, saved up for one second.
class TokenBucket {
 public:
  explicit TokenBucket(std::uint32_t per_second) noexcept : rate_{static_cast<double>(per_second)}, left_{rate_} {}
  bool take(Instant now) noexcept;

 private:
  double rate_;
  double left_;
  Instant last_{};
};

/// ClientHellos with 0-RTT of the last 10 to 20 seconds. Full, or younger than its window: nothing counts as new (RFC 8446 §8.2).
inline constexpr std::size_t kStrikesMax = 65'536;
inline constexpr Duration kStrikeTime = Duration::seconds(10);
class StrikeSet {
 public:
  explicit StrikeSet(Instant start) noexcept : turned_{start} {}
  bool first_seen(std::uint64_t id, Instant now);

 private:
  std::set<std::uint64_t> current_, previous_;
  Instant turned_;
};

inline constexpr std::size_t kRecentRetries = 64;
/// The packets of one flight are one try; what comes later is another, of a client that has not heard the Retry.
inline constexpr Duration kFlightTime = Duration::milliseconds(200);

class Endpoint final : private ConnectionOwner {
 public:
  Endpoint(EndpointConfig config, Instant now, Timestamp wall);
  ~Endpoint() override;
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// One datagram, or several joined by GRO.  @param local_port of the socket: packet info has none.
  void receive(const io::Datagram& datagram, const io::Endpoint& socket, Instant now);
  /// One that came to another core.
  void receive(const Stray& stray, Instant now);
  /// Where those wait; null: there is one core.
  io::Channel<Stray>* inbox() const noexcept { return config_.crossing ? config_.crossing->inbox(config_.core) : nullptr; }
  /// After a round of receive(): applications may spawn tasks.
  void after_read();
  /// Fills `batch`.  @return true: there is more, come again after sending it.
  bool write(Batch& batch, Instant now);
  /// Connections' timers.
  void expire(Instant now);
  Instant deadline() const noexcept {
    const Instant timer = timers_.empty() ? Instant::never() : timers_.begin()->first;
    return withholding_.empty() ? timer : std::min(timer, give_again_at_);
  }
  bool has_work() const noexcept { return !touched_.empty() || !stateless_.empty(); }

  /// A client's connection. The application is made with it.
  Result<Connection*> connect(const Connection::Connecting& how, const io::Endpoint& local, const io::Endpoint& peer, SslPtr ssl,
                              const std::function<std::shared_ptr<Application>(Connection&)>& make_application, Instant now);
  std::size_t size() const noexcept { return connections_.size(); }
  const EndpointStats& stats() const noexcept { return stats_; }
  /// New connections are refused from now on.
  void stop_accepting() noexcept { accepting_ = false; }
  template <class Visit>
  void for_each(Visit visit) {
    for (auto& [pointer, owned] : connections_) visit(*owned);
  }
  /// Called when something was touched outside of receive(), so that the driver writes.
  std::function<void()> on_work;
  /// A client's: a token for its next connection.
  std::function<void(ByteView)> on_token;
  /// Likewise: a session to resume, which it takes over.
  std::function<void(SSL_SESSION*, ByteView)> on_session;

 private:
  struct Stateless {
    Bytes bytes;
    io::Endpoint peer, local;
  };
  struct RecentRetry {
    Address peer;
    CidKey dcid;
    Instant at;
  };

  ngtcp2_cid new_cid() override;
  MemoryMeter& memory() noexcept override { return meter_; }
  void reset_token(const ngtcp2_cid& cid, std::uint8_t* token) const override;
  void add_cid(Connection& connection, const ngtcp2_cid& cid) override;
  void remove_cid(const ngtcp2_cid& cid) override;
  void touch(Connection& connection) override;
  void withholds(Connection& connection) override;
  void give_withheld(Instant now);
  Bytes token_for(const Address& peer) override;
  bool first_seen(std::span<const std::uint8_t> early_secret) override;
  void received_token(ByteView token) override;
  void received_session(SSL_SESSION* session, ByteView parameters) override;
  void handshake_ended(Connection& connection) override;
  void moved(const Address& local) override { moved_to_ = local; }

  void receive_packet(std::span<const std::uint8_t> packet, const Address& local, const Address& peer, std::uint8_t ecn, Instant now);
  bool hand_over(std::span<const std::uint8_t> packet, const ngtcp2_version_cid& ids, const Address& local, const Address& peer,
                 std::uint8_t ecn);
  Connection* accept(std::span<const std::uint8_t> packet, const Address& local, const Address& peer, Instant now);
  void answer_unknown(std::span<const std::uint8_t> packet, const CidKey& dcid, const Address& local, const Address& peer, Instant now);
  void negotiate_version(const ngtcp2_version_cid& ids, const Address& local, const Address& peer, Instant now);
  void send_retry(const ngtcp2_pkt_hd& initial, const Address& local, const Address& peer, Instant now);
  void refuse(const ngtcp2_pkt_hd& initial, std::uint64_t error, const Address& local, const Address& peer);
  bool is_busy(Instant now) noexcept;
  bool just_retried(const Address& peer, const CidKey& dcid, Instant now) noexcept;
  void reschedule(Connection& connection);
  void remove(Connection& connection);
  Timestamp wall(Instant now) const noexcept { return {wall_start_.ms + (now - start_).milliseconds()}; }
  void post(std::span<const std::uint8_t> bytes, const Address& local, const Address& peer);

  EndpointConfig config_;
  MemoryMeter meter_;  // outlives all connections
  Instant start_, now_;
  Timestamp wall_start_;
  TokenMaker tokens_;
  StrikeSet strikes_;
  TokenBucket handshakes_, resets_, negotiations_, retries_;
  std::unordered_map<CidKey, Connection*, CidHash> by_cid_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> past_;  // a client's: what its session has still to read of how they ended
  std::map<Connection*, Address> admitted_;
  std::set<std::pair<Instant, Connection*>> timers_;
  std::deque<Connection*> touched_;
  std::vector<Connection*> withholding_;  // whose credit is kept back
  Instant give_again_at_{};
  std::deque<Stateless> stateless_;
  std::deque<RecentRetry> recent_retries_;
  EndpointStats stats_;
  std::optional<Address> moved_to_;  // a client's
  bool accepting_ = true;
  bool receiving_ = false;
};

}  // namespace tablinum::net::quic
