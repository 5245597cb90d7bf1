#include "client/pool.h"

#include <algorithm>

#include "client/alt_svc.h"
#include "client/h1_session.h"
#include "client/secure.h"
#include "h2/client_connection.h"
#include "h3/client.h"
#include "tablinum/io/cancel.h"
#include "tls/client_state.h"

namespace tablinum::net {
namespace {

/// How long QUIC is ahead of TCP where both may be had.
constexpr Duration kQuicLead = Duration::milliseconds(100);

/// What attempts that race share; the first session wins.
template <class Session>
struct QuicRace {
  explicit QuicRace(io::Io& io) : failed{io, io::Event::Reset::automatic} {}
  io::Event failed;
  io::Scope* scope = nullptr;
  Session won;
  std::optional<Error> last;
};

std::vector<std::string> alpn_of(Speak speak, bool may_share) {
  if (speak == Speak::http1 || !may_share) return {"http/1.1"};
  if (speak == Speak::http2) return {"h2"};
  return {"h2", "http/1.1"};
}

}  // namespace

OriginPool::OriginPool(Origin origin, PoolOptions options) : origin_{std::move(origin)}, options_{std::move(options)} {
  const Speak speak = options_.client.speak;
  const bool may_share = options_.client.scope != nullptr && speak != Speak::http1 && (origin_.secure || speak != Speak::automatic);
  if (!may_share) kind_ = Kind::single;
}

// ---- what there is

OriginPool::Session OriginPool::take_idle(Instant now) noexcept {
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

OriginPool::Session OriginPool::take_shared(bool with_room) const noexcept {
  // The last one was opened because the others were full, or because it is the better one.
  for (auto session = shared_.rbegin(); session != shared_.rend(); ++session)
    if ((*session)->usable() && (!with_room || (*session)->room() > 0)) return *session;
  return nullptr;
}

bool OriginPool::may_open() const noexcept {
  if (kind_ == Kind::single) return open_ < options_.connections_max;
  // One at a time: what it turns out to be decides what is done with the rest.
  const std::size_t most = kind_ == Kind::shared ? std::min(kSharedConnectionsMax, options_.connections_max) : options_.connections_max;
  const auto usable = static_cast<std::size_t>(std::ranges::count_if(shared_, [](const Session& each) { return each->usable(); }));
  return opening_ == 0 && usable < most;
}

io::Task<Result<OriginPool::Lease>> OriginPool::acquire(io::Io& io, Instant limit, bool fresh) {
  const auto alive = shared_from_this();
  io_ = &io;
  consider_quic(io);
  if (auto session = take_shared(true)) co_return Lease{std::move(session), true};
  if (!fresh && waiters_.empty()) {
    if (auto session = take_idle(io.now())) co_return Lease{std::move(session), true};
  }
  if (kind_ == Kind::single && open_ >= options_.connections_max && !idle_.empty()) {
    idle_.front().session->close();  // a fresh one is wanted, and there is no other place for it
    idle_.erase(idle_.begin());
    --open_;
  }
  if (may_open() && waiters_.empty()) co_return co_await open_one(io, limit, options_.client.speak);
  if (opening_ == 0) {
    // All are full, and there may be no more of them: the request waits its turn inside.
    if (auto session = take_shared(false)) co_return Lease{std::move(session), true};
  }
  co_return co_await wait(io, limit);
}

io::Task<Result<OriginPool::Lease>> OriginPool::acquire_own(io::Io& io, Instant limit) {
  if (kind_ == Kind::single) co_return co_await acquire(io, limit, true);
  if (options_.client.speak == Speak::http2 || options_.client.speak == Speak::http3) co_return co_await acquire(io, limit);
  const auto alive = shared_from_this();
  io_ = &io;
  if (open_ >= options_.connections_max) co_return fail(Code::limit, "too many connections to " + origin_.authority());
  ++open_;
  ++dialled_;
  auto session = co_await connect_tcp(io, std::min(limit, io.now() + options_.client.connect_time), Speak::http1);
  if (session) co_return Lease{std::move(*session), false};
  closed_one();
  co_return std::unexpected(std::move(session).error());
}

io::Task<Result<OriginPool::Lease>> OriginPool::wait(io::Io& io, Instant limit) {
  if (waiters_.size() >= options_.waiters_max) co_return fail(Code::limit, "too many wait for " + origin_.authority());
  const auto alive = shared_from_this();
  Waiter waiter{io};
  waiters_.push_back(&waiter);
  auto granted = co_await waiter.granted.wait().until(limit);
  if (!granted) {
    if (!waiter.done) waiters_.remove(&waiter);
    else if (waiter.session && !waiter.session->multiplexed()) freed(*waiter.session);
    else if (!waiter.session && !waiter.error) closed_one();
    co_return std::unexpected(std::move(granted).error());
  }
  if (waiter.error) co_return std::unexpected(std::move(*waiter.error));
  if (waiter.session) co_return Lease{std::move(waiter.session), true};
  --open_;  // the place that was left for us
  co_return co_await open_one(io, limit, options_.client.speak);
}

// ---- what is opened

io::Task<Result<OriginPool::Lease>> OriginPool::open_one(io::Io& io, Instant limit, Speak speak) {
  const auto alive = shared_from_this();
  ++open_;
  ++opening_;
  ++dialled_;
  auto session = co_await connect(io, std::min(limit, io.now() + options_.client.connect_time), speak);
  --opening_;
  if (!session) {
    opening_failed(session.error());
    co_return std::unexpected(std::move(session).error());
  }
  opened(*session);
  co_return Lease{std::move(*session), false};
}

void OriginPool::opened(const Session& session) noexcept {
  if (!session->multiplexed()) {
    kind_ = Kind::single;
    while (open_ < options_.connections_max && !waiters_.empty()) {
      ++open_;
      grant(nullptr);
    }
    return;
  }
  kind_ = Kind::shared;
  shared_.push_back(session);
  on_quic_ = dynamic_cast<h3::Http3Session*>(session.get()) != nullptr;
  while (grant(session)) {
  }
}

void OriginPool::opening_failed(const Error& error) noexcept {
  // Whoever gave up says nothing about the server: the next one tries.
  if (kind_ == Kind::single || error.code == Code::cancelled) return closed_one();
  --open_;
  while (!waiters_.empty()) {
    Waiter& waiter = *waiters_.front();
    waiters_.pop_front();
    waiter.session = take_shared(false);
    if (!waiter.session) waiter.error = error;
    waiter.done = true;
    waiter.granted.set();
  }
}

io::Task<Result<OriginPool::Session>> OriginPool::connect(io::Io& io, Instant limit, Speak speak) {
  if (speak == Speak::http3) co_return co_await connect_quic(io, limit, origin_);
  const bool may_race = speak == Speak::automatic && options_.alt_svc && kind_ != Kind::single;
  const auto at = may_race ? options_.alt_svc->find(origin_, io.now()) : std::nullopt;
  if (at) co_return co_await race(io, limit, *at);
  co_return co_await connect_tcp(io, limit, speak);
}

io::Task<Result<OriginPool::Session>> OriginPool::connect_tcp(io::Io& io, Instant limit, Speak speak) {
  CO_TRY(socket, co_await dial(io, origin_, options_.client, limit));
  std::unique_ptr<ByteStream> stream = make_stream(std::move(socket));
  const bool may_share = options_.client.scope != nullptr;
  if (speak == Speak::http2 && !may_share) co_return fail(Code::invalid, "HTTP/2 needs a scope");
  bool shares = speak == Speak::http2;
  if (origin_.secure) {
    const std::string name = options_.server_name.empty() ? origin_.host : options_.server_name;
    CO_TRY(secured, co_await secure(io, options_.tls, std::move(stream), origin_, name, alpn_of(speak, may_share), limit));
    shares = secured->info().alpn == "h2";
    if (speak == Speak::http2 && !shares) co_return fail(Code::protocol, "the server does not agree to HTTP/2");
    stream = std::move(secured);
  }
  if (!shares) {
    auto on_free = [pool = shared_from_this()](H1Session& session) { pool->freed(session); };
    co_return std::make_shared<H1Session>(std::move(stream), options_.client, std::move(on_free));
  }
  auto session = h2::make_client_session(io, std::move(stream), options_.client, origin_.secure);
  drive(io, session);
  co_return session;
}

/// `at`: where, which may be another place than the origin (Alt-Svc); the certificate must be the origin's all the same.
io::Task<Result<OriginPool::Session>> OriginPool::connect_quic(io::Io& io, Instant limit, Origin at) {
  if (!origin_.secure || options_.client.scope == nullptr) co_return fail(Code::invalid, "HTTP/3 needs https and a scope");
  CO_TRY(endpoints, co_await io::with_deadline(io, limit, addresses_of(io, at, options_.client)));
  QuicRace<Session> shared{io};
  auto attempt = [&](io::Endpoint peer) -> io::Task<void> {
    auto session = co_await shake_hands(io, limit, std::move(peer));
    if (session && !shared.won) {
      shared.won = std::move(*session);
      shared.scope->cancel();
    } else if (session) {
      (*session)->close();
    } else {
      if (session.error().code != Code::cancelled) shared.last = std::move(session).error();
      shared.failed.set();
    }
  };
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    shared.scope = &scope;
    // UDP tells nobody that no one is there: the next address is tried beside the first.
    for (const io::Endpoint& peer : in_turns(std::move(endpoints))) {
      scope.spawn(attempt(peer)).keep();
      auto waited = co_await shared.failed.wait().until(io.now() + options_.client.stagger);
      if (!waited && waited.error().code != Code::timeout) break;
    }
    co_return Result<void>{};
  };
  auto raced = co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  if (shared.won) co_return std::move(shared.won);
  if (!raced) co_return std::unexpected(std::move(raced).error());
  co_return std::unexpected(shared.last.value_or(Error{Code::cancelled, "nobody waits for the connection"}));
}

/// One address. The session is driven from now on.
io::Task<Result<OriginPool::Session>> OriginPool::shake_hands(io::Io& io, Instant limit, io::Endpoint peer) {
  h3::ClientSessionOptions to;
  to.peer = std::move(peer);
  to.authority = origin_.authority();
  to.ssl.reset(SSL_new(options_.tls->state().quic.get()));
  to.early_data = false;
  to.header_bytes_max = options_.client.header_bytes_max;
  if (!to.ssl) co_return fail(Code::internal, "no TLS");
  CO_CHECK_OK(tls::expect_server(to.ssl.get(), options_.server_name.empty() ? origin_.host : options_.server_name));
  CO_TRY(opened, h3::open_session(io, std::move(to)));
  const std::shared_ptr<h3::Http3Session> session = std::move(opened);
  drive(io, session);
  auto done = co_await io::with_deadline(io, limit, session->established());
  if (done) co_return session;
  session->close();
  co_return std::unexpected(std::move(done).error());
}

// ---- HTTP/3 where Alt-Svc offers it

/// The first handshake that is done wins; QUIC is a little ahead.
io::Task<Result<OriginPool::Session>> OriginPool::race(io::Io& io, Instant limit, Origin at) {
  QuicRace<Session> shared{io};
  auto quic = [&]() -> io::Task<void> {
    auto session = co_await connect_quic(io, limit, at);
    if (!session) {
      // A loser that was cancelled has not failed.
      if (session.error().code != Code::cancelled) options_.alt_svc->failed(origin_, io.now());
      shared.last = std::move(session).error();
      shared.failed.set();
    } else if (shared.won) {
      (*session)->close();
    } else {
      options_.alt_svc->worked(origin_);
      shared.won = std::move(*session);
      shared.scope->cancel();
    }
  };
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    shared.scope = &scope;
    scope.spawn(quic()).keep();
    auto lead = co_await shared.failed.wait().until(io.now() + kQuicLead);
    if (!lead && lead.error().code != Code::timeout) co_return Result<void>{};
    auto session = co_await connect_tcp(io, limit, Speak::automatic);
    if (session && !shared.won) {
      shared.won = std::move(*session);
      scope.cancel();
    } else if (session) {
      (*session)->close();
    } else {
      shared.last = std::move(session).error();
    }
    co_return Result<void>{};
  };
  auto raced = co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  if (shared.won) co_return std::move(shared.won);
  if (!raced) co_return std::unexpected(std::move(raced).error());
  co_return std::unexpected(shared.last.value_or(Error{Code::cancelled, "nobody waits for the connection"}));
}

/// Connections over TCP are left for one over QUIC that was offered since they were opened; no request waits for that, and none is lost.
void OriginPool::consider_quic(io::Io& io) {
  const bool on_tcp = kind_ == Kind::shared && !on_quic_ && !moving_ && options_.client.speak == Speak::automatic;
  const auto at = on_tcp && options_.alt_svc ? options_.alt_svc->find(origin_, io.now()) : std::nullopt;
  if (!at || take_shared(false) == nullptr) return;
  moving_ = true;
  options_.client.scope->spawn(move_to_quic(io, shared_from_this(), *at)).keep();
}

io::Task<void> OriginPool::move_to_quic(io::Io& io, std::shared_ptr<OriginPool> pool, Origin at) {
  auto session = co_await pool->connect_quic(io, io.now() + pool->options_.client.connect_time, std::move(at));
  pool->moving_ = false;
  if (!session) {
    if (session.error().code != Code::cancelled) pool->options_.alt_svc->failed(pool->origin_, io.now());
    co_return;
  }
  if (pool->closing_) co_return (*session)->close();
  pool->options_.alt_svc->worked(pool->origin_);
  for (const Session& before : std::vector{pool->shared_}) before->retire();
  ++pool->open_;
  ++pool->dialled_;
  pool->opened(*session);
}

// ---- what ends

void OriginPool::drive(io::Io& io, Session session) {
  options_.client.scope->spawn(run_shared(io, shared_from_this(), std::move(session))).keep();
}

io::Task<void> OriginPool::run_shared(io::Io& io, std::shared_ptr<OriginPool> pool, Session session) {
  co_await session->run(io);
  pool->ended(session);
}

void OriginPool::ended(const Session& session) noexcept {
  // One whose handshake failed never stood here.
  if (std::erase(shared_, session) > 0) closed_one();
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

bool OriginPool::grant(Session session) noexcept {
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
  for (const Session& session : std::vector{shared_}) session->retire();
}

void OriginPool::close() noexcept {
  closing_ = true;
  close_idle();
}

}  // namespace tablinum::net
