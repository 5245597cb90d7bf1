#include "quic/crossing.h"

#include <algorithm>

namespace tablinum::net::quic {

Crossing::Crossing(unsigned cores) {
  for (unsigned core = 0; core < std::min(cores, kCrossingCoresMax); ++core) inboxes_.emplace_back(kStraysMax);
}

bool Crossing::hand_over(unsigned core, Stray stray) {
  io::Channel<Stray>* inbox = this->inbox(core);
  if (inbox == nullptr) return false;
  if (inbox->try_send(stray)) handed_over_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

}  // namespace tablinum::net::quic
