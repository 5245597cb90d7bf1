#include "pre/packing.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace tablinum::seal::pre {
namespace {

/// kValues values are kWords whole words. All shifts are known when the loops are unrolled.
template <unsigned Bits>
struct Group {
  static constexpr std::size_t kValues = 64 / std::gcd(Bits, 64U), kWords = Bits / std::gcd(Bits, 64U);

  static void pack(const std::uint64_t* values, std::byte* out) noexcept {
    std::array<std::uint64_t, kWords + 1> words{};  // one more, for the part of the last value that is not there
#pragma clang loop unroll(full)
    for (std::size_t i = 0; i < kValues; ++i) {
      const std::size_t word = i * Bits / 64, shift = i * Bits % 64;
      words[word] |= values[i] << shift;
      if (shift + Bits > 64) words[word + 1] |= values[i] >> (64 - shift);
    }
    std::memcpy(out, words.data(), kWords * 8);
  }
};

template <unsigned Bits>
void pack_as(std::span<const std::uint64_t> values, MutableBytes out) noexcept {
  using Of = Group<Bits>;
  const std::size_t whole = values.size() / Of::kValues * Of::kValues;
  for (std::size_t done = 0; done < whole; done += Of::kValues) Of::pack(values.data() + done, out.data() + done * Bits / 8);
  if (whole == values.size()) return;
  std::array<std::uint64_t, Of::kValues> rest{};
  std::array<std::byte, Of::kWords * 8> bytes;
  std::ranges::copy(values.subspan(whole), rest.begin());
  Of::pack(rest.data(), bytes.data());
  std::copy_n(bytes.begin(), (values.size() - whole) * Bits / 8, out.begin() + static_cast<std::ptrdiff_t>(whole * Bits / 8));
}

/// The moduli lie just below a power of two, q = 2^k − δ, so dividing by q is almost a shift. No 128-bit product is needed.
struct AlmostPower {
  explicit AlmostPower(std::uint64_t q) noexcept
      : bits{static_cast<unsigned>(std::bit_width(q))}, delta{static_cast<std::uint32_t>((std::uint64_t{1} << bits) - q)} {}
  unsigned bits;        ///< k
  std::uint32_t delta;  ///< δ·2^12 < q
};

}  // namespace

void pack(std::span<const std::uint64_t> values, unsigned bits, MutableBytes out) noexcept {
  switch (bits) {
    case 8: return pack_as<8>(values, out);
    case 12: return pack_as<12>(values, out);
    case 40: return pack_as<40>(values, out);
    default: return pack_as<60>(values, out);
  }
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
  const AlmostPower p{q};
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1, half = (q - 1) / 2;
  for (auto& x : values) {
    const std::uint64_t estimate = x >> (p.bits - bits);  // short by at most 1
    std::uint64_t rest = (x << bits) - (estimate << p.bits) + std::uint64_t{static_cast<std::uint32_t>(estimate)} * p.delta;
    const std::uint64_t once = 1 ^ ((rest - q) >> 63);
    rest -= q & (0 - once);
    const std::uint64_t up = (half - rest) >> 63;
    x = (estimate + once + up) & mask;
  }
}

void expand_from_bits(std::span<std::uint64_t> values, unsigned bits, std::uint64_t q) noexcept {
  const AlmostPower p{q};
  const std::uint64_t almost_half = (std::uint64_t{1} << (bits - 1)) - 1;
  for (auto& x : values)
    x = (x << (p.bits - bits)) - ((std::uint64_t{static_cast<std::uint32_t>(x)} * p.delta + almost_half) >> bits);
}

}  // namespace tablinum::seal::pre
