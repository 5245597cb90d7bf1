#include "h3/wire.h"

namespace tablinum::net::h3 {
namespace {

std::string_view text(nghttp3_rcbuf* buffer) noexcept {
  const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

/// Fields that every answer carries with one value: nghttp3 would not put names that the static table lacks into the dynamic one.
bool is_constant(std::string_view name) noexcept {
  return name == "referrer-policy" || name == "cross-origin-resource-policy" || name == "cross-origin-opener-policy" ||
         name == "permissions-policy" || name == "server";
}

Error abort_error(std::uint64_t code) {
  const bool unprocessed = code == NGHTTP3_H3_REQUEST_REJECTED;
  return {unprocessed ? Code::refused : Code::reset, "the peer reset the stream: error " + std::to_string(code)};
}

}  // namespace

struct WireHooks {
  static Wire& self(void* user_data) noexcept { return *static_cast<Wire*>(user_data); }

  static int acked(nghttp3_conn*, std::int64_t id, std::uint64_t bytes, void* user_data, void*) {
    if (Stream* stream = self(user_data).find(id)) stream->acknowledged(bytes);
    return 0;
  }
  static int closed(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user_data, void*) {
    Wire& wire = self(user_data);
    const auto found = wire.streams_.find(id);
    if (found == wire.streams_.end()) {
      // Refused before it became a request: its place is free again.
      if (wire.server_ && ngtcp2_is_bidi_stream(id) != 0 && wire.connection_ != nullptr) wire.connection_->allow_stream(true);
      return 0;
    }
    const std::shared_ptr<Stream> stream = found->second;
    stream->detach(error == NGHTTP3_H3_NO_ERROR ? Error{Code::reset, "the stream was closed"} : abort_error(error));
    wire.streams_.erase(found);
    wire.gone(*stream);
    return 0;
  }
  static int data(nghttp3_conn*, std::int64_t id, const std::uint8_t* bytes, std::size_t size, void* user_data, void*) {
    Wire& wire = self(user_data);
    if (Stream* stream = wire.find(id)) stream->receive({bytes, size});
    else if (wire.connection_ != nullptr) wire.connection_->consumed(id, size);
    return 0;
  }
  static int consumed(nghttp3_conn*, std::int64_t id, std::size_t size, void* user_data, void*) {
    Wire& wire = self(user_data);
    if (wire.connection_ != nullptr) wire.connection_->consumed(id, size);
    return 0;
  }
  static int begin_headers(nghttp3_conn*, std::int64_t id, void* user_data, void*) {
    self(user_data).head_begins(id);
    return 0;
  }
  static int header(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value, std::uint8_t,
                    void* user_data, void*) {
    self(user_data).head_field(id, text(name), text(value));
    return 0;
  }
  static int end_headers(nghttp3_conn*, std::int64_t id, int fin, void* user_data, void*) {
    self(user_data).head_ends(id, fin != 0);
    return 0;
  }
  static int trailer(nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name, nghttp3_rcbuf* value, std::uint8_t,
                     void* user_data, void*) {
    self(user_data).trailer_field(id, text(name), text(value));
    return 0;
  }
  static int end_trailers(nghttp3_conn*, std::int64_t id, int, void* user_data, void*) {
    self(user_data).trailers_end(id);
    return 0;
  }
  static int end_stream(nghttp3_conn*, std::int64_t id, void* user_data, void*) {
    if (Stream* stream = self(user_data).find(id)) stream->end_input();
    return 0;
  }
  static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user_data, void*) {
    self(user_data).stop_reading(id, error);
    return 0;
  }
  static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t error, void* user_data, void*) {
    self(user_data).reset(id, error);
    return 0;
  }
  static int shutdown(nghttp3_conn*, std::int64_t id, void* user_data) {
    self(user_data).goaway(id);
    return 0;
  }
  static nghttp3_ssize read_data(nghttp3_conn* http, std::int64_t id, nghttp3_vec* out, std::size_t count, std::uint32_t* flags,
                                 void* user_data, void*) {
    Stream* stream = self(user_data).find(id);
    if (stream == nullptr) return NGHTTP3_ERR_CALLBACK_FAILURE;
    std::array<ByteView, 16> pieces;
    bool end = false;
    const std::size_t given = stream->give(std::span{pieces}.first(std::min(count, pieces.size())), end);
    for (std::size_t i = 0; i < given; ++i) out[i] = {const_cast<std::uint8_t*>(u8(pieces[i])), pieces[i].size()};
    if (!end) return given == 0 ? NGHTTP3_ERR_WOULDBLOCK : static_cast<nghttp3_ssize>(given);
    *flags |= NGHTTP3_DATA_FLAG_EOF;
    if (stream->out_trailers().empty()) return static_cast<nghttp3_ssize>(given);
    *flags |= NGHTTP3_DATA_FLAG_NO_END_STREAM;
    FieldList fields;
    for (const FieldView field : stream->out_trailers()) fields.emplace_back(field.name, field.value);
    const auto values = name_values(fields);
    if (nghttp3_conn_submit_trailers(http, id, values.data(), values.size()) != 0) return NGHTTP3_ERR_CALLBACK_FAILURE;
    return static_cast<nghttp3_ssize>(given);
  }
};

nghttp3_data_reader body_reader() noexcept { return {&WireHooks::read_data}; }

std::vector<nghttp3_nv> name_values(const FieldList& fields) {
  std::vector<nghttp3_nv> values;
  values.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    // Secrets in the dynamic table could be guessed by what a shared table compresses (RFC 9204 §7.1).
    const bool secret = name == "authorization" || name == "cookie" || name == "set-cookie";
    const std::uint8_t flags = secret ? NGHTTP3_NV_FLAG_NEVER_INDEX : is_constant(name) ? NGHTTP3_NV_FLAG_TRY_INDEX : NGHTTP3_NV_FLAG_NONE;
    values.push_back({const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(name.data())),
                      const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(value.data())), name.size(), value.size(),
                      flags});
  }
  return values;
}

Wire::~Wire() {
  for (auto& [id, stream] : streams_) stream->detach(Error{Code::closed, "the connection ended"});
}

bool Wire::failed(int status) noexcept {
  if (status >= 0) return false;
  if (connection_ != nullptr) connection_->fail(nghttp3_err_infer_quic_app_error_code(status));
  return true;
}

bool Wire::start() {
  nghttp3_callbacks callbacks{};
  callbacks.acked_stream_data = &WireHooks::acked;
  callbacks.stream_close = &WireHooks::closed;
  callbacks.recv_data = &WireHooks::data;
  callbacks.deferred_consume = &WireHooks::consumed;
  callbacks.begin_headers = &WireHooks::begin_headers;
  callbacks.recv_header = &WireHooks::header;
  callbacks.end_headers = &WireHooks::end_headers;
  callbacks.recv_trailer = &WireHooks::trailer;
  callbacks.end_trailers = &WireHooks::end_trailers;
  callbacks.stop_sending = &WireHooks::stop_sending;
  callbacks.end_stream = &WireHooks::end_stream;
  callbacks.reset_stream = &WireHooks::reset_stream;
  callbacks.shutdown = &WireHooks::shutdown;
  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = kFieldSectionBytesMax;
  settings.qpack_max_dtable_capacity = kQpackTableBytes;
  settings.qpack_encoder_max_dtable_capacity = kQpackTableBytes;
  settings.qpack_blocked_streams = kQpackBlockedStreams;
  settings.enable_connect_protocol = server_ ? 1 : 0;
  nghttp3_conn* http = nullptr;
  const int made = server_ ? nghttp3_conn_server_new(&http, &callbacks, &settings, connection_->memory().nghttp3(), this)
                           : nghttp3_conn_client_new(&http, &callbacks, &settings, connection_->memory().nghttp3(), this);
  if (made != 0) return !failed(made);
  http_.reset(http);
  if (server_) {
    const ngtcp2_transport_params* ours = ngtcp2_conn_get_local_transport_params(connection_->conn());
    nghttp3_conn_set_max_client_streams_bidi(http, ours->initial_max_streams_bidi);
  }
  std::int64_t control = 0, encoder = 0, decoder = 0;
  ngtcp2_conn* conn = connection_->conn();
  // A peer that does not let us open three streams cannot speak HTTP/3 (RFC 9114 §6.2).
  if (ngtcp2_conn_open_uni_stream(conn, &control, nullptr) != 0 || ngtcp2_conn_open_uni_stream(conn, &encoder, nullptr) != 0 ||
      ngtcp2_conn_open_uni_stream(conn, &decoder, nullptr) != 0) {
    connection_->fail(NGHTTP3_H3_GENERAL_PROTOCOL_ERROR);
    return false;
  }
  return !failed(nghttp3_conn_bind_control_stream(http, control)) && !failed(nghttp3_conn_bind_qpack_streams(http, encoder, decoder));
}

bool Wire::may_write() { return http_ != nullptr || start(); }

void Wire::add_stream(std::shared_ptr<Stream> stream) { streams_.emplace(stream->id(), std::move(stream)); }

Stream* Wire::find(std::int64_t id) const noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Wire::consumed(Stream& stream, std::size_t bytes) noexcept {
  if (connection_ == nullptr) return;
  connection_->consumed(stream.id(), bytes);
  connection_->touch();
}

void Wire::resume(Stream& stream) noexcept {
  if (http_ == nullptr || connection_ == nullptr) return;
  nghttp3_conn_resume_stream(http_.get(), stream.id());
  connection_->touch();
}

void Wire::reset(std::int64_t stream, std::uint64_t error) noexcept {
  if (connection_ == nullptr) return;
  if (http_) nghttp3_conn_shutdown_stream_write(http_.get(), stream);
  ngtcp2_conn_shutdown_stream_write(connection_->conn(), 0, stream, error);
  connection_->touch();
}

void Wire::stop_reading(std::int64_t stream, std::uint64_t error) noexcept {
  if (connection_ == nullptr) return;
  connection_->stop_reading(stream, error);
}

bool Wire::received(std::int64_t stream, std::span<const std::uint8_t> data, bool fin, bool) {
  if (http_ == nullptr && !start()) return false;
  if (ngtcp2_is_bidi_stream(stream) == 0) {
    passed_.clear();
    IncomingStream& incoming = incoming_[stream];
    const bool knew = incoming.takes_connect().has_value();
    if (!incoming.feed(data, passed_)) return !failed(NGHTTP3_ERR_H3_FRAME_ERROR);
    if (!knew && incoming.takes_connect()) settings_came(*incoming.takes_connect());
    data = passed_;
    if (data.empty() && !fin) return true;
  }
  const auto used = nghttp3_conn_read_stream(http_.get(), stream, data.data(), data.size(), fin ? 1 : 0);
  if (failed(static_cast<int>(used))) return false;
  connection_->consumed(stream, static_cast<std::uint64_t>(used));
  return true;
}

bool Wire::acknowledged(std::int64_t stream, std::uint64_t bytes) {
  return http_ == nullptr || !failed(nghttp3_conn_add_ack_offset(http_.get(), stream, bytes));
}

bool Wire::stream_closed(std::int64_t stream, std::uint64_t error) {
  incoming_.erase(stream);
  if (http_ == nullptr) return true;
  // Without a code the stream ended well; HTTP/3's word for that is H3_NO_ERROR.
  const int status = nghttp3_conn_close_stream(http_.get(), stream, error == quic::kNoCode ? NGHTTP3_H3_NO_ERROR : error);
  const bool theirs = ngtcp2_conn_is_local_stream(connection_->conn(), stream) == 0;
  if (status == NGHTTP3_ERR_STREAM_NOT_FOUND) {
    // One that nghttp3 never heard of, since no byte of it came.
    if (theirs) connection_->allow_stream(ngtcp2_is_bidi_stream(stream) != 0);
    return true;
  }
  if (failed(status)) return false;
  if (theirs && ngtcp2_is_bidi_stream(stream) == 0) connection_->allow_stream(false);
  return true;
}

void Wire::aborted(std::int64_t id, const Error& why) {
  if (Stream* stream = find(id)) stream->abort(why);
}

bool Wire::stream_reset(std::int64_t stream, std::uint64_t error) {
  if (http_ == nullptr) return true;
  if (failed(nghttp3_conn_shutdown_stream_read(http_.get(), stream))) return false;
  aborted(stream, abort_error(error));
  return true;
}

bool Wire::reading_stopped(std::int64_t stream) {
  return http_ == nullptr || !failed(nghttp3_conn_shutdown_stream_read(http_.get(), stream));
}

bool Wire::unblocked(std::int64_t stream) { return http_ == nullptr || !failed(nghttp3_conn_unblock_stream(http_.get(), stream)); }

bool Wire::next(quic::StreamWrite& write) {
  // Blocked as a whole, no stream is to be marked as blocked.
  if (http_ == nullptr || ngtcp2_conn_get_max_data_left(connection_->conn()) == 0) return true;
  static_assert(sizeof(nghttp3_vec) == sizeof(ngtcp2_vec));
  std::array<nghttp3_vec, 16> pieces;
  int fin = 0;
  const auto count = nghttp3_conn_writev_stream(http_.get(), &write.stream, &fin, pieces.data(), pieces.size());
  if (failed(static_cast<int>(count))) return false;
  write.fin = fin != 0;
  write.count = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < write.count; ++i) write.pieces[i] = {pieces[i].base, pieces[i].len};
  return true;
}

void Wire::blocked(std::int64_t stream) { nghttp3_conn_block_stream(http_.get(), stream); }
void Wire::write_shut(std::int64_t stream) { nghttp3_conn_shutdown_stream_write(http_.get(), stream); }
bool Wire::written(std::int64_t stream, std::size_t bytes) {
  return http_ == nullptr || !failed(nghttp3_conn_add_write_offset(http_.get(), stream, bytes));
}

void Wire::forget_streams(const Error& why) {
  const auto streams = std::exchange(streams_, {});
  for (const auto& [id, stream] : streams) {
    stream->detach(why);
    gone(*stream);
  }
}

void Wire::ended(const Error& why) {
  connection_ = nullptr;
  forget_streams(why);
  http_.reset();
  all_gone(why);
}

}  // namespace tablinum::net::h3
