#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>

#include "client/url.h"
#include "http/syntax.h"
#include "tablinum/net/proxy.h"

namespace tablinum::net {
namespace {

constexpr std::size_t kListMax = 1024;

constexpr std::string_view kProtocols[] = {"auto", "http1", "http2", "http3"};  // in Speak's order
constexpr std::string_view kAlgorithms[] = {"round_robin", "weighted_round_robin", "least_connections", "least_response_time",
                                            "ip_hash",     "consistent_hash",      "random"};

/// Reads the document; the first thing that is wrong ends it, with its line.
class Reader {
 public:
  explicit Reader(std::string_view name) : name_{name} {}

  using Read = std::function<Result<void>(const YAML::Node&)>;
  struct Key {
    std::string_view name;
    Read read;
  };

  std::unexpected<Error> at(const YAML::Mark& mark, const std::string& what) const {
    return fail(Code::invalid, name_ + ":" + std::to_string(std::max(mark.line, 0) + 1) + ": " + what);
  }
  std::unexpected<Error> at(const YAML::Node& node, const std::string& what) const { return at(node.Mark(), what); }

  Result<void> map(const YAML::Node& node, std::string_view what, const std::vector<Key>& keys) const {
    if (!node.IsMap()) return at(node, std::string{what} + " must be a map");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return at(entry.first, "a key must be a text");
      const std::string key = entry.first.Scalar();
      if (!seen.insert(key).second) return at(entry.first, key + " stands here twice");
      const auto known = std::ranges::find(keys, key, &Key::name);
      if (known == keys.end()) return at(entry.first, std::string{what} + " has no setting " + key);
      CHECK_OK(known->read(entry.second));
    }
    return {};
  }

  Result<void> each(const YAML::Node& node, std::string_view what, const Read& read) const {
    if (!node.IsSequence()) return at(node, std::string{what} + " must be a list");
    if (node.size() > kListMax) return at(node, std::string{what} + " is too long");
    for (const auto& item : node) CHECK_OK(read(item));
    return {};
  }

  Result<std::string> scalar(const YAML::Node& node) const {
    if (!node.IsScalar()) return at(node, "must be one value");
    const std::string& text = node.Scalar();
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
      return at(node, "must be one line of text");
    return text;
  }

  Read text(std::string& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      out = std::move(value);
      return {};
    };
  }
  Read texts(std::vector<std::string>& out, std::string_view what) const {
    return [this, &out, what](const YAML::Node& node) -> Result<void> {
      out.clear();
      return each(node, what, [&](const YAML::Node& item) -> Result<void> {
        TRY(value, scalar(item));
        out.push_back(std::move(value));
        return {};
      });
    };
  }
  template <class Int>
  Read whole(Int& out, std::uint64_t least, std::uint64_t most) const {
    return [this, &out, least, most](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto number = syntax::parse_decimal(value, most);
      if (!number || *number < least)
        return at(node, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
      out = static_cast<Int>(*number);
      return {};
    };
  }
  Read real(double& out, double least, double most) const {
    return [this, &out, least, most](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
      if (error != std::errc{} || end != value.data() + value.size() || !(out >= least && out <= most))
        return at(node, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
      return {};
    };
  }
  Read flag(bool& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      if (value != "true" && value != "false") return at(node, "must be true or false");
      out = value == "true";
      return {};
    };
  }
  /// "250ms", "5s", "2m", "1h"
  Read time(Duration& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
      const auto number = syntax::parse_decimal(std::string_view{value}.substr(0, digits), 1'000'000);
      const std::string unit = value.substr(digits);
      const std::int64_t ms = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
      if (!number || *number == 0 || ms == 0 || *number * ms > std::uint64_t{86'400'000})
        return at(node, "must be a time such as 250ms, 5s or 2m, at most a day");
      out = Duration::milliseconds(static_cast<std::int64_t>(*number) * ms);
      return {};
    };
  }
  /// "65536", "64KiB", "16MiB", "1GiB"
  template <class Int>
  Read bytes(Int& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
      const auto number = syntax::parse_decimal(std::string_view{value}.substr(0, digits), 1 << 30);
      const std::string unit = value.substr(digits);
      const int shift = unit.empty() ? 0 : unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : -1;
      if (!number || shift < 0) return at(node, "must be a size such as 65536, 64KiB, 16MiB or 1GiB");
      out = static_cast<Int>(*number << shift);
      return {};
    };
  }
  Read fields(std::vector<std::pair<std::string, std::string>>& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      if (!node.IsMap()) return at(node, "must be a map of field names to values");
      for (const auto& entry : node) {
        TRY(field, field_name(entry.first));
        TRY(value, scalar(entry.second));
        out.emplace_back(std::move(field), std::move(value));
      }
      return {};
    };
  }
  Result<std::string> field_name(const YAML::Node& node) const {
    TRY(name, scalar(node));
    std::ranges::transform(name, name.begin(), syntax::lower);
    constexpr std::string_view kOurs[] = {"connection", "content-length", "transfer-encoding", "host", "upgrade", "te", "trailer"};
    if (!syntax::is_token(name)) return at(node, "not a field's name: " + name);
    if (std::ranges::find(kOurs, name) != std::end(kOurs)) return at(node, name + " is the proxy's own business");
    return name;
  }
  Read edits(FieldEdits& out) const {
    return [this, &out](const YAML::Node& node) {
      const Read removals = [this, &out](const YAML::Node& list) {
        return each(list, "remove", [this, &out](const YAML::Node& item) -> Result<void> {
          TRY(name, field_name(item));
          out.remove.push_back(std::move(name));
          return {};
        });
      };
      return map(node, "a list of field edits", {{"remove", removals}, {"set", fields(out.set)}, {"add", fields(out.add)}});
    };
  }

  Result<void> backend(const YAML::Node& node, UpstreamOptions& upstream) const {
    BackendOptions backend;
    if (node.IsScalar()) {
      backend.url = node.Scalar();
    } else {
      CHECK_OK(map(node, "a backend", {{"url", text(backend.url)},
                                       {"weight", whole(backend.weight, 1, kBackendWeightMax)},
                                       {"connections", whole(backend.connections_max, 1, 65'535)}}));
    }
    const auto url = parse_url(backend.url);
    if (!url) return at(node, "the backend's url: " + url.error().detail);
    if (url->target != "/") return at(node, "a backend's url has no path: " + backend.url);
    backend.url = url->origin.text();
    for (const BackendOptions& other : upstream.backends)
      if (other.url == backend.url) return at(node, backend.url + " stands here twice");
    if (upstream.backends.size() >= kBackendsMax) return at(node, "too many backends");
    upstream.backends.push_back(std::move(backend));
    return {};
  }

  Read algorithm(Algorithm& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto found = std::ranges::find(kAlgorithms, value);
      if (found == std::end(kAlgorithms)) return at(node, "no such algorithm: " + value);
      out = static_cast<Algorithm>(found - std::begin(kAlgorithms));
      return {};
    };
  }
  Read protocol(Speak& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const auto found = std::ranges::find(kProtocols, value);
      if (found == std::end(kProtocols)) return at(node, "must be auto, http1, http2 or http3, not " + value);
      out = static_cast<Speak>(found - std::begin(kProtocols));
      return {};
    };
  }
  Read hash_key(std::string& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      const bool named = (value.starts_with("header:") || value.starts_with("cookie:")) && syntax::is_token(value.substr(7));
      if (value != "ip" && value != "path" && !named) return at(node, "must be ip, path, header:NAME or cookie:NAME");
      out = std::move(value);
      return {};
    };
  }
  Read path(std::string& out) const {
    return [this, &out](const YAML::Node& node) -> Result<void> {
      TRY(value, scalar(node));
      if (!Target::parse(value) || value.contains('?')) return at(node, "must be a path that begins with '/'");
      out = std::move(value);
      return {};
    };
  }

  Result<void> upstream(const YAML::Node& node, UpstreamOptions& out) const {
    auto& health = out.health;
    auto& breaker = out.breaker;
    auto& retry = out.retry;
    auto& times = out.times;
    const Read backends = [&](const YAML::Node& list) {
      return each(list, "backends", [&](const YAML::Node& item) { return backend(item, out); });
    };
    const Read health_keys = [&](const YAML::Node& each) {
      return map(each, "health", {{"active", flag(health.active)},
                                  {"path", path(health.path)},
                                  {"interval", time(health.interval)},
                                  {"timeout", time(health.timeout)},
                                  {"failures", whole(health.failures, 1, 100)},
                                  {"successes", whole(health.successes, 1, 100)},
                                  {"expect", text(health.expected_body)}});
    };
    const Read breaker_keys = [&](const YAML::Node& each) {
      return map(each, "breaker", {{"failures", whole(breaker.failures, 1, 1000)},
                                   {"open", time(breaker.open_time)},
                                   {"trials", whole(breaker.trials, 1, 100)}});
    };
    const Read retry_keys = [&](const YAML::Node& each) {
      return map(each, "retry", {{"repeats", whole(retry.repeats_max, 0, 10)},
                                 {"base", time(retry.base)},
                                 {"budget", real(retry.budget, 0, 1)}});
    };
    const Read times_keys = [&](const YAML::Node& each) {
      return map(each, "times", {{"connect", time(times.connect)}, {"first_byte", time(times.first_byte)}, {"idle", time(times.idle)}});
    };
    const Read tls_keys = [&](const YAML::Node& each) {
      return map(each, "tls", {{"ca", text(out.tls.ca)}, {"server_name", text(out.tls.server_name)}});
    };
    CHECK_OK(map(node, "an upstream", {{"backends", backends},
                                       {"algorithm", algorithm(out.algorithm)},
                                       {"hash_key", hash_key(out.hash_key)},
                                       {"health", health_keys},
                                       {"breaker", breaker_keys},
                                       {"retry", retry_keys},
                                       {"times", times_keys},
                                       {"tls", tls_keys},
                                       {"protocol", protocol(out.speak)},
                                       {"queue", whole(out.queue_max, 1, 65'535)}}));
    if (out.backends.empty()) return at(node, out.name + " has no backends");
    const bool plain = std::ranges::any_of(out.backends, [](const BackendOptions& each) { return each.url.starts_with("http:"); });
    if (out.speak == Speak::http3 && plain) return at(node, out.name + ": HTTP/3 needs https backends");
    return {};
  }

  Result<void> route(const YAML::Node& node, ProxyHost& host, const ProxyOptions& options) const {
    ProxyRoute route;
    const Read known_upstream = [&](const YAML::Node& name) -> Result<void> {
      TRY(value, scalar(name));
      if (std::ranges::find(options.upstreams, value, &UpstreamOptions::name) == options.upstreams.end())
        return at(name, "there is no upstream " + value);
      route.upstream = std::move(value);
      return {};
    };
    CHECK_OK(map(node, "a route", {{"path", path(route.path)},
                                   {"upstream", known_upstream},
                                   {"strip_path", flag(route.strip_path)},
                                   {"pass_host", flag(route.pass_host)},
                                   {"cache", flag(route.cache)},
                                   {"websocket", flag(route.websocket)},
                                   {"body", bytes(route.body_bytes_max)},
                                   {"request_fields", edits(route.request)},
                                   {"response_fields", edits(route.response)}}));
    if (route.upstream.empty()) return at(node, "a route needs an upstream");
    for (const ProxyRoute& other : host.routes)
      if (other.path == route.path) return at(node, "two routes for " + route.path);
    host.routes.push_back(std::move(route));
    return {};
  }

  Result<void> host(const YAML::Node& node, ProxyOptions& options) const {
    ProxyHost host;
    const YAML::Node* routes = nullptr;
    YAML::Node held;
    const Read later = [&](const YAML::Node& list) -> Result<void> {
      held = list;
      routes = &held;
      return {};
    };
    CHECK_OK(map(node, "a host", {{"names", texts(host.names, "names")}, {"routes", later}}));
    if (routes == nullptr) return at(node, "a host needs routes");
    for (std::string& name : host.names) {
      std::ranges::transform(name, name.begin(), syntax::lower);
      const std::string_view plain = std::string_view{name}.substr(name.starts_with("*.") ? 2 : 0);
      if (plain.empty() || plain.contains('*') || plain.contains('/') || plain.contains(' ')) return at(node, "not a host's name: " + name);
      for (const ProxyHost& other : options.hosts)
        if (std::ranges::find(other.names, name) != other.names.end()) return at(node, name + " is a name of two hosts");
    }
    if (host.names.empty() && std::ranges::any_of(options.hosts, [](const ProxyHost& other) { return other.names.empty(); }))
      return at(node, "only one host may have no names");
    CHECK_OK(each(held, "routes", [&](const YAML::Node& item) { return route(item, host, options); }));
    options.hosts.push_back(std::move(host));
    return {};
  }

  Result<void> upstreams(const YAML::Node& node, ProxyOptions& options) const {
    if (!node.IsMap()) return at(node, "upstreams must be a map of names");
    if (node.size() > kListMax) return at(node, "too many upstreams");
    for (const auto& entry : node) {
      UpstreamOptions made;
      TRY(name, scalar(entry.first));
      if (std::ranges::find(options.upstreams, name, &UpstreamOptions::name) != options.upstreams.end())
        return at(entry.first, name + " stands here twice");
      made.name = std::move(name);
      CHECK_OK(upstream(entry.second, made));
      options.upstreams.push_back(std::move(made));
    }
    return {};
  }

  Result<void> document(const YAML::Node& root, ProxyOptions& options) const {
    YAML::Node hosts;
    bool has_hosts = false;
    auto& limits = options.limits;
    const Read later = [&](const YAML::Node& list) -> Result<void> {
      hosts = list;
      has_hosts = true;
      return {};
    };
    const Read cache = [&](const YAML::Node& node) {
      return map(node, "cache", {{"memory", bytes(options.cache.bytes_max)}, {"entry", bytes(options.cache.entry_bytes_max)}});
    };
    const Read client_limits = [&](const YAML::Node& node) {
      return map(node, "client_limits", {{"requests_per_second", real(options.client_limits.requests_per_second, 0, 1e6)},
                                         {"burst", whole(options.client_limits.burst, 1, 1'000'000)},
                                         {"concurrent", whole(options.client_limits.concurrent_max, 0, 1'000'000)}});
    };
    const Read limits_keys = [&](const YAML::Node& node) {
      return map(node, "limits", {{"connections", whole(limits.connections_max, 1, 1'000'000)},
                                  {"connections_per_address", whole(limits.connections_per_address_max, 1, 1'000'000)},
                                  {"header", bytes(limits.header_bytes_max)},
                                  {"headers_time", time(limits.headers_time)},
                                  {"idle", time(limits.idle_time)}});
    };
    const Read admin = [&](const YAML::Node& node) {
      return map(node, "admin", {{"listen", text(options.admin_listen)}, {"token_file", text(options.admin_token_file)}});
    };
    const Read one_certificate = [&](const YAML::Node& node) -> Result<void> {
      ProxyCertificate made;
      CHECK_OK(map(node, "a certificate", {{"certificate", text(made.certificate)}, {"key", text(made.key)}}));
      if (made.certificate.empty() || made.key.empty()) return at(node, "a certificate needs certificate and key");
      options.certificates.push_back(std::move(made));
      return {};
    };
    const Read tls = [&](const YAML::Node& node) {
      const Read certificates = [&](const YAML::Node& list) { return each(list, "certificates", one_certificate); };
      return map(node, "tls", {{"listen", texts(options.listen_tls, "listen")},
                               {"certificates", certificates},
                               {"http3", flag(options.http3)}});
    };
    CHECK_OK(map(root, "the configuration", {{"listen", texts(options.listen, "listen")},
                                             {"tls", tls},
                                             {"name", text(options.via)},
                                             {"report", flag(options.report_fields)},
                                             {"trusted_proxies", texts(options.trusted, "trusted_proxies")},
                                             {"grace", time(options.grace)},
                                             {"cache", cache},
                                             {"client_limits", client_limits},
                                             {"limits", limits_keys},
                                             {"admin", admin},
                                             {"upstreams", [&](const YAML::Node& node) { return upstreams(node, options); }},
                                             {"hosts", later}}));
    if (!has_hosts) return at(root, "hosts are missing");
    if (!syntax::is_token(options.via)) return at(root, "name must be a token");
    if (options.listen.empty() && options.listen_tls.empty()) return at(root, "nothing to listen on");
    if (!options.listen_tls.empty() && options.certificates.empty()) return at(root, "tls.listen needs tls.certificates");
    if (options.http3 && options.listen_tls.empty()) return at(root, "tls.http3 needs tls.listen");
    if (!options.admin_listen.empty() && options.admin_token_file.empty()) return at(root, "admin.listen needs admin.token_file");
    return each(hosts, "hosts", [&](const YAML::Node& node) { return host(node, options); });
  }

 private:
  std::string name_;
};

}  // namespace

std::string_view to_string(Algorithm algorithm) noexcept { return kAlgorithms[static_cast<std::size_t>(algorithm)]; }

std::string_view to_string(BackendState state) noexcept {
  constexpr std::string_view kNames[] = {"unknown", "healthy", "unhealthy", "maintenance", "draining"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<ProxyOptions> parse_proxy_options(std::string_view yaml, std::string_view name) {
  if (yaml.size() > kProxyConfigBytesMax)
    return fail(Code::too_large, std::string{name} + " is over " + std::to_string(kProxyConfigBytesMax) + " bytes");
  const Reader reader{name};
  ProxyOptions options;
  try {
    CHECK_OK(reader.document(YAML::Load(std::string{yaml}), options));
  } catch (const YAML::Exception& error) {  // yaml-cpp reports by exceptions
    return reader.at(error.mark, error.msg);
  }
  return options;
}

}  // namespace tablinum::net
