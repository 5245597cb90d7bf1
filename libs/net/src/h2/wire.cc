#include "h2/wire.h"

#include <algorithm>
#include <cstring>

namespace tablinum::net::h2 {
namespace {

std::string_view text(const std::uint8_t* bytes, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(bytes), size};
}

constexpr std::size_t kManyStreams = 16;

Error error_of(std::uint32_t code) {
  if (code == NGHTTP2_REFUSED_STREAM) return {Code::refused, "the peer did not process the stream"};
  if (code == NGHTTP2_NO_ERROR || code == NGHTTP2_CANCEL) return {Code::reset, "the stream was given up"};
  return {Code::reset, std::string{"the stream was reset: "} + nghttp2_http2_strerror(code)};
}

}  // namespace

/// nghttp2's way in: one function a callback, each of which finds its wire and its stream.
struct Wire::Callbacks {
  static Wire& wire(void* user) noexcept { return *static_cast<Wire*>(user); }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    if (!wire(user).on_frame_begins(*head)) wire(user).flooded_ = true;
    return 0;
  }
  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    wire(user).on_fields_begin(*frame);
    return 0;
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    const auto stream = wire(user).find(frame->hd.stream_id);
    if (stream) wire(user).on_field(*stream, *frame, text(name, name_size), text(value, value_size));
    return 0;
  }
  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Wire& self = wire(user);
    const std::int32_t id = frame->hd.stream_id;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      if (const auto stream = self.find(id)) self.on_fields_end(*stream, *frame);
    } else if (frame->hd.type != NGHTTP2_DATA) {
      self.on_other_frame(*frame);
    }
    const bool ends = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (ends && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) self.end_of_input(id);
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size, void* user) {
    wire(user).receive_data(id, std::as_bytes(std::span{bytes, size}));
    return 0;
  }
  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    wire(user).close_stream(id, code);
    return 0;
  }
  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool ends = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!ends || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (const auto stream = wire(user).find(frame->hd.stream_id)) wire(user).on_end_sent(*stream);
    return 0;
  }
  /// A request that never left: the connection takes no more, or the engine will not send it.
  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int why, void* user) {
    const bool begins = frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
    if (begins) wire(user).close_stream(frame->hd.stream_id, why == NGHTTP2_ERR_START_STREAM_NOT_ALLOWED ? NGHTTP2_REFUSED_STREAM
                                                                                                        : NGHTTP2_INTERNAL_ERROR);
    return 0;
  }
  static ssize_t read_data(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t room, std::uint32_t* flags,
                           nghttp2_data_source* source, void* user) {
    return wire(user).read_out(*static_cast<Stream*>(source->ptr), room, flags);
  }
  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_head, std::size_t size,
                       nghttp2_data_source* source, void* user) {
    constexpr std::size_t kFrameHeadBytes = 9;
    return wire(user).send_out(*static_cast<Stream*>(source->ptr), std::as_bytes(std::span{frame_head, kFrameHeadBytes}), size);
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* all = nullptr;
    if (nghttp2_session_callbacks_new(&all) != 0) throw std::bad_alloc{};
    nghttp2_session_callbacks_set_on_begin_frame_callback(all, begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(all, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(all, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(all, frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, data);
    nghttp2_session_callbacks_set_on_stream_close_callback(all, stream_closed);
    nghttp2_session_callbacks_set_on_frame_send_callback(all, frame_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(all, frame_not_sent);
    nghttp2_session_callbacks_set_send_data_callback(all, send_data);
    return all;
  }
};

Stream::~Stream() {
  if (wire != nullptr && !in.empty()) wire->consume(id, in.size());
}

Wire::Wire(io::Io& io, std::unique_ptr<ByteStream> below, Role role, const nghttp2_option* options)
    : io_{io}, below_{std::move(below)}, wake_{io, io::Event::Reset::automatic}, over_{io}, input_(kReadBytes) {
  static const nghttp2_session_callbacks* const callbacks = Callbacks::make();
  const int made = role == Role::server ? nghttp2_session_server_new2(&session_, callbacks, this, options)
                                        : nghttp2_session_client_new2(&session_, callbacks, this, options);
  if (made != 0) throw std::bad_alloc{};
}

Wire::~Wire() {
  break_streams({Code::closed, "the connection has ended"});
  for (auto& [id, stream] : streams_) stream->wire = nullptr;
  streams_.clear();
  nghttp2_session_del(session_);
}

std::shared_ptr<Stream> Wire::find(std::int32_t id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second;
}

nghttp2_data_provider Wire::provider_of(Stream& stream) noexcept {
  stream.out_open = true;
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = Callbacks::read_data;
  return provider;
}

nghttp2_nv Wire::field(std::string_view name, std::string_view value) noexcept {
  const auto bytes = [](std::string_view view) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(view.data())); };
  // Secrets could be guessed by what a shared table compresses (RFC 7541 §7.1); what never comes again would only push the rest out.
  const bool apart = name == "authorization" || name == "set-cookie" || name == "x-correlation-id" || name == "x-request-id";
  return {bytes(name), bytes(value), name.size(), value.size(),
          static_cast<std::uint8_t>(apart ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE)};
}

// ---- what comes

void Wire::receive_data(std::int32_t id, ByteView bytes) {
  const auto stream = find(id);
  if (!stream || stream->discard) {
    nghttp2_session_consume(session_, id, bytes.size());
    return;
  }
  stream->in += text_of(bytes);
  stream->readable.set();
}

void Wire::end_of_input(std::int32_t id) {
  const auto stream = find(id);
  if (!stream) return;
  stream->in_ended = true;
  stream->readable.set();
}

void Wire::consume(std::int32_t id, std::size_t bytes) noexcept {
  nghttp2_session_consume(session_, id, bytes);
  wake();
}

void Wire::discard(Stream& stream) noexcept {
  stream.discard = true;
  const std::size_t bytes = std::exchange(stream.in, {}).size();
  if (bytes > 0) consume(stream.id, bytes);
}

io::Task<Result<Chunk>> Wire::read(std::shared_ptr<Stream> stream, Instant limit) {
  while (stream->in.empty()) {
    if (stream->broken) co_return std::unexpected(*stream->broken);
    if (stream->in_ended) co_return Chunk{};
    CO_CHECK_OK(co_await stream->readable.wait().until(limit));
  }
  std::string piece;
  if (stream->in.size() <= kChunkBytesMax) {
    piece = std::exchange(stream->in, {});
  } else {
    piece = stream->in.substr(0, kChunkBytesMax);
    stream->in.erase(0, kChunkBytesMax);
  }
  // The credit is returned now that somebody has the bytes, not when they came: a slow reader slows the sender.
  if (stream->wire != nullptr) stream->wire->consume(stream->id, piece.size());
  co_return Chunk::of(std::move(piece));
}

void Wire::close_stream(std::int32_t id, std::uint32_t code) {
  const auto stream = find(id);
  if (!stream) return;
  stream->closed = true;
  const bool whole = code == NGHTTP2_NO_ERROR && stream->in_ended;
  if (!whole && !stream->broken) stream->broken = error_of(code);
  on_stream_closed(*stream, code);
  stream->readable.set();
  stream->drained.set();
  streams_.erase(id);
}

void Wire::feed(ByteView bytes) {
  if (deaf_) return;
  for (ByteView rest = bytes; !rest.empty() && !deaf_;) {
    const std::size_t piece = next_piece(rest);
    const ssize_t used = nghttp2_session_mem_recv(session_, u8(rest), piece);
    if (used < 0) terminate(used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
    piece_received();
    if (flooded_) terminate(NGHTTP2_ENHANCE_YOUR_CALM);
    if (broken_off_) terminate(*broken_off_);
    rest = rest.subspan(piece);
  }
  after_receiving(bytes.size());
  wake();
}

void Wire::terminate(std::uint32_t code) noexcept {
  if (deaf_) return;
  deaf_ = true;
  nghttp2_session_terminate_session(session_, code);
  break_streams({Code::closed, "the connection was ended"});
  wake();
}

io::Task<void> Wire::read_loop() {
  if (!begun_.empty()) feed(bytes_of(begun_));
  Instant due = Instant::never();
  while (true) {
    due = std::min(due, next_tick());
    auto got = co_await below_->read(input_, due);
    const bool late = !got && got.error().code == Code::timeout;
    // Also where there is always something to read: no peer keeps the clock from us by sending.
    if (late || io_.now() >= due) {
      on_tick();
      due = Instant::never();
    }
    if (late) continue;
    if (!got || *got == 0) co_return;
    feed(ByteView{input_}.first(*got));
  }
}

// ---- what goes

io::Task<Result<void>> Wire::send(std::shared_ptr<Stream> stream, Chunk piece, bool last) {
  if (stream->broken) co_return std::unexpected(*stream->broken);
  if (stream->wire == nullptr) co_return fail(Code::closed, "the connection has ended");
  stream->out = std::move(piece);
  stream->out_last = last;
  stream->blocked_since = io_.now();
  nghttp2_session_resume_data(session_, stream->id);
  wake();
  while (!stream->out.empty()) {
    if (stream->broken) co_return std::unexpected(*stream->broken);
    // The peer may end a stream in good order while we still send: it wants no more.
    if (stream->closed) co_return fail(Code::reset, "the peer wants no more of the stream");
    CO_CHECK_OK(co_await stream->drained.wait());
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Wire::send_body(std::shared_ptr<Stream> stream, Body& body) {
  const auto size = body.size();
  std::uint64_t left = size.value_or(~std::uint64_t{0});
  while (true) {
    CO_TRY(piece, co_await body.read(io_));
    if (piece.size() > left) co_return fail(Code::internal, "a body is longer than its Content-Length");
    left -= piece.size();
    const bool ended = piece.empty();
    if (ended && size && left > 0) co_return fail(Code::internal, "a body is shorter than its Content-Length");
    if (ended) stream->out_trailers = body.take_trailers();
    // With the length known the last piece ends the stream: no empty frame behind it.
    const bool last = ended || (size && left == 0);
    CO_CHECK_OK(co_await send(stream, std::move(piece), last));
    if (last) co_return Result<void>{};
  }
}

long Wire::read_out(Stream& stream, std::size_t room, std::uint32_t* flags) {
  if (stream.out.empty() && !stream.out_last) return NGHTTP2_ERR_DEFERRED;
  const std::size_t bytes = std::min(room, stream.out.size());
  if (bytes > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (stream.out_last && bytes == stream.out.size()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!stream.out_trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      std::vector<nghttp2_nv> fields;
      for (const FieldView each : stream.out_trailers) fields.push_back(field(each.name, each.value));
      nghttp2_submit_trailer(session_, stream.id, fields.data(), fields.size());
    }
  }
  return static_cast<long>(bytes);
}

int Wire::send_out(Stream& stream, ByteView frame_head, std::size_t bytes) {
  if (gathered_ >= kWriteBytes) return NGHTTP2_ERR_WOULDBLOCK;
  append_control(frame_head);
  const Chunk part = stream.out.slice(0, bytes);
  stream.out = stream.out.slice(bytes, stream.out.size());
  if (bytes <= kCopiedBytesMax)
    append_control(part.view());
  else
    segments_.push_back({part, 0, bytes});
  gathered_ += bytes;
  const Instant now = io_.now();
  stream.sending.moved(bytes, now - stream.blocked_since);
  stream.blocked_since = now;
  if (stream.out.empty()) stream.drained.set();
  on_sent(bytes);
  return 0;
}

void Wire::append_control(ByteView bytes) {
  // Many answers in one write: what a string's growth would copy is more than what it takes.
  if (control_.empty() && streams_.size() >= kManyStreams) control_.reserve(kWriteBytes + kWriteBytes / 4);
  if (segments_.empty() || !segments_.back().chunk.empty()) segments_.push_back({{}, control_.size(), 0});
  control_ += text_of(bytes);
  segments_.back().size += bytes.size();
}

void Wire::gather() {
  while (gathered_ < kWriteBytes) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) return;
    append_control(std::as_bytes(std::span{bytes, static_cast<std::size_t>(size)}));
    gathered_ += static_cast<std::size_t>(size);
  }
}

io::Task<Result<void>> Wire::write_segments() {
  const std::vector<Segment> segments = std::exchange(segments_, {});
  const std::string control = std::exchange(control_, {});
  const std::size_t bytes = std::exchange(gathered_, 0);
  std::vector<ByteView> pieces;
  pieces.reserve(segments.size());
  for (const Segment& segment : segments)
    pieces.push_back(segment.chunk.empty() ? bytes_of(control).subspan(segment.at, segment.size) : segment.chunk.view());
  co_return co_await below_->write(pieces, write_limit(bytes));
}

bool Wire::over() const noexcept {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

io::Task<void> Wire::write_loop() {
  while (true) {
    gather();
    if (segments_.empty()) {
      if (over()) break;
      const auto woken = co_await wake_.wait();
      if (!woken) co_return;
      continue;
    }
    const auto written = co_await write_segments();
    if (!written) {
      below_->close();  // ends the reader
      co_return;
    }
  }
  deaf_ = true;
  co_await below_->end(io_.now() + kLingerTime);
  over_.set();
}

io::Task<void> Wire::leave_when_over() {
  const auto over = co_await over_.wait();
  if (over) co_await io::sleep(io_, kLingerTime);
}

io::Task<void> Wire::drive() {
  auto body = [this](io::Scope& scope) -> io::Task<void> {
    scope_ = &scope;
    scope.spawn(write_loop()).keep();
    co_await io::race(io_, read_loop(), leave_when_over());
    finished_ = true;
    break_streams({Code::closed, "the connection has ended"});
    scope.cancel();
  };
  co_await io::with_scope(io_, body, io::ScopePolicy::supervise);
  scope_ = nullptr;
  below_->close();
}

void Wire::break_streams(const Error& error) {
  for (auto& [id, stream] : streams_) {
    if (!stream->broken) stream->broken = error;
    stream->readable.set();
    stream->drained.set();
    stream->on_broken();
  }
}

void Wire::reset(Stream& stream, std::uint32_t code) noexcept {
  if (stream.closed || stream.wire == nullptr || std::exchange(stream.given_up, true)) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, code);
  if (!stream.broken) stream.broken = Error{Code::cancelled, "the stream was given up here"};
  wake();
}

}  // namespace tablinum::net::h2
