#pragma once
/// Which backend takes the next request. Sans I/O: loads and randomness come in, an index comes out.
/// Sources: Nginx's smooth weighted round robin; Karger et al. 1997 and Mirrokni, Thorup, Zadimoghaddam 2018 (bounded loads);
/// Thaler and Ravishankar 1998 (rendezvous); Mitzenmacher 2001 (two choices).
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/time.h"
#include "tablinum/net/proxy.h"

namespace tablinum::net::proxy {

inline constexpr unsigned kRingPointsPerWeight = 160;
inline constexpr double kLoadBound = 1.25;
inline constexpr Duration kLatencyHalfLife = Duration::seconds(10);

/// The same on every machine and in every version: clients must find their backend again after a restart.
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) noexcept;

/// Mean response time whose past counts half after kLatencyHalfLife.
class LatencyMean {
 public:
  void add(Instant now, Duration sample) noexcept;
  /// Nothing before the first sample.
  std::optional<double> milliseconds() const noexcept { return mean_ < 0 ? std::nullopt : std::optional{mean_}; }

 private:
  double mean_ = -1;
  Instant last_;
};

/// What a choice depends on, one a backend, in the order of the backends.
struct Load {
  bool available = true;
  unsigned active = 0;                 ///< requests under way
  std::optional<double> latency_ms{};  ///< nothing: cold, counts as the median of the others
};

class Balancer {
 public:
  struct Member {
    std::string name;  ///< its URL: what hashing goes by
    unsigned weight = 1;
  };
  Balancer(Algorithm algorithm, std::vector<Member> members);

  /// @param key   hash of what ip_hash and consistent_hash go by
  /// @param random  fresh random bits
  /// @return nothing: none is available.
  std::optional<std::size_t> pick(std::span<const Load> loads, std::uint64_t key, std::uint64_t random);

 private:
  struct Point {
    std::uint64_t hash;
    std::uint32_t member;
  };
  std::size_t round_robin(std::span<const Load> loads);
  std::size_t weighted(std::span<const Load> loads);
  std::size_t least_connections(std::span<const Load> loads);
  std::size_t least_response_time(std::span<const Load> loads) const;
  std::size_t by_rendezvous(std::span<const Load> loads, std::uint64_t key) const;
  std::size_t by_ring(std::span<const Load> loads, std::uint64_t key) const;
  std::size_t two_choices(std::span<const Load> loads, std::uint64_t random) const;

  Algorithm algorithm_;
  std::vector<Member> members_;
  std::vector<std::int64_t> current_;  // of smooth weighted round robin
  std::vector<Point> ring_;
  std::size_t next_ = 0;
};

}  // namespace tablinum::net::proxy
