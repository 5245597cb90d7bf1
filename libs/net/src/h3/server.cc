#include "h3/server.h"

#include <exception>

#include "h3/tunnel.h"
#include "http/response_fields.h"
#include "server/environment.h"
#include "server/pooled.h"
#include "tablinum/base/log.h"
#include "tablinum/io/scope.h"
#include "tls/peer.h"

namespace tablinum::net::h3 {
namespace {

h1::HeadLimits head_limits(const Limits& limits) noexcept {
  return {limits.request_line_bytes_max, limits.header_bytes_max, limits.fields_max};
}

}  // namespace

/// A request and its answer.
class ServerWire::Exchange final : public Stream {
 public:
  Exchange(ServerEnvironment& environment, ServerWire& server, std::int64_t id)
      : Stream{environment.io, server, id},
        head{head_limits(environment.limits)},
        trailers{head_limits(environment.limits)},
        receiving{environment.limits.body_grace, environment.limits.rate_bytes_min},
        sending{environment.limits.drain_grace, environment.limits.rate_bytes_min} {}

  void abort(const Error& why) noexcept override {
    Stream::abort(why);
    if (task != nullptr) task->cancel(io::Reason::user);
  }
  ServerWire* server() const noexcept { return static_cast<ServerWire*>(wire()); }

  StreamHead head;
  StreamTrailers trailers;
  RateFloor receiving, sending;
  io::Context* task = nullptr;  // of the handler, while it runs
  bool started = false;         // a task was spawned: it frees the stream's place
  bool early = false;
  bool body_follows = false;
  bool endless = false;         // a tunnel: draining does not wait for it
  Peer peer;
  std::optional<h1::Parsed<StreamRequest>> parsed;
  std::shared_ptr<const TlsInfo> tls;
  std::shared_ptr<ServerWire*> place;  // what it points to is null once the connection is over
};

namespace {

/// The body of a request, as handlers see it. It may outlive the request; then reading it says what ended it.
class IncomingBody final : public BodySource {
 public:
  IncomingBody(std::shared_ptr<Stream> stream, RateFloor& floor, std::optional<std::uint64_t> size) noexcept
      : stream_{std::move(stream)}, floor_{floor}, size_{size} {}
  ~IncomingBody() override { stream_->drop_input(); }
  io::Task<Result<Chunk>> read(io::Io&) override {
    auto piece = co_await stream_->read(&floor_);
    if (!piece) co_return std::unexpected(std::move(piece).error());
    got_ += piece->size();
    const bool wrong = size_ && (got_ > *size_ || (piece->empty() && got_ != *size_));
    if (wrong) co_return fail(Code::protocol, "the body is not as long as Content-Length says");
    co_return std::move(*piece);
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  Headers trailers() override { return stream_->take_trailers(); }

 private:
  std::shared_ptr<Stream> stream_;
  RateFloor& floor_;  // of the stream's own object
  std::optional<std::uint64_t> size_;
  std::uint64_t got_ = 0;
};

io::Task<Result<void>> send_hints(Stream& stream, const Headers& headers) {
  if (stream.wire() == nullptr) co_return fail(Code::reset, "the client is gone");
  FieldList fields{{":status", "103"}};
  for (const FieldView field : headers)
    if (!is_wires_field(field)) fields.emplace_back(field.name, field.value);
  const auto values = name_values(fields);
  nghttp3_conn_submit_info(stream.wire()->http(), stream.id(), values.data(), values.size());
  stream.wire()->touch();
  co_return Result<void>{};
}

/// False: the stream is gone, or nghttp3 refuses the fields.
bool submit(Stream& stream, const ResponseFields& fields) {
  if (stream.wire() == nullptr) return false;
  nghttp3_conn* http = stream.wire()->http();
  const auto values = name_values(fields.list());
  const nghttp3_data_reader reader = body_reader();
  const int status = nghttp3_conn_submit_response(http, stream.id(), values.data(), values.size(), fields.has_body() ? &reader : nullptr);
  stream.wire()->touch();
  return status == 0;
}

/// Instead of what the client asked for (RFC 9218 §8).
void prioritise(Stream& stream, const Priority& chosen) noexcept {
  const nghttp3_pri priority{chosen.urgency, static_cast<std::uint8_t>(chosen.incremental ? 1 : 0)};
  nghttp3_conn_set_server_stream_priority(stream.wire()->http(), stream.id(), &priority);
}

/// Moves the body into the stream.  @error the body's, or the stream's.
io::Task<Result<void>> pump(io::Io& io, Body& body, Stream& stream, RateFloor& floor) {
  if (const Chunk* whole = body.in_memory()) {
    CO_CHECK_OK(co_await stream.write(*whole, &floor));
    stream.finish({});
    co_return Result<void>{};
  }
  std::uint64_t left = body.size().value_or(~std::uint64_t{0});
  while (true) {
    CO_TRY(piece, co_await body.read(io));
    if (piece.empty()) break;
    if (piece.size() > left) co_return fail(Code::internal, "a body is longer than its Content-Length");
    left -= piece.size();
    CO_CHECK_OK(co_await stream.write(std::move(piece), &floor));
  }
  if (body.size() && left > 0) co_return fail(Code::internal, "a body is shorter than its Content-Length");
  stream.finish(body.take_trailers());
  co_return Result<void>{};
}

}  // namespace

ServerWire::~ServerWire() { *place_ = nullptr; }

void ServerWire::head_begins(std::int64_t id) { add_stream(std::allocate_shared<Exchange>(Pooled<Exchange>{}, environment_, *this, id)); }

void ServerWire::head_field(std::int64_t id, std::string_view name, std::string_view value) {
  if (Stream* stream = find(id)) static_cast<Exchange*>(stream)->head.add(name, value);
}

void ServerWire::head_ends(std::int64_t id, bool message_ends) {
  const auto found = streams().find(id);
  if (found == streams().end()) return;
  auto exchange = std::static_pointer_cast<Exchange>(found->second);
  exchange->early = early_now_ && !connection()->handshake_done();
  exchange->body_follows = !message_ends;
  exchange->peer = peer();
  exchange->place = place_;
  exchange->tls = tls_info();
  auto& parsed = exchange->parsed.emplace(exchange->head.finish(Protocol::http3));
  const bool harmless = !parsed || (is_safe(parsed->request.method) && !exchange->body_follows);
  // What could be a replay and is not harmless waits until the handshake is done. Its body waits in the stream's window.
  const bool wait = exchange->early && !harmless;
  if (wait) exchange->early = false;
  (wait ? held_ : ready_).push_back(std::move(exchange));
}

std::shared_ptr<const TlsInfo> ServerWire::tls_info() {
  if (tls_) return tls_;
  auto info = std::make_shared<const TlsInfo>(tls::info_of(connection()->ssl()));
  if (connection()->handshake_done()) tls_ = info;
  return info;
}

void ServerWire::trailer_field(std::int64_t id, std::string_view name, std::string_view value) {
  if (Stream* stream = find(id)) static_cast<Exchange*>(stream)->trailers.add(name, value);
}

void ServerWire::trailers_end(std::int64_t id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  auto fields = static_cast<Exchange*>(stream)->trailers.finish();
  if (fields) stream->in_trailers_ = std::move(*fields);
  else stream->abort(Error{Code::protocol, std::string{fields.error().detail}});
}

bool ServerWire::received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool early) {
  early_now_ = early;
  if (!Wire::received(stream, data, fin, early)) return false;
  if (!flooded_) return true;
  environment_.counters.protocol_errors.add();
  connection()->fail(NGHTTP3_H3_EXCESSIVE_LOAD);
  return false;
}

bool ServerWire::handshake_completed() {
  ready_.insert(ready_.end(), std::make_move_iterator(held_.begin()), std::make_move_iterator(held_.end()));
  held_.clear();
  return true;
}

void ServerWire::after_read() {
  for (auto& exchange : std::exchange(ready_, {})) {
    if (exchange->wire() == nullptr) continue;
    exchange->started = true;
    environment_.spawn(serve(environment_, std::move(exchange)));
  }
  close_if_drained();
}

void ServerWire::aborted(std::int64_t id, const Error& why) {
  count_reset();
  Wire::aborted(id, why);
}

void ServerWire::count_reset() noexcept {
  const Instant now = environment_.io.now();
  resets_left_ = std::min<double>(kResetsMax, resets_left_ + kResetsPerSecond * (now - resets_at_).seconds()) - 1;
  resets_at_ = now;
  flooded_ = flooded_ || resets_left_ < 0;
}

const Peer& ServerWire::peer() {
  const ngtcp2_addr& remote = ngtcp2_conn_get_path(connection()->conn())->remote;
  if (!peer_address_.is(remote)) {
    peer_address_ = quic::Address::of(remote);
    peer_ = peer_of(peer_address_.endpoint());
  }
  return peer_;
}

void ServerWire::gone(Stream& stream) {
  // A client that no longer wants the answer says STOP_SENDING, which ngtcp2 answers with a reset: all that is heard of it here is
  // that the stream has closed before the answer was complete.
  auto& exchange = static_cast<Exchange&>(stream);
  if (exchange.task != nullptr && !exchange.out_ended()) {
    count_reset();
    exchange.abort(Error{Code::reset, "the client gave the request up"});
  }
  // A cancelled handler counts as running until it ends: its place is free only then.
  if (!static_cast<Exchange&>(stream).started && connection() != nullptr) connection()->allow_stream(true);
}

void ServerWire::task_ended() noexcept {
  if (connection() == nullptr) return;
  connection()->allow_stream(true);
  connection()->touch();
  close_if_drained();
}

void ServerWire::drain() {
  if (connection() == nullptr || draining_) return;
  draining_ = true;
  if (http() != nullptr) {
    nghttp3_conn_submit_shutdown_notice(http());
    nghttp3_conn_shutdown(http());
  }
  for (const auto& [id, stream] : streams())
    if (auto& exchange = static_cast<Exchange&>(*stream); exchange.endless && exchange.task != nullptr)
      exchange.task->cancel(io::Reason::shutdown);
  connection()->touch();
  close_if_drained();
}

void ServerWire::close_if_drained() {
  if (!draining_ || connection() == nullptr || streams_open() > 0) return;
  connection()->close(NGHTTP3_H3_NO_ERROR, environment_.io.now());
}

io::Task<void> ServerWire::serve(ServerEnvironment& environment, std::shared_ptr<Exchange> exchange) {
  Counters& counters = environment.counters;
  counters.requests_total.add();
  counters.requests_active.add();
  co_await answer(environment, *exchange);
  counters.requests_active.subtract();
  exchange->task = nullptr;
  exchange->drop_input();
  if (ServerWire* server = exchange->server()) {
    // The rest of a body nobody wants (RFC 9114 §4.1): said with H3_NO_ERROR, so that the answer counts.
    if (!exchange->input_ended()) server->stop_reading(exchange->id(), NGHTTP3_H3_NO_ERROR);
    server->task_ended();
  } else if (exchange->place != nullptr && *exchange->place != nullptr) {
    (*exchange->place)->task_ended();
  }
}

/// The stream is the handler's from here on (RFC 9220).
io::Task<void> ServerWire::hand_over(ServerEnvironment& environment, Exchange& exchange, Response& response) {
  if (!*exchange.parsed || !(*exchange.parsed)->connects || !response.takeover)
    co_return exchange.server()->reset(exchange.id(), NGHTTP3_H3_INTERNAL_ERROR);
  response.status = Status::ok;
  response.body = Body::stream({});
  environment.counters.responses[2].add();
  const ResponseFields fields{response, Method::get, environment.date(), {}};
  if (!submit(exchange, fields)) co_return exchange.server()->reset(exchange.id(), NGHTTP3_H3_INTERNAL_ERROR);
  exchange.endless = true;
  const auto bytes = make_tunnel(environment.io, exchange.shared_from_this(), exchange.server()->connection()->peer());
  co_await response.takeover(environment.io, *bytes);
}

io::Task<void> ServerWire::answer(ServerEnvironment& environment, Exchange& exchange) {
  exchange.task = &co_await io::this_context();
  Request request;
  Result<Response> answered = Response{};
  if (*exchange.parsed) {
    StreamRequest& head = **exchange.parsed;
    request = std::move(head.request);
    request.send_hints = [&exchange](const Headers& headers) { return send_hints(exchange, headers); };
    request.early = exchange.early;
    request.peer = exchange.peer;
    request.tls = exchange.tls.get();
    if (exchange.body_follows && !head.connects)
      request.body = Body::from(std::make_unique<IncomingBody>(exchange.shared_from_this(), exchange.receiving, head.content_length));
    try {
      answered = co_await environment.handler(environment.io, request);
    } catch (const std::exception& exception) {
      answered = fail(Code::internal, exception.what());
      log::error("net", "a handler threw", {{"path", request.target.path()}, {"what", exception.what()}});
    }
    request.send_hints = nullptr;
    if (!answered) answered = problem_response(answered.error(), request.id);
  } else {
    environment.counters.protocol_errors.add();
    answered = refusal_response(exchange.parsed->error());
  }
  Response& response = *answered;
  // What the wire saw is more than what the handler made of it: nobody is there to be answered.
  if (exchange.wire() == nullptr) co_return;
  if (response.priority) prioritise(exchange, *response.priority);
  if (response.status == Status::switching_protocols) co_return co_await hand_over(environment, exchange, response);
  if (*exchange.parsed && (*exchange.parsed)->connects) refuse_tunnel(response);
  environment.counters.responses[number(response.status) / 100].add();
  const ResponseFields fields{response, request.method, environment.date(), {}};
  if (!submit(exchange, fields)) co_return exchange.server()->reset(exchange.id(), NGHTTP3_H3_INTERNAL_ERROR);
  if (!fields.has_body()) co_return;
  auto sent = co_await pump(environment.io, response.body, exchange, exchange.sending);
  if (sent || exchange.wire() == nullptr) co_return;
  if (sent.error().code == Code::timeout) environment.counters.timeouts.add();
  if (sent.error().code != Code::cancelled && sent.error().code != Code::reset)
    log::warn("net", "a response broke off", {{"error", describe(sent.error())}});
  exchange.server()->reset(exchange.id(), NGHTTP3_H3_INTERNAL_ERROR);
}

}  // namespace tablinum::net::h3
