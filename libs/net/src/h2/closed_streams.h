#pragma once
/// The streams of a connection that have ended, for as long as a frame on one of them tells something: a peer that had ended its side has
/// nothing more to say there, one whose stream we ended may still have been speaking (RFC 9113 §5.1, §5.1.1).
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "tablinum/base/bytes.h"

namespace tablinum::net::h2 {

inline constexpr std::size_t kClosedStreamsMax = 128;

class ClosedStreams {
 public:
  enum class Verdict : std::uint8_t {
    late,     ///< on its way when we ended the stream, or so long ago that nobody knows: to be ignored
    closed,   ///< the peer had ended it: STREAM_CLOSED
    skipped,  ///< it never was, and can be no more: PROTOCOL_ERROR
  };

  void add(std::int32_t id, bool ended_by_peer) noexcept {
    entries_[added_ % kClosedStreamsMax] = {id, ended_by_peer};
    ++added_;
  }
  /// Of a frame on stream `id`, which is not open though a later one has been.
  Verdict judge(std::int32_t id) const noexcept {
    const std::size_t known = added_ < kClosedStreamsMax ? added_ : kClosedStreamsMax;
    for (std::size_t i = 0; i < known; ++i)
      if (entries_[i].id == id) return entries_[i].ended_by_peer ? Verdict::closed : Verdict::late;
    return added_ <= kClosedStreamsMax ? Verdict::skipped : Verdict::late;
  }

 private:
  struct Entry {
    std::int32_t id = 0;
    bool ended_by_peer = false;
  };
  std::array<Entry, kClosedStreamsMax> entries_{};
  std::size_t added_ = 0;
};

/// Follows a client's bytes from frame to frame, for what the engine passes over in silence: DATA on a stream that it has forgotten, and,
/// now that priorities are RFC 9218's, a PRIORITY frame by which a stream depends on itself (RFC 7540 §5.3.1).
class FrameWatch {
 public:
  struct Step {
    std::size_t bytes = 0;                ///< that were looked at
    std::optional<std::int32_t> data_on;  ///< they end with the head of a DATA frame
    bool depends_on_itself = false;       ///< they end with such a PRIORITY frame
  };
  /// Up to the next thing of interest, or to the end.
  Step feed(ByteView bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size();) {
      if (skip_ > 0) {
        const std::size_t step = std::min(bytes.size() - at, skip_);
        skip_ -= step;
        at += step;
        continue;
      }
      head_[have_++] = static_cast<std::uint8_t>(bytes[at++]);
      const std::size_t wanted = have_ >= kHeadBytes && is_priority() ? kHeadBytes + kPriorityBytes : kHeadBytes;
      if (have_ < wanted) continue;
      skip_ = length() - (wanted - kHeadBytes);
      have_ = 0;
      if (wanted > kHeadBytes && word(5) == word(kHeadBytes)) return {at, {}, true};
      if (head_[3] == 0) return {at, static_cast<std::int32_t>(word(5)), false};
    }
    return {bytes.size(), {}, false};
  }

 private:
  static constexpr std::size_t kPrefaceBytes = 24, kHeadBytes = 9, kPriorityBytes = 5;
  std::size_t length() const noexcept { return std::size_t{head_[0]} << 16 | std::size_t{head_[1]} << 8 | head_[2]; }
  bool is_priority() const noexcept { return head_[3] == 2 && length() == kPriorityBytes; }
  /// Without its top bit, which is reserved, or the flag of an exclusive dependency.
  std::uint32_t word(std::size_t at) const noexcept {
    return (std::uint32_t{head_[at]} << 24 | std::uint32_t{head_[at + 1]} << 16 | std::uint32_t{head_[at + 2]} << 8 | head_[at + 3]) &
           0x7FFFFFFF;
  }
  std::array<std::uint8_t, kHeadBytes + kPriorityBytes> head_{};
  std::size_t have_ = 0;
  std::size_t skip_ = kPrefaceBytes;
};

}  // namespace tablinum::net::h2
