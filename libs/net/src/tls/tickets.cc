#include "tls/tickets.h"

#include <algorithm>

#include "tablinum/base/aead.h"
#include "tablinum/net/tls.h"

namespace tablinum::net::tls {
namespace {

std::int64_t epoch_at(Timestamp now) noexcept { return now.seconds() * 1'000'000'000 / kTlsTicketEpoch.ns; }

Bytes info_of(std::string_view label, std::int64_t epoch) {
  Bytes info(bytes_of(label).begin(), bytes_of(label).end());
  append_u64_be(info, static_cast<std::uint64_t>(epoch));
  return info;
}

int keys_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// All contexts of a table carry the same keys, so it does not matter which of them the connection has come to.
const TicketKeys* keys_of(SSL* ssl) {
  return static_cast<const TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
}

std::size_t max_overhead(SSL*) { return kTicketOverheadBytes; }

int seal_ticket(SSL* ssl, std::uint8_t* out, std::size_t* out_len, std::size_t max_out_len, const std::uint8_t* in,
                std::size_t in_len) {
  const TicketKeys* keys = keys_of(ssl);
  const auto plain = std::as_bytes(std::span{in, in_len});
  return keys != nullptr && keys->seal(wall_now(), plain, std::as_writable_bytes(std::span{out, max_out_len}), *out_len) ? 1
                                                                                                                         : 0;
}

ssl_ticket_aead_result_t open_ticket(SSL* ssl, std::uint8_t* out, std::size_t* out_len, std::size_t max_out_len,
                                     const std::uint8_t* in, std::size_t in_len) {
  const TicketKeys* keys = keys_of(ssl);
  const auto ticket = std::as_bytes(std::span{in, in_len});
  const bool opened =
      keys != nullptr && keys->open(wall_now(), ticket, std::as_writable_bytes(std::span{out, max_out_len}), *out_len);
  return opened ? ssl_ticket_aead_success : ssl_ticket_aead_ignore_ticket;
}

constexpr SSL_TICKET_AEAD_METHOD kMethod{max_overhead, seal_ticket, open_ticket};

}  // namespace

TicketKeys::EpochKey TicketKeys::of_epoch(std::int64_t epoch) const {
  EpochKey key;
  hkdf_sha256({}, master_.view(), info_of("tablinum ticket name", epoch), key.name);
  hkdf_sha256({}, master_.view(), info_of("tablinum ticket key", epoch), key.key.mutable_view());
  return key;
}

bool TicketKeys::seal(Timestamp now, ByteView plain, MutableBytes out, std::size_t& written) const {
  written = plain.size() + kTicketOverheadBytes;
  if (out.size() < written) return false;
  const EpochKey key = of_epoch(epoch_at(now));
  const Aead aead{Cipher::aes256_gcm, key.key.view()};
  const SecretBytes copy(plain.begin(), plain.end());  // `out` may be where `plain` lies
  std::ranges::copy(key.name, out.begin());
  const MutableBytes nonce = out.subspan(kTicketNameBytes, 12);
  fill_random(nonce);
  aead.seal(nonce, key.name, copy, out.subspan(kTicketNameBytes + 12, plain.size() + kAeadTagBytes));
  return true;
}

bool TicketKeys::open(Timestamp now, ByteView ticket, MutableBytes out, std::size_t& written) const {
  if (ticket.size() < kTicketOverheadBytes || out.size() < ticket.size() - kTicketOverheadBytes) return false;
  const Bytes copy(ticket.begin(), ticket.end());
  const ByteView name{copy.data(), kTicketNameBytes};
  for (std::int64_t age = 0; age <= kTicketEpochsBefore; ++age) {
    const EpochKey key = of_epoch(epoch_at(now) - age);
    if (!std::ranges::equal(key.name, name)) continue;
    const Aead aead{Cipher::aes256_gcm, key.key.view()};
    written = copy.size() - kTicketOverheadBytes;
    return aead.open(ByteView{copy}.subspan(kTicketNameBytes, 12), name, ByteView{copy}.subspan(kTicketNameBytes + 12),
                     out.first(written));
  }
  return false;
}

void use_tickets(SSL_CTX* context, const TicketKeys& keys) {
  SSL_CTX_set_ex_data(context, keys_index(), const_cast<TicketKeys*>(&keys));
  SSL_CTX_set_ticket_aead_method(context, &kMethod);
  const auto life = static_cast<std::uint32_t>(kTlsTicketLife.ns / 1'000'000'000);
  SSL_CTX_set_timeout(context, life);
  SSL_CTX_set_session_psk_dhe_timeout(context, life);
  SSL_CTX_set_num_tickets(context, 2);
}

}  // namespace tablinum::net::tls
