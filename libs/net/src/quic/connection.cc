#include "quic/connection.h"

#include <algorithm>
#include <cstdio>


namespace tablinum::net::quic {
namespace {

constexpr std::uint32_t kVersions[] = {NGTCP2_PROTO_VER_V2, NGTCP2_PROTO_VER_V1};
constexpr std::uint32_t kVersionsOldFirst[] = {NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2};
constexpr std::size_t kBurstBytesMax = 64 << 10;
constexpr std::size_t kConnectionIds = 7;
constexpr std::size_t kRetiredCloseBytes = 1200;
constexpr Duration kUnknownLinger = Duration::milliseconds(200);

ngtcp2_duration span_of(Duration duration) noexcept { return static_cast<ngtcp2_duration>(duration.ns); }
int status_of_callback(bool done) noexcept { return done ? 0 : NGTCP2_ERR_CALLBACK_FAILURE; }

/// Of the peer's CONNECTION_CLOSE (RFC 9000 §20).
Code code_of(const ngtcp2_ccerr& error) noexcept {
  const bool transport = error.type == NGTCP2_CCERR_TYPE_TRANSPORT;
  if (error.error_code == 0 || (!transport && error.error_code == 0x100)) return Code::closed;
  if (transport && error.error_code == NGTCP2_CONNECTION_REFUSED) return Code::refused;
  // TLS found nothing in common, or refused a certificate.
  if (transport && (error.error_code & ~std::uint64_t{0xff}) == NGTCP2_CRYPTO_ERROR) return Code::protocol;
  return Code::reset;
}

}  // namespace

Settings client_settings() noexcept {
  Settings settings;
  settings.stream_window = std::uint64_t{2} << 20;
  settings.connection_window = std::uint64_t{4} << 20;
  settings.stream_window_max = std::uint64_t{16} << 20;
  settings.connection_window_max = std::uint64_t{24} << 20;
  settings.streams_bidi_max = 0;
  return settings;
}

/// ngtcp2's callbacks that are not TLS's business.
struct ConnectionHooks {
  static Connection& self(void* user_data) noexcept { return *static_cast<Connection*>(static_cast<Glue*>(user_data)); }

  static int handshake_completed(ngtcp2_conn* conn, void* user_data) {
    Connection& it = self(user_data);
    it.handshake_done_ = true;
    it.owner_.handshake_ended(it);
    if (it.server_) {
      const Bytes token = it.owner_.token_for(Address::of(ngtcp2_conn_get_path(conn)->remote));
      if (!token.empty()) ngtcp2_conn_submit_new_token(conn, u8(ByteView{token}), token.size());
    }
    return status_of_callback(it.application_->handshake_completed());
  }
  static int recv_tx_key(ngtcp2_conn*, ngtcp2_encryption_level level, void* user_data) {
    Connection& it = self(user_data);
    if (!it.server_ || level != NGTCP2_ENCRYPTION_LEVEL_1RTT) return 0;
    return status_of_callback(it.application_->may_write());
  }
  static int recv_rx_key(ngtcp2_conn*, ngtcp2_encryption_level level, void* user_data) {
    Connection& it = self(user_data);
    if (it.server_ || level != NGTCP2_ENCRYPTION_LEVEL_1RTT) return 0;
    return status_of_callback(it.application_->may_write());
  }
  static int recv_stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t, const std::uint8_t* data,
                              std::size_t size, void* user_data, void*) {
    return status_of_callback(self(user_data).application_->received(stream, {data, size}, (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0,
                                                                     (flags & NGTCP2_STREAM_DATA_FLAG_0RTT) != 0));
  }
  static int acked(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t size, void* user_data, void*) {
    return status_of_callback(self(user_data).application_->acknowledged(stream, size));
  }
  static int stream_close(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t error, void* user_data, void*) {
    const bool coded = (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) != 0;
    return status_of_callback(self(user_data).application_->stream_closed(stream, coded ? error : kNoCode));
  }
  static int stream_reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t error, void* user_data, void*) {
    return status_of_callback(self(user_data).application_->stream_reset(stream, error));
  }
  static int stop_sending(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user_data, void*) {
    return status_of_callback(self(user_data).application_->reading_stopped(stream));
  }
  static int extend_stream(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user_data, void*) {
    return status_of_callback(self(user_data).application_->unblocked(stream));
  }
  static int extend_streams(ngtcp2_conn*, std::uint64_t, void* user_data) {
    self(user_data).application_->may_open_streams();
    return 0;
  }
  static int new_cid(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t, void* user_data) {
    Connection& it = self(user_data);
    *cid = it.owner_.new_cid();
    it.owner_.reset_token(*cid, token);
    it.owner_.add_cid(it, *cid);
    return 0;
  }
  static int remove_cid(ngtcp2_conn*, const ngtcp2_cid* cid, void* user_data) {
    self(user_data).owner_.remove_cid(*cid);
    return 0;
  }
  static int path_validation(ngtcp2_conn* conn, std::uint32_t, const ngtcp2_path* path, const ngtcp2_path* old_path,
                             ngtcp2_path_validation_result result, void* user_data) {
    Connection& it = self(user_data);
    if (!it.server_ || result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS || old_path == nullptr) return 0;
    const Address now = Address::of(path->remote);
    const Address before = Address::of(old_path->remote);
    if (std::ranges::equal(now.ip(), before.ip())) return 0;
    // Tokens are tied to the address: a client that has moved needs another.
    const Bytes token = it.owner_.token_for(now);
    if (!token.empty()) ngtcp2_conn_submit_new_token(conn, u8(ByteView{token}), token.size());
    return 0;
  }
  static int recv_new_token(ngtcp2_conn*, const std::uint8_t* token, std::size_t size, void* user_data) {
    self(user_data).owner_.received_token(std::as_bytes(std::span{token, size}));
    return 0;
  }
  static int recv_datagram(ngtcp2_conn*, std::uint32_t, const std::uint8_t* data, std::size_t size, void* user_data) {
    self(user_data).application_->received_datagram(std::as_bytes(std::span{data, size}));
    return 0;
  }
  static int early_rejected(ngtcp2_conn*, void* user_data) {
    return status_of_callback(self(user_data).application_->early_data_rejected());
  }
  static void qlog(void* user_data, std::uint32_t, const void* data, std::size_t size) {
    const Settings& settings = self(user_data).settings_;
    settings.qlog(settings.qlog_object, {static_cast<const std::byte*>(data), size});
  }

  static ngtcp2_callbacks callbacks() noexcept {
    ngtcp2_callbacks all{};
    Glue::fill(all);
    all.handshake_completed = &handshake_completed;
    all.recv_tx_key = &recv_tx_key;
    all.recv_rx_key = &recv_rx_key;
    all.recv_stream_data = &recv_stream_data;
    all.acked_stream_data_offset = &acked;
    all.stream_close = &stream_close;
    all.stream_reset = &stream_reset;
    all.stream_stop_sending = &stop_sending;
    all.extend_max_stream_data = &extend_stream;
    all.extend_max_local_streams_bidi = &extend_streams;
    all.extend_max_local_streams_uni = &extend_streams;
    all.get_new_connection_id = &new_cid;
    all.remove_connection_id = &remove_cid;
    all.path_validation = &path_validation;
    all.recv_new_token = &recv_new_token;
    all.recv_datagram = &recv_datagram;
    all.tls_early_data_rejected = &early_rejected;
    return all;
  }

  static ngtcp2_settings settings(Connection& it, Instant now) {
    ngtcp2_settings all;
    ngtcp2_settings_default(&all);
    const Settings& chosen = it.settings_;
    all.cc_algo = chosen.congestion == Congestion::bbr ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
    all.initial_ts = static_cast<ngtcp2_tstamp>(now.ns);
    all.max_window = chosen.connection_window_max;
    all.max_stream_window = chosen.stream_window_max;
    all.handshake_timeout = span_of(chosen.handshake_time);
    all.max_tx_udp_payload_size = kPacketBytesMax;
    all.no_tx_udp_payload_size_shaping = 0;
    // A client's order says what it prefers (RFC 9368 §3).
    all.available_versions = chosen.prefer_version_2 ? kVersions : kVersionsOldFirst;
    all.available_versionslen = std::size(kVersionsOldFirst);
    all.preferred_versions = chosen.prefer_version_2 ? kVersions : kVersionsOldFirst;
    all.preferred_versionslen = std::size(kVersions);
    if (chosen.qlog != nullptr) all.qlog_write = &qlog;
    return all;
  }

  static ngtcp2_transport_params parameters(const Settings& chosen) {
    ngtcp2_transport_params all;
    ngtcp2_transport_params_default(&all);
    all.initial_max_stream_data_bidi_local = chosen.stream_window;
    all.initial_max_stream_data_bidi_remote = chosen.stream_window;
    all.initial_max_stream_data_uni = chosen.stream_window;
    all.initial_max_data = chosen.connection_window;
    all.initial_max_streams_bidi = chosen.streams_bidi_max;
    all.initial_max_streams_uni = chosen.streams_uni_max;
    all.max_idle_timeout = span_of(chosen.idle_time);
    all.active_connection_id_limit = kConnectionIds;
    all.grease_quic_bit = 1;
    if (chosen.datagrams) all.max_datagram_frame_size = 65535;
    return all;
  }

  static void bind_early_data(SSL* ssl, const Settings& chosen) {
    // What a client remembers of us for 0-RTT: with other limits an old ticket must not open old limits (RFC 9000 §7.4.1).
    char text[160];
    using Number = unsigned long long;
    const int size = std::snprintf(text, sizeof text, "tablinum 1 %llu %llu %llu %llu %d", Number{chosen.stream_window},
                                   Number{chosen.connection_window}, Number{chosen.streams_bidi_max}, Number{chosen.streams_uni_max},
                                   chosen.datagrams ? 1 : 0);
    SSL_set_quic_early_data_context(ssl, reinterpret_cast<const std::uint8_t*>(text), static_cast<std::size_t>(size));
  }
};

Connection::Connection(ConnectionOwner& owner, const Settings& settings, bool server) noexcept
    : owner_{owner}, settings_{settings}, server_{server} {
  ngtcp2_ccerr_default(&error_);
}

Connection::~Connection() {
  if (state_ == State::open && application_) application_->ended(Error{Code::closed, "the endpoint was destroyed"});
  // The application points here, and its streams are what ngtcp2 would call back about.
  untie();
  discharge();
}

void Connection::charge() noexcept {
  owner_.memory().add(kConnectionBytes);
  charged_ = true;
}

void Connection::discharge() noexcept {
  if (std::exchange(charged_, false)) owner_.memory().add(-kConnectionBytes);
}

Result<std::unique_ptr<Connection>> Connection::accept(ConnectionOwner& owner, const Settings& chosen, const Accepting& accepting,
                                                       const Address& local, const Address& peer, SslPtr ssl, Instant now) {
  std::unique_ptr<Connection> it{new Connection{owner, chosen, true}};
  const ngtcp2_callbacks callbacks = ConnectionHooks::callbacks();
  ngtcp2_settings settings = ConnectionHooks::settings(*it, now);
  const ngtcp2_pkt_hd& initial = accepting.initial;
  settings.token = initial.token;
  settings.tokenlen = initial.tokenlen;
  settings.token_type = accepting.token_type;
  if (accepting.token_type == NGTCP2_TOKEN_TYPE_UNKNOWN) settings.tokenlen = 0;
  ngtcp2_transport_params parameters = ConnectionHooks::parameters(chosen);
  const ngtcp2_cid scid = owner.new_cid();
  parameters.original_dcid_present = 1;
  parameters.original_dcid = initial.dcid;
  if (accepting.retried_from) {
    ngtcp2_cid_init(&parameters.original_dcid, accepting.retried_from->bytes.data(), accepting.retried_from->size);
    parameters.retry_scid_present = 1;
    parameters.retry_scid = initial.dcid;
  }
  parameters.stateless_reset_token_present = 1;
  owner.reset_token(scid, parameters.stateless_reset_token);
  Address from = local, to = peer;
  const ngtcp2_path path{from.view(), to.view(), nullptr};
  ngtcp2_conn* conn = nullptr;
  const int status = ngtcp2_conn_server_new(&conn, &initial.scid, &scid, &path, initial.version, &callbacks, &settings, &parameters,
                                            owner.memory().ngtcp2(), static_cast<Glue*>(it.get()));
  if (status != 0) return tablinum::fail(Code::internal, ngtcp2_strerror(status));
  SSL_set_accept_state(ssl.get());
  ConnectionHooks::bind_early_data(ssl.get(), chosen);
  it->tie(conn, std::move(ssl));
  it->charge();
  owner.add_cid(*it, scid);
  owner.add_cid(*it, initial.dcid);
  return it;
}

Result<std::unique_ptr<Connection>> Connection::connect(ConnectionOwner& owner, const Settings& chosen, const Connecting& connecting,
                                                        const Address& local, const Address& peer, SslPtr ssl, Instant now) {
  std::unique_ptr<Connection> it{new Connection{owner, chosen, false}};
  const ngtcp2_callbacks callbacks = ConnectionHooks::callbacks();
  ngtcp2_settings settings = ConnectionHooks::settings(*it, now);
  settings.token = u8(connecting.token);
  settings.tokenlen = connecting.token.size();
  if (!connecting.token.empty()) settings.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  const ngtcp2_transport_params parameters = ConnectionHooks::parameters(chosen);
  const ngtcp2_cid scid = owner.new_cid();
  ngtcp2_cid dcid{};
  dcid.datalen = 18;
  fill_random(std::as_writable_bytes(std::span{dcid.data, dcid.datalen}));
  Address from = local, to = peer;
  const ngtcp2_path path{from.view(), to.view(), nullptr};
  ngtcp2_conn* conn = nullptr;
  const int status = ngtcp2_conn_client_new(&conn, &dcid, &scid, &path, connecting.version, &callbacks, &settings, &parameters,
                                            owner.memory().ngtcp2(), static_cast<Glue*>(it.get()));
  if (status != 0) return tablinum::fail(Code::internal, ngtcp2_strerror(status));
  SSL_set_connect_state(ssl.get());
  it->tie(conn, std::move(ssl));
  if (!it->give_our_parameters()) return tablinum::fail(Code::internal, "transport parameters");
  owner.add_cid(*it, scid);
  if (!connecting.early_parameters.empty() && SSL_get_session(it->ssl()) != nullptr) {
    SSL_set_early_data_enabled(it->ssl(), 1);
    // Parameters that do not fit are no reason to fail: the handshake goes on without 0-RTT.
    ngtcp2_conn_decode_and_set_0rtt_transport_params(conn, u8(connecting.early_parameters), connecting.early_parameters.size());
  }
  return it;
}

ngtcp2_tstamp Connection::stamp(Instant now) noexcept {
  // ngtcp2 asserts that time never goes back, and callers' clocks are read at different moments.
  last_ = std::max(last_, static_cast<ngtcp2_tstamp>(now.ns));
  return last_;
}

Connection::Read Connection::read(const Address& local, const Address& peer, std::uint8_t ecn, std::span<const std::uint8_t> packet,
                                  Instant now) {
  if (state_ == State::closing) {
    // One close for the 1st, 2nd, 4th, 8th … packet: enough for a peer that lost it, too little to be of use as an amplifier.
    ++packets_while_closing_;
    if ((packets_while_closing_ & (packets_while_closing_ - 1)) == 0) {
      close_due_ = true;
      touch();
    }
    return Read::alive;
  }
  if (state_ != State::open) return Read::alive;
  Address from = local, to = peer;
  const ngtcp2_path path{from.view(), to.view(), nullptr};
  const ngtcp2_pkt_info info{ecn};
  const int status = ngtcp2_conn_read_pkt(conn(), &path, &info, packet.data(), packet.size(), stamp(now));
  heard_at_ = now;
  if (status == 0) return Read::alive;
  if (status == NGTCP2_ERR_RETRY) return Read::retry;
  if (status == NGTCP2_ERR_DROP_CONN) {
    end(State::over, now);
    return Read::gone;
  }
  failed(status, now);
  return Read::alive;
}

void Connection::new_session(SSL_SESSION* session) {
  std::array<std::uint8_t, 256> parameters;
  const auto size = ngtcp2_conn_encode_0rtt_transport_params(conn(), parameters.data(), parameters.size());
  owner_.received_session(session, std::as_bytes(std::span{parameters}.first(size > 0 ? static_cast<std::size_t>(size) : 0)));
}

void Connection::failed(int status, Instant now) {
  if (state_ != State::open) return;
  switch (status) {
    case NGTCP2_ERR_DRAINING: return end(State::draining, now);
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION: return end(State::over, now);
    default: break;
  }
  if (!error_set_) {
    if (status == NGTCP2_ERR_CRYPTO) {
      const std::uint8_t alert = ngtcp2_conn_get_tls_alert(conn());
      const int inner = ngtcp2_conn_get_tls_error(conn());
      if (inner != 0) ngtcp2_ccerr_set_liberr(&error_, inner, nullptr, 0);
      else if (alert != 0) ngtcp2_ccerr_set_tls_alert(&error_, alert, nullptr, 0);
      else ngtcp2_ccerr_set_liberr(&error_, status, nullptr, 0);
    } else {
      ngtcp2_ccerr_set_liberr(&error_, status, nullptr, 0);
    }
    error_set_ = true;
  }
  write_close(now);
}

void Connection::fail(std::uint64_t application_error) noexcept {
  if (error_set_) return;
  ngtcp2_ccerr_set_application_error(&error_, application_error, nullptr, 0);
  error_set_ = true;
}

void Connection::close(std::uint64_t application_error, Instant now) {
  if (state_ != State::open) return;
  fail(application_error);
  write_close(now);
}

void Connection::close_transport(std::uint64_t error, Instant now) {
  if (state_ != State::open) return;
  ngtcp2_ccerr_set_transport_error(&error_, error, nullptr, 0);
  error_set_ = true;
  write_close(now);
}

void Connection::write_close(Instant now) {
  close_packet_.resize(kRetiredCloseBytes);
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  const auto size = ngtcp2_conn_write_connection_close(conn(), &path.path, &info, u8(MutableBytes{close_packet_}), close_packet_.size(),
                                                       &error_, stamp(now));
  if (size <= 0) return end(State::over, now);  // the peer has no keys yet to read it with
  close_packet_.resize(static_cast<std::size_t>(size));
  close_packet_.shrink_to_fit();
  close_peer_ = Address::of(path.path.remote).endpoint();
  close_local_ = Address::of(path.path.local).endpoint();
  close_due_ = true;
  end(State::closing, now);
  touch();
}

/// What is left is 1.2 KB and the ids, so that late packets are known.
void Connection::end(State state, Instant now) {
  const Duration pto = Duration::nanoseconds(static_cast<std::int64_t>(ngtcp2_conn_get_pto(conn())));
  // Whom no handshake was finished with has not been told an RTT either, and its three probes' time would be seconds.
  const Duration lingering = handshake_done_ ? pto * 3 : std::min(pto * 3, kUnknownLinger);
  end_ = state == State::over ? now : now + lingering;
  state_ = state;
  owner_.handshake_ended(*this);
  const bool ours = state == State::closing && error_.type == NGTCP2_CCERR_TYPE_APPLICATION && error_.error_code == 0x100;
  const ngtcp2_ccerr* theirs = ngtcp2_conn_get_ccerr(conn());
  Error why{ours ? Code::closed : Code::reset, "the QUIC connection ended"};
  if (state == State::draining && theirs != nullptr) {
    why = {code_of(*theirs), "the peer closed the connection: error " + std::to_string(theirs->error_code)};
  } else if (state == State::over) {
    why = {Code::timeout, "the peer does not answer"};
  } else if (error_.type != NGTCP2_CCERR_TYPE_APPLICATION) {
    why = {Code::protocol, "QUIC error " + std::to_string(error_.error_code)};
  }
  application_->ended(why);
  datagrams_.clear();
  untie();
  discharge();
  owner_.touch(*this);
}

Instant Connection::deadline() const noexcept {
  if (state_ != State::open) return end_;
  const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(conn());
  return expiry >= static_cast<ngtcp2_tstamp>(Instant::never().ns) ? Instant::never() : Instant{static_cast<std::int64_t>(expiry)};
}

void Connection::expire(Instant now) {
  if (state_ != State::open) return;
  const int status = ngtcp2_conn_handle_expiry(conn(), stamp(now));
  if (status != 0) failed(status, now);
  else touch();
}

void Connection::add_to(Batch& batch, const ngtcp2_path_storage& path, const ngtcp2_pkt_info& info, std::size_t bytes) {
  if (!peer_address_.is(path.path.remote)) {
    peer_address_ = Address::of(path.path.remote);
    peer_endpoint_ = peer_address_.endpoint();
  }
  if (!local_address_.is(path.path.local)) {
    local_address_ = Address::of(path.path.local);
    local_endpoint_ = local_address_.endpoint();
  }
  batch.add(bytes, peer_endpoint_, local_endpoint_, info.ecn);
}

ngtcp2_ssize Connection::write_datagrams(std::span<std::uint8_t> room, ngtcp2_path_storage& path, ngtcp2_pkt_info& info) {
  while (!datagrams_.empty()) {
    const Bytes& next = datagrams_.front();
    int accepted = 0;
    const auto size = ngtcp2_conn_write_datagram(conn(), &path.path, &info, room.data(), room.size(), &accepted,
                                                 NGTCP2_WRITE_DATAGRAM_FLAG_MORE, 0, u8(ByteView{next}), next.size(), last_);
    if (accepted != 0) datagrams_.pop_front();
    if (size == NGTCP2_ERR_INVALID_STATE || size == NGTCP2_ERR_INVALID_ARGUMENT) {
      datagrams_.pop_front();  // the peer takes none, or none of this size on this path
      continue;
    }
    if (size != NGTCP2_ERR_WRITE_MORE) return size;
  }
  return NGTCP2_ERR_WRITE_MORE;
}

/// One packet (0: none can or need be sent now).
ngtcp2_ssize Connection::write_packet(std::span<std::uint8_t> room, ngtcp2_path_storage& path, ngtcp2_pkt_info& info, bool& again) {
  again = false;
  if (!datagrams_.empty()) {
    const auto size = write_datagrams(room, path, info);
    if (size != NGTCP2_ERR_WRITE_MORE) return size;
  }
  while (true) {
    StreamWrite write;
    if (!application_->next(write)) return NGTCP2_ERR_CALLBACK_FAILURE;
    ngtcp2_ssize taken = -1;
    const std::uint32_t flags = (write.stream >= 0 ? NGTCP2_WRITE_STREAM_FLAG_MORE : 0u) | (write.fin ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0u);
    const auto size = ngtcp2_conn_writev_stream(conn(), &path.path, &info, room.data(), room.size(), &taken, flags, write.stream,
                                                write.pieces.data(), write.count, last_);
    if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      application_->blocked(write.stream);
      continue;
    }
    if (size == NGTCP2_ERR_STREAM_SHUT_WR || size == NGTCP2_ERR_STREAM_NOT_FOUND) {
      application_->write_shut(write.stream);
      continue;
    }
    if (taken >= 0 && write.stream >= 0 && !application_->written(write.stream, static_cast<std::size_t>(taken)))
      return NGTCP2_ERR_CALLBACK_FAILURE;
    if (size == NGTCP2_ERR_WRITE_MORE) continue;
    again = size > 0;
    return size;
  }
}

bool Connection::write(Batch& batch, Instant now) {
  if (state_ == State::closing && close_due_) {
    const auto room = batch.room();
    if (room.empty()) return true;
    close_due_ = false;
    std::ranges::copy(std::span{u8(ByteView{close_packet_}), close_packet_.size()}, room.begin());
    batch.add(close_packet_.size(), close_peer_, close_local_, 0);
  }
  if (state_ != State::open) return false;
  stamp(now);
  const std::size_t quantum = std::min(ngtcp2_conn_get_send_quantum(conn()), kBurstBytesMax);
  std::size_t sent = 0;
  bool more = false;
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  while (true) {
    auto room = batch.room();
    more = sent + kPacketBytesMax > quantum && sent > 0;
    if (room.empty() || more) {
      more = true;
      break;
    }
    ngtcp2_pkt_info info{};
    bool again = false;
    const auto size = write_packet(room, path, info, again);
    if (size < 0) {
      failed(static_cast<int>(size), now);
      return false;
    }
    if (size == 0) break;
    add_to(batch, path, info, static_cast<std::size_t>(size));
    sent += static_cast<std::size_t>(size);
  }
  ngtcp2_conn_update_pkt_tx_time(conn(), last_);
  return more;
}

void Connection::consumed(std::int64_t stream, std::uint64_t bytes) noexcept {
  if (state_ != State::open) return;
  ngtcp2_conn_extend_max_stream_offset(conn(), stream, bytes);
  credit_kept_ += bytes;
  if (memory().pressure() < Pressure::short_of) give_credit();
  else if (withholds_since == Instant::never()) owner_.withholds(*this);
}

void Connection::give_credit() noexcept {
  if (state_ == State::open && credit_kept_ > 0) ngtcp2_conn_extend_max_offset(conn(), std::exchange(credit_kept_, 0));
}

void Connection::allow_stream(bool bidirectional) noexcept {
  if (state_ != State::open) return;
  if (bidirectional) ngtcp2_conn_extend_max_streams_bidi(conn(), 1);
  else ngtcp2_conn_extend_max_streams_uni(conn(), 1);
}

void Connection::reset_stream(std::int64_t stream, std::uint64_t error) noexcept {
  if (state_ != State::open) return;
  ngtcp2_conn_shutdown_stream(conn(), 0, stream, error);
  touch();
}

void Connection::stop_reading(std::int64_t stream, std::uint64_t error) noexcept {
  if (state_ != State::open) return;
  ngtcp2_conn_shutdown_stream_read(conn(), 0, stream, error);
  touch();
}

Result<void> Connection::send_datagram(ByteView data) {
  if (state_ != State::open) return tablinum::fail(Code::closed, "the connection has ended");
  const ngtcp2_transport_params* theirs = ngtcp2_conn_get_remote_transport_params(conn());
  if (theirs == nullptr || theirs->max_datagram_frame_size == 0) return tablinum::fail(Code::unsupported, "the peer takes no datagrams");
  if (data.size() + 3 > theirs->max_datagram_frame_size || data.size() > kPacketBytesMax - 60)
    return tablinum::fail(Code::too_large, "larger than a packet");
  if (datagrams_.size() == kDatagramsQueuedMax) datagrams_.pop_front();
  datagrams_.emplace_back(data.begin(), data.end());
  touch();
  return {};
}

bool Connection::seems_gone(Instant now) noexcept {
  if (state_ != State::open) return false;
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(conn(), &info);
  const bool waits = info.bytes_in_flight > 0;
  if (!waits || silent_since_ == Instant::never() || heard_at_ > silent_since_) silent_since_ = waits ? now : Instant::never();
  const Duration probes = Duration::nanoseconds(static_cast<std::int64_t>(3 * ngtcp2_conn_get_pto(conn())));
  return waits && now - silent_since_ >= std::max(kGoneTime, probes);
}

bool Connection::update_keys(Instant now) noexcept {
  if (state_ != State::open || ngtcp2_conn_initiate_key_update(conn(), stamp(now)) != 0) return false;
  touch();
  return true;
}

bool Connection::migrate(const Address& local, Instant now) noexcept {
  Address from = local, to = Address::of(ngtcp2_conn_get_path(conn())->remote);
  const ngtcp2_path path{from.view(), to.view(), nullptr};
  if (state_ != State::open || ngtcp2_conn_initiate_immediate_migration(conn(), &path, stamp(now)) != 0) return false;
  owner_.moved(local);
  touch();
  return true;
}

}  // namespace tablinum::net::quic
