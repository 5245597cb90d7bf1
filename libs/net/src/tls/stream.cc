#include <openssl/err.h>

#include "tablinum/io/cancel.h"
#include "tablinum/io/sync.h"
#include "tablinum/net/tls.h"
#include "tls/buffer_bio.h"
#include "tls/build_table.h"
#include "tls/client_state.h"
#include "tls/peer.h"
#include "tls/pem.h"
#include "tls/table.h"

namespace tablinum::net {
namespace tls {
namespace {

/// So much ciphertext is gathered before it goes out.
constexpr std::size_t kFlushBytes = std::size_t{64} << 10;
/// After such a pause the peer's window may have shrunk: records begin small again.
constexpr Duration kQuietTime = Duration::seconds(1);
constexpr std::size_t kExportBytesMax = 256;

/// Plain text on its way into records: small pieces are put together, large ones are not copied.
class Stage {
 public:
  explicit Stage(SSL* ssl) noexcept : ssl_{ssl} {}
  /// False: the connection is broken.
  bool put(ByteView piece, std::size_t record) {
    while (!piece.empty()) {
      const bool whole = staged_.empty() && piece.size() >= record;
      const std::size_t bytes = whole ? piece.size() - piece.size() % record : std::min(piece.size(), record - staged_.size());
      if (whole && !encrypt(piece.first(bytes))) return false;
      if (!whole) staged_.append(text_of(piece.first(bytes)));
      if (staged_.size() >= record && !finish()) return false;
      piece = piece.subspan(bytes);
    }
    return true;
  }
  bool finish() {
    const bool done = staged_.empty() || encrypt(bytes_of(staged_));
    staged_.clear();
    return done;
  }

 private:
  bool encrypt(ByteView plain) {
    const int written = SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
    return written == static_cast<int>(plain.size());
  }
  SSL* ssl_;
  std::string staged_;
};

class Stream final : public TlsStream {
 public:
  Stream(io::Io& io, std::unique_ptr<ByteStream> below, std::shared_ptr<const void> keeps)
      : io_{io}, keeps_{std::move(keeps)}, below_{std::move(below)}, flushed_{io} {}

  /// @error internal: no memory.
  Result<void> take(Ssl ssl) {
    if (!ssl) return fail(Code::internal, "no TLS connection: " + last_error());
    BIO* bio = new_buffer_bio(buffers_);
    if (bio == nullptr) return fail(Code::internal, "no TLS connection: " + last_error());
    ssl_ = std::move(ssl);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_renegotiate_mode(ssl_.get(), ssl_renegotiate_never);
    return {};
  }
  void own_sessions_of(TlsClient::State& state, std::string key) {
    owner_ = {&state, std::move(key)};
    own_sessions(ssl_.get(), owner_);
  }
  SSL* ssl() const noexcept { return ssl_.get(); }

  io::Task<Result<void>> handshake(Instant limit);
  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override;
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override;
  io::Task<Result<void>> end(Instant limit) override;
  void close() noexcept override { below_->close(); }
  const io::Endpoint& peer() const noexcept override { return below_->peer(); }
  const TlsInfo& info() const noexcept override { return info_; }
  Result<SecretBytes> export_key(std::string_view label, ByteView context, std::size_t size) const override;

 private:
  io::Task<Result<void>> receive(Instant limit);
  io::Task<Result<void>> flush(Instant limit);
  std::size_t record_bytes() noexcept;
  Error failure() const;

  io::Io& io_;
  std::shared_ptr<const void> keeps_;  // the table or the client, which ssl_ points into
  std::unique_ptr<ByteStream> below_;
  Buffers buffers_;
  SessionOwner owner_{};
  Ssl ssl_;
  TlsInfo info_;
  io::Event flushed_;
  std::uint64_t small_records_left_ = kTlsSmallRecordsBytes;
  Instant last_write_{};
  bool flushing_ = false;
  bool broken_ = false;  // a write below did not finish: where the peer stands is unknown
};

/// From the wire into the buffer, after what waits to be sent: the peer may wait for it.
io::Task<Result<void>> Stream::receive(Instant limit) {
  if (!buffers_.output.empty() && !flushing_) CO_CHECK_OK(co_await flush(limit));
  CO_TRY(got, co_await below_->read(buffers_.input.room(), limit));
  if (got == 0) co_return fail(Code::closed, "TLS ended without close_notify");
  buffers_.input.received(got);
  co_return Result<void>{};
}

io::Task<Result<void>> Stream::flush(Instant limit) {
  while (flushing_) CO_CHECK_OK(co_await flushed_.wait().until(limit));
  if (broken_) co_return fail(Code::reset, "an earlier write was broken off");
  if (buffers_.output.empty()) co_return Result<void>{};
  flushing_ = true;
  const std::string sending = std::exchange(buffers_.output, {});
  const std::array<ByteView, 1> pieces{bytes_of(sending)};
  auto sent = co_await below_->write(pieces, limit);
  flushing_ = false;
  broken_ = !sent;
  flushed_.set();
  flushed_.reset();
  co_return sent;
}

Error Stream::failure() const {
  // The last: a signature that does not fit has left errors of its own before it.
  const std::uint32_t error = ERR_peek_last_error();
  const bool of_ssl = ERR_GET_LIB(error) == ERR_LIB_SSL;
  const bool unverified = of_ssl && ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  if (unverified && SSL_is_server(ssl_.get()) == 0) {
    const char* why = X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
    ERR_clear_error();
    return {Code::unauthenticated, std::string{"the server's certificate: "} + why};
  }
  return {Code::protocol, "TLS: " + last_error()};
}

io::Task<Result<void>> Stream::handshake(Instant limit) {
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) break;
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) {
      CO_CHECK_OK(co_await receive(limit));
      continue;
    }
    Error error = failure();
    co_await flush(limit);  // the alert, if the peer still takes it
    co_return std::unexpected(std::move(error));
  }
  info_ = info_of(ssl_.get());
  co_return co_await flush(limit);
}

io::Task<Result<std::size_t>> Stream::read(MutableBytes buffer, Instant limit) {
  const int size = static_cast<int>(std::min(buffer.size(), std::size_t{1} << 30));
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), buffer.data(), size);
    if (got > 0) co_return static_cast<std::size_t>(got);
    const int why = SSL_get_error(ssl_.get(), got);
    if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    if (why == SSL_ERROR_WANT_READ) {
      CO_CHECK_OK(co_await receive(limit));
      continue;
    }
    Error error = failure();
    if (!flushing_) co_await flush(limit);
    co_return std::unexpected(std::move(error));
  }
}

std::size_t Stream::record_bytes() noexcept {
  if (io_.now() - last_write_ > kQuietTime) small_records_left_ = kTlsSmallRecordsBytes;
  const std::size_t bytes = small_records_left_ > 0 ? kTlsFirstRecordBytes : kTlsRecordBytesMax;
  SSL_set_max_send_fragment(ssl_.get(), bytes);
  return bytes;
}

io::Task<Result<void>> Stream::write(std::span<const ByteView> pieces, Instant limit) {
  if (broken_) co_return fail(Code::reset, "an earlier write was broken off");
  std::size_t left = 0;
  for (const ByteView piece : pieces) left += piece.size();
  Stage stage{ssl_.get()};
  for (ByteView piece : pieces) {
    while (!piece.empty()) {
      const ByteView part = piece.first(std::min(piece.size(), kFlushBytes));
      ERR_clear_error();
      // Records and what is around them: growing step by step would copy them once more.
      if (buffers_.output.empty()) buffers_.output.reserve(std::min(left, kFlushBytes + kTlsRecordBytesMax) * 17 / 16);
      left -= part.size();
      if (!stage.put(part, record_bytes())) co_return std::unexpected(failure());
      small_records_left_ -= std::min<std::uint64_t>(small_records_left_, part.size());
      piece = piece.subspan(part.size());
      if (buffers_.output.size() >= kFlushBytes) CO_CHECK_OK(co_await flush(limit));
      last_write_ = io_.now();
    }
  }
  ERR_clear_error();
  if (!stage.finish()) co_return std::unexpected(failure());
  co_return co_await flush(limit);
}

io::Task<Result<void>> Stream::end(Instant limit) {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  CO_CHECK_OK(co_await flush(limit));
  co_return co_await below_->end(limit);
}

Result<SecretBytes> Stream::export_key(std::string_view label, ByteView context, std::size_t size) const {
  if (size == 0 || size > kExportBytesMax) return fail(Code::invalid, "an exported key has 1 to 256 bytes");
  SecretBytes out(size);
  const int done = SSL_export_keying_material(ssl_.get(), reinterpret_cast<std::uint8_t*>(out.data()), size, label.data(),
                                              label.size(), u8(context), context.size(), 1);
  if (done != 1) return fail(Code::internal, "no key could be exported: " + last_error());
  return out;
}

io::Task<Result<std::unique_ptr<TlsStream>>> shake_hands(std::unique_ptr<Stream> stream, Instant limit) {
  auto done = co_await stream->handshake(limit);
  if (!done) {
    stream->close();
    co_return std::unexpected(std::move(done).error());
  }
  co_return std::unique_ptr<TlsStream>{std::move(stream)};
}

}  // namespace
}  // namespace tls

io::Task<Result<std::unique_ptr<TlsStream>>> accept_tls(io::Io& io, std::shared_ptr<TlsContext> context,
                                                        std::unique_ptr<ByteStream> below, Instant limit) {
  // The table, not the context: a reload meanwhile changes nothing for this connection.
  const std::shared_ptr<const TlsTable> table = context->table();
  auto stream = std::make_unique<tls::Stream>(io, std::move(below), table);
  CO_CHECK_OK(stream->take(tls::Ssl{SSL_new(table->tcp_front.get())}));
  SSL_set_accept_state(stream->ssl());
  co_return co_await tls::shake_hands(std::move(stream), limit);
}

io::Task<Result<std::unique_ptr<TlsStream>>> connect_tls(io::Io& io, std::shared_ptr<TlsClient> client,
                                                         std::unique_ptr<ByteStream> below, TlsConnect to, Instant limit) {
  TlsClient::State& state = client->state();
  auto stream = std::make_unique<tls::Stream>(io, std::move(below), client);
  CO_CHECK_OK(stream->take(tls::Ssl{SSL_new(state.tcp.get())}));
  SSL_set_connect_state(stream->ssl());
  CO_CHECK_OK(tls::expect_server(stream->ssl(), to.server_name));
  if (to.alpn) {
    CO_TRY(list, tls::alpn_list(*to.alpn));
    SSL_set_alpn_protos(stream->ssl(), list.data(), static_cast<unsigned>(list.size()));
  }
  if (state.resume) {
    // The name belongs to the key: a resumed handshake does not look at the certificate again.
    const std::string key = (to.session_key.empty() ? to.server_name : to.session_key) + "\n" + to.server_name;
    if (const tls::Session session = state.take_session(key)) SSL_set_session(stream->ssl(), session.get());
    stream->own_sessions_of(state, key);
  }
  co_return co_await tls::shake_hands(std::move(stream), limit);
}

}  // namespace tablinum::net
