#pragma once
/// What one Proxy is made of.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/engine.h"
#include "tablinum/net/proxy.h"

namespace tablinum::net {

struct ProxyState {
  explicit ProxyState(std::shared_ptr<const proxy::Snapshot> first) : shared{std::move(first)} {}
  /// Proxy::reload(), also for the admin interface.
  Result<void> change(ProxyOptions options);

  proxy::Shared shared;
  std::unique_ptr<Server> server, admin;
  std::shared_ptr<TlsContext> tls;  ///< null: no TLS listener
  std::string admin_token;
  std::mutex reload_mutex;   ///< one change at a time
  std::mutex engines_mutex;  ///< guards what follows
  std::vector<std::unique_ptr<proxy::Engine>> engines;
  bool has_leader = false;
};

}  // namespace tablinum::net
