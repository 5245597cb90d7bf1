#include "server/connection.h"

#include <algorithm>
#include <array>

#include "tablinum/base/log.h"
#include "tablinum/io/scope.h"
#include "tablinum/net/stream.h"

namespace tablinum::net {

/// A request's body as handlers see it. It may be moved about and outlive the request; then reading it says `closed`.
class IncomingBody final : public BodySource {
 public:
  IncomingBody(Connection& connection, std::optional<std::uint64_t> size) noexcept : connection_{&connection}, size_{size} {
    connection.incoming_ = this;
  }
  ~IncomingBody() override {
    if (connection_) connection_->incoming_ = nullptr;
  }
  io::Task<Result<Chunk>> read(io::Io&) override {
    if (!connection_) co_return fail(Code::closed, "the request has ended");
    co_return co_await connection_->read_body();
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  Headers trailers() override { return connection_ ? connection_->reader_.take_trailers() : Headers{}; }
  void detach() noexcept { connection_ = nullptr; }

 private:
  Connection* connection_;
  std::optional<std::uint64_t> size_;
};

/// The connection's bytes after a 101, with what was read ahead of them.
class TakenStream final : public ByteStream {
 public:
  TakenStream(h1::RequestReader& rest, ByteStream& below, Counters& counters) noexcept
      : rest_{rest}, below_{below}, counters_{counters} {}

  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    if (const std::size_t early = rest_.take_buffered(buffer); early > 0) co_return early;
    auto got = co_await below_.read(buffer, limit);
    if (got) counters_.bytes_received.add(*got);
    co_return got;
  }
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override {
    CO_CHECK_OK(co_await below_.write(pieces, limit));
    for (const ByteView piece : pieces) counters_.bytes_sent.add(piece.size());
    co_return Result<void>{};
  }
  io::Task<Result<void>> end(Instant limit) override { return below_.end(limit); }
  void close() noexcept override { below_.close(); }
  const io::Endpoint& peer() const noexcept override { return below_.peer(); }

 private:
  h1::RequestReader& rest_;
  ByteStream& below_;
  Counters& counters_;
};

namespace {

h1::HeadLimits head_limits(const Limits& limits) noexcept {
  return {limits.request_line_bytes_max, limits.header_bytes_max, limits.fields_max};
}

}  // namespace

Connection::Connection(ConnectionEnvironment& environment, io::TcpSocket socket)
    : environment_{environment},
      socket_{std::move(socket)},
      peer_{peer_of(socket_.peer())},
      reader_{head_limits(environment.limits)},
      receiving_{environment.limits.body_grace, environment.limits.rate_bytes_min},
      sending_{environment.limits.drain_grace, environment.limits.rate_bytes_min},
      head_limit_{environment.io.now() + environment.limits.headers_time} {}

Connection::Connection(ConnectionEnvironment& environment, std::unique_ptr<ByteStream> stream, const TlsInfo* tls,
                       std::string_view begun)
    : Connection{environment, io::TcpSocket{}} {
  stream_ = std::move(stream);
  tls_ = tls;
  peer_ = peer_of(stream_->peer());
  if (begun.empty()) return;
  std::ranges::copy(bytes_of(begun), reader_.room().begin());
  reader_.received(begun.size());
}

Connection::~Connection() {
  if (incoming_) incoming_->detach();
}

io::Task<void> Connection::run() {
  context_ = &co_await io::this_context();
  while (true) {
    const bool received = co_await receive_head();
    if (!received) break;
    const bool go_on = co_await serve_request();
    if (!go_on) break;
  }
  if (linger_ == Linger::yes) co_await linger();
  // TLS says goodbye, so that the peer knows the last answer for whole.
  else if (stream_ && !context_->cancelled())
    co_await stream_->end(environment_.io.now() + kLingerTime);
  close();
}

void Connection::close() noexcept {
  if (stream_)
    stream_->close();
  else
    socket_.close();
}

/// Into the reader's room.
io::Task<Result<std::size_t>> Connection::read_stream(Instant limit) { return stream_->read(reader_.room(), limit); }

void Connection::stop() noexcept {
  if (idle_ || sends_events_) context_->cancel(io::Reason::shutdown);
}

/// Reads until a head is complete. False: the connection ends (and was told why, where that is due).
io::Task<bool> Connection::receive_head() {
  while (true) {
    const h1::Event event = reader_.next();
    if (event == h1::Event::head) co_return true;
    if (event == h1::Event::refused) {
      co_await refuse(reader_.refusal());
      co_return false;
    }
    const bool more = co_await receive_more_of_head();
    if (!more) co_return false;
  }
}

io::Task<bool> Connection::receive_more_of_head() {
  const bool begun = reader_.head_begun();
  if (environment_.stopping && !begun) co_return false;
  if (begun && !head_clock_runs_) {
    head_clock_runs_ = true;
    head_limit_ = environment_.io.now() + environment_.limits.headers_time;
  }
  idle_ = !begun;
  if (idle_) reader_.shrink();
  auto got = stream_ ? co_await read_stream(head_limit_) : co_await socket_.read(reader_.room()).until(head_limit_);
  idle_ = false;
  if (!got) {
    const bool late = got.error().code == Code::timeout;
    if (late) environment_.counters.timeouts.add();
    if (late && begun) co_await refuse({Status::request_timeout, "the header did not arrive in time"});
    co_return false;
  }
  if (*got == 0) co_return false;
  environment_.counters.bytes_received.add(*got);
  reader_.received(*got);
  co_return true;
}

Request Connection::make_request(h1::RequestHead head) {
  ++requests_;
  wants_keep_alive_ = head.keep_alive;
  owes_continue_ = head.expects_continue;
  body_size_ = head.content_length;
  failure_.reset();
  receiving_ = RateFloor{environment_.limits.body_grace, environment_.limits.rate_bytes_min};
  Request request;
  request.method = head.method;
  request.target = std::move(head.target);
  request.headers = std::move(head.headers);
  request.protocol = head.protocol;
  request.peer = peer_;
  request.tls = tls_;
  if (request.protocol == Protocol::http11) request.send_hints = [this](const Headers& hints) { return send_hints(hints); };
  if (head.framing != h1::Framing::none) {
    const auto size = head.framing == h1::Framing::length ? std::optional{head.content_length} : std::nullopt;
    request.body = Body::from(std::make_unique<IncomingBody>(*this, size));
  }
  return request;
}

/// Answers one request. True: the connection can take another.
io::Task<bool> Connection::serve_request() {
  Counters& counters = environment_.counters;
  counters.requests_total.add();
  counters.requests_active.add();
  Request request = make_request(reader_.take_head());
  bool go_on = false;
  if (body_is_open()) {
    auto scoped = [&](io::Scope& scope) -> io::Task<bool> {
      request.scope = &scope;
      const bool sent = co_await answer_and_send(request);
      scope.cancel();
      co_return sent;
    };
    go_on = co_await io::with_scope(environment_.io, scoped, io::ScopePolicy::supervise);
    request.scope = nullptr;
  } else {
    go_on = co_await answer_and_send(request);
  }
  if (go_on && body_is_open()) go_on = co_await drain_body();
  if (incoming_) incoming_->detach();
  incoming_ = nullptr;
  counters.requests_active.subtract();
  head_clock_runs_ = false;
  head_limit_ = environment_.io.now() + environment_.limits.idle_time;
  co_return go_on;
}

io::Task<bool> Connection::answer_and_send(Request& request) {
  Response response = co_await answer(environment_, request, failure_);
  const bool go_on = co_await send(request, response, may_keep_alive());
  if (response.status != Status::switching_protocols) co_return go_on;
  if (go_on && response.takeover) co_await hand_over(std::move(response.takeover));
  co_return false;
}

io::Task<Result<void>> Connection::send_hints(const Headers& headers) {
  h1::append_early_hints(out_, headers);
  const bool sent = co_await flush();
  if (!sent) co_return fail(Code::reset, "the peer does not read");
  co_return Result<void>{};
}

io::Task<void> Connection::hand_over(Takeover takeover) {
  if (!stream_) stream_ = make_stream(std::move(socket_));
  TakenStream stream{reader_, *stream_, environment_.counters};
  sends_events_ = true;  // nothing tells when it would be done: it ends as soon as the server stops
  co_await takeover(environment_.io, stream);
  sends_events_ = false;
}

bool Connection::may_keep_alive() const noexcept {
  if (!wants_keep_alive_ || environment_.stopping || failure_ || requests_ >= environment_.limits.requests_per_connection_max)
    return false;
  // A client that still waits for "100 Continue" may or may not send the body after the final answer: nobody could tell.
  if (!body_is_open()) return true;
  return !owes_continue_ && body_size_ <= kDrainBytesMax;
}

io::Task<bool> Connection::send(const Request& request, Response& response, bool keep_alive) {
  environment_.counters.responses[class_of(response.status)].add();
  sending_ = RateFloor{environment_.limits.drain_grace, environment_.limits.rate_bytes_min};
  const h1::BodyPlan plan = h1::append_response_head(
      out_, response, {request.method, request.protocol, keep_alive, environment_.date(), environment_.alt_svc});
  // Closing with unread input makes the kernel send a reset, which can overtake the answer.
  if (!plan.keep_alive && (body_is_open() || reader_.buffered() > 0)) linger_ = Linger::yes;
  sends_events_ = response.headers.get_or(Field::content_type, "") == "text/event-stream";
  bool sent = plan.framing == h1::Framing::none;
  if (!sent) sent = co_await send_body(response.body, plan.framing);
  if (sent) sent = co_await flush();
  sends_events_ = false;
  if (!sent) linger_ = Linger::no;
  co_return sent&& plan.keep_alive;
}

/// False: the message is broken off, and so must the connection be.
io::Task<bool> Connection::send_body(Body& body, h1::Framing framing) {
  if (const Chunk* whole = body.in_memory(); whole && whole->size() <= kGatherBytesMax) {
    out_ += whole->text();
    co_return true;
  }
  const bool endless = !body.size();
  if (!endless || body_is_open()) co_return co_await send_stream(body, framing);
  // A stream without an end in sight: learn that the client has gone from its FIN, not from a write that fails much later.
  auto ended = co_await io::race(environment_.io, send_stream(body, framing), watch_peer());
  co_return ended.value.index() == 0 && std::get<0>(ended.value);
}

io::Task<bool> Connection::send_stream(Body& body, h1::Framing framing) {
  std::uint64_t left = body.size().value_or(~std::uint64_t{0});
  if (!body.size()) {
    const bool flushed = co_await flush();
    if (!flushed) co_return false;
  }
  while (true) {
    auto piece = co_await body.read(environment_.io);
    if (!piece) {
      if (piece.error().code != Code::cancelled) log::warn("net", "a response broke off", {{"error", describe(piece.error())}});
      co_return false;
    }
    if (piece->empty()) break;
    if (piece->size() > left)
      co_return false;  // more than its Content-Length: a bug of the source that must not reach the wire
    left -= piece->size();
    const bool chunked = framing == h1::Framing::chunked;
    if (chunked) h1::append_chunk_head(out_, piece->size());
    const std::string head = std::exchange(out_, {});
    const bool written = co_await write(bytes_of(head), piece->view(), bytes_of(chunked ? h1::kChunkEnd : std::string_view{}));
    if (!written) co_return false;
  }
  if (framing == h1::Framing::length) co_return left == 0;
  if (framing == h1::Framing::chunked) h1::append_last_chunk(out_, body.take_trailers());
  co_return true;
}

/// Ends when the peer closes or breaks; what it sends meanwhile is kept for the next request.
io::Task<void> Connection::watch_peer() {
  while (reader_.buffered() < kReadAheadBytesMax) {
    auto got = stream_ ? co_await read_stream(Instant::never()) : co_await socket_.read(reader_.room());
    if (!got || *got == 0) co_return;
    environment_.counters.bytes_received.add(*got);
    reader_.received(*got);
  }
  // Enough of a pipeline: more would be the client's way to fill our memory.
  co_await io::sleep_until(environment_.io, Instant::never());
}

io::Task<void> Connection::refuse(h1::Refusal refusal) {
  environment_.counters.protocol_errors.add();
  Response response = refusal_response(refusal);
  response.headers.set(Field::content_security_policy, "default-src 'none'");
  Request none;
  co_await send(none, response, false);
}

/// Reads what the handler left of the request's body. False: it is too much, or does not come.
io::Task<bool> Connection::drain_body() {
  std::uint64_t dropped = 0;
  while (true) {
    auto piece = co_await read_body();
    if (!piece) co_return false;
    if (piece->empty()) co_return true;
    dropped += piece->size();
    if (dropped > kDrainBytesMax) {
      linger_ = Linger::yes;
      co_return false;
    }
  }
}

io::Task<void> Connection::linger() {
  const Instant limit = environment_.io.now() + kLingerTime;
  const auto ended = stream_ ? co_await stream_->end(limit) : socket_.shutdown_write();
  if (!ended) co_return;
  std::array<std::byte, 4096> scrap;
  for (std::uint64_t dropped = 0; dropped < kDrainBytesMax;) {
    auto got = stream_ ? co_await stream_->read(scrap, limit) : co_await socket_.read(scrap).until(limit);
    if (!got || *got == 0) co_return;
    dropped += *got;
  }
}

io::Task<bool> Connection::flush() {
  if (out_.empty()) co_return true;
  const bool written = co_await write(bytes_of(out_), {}, {});
  out_.clear();
  co_return written;
}

io::Task<bool> Connection::write(ByteView first, ByteView second, ByteView third) {
  const std::array<ByteView, 3> pieces{first, second, third};
  const std::size_t bytes = first.size() + second.size() + third.size();
  const Instant begin = environment_.io.now();
  const Instant limit = sending_.limit(begin, bytes);
  Code failed{};
  if (stream_) {
    auto sent = co_await stream_->write(pieces, limit);
    if (!sent) failed = sent.error().code;
  } else {
    auto sent = co_await socket_.write_all(std::span<const ByteView>{pieces}).until(limit);
    if (!sent) failed = sent.error().code;
  }
  if (failed == Code::timeout) environment_.counters.timeouts.add();
  if (failed != Code{}) co_return false;
  sending_.moved(bytes, environment_.io.now() - begin);
  environment_.counters.bytes_sent.add(bytes);
  co_return true;
}

/// The next piece of the request's body.  @error as Body::read(); `failure_` says what the wire answers.
io::Task<Result<Chunk>> Connection::read_body() {
  if (owes_continue_ && body_is_open()) CO_CHECK_OK(co_await send_continue());
  while (body_is_open()) {
    const h1::Event event = reader_.next();
    if (event == h1::Event::data) co_return Chunk::of(std::string{reader_.data()});
    if (event == h1::Event::body_end) break;
    if (event == h1::Event::refused) {
      failure_ = reader_.refusal();
      co_return fail(Code::protocol, std::string{failure_->detail});
    }
    CO_CHECK_OK(co_await receive_body());
  }
  co_return Chunk{};
}

io::Task<Result<void>> Connection::send_continue() {
  owes_continue_ = false;
  out_ += h1::kContinue;
  const bool flushed = co_await flush();
  if (!flushed) co_return fail(Code::reset, "the peer does not read");
  co_return Result<void>{};
}

io::Task<Result<void>> Connection::receive_body() {
  const Instant begin = environment_.io.now();
  const Instant limit = receiving_.limit(begin, 0);
  auto got = stream_ ? co_await read_stream(limit) : co_await socket_.read(reader_.room()).until(limit);
  if (!got) {
    if (got.error().code == Code::timeout) {
      environment_.counters.timeouts.add();
      failure_ = h1::Refusal{Status::request_timeout, "the body arrives too slowly"};
    }
    co_return std::unexpected(std::move(got).error());
  }
  if (*got == 0) {
    failure_ = h1::Refusal{Status::bad_request, "the body ends too early"};
    co_return fail(Code::closed, "the peer closed inside a body");
  }
  receiving_.moved(*got, environment_.io.now() - begin);
  environment_.counters.bytes_received.add(*got);
  reader_.received(*got);
  co_return Result<void>{};
}

}  // namespace tablinum::net
