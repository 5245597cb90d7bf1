#include "h3/control_stream.h"

#include <algorithm>

namespace tablinum::net::h3 {
namespace {

constexpr std::uint64_t kControl = 0x00;
/// CANCEL_PUSH, SETTINGS, GOAWAY, MAX_PUSH_ID, PRIORITY_UPDATE of a request and of a push.
constexpr std::uint64_t kFramesOfIntegers[] = {0x03, 0x04, 0x07, 0x0D, 0xF0700, 0xF0701};

/// A variable-length integer (RFC 9000 §16), taken off the front; nothing if it is not whole.
std::optional<std::uint64_t> take_integer(std::span<const std::uint8_t>& bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t size = std::size_t{1} << (bytes[0] >> 6);
  if (bytes.size() < size) return std::nullopt;
  std::uint64_t value = bytes[0] & 0x3F;
  for (std::size_t i = 1; i < size; ++i) value = value << 8 | bytes[i];
  bytes = bytes.subspan(size);
  return value;
}

/// Whether the integers of a frame of kFramesOfIntegers are whole and nothing stands behind them.
bool is_well_formed(std::span<const std::uint8_t> frame) {
  const auto type = take_integer(frame);
  (void)take_integer(frame);  // the length
  if (*type == 0x04) {
    while (!frame.empty())
      if (!take_integer(frame) || !take_integer(frame)) return false;
    return true;
  }
  const bool has_text = *type == 0xF0700 || *type == 0xF0701;
  return take_integer(frame) && (has_text || frame.empty());
}

constexpr std::uint64_t kEnableConnectProtocol = 0x08;

}  // namespace

/// From a whole frame that is well formed.
void IncomingStream::learn_settings() noexcept {
  std::span<const std::uint8_t> frame = held_;
  if (take_integer(frame) != 0x04) return;
  (void)take_integer(frame);  // the length
  takes_connect_ = false;
  while (!frame.empty()) {
    const auto setting = take_integer(frame), value = take_integer(frame);
    if (setting == kEnableConnectProtocol) takes_connect_ = value == 1u;
  }
}

void IncomingStream::pass_held(std::vector<std::uint8_t>& out) {
  out.insert(out.end(), held_.begin(), held_.end());
  held_.clear();
}

/// One byte more is there of a stream's type or of a frame's type and length.  @return false: too long a frame.
bool IncomingStream::head_is_read(std::vector<std::uint8_t>& out) {
  std::span<const std::uint8_t> head = held_;
  const auto type = take_integer(head);
  if (!type) return true;
  if (at_ == At::stream_type) {
    at_ = *type == kControl ? At::frame_head : At::not_control;
    pass_held(out);
    return true;
  }
  const auto length = take_integer(head);
  if (!length) return true;
  left_ = *length;
  const bool hold = std::ranges::find(kFramesOfIntegers, *type) != std::end(kFramesOfIntegers);
  if (hold && left_ > kControlFrameBytesMax) return false;
  if (hold && left_ == 0 && !is_well_formed(held_)) return false;
  if (hold && left_ == 0) learn_settings();
  if (!hold || left_ == 0) pass_held(out);
  at_ = left_ == 0 ? At::frame_head : hold ? At::held_frame : At::frame;
  return true;
}

bool IncomingStream::feed(std::span<const std::uint8_t> data, std::vector<std::uint8_t>& out) {
  while (!data.empty()) {
    if (at_ == At::not_control) {
      out.insert(out.end(), data.begin(), data.end());
      return true;
    }
    if (at_ == At::stream_type || at_ == At::frame_head) {
      held_.push_back(data.front());
      data = data.subspan(1);
      if (!head_is_read(out)) return false;
      continue;
    }
    const auto piece = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size())));
    auto& into = at_ == At::held_frame ? held_ : out;
    into.insert(into.end(), piece.begin(), piece.end());
    data = data.subspan(piece.size());
    left_ -= piece.size();
    if (left_ > 0) continue;
    if (at_ == At::held_frame && !is_well_formed(held_)) return false;
    if (at_ == At::held_frame) {
      learn_settings();
      pass_held(out);
    }
    at_ = At::frame_head;
  }
  return true;
}

}  // namespace tablinum::net::h3
