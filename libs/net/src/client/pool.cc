#include "client/pool.h"

#include <algorithm>

#include "client/h1_session.h"
#include "client/secure.h"

namespace tablinum::net {

std::shared_ptr<ClientSession> OriginPool::take_idle(Instant now) noexcept {
  // The oldest stand first: what is past its time goes before anything is taken.
  const auto fresh = std::ranges::find_if(idle_, [&](const Kept& kept) { return kept.until > now && kept.session->usable(); });
  for (auto kept = idle_.begin(); kept != fresh; ++kept) {
    kept->session->close();
    --open_;
  }
  idle_.erase(idle_.begin(), fresh);
  if (idle_.empty()) return nullptr;
  auto session = std::move(idle_.back().session);
  idle_.pop_back();
  return session;
}

io::Task<Result<OriginPool::Lease>> OriginPool::acquire(io::Io& io, Instant limit, bool fresh) {
  io_ = &io;
  if (!fresh && waiters_.empty()) {
    if (auto session = take_idle(io.now())) co_return Lease{std::move(session), true};
  }
  if (open_ >= options_.connections_max && !idle_.empty()) {
    idle_.front().session->close();  // a fresh one is wanted, and there is no other place for it
    idle_.erase(idle_.begin());
    --open_;
  }
  if (open_ < options_.connections_max && waiters_.empty()) co_return co_await open_one(io, limit);
  co_return co_await wait(io, limit);
}

io::Task<Result<OriginPool::Lease>> OriginPool::wait(io::Io& io, Instant limit) {
  if (waiters_.size() >= options_.waiters_max) co_return fail(Code::limit, "too many wait for " + origin_.authority());
  const auto alive = shared_from_this();
  Waiter waiter{io};
  waiters_.push_back(&waiter);
  auto granted = co_await waiter.granted.wait().until(limit);
  if (!granted) {
    if (!waiter.done) waiters_.remove(&waiter);
    else if (waiter.session) freed(*waiter.session);
    else closed_one();
    co_return std::unexpected(std::move(granted).error());
  }
  if (waiter.session) co_return Lease{std::move(waiter.session), true};
  --open_;  // the place that was left for us
  co_return co_await open_one(io, limit);
}

io::Task<Result<OriginPool::Lease>> OriginPool::open_one(io::Io& io, Instant limit) {
  const auto alive = shared_from_this();
  ++open_;
  ++dialled_;
  auto session = co_await connect(io, std::min(limit, io.now() + options_.client.connect_time));
  if (session) co_return Lease{std::move(*session), false};
  closed_one();
  co_return std::unexpected(std::move(session).error());
}

io::Task<Result<std::shared_ptr<ClientSession>>> OriginPool::connect(io::Io& io, Instant limit) {
  CO_TRY(socket, co_await dial(io, origin_, options_.client, limit));
  std::unique_ptr<ByteStream> stream = make_stream(std::move(socket));
  if (origin_.secure) {
    const std::string name = options_.server_name.empty() ? origin_.host : options_.server_name;
    CO_TRY(secured, co_await secure(io, options_.tls, std::move(stream), origin_, name, limit));
    stream = std::move(secured);
  }
  auto on_free = [pool = shared_from_this()](H1Session& session) { pool->freed(session); };
  co_return std::make_shared<H1Session>(std::move(stream), options_.client, std::move(on_free));
}

void OriginPool::freed(ClientSession& session) noexcept {
  auto& h1 = static_cast<H1Session&>(session);
  if (!session.usable()) return closed_one();
  auto owned = h1.shared_from_this();
  if (closing_) {
    session.close();
    return closed_one();
  }
  if (grant(owned)) return;
  idle_.push_back({std::move(owned), io_->now() + options_.client.keep_time});
}

void OriginPool::closed_one() noexcept {
  // The place goes to the first who waits, so that nobody who comes later overtakes.
  if (!grant(nullptr)) --open_;
}

bool OriginPool::grant(std::shared_ptr<ClientSession> session) noexcept {
  if (waiters_.empty()) return false;
  Waiter& waiter = *waiters_.front();
  waiters_.pop_front();
  waiter.session = std::move(session);
  waiter.done = true;
  waiter.granted.set();
  return true;
}

void OriginPool::close_idle() noexcept {
  for (const Kept& kept : std::exchange(idle_, {})) {
    kept.session->close();
    --open_;
  }
}

void OriginPool::close() noexcept {
  closing_ = true;
  close_idle();
}

}  // namespace tablinum::net
