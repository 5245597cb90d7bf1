#include "quic/crossing.h"

#include <algorithm>

namespace tablinum::net::quic {

Crossing::Crossing(unsigned cores) {
  for (unsigned core = 0; core < std::min(cores, kCrossingCoresMax); ++core) inboxes_.emplace_back(kStraysMax);
}

bool Crossing::hand_over(unsigned core, Stray stray) {
  io::Channel<Stray>* inbox = this->inbox(core);
  if (inbox == nullptr) return false;
  (void)inbox->try_send(stray);
  return true;
}

}  // namespace tablinum::net::quic
