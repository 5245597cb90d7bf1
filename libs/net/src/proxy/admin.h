#pragma once
/// The proxy's own pages under /_wraith, on a listener of their own: figures for whoever has the token, and changes of backends.
#include <string>

#include "tablinum/net/message.h"

namespace tablinum::net {
struct ProxyState;
}

namespace tablinum::net::proxy {

inline constexpr std::size_t kAdminTokenBytesMin = 16;

Result<Handler> admin_handler(ProxyState& state);
std::string stats_json(const ProxyState& state);
std::string backends_json(const ProxyState& state);
/// Prometheus' text format.
std::string metrics_text(const ProxyState& state);

}  // namespace tablinum::net::proxy
