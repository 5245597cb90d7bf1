#include "tablinum/net/proxy.h"

#include <algorithm>

#include "proxy/admin.h"
#include "proxy/engine.h"
#include "proxy/proxy_state.h"
#include "tablinum/base/log.h"

namespace tablinum::net {

using proxy::Engine;
using proxy::Snapshot;

namespace {

/// The engine of the core that asks. Engines come and go with serve(); a core's own is there while its handlers run.
Engine& engine_of(ProxyState& state, io::Io& io) {
  const std::lock_guard lock{state.engines_mutex};
  return **std::ranges::find_if(state.engines, [&](const auto& engine) { return &engine->io() == &io; });
}

TlsConfig tls_config(const ProxyOptions& options) {
  TlsConfig config;
  for (const ProxyCertificate& files : options.certificates) {
    TlsHost host;
    host.certificate = PemSource::of_file(files.certificate);
    host.key = PemSource::of_file(files.key);
    config.hosts.push_back(std::move(host));
  }
  return config;
}

ServerOptions server_options(const ProxyOptions& options, unsigned cores, std::shared_ptr<TlsContext> tls) {
  ServerOptions made;
  made.listen = tls ? options.listen_tls : options.listen;
  if (tls) made.listen_plain = options.listen;
  made.http3 = tls && options.http3;
  made.tls = std::move(tls);
  made.cores = cores;
  made.limits = options.limits;
  made.grace = options.grace;
  return made;
}

io::Task<Result<void>> serve_engine(ProxyState& state, Engine& engine, bool leads) {
  io::Io& io = engine.io();
  auto body = [&](io::Scope& scope) -> io::Task<Result<void>> {
    engine.set_scope(&scope);
    if (leads) {
      scope.spawn(proxy::check_health(engine)).keep();
      if (state.admin) scope.spawn(state.admin->serve(io)).keep();
    }
    auto served = co_await state.server->serve(io);
    if (leads && state.admin) state.admin->stop();
    co_await engine.leave();
    engine.set_scope(nullptr);
    scope.cancel(io::Reason::shutdown);
    co_return served;
  };
  co_return co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::bind(ProxyOptions options, unsigned cores, std::string admin_token) {
  std::shared_ptr<TlsContext> tls;
  if (!options.listen_tls.empty()) {
    TRY(made, TlsContext::make(tls_config(options)));
    tls = std::move(made);
  }
  const ServerOptions server = server_options(options, cores, tls);
  const std::string admin_listen = options.admin_listen;
  if (!admin_listen.empty() && admin_token.size() < proxy::kAdminTokenBytesMin)
    return fail(Code::invalid, "the admin token must have at least " + std::to_string(proxy::kAdminTokenBytesMin) + " characters");
  TRY(snapshot, Snapshot::make(std::move(options), nullptr));
  auto state = std::make_unique<ProxyState>(std::move(snapshot));
  state->admin_token = std::move(admin_token);
  state->tls = std::move(tls);
  ProxyState* const raw = state.get();
  TRY(bound, Server::bind(server, [raw](io::Io& io, Request& request) { return engine_of(*raw, io).handle(request); }));
  state->server = std::move(bound);
  if (!admin_listen.empty()) {
    ServerOptions admin;
    admin.listen = {admin_listen};
    admin.grace = Duration::seconds(1);
    TRY(handler, proxy::admin_handler(*state));
    TRY(bound_admin, Server::bind(admin, std::move(handler)));
    state->admin = std::move(bound_admin);
  }
  return std::unique_ptr<Proxy>{new Proxy{std::move(state)}};
}

Proxy::Proxy(std::unique_ptr<ProxyState> state) noexcept : state_{std::move(state)} {}
Proxy::~Proxy() = default;

io::Task<Result<void>> Proxy::serve(io::Io& io) {
  ProxyState& state = *state_;
  Engine* engine = nullptr;
  bool leads = false;
  {
    const std::lock_guard lock{state.engines_mutex};
    leads = !std::exchange(state.has_leader, true);
    engine = state.engines.emplace_back(std::make_unique<Engine>(io, state.shared)).get();
  }
  auto served = co_await serve_engine(state, *engine, leads);
  const std::lock_guard lock{state.engines_mutex};
  std::erase_if(state.engines, [&](const auto& each) { return each.get() == engine; });
  co_return served;
}

void Proxy::stop() noexcept { state_->server->stop(); }

Result<void> ProxyState::change(ProxyOptions options) {
  const std::lock_guard lock{reload_mutex};
  const auto before = shared.current();
  const auto certificates = tls ? tls->reload(tls_config(options)) : Result<void>{};
  auto next = certificates ? Snapshot::make(std::move(options), before.get())
                           : Result<std::shared_ptr<const Snapshot>>{std::unexpected(certificates.error())};
  if (!next) {
    ++shared.totals.reload_failures;
    return std::unexpected(std::move(next).error());
  }
  shared.swap(std::move(*next));
  ++shared.totals.reloads;
  return {};
}

Result<void> Proxy::reload(ProxyOptions options) { return state_->change(std::move(options)); }
std::uint16_t Proxy::port() const noexcept { return state_->server->port(); }
std::uint16_t Proxy::admin_port() const noexcept { return state_->admin ? state_->admin->port() : 0; }
std::string Proxy::url() const { return state_->server->url(); }
std::string Proxy::stats_json() const { return proxy::stats_json(*state_); }
std::string Proxy::metrics() const { return proxy::metrics_text(*state_); }

}  // namespace tablinum::net
