#include "file/padding.h"

#include <algorithm>
#include <bit>

namespace tablinum::seal::file {

Result<std::uint64_t> padded_bytes(std::uint64_t content_bytes) {
  if (content_bytes > std::uint64_t{1} << 62) return fail(Code::too_large, "more than a sealed file can hold");
  const std::uint64_t length = content_bytes + kPaddingTrailerBytes;
  const unsigned exponent = static_cast<unsigned>(std::bit_width(length)) - 1;
  const unsigned kept_bits = static_cast<unsigned>(std::bit_width(exponent));
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept_bits)) - 1;
  return (length + mask) & ~mask;
}

Result<std::size_t> PaddedSource::read(MutableBytes into) {
  if (!ended_) {
    TRY(got, content_.read(into));
    content_bytes_ += got;
    if (got > 0 || into.empty()) return got;
    TRY(padded, padded_bytes(content_bytes_));
    ended_ = true;
    zeros_left_ = padded - content_bytes_ - kPaddingTrailerBytes;
    append_u64_le(trailer_, content_bytes_);
  }
  const std::size_t zeros = std::min<std::uint64_t>(zeros_left_, into.size());
  std::ranges::fill(into.first(zeros), std::byte{});
  zeros_left_ -= zeros;
  const std::size_t rest = std::min(into.size() - zeros, trailer_.size());
  std::copy_n(trailer_.begin(), rest, into.begin() + static_cast<std::ptrdiff_t>(zeros));
  trailer_.erase(trailer_.begin(), trailer_.begin() + static_cast<std::ptrdiff_t>(rest));
  return zeros + rest;
}

Result<void> UnpaddingSink::write(ByteView bytes) {
  // The last eight bytes so far are held; what they push out goes on.
  if (bytes.size() < kPaddingTrailerBytes) {
    append(held_, bytes);
    if (held_.size() <= kPaddingTrailerBytes) return {};
    const std::size_t out = held_.size() - kPaddingTrailerBytes;
    CHECK_OK(pass(ByteView{held_}.first(out)));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(out));
    return {};
  }
  CHECK_OK(pass(held_));
  const std::size_t out = bytes.size() - kPaddingTrailerBytes;
  held_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(out), bytes.end());
  return pass(bytes.first(out));
}

Result<void> UnpaddingSink::pass(ByteView bytes) {
  std::size_t content = bytes.size();
  while (content > 0 && bytes[content - 1] == std::byte{0}) --content;
  if (content > 0) {
    CHECK_OK(pass_zeros(zeros_));
    zeros_ = 0;
    CHECK_OK(out_.write(bytes.first(content)));
    passed_ += content;
  }
  zeros_ += bytes.size() - content;
  return {};
}

Result<void> UnpaddingSink::pass_zeros(std::uint64_t count) {
  static constexpr std::array<std::byte, 65536> kZeros{};
  for (std::uint64_t left = count; left > 0;) {
    const std::size_t step = std::min<std::uint64_t>(left, kZeros.size());
    CHECK_OK(out_.write(ByteView{kZeros}.first(step)));
    left -= step;
  }
  passed_ += count;
  return {};
}

Result<void> UnpaddingSink::finish() {
  if (held_.size() != kPaddingTrailerBytes) return cannot_open();
  const std::uint64_t content = u64_le(held_);
  const auto padded = padded_bytes(content);
  if (!padded || *padded != passed_ + zeros_ + kPaddingTrailerBytes || content < passed_) return cannot_open();
  return pass_zeros(content - passed_);
}

}  // namespace tablinum::seal::file
