#include "tablinum/proof/transcript.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace tablinum::proof {

KeyStream::KeyStream(const Digest& key) noexcept : cipher_{std::span<const std::uint8_t, 32>{key.bytes}} {}

// Most challenges are one element, some are thousands: the buffer is filled twice as far each time.
void KeyStream::read(MutableBytes out) noexcept {
  while (!out.empty()) {
    if (used_ == filled_) {
      filled_ = std::min(std::max<std::size_t>(2 * filled_, 16), kBufferBytes);
      cipher_.encrypt_counters_le(next_block_, MutableBytes{buffer_}.first(filled_));
      next_block_ += filled_ / 16;
      used_ = 0;
    }
    const std::size_t take = std::min(out.size(), filled_ - used_);
    std::memcpy(out.data(), buffer_.data() + used_, take);
    used_ += take;
    out = out.subspan(take);
  }
}

void Transcript::head(std::uint8_t tag, std::uint64_t length) noexcept {
  stream_.reset();
  absorbed_.update_byte(tag);
  absorbed_.update(std::as_bytes(std::span{&length, 1}));
}
void Transcript::bytes(ByteView b) noexcept {
  head(0, b.size());
  absorbed_.update(b);
}
void Transcript::elt(Elt e) noexcept {
  stream_.reset();
  absorbed_.update_byte(1);
  absorbed_.update(std::as_bytes(std::span{&e, 1}));
}
void Transcript::array(std::span<const Elt> elements) noexcept {
  head(2, elements.size());
  absorbed_.update(std::as_bytes(elements));
}
void Transcript::zeros(std::uint64_t count) noexcept {
  static constexpr std::array<std::byte, 4096> kZeros{};
  head(0, count);
  for (; count > 0; count -= std::min<std::uint64_t>(count, kZeros.size()))
    absorbed_.update(ByteView{kZeros}.first(std::min<std::uint64_t>(count, kZeros.size())));
}

void Transcript::read(MutableBytes out) noexcept {
  if (!stream_) stream_.emplace(digest());
  stream_->read(out);
}
Digest Transcript::digest() const noexcept {
  Sha256 copy = absorbed_;
  return copy.finish();
}
Elt Transcript::challenge() noexcept {
  Elt e;
  read(std::as_writable_bytes(std::span{&e, 1}));
  return e;
}
void Transcript::challenges(std::span<Elt> out) noexcept { read(std::as_writable_bytes(out)); }

std::uint64_t Transcript::natural(std::uint64_t n) noexcept {
  const unsigned bits = static_cast<unsigned>(std::bit_width(n));
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  for (;;) {
    std::uint64_t drawn = 0;
    read(std::as_writable_bytes(std::span{&drawn, 1}).first((bits + 7) / 8));
    if ((drawn & mask) < n) return drawn & mask;
  }
}
std::vector<std::uint32_t> Transcript::choose(std::uint32_t n, std::uint32_t k) {
  std::vector<std::uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0U);
  for (std::uint32_t i = 0; i < k; ++i) std::swap(all[i], all[i + natural(n - i)]);
  all.resize(k);
  return all;
}

}  // namespace tablinum::proof
