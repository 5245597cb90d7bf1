#pragma once
/// The peer's one-way streams on their way to nghttp3. Of the control stream, frames that begin with integers (RFC 9114 §7.2,
/// RFC 9218 §7.2) are checked and passed on whole: nghttp3 1.8 ends the process where some of them are cut right behind one, or
/// longer than it.
#include <cstdint>
#include <optional>
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
  /// Of the control stream, once its SETTINGS have been passed on: whether extended CONNECT is taken (RFC 9220 §3). nghttp3 tells only
  /// servers, which do not ask. Nothing: they have not come yet.
  std::optional<bool> takes_connect() const noexcept { return takes_connect_; }

 private:
  enum class At : std::uint8_t { stream_type, frame_head, held_frame, frame, not_control };
  bool head_is_read(std::vector<std::uint8_t>& out);
  void pass_held(std::vector<std::uint8_t>& out);
  void learn_settings() noexcept;

  At at_ = At::stream_type;
  std::vector<std::uint8_t> held_;
  std::uint64_t left_ = 0;  // of the frame
  std::optional<bool> takes_connect_;
};

}  // namespace tablinum::net::h3
