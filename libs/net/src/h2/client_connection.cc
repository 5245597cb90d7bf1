#include "h2/client_connection.h"

#include <algorithm>

#include "h2/flood_guard.h"
#include "h2/tunnel.h"
#include "h2/wire.h"
#include "http/field_block.h"
#include "http/response_fields.h"
#include "http/syntax.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net::h2 {
namespace {

constexpr std::size_t kResponseFieldsMax = 1024;  // of one answer, with what came before it and behind it
constexpr std::size_t kFieldOverhead = 4;
constexpr std::uint64_t kUnhurried = std::uint64_t{1} << 40;  // uploads have an idle time instead of a least speed
constexpr std::size_t kHintsMax = 8;              // 103s that wait to be passed on; what comes beyond is dropped

/// One request and its answer.
struct ClientStream final : Stream {
  ClientStream(io::Io& io, Wire& owner, std::int32_t number, const ClientOptions& options)
      : Stream{io, owner, number, RateFloor{options.idle_time, kUnhurried}},
        ready{io, io::Event::Reset::automatic},
        may_begin{io},
        field_bytes_left{options.header_bytes_max} {}

  void on_broken() noexcept override {
    ready.set();
    may_begin.set();
  }

  io::Event ready;      // something of the head has come, or nothing more will
  io::Event may_begin;  // 100, or an answer: of an upload that waits
  std::string status, fields;
  std::size_t field_bytes_left;
  std::size_t fields_left = kResponseFieldsMax;
  std::vector<Headers> hints;
  std::optional<Response> head;
  std::optional<std::uint64_t> size;
  std::string websocket_key;
  bool wants_hints = false;
  bool connects = false;
  bool sent = false;  // the request, to its end
  Instant sent_at{};
};

class AnswerBody final : public BodySource {
 public:
  AnswerBody(std::shared_ptr<ClientStream> stream, Duration idle_time) noexcept : stream_{std::move(stream)}, idle_time_{idle_time} {}
  ~AnswerBody() override {
    if (stream_->wire == nullptr) return;
    stream_->wire->discard(*stream_);
    if (!stream_->in_ended) stream_->wire->reset(*stream_, NGHTTP2_CANCEL);
  }
  io::Task<Result<Chunk>> read(io::Io& io) override { return Wire::read(stream_, io.now() + idle_time_); }
  std::optional<std::uint64_t> size() const override { return stream_->size; }
  Headers trailers() override { return std::move(stream_->trailers); }

 private:
  std::shared_ptr<ClientStream> stream_;
  Duration idle_time_;
};

struct OptionsFree {
  void operator()(nghttp2_option* options) const noexcept { nghttp2_option_del(options); }
};

std::unique_ptr<nghttp2_option, OptionsFree> engine_options(const Http2Limits& limits) {
  nghttp2_option* raw = nullptr;
  if (nghttp2_option_new(&raw) != 0) throw std::bad_alloc{};
  std::unique_ptr<nghttp2_option, OptionsFree> options{raw};
  nghttp2_option_set_no_auto_window_update(raw, 1);
  nghttp2_option_set_max_continuations(raw, limits.continuations_max);
  nghttp2_option_set_peer_max_concurrent_streams(raw, kClientStreamsMax);
  return options;
}

class ClientConnection final : public ClientSession, public Wire, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(io::Io& io, std::unique_ptr<ByteStream> stream, const ClientOptions& options, bool secure);

  io::Task<void> run(io::Io&) override {
    const auto alive = shared_from_this();
    co_await drive();
    settings_.set();
  }
  io::Task<Result<Response>> exchange(io::Io& io, ClientRequest request) override;
  unsigned room() const noexcept override;
  bool usable() const noexcept override {
    return !leaving_ && !finished() && nghttp2_session_check_request_allowed(session()) != 0;
  }
  void close() noexcept override {
    leaving_ = true;
    break_streams({Code::cancelled, "the connection was closed here"});
    terminate(NGHTTP2_NO_ERROR);
  }
  void retire() noexcept override {
    leaving_ = retiring_ = true;
    leave_if_done();
  }
  bool multiplexed() const noexcept override { return true; }

 private:
  using StreamPtr = std::shared_ptr<ClientStream>;
  Result<StreamPtr> open(ClientRequest& request);
  io::Task<Result<void>> send_streaming(io::Io& io, StreamPtr stream, ClientRequest& request);
  static io::Task<void> run_upload(io::Io& io, std::shared_ptr<ClientConnection> self, StreamPtr stream, std::shared_ptr<Body> body);
  io::Task<Result<void>> await_head(io::Io& io, ClientStream& stream, const ClientRequest& request);
  Response make_response(StreamPtr stream);
  void fail_stream(ClientStream& stream, std::uint32_t code, Error why) noexcept;
  void take_interim(ClientStream& stream, Status status);
  void take_head(ClientStream& stream);
  void take_trailers(ClientStream& stream);
  void leave_if_done() noexcept {
    if (retiring_ && streams().empty()) terminate(NGHTTP2_NO_ERROR);
  }

  bool on_frame_begins(const nghttp2_frame_hd& head) override;
  void on_fields_begin(const nghttp2_frame& frame) override;
  void on_field(Stream& stream, const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void on_fields_end(Stream& stream, const nghttp2_frame& frame) override;
  void on_other_frame(const nghttp2_frame& frame) override;
  void on_end_sent(Stream& stream) override;
  void on_stream_closed(Stream& stream, std::uint32_t code) override;
  void after_receiving(std::size_t bytes) override;
  void on_sent(std::size_t) override { guard_.data_sent(); }
  Instant next_tick() const override { return io().now() + kTick; }
  void on_tick() override;
  Instant write_limit(std::size_t) override { return io().now() + options_.idle_time; }

  ClientOptions options_;
  Http2Limits limits_;
  FloodGuard guard_;
  io::Event settings_;  // the server's have come
  Instant idle_since_;
  Instant received_at_;
  Instant asked_at_ = Instant::never();  // a PING whose answer is awaited
  bool secure_;
  bool leaving_ = false;
  bool retiring_ = false;
};

ClientConnection::ClientConnection(io::Io& io, std::unique_ptr<ByteStream> stream, const ClientOptions& options, bool secure)
    : Wire{io, std::move(stream), Role::client, engine_options(Http2Limits{}).get()},
      options_{options},
      guard_{limits_, io.now()},
      settings_{io},
      idle_since_{io.now()},
      received_at_{io.now()},
      secure_{secure} {
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kClientStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(options.header_bytes_max)}}};
  nghttp2_submit_settings(session(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session(), NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(kClientConnectionWindow));
}

unsigned ClientConnection::room() const noexcept {
  if (!usable()) return 0;
  const std::uint32_t most = nghttp2_session_get_remote_settings(session(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  const std::size_t limit = std::min(most, kClientStreamsMax);
  return static_cast<unsigned>(limit - std::min(limit, streams().size()));
}

// ---- a request

Result<ClientConnection::StreamPtr> ClientConnection::open(ClientRequest& request) {
  const auto size = request.body.size();
  const bool connects = request.headers.contains(Field::upgrade);
  const bool says_length = !connects && size && (*size > 0 || request.method == Method::post || request.method == Method::put);
  const std::string length = size ? std::to_string(*size) : std::string{};
  const std::string_view authority = request.headers.get_or(Field::host, "");
  std::vector<nghttp2_nv> fields{field(":method", connects ? std::string_view{"CONNECT"} : to_string(request.method)),
                                 field(":scheme", secure_ ? "https" : "http"), field(":authority", authority),
                                 field(":path", request.target)};
  if (connects) fields.push_back(field(":protocol", request.headers.get_or(Field::upgrade, "")));
  for (const FieldView each : request.headers) {
    const bool dropped = each.field == Field::host || is_wires_field(each) || each.name == "http2-settings" ||
                         (each.field == Field::te && each.value != "trailers") || (connects && each.name == "sec-websocket-key");
    if (!dropped) fields.push_back(field(each.name, each.value));
  }
  if (says_length) fields.push_back(field("content-length", length));
  auto stream = std::make_shared<ClientStream>(io(), *this, 0, options_);
  stream->connects = connects;
  stream->wants_hints = request.on_hints != nullptr;
  stream->websocket_key = connects ? request.headers.get("sec-websocket-key").value_or("") : std::string_view{};
  const bool has_data = connects || size != std::uint64_t{0};
  if (const Chunk* whole = request.body.in_memory(); has_data && !connects && whole != nullptr) {
    stream->out = *whole;
    stream->out_last = true;
    stream->blocked_since = io().now();
  }
  const nghttp2_data_provider provider = provider_of(*stream);
  const std::int32_t id =
      nghttp2_submit_request(session(), nullptr, fields.data(), fields.size(), has_data ? &provider : nullptr, nullptr);
  if (id < 0) return fail(Code::refused, "the connection takes no more requests");
  stream->id = id;
  streams().emplace(id, stream);
  wake();
  return stream;
}

io::Task<Result<Response>> ClientConnection::exchange(io::Io& io, ClientRequest request) {
  if (!usable()) co_return fail(Code::refused, "the connection takes no more requests");
  if (streams().size() >= kClientStreamsMax + kWaitersMax) co_return fail(Code::limit, "too many wait for a stream");
  const auto alive = shared_from_this();
  // Who asks before it knows how much may be asked at a time is refused.
  CO_CHECK_OK(co_await settings_.wait().until(io.now() + options_.response_time));
  if (!usable()) co_return fail(Code::refused, "the connection takes no more requests");
  const bool takes_others = nghttp2_session_get_remote_settings(session(), NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
  if (request.headers.contains(Field::upgrade) && !takes_others)
    co_return fail(Code::unsupported, "the server takes no other protocols over HTTP/2");
  CO_TRY(stream, open(request));
  const bool streams_body = !stream->connects && !stream->out_last && request.body.size() != std::uint64_t{0};
  auto headed = streams_body ? co_await send_streaming(io, stream, request) : co_await await_head(io, *stream, request);
  if (headed) co_return make_response(stream);
  discard(*stream);
  reset(*stream, NGHTTP2_CANCEL);
  co_return std::unexpected(std::move(headed).error());
}

/// Sends the body in a task of its own, so that an answer which begins early is seen early.
io::Task<Result<void>> ClientConnection::send_streaming(io::Io& io, StreamPtr stream, ClientRequest& request) {
  auto body = std::make_shared<Body>(std::move(request.body));
  if (request.headers.get_or(Field::expect, "").empty()) stream->may_begin.set();
  if (request.scope != nullptr) {
    auto upload = request.scope->spawn(run_upload(io, shared_from_this(), stream, body));
    auto headed = co_await await_head(io, *stream, request);
    if (headed) {
      std::move(upload).keep();
    } else {
      // Joined, so that whoever tries again elsewhere is the only one to read the body.
      upload.cancel();
      co_await upload;
    }
    co_return headed;
  }
  auto beside = [&](io::Scope& scope) -> io::Task<Result<void>> {
    auto upload = scope.spawn(run_upload(io, shared_from_this(), stream, body));
    co_return co_await await_head(io, *stream, request);
  };
  co_return co_await io::with_scope(io, beside, io::ScopePolicy::supervise);
}

io::Task<void> ClientConnection::run_upload(io::Io& io, std::shared_ptr<ClientConnection> self, StreamPtr stream,
                                            std::shared_ptr<Body> body) {
  auto go_on = co_await stream->may_begin.wait().until(io.now() + kContinueTime);
  if (!go_on && go_on.error().code == Code::timeout) go_on = {};
  auto sent = go_on ? co_await self->send_body(stream, *body) : std::move(go_on);
  if (sent || stream->broken || stream->closed) co_return;
  // The message is broken off, and not because of the server.
  self->fail_stream(*stream, NGHTTP2_CANCEL, std::move(sent).error());
}

io::Task<Result<void>> ClientConnection::await_head(io::Io& io, ClientStream& stream, const ClientRequest& request) {
  while (true) {
    for (const Headers& hints : std::exchange(stream.hints, {})) CO_CHECK_OK(co_await request.on_hints(hints));
    if (stream.head) co_return Result<void>{};
    if (stream.broken) co_return std::unexpected(*stream.broken);
    if (stream.closed) co_return fail(Code::protocol, "the stream ended without an answer");
    // response_time counts from the end of the request on, however long the upload takes.
    auto waited = co_await stream.ready.wait().until((stream.sent ? stream.sent_at : io.now()) + options_.response_time);
    if (waited) continue;
    const bool has_time = !stream.sent || io.now() < stream.sent_at + options_.response_time;
    if (waited.error().code != Code::timeout || !has_time) co_return std::unexpected(std::move(waited).error());
  }
}

Response ClientConnection::make_response(StreamPtr stream) {
  Response response = std::move(*stream->head);
  if (stream->connects && response.status == Status::ok) {
    // To whoever asked it is the 101 that HTTP/1.1 sends.
    response.status = Status::switching_protocols;
    response.headers.set(Field::upgrade, "websocket");
    if (!stream->websocket_key.empty()) response.headers.set("sec-websocket-accept", websocket_accept(stream->websocket_key));
    response.stream = make_tunnel(std::move(stream));
    return response;
  }
  const bool complete = stream->in_ended && stream->trailers.empty() && stream->in.size() <= kChunkBytesMax;
  if (complete) {
    // All of it is here: nobody has to come back for a piece.
    const std::size_t bytes = stream->in.size();
    response.body = Body::of(Chunk::of(std::exchange(stream->in, {})));
    if (bytes > 0) consume(stream->id, bytes);
    return response;
  }
  response.body = Body::from(std::make_unique<AnswerBody>(std::move(stream), options_.idle_time));
  return response;
}

void ClientConnection::fail_stream(ClientStream& stream, std::uint32_t code, Error why) noexcept {
  if (!stream.broken) stream.broken = std::move(why);
  reset(stream, code);
  stream.on_broken();
  stream.readable.set();
  stream.drained.set();
}

// ---- what the engine says

bool ClientConnection::on_frame_begins(const nghttp2_frame_hd& head) {
  const Instant now = io().now();
  const bool ack = (head.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (head.type) {
    case NGHTTP2_SETTINGS: return ack || guard_.allow(Event::settings, now);
    case NGHTTP2_PING: return ack || guard_.allow(Event::ping, now);
    // Streams are ours to open, so a server cannot reset many of them; those that are gone it could for ever.
    case NGHTTP2_RST_STREAM: return find(head.stream_id) != nullptr || guard_.allow(Event::reset, now);
    case NGHTTP2_PRIORITY: return guard_.allow(Event::priority, now);
    case NGHTTP2_WINDOW_UPDATE: return guard_.allow(Event::window_update, now);
    case NGHTTP2_PUSH_PROMISE: break_off(NGHTTP2_PROTOCOL_ERROR); return true;  // was switched off
    case NGHTTP2_DATA:
      return head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM) != 0 || guard_.allow(Event::empty_data, now);
    default: return true;
  }
}

void ClientConnection::on_fields_begin(const nghttp2_frame& frame) {
  const auto stream = std::static_pointer_cast<ClientStream>(find(frame.hd.stream_id));
  if (!stream) return;
  stream->status.clear();
  stream->fields.clear();
}

void ClientConnection::on_field(Stream& stream, const nghttp2_frame&, std::string_view name, std::string_view value) {
  auto& asked = static_cast<ClientStream&>(stream);
  if (asked.broken) return;
  const std::size_t bytes = name.size() + value.size() + kFieldOverhead;
  if (bytes > asked.field_bytes_left || asked.fields_left == 0)
    return fail_stream(asked, NGHTTP2_CANCEL, {Code::too_large, "the answer's fields are over the limit"});
  asked.field_bytes_left -= bytes;
  --asked.fields_left;
  if (name == ":status") asked.status = value;
  else asked.fields.append(name).append(": ").append(value).append("\r\n");
}

void ClientConnection::on_fields_end(Stream& stream, const nghttp2_frame&) {
  auto& asked = static_cast<ClientStream&>(stream);
  if (asked.broken) return;
  if (asked.head) return take_trailers(asked);
  const auto status = syntax::parse_decimal(asked.status, 599);
  const bool possible = status && *status >= 100 && Status{static_cast<std::uint16_t>(*status)} != Status::switching_protocols;
  if (!possible) return fail_stream(asked, NGHTTP2_PROTOCOL_ERROR, {Code::protocol, "no status that an answer could have"});
  asked.ready.set();
  if (*status < 200) take_interim(asked, static_cast<Status>(*status));
  else take_head(asked);
}

void ClientConnection::take_interim(ClientStream& stream, Status status) {
  if (status == Status::continue_) stream.may_begin.set();
  if (status != Status::early_hints || !stream.wants_hints || stream.hints.size() >= kHintsMax) return;
  Headers hints;
  if (FieldBlock::parse(std::move(stream.fields), 0, hints).empty()) stream.hints.push_back(std::move(hints));
}

void ClientConnection::take_head(ClientStream& stream) {
  Response response;
  response.status = static_cast<Status>(*syntax::parse_decimal(stream.status, 599));
  if (const auto fault = FieldBlock::parse(std::move(stream.fields), 0, response.headers); !fault.empty())
    return fail_stream(stream, NGHTTP2_PROTOCOL_ERROR, {Code::protocol, std::string{fault}});
  stream.size = syntax::parse_decimal(response.headers.get_or(Field::content_length, ""));
  stream.head = std::move(response);
  stream.may_begin.set();
}

void ClientConnection::take_trailers(ClientStream& stream) {
  if (const auto fault = FieldBlock::parse(std::move(stream.fields), 0, stream.trailers); !fault.empty())
    fail_stream(stream, NGHTTP2_PROTOCOL_ERROR, {Code::protocol, std::string{fault}});
}

void ClientConnection::on_other_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_SETTINGS && (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) settings_.set();
  // What the server has not processed the engine ends with REFUSED_STREAM; the rest it may still answer.
  if (frame.hd.type == NGHTTP2_GOAWAY) leaving_ = true;
}

void ClientConnection::on_end_sent(Stream& stream) {
  auto& asked = static_cast<ClientStream&>(stream);
  asked.sent = true;
  asked.sent_at = io().now();
}

void ClientConnection::on_stream_closed(Stream& stream, std::uint32_t) {
  auto& asked = static_cast<ClientStream&>(stream);
  asked.ready.set();
  asked.may_begin.set();
  idle_since_ = io().now();
}

void ClientConnection::after_receiving(std::size_t) {
  received_at_ = io().now();
  asked_at_ = Instant::never();
  if (nghttp2_session_get_outbound_queue_size(session()) > limits_.output_frames_max + kClientStreamsMax + kWaitersMax)
    return terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  leave_if_done();
}

void ClientConnection::on_tick() {
  const Instant now = io().now();
  leave_if_done();
  if (streams().empty()) {
    if (now - idle_since_ >= options_.keep_time) close();
    return;
  }
  for (const auto& [id, stream] : std::map{streams()}) {
    // A server that takes no more of an upload (its window stays closed) loses it.
    if (!stream->out.empty() && now - stream->blocked_since > options_.idle_time)
      fail_stream(static_cast<ClientStream&>(*stream), NGHTTP2_CANCEL, {Code::timeout, "the server does not take the request"});
  }
  if (asked_at_ != Instant::never() && now - asked_at_ > kPingTime) {
    break_streams({Code::timeout, "the server does not answer a ping"});
    return terminate(NGHTTP2_NO_ERROR);
  }
  if (asked_at_ == Instant::never() && now - received_at_ > kPingAfter) {
    asked_at_ = now;
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, nullptr);
    wake();
  }
}

}  // namespace

std::shared_ptr<ClientSession> make_client_session(io::Io& io, std::unique_ptr<ByteStream> stream, const ClientOptions& options,
                                                   bool secure) {
  return std::make_shared<ClientConnection>(io, std::move(stream), options, secure);
}

}  // namespace tablinum::net::h2
