#include "proxy/health.h"

#include <algorithm>

namespace tablinum::net::proxy {

Checked judge(Status status, std::string_view body, std::string_view expected_body) noexcept {
  if (status == Status::service_unavailable) return Checked::maintenance;
  if (status == Status::too_many_requests) return Checked::draining;
  return status == Status::ok && body.contains(expected_body) ? Checked::healthy : Checked::failed;
}

void Health::checked(Checked outcome) noexcept {
  switch (outcome) {
    case Checked::healthy: return succeeded();
    case Checked::failed: return failed();
    case Checked::maintenance: state_ = BackendState::maintenance; break;
    case Checked::draining: state_ = BackendState::draining; break;
  }
  failures_ = successes_ = 0;
}

void Health::served(bool well) noexcept {
  if (!well) return failed();
  failures_ = 0;
}

void Health::failed() noexcept {
  successes_ = 0;
  if (++failures_ >= fails_) state_ = BackendState::unhealthy;
}

void Health::succeeded() noexcept {
  failures_ = 0;
  ++successes_;
  if (state_ == BackendState::unknown || successes_ >= recovers_) state_ = BackendState::healthy;
}

Breaker::State Breaker::state(Instant now) const noexcept {
  if (!tripped_) return State::closed;
  return now < open_until_ ? State::open : State::half_open;
}

bool Breaker::allows(Instant now) const noexcept {
  const State is = state(now);
  return is == State::closed || (is == State::half_open && trials_ < options_.trials);
}

void Breaker::begin(Instant) noexcept { ++trials_; }

void Breaker::succeeded() noexcept {
  --trials_;
  failures_ = 0;
  if (tripped_ && ++successes_ >= options_.trials) tripped_ = false;
}

void Breaker::failed(Instant now) noexcept {
  --trials_;
  successes_ = 0;
  // A failure of something sent before it opened is no news; one of a trial opens it anew.
  if (tripped_ ? now < open_until_ : ++failures_ < options_.failures) return;
  tripped_ = true;
  failures_ = 0;
  open_until_ = now + options_.open_time;
}

void Breaker::abandoned() noexcept { --trials_; }

void RetryBudget::refill(Instant now) noexcept {
  if (balance_ < kReserve) balance_ = std::min(kReserve, balance_ + kPerSecond * std::max(0.0, (now - refilled_).seconds()));
  refilled_ = now;
}

void RetryBudget::request(Instant now) noexcept {
  refill(now);
  balance_ = std::min(kMost, balance_ + share_);
}

bool RetryBudget::withdraw(Instant now) noexcept {
  refill(now);
  if (balance_ < 1) return false;
  balance_ -= 1;
  return true;
}

Duration backoff(unsigned repeat, Duration base, std::uint64_t random) noexcept {
  if (repeat <= 1) return {};
  const std::int64_t whole = base.ns << std::min(repeat - 2, 10U);
  return Duration::nanoseconds(whole / 2 + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(whole / 2 + 1)));
}

}  // namespace tablinum::net::proxy
