/// Any text as a configuration: an error with a line, or options whose values are within their limits.
#include <cstdlib>
#include <string_view>

#include "tablinum/net/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum::net;
  const auto options = parse_proxy_options({reinterpret_cast<const char*>(data), size}, "f");
  if (!options) {
    if (size <= kProxyConfigBytesMax && !options.error().detail.starts_with("f:")) std::abort();
    return 0;
  }
  for (const auto& upstream : options->upstreams) {
    if (upstream.backends.empty() || upstream.backends.size() > kBackendsMax) std::abort();
    for (const auto& backend : upstream.backends)
      if (backend.weight < 1 || backend.weight > kBackendWeightMax || backend.url.empty()) std::abort();
  }
  for (const auto& host : options->hosts)
    for (const auto& route : host.routes)
      if (!route.path.starts_with('/') || route.upstream.empty()) std::abort();
  return 0;
}
