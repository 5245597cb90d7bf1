#include "pre/packing.h"

#include <algorithm>
#include <cstring>

namespace tablinum::seal::pre {
namespace {

using u128 = unsigned __int128;

}  // namespace

void pack(std::span<const std::uint64_t> values, unsigned bits, MutableBytes out) noexcept {
  u128 pending = 0;
  unsigned pending_bits = 0;
  auto* to = out.data();
  for (const auto value : values) {
    pending |= static_cast<u128>(value) << pending_bits;
    pending_bits += bits;
    if (pending_bits < 64) continue;
    const auto word = static_cast<std::uint64_t>(pending);
    std::memcpy(to, &word, 8);
    to += 8;
    pending >>= 64;
    pending_bits -= 64;
  }
  for (; pending_bits > 0; pending_bits -= 8, pending >>= 8) *to++ = static_cast<std::byte>(pending);
}

void unpack(ByteView in, unsigned bits, std::span<std::uint64_t> values) noexcept {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  // A value starts at bit 0 or 4 of a byte and has at most 60 bits: eight bytes always hold it.
  const std::size_t whole = in.size() < 8 ? 0 : std::min(values.size(), (in.size() - 8) * 8 / bits + 1);
  for (std::size_t i = 0; i < whole; ++i) {
    std::uint64_t word;
    std::memcpy(&word, in.data() + i * bits / 8, 8);
    values[i] = word >> (i * bits % 8) & mask;
  }
  for (std::size_t i = whole; i < values.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, in.data() + i * bits / 8, in.size() - i * bits / 8);
    values[i] = word >> (i * bits % 8) & mask;
  }
}

bool all_below(std::span<const std::uint64_t> values, std::uint64_t bound) noexcept {
  std::uint64_t below = 1;
  for (const auto value : values) below &= (value - bound) >> 63;
  return below == 1;
}

void round_to_bits(std::span<std::uint64_t> values, unsigned bits, std::uint64_t q) noexcept {
  // The reciprocal is of the public q. The estimate is short by at most 1, so one correction makes it exact; then round to nearest.
  const auto reciprocal = static_cast<std::uint64_t>((u128{1} << (64 + bits)) / q);
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  for (auto& x : values) {
    const auto estimate = static_cast<std::uint64_t>((static_cast<u128>(x) * reciprocal) >> 64);
    std::uint64_t rest = (x << bits) - estimate * q;  // modulo 2^64: the true rest is below 2q
    const std::uint64_t once = 1 ^ ((rest - q) >> 63);
    rest -= q & (0 - once);
    const std::uint64_t up = ((q - 1) / 2 - rest) >> 63;
    x = (estimate + once + up) & mask;
  }
}

void expand_from_bits(std::span<std::uint64_t> values, unsigned bits, std::uint64_t q) noexcept {
  // x·q/2^bits = x·(q >> bits) + x·(q mod 2^bits)/2^bits, which needs no 128 bits.
  const std::uint64_t high = q >> bits, low = q & ((std::uint64_t{1} << bits) - 1), half = std::uint64_t{1} << (bits - 1);
  for (auto& x : values) x = x * high + ((x * low + half) >> bits);
}

}  // namespace tablinum::seal::pre
