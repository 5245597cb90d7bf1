#include "client/h1_session.h"

#include <array>

#include "h1/writer.h"

namespace tablinum::net {

class H1ResponseBody final : public BodySource {
 public:
  H1ResponseBody(std::shared_ptr<H1Session> session, std::optional<std::uint64_t> size) noexcept
      : session_{std::move(session)}, size_{size} {}
  ~H1ResponseBody() override {
    if (!session_) return;
    session_->close();
    session_->free();
  }
  io::Task<Result<Chunk>> read(io::Io& io) override {
    if (!session_) co_return Chunk{};
    auto piece = co_await session_->read_body(io);
    if (piece && !piece->empty()) co_return piece;
    if (!piece) session_->close();
    else trailers_ = session_->reader_.take_trailers();
    session_->finish_message();
    session_.reset();
    co_return piece;
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  Headers trailers() override { return std::move(trailers_); }

 private:
  std::shared_ptr<H1Session> session_;
  std::optional<std::uint64_t> size_;
  Headers trailers_;
};

class H1UpgradedStream final : public ByteStream {
 public:
  explicit H1UpgradedStream(std::shared_ptr<H1Session> session) noexcept : session_{std::move(session)} {}
  ~H1UpgradedStream() override {
    session_->close();
    session_->free();
  }
  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override {
    if (const std::size_t early = session_->reader_.take_buffered(buffer); early > 0) co_return early;
    co_return co_await session_->stream_->read(buffer, limit);
  }
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override {
    return session_->stream_->write(pieces, limit);
  }
  io::Task<Result<void>> end(Instant limit) override { return session_->stream_->end(limit); }
  void close() noexcept override { session_->close(); }
  const io::Endpoint& peer() const noexcept override { return session_->stream_->peer(); }

 private:
  std::shared_ptr<H1Session> session_;
};

H1Session::H1Session(std::unique_ptr<ByteStream> stream, const ClientOptions& options, std::function<void(H1Session&)> on_free)
    : stream_{std::move(stream)},
      options_{options},
      on_free_{std::move(on_free)},
      reader_{h1::HeadLimits{options.header_bytes_max, options.header_bytes_max, 1024}} {}

io::Task<void> H1Session::run(io::Io&) { co_return; }

void H1Session::close() noexcept {
  usable_ = false;
  stream_->close();
}

/// The exchange holds the connection no longer.
void H1Session::free() noexcept {
  if (!std::exchange(busy_, false)) return;
  upload_.reset();
  upload_task_.reset();
  on_free_(*this);
}

/// The answer has been read to its end, or there is nothing of it to read.
void H1Session::finish_message() noexcept {
  const bool upload_ended = !upload_ || (upload_->ended && !upload_->source_error);
  // Bytes after the answer belong to no request of ours: whose answer would they be?
  if (!keep_ || !upload_ended || reader_.buffered() > 0 || reader_.in_body()) close();
  used_ = true;
  free();
}

io::Task<Result<Response>> H1Session::exchange(io::Io& io, ClientRequest request) {
  if (room() == 0) co_return fail(Code::busy, "the connection carries a request");
  const auto alive = shared_from_this();
  busy_ = true;
  answered_ = false;
  keep_ = true;
  method_ = request.method;
  auto response = co_await run_exchange(io, request);
  if (response) co_return response;
  const Code code = response.error().code;
  const bool died = used_ && !answered_ && (code == Code::reset || code == Code::closed);
  close();
  free();
  if (died) co_return fail(Code::refused, "a kept connection had ended: " + response.error().detail);
  co_return response;
}

io::Task<Result<Response>> H1Session::run_exchange(io::Io& io, ClientRequest& request) {
  out_.clear();
  h1::append_request_head(out_, request.method, request.target, request.headers, request.body.size());
  const Chunk* whole = request.body.in_memory();
  if (whole == nullptr || whole->size() > kSmallUploadBytesMax) {
    CO_TRY(head, co_await exchange_streaming(io, request));
    co_return make_response(request, std::move(head));
  }
  const std::array<ByteView, 2> pieces{bytes_of(out_), whole->view()};
  auto sent = co_await stream_->write(pieces, io.now() + options_.idle_time);
  // A server may answer and close before it has read the whole body: its answer is worth more than our broken pipe.
  if (!sent && sent.error().code != Code::reset) co_return std::unexpected(std::move(sent).error());
  if (!sent) keep_ = false;
  sent_at_ = io.now();
  auto head = co_await receive_head(io, request);
  if (!head && !sent) co_return std::unexpected(std::move(sent).error());
  if (!head) co_return std::unexpected(std::move(head).error());
  co_return make_response(request, std::move(*head));
}

/// Sends the body in a task of its own, so that an answer which begins early is seen early.
io::Task<Result<h1::ResponseHead>> H1Session::exchange_streaming(io::Io& io, ClientRequest& request) {
  upload_ = std::make_shared<Upload>(io);
  const auto upload = upload_;
  upload->body = std::move(request.body);
  upload->waits = request.headers.contains(Field::expect);
  if (request.scope != nullptr) {
    upload_task_ = request.scope->spawn(run_upload(io, shared_from_this(), upload));
    auto head = co_await receive_head(io, request);
    if (!head) {
      // Joined, so that whoever tries again elsewhere is the only one to read the body.
      upload_task_->cancel();
      co_await *upload_task_;
      upload_task_.reset();
      if (upload->source_error && upload->source_error->code != Code::cancelled) co_return std::unexpected(*upload->source_error);
    }
    co_return head;
  }
  auto body = [&](io::Scope& scope) -> io::Task<Result<h1::ResponseHead>> {
    auto task = scope.spawn(run_upload(io, shared_from_this(), upload));
    auto head = co_await receive_head(io, request);
    if (!upload->ended) keep_ = false;
    co_return head;
  };
  auto head = co_await io::with_scope(io, body, io::ScopePolicy::supervise);
  if (!head && upload->source_error) co_return std::unexpected(*upload->source_error);
  co_return head;
}

io::Task<void> H1Session::run_upload(io::Io& io, std::shared_ptr<H1Session> self, std::shared_ptr<Upload> upload) {
  auto sent = co_await self->send_body(io, *upload);
  upload->ended = sent.has_value();
  upload->over = true;
  self->sent_at_ = io.now();
  // The message is broken off: only the end of the connection tells the server so.
  if (upload->source_error) self->close();
}

io::Task<Result<void>> H1Session::send_body(io::Io& io, Upload& upload) {
  const bool chunked = !upload.body.size();
  std::uint64_t left = upload.body.size().value_or(~std::uint64_t{0});
  if (upload.waits) {
    const ByteView head = bytes_of(out_);
    CO_CHECK_OK(co_await stream_->write({&head, 1}, io.now() + options_.idle_time));
    out_.clear();
    auto go_on = co_await upload.may_begin.wait().until(io.now() + kContinueTime);
    if (!go_on && go_on.error().code != Code::timeout) co_return std::unexpected(std::move(go_on).error());
  }
  while (true) {
    auto piece = co_await upload.body.read(io);
    if (piece && (piece->size() > left || (piece->empty() && !chunked && left > 0)))
      piece = fail(Code::protocol, "a body of another size than announced");
    if (!piece) {
      upload.source_error = piece.error();
      co_return std::unexpected(std::move(piece).error());
    }
    left -= piece->size();
    if (chunked && piece->empty()) h1::append_last_chunk(out_, upload.body.take_trailers());
    if (chunked && !piece->empty()) h1::append_chunk_head(out_, piece->size());
    const std::string_view end = chunked && !piece->empty() ? h1::kChunkEnd : std::string_view{};
    const std::string head = std::exchange(out_, {});
    const std::array<ByteView, 3> pieces{bytes_of(head), piece->view(), bytes_of(end)};
    CO_CHECK_OK(co_await stream_->write(pieces, io.now() + options_.idle_time));
    if (piece->empty()) co_return Result<void>{};
  }
}

io::Task<Result<h1::ResponseHead>> H1Session::receive_head(io::Io& io, ClientRequest& request) {
  while (true) {
    const h1::Event event = reader_.next(method_);
    if (event == h1::Event::refused) {
      const bool large = reader_.refusal().status != Status::bad_request;
      co_return fail(large ? Code::too_large : Code::protocol, std::string{reader_.refusal().detail});
    }
    if (event != h1::Event::head) {
      if (upload_) {
        CO_CHECK_OK(co_await receive_more_of_head(io));
      } else {
        CO_TRY(got, co_await stream_->read(reader_.room(), sent_at_ + options_.response_time));
        if (got == 0) co_return fail(Code::reset, "the server closed before its answer was complete");
        answered_ = true;
        reader_.received(got);
      }
      continue;
    }
    h1::ResponseHead head = reader_.take_head();
    if (head.status == Status::switching_protocols && !request.headers.contains(Field::upgrade))
      co_return fail(Code::protocol, "101 to a request that asked for no other protocol");
    if (number(head.status) >= 200 || head.status == Status::switching_protocols) co_return head;
    if (upload_ && head.status == Status::continue_) upload_->may_begin.set();
    if (head.status == Status::early_hints && request.on_hints) CO_CHECK_OK(co_await request.on_hints(head.headers));
  }
}

/// Waits response_time from the end of the request on, however long the upload takes.
io::Task<Result<void>> H1Session::receive_more_of_head(io::Io& io) {
  while (true) {
    auto got = co_await receive(io, (uploading() ? io.now() : sent_at_) + options_.response_time);
    const bool late = !got && got.error().code == Code::timeout;
    const bool has_time = upload_ && (!upload_->over || io.now() < sent_at_ + options_.response_time);
    if (!late || !has_time) co_return got;
  }
}

io::Task<Result<void>> H1Session::receive(io::Io&, Instant limit) {
  CO_TRY(got, co_await stream_->read(reader_.room(), limit));
  if (got == 0) co_return fail(Code::reset, "the server closed before its answer was complete");
  answered_ = true;
  reader_.received(got);
  co_return Result<void>{};
}

/// The body, all of which has been received.
std::string H1Session::take_body() {
  std::string body;
  while (reader_.next(method_) == h1::Event::data) body += reader_.data();
  return body;
}

io::Task<Result<Chunk>> H1Session::read_body(io::Io& io) {
  while (reader_.in_body()) {
    const h1::Event event = reader_.next(method_);
    if (event == h1::Event::data) co_return Chunk::of(std::string{reader_.data()});
    if (event == h1::Event::body_end) break;
    if (event == h1::Event::refused) co_return fail(Code::protocol, std::string{reader_.refusal().detail});
    CO_TRY(got, co_await stream_->read(reader_.room(), io.now() + options_.idle_time));
    if (got == 0 && reader_.input_may_end()) {
      close();
      break;
    }
    if (got == 0) co_return fail(Code::reset, "the server closed inside a response");
    reader_.received(got);
  }
  co_return Chunk{};
}

Response H1Session::make_response(const ClientRequest&, h1::ResponseHead head) {
  Response response;
  response.status = head.status;
  response.headers = std::move(head.headers);
  if (!head.keep_alive) keep_ = false;
  if (head.status == Status::switching_protocols) {
    keep_ = false;
    usable_ = false;
    response.stream = std::make_shared<H1UpgradedStream>(shared_from_this());
  } else if (head.framing.kind == h1::Framing::none) {
    finish_message();
  } else if (head.framing.kind == h1::Framing::length && head.framing.content_length <= reader_.buffered() && !uploading()) {
    // All of it is here: the connection is free at once, and nobody has to come back for a piece.
    response.body = Body::of(Chunk::of(take_body()));
    finish_message();
  } else {
    const bool sized = head.framing.kind == h1::Framing::length;
    const auto size = sized ? std::optional{head.framing.content_length} : std::nullopt;
    response.body = Body::from(std::make_unique<H1ResponseBody>(shared_from_this(), size));
  }
  return response;
}

}  // namespace tablinum::net
