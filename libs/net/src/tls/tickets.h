#pragma once
/// Session tickets under keys of our own, so that a reload and a second process accept them (AWS-LC's belong to one SSL_CTX).
/// A ticket: key name (16) ‖ nonce (12) ‖ AES-256-GCM of the session ‖ tag (16). Key and name: HKDF(master, epoch).
#include <openssl/ssl.h>

#include <cstdint>

#include "tablinum/base/secret.h"
#include "tablinum/base/time.h"

namespace tablinum::net::tls {

inline constexpr std::size_t kTicketMasterBytes = 32;
inline constexpr std::size_t kTicketNameBytes = 16;
inline constexpr std::size_t kTicketOverheadBytes = kTicketNameBytes + 12 + 16;
/// Tickets of this epoch and so many before it are opened.
inline constexpr std::int64_t kTicketEpochsBefore = 2;

class TicketKeys {
 public:
  explicit TicketKeys(Secret<kTicketMasterBytes> master) noexcept : master_{std::move(master)} {}

  /// Adds kTicketOverheadBytes. `out` may be where `plain` lies.  False: no room.
  bool seal(Timestamp now, ByteView plain, MutableBytes out, std::size_t& written) const;
  /// False: not ours, too old, or altered.
  bool open(Timestamp now, ByteView ticket, MutableBytes out, std::size_t& written) const;

 private:
  struct EpochKey {
    std::array<std::byte, kTicketNameBytes> name;
    Secret<32> key;
  };
  EpochKey of_epoch(std::int64_t epoch) const;
  Secret<kTicketMasterBytes> master_;
};

/// Makes `context` use `keys`, which must outlive it.
void use_tickets(SSL_CTX* context, const TicketKeys& keys);

}  // namespace tablinum::net::tls
