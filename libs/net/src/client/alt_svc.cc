#include "client/alt_svc.h"

#include <algorithm>

#include "http/syntax.h"

namespace tablinum::net {
namespace {

/// Takes what is read off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_{text} {}
  bool at_end() const noexcept { return rest_.empty(); }
  void skip_space() noexcept {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Empty: none stands here.
  std::string_view token() noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && syntax::is_token_byte(rest_[size])) ++size;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::optional<std::string> quoted() {
    if (!take('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return text;
      if (c == '\\' && rest_.empty()) return std::nullopt;
      text += c == '\\' ? rest_.front() : c;
      if (c == '\\') rest_.remove_prefix(1);
    }
    return std::nullopt;
  }
  std::optional<std::string> value() {
    if (!rest_.empty() && rest_.front() == '"') return quoted();
    const std::string_view word = token();
    return word.empty() ? std::nullopt : std::optional{std::string{word}};
  }

 private:
  std::string_view rest_;
};

/// "host:port" or ":port".
std::optional<AltSvc> place_in(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = syntax::parse_decimal(text.substr(colon + 1), 65'535);
  if (!port || *port == 0) return std::nullopt;
  AltSvc place;
  place.port = static_cast<std::uint16_t>(*port);
  if (colon == 0) return place;
  const auto url = parse_url("https://" + std::string{text} + "/");
  if (!url) return std::nullopt;
  place.host = url->origin.host;
  return place;
}

/// One alternative with its parameters; nothing: it is malformed.
std::optional<std::pair<std::string, AltSvc>> alternative(Scanner& scan) {
  const std::string protocol{scan.token()};
  if (protocol.empty() || !scan.take('=')) return std::nullopt;
  const auto authority = scan.quoted();
  if (!authority) return std::nullopt;
  auto place = place_in(*authority);
  if (!place) return std::nullopt;
  for (scan.skip_space(); scan.take(';'); scan.skip_space()) {
    scan.skip_space();
    const std::string name{scan.token()};
    if (name.empty() || !scan.take('=')) return std::nullopt;
    const auto value = scan.value();
    if (!value) return std::nullopt;
    const bool is_age = name == "ma";
    // Beyond any time that matters the number may be of any length.
    const auto seconds = is_age ? syntax::parse_decimal(*value, 1'000'000'000) : std::nullopt;
    if (is_age) place->age = seconds ? std::min(Duration::seconds(static_cast<std::int64_t>(*seconds)), kAltSvcAgeMax) : kAltSvcAge;
  }
  return std::pair{protocol, *place};
}

}  // namespace

Result<AltSvcField> parse_alt_svc(std::string_view text) {
  if (text.size() > kAltSvcBytesMax) return fail(Code::invalid, "Alt-Svc is too long");
  AltSvcField field;
  if (syntax::trim(text) == "clear") {
    field.clear = true;
    return field;
  }
  Scanner scan{text};
  do {
    scan.skip_space();
    auto found = alternative(scan);
    if (!found) return fail(Code::invalid, "Alt-Svc is malformed");
    if (found->first == "h3" && !field.http3) field.http3 = std::move(found->second);
    scan.skip_space();
  } while (scan.take(','));
  if (!scan.at_end()) return fail(Code::invalid, "Alt-Svc is malformed");
  return field;
}

void AltSvcCache::learn(const Origin& origin, std::string_view field, Instant now) {
  if (!origin.secure) return;
  auto said = parse_alt_svc(field);
  if (!said) return;
  const auto known = by_origin_.find(origin);
  Entry entry{origin, {}, {}};
  if (known != by_origin_.end()) {
    entry = std::move(*known->second);
    entries_.erase(known->second);
    by_origin_.erase(known);
  }
  if (!said->http3 || said->http3->age.ns == 0) return;  // also `clear`: each field replaces what was said before (§3)
  Origin at{true, said->http3->host.empty() ? origin.host : said->http3->host, said->http3->port};
  // A new place begins with a clean slate; the same one cannot wash off its failures by naming itself again.
  if (at != entry.at) entry.failures = 0;
  if (at != entry.at) entry.rests_until = {};
  entry.at = std::move(at);
  entry.until = now + said->http3->age;
  entries_.push_back(std::move(entry));
  by_origin_.emplace(origin, std::prev(entries_.end()));
  if (entries_.size() <= kAltSvcOriginsMax) return;
  by_origin_.erase(entries_.front().origin);
  entries_.pop_front();
}

std::optional<Origin> AltSvcCache::find(const Origin& origin, Instant now) {
  const auto known = by_origin_.find(origin);
  if (known == by_origin_.end() || now < known->second->rests_until) return std::nullopt;
  if (now < known->second->until) return known->second->at;
  entries_.erase(known->second);
  by_origin_.erase(known);
  return std::nullopt;
}

void AltSvcCache::failed(const Origin& origin, Instant now) {
  const auto known = by_origin_.find(origin);
  if (known == by_origin_.end()) return;
  Entry& entry = *known->second;
  constexpr unsigned kDoublingsMax = 9;  // 300 s · 2⁹ is more than a day
  const std::int64_t rest = kAltSvcRest.ns << std::min(entry.failures++, kDoublingsMax);
  entry.rests_until = now + Duration::nanoseconds(std::min(rest, kAltSvcRestMax.ns));
}

void AltSvcCache::worked(const Origin& origin) {
  const auto known = by_origin_.find(origin);
  if (known != by_origin_.end()) known->second->failures = 0;
}

}  // namespace tablinum::net
