#pragma once
/// Packets on their way to the socket, joined for GSO: neighbours of one size to one address are one datagram with segments.
#include <array>
#include <vector>

#include "quic/address.h"
#include "tablinum/io/udp.h"

namespace tablinum::net::quic {

inline constexpr std::size_t kBatchBytes = std::size_t{128} << 10;
inline constexpr std::size_t kPacketBytesMax = 1452;
inline constexpr std::size_t kSegmentsPerSendMax = 44;  ///< of 1452 bytes: what one datagram of 65,507 bytes holds

class Batch {
 public:
  Batch() : buffer_(kBatchBytes) { datagrams_.reserve(io::kDatagramsPerCallMax); }

  bool empty() const noexcept { return datagrams_.empty(); }
  /// Whether one more burst of 64 KiB fits.
  bool has_room() const noexcept {
    return used_ + io::kGroBufferBytes <= buffer_.size() && datagrams_.size() + 4 < io::kDatagramsPerCallMax;
  }
  /// Where the next packet is written. Empty: full.
  std::span<std::uint8_t> room() noexcept {
    if (used_ + kPacketBytesMax > buffer_.size() || datagrams_.size() == io::kDatagramsPerCallMax) return {};
    return {u8(MutableBytes{buffer_}.subspan(used_)), kPacketBytesMax};
  }
  /// The packet that was written into room().  @param local its source; none: the system chooses.
  void add(std::size_t bytes, const io::Endpoint& peer, const io::Endpoint& local, std::uint8_t ecn);
  std::span<io::Datagram> datagrams() noexcept { return datagrams_; }
  void clear() noexcept {
    datagrams_.clear();
    used_ = 0;
  }
  std::size_t bytes() const noexcept { return used_; }

 private:
  Bytes buffer_;
  std::size_t used_ = 0;
  std::vector<io::Datagram> datagrams_;
  std::size_t first_packet_ = 0;  // of the last datagram
  std::size_t segments_ = 0;
};

}  // namespace tablinum::net::quic
