#include "proxy/engine.h"

#include <algorithm>
#include <array>

#include "http/syntax.h"
#include "proxy/forwarding.h"
#include "tablinum/base/log.h"
#include "tablinum/net/conditional.h"
#include "tablinum/net/stream.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net::proxy {
namespace {

constexpr Status kTooEarly{425};

constexpr bool is_idempotent(Method method) noexcept { return is_safe(method) || method == Method::put || method == Method::del; }

constexpr bool is_gateway_failure(Status status) noexcept {
  return status == Status::bad_gateway || status == Status::service_unavailable || status == Status::gateway_timeout;
}

/// What becomes of a request when its connection ends.
constexpr bool ended_before(Code code) noexcept { return code == Code::refused || code == Code::closed || code == Code::reset; }

Status status_for(Code code) noexcept {
  switch (code) {
    case Code::timeout: return Status::gateway_timeout;
    case Code::limit: case Code::unavailable: return Status::service_unavailable;
    default: return Status::bad_gateway;
  }
}

/// What has been read of a request's body, so that it can be sent again, up to kReplayBytesMax.
struct Replay {
  explicit Replay(Body from) : source{std::move(from)} {}
  Body source;
  std::vector<Chunk> read;
  std::size_t bytes = 0;
  bool complete = false;
  bool lost = false;  // more was read than is kept
  std::optional<Error> error;
};

class ReplaySource final : public BodySource {
 public:
  explicit ReplaySource(std::shared_ptr<Replay> replay) noexcept : replay_{std::move(replay)} {}
  io::Task<Result<Chunk>> read(io::Io& io) override {
    if (at_ < replay_->read.size()) co_return replay_->read[at_++];
    if (replay_->complete) co_return Chunk{};
    auto piece = co_await replay_->source.read(io);
    if (!piece) {
      if (piece.error().code != Code::cancelled) replay_->error = piece.error();
      co_return piece;
    }
    replay_->complete = piece->empty();
    keep(*piece);
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return replay_->source.size(); }
  Headers trailers() override {
    Headers trailers = replay_->source.take_trailers();
    keep_to_trailers(trailers);
    return trailers;
  }

 private:
  void keep(const Chunk& piece) {
    if (piece.empty()) return;
    if (replay_->bytes + piece.size() > kReplayBytesMax) replay_->lost = true;
    if (replay_->lost) return;
    replay_->bytes += piece.size();
    replay_->read.push_back(piece);
    at_ = replay_->read.size();
  }
  std::shared_ptr<Replay> replay_;
  std::size_t at_ = 0;
};

/// A request under way at a backend: counted until the answer's last byte.
class Ticket {
 public:
  explicit Ticket(std::shared_ptr<Backend> backend) noexcept : backend_{std::move(backend)} {
    ++backend_->active;
    ++backend_->requests;
  }
  Ticket(Ticket&& other) noexcept : backend_{std::move(other.backend_)} {}
  Ticket& operator=(Ticket&& other) noexcept {
    std::swap(backend_, other.backend_);
    return *this;
  }
  ~Ticket() {
    if (backend_) --backend_->active;
  }

 private:
  std::shared_ptr<Backend> backend_;
};

/// A client's place in the limiter.
class Admission {
 public:
  Admission(ClientLimiter& limiter, std::string address) : limiter_{limiter}, address_{std::move(address)} {}
  Admission(const Admission&) = delete;
  ~Admission() { limiter_.leave(address_); }

 private:
  ClientLimiter& limiter_;
  std::string address_;
};

/// Those who ask the same meanwhile wait for this.
class Fill {
 public:
  Fill(std::unordered_map<std::string, std::shared_ptr<io::Event>>& fills, std::string key, io::Io& io)
      : fills_{fills}, key_{std::move(key)}, done_{std::make_shared<io::Event>(io)} {
    fills_[key_] = done_;
  }
  Fill(const Fill&) = delete;
  ~Fill() {
    done_->set();
    fills_.erase(key_);
  }

 private:
  std::unordered_map<std::string, std::shared_ptr<io::Event>>& fills_;
  std::string key_;
  std::shared_ptr<io::Event> done_;
};

std::string cache_key(const Request& request) {
  return host_name(request.headers.get_or(Field::host, "")) + ' ' + request.target.text();
}

Response problem(Status status, std::string_view code, std::string detail) {
  return problem_response(Problem{.status = status, .code = std::string{code}, .detail = std::move(detail)}, {});
}

Response no_backend() {
  Response response = problem(Status::service_unavailable, "no_backend", "no backend can take the request now");
  response.headers.set(Field::retry_after, "1");
  return response;
}

}  // namespace

/// Everything about one request of a client on its way through.
struct Engine::Exchange {
  Request& request;
  std::shared_ptr<const Snapshot> snapshot;
  const ProxyRoute& route;
  Upstream& upstream;
  std::shared_ptr<Admission> admission{};
  std::shared_ptr<Replay> replay{};
  std::optional<Headers> validators{};        ///< instead of the client's own, for a revalidation
  bool for_cache = false;                     ///< ask for the whole, to keep it
  std::shared_ptr<Fill> fill{};
  std::shared_ptr<CacheEntry> entry{};        ///< being filled
  std::string key{};
  std::shared_ptr<Request> own_request{};     ///< of background work
  Timestamp asked{};
};

struct Engine::Attempt {
  std::optional<Response> response{};
  std::optional<Ticket> ticket{};
  std::optional<Error> error{};
  bool sent = false;       ///< something may have reached the backend
  bool was_kept = false;   ///< over a connection that had been open before
  Instant begin{};
};

/// An answer's body on its way to the client, and perhaps into the cache.
class RelayBody final : public BodySource {
 public:
  RelayBody(Engine& engine, Body inner, Ticket ticket, const Engine::Exchange& exchange)
      : shared_{engine.shared_},
        inner_{std::move(inner)},
        ticket_{std::move(ticket)},
        admission_{exchange.admission},
        fill_{exchange.fill},
        entry_{exchange.entry},
        key_{exchange.key},
        snapshot_{exchange.snapshot} {}

  io::Task<Result<Chunk>> read(io::Io& io) override {
    auto piece = co_await inner_.read(io);
    if (piece && entry_) keep(*piece);
    if (!piece) entry_.reset();
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return inner_.size(); }
  Headers trailers() override {
    Headers trailers = inner_.take_trailers();
    keep_to_trailers(trailers);
    return trailers;
  }

 private:
  void keep(const Chunk& piece) {
    if (piece.empty()) {
      shared_.cache.store(key_, std::move(entry_));
      ++shared_.totals.cache_stored;
      entry_.reset();
      fill_.reset();
      return;
    }
    entry_->body_bytes += piece.size();
    entry_->body.push_back(piece);
    if (entry_->body_bytes <= snapshot_->options.cache.entry_bytes_max) return;
    entry_.reset();
    fill_.reset();
  }
  Shared& shared_;
  Body inner_;
  Ticket ticket_;
  std::shared_ptr<Admission> admission_;
  std::shared_ptr<Fill> fill_;
  std::shared_ptr<CacheEntry> entry_;
  std::string key_;
  std::shared_ptr<const Snapshot> snapshot_;
};

Engine::~Engine() {
  for (const auto& [backend, pool] : pools_) pool.pool->close();
}

io::Task<void> Engine::leave() {
  for (const auto& [backend, pool] : pools_) pool.pool->close();
  const Instant limit = io_.now() + kGoodbyeTime;
  const auto is_open = [](const auto& each) { return each.second.pool->shared() > 0; };
  while (std::ranges::any_of(pools_, is_open) && io_.now() < limit) {
    const auto slept = co_await io::sleep(io_, Duration::milliseconds(5));
    if (!slept) co_return;
  }
}

std::uint64_t Engine::random() noexcept {
  if (random_state_ == 0) io_.fill_random(std::as_writable_bytes(std::span{&random_state_, 1}));
  random_state_ += 0x9e3779b97f4a7c15;
  return hash_text({reinterpret_cast<const char*>(&random_state_), sizeof random_state_});
}

std::shared_ptr<const Snapshot> Engine::snapshot() {
  const std::uint64_t generation = shared_.generation.load(std::memory_order_acquire);
  if (generation == generation_) return snapshot_;
  generation_ = generation;
  snapshot_ = shared_.current();
  std::erase_if(pools_, [&](const auto& each) {
    const bool used = std::ranges::any_of(snapshot_->upstreams, [&](const auto& upstream) {
      return std::ranges::find(upstream->backends, each.second.backend) != upstream->backends.end();
    });
    if (!used) each.second.pool->close();
    return !used;
  });
  return snapshot_;
}

std::shared_ptr<OriginPool> Engine::pool_of(const Upstream& upstream, const std::shared_ptr<Backend>& backend) {
  Pool& pool = pools_[backend.get()];
  if (pool.pool) return pool.pool;
  ClientOptions client;
  client.connect_time = upstream.options.times.connect;
  client.response_time = upstream.options.times.first_byte;
  client.idle_time = upstream.options.times.idle;
  client.speak = upstream.options.speak;
  client.scope = scope_;
  pool.backend = backend;
  pool.pool = std::make_shared<OriginPool>(backend->origin, PoolOptions{.client = client,
                                                                        .connections_max = backend->options.connections_max,
                                                                        .waiters_max = upstream.options.queue_max,
                                                                        .tls = upstream.tls,
                                                                        .server_name = upstream.options.tls.server_name,
                                                                        .alt_svc = alt_svc_});
  return pool.pool;
}

io::Task<Result<Response>> Engine::handle(Request& request) {
  ++shared_.totals.requests;
  auto now_valid = snapshot();
  const std::string host = host_name(request.headers.get_or(Field::host, ""));
  if (path_is_ambiguous(request.target.path())) {
    ++shared_.totals.refused;
    co_return problem(Status::bad_request, "invalid_path", "dot segments are not passed on");
  }
  const Snapshot::Route* route = now_valid->find(host, request.target.path());
  if (route == nullptr) {
    ++shared_.totals.refused;
    co_return problem(Status::not_found, "not_found", "nothing is served under this name and path");
  }
  const std::string_view via = now_valid->options.via;
  if (hops_of(request.headers, via) >= kViaHopsMax) co_return problem(Status::bad_gateway, "loop", "the request goes round in a circle");
  if (shared_.limiter.counts() && !shared_.limiter.enter(request.peer.address, io_.now())) {
    ++shared_.totals.limited;
    Response response = problem(Status::too_many_requests, "rate_limited", "this client asks too much");
    response.headers.set(Field::retry_after, "1");
    co_return response;
  }
  co_return co_await answer(request, std::move(now_valid), *route);
}

io::Task<Result<Response>> Engine::answer(Request& request, std::shared_ptr<const Snapshot> snapshot, const Snapshot::Route& route) {
  Exchange exchange{.request = request, .snapshot = snapshot, .route = *route.options, .upstream = *route.upstream};
  if (shared_.limiter.counts()) exchange.admission = std::make_shared<Admission>(shared_.limiter, request.peer.address);
  // A replay of these could do harm (RFC 8470 §5.2); the client asks again when the handshake is done.
  if (request.early && !is_safe(request.method)) co_return problem(kTooEarly, "too_early", "not in early data");
  request.body.set_limit(exchange.route.body_bytes_max);
  if (request.body.over_limit()) co_return fail(Code::too_large, "the body is larger than this route allows");
  if (request.headers.contains(Field::upgrade) && exchange.route.websocket && request.body.is_empty() &&
      list_contains(request.headers.get_or(Field::connection, "upgrade"), "upgrade"))
    co_return co_await tunnel(exchange);
  if (!request.body.is_empty()) exchange.replay = std::make_shared<Replay>(std::move(request.body));
  const bool cacheable = request.method == Method::get || request.method == Method::head;
  if (exchange.route.cache && cacheable) co_return co_await answer_cached(exchange);
  auto response = co_await forward(exchange);
  if (exchange.route.cache && response && invalidates(request.method) && number(response->status) < 400) {
    shared_.cache.invalidate(cache_key(request));
    for (const char* name : {"location", "content-location"}) {
      const auto other = response->headers.get(name);
      auto url =
          other ? resolve_url(Url{Origin{false, host_name(request.headers.get_or(Field::host, "")), 80}, request.target.text()},
                              *other)
                : Result<Url>{fail(Code::not_found)};
      if (url && url->origin.host == host_name(request.headers.get_or(Field::host, "")))
        shared_.cache.invalidate(url->origin.host + ' ' + url->target);
    }
  }
  co_return response;
}

Headers Engine::upstream_headers(const Exchange& exchange, const Backend& backend) const {
  const Request& request = exchange.request;
  Headers headers = request.headers;
  keep_end_to_end(headers);
  const std::string_view host = request.headers.get_or(Field::host, "");
  if (!exchange.route.pass_host || host.empty()) headers.set(Field::host, backend.origin.authority());
  if (exchange.for_cache)
    for (const Field field : {Field::if_none_match, Field::if_modified_since, Field::if_match, Field::if_unmodified_since,
                              Field::if_range, Field::range})
      headers.erase(field);
  if (exchange.validators)
    for (const FieldView field : *exchange.validators) headers.set(field.field, field.value);
  headers.erase(Field::content_length);
  add_forwarding(headers, {.peer = request.peer.address,
                           .peer_is_trusted = exchange.snapshot->trusts(request.peer.address),
                           .secure = request.tls != nullptr || request.protocol == Protocol::http3,
                           .host = host,
                           .name = exchange.snapshot->options.via});
  if (request.early) headers.set("early-data", "1");
  apply_edits(headers, exchange.route.request);
  return headers;
}

namespace {

/// What ip_hash and consistent_hash go by.
std::uint64_t hash_key(const UpstreamOptions& options, const Request& request) {
  const std::string_view key = options.hash_key;
  if (options.algorithm == Algorithm::ip_hash || key == "ip") return hash_text(client_key(request.peer.address));
  if (key == "path") return hash_text(request.target.path());
  if (key.starts_with("header:")) return hash_text(request.headers.get(key.substr(7)).value_or(""));
  // "cookie:NAME"
  const std::string mark = std::string{key.substr(7)} + "=";
  for (std::string_view rest = request.headers.get_or(Field::cookie, ""); !rest.empty();) {
    const auto end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(mark)) return hash_text(pair.substr(mark.size()));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return hash_text(client_key(request.peer.address));
}

}  // namespace

std::shared_ptr<Backend> Engine::choose(Exchange& exchange, const std::vector<const Backend*>& tried) {
  Upstream& upstream = exchange.upstream;
  const Algorithm algorithm = upstream.options.algorithm;
  const bool hashes = algorithm == Algorithm::ip_hash || algorithm == Algorithm::consistent_hash;
  const std::uint64_t key = hashes ? hash_key(upstream.options, exchange.request) : 0;
  const std::uint64_t bits = algorithm == Algorithm::random ? random() : 0;
  const std::lock_guard lock{upstream.mutex};
  std::vector<Load> loads;
  loads.reserve(upstream.backends.size());
  const Instant now = io_.now();
  for (const auto& backend : upstream.backends) {
    const bool available = !backend->drained && backend->health.may_serve() && backend->breaker.allows(now) &&
                           std::ranges::find(tried, backend.get()) == tried.end();
    loads.push_back({available, backend->active.load(std::memory_order_relaxed), backend->latency.milliseconds()});
  }
  const auto index = upstream.balancer.pick(loads, key, bits);
  if (!index) return nullptr;
  upstream.backends[*index]->breaker.begin(now);
  return upstream.backends[*index];
}

/// One try at one backend. The breaker, health and latency learn from it.
io::Task<Engine::Attempt> Engine::send_once(Exchange& exchange, std::shared_ptr<Backend> backend, bool fresh) {
  Attempt attempt;
  attempt.ticket.emplace(backend);
  attempt.begin = io_.now();
  exchange.asked = io_.wall_time();
  const UpstreamTimes& times = exchange.upstream.options.times;
  auto lease = co_await pool_of(exchange.upstream, backend)->acquire(io_, io_.now() + times.first_byte, fresh);
  if (!lease) {
    attempt.error = std::move(lease).error();
    co_return attempt;
  }
  attempt.was_kept = lease->kept;
  attempt.sent = true;
  ClientRequest request;
  request.method = exchange.for_cache ? Method::get : exchange.request.method;
  std::string_view target = exchange.request.target.text();
  if (exchange.route.strip_path && exchange.route.path != "/") {
    target.remove_prefix(exchange.route.path.size() - (exchange.route.path.ends_with('/') ? 1 : 0));
    if (!target.starts_with('/')) request.target = "/";
    else request.target.clear();
    request.target += target;
  } else {
    request.target = target;
  }
  request.headers = upstream_headers(exchange, *backend);
  if (exchange.replay) request.body = Body::from(std::make_unique<ReplaySource>(exchange.replay));
  request.scope = exchange.request.scope;
  if (exchange.request.send_hints) request.on_hints = exchange.request.send_hints;
  auto response = co_await lease->session->exchange(io_, std::move(request));
  if (!response) {
    attempt.error = std::move(response).error();
    // By its own word the backend has not processed it.
    attempt.sent = attempt.error->code != Code::refused || !lease->session->multiplexed();
    co_return attempt;
  }
  if (auto whole = co_await await_if_short(exchange, *lease->session, *response); !whole) {
    attempt.error = std::move(whole).error();
    co_return attempt;
  }
  if (const auto said = response->headers.get("alt-svc")) alt_svc_->learn(backend->origin, *said, io_.now());
  response->headers.erase("alt-svc");  // of the backend's host, not of ours
  attempt.response = std::move(*response);
  co_return attempt;
}

/// A short answer is awaited whole before any of it goes on: where the backend dies in the middle, another can still be asked.
/// (Over HTTP/1.1, where a body of known size has no trailers.)
io::Task<Result<void>> Engine::await_if_short(const Exchange& exchange, const ClientSession& session, Response& response) {
  const bool comes_whole = response.body.in_memory() != nullptr;
  const bool is_short = !session.multiplexed() && response.body.size().value_or(kShortAnswerBytesMax + 1) <= kShortAnswerBytesMax;
  if (comes_whole || !is_short || !may_repeat(exchange, true)) co_return {};
  CO_TRY(whole, co_await response.body.read_all(io_, kShortAnswerBytesMax));
  response.body = Body::of(std::move(whole));
  co_return {};
}

bool Engine::may_repeat(const Exchange& exchange, bool sent) const noexcept {
  if (exchange.replay && (exchange.replay->lost || exchange.replay->error)) return false;
  return !sent || is_idempotent(exchange.request.method);
}

/// What the breaker, health and latency of the backend learn from a try.
Engine::Verdict Engine::learn(Exchange& exchange, Backend& backend, const Attempt& attempt) {
  const bool by_client = attempt.error && ((exchange.replay && exchange.replay->error) || attempt.error->code == Code::cancelled);
  const bool busy = attempt.error && attempt.error->code == Code::limit;
  const bool failed = attempt.error ? !by_client && !busy : is_gateway_failure(attempt.response->status);
  {
    const std::lock_guard lock{exchange.upstream.mutex};
    if (by_client || busy) backend.breaker.abandoned();
    else if (failed) backend.breaker.failed(io_.now());
    else backend.breaker.succeeded();
    if (!by_client && !busy && exchange.upstream.options.health.active) backend.health.served(!failed);
    if (attempt.response && !failed) backend.latency.add(io_.now(), io_.now() - attempt.begin);
  }
  if (failed) {
    ++backend.failures;
    ++shared_.totals.upstream_errors;
  }
  return by_client ? Verdict::clients_fault : failed || busy ? Verdict::failed : Verdict::well;
}

bool Engine::withdraw_repeat(const Exchange& exchange, const Attempt& attempt, unsigned repeat) {
  // A backend that is slow once is not asked to be slow three times.
  const bool timed_out = attempt.error && attempt.error->code == Code::timeout && attempt.sent;
  if (repeat >= exchange.upstream.options.retry.repeats_max || timed_out || !may_repeat(exchange, attempt.sent)) return false;
  const std::lock_guard lock{exchange.upstream.mutex};
  return exchange.upstream.budget.withdraw(io_.now());
}

io::Task<Result<Response>> Engine::forward(Exchange& exchange) {
  {
    const std::lock_guard lock{exchange.upstream.mutex};
    exchange.upstream.budget.request(io_.now());
  }
  std::vector<const Backend*> tried;
  for (unsigned repeat = 0;; ++repeat) {
    auto backend = choose(exchange, tried);
    // All have been tried: begin again with those that are not given up, rather than give up the request.
    if (!backend && !tried.empty()) backend = choose(exchange, {});
    if (!backend) {
      ++shared_.totals.no_backend;
      co_return no_backend();
    }
    auto attempt = co_await send_once(exchange, backend, false);
    // A kept connection that had ended says nothing about the backend: once more over a new one.
    const bool stale = attempt.error && attempt.was_kept && ended_before(attempt.error->code) && may_repeat(exchange, attempt.sent);
    if (stale) attempt = co_await send_once(exchange, backend, true);
    const Verdict verdict = learn(exchange, *backend, attempt);
    if (verdict == Verdict::clients_fault) {
      const bool known = exchange.replay && exchange.replay->error;
      co_return std::unexpected(known ? *exchange.replay->error : std::move(*attempt.error));
    }
    if (verdict == Verdict::well || !withdraw_repeat(exchange, attempt, repeat)) co_return conclude(exchange, std::move(attempt), backend);
    tried.push_back(backend.get());
    ++shared_.totals.repeats;
    attempt = Attempt{};
    const Duration pause = backoff(repeat + 1, exchange.upstream.options.retry.base, random());
    if (pause.ns > 0) CO_CHECK_OK(co_await io::sleep(io_, pause));
  }
}

/// The last try's answer, whatever it is.
Response Engine::conclude(Exchange& exchange, Attempt attempt, const std::shared_ptr<Backend>& backend) {
  if (!attempt.response) {
    log::warn("proxy", "a backend failed", {{"backend", backend->options.url}, {"error", describe(*attempt.error)}});
    return problem(status_for(attempt.error->code), "bad_gateway", "the backend did not answer as it should");
  }
  Body body = std::move(attempt.response->body);
  Response response = finish_response(exchange, std::move(*attempt.response), backend, attempt.begin);
  if (exchange.fill && response.status != Status::not_modified) {
    if (may_store(exchange.request, response.status, response.headers))
      exchange.entry = std::make_shared<CacheEntry>(
          make_entry(exchange.request, response.status, response.headers, exchange.asked, io_.wall_time()));
    else exchange.fill.reset();
  }
  if (body.in_memory() == nullptr) {
    response.body = Body::from(std::make_unique<RelayBody>(*this, std::move(body), std::move(*attempt.ticket), exchange));
    return response;
  }
  if (exchange.entry) keep_whole(exchange, *body.in_memory());
  response.body = std::move(body);
  return response;
}

/// An answer that has come in one piece goes into the cache at once.
void Engine::keep_whole(Exchange& exchange, const Chunk& body) {
  if (body.size() <= exchange.snapshot->options.cache.entry_bytes_max) {
    exchange.entry->body_bytes = body.size();
    if (!body.empty()) exchange.entry->body.push_back(body);
    shared_.cache.store(exchange.key, exchange.entry);
    ++shared_.totals.cache_stored;
  }
  exchange.fill.reset();
}

Response Engine::finish_response(const Exchange& exchange, Response response, const std::shared_ptr<Backend>& backend,
                                 Instant begin) const {
  keep_end_to_end(response.headers);
  const ProxyOptions& options = exchange.snapshot->options;
  add_via(response.headers, options.via);
  apply_edits(response.headers, exchange.route.response);
  if (options.report_fields) {
    const std::string ms = std::to_string(static_cast<double>((io_.now() - begin).ns / 1000) / 1000.0);
    response.headers.set("x-proxy", options.via);
    response.headers.set("x-backend", backend->options.url);
    response.headers.set("x-response-time", ms);
    response.headers.add("server-timing", "upstream;dur=" + ms);
  }
  return response;
}

// The cache ----------------------------------------------------------------------------------------------------------------------

Response Engine::serve(const Exchange& exchange, const CacheEntry& entry, std::string_view detail) const {
  const Request& request = exchange.request;
  Response response;
  response.status = entry.status;
  response.headers = entry.headers;
  response.headers.set(Field::age, static_cast<std::uint64_t>(std::max<std::int64_t>(0, entry.kept(io_.wall_time()).age)));
  response.headers.set("cache-status", exchange.snapshot->options.via + "; " + std::string{detail});
  const auto modified = from_http_date(entry.headers.get_or(Field::last_modified, ""));
  const Validators validators{.etag = entry.headers.get_or(Field::etag, ""),
                              .last_modified = modified ? std::optional{*modified} : std::nullopt};
  const Precondition says =
      entry.status == Status::ok ? evaluate_preconditions(request.method, request.headers, validators) : Precondition::go_on;
  if (says != Precondition::go_on) {
    response.status = says == Precondition::failed ? Status::precondition_failed : Status::not_modified;
    response.headers.erase(Field::content_length);
    return response;
  }
  auto chunks = std::make_shared<const std::vector<Chunk>>(entry.body);
  const SliceBody slice = [chunks](ByteRange range) {
    struct State {
      std::shared_ptr<const std::vector<Chunk>> chunks;
      std::size_t index = 0;
      std::uint64_t skip, left;
    };
    auto state = std::make_shared<State>(State{chunks, 0, range.begin, range.size()});
    return Body::stream([state](io::Io&) -> io::Task<Result<Chunk>> {
      while (state->left > 0 && state->index < state->chunks->size()) {
        const Chunk& chunk = (*state->chunks)[state->index];
        if (state->skip >= chunk.size()) {
          state->skip -= chunk.size();
          ++state->index;
          continue;
        }
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(state->left, chunk.size() - state->skip));
        const auto at = static_cast<std::size_t>(state->skip);
        state->left -= take;
        state->skip = 0;
        ++state->index;
        co_return chunk.slice(at, take);
      }
      co_return Chunk{};
    }, range.size());
  };
  if (entry.status == Status::ok) return apply_ranges(request, std::move(response), entry.body_bytes, slice);
  response.body = slice({0, entry.body_bytes});
  return response;
}

void Engine::begin_fill(Exchange& exchange, const std::string& key) {
  exchange.key = key;
  exchange.for_cache = true;
  exchange.fill = std::make_shared<Fill>(fills_, key, io_);
}

io::Task<Result<Response>> Engine::answer_cached(Exchange& exchange) {
  Request& request = exchange.request;
  const std::string key = cache_key(request);
  const CacheControl asked = cache_control_of(request.headers, true);
  std::string forwarded = "fwd=uri-miss";
  for (bool waited = false;; waited = true) {
    bool varies = false;
    auto entry = shared_.cache.find(key, request.headers, &varies);
    if (varies && !entry) forwarded = "fwd=vary-miss";
    if (entry) {
      const Use use = use_of(asked, entry->kept(io_.wall_time()));
      if (use != Use::validate) {
        ++(use == Use::fresh ? shared_.totals.cache_hits : shared_.totals.cache_stale);
        if (use == Use::background && scope_ != nullptr && !fills_.contains(key)) {
          auto own = std::make_shared<Request>();
          own->method = Method::get;
          own->target = request.target;
          own->headers = request.headers;
          own->peer = request.peer;
          scope_->spawn(revalidate_behind(std::make_shared<Exchange>(Exchange{.request = *own, .snapshot = exchange.snapshot,
                                                                              .route = exchange.route, .upstream = exchange.upstream,
                                                                              .own_request = own}),
                                          entry)).keep();
        }
        const std::string detail = "hit; ttl=" + std::to_string(entry->lifetime - entry->kept(io_.wall_time()).age);
        co_return serve(exchange, *entry, detail);
      }
    }
    if (asked.only_if_cached) co_return problem(Status::gateway_timeout, "not_cached", "it is not in the cache");
    const auto filling = fills_.find(key);
    if (filling != fills_.end() && !waited && !asked.no_store) {
      const auto done = filling->second;
      ++shared_.totals.cache_collapsed;
      auto ended = co_await done->wait().until(io_.now() + kCollapseTime);
      if (!ended && ended.error().code != Code::timeout) co_return std::unexpected(std::move(ended).error());
      continue;
    }
    if (entry) co_return co_await revalidate(exchange, std::move(entry));
    break;
  }
  ++shared_.totals.cache_misses;
  if (asked.no_cache) forwarded = "fwd=request";
  // A part, or the head alone, is no answer to keep; it is asked for as it is.
  const bool whole = request.method == Method::get && !request.headers.contains(Field::range) && !asked.no_store;
  if (whole && !fills_.contains(key)) begin_fill(exchange, key);
  auto response = co_await forward(exchange);
  if (response)
    response->headers.set("cache-status",
                          exchange.snapshot->options.via + "; " + forwarded + (exchange.entry ? "; stored" : ""));
  co_return response;
}

/// Asks the server whether what is kept still holds.
io::Task<Result<Response>> Engine::revalidate(Exchange& exchange, std::shared_ptr<const CacheEntry> entry) {
  const CacheControl asked = cache_control_of(exchange.request.headers, true);
  const std::string key = cache_key(exchange.request);
  begin_fill(exchange, key);
  exchange.validators.emplace();
  if (const auto etag = entry->headers.get(Field::etag)) exchange.validators->set(Field::if_none_match, *etag);
  if (const auto modified = entry->headers.get(Field::last_modified)) exchange.validators->set(Field::if_modified_since, *modified);
  auto response = co_await forward(exchange);
  const bool failed = !response || number(response->status) == 500 || is_gateway_failure(response->status);
  if (failed && usable_on_error(asked, entry->kept(io_.wall_time()))) {
    ++shared_.totals.cache_stale;
    exchange.fill.reset();
    co_return serve(exchange, *entry, "hit; fwd=stale; detail=stale-if-error");
  }
  if (!response) co_return response;
  if (response->status != Status::not_modified) {
    ++shared_.totals.cache_misses;
    response->headers.set("cache-status", exchange.snapshot->options.via + "; fwd=stale; fwd-status=" +
                                              std::to_string(number(response->status)) + (exchange.entry ? "; stored" : ""));
    co_return response;
  }
  ++shared_.totals.cache_revalidated;
  Headers merged = entry->headers;
  merge_not_modified(merged, response->headers);
  auto renewed = std::make_shared<CacheEntry>(make_entry(exchange.request, entry->status, merged, exchange.asked, io_.wall_time()));
  renewed->body = entry->body;
  renewed->body_bytes = entry->body_bytes;
  shared_.cache.store(key, renewed);
  exchange.fill.reset();
  co_return serve(exchange, *renewed, "hit; fwd=stale; fwd-status=304");
}

io::Task<void> Engine::revalidate_behind(std::shared_ptr<Exchange> exchange, std::shared_ptr<const CacheEntry> entry) {
  auto response = co_await revalidate(*exchange, std::move(entry));
  if (response) co_await response->body.discard(io_);
}

// Tunnels ------------------------------------------------------------------------------------------------------------------------

namespace {

io::Task<void> pump(io::Io& io, ByteStream& from, ByteStream& to) {
  Bytes buffer(kTunnelBufferBytes);
  while (true) {
    auto got = co_await from.read(buffer, io.now() + kTunnelIdleTime);
    if (!got) break;
    if (*got == 0) {
      co_await to.end(io.now() + kTunnelIdleTime);
      co_return;
    }
    const ByteView piece = ByteView{buffer}.first(*got);
    auto sent = co_await to.write({&piece, 1}, io.now() + kTunnelIdleTime);
    if (!sent) break;
  }
  from.close();
  to.close();
}

io::Task<void> join_streams(io::Io& io, ByteStream& client, ByteStream& backend) {
  auto body = [&](io::Scope& scope) -> io::Task<void> {
    scope.spawn(pump(io, client, backend)).keep();
    co_await pump(io, backend, client);
  };
  co_await io::with_scope(io, body, io::ScopePolicy::supervise);
}

}  // namespace

io::Task<Result<Response>> Engine::tunnel(Exchange& exchange) {
  auto backend = choose(exchange, {});
  if (!backend) co_return no_backend();
  auto ticket = std::make_shared<Ticket>(backend);
  const auto report = [&](bool well) {
    const std::lock_guard lock{exchange.upstream.mutex};
    if (well) backend->breaker.succeeded();
    else backend->breaker.failed(io_.now());
  };
  // A connection of its own: the last word of a kept one would be missed.
  auto lease = co_await pool_of(exchange.upstream, backend)->acquire_own(io_, io_.now() + exchange.upstream.options.times.connect);
  if (!lease) {
    report(false);
    co_return problem(status_for(lease.error().code), "bad_gateway", "the backend did not answer as it should");
  }
  ClientRequest request;
  request.method = exchange.request.method;
  request.target = exchange.request.target.text();
  request.headers = upstream_headers(exchange, *backend);
  request.headers.set(Field::upgrade, exchange.request.headers.get_or(Field::upgrade, "websocket"));
  // A client over HTTP/2 or 3 has no key (RFC 8441 §5.1), but a backend over HTTP/1.1 wants one.
  std::string own_key;
  const bool websocket = syntax::equal_ignoring_case(request.headers.get_or(Field::upgrade, ""), "websocket");
  if (websocket && exchange.request.protocol != Protocol::http11 && !request.headers.contains("sec-websocket-key")) {
    own_key = request_websocket(io_, {}).key;
    request.headers.set("sec-websocket-key", own_key);
  }
  const Instant begin = io_.now();
  auto answered = co_await lease->session->exchange(io_, std::move(request));
  report(answered.has_value());
  if (!answered) co_return problem(status_for(answered.error().code), "bad_gateway", "the backend did not answer as it should");
  const auto upgrade = answered->headers.get(Field::upgrade);
  const std::optional<std::string> protocol = upgrade ? std::optional{std::string{*upgrade}} : std::nullopt;
  if (!own_key.empty() && answered->status == Status::switching_protocols) {
    if (!check_websocket(*answered, own_key))
      co_return problem(Status::bad_gateway, "bad_gateway", "the backend did not answer as it should");
    answered->headers.erase("sec-websocket-accept");
  }
  Response response = finish_response(exchange, std::move(*answered), backend, begin);
  if (response.status != Status::switching_protocols) co_return response;
  ++shared_.totals.tunnels;
  if (protocol) response.headers.set(Field::upgrade, *protocol);
  response.takeover = [stream = std::move(response.stream), ticket, admission = exchange.admission](io::Io& io, ByteStream& client) {
    return join_streams(io, client, *stream);
  };
  co_return response;
}

}  // namespace tablinum::net::proxy
