#include "tablinum/net/client.h"

#include <algorithm>
#include <map>

#include "client/alt_svc.h"
#include "client/pool.h"
#include "client/secure.h"
#include "http/coded_body.h"
#include "http/syntax.h"

namespace tablinum::net {
namespace {

constexpr std::size_t kOriginsMax = 256;  // whose pools are kept though they are empty

constexpr bool is_idempotent(Method method) noexcept { return is_safe(method) || method == Method::put || method == Method::del; }

bool is_redirect(Status status) noexcept {
  return status == Status::moved_permanently || status == Status::found || status == Status::see_other ||
         status == Status::temporary_redirect || status == Status::permanent_redirect;
}

/// What only the first origin may learn.
void drop_credentials(Headers& headers) {
  headers.erase(Field::authorization);
  headers.erase(Field::cookie);
  headers.erase("proxy-authorization");
}

/// 303 becomes GET, and so does POST with 301 and 302, as browsers do (RFC 9110 §15.4).
void become_get(ClientRequest& request) {
  request.method = request.method == Method::head ? Method::head : Method::get;
  request.body = Body{};
  for (const Field field : {Field::content_type, Field::content_encoding, Field::expect}) request.headers.erase(field);
}

/// @error io, unsupported: an answer in a coding that was not asked for.
Result<Response> decoded(Response response) {
  const auto name = response.headers.get(Field::content_encoding);
  if (!name || response.body.is_empty() || syntax::equal_ignoring_case(*name, "identity")) return response;
  Coding coding = Coding::identity;
  for (const Coding known : {Coding::gzip, Coding::zstd})
    if (syntax::equal_ignoring_case(*name, name_of(known))) coding = known;
  if (coding == Coding::identity) return fail(Code::unsupported, "an answer in another coding than was asked for");
  TRY(body, decoded_body(response.body.take_source(), coding));
  response.body = std::move(body);
  response.headers.erase(Field::content_encoding);
  response.headers.erase(Field::content_length);
  return response;
}

/// The server has not processed it, or it does no harm twice (RFC 9110 §9.2.2) and the connection had been kept: it may have died since.
bool may_repeat(Method method, const OriginPool::Lease& lease, Code code) noexcept {
  if (code == Code::refused && lease.session->multiplexed()) return true;
  const bool died = code == Code::refused || code == Code::closed || code == Code::reset;
  return died && lease.kept && is_idempotent(method);
}

}  // namespace

class ClientCore {
 public:
  explicit ClientCore(ClientOptions options) : options_{std::move(options)} {}
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;
  ~ClientCore() {
    for (const auto& [origin, pool] : pools_) pool->close();
  }

  io::Task<Result<Response>> fetch(io::Io& io, ClientRequest request);
  void close_idle() noexcept {
    for (const auto& [origin, pool] : pools_) pool->close_idle();
  }
  std::size_t connections() const noexcept {
    std::size_t open = 0;
    for (const auto& [origin, pool] : pools_) open += pool->open();
    return open;
  }

 private:
  Result<std::shared_ptr<OriginPool>> pool_of(const Origin& origin);
  void drop_unused() noexcept;
  void learn(const Origin& origin, const Response& response, Instant now) {
    if (const auto said = response.headers.get("alt-svc")) alt_svc_->learn(origin, *said, now);
  }
  io::Task<Result<Response>> ask(io::Io& io, const Url& url, ClientRequest request);

  ClientOptions options_;
  std::map<Origin, std::shared_ptr<OriginPool>> pools_;
  std::shared_ptr<AltSvcCache> alt_svc_ = std::make_shared<AltSvcCache>();
};

Result<std::shared_ptr<OriginPool>> ClientCore::pool_of(const Origin& origin) {
  if (const auto known = pools_.find(origin); known != pools_.end()) return known->second;
  if (pools_.size() >= kOriginsMax) drop_unused();
  if (origin.secure && !options_.tls) {
    TRY(tls, make_trust({}));
    options_.tls = std::move(tls);
  }
  PoolOptions made{.client = options_,
                   .connections_max = options_.connections_per_host_max,
                   .tls = options_.tls,
                   .server_name = {},
                   .alt_svc = alt_svc_};
  return pools_.emplace(origin, std::make_shared<OriginPool>(origin, std::move(made))).first->second;
}

void ClientCore::drop_unused() noexcept {
  std::erase_if(pools_, [](const auto& each) {
    const bool unused = each.second->open() == each.second->idle() && each.second->waiting() == 0;
    if (unused) each.second->close();
    return unused;
  });
}

io::Task<Result<Response>> ClientCore::ask(io::Io& io, const Url& url, ClientRequest request) {
  CO_TRY(pool, pool_of(url.origin));
  if (!request.headers.contains(Field::host)) request.headers.set(Field::host, url.origin.authority());
  request.target = url.target;
  const Chunk* whole = request.body.in_memory();
  if (whole == nullptr) {
    CO_TRY(lease, co_await pool->acquire(io, io.now() + options_.response_time));
    auto response = co_await lease.session->exchange(io, std::move(request));
    if (response) learn(url.origin, *response, io.now());
    co_return response;
  }
  for (bool again = false;; again = true) {
    CO_TRY(lease, co_await pool->acquire(io, io.now() + options_.response_time, again));
    ClientRequest copy;
    copy.method = request.method;
    copy.target = request.target;
    copy.headers = request.headers;
    copy.body = Body::of(*whole);
    copy.on_hints = request.on_hints;
    copy.scope = request.scope;
    auto response = co_await lease.session->exchange(io, std::move(copy));
    if (response) learn(url.origin, *response, io.now());
    if (response || again || !may_repeat(request.method, lease, response.error().code)) co_return response;
  }
}

io::Task<Result<Response>> ClientCore::fetch(io::Io& io, ClientRequest request) {
  CO_TRY(url, parse_url(request.url));
  const Chunk body = request.body.in_memory() ? *request.body.in_memory() : Chunk{};
  const bool repeatable = request.body.in_memory() != nullptr;
  if (options_.decompress && !request.headers.contains(Field::accept_encoding))
    request.headers.set(Field::accept_encoding, "zstd, gzip");
  const unsigned redirects_max = std::min(options_.redirects_max, kRedirectsMax);
  for (unsigned redirects = 0;; ++redirects) {
    ClientRequest step;
    step.method = request.method;
    step.headers = request.headers;
    step.body = repeatable ? Body::of(body) : std::move(request.body);
    if (request.body.is_empty() && repeatable) step.body = Body{};
    step.on_hints = request.on_hints;
    step.scope = request.scope;
    CO_TRY(response, co_await ask(io, url, std::move(step)));
    const auto location = response.headers.get(Field::location);
    const bool follows = redirects_max > 0 && is_redirect(response.status) && location;
    if (!follows) co_return options_.decompress ? decoded(std::move(response)) : Result<Response>{std::move(response)};
    if (redirects == redirects_max) co_return fail(Code::limit, "redirected too often");
    CO_TRY(next, resolve_url(url, *location));
    const bool becomes_get = response.status == Status::see_other ||
                             (request.method == Method::post &&
                              (response.status == Status::moved_permanently || response.status == Status::found));
    if (becomes_get) become_get(request);
    else if (!repeatable) co_return fail(Code::unsupported, "redirected with a body that cannot be sent again");
    if (next.origin != url.origin) {
      drop_credentials(request.headers);
      request.headers.erase(Field::host);
    }
    url = std::move(next);
  }
}

Client::Client(ClientOptions options) : core_{std::make_unique<ClientCore>(std::move(options))} {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
void Client::close_idle() noexcept { core_->close_idle(); }
std::size_t Client::connections() const noexcept { return core_->connections(); }
io::Task<Result<Response>> Client::fetch(io::Io& io, ClientRequest request) { return core_->fetch(io, std::move(request)); }

}  // namespace tablinum::net
