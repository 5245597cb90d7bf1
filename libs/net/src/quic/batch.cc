#include "quic/batch.h"

namespace tablinum::net::quic {

void Batch::add(std::size_t bytes, const io::Endpoint& peer, const io::Endpoint& local, std::uint8_t ecn) {
  const ByteView packet = ByteView{buffer_}.subspan(used_, bytes);
  used_ += bytes;
  const auto mark = static_cast<io::Ecn>(ecn & 3);
  if (!datagrams_.empty()) {
    io::Datagram& last = datagrams_.back();
    // A shorter packet ends a datagram; so does another path or mark.
    const bool whole = last.data.size() == first_packet_ * segments_;
    const bool alike = last.ecn == mark && last.peer == peer && last.local == local;
    if (whole && alike && bytes <= first_packet_ && segments_ < kSegmentsPerSendMax) {
      last.segment_bytes = static_cast<std::uint16_t>(first_packet_);
      last.data = ByteView{last.data.data(), last.data.size() + bytes};
      ++segments_;
      return;
    }
  }
  io::Datagram& datagram = datagrams_.emplace_back();
  datagram.peer = peer;
  datagram.local = local;
  datagram.ecn = mark;
  datagram.data = packet;
  first_packet_ = bytes;
  segments_ = 1;
}

}  // namespace tablinum::net::quic
