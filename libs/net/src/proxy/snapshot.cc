#include <algorithm>

#include "client/secure.h"
#include "proxy/engine.h"
#include "proxy/forwarding.h"

namespace tablinum::net::proxy {
namespace {

std::vector<Balancer::Member> members_of(const std::vector<std::shared_ptr<Backend>>& backends) {
  std::vector<Balancer::Member> members;
  for (const auto& backend : backends) members.push_back({backend->options.url, backend->options.weight});
  return members;
}

const Upstream* find_upstream(const Snapshot* snapshot, std::string_view name) noexcept {
  if (snapshot == nullptr) return nullptr;
  for (const auto& upstream : snapshot->upstreams)
    if (upstream->options.name == name) return upstream.get();
  return nullptr;
}

/// The same object where nothing of it changes, so that a reload forgets no health and closes no connection.
std::shared_ptr<Backend> keep_or_make(const BackendOptions& wanted, const UpstreamOptions& options, const Upstream* before, Origin origin) {
  if (before != nullptr && before->options.health == options.health && before->options.breaker == options.breaker &&
      before->options.times == options.times && before->options.tls == options.tls && before->options.speak == options.speak)
    for (const auto& backend : before->backends)
      if (backend->options == wanted) return backend;
  return std::make_shared<Backend>(wanted, std::move(origin), options);
}

std::shared_ptr<Upstream> unchanged(const UpstreamOptions& wanted, const Snapshot* before) noexcept {
  if (before == nullptr) return nullptr;
  for (const auto& upstream : before->upstreams)
    if (upstream->options == wanted) return upstream;
  return nullptr;
}

Result<std::shared_ptr<Upstream>> make_upstream(const UpstreamOptions& options, const Snapshot* snapshot) {
  const Upstream* before = find_upstream(snapshot, options.name);
  std::vector<std::shared_ptr<Backend>> backends;
  bool secure = false;
  for (const BackendOptions& wanted : options.backends) {
    TRY(url, parse_url(wanted.url));
    secure = secure || url.origin.secure;
    backends.push_back(keep_or_make(wanted, options, before, std::move(url.origin)));
  }
  auto upstream = std::make_shared<Upstream>(options, std::move(backends));
  if (secure) {
    TRY(tls, make_trust(options.tls.ca));
    upstream->tls = std::move(tls);
  }
  return upstream;
}

}  // namespace

Upstream::Upstream(UpstreamOptions upstream_options, std::vector<std::shared_ptr<Backend>> all)
    : options{std::move(upstream_options)},
      backends{std::move(all)},
      balancer{options.algorithm, members_of(backends)},
      budget{options.retry.budget} {}

Result<std::shared_ptr<const Snapshot>> Snapshot::make(ProxyOptions options, const Snapshot* before) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->options = std::move(options);
  for (const UpstreamOptions& each : snapshot->options.upstreams) {
    // An upstream that stays as it is stays the same object: its balancer goes on where it was.
    if (auto kept = unchanged(each, before)) {
      snapshot->upstreams.push_back(std::move(kept));
      continue;
    }
    TRY(upstream, make_upstream(each, before));
    snapshot->upstreams.push_back(std::move(upstream));
  }
  for (const ProxyHost& host : snapshot->options.hosts) {
    auto& made = snapshot->hosts_.emplace_back(std::make_unique<Host>());
    for (const ProxyRoute& route : host.routes) {
      auto* upstream = const_cast<Upstream*>(find_upstream(snapshot.get(), route.upstream));
      if (upstream == nullptr) return fail(Code::invalid, "there is no upstream " + route.upstream);
      made->routes.push_back({&route, upstream});
    }
    std::ranges::sort(made->routes, [](const Route& a, const Route& b) { return a.options->path.size() > b.options->path.size(); });
    if (host.names.empty()) snapshot->default_ = made.get();
    for (const std::string& name : host.names) {
      if (name.starts_with("*.")) snapshot->wildcard_.emplace(name.substr(1), made.get());
      else snapshot->exact_.emplace(name, made.get());
    }
  }
  return snapshot;
}

const Snapshot::Host* Snapshot::host_of(std::string_view name) const noexcept {
  if (const auto exact = exact_.find(name); exact != exact_.end()) return exact->second;
  const auto dot = name.find('.');
  if (dot != std::string_view::npos)
    if (const auto wild = wildcard_.find(name.substr(dot)); wild != wildcard_.end()) return wild->second;
  return default_;
}

const Snapshot::Route* Snapshot::find(std::string_view host, std::string_view path) const noexcept {
  const Host* found = host_of(host);
  if (found == nullptr) return nullptr;
  const auto route = std::ranges::find_if(found->routes, [&](const Route& each) { return path_covers(each.options->path, path); });
  return route == found->routes.end() ? nullptr : &*route;
}

bool Snapshot::trusts(std::string_view address) const noexcept {
  return std::ranges::find(options.trusted, address) != options.trusted.end();
}

std::shared_ptr<const Snapshot> Shared::current() const {
  const std::lock_guard lock{mutex};
  return snapshot;
}

void Shared::swap(std::shared_ptr<const Snapshot> next) {
  cache.resize(next->options.cache.bytes_max);
  limiter.change(next->options.client_limits);
  {
    const std::lock_guard lock{mutex};
    std::swap(snapshot, next);
  }
  ++generation;
}

}  // namespace tablinum::net::proxy
