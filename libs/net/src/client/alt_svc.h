#pragma once
/// Where an origin may be asked over HTTP/3 instead: what its Alt-Svc fields said, and where that turned out not to work.
/// Source: RFC 7838.
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "client/url.h"
#include "tablinum/base/time.h"

namespace tablinum::net {

inline constexpr std::size_t kAltSvcBytesMax = std::size_t{4} << 10;  ///< of the field; a longer one says nothing
inline constexpr std::size_t kAltSvcOriginsMax = 1024;
inline constexpr Duration kAltSvcAge = Duration::seconds(24 * 3600);      ///< without `ma`
inline constexpr Duration kAltSvcAgeMax = Duration::seconds(30 * 24 * 3600);
/// How long an alternative that failed is left alone: doubled with each failure.
inline constexpr Duration kAltSvcRest = Duration::seconds(300);
inline constexpr Duration kAltSvcRestMax = Duration::seconds(24 * 3600);

/// One alternative that speaks h3.
struct AltSvc {
  std::string host;  ///< empty: the origin's
  std::uint16_t port = 0;
  Duration age = kAltSvcAge;
  friend bool operator==(const AltSvc&, const AltSvc&) = default;
};
/// What a field says. `clear`: what was said before holds no longer.
struct AltSvcField {
  bool clear = false;
  std::optional<AltSvc> http3;  ///< the first
};
/// @error invalid: not of RFC 7838's grammar, or over kAltSvcBytesMax. Other protocols and parameters are passed over.
Result<AltSvcField> parse_alt_svc(std::string_view text);

/// Belongs to one core.
class AltSvcCache {
 public:
  /// What an answer of `origin` said; what cannot be read changes nothing. Only secure origins may have alternatives here.
  void learn(const Origin& origin, std::string_view field, Instant now);
  /// Where to ask, if there is such a place and it is not resting.
  std::optional<Origin> find(const Origin& origin, Instant now);
  void failed(const Origin& origin, Instant now);
  void worked(const Origin& origin);
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    Origin origin;
    Origin at;
    Instant until;
    Instant rests_until{};
    unsigned failures = 0;
  };
  std::list<Entry> entries_;  // the last heard of at the end
  std::map<Origin, std::list<Entry>::iterator> by_origin_;
};

}  // namespace tablinum::net
