/// Cache-Control, Vary and URLs: whatever comes, seconds stay within their bounds, a field cut at a comma means the same as two
/// fields, and a URL that was read reads the same again.
#include <cstdlib>
#include <string_view>

#include "client/url.h"
#include "proxy/cache_control.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tablinum::net;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  proxy::CacheControl whole, parts;
  proxy::read_cache_control(text, whole);
  for (const auto& seconds : {whole.max_age, whole.s_maxage, whole.stale_if_error, whole.stale_while_revalidate, whole.min_fresh, whole.max_stale})
    if (seconds && (*seconds < 0 || *seconds > proxy::kDeltaSecondsMax)) std::abort();
  const auto comma = text.find(',');
  if (comma != std::string_view::npos && !text.contains('"')) {
    proxy::read_cache_control(text.substr(0, comma), parts);
    proxy::read_cache_control(text.substr(comma + 1), parts);
    if (parts.no_store != whole.no_store || parts.max_age != whole.max_age || parts.is_private != whole.is_private) std::abort();
  }
  Headers request;
  request.set("accept", "x");
  const auto key = proxy::vary_key(text, request);
  if (key && proxy::vary_key(text, request) != key) std::abort();
  if (const auto url = parse_url(text)) {
    const auto again = parse_url(url->origin.text() + url->target);
    if (!again || again->origin != url->origin || again->target != url->target) std::abort();
    const auto resolved = resolve_url(*url, text);
    if (!resolved || resolved->origin != url->origin) std::abort();
  }
  return 0;
}
