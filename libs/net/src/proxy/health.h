#pragma once
/// What is known of a backend's health, when it is left alone, and how often requests may be repeated. Sans I/O: outcomes and
/// times go in, decisions come out.
#include <cstdint>
#include <string_view>

#include "tablinum/base/time.h"
#include "tablinum/net/proxy.h"

namespace tablinum::net::proxy {

/// What one active check said.
enum class Checked : std::uint8_t { healthy, maintenance, draining, failed };

/// 200 (with `expected_body` in it, where one is asked for) is healthy, 503 maintenance, 429 draining.
Checked judge(Status status, std::string_view body, std::string_view expected_body) noexcept;

/// unknown counts as healthy until the first check has spoken. Three failures in a row make unhealthy, two successes in a row
/// healthy again; what a backend says of itself (maintenance, draining) holds at once.
class Health {
 public:
  Health(unsigned failures_max, unsigned successes_needed) noexcept : fails_{failures_max}, recovers_{successes_needed} {}

  void checked(Checked outcome) noexcept;
  /// A request's outcome: it could not connect, or 502–504 (false); anything else (true).
  void served(bool well) noexcept;

  BackendState state() const noexcept { return state_; }
  bool may_serve() const noexcept { return state_ == BackendState::unknown || state_ == BackendState::healthy; }

 private:
  void failed() noexcept;
  void succeeded() noexcept;
  unsigned fails_, recovers_;
  unsigned failures_ = 0, successes_ = 0;
  BackendState state_ = BackendState::unknown;
};

/// Closed; open after so many failures in a row: nothing is sent for a while; half-open: a few trials, all of which must succeed.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  explicit Breaker(const BreakerOptions& options) noexcept : options_{options} {}

  /// Whether a request may be sent now; what is true changes nothing until begin().
  bool allows(Instant now) const noexcept;
  /// A request is sent. Every begin() is followed by exactly one of the three below.
  void begin(Instant now) noexcept;
  void succeeded() noexcept;
  void failed(Instant now) noexcept;
  /// Ended without saying anything about the backend.
  void abandoned() noexcept;

  State state(Instant now) const noexcept;

 private:
  BreakerOptions options_;
  bool tripped_ = false;
  Instant open_until_{};
  unsigned failures_ = 0;
  unsigned trials_ = 0;     // under way
  unsigned successes_ = 0;  // of trials
};

/// A repeat costs one, a request earns a part of one; some are free each second, so that a quiet proxy may repeat too.
class RetryBudget {
 public:
  static constexpr double kPerSecond = 10, kReserve = 100, kMost = 1000;
  explicit RetryBudget(double share) noexcept : share_{share} {}
  void request(Instant now) noexcept;
  /// True: repeat. It is paid for.
  bool withdraw(Instant now) noexcept;
  double balance() const noexcept { return balance_; }

 private:
  void refill(Instant now) noexcept;
  double share_;
  double balance_ = kReserve;
  Instant refilled_{};
};

/// Before repeat number `repeat` (from 1 on): nothing before the first, which goes to another backend; then `base` × 2^(repeat − 2),
/// of which a random part between a half and the whole is waited.
Duration backoff(unsigned repeat, Duration base, std::uint64_t random) noexcept;

}  // namespace tablinum::net::proxy
