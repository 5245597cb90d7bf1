#pragma once
/// The peer's one-way streams on their way to nghttp3. Of the control stream, frames that begin with integers (RFC 9114 §7.2,
/// RFC 9218 §7.2) are checked and passed on whole: nghttp3 1.8 ends the process where some of them are cut right behind one, or
/// longer than it.
#include <cstdint>
#include <span>
#include <vector>

namespace tablinum::net::h3 {

/// Nobody needs more.
inline constexpr std::uint64_t kControlFrameBytesMax = 4096;

class IncomingStream {
 public:
  /// Appends to `out` what may be passed on now. False: a frame over the limit, or whose
  /// integers do not fill it.
  bool feed(std::span<const std::uint8_t> data, std::vector<std::uint8_t>& out);

 private:
  enum class At : std::uint8_t { stream_type, frame_head, held_frame, frame, not_control };
  bool head_is_read(std::vector<std::uint8_t>& out);
  void pass_held(std::vector<std::uint8_t>& out);

  At at_ = At::stream_type;
  std::vector<std::uint8_t> held_;
  std::uint64_t left_ = 0;  // of the frame
};

}  // namespace tablinum::net::h3
