#include "h3/client.h"

#include <algorithm>

#include "h3/tunnel.h"
#include "http/field_block.h"
#include "http/response_fields.h"
#include "http/syntax.h"
#include "tablinum/io/cancel.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/websocket.h"

namespace tablinum::net::h3 {
namespace {

constexpr std::size_t kResponseFieldsMax = 1024;
/// While anything is under way a packet leaves so often: QUIC's idle time is 30 s, the peer's may be less.
constexpr Duration kKeepAliveTime = Duration::seconds(10);
constexpr Duration kRetireTick = Duration::milliseconds(20);
/// A server sends its SETTINGS with its first flight.
constexpr Duration kSettingsTime = Duration::seconds(10);

/// A request under way, and its answer.
class Exchange final : public Stream {
 public:
  Exchange(io::Io& io, Wire& wire, std::int64_t id, std::size_t header_bytes_max)
      : Stream{io, wire, id}, ready{io}, header_bytes_left{header_bytes_max} {}
  void abort(const Error& why) noexcept override {
    if (!failure) failure = why;
    Stream::abort(why);
    ready.set();
  }

  io::Event ready;  // the head is there, or will never be
  std::string status, fields, trailers;
  std::optional<Response> head;
  std::optional<Error> failure;
  std::optional<std::uint64_t> size;
  std::size_t header_bytes_left;
  std::size_t count = 0;
  Method method = Method::get;
  bool early = false;
  bool rejected = false;  // 0-RTT was refused: to be sent again
  bool connects = false;  // extended CONNECT
  std::string protocol;  // of an extended CONNECT
  std::string websocket_key;
};

class ClientWire final : public Wire {
 public:
  ClientWire(io::Io& io, quic::Connection& connection) noexcept
      : Wire{io, connection, false}, established{io}, settings{io}, room_changed{io, io::Event::Reset::automatic} {}

  bool handshake_completed() override {
    done = true;
    established.set();
    room_changed.set();
    return true;
  }
  void may_open_streams() override { room_changed.set(); }
  bool early_data_rejected() override {
    // QUIC has dropped the streams: HTTP/3 begins anew, and its requests with it.
    early_refused = true;
    for (const auto& [id, stream] : std::map{streams()}) {
      auto& exchange = static_cast<Exchange&>(*stream);
      exchange.rejected = true;
      exchange.abort(Error{Code::refused, "0-RTT was refused"});
    }
    forget_streams(Error{Code::refused, "0-RTT was refused"});
    http_.reset();
    return true;
  }
  void goaway(std::int64_t id) override {
    leaving = true;
    room_changed.set();
    for (const auto& [stream_id, stream] : std::map{streams()})
      if (stream_id >= id) stream->abort(Error{Code::refused, "the server goes away and has not processed this"});
  }
  void settings_came(bool connect) override {
    takes_connect = connect;
    settings.set();
  }
  void gone(Stream& stream) override {
    static_cast<Exchange&>(stream).ready.set();
    room_changed.set();
    if (connection() != nullptr && streams().empty()) connection()->keep_alive(Duration{});
  }
  void all_gone(const Error& why) override {
    failure = why;
    leaving = true;
    established.set();
    settings.set();
    room_changed.set();
  }
  void head_begins(std::int64_t id) override {
    if (auto* exchange = static_cast<Exchange*>(find(id))) {
      exchange->status.clear();
      exchange->fields.clear();
      exchange->count = 0;
    }
  }
  void head_field(std::int64_t id, std::string_view name, std::string_view value) override {
    auto* exchange = static_cast<Exchange*>(find(id));
    if (exchange == nullptr || !admit(*exchange, name, value)) return;
    if (name == ":status") exchange->status = value;
    else append_line(exchange->fields, name, value);
  }
  void head_ends(std::int64_t id, bool) override {
    auto* exchange = static_cast<Exchange*>(find(id));
    if (exchange == nullptr || exchange->failure) return;
    const auto status = syntax::parse_decimal(exchange->status, 599);
    if (!status || *status < 100) return exchange->abort(Error{Code::protocol, "a response without a status"});
    if (*status < 200) return;  // announces; another head follows
    Response response;
    response.status = static_cast<Status>(*status);
    if (const auto fault = FieldBlock::parse(std::move(exchange->fields), 0, response.headers); !fault.empty())
      return exchange->abort(Error{Code::protocol, std::string{fault}});
    exchange->fields.clear();
    exchange->size = syntax::parse_decimal(response.headers.get_or(Field::content_length, ""));
    exchange->head = std::move(response);
    exchange->ready.set();
  }
  void trailer_field(std::int64_t id, std::string_view name, std::string_view value) override {
    auto* exchange = static_cast<Exchange*>(find(id));
    if (exchange != nullptr && admit(*exchange, name, value)) append_line(exchange->trailers, name, value);
  }
  void trailers_end(std::int64_t id) override {
    auto* exchange = static_cast<Exchange*>(find(id));
    if (exchange == nullptr) return;
    if (const auto fault = FieldBlock::parse(std::move(exchange->trailers), 0, exchange->in_trailers_); !fault.empty())
      exchange->abort(Error{Code::protocol, std::string{fault}});
    exchange->trailers.clear();
  }

  using Wire::add_stream;
  using Wire::start;
  using Wire::streams;
  io::Event established;
  io::Event settings;  // have come
  io::Event room_changed;
  bool takes_connect = false;
  std::optional<Error> failure;
  bool done = false;
  bool leaving = false;
  bool early_refused = false;

 private:
  static void append_line(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  bool admit(Exchange& exchange, std::string_view name, std::string_view value) {
    const std::size_t bytes = name.size() + value.size() + 4;
    if (bytes > exchange.header_bytes_left || ++exchange.count > kResponseFieldsMax) {
      exchange.abort(Error{Code::too_large, "the response's fields are over the limit"});
      return false;
    }
    exchange.header_bytes_left -= bytes;
    return true;
  }
};

class ResponseBody final : public BodySource {
 public:
  explicit ResponseBody(std::shared_ptr<Exchange> exchange) noexcept : exchange_{std::move(exchange)} {}
  ~ResponseBody() override {
    exchange_->drop_input();
    if (exchange_->wire() == nullptr || exchange_->input_ended()) return;
    // Nobody reads on: the server may stop.
    exchange_->wire()->stop_reading(exchange_->id(), NGHTTP3_H3_REQUEST_CANCELLED);
  }
  io::Task<Result<Chunk>> read(io::Io&) override {
    auto piece = co_await exchange_->read(nullptr);
    if (!piece) co_return std::unexpected(std::move(piece).error());
    got_ += piece->size();
    const bool wrong = exchange_->size && (got_ > *exchange_->size || (piece->empty() && got_ != *exchange_->size));
    if (wrong && exchange_->method != Method::head) co_return fail(Code::protocol, "the body is not as long as Content-Length says");
    co_return std::move(*piece);
  }
  std::optional<std::uint64_t> size() const override { return exchange_->size; }
  Headers trailers() override { return exchange_->take_trailers(); }

 private:
  std::shared_ptr<Exchange> exchange_;
  std::uint64_t got_ = 0;
};

quic::EndpointConfig endpoint_config(const quic::Settings& settings) {
  quic::EndpointConfig config;
  config.settings = settings;
  return config;
}

class Session final : public Http3Session {
 public:
  Session(io::Io& io, io::UdpSocket socket, ClientSessionOptions options)
      : io_{io},
        options_{std::move(options)},
        endpoint_{endpoint_config(options_.settings), io.now(), io.wall_time()},
        driver_{io, std::move(socket), endpoint_} {}
  ~Session() override = default;

  Result<void> begin(const io::Endpoint& local) {
    quic::Connection::Connecting how{{}, {}, options_.version};
    Bytes token;
    std::optional<SessionStore::Entry> entry;
    if (options_.store != nullptr) {
      token = options_.store->take_token(options_.authority);
      entry = options_.store->take(options_.authority);
      if (entry) SSL_set_session(options_.ssl.get(), entry->session.get());
      how.token = token;
      if (entry && options_.early_data) how.early_parameters = entry->parameters;
      endpoint_.on_token = [this](ByteView bytes) { options_.store->keep_token(options_.authority, bytes); };
      endpoint_.on_session = [this](SSL_SESSION* session, ByteView parameters) {
        options_.store->keep(options_.authority, session, parameters);
      };
    }
    const bool early = entry && options_.early_data && SSL_SESSION_early_data_capable(entry->session.get()) != 0;
    TRY(made, endpoint_.connect(how, local, options_.peer, std::move(options_.ssl),
                                [this](quic::Connection& connection) {
                                  auto wire = std::make_unique<ClientWire>(io_, connection);
                                  wire_ = wire.get();
                                  return wire;
                                },
                                io_.now()));
    early_ = early && !how.early_parameters.empty();
    if (early_ && !wire_->start()) early_ = false;
    (void)made;
    return {};
  }

  io::Task<void> run(io::Io&) override {
    auto body = [this](io::Scope& scope) -> io::Task<Result<void>> {
      scope_ = &scope;
      auto ended = co_await driver_.run();
      scope_ = nullptr;
      // Cancelled without close(): the server hears of it all the same.
      if (auto* it = connection()) it->close(NGHTTP3_H3_NO_ERROR, io_.now());
      co_await io::shield(io_, Duration::milliseconds(100), driver_.flush());
      co_return fail(Code::closed, ended ? "" : ended.error().detail);
    };
    co_await io::with_scope(io_, body, io::ScopePolicy::supervise);
  }

  io::Task<Result<void>> established() override {
    CO_CHECK_OK(co_await wire_->established.wait());
    if (wire_->failure) co_return std::unexpected(*wire_->failure);
    co_return Result<void>{};
  }

  io::Task<Result<Response>> exchange(io::Io&, ClientRequest request) override {
    const bool connects = request.headers.contains(Field::upgrade);
    const bool harmless = is_safe(request.method) && request.body.is_empty() && !connects;
    if (connects) CO_CHECK_OK(co_await may_connect());
    while (true) {
      const bool early = early_ && harmless && !wire_->done && !wire_->early_refused;
      if (!early) CO_CHECK_OK(co_await established());
      CO_TRY(stream, co_await open(request, early));
      auto head = co_await await_head(*stream);
      // 425: the server will not do this for what could be a replay; after the handshake it is none (RFC 8470 §5.2).
      const bool too_early = early && head && number(head->status) == 425;
      if (too_early) head = fail(Code::refused, "too early");
      if (!too_early && (head || !stream->rejected)) co_return std::move(head);
      if (too_early) CO_CHECK_OK(co_await established());
    }
  }

  unsigned room() const noexcept override {
    if (!usable()) return 0;
    const std::uint64_t left = ngtcp2_conn_get_streams_bidi_left(wire_->connection()->conn());
    return static_cast<unsigned>(std::min<std::uint64_t>(left, 1'000'000));
  }
  bool usable() const noexcept override { return !wire_->leaving && wire_->connection() != nullptr && wire_->connection()->is_open(); }
  void close() noexcept override {
    if (auto* it = connection()) it->close(NGHTTP3_H3_NO_ERROR, io_.now());
    driver_.stop();
  }
  void retire() noexcept override {
    wire_->leaving = true;
    wire_->room_changed.set();
    if (scope_ == nullptr || wire_->streams().empty()) return close();
    scope_->spawn(close_when_done()).keep();
  }
  bool multiplexed() const noexcept override { return true; }
  std::uint16_t group() const noexcept override { return wire_->connection() ? wire_->connection()->group() : 0; }
  bool resumed() const noexcept override {
    return wire_->connection() != nullptr && SSL_session_reused(wire_->connection()->ssl()) != 0;
  }
  bool early_accepted() const noexcept override {
    return wire_->connection() != nullptr && SSL_early_data_accepted(wire_->connection()->ssl()) != 0;
  }
  std::uint32_t quic_version() const noexcept override { return wire_->connection() ? wire_->connection()->version() : 0; }
  quic::Connection* connection() noexcept override { return wire_->connection(); }

 private:
  io::Task<Result<void>> may_connect() {
    CO_CHECK_OK(co_await established());
    CO_CHECK_OK(co_await wire_->settings.wait().until(io_.now() + kSettingsTime));
    if (wire_->failure) co_return std::unexpected(*wire_->failure);
    if (!wire_->takes_connect) co_return fail(Code::unsupported, "the server takes no other protocols over HTTP/3");
    co_return Result<void>{};
  }
  io::Task<Result<void>> close_when_done() {
    while (!wire_->streams().empty()) CO_CHECK_OK(co_await io::sleep(io_, kRetireTick));
    close();
    co_return Result<void>{};
  }
  io::Task<Result<std::shared_ptr<Exchange>>> open(ClientRequest& request, bool early) {
    std::int64_t id = 0;
    while (true) {
      // The event wakes one: whoever waits next hears of it from the one before.
      if (wire_->failure || wire_->leaving) wire_->room_changed.set();
      if (wire_->failure) co_return std::unexpected(*wire_->failure);
      if (wire_->leaving) co_return fail(Code::refused, "the server goes away");
      if (ngtcp2_conn_open_bidi_stream(wire_->connection()->conn(), &id, nullptr) == 0) break;
      CO_CHECK_OK(co_await wire_->room_changed.wait());
    }
    wire_->room_changed.set();
    auto stream = std::make_shared<Exchange>(io_, *wire_, id, options_.header_bytes_max);
    stream->method = request.method;
    stream->early = early;
    stream->connects = request.headers.contains(Field::upgrade);
    if (stream->connects) stream->websocket_key = request.headers.get("sec-websocket-key").value_or("");
    stream->protocol = request.headers.get_or(Field::upgrade, "");
    wire_->add_stream(stream);
    // A slow answer and a quiet tunnel are no idle connection.
    wire_->connection()->keep_alive(kKeepAliveTime);
    const auto size = request.body.size();
    const bool has_body = size != std::uint64_t{0};
    if (!submit(*stream, request, size, has_body)) co_return fail(Code::invalid, "fields that HTTP/3 cannot carry");
    if (has_body && !stream->connects && scope_ != nullptr) scope_->spawn(send_body(io_, stream, std::move(request.body))).keep();
    wire_->touch();
    co_return stream;
  }

  bool submit(Exchange& stream, const ClientRequest& request, std::optional<std::uint64_t> size, bool has_body) {
    const std::string length = size ? std::to_string(*size) : std::string{};
    const bool connects = stream.connects;
    FieldList fields{{":method", connects ? std::string_view{"CONNECT"} : to_string(request.method)}, {":scheme", "https"},
                     {":authority", request.headers.get_or(Field::host, options_.authority)}, {":path", request.target}};
    if (connects) fields.emplace_back(":protocol", request.headers.get_or(Field::upgrade, ""));
    for (const FieldView field : request.headers) {
      const bool dropped = field.field == Field::host || is_wires_field(field) || (connects && field.name == "sec-websocket-key");
      if (!dropped) fields.emplace_back(field.name, field.value);
    }
    if (has_body && size && !connects) fields.emplace_back("content-length", length);
    const auto values = name_values(fields);
    const nghttp3_data_reader reader = body_reader();
    return nghttp3_conn_submit_request(wire_->http(), stream.id(), values.data(), values.size(),
                                       has_body || connects ? &reader : nullptr, nullptr) == 0;
  }

  static io::Task<void> send_body(io::Io& io, std::shared_ptr<Exchange> stream, Body body) {
    while (true) {
      auto piece = co_await body.read(io);
      if (!piece) {
        if (stream->wire() != nullptr) stream->wire()->reset(stream->id(), NGHTTP3_H3_REQUEST_CANCELLED);
        stream->abort(piece.error());
        co_return;
      }
      if (piece->empty()) break;
      auto sent = co_await stream->write(std::move(*piece), nullptr);
      if (!sent) co_return;
    }
    stream->finish(body.take_trailers());
  }

  io::Task<Result<Response>> await_head(Exchange& stream) {
    auto waited = co_await stream.ready.wait();
    if (!waited) {
      if (stream.wire() != nullptr) {
        stream.wire()->reset(stream.id(), NGHTTP3_H3_REQUEST_CANCELLED);
        stream.wire()->stop_reading(stream.id(), NGHTTP3_H3_REQUEST_CANCELLED);
      }
      co_return std::unexpected(std::move(waited).error());
    }
    if (!stream.head) co_return std::unexpected(stream.failure.value_or(Error{Code::reset, "the stream ended"}));
    Response response = std::move(*stream.head);
    if (stream.connects && number(response.status) / 100 == 2) {
      // To whoever asked it is the 101 that HTTP/1.1 sends.
      response.status = Status::switching_protocols;
      response.headers.set(Field::upgrade, stream.protocol);
      if (!stream.websocket_key.empty()) response.headers.set("sec-websocket-accept", websocket_accept(stream.websocket_key));
      response.stream = make_tunnel(io_, std::static_pointer_cast<Exchange>(stream.shared_from_this()), options_.peer);
      co_return response;
    }
    // It was no CONNECT that succeeded: nothing will be written.
    if (stream.connects) stream.finish({});
    response.body = Body::from(std::make_unique<ResponseBody>(std::static_pointer_cast<Exchange>(stream.shared_from_this())));
    co_return response;
  }

  io::Io& io_;
  ClientSessionOptions options_;
  quic::Endpoint endpoint_;
  quic::Driver driver_;
  ClientWire* wire_ = nullptr;  // of the endpoint's connection
  io::Scope* scope_ = nullptr;
  bool early_ = false;
};

/// The address the system would send from: QUIC wants to know its own.
Result<io::Endpoint> any_of_family(const io::Endpoint& peer) {
  return io::Endpoint::from_ip(peer.family() == io::Endpoint::Family::ipv6 ? "::" : "0.0.0.0", 0);
}

}  // namespace

void SessionStore::keep(const std::string& origin, SSL_SESSION* session, ByteView parameters) {
  const std::scoped_lock lock{mutex_};
  entries_.emplace_back(origin, Entry{{}, Bytes{parameters.begin(), parameters.end()}});
  entries_.back().second.session.reset(session);
  if (entries_.size() > kSessionsMax) entries_.pop_front();
}

void SessionStore::keep_token(const std::string& origin, ByteView token) {
  const std::scoped_lock lock{mutex_};
  tokens_.emplace_back(origin, Bytes{token.begin(), token.end()});
  if (tokens_.size() > kSessionsMax) tokens_.pop_front();
}

std::optional<SessionStore::Entry> SessionStore::take(const std::string& origin) {
  const std::scoped_lock lock{mutex_};
  for (auto at = entries_.end(); at != entries_.begin();) {
    --at;
    if (at->first != origin) continue;
    Entry entry = std::move(at->second);
    entries_.erase(at);
    return entry;
  }
  return std::nullopt;
}

std::size_t SessionStore::sessions() const {
  const std::scoped_lock lock{mutex_};
  return entries_.size();
}

Bytes SessionStore::take_token(const std::string& origin) {
  const std::scoped_lock lock{mutex_};
  for (auto at = tokens_.end(); at != tokens_.begin();) {
    --at;
    if (at->first != origin) continue;
    Bytes token = std::move(at->second);
    tokens_.erase(at);
    return token;
  }
  return {};
}

Result<std::unique_ptr<Http3Session>> open_session(io::Io& io, ClientSessionOptions options) {
  if (!options.ssl) return fail(Code::invalid, "no TLS");
  TRY(any, any_of_family(options.peer));
  TRY(socket, io::bind_udp(io, any));
  const io::Endpoint local = socket.local();
  auto session = std::make_unique<Session>(io, std::move(socket), std::move(options));
  CHECK_OK(session->begin(local));
  return std::unique_ptr<Http3Session>{std::move(session)};
}

}  // namespace tablinum::net::h3
