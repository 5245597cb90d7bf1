#include "server/address_table.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace tablinum::net {

bool AddressTable::enter(const io::Endpoint& peer) {
  const Key key = key_of(peer);
  const std::scoped_lock lock{mutex_};
  std::uint32_t& count = counts_[key];
  if (count >= connections_max_) return false;
  ++count;
  return true;
}

void AddressTable::leave(const io::Endpoint& peer) noexcept {
  const Key key = key_of(peer);
  const std::scoped_lock lock{mutex_};
  const auto found = counts_.find(key);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

AddressTable::Key AddressTable::key_of(const io::Endpoint& peer) noexcept {
  sockaddr_storage address{};
  peer.to_system(&address);
  Key key{static_cast<std::uint8_t>(address.ss_family)};
  if (address.ss_family == AF_INET) {
    std::memcpy(key.data() + 1, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    std::memcpy(key.data() + 1, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 8);
  }
  return key;
}

}  // namespace tablinum::net
