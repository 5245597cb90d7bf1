#pragma once
/// What a UDP socket knows of its system, shared by the socket and the system calls.
#include "tablinum/io/udp.h"

namespace tablinum::io {

struct UdpSystem {
  bool gso = false;
  bool gro = false;
  UdpCounters counters;
};

}  // namespace tablinum::io
