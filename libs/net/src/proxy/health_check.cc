#include <map>

#include "proxy/engine.h"
#include "tablinum/base/log.h"
#include "tablinum/io/cancel.h"

namespace tablinum::net::proxy {
namespace {

constexpr Duration kTick = Duration::milliseconds(200);
constexpr std::size_t kCheckBytesMax = std::size_t{64} << 10;

io::Task<Result<Checked>> ask(Engine& engine, const Upstream& upstream, std::shared_ptr<Backend> backend) {
  const HealthOptions& health = upstream.options.health;
  io::Io& io = engine.io();
  CO_TRY(lease, co_await engine.pool_of(upstream, backend)->acquire(io, io.now() + health.timeout));
  ClientRequest request;
  request.target = health.path;
  request.headers.set(Field::host, backend->origin.authority());
  request.headers.set(Field::user_agent, "tablinum-health");
  CO_TRY(response, co_await lease.session->exchange(io, std::move(request)));
  CO_TRY(body, co_await response.body.read_all(io, kCheckBytesMax));
  co_return judge(response.status, body, health.expected_body);
}

io::Task<void> check_one(Engine& engine, std::shared_ptr<const Snapshot> snapshot, Upstream& upstream, std::shared_ptr<Backend> backend) {
  auto outcome = co_await io::timeout(engine.io(), upstream.options.health.timeout, ask(engine, upstream, backend));
  if (!outcome && outcome.error().code == Code::cancelled) co_return;
  // A kept connection that had ended is no sign of ill health; the next round has a new one.
  if (!outcome && outcome.error().code == Code::refused)
    outcome = co_await io::timeout(engine.io(), upstream.options.health.timeout, ask(engine, upstream, backend));
  BackendState before, after;
  {
    const std::lock_guard lock{upstream.mutex};
    before = backend->health.state();
    backend->health.checked(outcome.value_or(Checked::failed));
    after = backend->health.state();
  }
  if (before != after)
    log::info("proxy", "a backend's state changed",
              {{"backend", backend->options.url}, {"from", to_string(before)}, {"to", to_string(after)}});
}

}  // namespace

io::Task<void> check_health(Engine& engine) {
  io::Io& io = engine.io();
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    std::map<std::string, Instant> due;
    while (true) {
      auto snapshot = engine.snapshot();
      for (const auto& upstream : snapshot->upstreams) {
        if (!upstream->options.health.active) continue;
        Instant& next = due[upstream->options.name];
        if (io.now() < next) continue;
        next = io.now() + upstream->options.health.interval;
        for (const auto& backend : upstream->backends) scope.spawn(check_one(engine, snapshot, *upstream, backend)).keep();
      }
      auto slept = co_await io::sleep(io, kTick);
      if (!slept) co_return;
    }
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

}  // namespace tablinum::net::proxy
