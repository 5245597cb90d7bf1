#include "proxy/admin.h"

#include <simdjson.h>

#include <algorithm>

#include "proxy/proxy_state.h"
#include "tablinum/base/json.h"
#include "tablinum/net/middleware.h"

namespace tablinum::net::proxy {
namespace {

extern const std::string_view kPage;
extern const std::string_view kScript;
extern const std::string_view kStyle;

std::string_view to_string(Breaker::State state) noexcept {
  constexpr std::string_view kNames[] = {"closed", "open", "half_open"};
  return kNames[static_cast<std::size_t>(state)];
}

/// One backend at this moment.
struct BackendFigures {
  const Upstream* upstream;
  const Backend* backend;
  BackendState state;
  Breaker::State breaker;
  std::optional<double> latency_ms;
};

std::vector<BackendFigures> figures_of(const Snapshot& snapshot, Instant now) {
  std::vector<BackendFigures> all;
  for (const auto& upstream : snapshot.upstreams) {
    const std::lock_guard lock{upstream->mutex};
    for (const auto& backend : upstream->backends) {
      const BackendState state = backend->drained ? BackendState::draining : backend->health.state();
      all.push_back({upstream.get(), backend.get(), state, backend->breaker.state(now), backend->latency.milliseconds()});
    }
  }
  return all;
}

void write_backends(json::Writer& w, const Snapshot& snapshot) {
  w.begin_array();
  for (const BackendFigures& each : figures_of(snapshot, monotonic_now())) {
    w.begin_object();
    w.field("upstream", each.upstream->options.name);
    w.field("url", each.backend->options.url);
    w.field("weight", each.backend->options.weight);
    w.field("state", net::to_string(each.state));
    w.field("breaker", to_string(each.breaker));
    w.field("active", each.backend->active.load());
    w.field("requests", each.backend->requests.load());
    w.field("failures", each.backend->failures.load());
    w.field("latency_ms", each.latency_ms);
    w.end_object();
  }
  w.end_array();
}

/// Names and values of the totals, in the order of the page.
std::vector<std::pair<std::string_view, std::uint64_t>> totals_of(const Shared& shared) {
  const Totals& t = shared.totals;
  return {{"requests", t.requests.load()},
          {"refused", t.refused.load()},
          {"rate_limited", t.limited.load()},
          {"no_backend", t.no_backend.load()},
          {"upstream_errors", t.upstream_errors.load()},
          {"repeats", t.repeats.load()},
          {"tunnels", t.tunnels.load()},
          {"cache_hits", t.cache_hits.load()},
          {"cache_misses", t.cache_misses.load()},
          {"cache_stale", t.cache_stale.load()},
          {"cache_revalidated", t.cache_revalidated.load()},
          {"cache_stored", t.cache_stored.load()},
          {"cache_collapsed", t.cache_collapsed.load()},
          {"reloads", t.reloads.load()},
          {"reload_failures", t.reload_failures.load()}};
}

bool may_enter(const ProxyState& state, const Request& request) {
  const std::string_view given = request.headers.get_or(Field::authorization, "");
  constexpr std::string_view kScheme = "Bearer ";
  return given.starts_with(kScheme) && equal_constant_time(bytes_of(given.substr(kScheme.size())), bytes_of(state.admin_token));
}

using Action = std::function<io::Task<Result<Response>>(io::Io&, Request&)>;

Handler guarded(const ProxyState& state, Action action) {
  return [&state, action = std::move(action)](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    if (!may_enter(state, request)) {
      Response response = problem_response(Problem{.status = Status::unauthorized, .code = "unauthenticated"}, request.id);
      response.headers.set(Field::www_authenticate, "Bearer");
      co_return response;
    }
    co_return co_await action(io, request);
  };
}

Handler constant_page(std::string_view type, std::string_view text) {
  return [type, text](io::Io&, Request&) -> io::Task<Result<Response>> {
    Response response;
    response.headers.set(Field::content_type, type);
    response.headers.set(Field::cache_control, "no-store");
    response.body = Body::of(Chunk::constant(text));
    co_return response;
  };
}

enum class Verb : std::uint8_t { add, remove, drain, resume };

struct Order {
  Verb verb;
  std::string upstream, url;
  unsigned weight = 1;
};

Result<Order> read_order(std::string text, Verb fallback) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  Order order{fallback, {}, {}, 1};
  std::string_view upstream, url, verb;
  if (parser.parse(text).get(root) || root["upstream"].get(upstream) || root["url"].get(url))
    return fail(Code::invalid, "expected {\"upstream\": …, \"url\": …}");
  order.upstream = upstream;
  TRY(parsed, parse_url(url));
  if (parsed.target != "/") return fail(Code::invalid, "a backend's url has no path");
  order.url = parsed.origin.text();
  std::uint64_t weight = 1;
  if (!root["weight"].get(weight) && (weight < 1 || weight > kBackendWeightMax)) return fail(Code::invalid, "weight is from 1 to 100");
  order.weight = static_cast<unsigned>(weight);
  if (!root["action"].get(verb)) {
    if (verb == "drain") order.verb = Verb::drain;
    else if (verb == "resume") order.verb = Verb::resume;
    else if (verb != "add") return fail(Code::invalid, "action is add, drain or resume");
  }
  return order;
}

Result<void> carry_out(ProxyState& state, const Order& order) {
  const auto snapshot = state.shared.current();
  const auto upstream = std::ranges::find_if(snapshot->upstreams, [&](const auto& each) { return each->options.name == order.upstream; });
  if (upstream == snapshot->upstreams.end()) return fail(Code::not_found, "there is no upstream " + order.upstream);
  const auto backend = std::ranges::find_if((*upstream)->backends, [&](const auto& each) { return each->options.url == order.url; });
  const bool known = backend != (*upstream)->backends.end();
  if (order.verb == Verb::add ? known : !known)
    return fail(known ? Code::exists : Code::not_found, known ? "it is there already" : "there is no such backend");
  if (order.verb == Verb::drain || order.verb == Verb::resume) {
    (*backend)->drained = order.verb == Verb::drain;
    return {};
  }
  ProxyOptions options = snapshot->options;
  auto& changed = *std::ranges::find(options.upstreams, order.upstream, &UpstreamOptions::name);
  if (order.verb == Verb::add) changed.backends.push_back({.url = order.url, .weight = order.weight});
  else std::erase_if(changed.backends, [&](const BackendOptions& each) { return each.url == order.url; });
  if (changed.backends.empty()) return fail(Code::conflict, "the last backend of an upstream stays");
  if (changed.backends.size() > kBackendsMax) return fail(Code::limit, "too many backends");
  return state.change(std::move(options));
}

Action changing(ProxyState& state, Verb verb) {
  return [&state, verb](io::Io& io, Request& request) -> io::Task<Result<Response>> {
    CO_TRY(text, co_await request.body.read_all(io, std::size_t{64} << 10));
    CO_TRY(order, read_order(std::move(text), verb));
    CO_CHECK_OK(carry_out(state, order));
    co_return json_response(backends_json(state));
  };
}

}  // namespace

std::string backends_json(const ProxyState& state) {
  json::Writer w;
  w.begin_object();
  w.key("backends");
  write_backends(w, *state.shared.current());
  w.end_object();
  return w.take();
}

std::string stats_json(const ProxyState& state) {
  json::Writer w;
  const ServerStats server = state.server->stats();
  w.begin_object();
  for (const auto& [name, value] : totals_of(state.shared)) w.field(name, value);
  w.field("cache_bytes", state.shared.cache.bytes());
  w.field("cache_entries", state.shared.cache.entries());
  w.field("connections_open", server.connections_open);
  w.field("connections_total", server.connections_total);
  w.field("requests_active", server.requests_active);
  w.field("bytes_received", server.bytes_received);
  w.field("bytes_sent", server.bytes_sent);
  w.field("generation", state.shared.generation.load());
  w.key("responses");
  w.begin_array();
  for (const std::uint64_t count : server.responses) w.value(count);
  w.end_array();
  w.key("backends");
  write_backends(w, *state.shared.current());
  w.end_object();
  return w.take();
}

std::string metrics_text(const ProxyState& state) {
  std::string out;
  append_metrics(out, state.server->stats());
  for (const auto& [name, value] : totals_of(state.shared))
    out += "# TYPE tablinum_proxy_" + std::string{name} + "_total counter\ntablinum_proxy_" + std::string{name} + "_total " +
           std::to_string(value) + "\n";
  out += "# TYPE tablinum_proxy_cache_bytes gauge\ntablinum_proxy_cache_bytes " + std::to_string(state.shared.cache.bytes()) + "\n";
  const auto snapshot = state.shared.current();
  const auto figures = figures_of(*snapshot, monotonic_now());
  const auto gauge = [&](std::string_view name, std::string_view type, const auto& value_of) {
    out += "# TYPE tablinum_proxy_backend_" + std::string{name} + " " + std::string{type} + "\n";
    for (const BackendFigures& each : figures)
      out += "tablinum_proxy_backend_" + std::string{name} + "{upstream=\"" + each.upstream->options.name + "\",backend=\"" +
             each.backend->options.url + "\"} " + std::to_string(value_of(each)) + "\n";
  };
  gauge("up", "gauge", [](const BackendFigures& each) { return each.state <= BackendState::healthy ? 1 : 0; });
  gauge("active", "gauge", [](const BackendFigures& each) { return each.backend->active.load(); });
  gauge("requests_total", "counter", [](const BackendFigures& each) { return each.backend->requests.load(); });
  gauge("failures_total", "counter", [](const BackendFigures& each) { return each.backend->failures.load(); });
  return out;
}

namespace {

std::string health_json(const ProxyState& state, bool& well) {
  json::Writer w;
  const auto snapshot = state.shared.current();
  w.begin_object();
  w.key("upstreams");
  w.begin_array();
  well = true;
  const auto figures = figures_of(*snapshot, monotonic_now());
  for (const auto& upstream : snapshot->upstreams) {
    const auto serving = std::ranges::count_if(figures, [&](const BackendFigures& each) {
      return each.upstream == upstream.get() && each.state <= BackendState::healthy && each.breaker != Breaker::State::open;
    });
    well = well && serving > 0;
    w.begin_object();
    w.field("name", upstream->options.name);
    w.field("backends", upstream->backends.size());
    w.field("serving", serving);
    w.end_object();
  }
  w.end_array();
  w.field("ok", well);
  w.end_object();
  return w.take();
}

}  // namespace

Result<Handler> admin_handler(ProxyState& state) {
  auto router = std::make_shared<Router>();
  const auto text_of = [](Status status, std::string_view type, std::string text) { return respond(status, type, std::move(text)); };
  const Action health = [&state](io::Io&, Request&) -> io::Task<Result<Response>> {
    bool well = true;
    std::string text = health_json(state, well);
    co_return json_response(std::move(text), well ? Status::ok : Status::service_unavailable);
  };
  const Action stats = [&state](io::Io&, Request&) -> io::Task<Result<Response>> { co_return json_response(stats_json(state)); };
  const Action backends = [&state](io::Io&, Request&) -> io::Task<Result<Response>> { co_return json_response(backends_json(state)); };
  const Action metrics = [&state, text_of](io::Io&, Request&) -> io::Task<Result<Response>> {
    co_return text_of(Status::ok, "text/plain; version=0.0.4", metrics_text(state));
  };
  CHECK_OK(router->add(Method::get, "/_wraith", constant_page("text/html; charset=utf-8", kPage)));
  CHECK_OK(router->add(Method::get, "/_wraith/live.js", constant_page("text/javascript; charset=utf-8", kScript)));
  CHECK_OK(router->add(Method::get, "/_wraith/live.css", constant_page("text/css; charset=utf-8", kStyle)));
  CHECK_OK(router->add(Method::get, "/_wraith/health", guarded(state, health)));
  CHECK_OK(router->add(Method::get, "/_wraith/stats", guarded(state, stats)));
  CHECK_OK(router->add(Method::get, "/_wraith/backends", guarded(state, backends)));
  CHECK_OK(router->add(Method::post, "/_wraith/backends", guarded(state, changing(state, Verb::add))));
  CHECK_OK(router->add(Method::del, "/_wraith/backends", guarded(state, changing(state, Verb::remove))));
  CHECK_OK(router->add(Method::get, "/metrics", guarded(state, metrics)));
  PipelineOptions options;
  options.on_access = [](const Access&) {};  // the page asks every second; nothing to log about it
  options.content_security_policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
      "form-action 'none'";
  return make_pipeline(std::move(router), std::move(options));
}

namespace {

const std::string_view kPage = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Proxy</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="stylesheet" href="/_wraith/live.css"><script src="/_wraith/live.js" defer></script></head>
<body><header><h1>Proxy</h1><p id="state" role="status">Not connected</p></header>
<form id="enter"><label>Admin token <input id="token" type="password" autocomplete="off" required></label><button>Watch</button></form>
<main hidden><h2>Backends</h2>
<table><thead><tr><th scope="col">Upstream</th><th scope="col">Backend</th><th scope="col">State</th><th scope="col">Breaker</th>
<th scope="col">Active</th><th scope="col">Requests</th><th scope="col">Failures</th><th scope="col">Latency, ms</th></tr></thead>
<tbody id="backends"></tbody></table>
<h2>Totals</h2><dl id="totals"></dl></main></body></html>
)";

const std::string_view kScript = R"('use strict';
const $ = id => document.getElementById(id);
let token = '', timer = 0, before = null;
const cell = (row, text) => { const td = row.insertCell(); td.textContent = text; return td; };
function show(stats) {
  const body = $('backends');
  body.replaceChildren();
  for (const b of stats.backends) {
    const row = body.insertRow();
    cell(row, b.upstream); cell(row, b.url);
    cell(row, b.state).className = b.state; cell(row, b.breaker).className = b.breaker;
    cell(row, b.active); cell(row, b.requests); cell(row, b.failures);
    cell(row, b.latency_ms === null ? '–' : b.latency_ms.toFixed(2));
  }
  const totals = $('totals');
  totals.replaceChildren();
  for (const [name, value] of Object.entries(stats)) {
    if (typeof value !== 'number') continue;
    const dt = document.createElement('dt'), dd = document.createElement('dd');
    dt.textContent = name.replaceAll('_', ' ');
    dd.textContent = value.toLocaleString();
    totals.append(dt, dd);
  }
  const rate = before ? stats.requests - before.requests : 0;
  before = stats;
  $('state').textContent = rate + ' requests a second';
}
async function look() {
  try {
    const answer = await fetch('/_wraith/stats', { headers: { authorization: 'Bearer ' + token } });
    if (answer.status === 401) { $('state').textContent = 'That is not the token'; document.querySelector('main').hidden = true; return; }
    show(await answer.json());
    document.querySelector('main').hidden = false;
  } catch { $('state').textContent = 'The proxy does not answer'; }
  timer = setTimeout(look, 1000);
}
$('enter').addEventListener('submit', event => {
  event.preventDefault();
  clearTimeout(timer);
  token = $('token').value;
  look();
});
)";

const std::string_view kStyle =
    R"(body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.2rem 1rem}dd{margin:0;font-weight:600}
.healthy,.closed{color:#0a5c1e}.unhealthy,.open{color:#a30000}.maintenance,.draining,.half_open,.unknown{color:#7a4b00}
input,button{font:inherit;padding:.3rem .6rem}
@media (prefers-color-scheme:dark){body{color:#eee;background:#161616}
.healthy,.closed{color:#7ddc93}.unhealthy,.open{color:#ff8a8a}
.maintenance,.draining,.half_open,.unknown{color:#f2c46d}}
)";

}  // namespace

}  // namespace tablinum::net::proxy
