#include "quic/endpoint.h"

#include <algorithm>

#include "tablinum/base/log.h"

namespace tablinum::net::quic {
namespace {

constexpr std::size_t kStatelessQueuedMax = 256;
constexpr std::size_t kResetTriggerBytesMin = 43;

EndpointConfig with_key(EndpointConfig config) {
  if (config.static_key.empty()) {
    config.static_key.resize(32);
    fill_random(MutableBytes{config.static_key.data(), config.static_key.size()});
  }
  return config;
}
ByteView key_of(const EndpointConfig& config) noexcept { return {config.static_key.data(), config.static_key.size()}; }

/// Of those with a long header only these are sure to have an id that we chose (RFC 9000 §17.2.4, RFC 9369 §3.2).
bool is_handshake(std::uint32_t version, std::uint8_t first) noexcept {
  return (first >> 4 & 3) == (version == NGTCP2_PROTO_VER_V2 ? 3 : 2);
}

std::uint64_t random_word() {
  std::uint64_t word = 0;
  fill_random(std::as_writable_bytes(std::span{&word, 1}));
  return word;
}

}  // namespace

bool TokenBucket::take(Instant now) noexcept {
  left_ = std::min(rate_, left_ + rate_ * (now - last_).seconds());
  last_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

bool StrikeSet::first_seen(std::uint64_t id, Instant now) {
  if (now - turned_ >= kStrikeTime) {
    // Two windows have passed without a turn: what is remembered is too old to matter.
    if (now - turned_ >= kStrikeTime * 2) current_.clear();
    previous_ = std::move(current_);
    current_.clear();
    turned_ = now;
  }
  if (current_.size() >= kStrikesMax || previous_.contains(id)) return false;
  return current_.insert(id).second;
}

Endpoint::Endpoint(EndpointConfig config, Instant now, Timestamp wall)
    : config_{with_key(std::move(config))},
      meter_{config_.memory},
      start_{now},
      now_{now},
      wall_start_{wall},
      tokens_{key_of(config_)},
      strikes_{now},
      handshakes_{config_.handshakes_per_second},
      resets_{config_.resets_per_second},
      negotiations_{config_.negotiations_per_second},
      retries_{config_.retries_per_second},
      by_cid_{64, CidHash{random_word()}} {}

Endpoint::~Endpoint() {
  on_work = nullptr;
  connections_.clear();
}

ngtcp2_cid Endpoint::new_cid() {
  ngtcp2_cid cid{};
  cid.datalen = kOurCidBytes;
  fill_random(std::as_writable_bytes(std::span{cid.data, cid.datalen}));
  cid.data[0] = static_cast<std::uint8_t>((config_.generation & 3) << 6 | (config_.core & 63));
  return cid;
}

void Endpoint::reset_token(const ngtcp2_cid& cid, std::uint8_t* token) const {
  const Digest digest = hmac_sha256(key_of(config_), std::as_bytes(std::span{cid.data, cid.datalen}));
  std::memcpy(token, digest.bytes.data(), NGTCP2_STATELESS_RESET_TOKENLEN);
}

void Endpoint::add_cid(Connection& connection, const ngtcp2_cid& cid) {
  const CidKey key{cid};
  by_cid_[key] = &connection;
  connection.cids.push_back(key);
}

void Endpoint::remove_cid(const ngtcp2_cid& cid) {
  const CidKey key{cid};
  const auto found = by_cid_.find(key);
  if (found == by_cid_.end()) return;
  std::erase(found->second->cids, key);
  by_cid_.erase(found);
}

void Endpoint::touch(Connection& connection) {
  if (connection.touched) return;
  connection.touched = true;
  touched_.push_back(&connection);
  if (!receiving_ && on_work) on_work();
}

void Endpoint::withholds(Connection& connection) {
  if (withholding_.empty()) give_again_at_ = now_ + kWithheldTick;
  connection.withholds_since = now_;
  withholding_.push_back(&connection);
  ++stats_.withheld;
  if (!receiving_ && on_work) on_work();
}

/// Memory may have been freed by another core, so time is all that tells.
void Endpoint::give_withheld(Instant now) {
  if (withholding_.empty() || now < give_again_at_) return;
  give_again_at_ = now + kWithheldTick;
  const bool is_short = meter_.pressure() >= Pressure::short_of;
  std::erase_if(withholding_, [&](Connection* connection) {
    if (is_short && now - connection->withholds_since < kWithheldTime) return false;
    connection->give_credit();
    connection->withholds_since = Instant::never();
    touch(*connection);
    return true;
  });
}

Bytes Endpoint::token_for(const Address& peer) { return config_.server ? tokens_.for_later(wall(now_), peer) : Bytes{}; }

bool Endpoint::first_seen(std::span<const std::uint8_t> early_secret) {
  const Digest digest = sha256(std::as_bytes(early_secret));
  std::uint64_t id = 0;
  std::memcpy(&id, digest.bytes.data(), sizeof id);
  const bool accepted = config_.early_data && strikes_.first_seen(id, now_);
  ++(accepted ? stats_.early_accepted : stats_.early_refused);
  return accepted;
}

void Endpoint::received_token(ByteView token) {
  if (on_token) on_token(token);
}

void Endpoint::received_session(SSL_SESSION* session, ByteView parameters) {
  if (on_session) on_session(session, parameters);
  else SSL_SESSION_free(session);
}

void Endpoint::handshake_ended(Connection& connection) {
  if (!connection.half_open) return;
  connection.half_open = false;
  --stats_.half_open;
}

void Endpoint::receive(const io::Datagram& datagram, const io::Endpoint& socket, Instant now) {
  now_ = std::max(now_, now);
  receiving_ = true;
  const Address peer = Address::of(datagram.peer);
  Address local = Address::of(config_.server ? datagram.local : socket);
  if (config_.server) {
    // Packet info has the address only.
    const Address bound = Address::of(socket);
    if (local.size == 0) local = bound;
    else if (local.storage.sa.sa_family == AF_INET) local.storage.in.sin_port = bound.port();
    else local.storage.in6.sin6_port = bound.port();
  } else if (moved_to_) {
    const Address came_to = Address::of(datagram.local);
    if (std::ranges::equal(came_to.ip(), moved_to_->ip())) local = *moved_to_;
  }
  const std::span<const std::uint8_t> whole{u8(datagram.data), datagram.data.size()};
  const std::size_t step = datagram.segment_bytes != 0 ? datagram.segment_bytes : std::max<std::size_t>(whole.size(), 1);
  for (std::size_t at = 0; at < whole.size(); at += step) {
    ++stats_.datagrams;
    receive_packet(whole.subspan(at, std::min(step, whole.size() - at)), local, peer, static_cast<std::uint8_t>(datagram.ecn), now);
  }
  receiving_ = false;
}

void Endpoint::receive_packet(std::span<const std::uint8_t> packet, const Address& local, const Address& peer, std::uint8_t ecn,
                              Instant now) {
  ngtcp2_version_cid ids{};
  const int decoded = ngtcp2_pkt_decode_version_cid(&ids, packet.data(), packet.size(), kOurCidBytes);
  if (decoded == NGTCP2_ERR_VERSION_NEGOTIATION) return negotiate_version(ids, local, peer, now);
  if (decoded != 0 || ids.dcidlen > NGTCP2_MAX_CIDLEN) return;
  const CidKey dcid{ids.dcid, ids.dcidlen};
  const auto found = by_cid_.find(dcid);
  Connection* connection = found != by_cid_.end() ? found->second : nullptr;
  if (connection == nullptr && hand_over(packet, ids, local, peer, ecn)) return;
  if (connection == nullptr && ids.version != 0 && config_.server) connection = accept(packet, local, peer, now);
  else if (connection == nullptr) return answer_unknown(packet, dcid, local, peer, now);
  if (connection == nullptr) return;
  switch (connection->read(local, peer, ecn, packet, now)) {
    case Connection::Read::retry: {
      ngtcp2_pkt_hd initial{};
      if (ngtcp2_accept(&initial, packet.data(), packet.size()) == 0) send_retry(initial, local, peer, now);
      remove(*connection);
      return;
    }
    case Connection::Read::gone: return remove(*connection);
    case Connection::Read::alive: break;
  }
  touch(*connection);
}

void Endpoint::receive(const Stray& stray, Instant now) {
  now_ = std::max(now_, now);
  receiving_ = true;
  receive_packet({u8(ByteView{stray.packet}), stray.packet.size()}, stray.local, stray.peer, stray.ecn, now);
  receiving_ = false;
}

/// To the core whose connection it is.  @return false: it is nobody else's.
bool Endpoint::hand_over(std::span<const std::uint8_t> packet, const ngtcp2_version_cid& ids, const Address& local, const Address& peer,
                         std::uint8_t ecn) {
  if (!config_.crossing || ids.dcidlen != kOurCidBytes) return false;
  if (ids.version != 0 && !is_handshake(ids.version, packet[0])) return false;
  const unsigned core = ids.dcid[0] & 63u, generation = ids.dcid[0] >> 6;
  if (core == config_.core || generation != (config_.generation & 3u)) return false;
  const ByteView bytes = std::as_bytes(packet);
  return config_.crossing->hand_over(core, {Bytes{bytes.begin(), bytes.end()}, local, peer, ecn});
}

Connection* Endpoint::accept(std::span<const std::uint8_t> packet, const Address& local, const Address& peer, Instant now) {
  ngtcp2_pkt_hd initial{};
  if (ngtcp2_accept(&initial, packet.data(), packet.size()) != 0) {
    ++stats_.unknown;
    return nullptr;
  }
  Connection::Accepting accepting{initial, std::nullopt};
  const ByteView token = std::as_bytes(std::span{initial.token, initial.tokenlen});
  if (!token.empty() && token[0] == std::byte{kRetryTokenKind}) {
    auto original = tokens_.open_retry(token, wall(now), peer, CidKey{initial.dcid});
    if (!original) {
      refuse(initial, NGTCP2_INVALID_TOKEN, local, peer);
      return nullptr;
    }
    accepting.retried_from = *original;
    accepting.token_type = NGTCP2_TOKEN_TYPE_RETRY;
  } else if (!token.empty() && tokens_.open_for_later(token, wall(now), peer)) {
    accepting.token_type = NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  }
  const Pressure pressure = config_.memory ? config_.memory->pressure() : Pressure::none;
  if (!accepting_ || connections_.size() >= config_.connections_max || pressure == Pressure::full) {
    ++stats_.refused;
    if (pressure == Pressure::full) ++stats_.refused_for_memory;
    refuse(initial, NGTCP2_CONNECTION_REFUSED, local, peer);
    return nullptr;
  }
  // The rest of a flight whose first packet was answered with a Retry (it came in the wrong order): the client begins anew, and a
  // connection for this would wait for it in vain.
  if (token.empty() && just_retried(peer, CidKey{initial.dcid}, now)) return nullptr;
  const bool validated = accepting.token_type != NGTCP2_TOKEN_TYPE_UNKNOWN;
  if (!validated && (config_.retry == RetryPolicy::always || pressure != Pressure::none || is_busy(now))) {
    send_retry(initial, local, peer, now);
    return nullptr;
  }
  if (config_.admit && !config_.admit(peer)) {
    ++stats_.refused;
    refuse(initial, NGTCP2_CONNECTION_REFUSED, local, peer);
    return nullptr;
  }
  SslPtr ssl = config_.make_ssl();
  auto made = ssl ? Connection::accept(*this, config_.settings, accepting, local, peer, std::move(ssl), now)
                  : Result<std::unique_ptr<Connection>>{fail(Code::limit, "no TLS")};
  if (!made) {
    if (config_.release) config_.release(peer);
    log::warn("net", "a QUIC connection could not be made", {{"error", describe(made.error())}});
    return nullptr;
  }
  Connection& connection = **made;
  connections_.emplace(&connection, std::move(*made));
  if (config_.release) admitted_.emplace(&connection, peer);
  connection.set_application(config_.make_application(connection));
  if (config_.early_data) SSL_set_early_data_enabled(connection.ssl(), 1);
  connection.half_open = true;
  ++stats_.half_open;
  ++stats_.connections_total;
  stats_.connections_open = connections_.size();
  return &connection;
}

bool Endpoint::is_busy(Instant now) noexcept { return stats_.half_open >= config_.half_open_max || !handshakes_.take(now); }

void Endpoint::post(std::span<const std::uint8_t> bytes, const Address& local, const Address& peer) {
  if (stateless_.size() >= kStatelessQueuedMax) return;
  const ByteView view = std::as_bytes(bytes);
  stateless_.push_back({Bytes{view.begin(), view.end()}, peer.endpoint(), local.endpoint()});
  if (!receiving_ && on_work) on_work();
}

void Endpoint::negotiate_version(const ngtcp2_version_cid& ids, const Address& local, const Address& peer, Instant now) {
  // ngtcp2 says so only of datagrams of 1200 bytes and more: the answer is never the larger one.
  if (!config_.server || !accepting_ || !negotiations_.take(now)) return;
  ++stats_.negotiations;
  const std::uint8_t random = static_cast<std::uint8_t>(random_word());
  // One version nobody has, so that clients keep ignoring what they do not know (RFC 9000 §6.3).
  const std::uint32_t grease = 0x0a0a0a0au | (static_cast<std::uint32_t>(random) << 24 & 0xf0000000u);
  const std::uint32_t versions[] = {NGTCP2_PROTO_VER_V1, NGTCP2_PROTO_VER_V2, grease};
  std::array<std::uint8_t, 128> packet;
  const auto size = ngtcp2_pkt_write_version_negotiation(packet.data(), packet.size(), random, ids.scid, ids.scidlen, ids.dcid, ids.dcidlen,
                                                         versions, std::size(versions));
  if (size > 0) post({packet.data(), static_cast<std::size_t>(size)}, local, peer);
}

bool Endpoint::just_retried(const Address& peer, const CidKey& dcid, Instant now) noexcept {
  std::erase_if(recent_retries_, [&](const RecentRetry& retry) { return now - retry.at > kFlightTime; });
  return std::ranges::any_of(recent_retries_, [&](const RecentRetry& retry) {
    return retry.dcid == dcid && retry.peer.port() == peer.port() && std::ranges::equal(retry.peer.ip(), peer.ip());
  });
}

void Endpoint::send_retry(const ngtcp2_pkt_hd& initial, const Address& local, const Address& peer, Instant now) {
  // A ClientHello of two Initials is answered once.
  const CidKey original{initial.dcid};
  if (just_retried(peer, original, now) || !retries_.take(now)) return;
  recent_retries_.push_back({peer, original, now});
  if (recent_retries_.size() > kRecentRetries) recent_retries_.pop_front();
  const ngtcp2_cid scid = new_cid();
  const Bytes token = tokens_.retry(wall(now), peer, CidKey{scid}, original);
  std::array<std::uint8_t, 512> packet;
  const auto size = write_retry(packet, initial.version, initial.scid, scid, initial.dcid, {u8(ByteView{token}), token.size()});
  if (size == 0) return;
  ++stats_.retries;
  post({packet.data(), size}, local, peer);
}

void Endpoint::refuse(const ngtcp2_pkt_hd& initial, std::uint64_t error, const Address& local, const Address& peer) {
  std::array<std::uint8_t, 256> packet;
  const auto size = write_refusal(packet, initial, error);
  if (size > 0) post({packet.data(), size}, local, peer);
}

void Endpoint::answer_unknown(std::span<const std::uint8_t> packet, const CidKey& dcid, const Address& local, const Address& peer,
                              Instant now) {
  ++stats_.unknown;
  const bool short_header = !packet.empty() && (packet[0] & 0x80) == 0;
  // Smaller ones may be resets themselves, and two endpoints must not answer each other for ever (RFC 9000 §10.3.3).
  if (!config_.server || !short_header || packet.size() <= kResetTriggerBytesMin || !resets_.take(now)) return;
  ++stats_.resets;
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, dcid.bytes.data(), dcid.size);
  std::array<std::uint8_t, NGTCP2_STATELESS_RESET_TOKENLEN> token;
  reset_token(cid, token.data());
  std::array<std::uint8_t, 64> random;
  fill_random(std::as_writable_bytes(std::span{random}));
  const std::size_t wanted = std::min(packet.size() - 1 - token.size(), random.size());
  std::array<std::uint8_t, 128> reset;
  const auto size = ngtcp2_pkt_write_stateless_reset(reset.data(), reset.size(), token.data(), random.data(), wanted);
  if (size > 0) post({reset.data(), static_cast<std::size_t>(size)}, local, peer);
}

void Endpoint::after_read() {
  // By index: an application may touch others meanwhile.
  for (std::size_t i = 0; i < touched_.size(); ++i)
    if (touched_[i]->is_open()) touched_[i]->application()->after_read();
}

bool Endpoint::write(Batch& batch, Instant now) {
  now_ = std::max(now_, now);
  while (!stateless_.empty()) {
    const auto room = batch.room();
    if (room.empty()) return true;
    const Stateless& next = stateless_.front();
    std::ranges::copy(std::span{u8(ByteView{next.bytes}), next.bytes.size()}, room.begin());
    batch.add(next.bytes.size(), next.peer, config_.server ? next.local : io::Endpoint{}, 0);
    stateless_.pop_front();
  }
  for (std::size_t turns = touched_.size(); turns > 0 && batch.has_room(); --turns) {
    Connection* connection = touched_.front();
    touched_.pop_front();
    connection->touched = false;
    if (connection->write(batch, now) && !connection->touched) {
      connection->touched = true;
      touched_.push_back(connection);
    }
    reschedule(*connection);
  }
  return !batch.empty();
}

void Endpoint::reschedule(Connection& connection) {
  const Instant at = connection.deadline();
  // Moved lazily: a later deadline is found out when the earlier one fires.
  if (connection.listed_at <= at) return;
  if (connection.listed_at != Instant::never()) timers_.erase({connection.listed_at, &connection});
  connection.listed_at = at;
  timers_.emplace(at, &connection);
}

void Endpoint::expire(Instant now) {
  now_ = std::max(now_, now);
  receiving_ = true;  // the caller writes afterwards anyway
  give_withheld(now);
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Connection& connection = *timers_.begin()->second;
    timers_.erase(timers_.begin());
    connection.listed_at = Instant::never();
    if (connection.finished(now)) {
      remove(connection);
      continue;
    }
    if (connection.deadline() <= now) connection.expire(now);
    if (connection.finished(now)) remove(connection);
    else reschedule(connection);
  }
  receiving_ = false;
}

void Endpoint::remove(Connection& connection) {
  handshake_ended(connection);
  for (const CidKey& key : connection.cids) by_cid_.erase(key);
  if (connection.listed_at != Instant::never()) timers_.erase({connection.listed_at, &connection});
  std::erase(touched_, &connection);
  if (connection.withholds_since != Instant::never()) std::erase(withholding_, &connection);
  if (const auto found = admitted_.find(&connection); found != admitted_.end()) {
    config_.release(found->second);
    admitted_.erase(found);
  }
  // First out of the tables, then destroyed: its end may call back here.
  auto node = connections_.extract(&connection);
  stats_.connections_open = connections_.size();
  // Whoever waits for a client's handshake hears only later that it has failed, from the application that goes with the connection.
  if (!config_.server) past_.push_back(std::move(node.mapped()));
}

Result<Connection*> Endpoint::connect(const Connection::Connecting& how, const io::Endpoint& local, const io::Endpoint& peer, SslPtr ssl,
                                      const std::function<std::shared_ptr<Application>(Connection&)>& make_application, Instant now) {
  now_ = std::max(now_, now);
  TRY(made, Connection::connect(*this, config_.settings, how, Address::of(local), Address::of(peer), std::move(ssl), now));
  Connection* connection = made.get();
  connections_.emplace(connection, std::move(made));
  connection->set_application(make_application(*connection));
  ++stats_.connections_total;
  stats_.connections_open = connections_.size();
  touch(*connection);
  return connection;
}

}  // namespace tablinum::net::quic
