#include "proxy/client_limiter.h"

#include <algorithm>

#include "tablinum/base/bytes.h"
#include "tablinum/io/net.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace tablinum::net::proxy {

std::string client_key(std::string_view address) {
  const auto endpoint = io::Endpoint::from_ip(address, 0);
  if (!endpoint || endpoint->family() != io::Endpoint::Family::ipv6) return std::string{address};
  sockaddr_storage storage{};
  endpoint->to_system(&storage);
  const auto& ip = reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr.s6_addr;
  return to_hex(std::as_bytes(std::span{ip, 8}));
}

bool ClientLimiter::enter(std::string_view address, Instant now) {
  const std::lock_guard lock{mutex_};
  if (!limited()) return true;
  const std::string key = client_key(address);
  if (clients_.size() >= kClientsMax && !clients_.contains(key)) forget_idle(now);
  const auto [at, is_new] = clients_.try_emplace(key);
  Client& client = at->second;
  if (is_new) client = {static_cast<double>(limits_.burst), now, 0};
  if (limits_.concurrent_max > 0 && client.concurrent >= limits_.concurrent_max) return false;
  if (limits_.requests_per_second > 0) {
    client.tokens = std::min(static_cast<double>(limits_.burst),
                             client.tokens + (now - client.filled).seconds() * limits_.requests_per_second);
    client.filled = now;
    if (client.tokens < 1) return false;
    client.tokens -= 1;
  }
  ++client.concurrent;
  return true;
}

void ClientLimiter::leave(std::string_view address) noexcept {
  const std::lock_guard lock{mutex_};
  if (clients_.empty()) return;
  const auto found = clients_.find(client_key(address));
  if (found != clients_.end() && found->second.concurrent > 0) --found->second.concurrent;
}

/// Those whose buckets are full again are as good as never seen; if all are busy, all but the running ones are forgotten.
void ClientLimiter::forget_idle(Instant now) {
  const auto full_again = [&](const auto& each) {
    const Client& client = each.second;
    return client.concurrent == 0 &&
           client.tokens + (now - client.filled).seconds() * limits_.requests_per_second >= static_cast<double>(limits_.burst);
  };
  if (std::erase_if(clients_, full_again) > 0) return;
  std::erase_if(clients_, [](const auto& each) { return each.second.concurrent == 0; });
}

void ClientLimiter::change(const ClientLimits& limits) {
  const std::lock_guard lock{mutex_};
  limits_ = limits;
  counts_ = limited();
}

std::size_t ClientLimiter::clients() const {
  const std::lock_guard lock{mutex_};
  return clients_.size();
}

}  // namespace tablinum::net::proxy
