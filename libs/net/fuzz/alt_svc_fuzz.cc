/// Any bytes as an Alt-Svc field: what is read of it is a place that can be asked, written out it reads the same, and a cache holds it
/// no longer than it said.
#include <cstdlib>
#include <string>

#include "client/alt_svc.h"

namespace {

using namespace tablinum;
using namespace tablinum::net;

std::string written(const AltSvc& place) {
  const bool six = place.host.contains(':');
  return "h3=\"" + (six ? "[" + place.host + "]" : place.host) + ":" + std::to_string(place.port) +
         "\"; ma=" + std::to_string(place.age.ns / Duration::seconds(1).ns);
}

void check_place(const AltSvc& place) {
  if (place.port == 0 || place.age.ns < 0 || place.age > kAltSvcAgeMax) std::abort();
  const auto again = parse_alt_svc(written(place));
  if (!again || again->clear || again->http3 != place) std::abort();
}

void check_cache(const AltSvcField& field, std::string_view text) {
  AltSvcCache cache;
  const Origin origin{true, "a.example", 443};
  const Instant now{0};
  cache.learn(origin, text, now);
  const auto found = cache.find(origin, now);
  const bool wanted = field.http3 && field.http3->age.ns > 0;
  if (found.has_value() != wanted || cache.size() != (wanted ? 1u : 0u)) std::abort();
  if (!found) return;
  const std::string& host = field.http3->host.empty() ? origin.host : field.http3->host;
  if (*found != Origin{true, host, field.http3->port}) std::abort();
  if (cache.find(origin, now + field.http3->age) || cache.size() != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto field = parse_alt_svc(text);
  if (!field) return 0;
  if (size > kAltSvcBytesMax || (field->clear && field->http3)) std::abort();
  if (field->http3) check_place(*field->http3);
  check_cache(*field, text);
  return 0;
}
