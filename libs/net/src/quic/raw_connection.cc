#include "quic/raw_connection.h"

#include "tls/peer.h"

namespace tablinum::net::quic {
namespace {

/// The stream that users hold: what happens when it goes.
class Handle final : public QuicStream {
 public:
  Handle(std::shared_ptr<RawStream> stream, io::Endpoint peer) noexcept : stream_{std::move(stream)}, peer_{std::move(peer)} {}
  ~Handle() override { stream_->drop(); }
  io::Task<Result<std::size_t>> read(MutableBytes buffer, Instant limit) override { return stream_->read(buffer, limit); }
  io::Task<Result<void>> write(std::span<const ByteView> pieces, Instant limit) override { return stream_->write(pieces, limit); }
  io::Task<Result<void>> end(Instant limit) override { return stream_->end(limit); }
  void close() noexcept override { stream_->drop(); }
  const io::Endpoint& peer() const noexcept override { return peer_; }
  std::int64_t id() const noexcept override { return stream_->id(); }
  bool may_read() const noexcept override { return stream_->reads(); }
  bool may_write() const noexcept override { return stream_->writes(); }
  void reset(std::uint64_t code) noexcept override { stream_->reset(code, {Code::cancelled, "the stream was reset here"}); }
  void stop(std::uint64_t code) noexcept override { stream_->stop(code, {Code::cancelled, "reading was stopped here"}); }
  std::optional<std::uint64_t> peer_code() const noexcept override { return stream_->peer_code(); }

 private:
  std::shared_ptr<RawStream> stream_;
  io::Endpoint peer_;
};

constexpr auto kAutomatic = io::Event::Reset::automatic;

}  // namespace

RawConnection::RawConnection(io::Io& io, Connection& connection, bool takes_datagrams) noexcept
    : io_{io},
      connection_{&connection},
      memory_{connection.memory()},
      takes_datagrams_{takes_datagrams},
      both_ways_room_{io, kAutomatic},
      one_way_room_{io, kAutomatic},
      has_incoming_{io, kAutomatic},
      has_datagram_{io, kAutomatic},
      established_{io},
      over_{io} {}

RawConnection::~RawConnection() = default;

// ---- for tasks

io::Task<Result<void>> RawConnection::established(Instant limit) {
  const auto self = shared_from_this();
  CO_CHECK_OK(co_await established_.wait().until(limit));
  if (end_) co_return std::unexpected(end_->error);
  co_return Result<void>{};
}

io::Task<Result<std::unique_ptr<QuicStream>>> RawConnection::open(Instant limit) { return open_stream(true, limit); }
io::Task<Result<std::unique_ptr<QuicStream>>> RawConnection::open_one_way(Instant limit) { return open_stream(false, limit); }

io::Task<Result<std::unique_ptr<QuicStream>>> RawConnection::open_stream(bool both_ways, Instant limit) {
  const auto self = shared_from_this();
  io::Event& room = both_ways ? both_ways_room_ : one_way_room_;
  std::int64_t id = -1;
  while (true) {
    if (connection_ == nullptr) {
      room.set();
      co_return std::unexpected(end_->error);
    }
    ngtcp2_conn* conn = connection_->conn();
    const int status = both_ways ? ngtcp2_conn_open_bidi_stream(conn, &id, nullptr) : ngtcp2_conn_open_uni_stream(conn, &id, nullptr);
    if (status == 0) break;
    CO_CHECK_OK(co_await room.wait().until(limit));
  }
  room.set();
  auto stream = std::make_shared<RawStream>(io_, *this, id, both_ways, true);
  stream->mark_accepted();
  streams_.emplace(id, stream);
  co_return std::make_unique<Handle>(std::move(stream), peer_);
}

io::Task<Result<std::unique_ptr<QuicStream>>> RawConnection::accept(Instant limit) {
  const auto self = shared_from_this();
  while (incoming_.empty()) {
    if (end_) {
      has_incoming_.set();
      co_return std::unexpected(end_->error);
    }
    CO_CHECK_OK(co_await has_incoming_.wait().until(limit));
  }
  StreamPtr stream = std::move(incoming_.front());
  incoming_.pop_front();
  if (!incoming_.empty()) has_incoming_.set();
  stream->mark_accepted();
  co_return std::make_unique<Handle>(std::move(stream), peer_);
}

Result<void> RawConnection::send_datagram(ByteView data) {
  if (connection_ == nullptr) return std::unexpected(end_->error);
  if (data.size() > kQuicDatagramBytesMax) return tablinum::fail(Code::too_large, "a datagram must fit into one packet");
  return connection_->send_datagram(data);
}

io::Task<Result<Bytes>> RawConnection::receive_datagram(Instant limit) {
  const auto self = shared_from_this();
  if (!takes_datagrams_) co_return tablinum::fail(Code::unsupported, "QuicOptions::datagrams is off");
  while (datagrams_.empty()) {
    if (end_) {
      has_datagram_.set();
      co_return std::unexpected(end_->error);
    }
    CO_CHECK_OK(co_await has_datagram_.wait().until(limit));
  }
  Bytes data = std::move(datagrams_.front());
  datagrams_.pop_front();
  if (!datagrams_.empty()) has_datagram_.set();
  co_return data;
}

void RawConnection::close(std::uint64_t code) noexcept {
  if (connection_ == nullptr) return;
  closed_here_ = true;
  connection_->close(code, io_.now());
}

io::Task<Result<void>> RawConnection::wait_for_end(Instant limit) {
  const auto self = shared_from_this();
  CO_CHECK_OK(co_await over_.wait().until(limit));
  co_return Result<void>{};
}

// ---- for streams

void RawConnection::consumed(std::int64_t stream, std::uint64_t bytes) noexcept {
  if (connection_ == nullptr) return;
  connection_->consumed(stream, bytes);
  connection_->touch();
}

void RawConnection::has_output(RawStream& stream) noexcept {
  if (connection_ == nullptr) return;
  if (!std::exchange(stream.is_queued, true)) output_.push_back(stream.shared_from_this());
  connection_->touch();
}

void RawConnection::stop_reading(std::int64_t stream, std::uint64_t code) noexcept {
  if (connection_ != nullptr) connection_->stop_reading(stream, code);
}

void RawConnection::reset_writing(std::int64_t stream, std::uint64_t code) noexcept {
  if (connection_ == nullptr) return;
  ngtcp2_conn_shutdown_stream_write(connection_->conn(), 0, stream, code);
  connection_->touch();
}

void RawConnection::place_is_free(std::int64_t stream) noexcept {
  streams_.erase(stream);
  if (connection_ == nullptr || ngtcp2_conn_is_local_stream(connection_->conn(), stream) != 0) return;
  connection_->allow_stream(ngtcp2_is_bidi_stream(stream) != 0);
  connection_->touch();
}

// ---- from the connection

RawStream* RawConnection::find(std::int64_t id) const noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

RawStream& RawConnection::find_or_make(std::int64_t id) {
  if (RawStream* there = find(id)) return *there;
  auto stream = std::make_shared<RawStream>(io_, *this, id, true, ngtcp2_is_bidi_stream(id) != 0);
  streams_.emplace(id, stream);
  incoming_.push_back(stream);
  has_incoming_.set();
  return *stream;
}

bool RawConnection::handshake_completed() {
  info_ = tls::info_of(connection_->ssl());
  version_ = connection_->version();
  peer_ = connection_->peer();
  established_.set();
  return true;
}

void RawConnection::after_read() {
  if (on_established && established_.is_set() && !end_) std::exchange(on_established, nullptr)(shared_from_this());
  // That the peer wants no more of a stream is heard by trying to write on it, also where flow control would have let nothing pass.
  for (auto& [id, stream] : streams_) {
    if (!stream->is_blocked) continue;
    stream->is_blocked = false;
    has_output(*stream);
  }
}

bool RawConnection::received(std::int64_t id, std::span<const std::uint8_t> data, bool fin, bool) {
  RawStream& stream = find_or_make(id);
  stream.receive(data);
  if (fin) stream.end_input();
  return true;
}

bool RawConnection::acknowledged(std::int64_t id, std::uint64_t bytes) {
  if (RawStream* stream = find(id)) stream->acknowledged(bytes);
  return true;
}

bool RawConnection::stream_reset(std::int64_t id, std::uint64_t error) {
  // One that was reset before a byte of it came never was: QUIC has forgotten it already, and nobody would free it here.
  if (RawStream* stream = find(id)) stream->peer_reset(error);
  return true;
}

bool RawConnection::stream_closed(std::int64_t id, std::uint64_t error) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) {
    // One of the peer's that ended before a byte of it came.
    place_is_free(id);
    return true;
  }
  const StreamPtr stream = found->second;  // it may be forgotten meanwhile
  stream->closed(error == kNoCode ? std::nullopt : std::optional{error});
  return true;
}

bool RawConnection::unblocked(std::int64_t id) {
  if (RawStream* stream = find(id)) {
    stream->is_blocked = false;
    has_output(*stream);
  }
  return true;
}

void RawConnection::may_open_streams() {
  both_ways_room_.set();
  one_way_room_.set();
}

void RawConnection::received_datagram(ByteView data) {
  if (datagrams_.size() == kQuicDatagramsMax) datagrams_.pop_front();
  datagrams_.emplace_back(data.begin(), data.end());
  has_datagram_.set();
}

bool RawConnection::next(StreamWrite& write) {
  // Blocked as a whole, no stream is to be marked as blocked.
  if (ngtcp2_conn_get_max_data_left(connection_->conn()) == 0) return true;
  while (!output_.empty()) {
    if (output_.front()->fill(write)) {
      offered_fin_ = write.fin;
      return true;
    }
    output_.front()->is_queued = false;
    output_.pop_front();
  }
  return true;
}

void RawConnection::blocked(std::int64_t id) {
  if (RawStream* stream = find(id)) stream->is_blocked = true;
}

void RawConnection::write_shut(std::int64_t id) {
  if (RawStream* stream = find(id)) return stream->peer_stopped();
  // It has ended, and only its place in the list is left.
  if (!output_.empty() && output_.front()->id() == id) output_.pop_front();
}

bool RawConnection::written(std::int64_t id, std::size_t bytes) {
  RawStream* stream = find(id);
  if (stream == nullptr) return true;
  stream->written(bytes, offered_fin_);
  // In turns: a long stream holds no other up.
  if (output_.size() > 1 && output_.front()->id() == id) {
    output_.push_back(std::move(output_.front()));
    output_.pop_front();
  }
  return true;
}

QuicEnd RawConnection::describe_end(const Error& why) const {
  QuicEnd end{false, false, 0, why};
  ngtcp2_conn* conn = connection_->conn();
  end.by_peer = ngtcp2_conn_in_draining_period(conn) != 0;
  const ngtcp2_ccerr* said = end.by_peer ? ngtcp2_conn_get_ccerr(conn) : &connection_->our_error();
  if (why.code == Code::timeout || said == nullptr) return end;
  end.application = said->type == NGTCP2_CCERR_TYPE_APPLICATION;
  end.code = said->error_code;
  const char* who = end.by_peer ? "the peer closed the connection" : "the connection was closed here";
  end.error.detail = std::string{who} + (end.application ? ": code " : ": QUIC error ") + std::to_string(end.code);
  if (closed_here_ || end.code == 0) end.error.code = Code::closed;
  else if (end.application) end.error.code = Code::reset;
  else if (end.by_peer && end.code == NGTCP2_CONNECTION_REFUSED) end.error.code = Code::refused;
  else end.error.code = !end.by_peer && SSL_get_verify_result(connection_->ssl()) != X509_V_OK ? Code::unauthenticated : Code::protocol;
  return end;
}

void RawConnection::ended(const Error& why) {
  end_ = describe_end(why);
  connection_ = nullptr;
  output_.clear();
  on_established = nullptr;
  for (const auto& [id, stream] : std::exchange(streams_, {})) stream->connection_ended(end_->error);
  for (io::Event* event : {&both_ways_room_, &one_way_room_, &has_incoming_, &has_datagram_, &established_, &over_}) event->set();
}

}  // namespace tablinum::net::quic
