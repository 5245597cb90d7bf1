#include "h2/server_connection.h"

#include "h2/closed_streams.h"
#include "h2/flood_guard.h"
#include "h2/tunnel.h"
#include "h2/wire.h"
#include "http/response_fields.h"
#include "http/stream_head.h"
#include "server/pooled.h"
#include "tablinum/base/log.h"

namespace tablinum::net::h2 {
namespace {

/// After the first GOAWAY: how long its answer is awaited before the second (RFC 9113 §6.8).
constexpr Duration kGoodbyeTime = Duration::seconds(1);

h1::HeadLimits head_limits(const Limits& limits) noexcept {
  return {limits.request_line_bytes_max, limits.header_bytes_max, limits.fields_max};
}
RateFloor drain_floor(const Limits& limits) noexcept { return {limits.drain_grace, limits.rate_bytes_min}; }

class ServerConnection;

/// One request and its answer.
struct ServerStream final : Stream {
  ServerStream(io::Io& io, Wire& owner, std::int32_t number, const Limits& limits)
      : Stream{io, owner, number, drain_floor(limits)},
        head{head_limits(limits)},
        trailing{head_limits(limits)},
        receiving{limits.body_grace, limits.rate_bytes_min} {}

  StreamHead head;
  StreamTrailers trailing;
  bool in_trailers = false;
  bool headed = false;   // the head was complete
  bool refused = false;  // one too many
  bool reset_by_peer = false;
  StreamRequest request;
  std::optional<h1::Refusal> refusal;  // of the head
  std::optional<h1::Refusal> failure;  // of the body
  RateFloor receiving;
  io::Context* task = nullptr;  // of the handler, while it runs
  bool answered = false;
  bool endless = false;  // events or a tunnel: a stop does not wait for it
};

class ServerConnection final : public Served, public Wire {
 public:
  ServerConnection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream, const TlsInfo* tls,
                   std::string_view begun);

  io::Task<void> run() override;
  void stop() noexcept override;

  io::Task<Result<Chunk>> read_body(std::shared_ptr<ServerStream> stream);

 private:
  Result<void> send_interim(ServerStream& stream, Status status, const Headers& headers);
  io::Task<Result<void>> send_hints(std::shared_ptr<ServerStream> stream, const Headers& fields);
  bool on_frame_begins(const nghttp2_frame_hd& head) override;
  void on_fields_begin(const nghttp2_frame& frame) override;
  void on_field(Stream& stream, const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void on_fields_end(Stream& stream, const nghttp2_frame& frame) override;
  void on_other_frame(const nghttp2_frame& frame) override;
  void on_end_sent(Stream& stream) override;
  void on_stream_closed(Stream& stream, std::uint32_t code) override;
  std::size_t next_piece(ByteView bytes) override;
  void piece_received() override;
  void after_receiving(std::size_t bytes) override;
  void on_sent(std::size_t bytes) override;
  Instant next_tick() const override;
  void on_tick() override;
  Instant write_limit(std::size_t bytes) override;

  bool allow(Event event);
  void check_stream(std::int32_t id);
  void take_head(ServerStream& stream);
  void take_trailers(ServerStream& stream);
  io::Task<void> serve(std::shared_ptr<ServerStream> stream);
  io::Task<void> serve_request(std::shared_ptr<ServerStream> stream);
  io::Task<void> answer_request(std::shared_ptr<ServerStream> stream);
  io::Task<void> respond(std::shared_ptr<ServerStream> stream, Response& response);
  io::Task<void> hand_over(std::shared_ptr<ServerStream> stream, Response& response);
  void submit_head(ServerStream& stream, const ResponseFields& fields, bool with_data);
  void say_goodbye();
  void look_after(ServerStream& stream, Instant now);

  ConnectionEnvironment& environment_;
  const TlsInfo* tls_;
  Peer peer_;
  FloodGuard guard_;
  RateFloor writing_;
  ClosedStreams closed_;
  FrameWatch frames_;
  std::optional<std::int32_t> data_begins_;  // on this stream
  std::size_t watched_ = 0;                  // bytes that frames_ has seen and the engine has not
  std::int32_t last_id_ = 0;  // the highest that the peer has begun
  std::vector<std::shared_ptr<ServerStream>> arrived_;
  std::uint32_t running_ = 0;
  std::uint32_t requests_ = 0;
  Instant idle_since_;
  Instant notice_at_ = Instant::never();     // the first GOAWAY
  Instant fields_since_ = Instant::never();  // a field block began and has not ended
  bool goodbye_said_ = false;
  bool flooded_ = false;
};

/// A request's body as handlers see it; it may outlive the connection.
class IncomingStream final : public BodySource {
 public:
  IncomingStream(ServerConnection& connection, std::shared_ptr<ServerStream> stream) noexcept
      : connection_{connection}, stream_{std::move(stream)} {}
  ~IncomingStream() override {
    if (stream_->wire != nullptr) stream_->wire->discard(*stream_);
  }
  io::Task<Result<Chunk>> read(io::Io&) override {
    if (stream_->wire == nullptr) co_return fail(Code::closed, "the request has ended");
    co_return co_await connection_.read_body(stream_);
  }
  std::optional<std::uint64_t> size() const override { return stream_->request.content_length; }
  Headers trailers() override { return std::move(stream_->trailers); }

 private:
  ServerConnection& connection_;  // alive while stream_->wire is
  std::shared_ptr<ServerStream> stream_;
};

struct OptionsFree {
  void operator()(nghttp2_option* options) const noexcept { nghttp2_option_del(options); }
};
using Options = std::unique_ptr<nghttp2_option, OptionsFree>;

Options engine_options(const Http2Limits& limits) {
  nghttp2_option* raw = nullptr;
  if (nghttp2_option_new(&raw) != 0) throw std::bad_alloc{};
  Options options{raw};
  nghttp2_option_set_no_auto_window_update(raw, 1);
  nghttp2_option_set_max_continuations(raw, limits.continuations_max);
  nghttp2_option_set_builtin_recv_extension_type(raw, NGHTTP2_PRIORITY_UPDATE);
  // Ours counts resets, and answers with the same: GOAWAY.
  nghttp2_option_set_stream_reset_rate_limit(raw, 1u << 30, 1u << 30);
  return options;
}

ServerConnection::ServerConnection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream, const TlsInfo* tls,
                                   std::string_view begun)
    : Wire{environment.io, std::move(stream), Role::server, engine_options(environment.limits.http2).get()},
      environment_{environment},
      tls_{tls},
      peer_{peer_of(peer())},
      guard_{environment.limits.http2, environment.io.now()},
      writing_{drain_floor(environment.limits)},
      idle_since_{environment.io.now()} {
  begin_with(begun);
  const Http2Limits& limits = environment.limits.http2;
  const std::array<nghttp2_settings_entry, 5> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_max},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(environment.limits.header_bytes_max)},
       {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
       {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
  nghttp2_submit_settings(session(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session(), NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(limits.connection_window));
}

io::Task<void> ServerConnection::run() {
  environment_.counters.http2_connections.add();
  co_await drive();
}

/// The first GOAWAY names no stream: what is on its way is still served. The second comes with the answer to the PING.
void ServerConnection::stop() noexcept {
  if (notice_at_ != Instant::never()) return;
  notice_at_ = environment_.io.now();
  nghttp2_submit_shutdown_notice(session());
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
  for (const auto& [id, stream] : streams())
    if (auto& served = static_cast<ServerStream&>(*stream); served.endless && served.task != nullptr)
      served.task->cancel(io::Reason::shutdown);
  wake();
}

void ServerConnection::say_goodbye() {
  if (std::exchange(goodbye_said_, true)) return;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
  wake();
}

// ---- what the engine says

bool ServerConnection::allow(Event event) {
  if (guard_.allow(event, environment_.io.now())) return true;
  if (!std::exchange(flooded_, true)) environment_.counters.floods.add();
  return false;
}

/// The engine forgets a stream when it ends, and passes over what comes later on it.
void ServerConnection::check_stream(std::int32_t id) {
  if (id <= 0 || id > last_id_ || find(id)) return;
  const ClosedStreams::Verdict verdict = closed_.judge(id);
  if (verdict == ClosedStreams::Verdict::closed) break_off(NGHTTP2_STREAM_CLOSED);
  if (verdict == ClosedStreams::Verdict::skipped) break_off(NGHTTP2_PROTOCOL_ERROR);
}

bool ServerConnection::on_frame_begins(const nghttp2_frame_hd& head) {
  if (head.type == NGHTTP2_HEADERS) check_stream(head.stream_id);
  const bool ack = (head.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (head.type) {
    case NGHTTP2_SETTINGS: return ack || allow(Event::settings);
    case NGHTTP2_PING: return ack || allow(Event::ping);
    case NGHTTP2_RST_STREAM: return allow(Event::reset);
    // The engine ignores these frames, now that priorities are RFC 9218's; one for the connection is still an error.
    case NGHTTP2_PRIORITY:
      if (head.stream_id == 0) break_off(NGHTTP2_PROTOCOL_ERROR);
      return allow(Event::priority);
    case NGHTTP2_PRIORITY_UPDATE: return allow(Event::priority);
    case NGHTTP2_WINDOW_UPDATE: return allow(Event::window_update);
    case NGHTTP2_DATA: return head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM) != 0 || allow(Event::empty_data);
    default: return true;
  }
}

void ServerConnection::on_fields_begin(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS) return;
  fields_since_ = environment_.io.now();
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return;
  const auto stream = std::allocate_shared<ServerStream>(Pooled<ServerStream>{}, environment_.io, *this, frame.hd.stream_id,
                                                         environment_.limits);
  // Handlers of streams that the peer has reset count until they have ended: resetting is no way to more of them.
  stream->refused = running_ + arrived_.size() >= environment_.limits.http2.streams_max;
  last_id_ = frame.hd.stream_id;
  streams().emplace(frame.hd.stream_id, stream);
  if (!allow(Event::new_stream)) flood();
}

void ServerConnection::on_field(Stream& stream, const nghttp2_frame& frame, std::string_view name, std::string_view value) {
  auto& served = static_cast<ServerStream&>(stream);
  frame.headers.cat == NGHTTP2_HCAT_REQUEST ? served.head.add(name, value) : served.trailing.add(name, value);
}

void ServerConnection::on_fields_end(Stream& stream, const nghttp2_frame& frame) {
  fields_since_ = Instant::never();
  auto& served = static_cast<ServerStream&>(stream);
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return take_trailers(served);
  if (served.refused) return reset(stream, NGHTTP2_REFUSED_STREAM);
  served.headed = true;
  take_head(served);
  arrived_.push_back(std::static_pointer_cast<ServerStream>(find(stream.id)));
}

void ServerConnection::take_head(ServerStream& stream) {
  auto head = stream.head.finish(Protocol::http2);
  if (!head) {
    stream.refusal = head.error();
    return;
  }
  stream.request = std::move(*head);
}

void ServerConnection::take_trailers(ServerStream& stream) {
  auto trailers = stream.trailing.finish();
  if (trailers) {
    stream.trailers = std::move(*trailers);
    return;
  }
  stream.failure = trailers.error();
  stream.broken = Error{Code::protocol, std::string{trailers.error().detail}};
  stream.readable.set();
}

void ServerConnection::on_other_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_RST_STREAM)
    if (const auto stream = find(frame.hd.stream_id)) static_cast<ServerStream&>(*stream).reset_by_peer = true;
  if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0 && notice_at_ != Instant::never())
    say_goodbye();
}

/// The answer is complete: the rest of the request is of no use (RFC 9113 §8.1).
void ServerConnection::on_end_sent(Stream& stream) {
  if (!stream.in_ended) nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_NO_ERROR);
}

void ServerConnection::on_stream_closed(Stream& stream, std::uint32_t code) {
  auto& served = static_cast<ServerStream&>(stream);
  closed_.add(stream.id, stream.in_ended || served.reset_by_peer);
  if (code != NGHTTP2_NO_ERROR && served.task != nullptr) served.task->cancel(io::Reason::user);
  idle_since_ = environment_.io.now();
}

/// Stops before the last byte of the head of each DATA frame: its stream is looked at when all that came before has had its effect, and
/// this frame none yet.
std::size_t ServerConnection::next_piece(ByteView bytes) {
  const std::size_t seen = std::exchange(watched_, 0);
  const FrameWatch::Step step = frames_.feed(bytes.subspan(seen));
  if (step.depends_on_itself) break_off(NGHTTP2_PROTOCOL_ERROR);
  if (!step.data_on) return bytes.size();
  data_begins_ = step.data_on;
  watched_ = 1;
  return seen + step.bytes - 1;
}

void ServerConnection::piece_received() {
  if (data_begins_) check_stream(*std::exchange(data_begins_, std::nullopt));
}

void ServerConnection::after_receiving(std::size_t bytes) {
  environment_.counters.bytes_received.add(bytes);
  if (nghttp2_session_get_outbound_queue_size(session()) > environment_.limits.http2.output_frames_max) {
    if (!std::exchange(flooded_, true)) environment_.counters.floods.add();
    terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  }
  for (auto& stream : std::exchange(arrived_, {})) {
    ++running_;
    scope()->spawn(serve(std::move(stream))).keep();
  }
  if (requests_ >= environment_.limits.requests_per_connection_max) stop();
}

void ServerConnection::on_sent(std::size_t bytes) {
  environment_.counters.bytes_sent.add(bytes);
  guard_.data_sent();
}

// ---- the clock

Instant ServerConnection::next_tick() const {
  const Instant now = environment_.io.now();
  if (running_ > 0 || fields_since_ != Instant::never() || notice_at_ != Instant::never() || !streams().empty())
    return now + kTick;
  return idle_since_ + (requests_ > 0 ? environment_.limits.http2_idle_time : environment_.limits.headers_time);
}

void ServerConnection::on_tick() {
  const Instant now = environment_.io.now();
  if (notice_at_ != Instant::never() && now - notice_at_ >= kGoodbyeTime) say_goodbye();
  const bool stalled = fields_since_ != Instant::never() && now - fields_since_ > environment_.limits.headers_time;
  if (stalled) environment_.counters.timeouts.add();
  const Duration patience = requests_ > 0 ? environment_.limits.http2_idle_time : environment_.limits.headers_time;
  const bool idle = streams().empty() && running_ == 0 && now - idle_since_ >= patience;
  if (stalled || idle) return terminate(NGHTTP2_NO_ERROR);
  for (const auto& [id, stream] : streams()) look_after(static_cast<ServerStream&>(*stream), now);
}

/// A peer that does not take an answer (its window stays closed) loses it.
void ServerConnection::look_after(ServerStream& stream, Instant now) {
  if (stream.out.empty() || now < stream.sending.limit(stream.blocked_since, 0)) return;
  environment_.counters.timeouts.add();
  reset(stream, NGHTTP2_CANCEL);
}

Instant ServerConnection::write_limit(std::size_t bytes) {
  writing_ = drain_floor(environment_.limits);
  return writing_.limit(environment_.io.now(), bytes);
}

// ---- a request

io::Task<void> ServerConnection::serve(std::shared_ptr<ServerStream> stream) {
  Counters& counters = environment_.counters;
  counters.requests_total.add();
  counters.requests_active.add();
  ++requests_;
  stream->task = &co_await io::this_context();
  if (!stream->broken && stream->refusal) {
    counters.protocol_errors.add();
    Response response = refusal_response(*stream->refusal);
    co_await respond(stream, response);
  } else if (!stream->broken) {
    co_await serve_request(stream);
  }
  stream->request.request = Request{};  // its body holds the stream
  stream->task = nullptr;
  --running_;
  idle_since_ = environment_.io.now();
  counters.requests_active.subtract();
}

io::Task<void> ServerConnection::serve_request(std::shared_ptr<ServerStream> stream) {
  Request& request = stream->request.request;
  request.peer = peer_;
  request.tls = tls_;
  request.send_hints = [this, weak = std::weak_ptr{stream}](const Headers& fields) { return send_hints(weak.lock(), fields); };
  const bool empty = stream->in_ended && stream->in.empty();
  if (empty || stream->request.connects) co_return co_await answer_request(stream);
  request.body = Body::from(std::make_unique<IncomingStream>(*this, stream));
  auto scoped = [&](io::Scope& scope) -> io::Task<void> {
    request.scope = &scope;
    co_await answer_request(stream);
    scope.cancel();
  };
  co_await io::with_scope(environment_.io, scoped, io::ScopePolicy::supervise);
  request.scope = nullptr;
}

io::Task<void> ServerConnection::answer_request(std::shared_ptr<ServerStream> stream) {
  Response response = co_await answer(environment_, stream->request.request, stream->failure);
  stream->answered = true;
  co_await respond(stream, response);
}

void ServerConnection::submit_head(ServerStream& stream, const ResponseFields& fields, bool with_data) {
  std::vector<nghttp2_nv> list;
  list.reserve(fields.list().size());
  for (const auto& [name, value] : fields.list()) list.push_back(field(name, value));
  const nghttp2_data_provider provider = provider_of(stream);
  nghttp2_submit_response(session(), stream.id, list.data(), list.size(), with_data ? &provider : nullptr);
}

io::Task<void> ServerConnection::respond(std::shared_ptr<ServerStream> stream, Response& response) {
  if (stream->closed || stream->broken) co_return;
  if (response.priority) {
    const nghttp2_extpri priority{response.priority->urgency, response.priority->incremental ? 1 : 0};
    nghttp2_session_change_extpri_stream_priority(session(), stream->id, &priority, 1);
  }
  if (response.status == Status::switching_protocols) co_return co_await hand_over(std::move(stream), response);
  if (stream->request.connects) refuse_tunnel(response);
  environment_.counters.responses[class_of(response.status)].add();
  const ResponseFields fields{response, stream->request.request.method, environment_.date(), environment_.alt_svc};
  const bool with_data = fields.has_body();
  if (const Chunk* whole = response.body.in_memory(); with_data && whole) {
    stream->out = *whole;
    stream->out_last = true;
    stream->blocked_since = environment_.io.now();
    submit_head(*stream, fields, true);
    wake();
    co_return;
  }
  submit_head(*stream, fields, with_data);
  wake();
  if (!with_data) co_return;
  stream->endless = response.headers.get_or(Field::content_type, "") == "text/event-stream";
  auto sent = co_await send_body(stream, response.body);
  if (sent || stream->broken) co_return;
  if (sent.error().code != Code::cancelled) log::warn("net", "a response broke off", {{"error", describe(sent.error())}});
  reset(*stream, NGHTTP2_INTERNAL_ERROR);
}

io::Task<void> ServerConnection::hand_over(std::shared_ptr<ServerStream> stream, Response& response) {
  if (!stream->request.connects || !response.takeover) co_return reset(*stream, NGHTTP2_INTERNAL_ERROR);
  response.status = Status::ok;
  response.body = Body::stream({});
  environment_.counters.responses[class_of(response.status)].add();
  const ResponseFields fields{response, Method::get, environment_.date(), {}};
  submit_head(*stream, fields, true);
  wake();
  stream->endless = true;
  const auto bytes = make_tunnel(stream);
  co_await response.takeover(environment_.io, *bytes);
}

Result<void> ServerConnection::send_interim(ServerStream& stream, Status status, const Headers& headers) {
  if (stream.answered || stream.closed || stream.broken) return fail(Code::reset, "the stream was given up");
  Response interim = empty_response(status);
  interim.headers = headers;
  const ResponseFields fields{interim, Method::get, {}, {}};
  std::vector<nghttp2_nv> list;
  for (const auto& [name, value] : fields.list()) list.push_back(field(name, value));
  nghttp2_submit_headers(session(), NGHTTP2_FLAG_NONE, stream.id, nullptr, list.data(), list.size(), nullptr);
  wake();
  return {};
}

io::Task<Result<void>> ServerConnection::send_hints(std::shared_ptr<ServerStream> stream, const Headers& fields) {
  co_return send_interim(*stream, Status::early_hints, fields);
}

io::Task<Result<Chunk>> ServerConnection::read_body(std::shared_ptr<ServerStream> stream) {
  if (std::exchange(stream->request.expects_continue, false) && stream->in.empty())
    CO_CHECK_OK(send_interim(*stream, Status::continue_, {}));
  const Instant begin = environment_.io.now();
  auto piece = co_await Wire::read(stream, stream->receiving.limit(begin, 0));
  if (!piece && piece.error().code == Code::timeout) {
    environment_.counters.timeouts.add();
    stream->failure = h1::Refusal{Status::request_timeout, "the body arrives too slowly"};
  }
  if (piece) stream->receiving.moved(piece->size(), environment_.io.now() - begin);
  co_return piece;
}

}  // namespace

std::unique_ptr<Served> make_server_connection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream,
                                               const TlsInfo* tls, std::string_view begun) {
  return std::make_unique<ServerConnection>(environment, std::move(stream), tls, begun);
}

}  // namespace tablinum::net::h2
