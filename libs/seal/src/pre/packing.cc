#include "pre/packing.h"

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
    for (pending_bits += bits; pending_bits >= 8; pending_bits -= 8) {
      *to++ = static_cast<std::byte>(pending);
      pending >>= 8;
    }
  }
}

void unpack(ByteView in, unsigned bits, std::span<std::uint64_t> values) noexcept {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  u128 pending = 0;
  unsigned pending_bits = 0;
  const auto* from = in.data();
  for (auto& value : values) {
    for (; pending_bits < bits; pending_bits += 8) pending |= static_cast<u128>(*from++) << pending_bits;
    value = static_cast<std::uint64_t>(pending) & mask;
    pending >>= bits;
    pending_bits -= bits;
  }
}

bool all_below(std::span<const std::uint64_t> values, std::uint64_t bound) noexcept {
  std::uint64_t below = 1;
  for (const auto value : values) below &= (value - bound) >> 63;
  return below == 1;
}

std::uint64_t round_to_bits(std::uint64_t x, unsigned bits, std::uint64_t q) noexcept {
  // The reciprocal is of the public q. The estimate is short by at most 1, so one correction makes it exact; then round to nearest.
  const auto reciprocal = static_cast<std::uint64_t>((u128{1} << (64 + bits)) / q);
  const auto estimate = static_cast<std::uint64_t>((static_cast<u128>(x) * reciprocal) >> 64);
  std::uint64_t rest = (x << bits) - estimate * q;  // modulo 2^64: the true rest is below 2q
  const std::uint64_t once = 1 ^ ((rest - q) >> 63);
  rest -= q & (0 - once);
  const std::uint64_t up = ((q - 1) / 2 - rest) >> 63;
  return (estimate + once + up) & ((std::uint64_t{1} << bits) - 1);
}

std::uint64_t expand_from_bits(std::uint64_t x, unsigned bits, std::uint64_t q) noexcept {
  return static_cast<std::uint64_t>((static_cast<u128>(x) * q + (u128{1} << (bits - 1))) >> bits);
}

}  // namespace tablinum::seal::pre
