#pragma once
/// Numbers and byte positions of a proof: all follow from the profile and the circuit.
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tablinum::proof::vole {

struct Params {
  std::uint8_t profile = 0;
  unsigned trees = 0;     ///< τ
  unsigned depth = 0;     ///< k
  unsigned grinding = 0;  ///< w; τ·k + w = 128

  std::size_t leaves() const noexcept { return std::size_t{1} << depth; }
  unsigned columns() const noexcept { return trees * depth; }
  static std::optional<Params> of(std::uint8_t profile) noexcept {
    if (profile == 1) return Params{1, 16, 8, 0};
    if (profile == 2) return Params{2, 11, 11, 7};
    return {};
  }
};

inline constexpr std::size_t kSeedBytes = 16;
inline constexpr std::size_t kHashBytes = 32;
/// Of the consistency hash: 128 + 16 bits.
inline constexpr std::size_t kConsistencyBytes = 18;

struct Layout {
  Layout(const Params& p, std::size_t committed_bits) noexcept : params{p}, committed{committed_bits} {}
  Params params;
  std::size_t committed;

  /// L / 128: blocks of 128 rows for the committed bits.
  std::size_t witness_blocks() const noexcept { return (committed + 127) / 128; }
  /// With the mask of the last check: what the consistency hash multiplies.
  std::size_t hashed_blocks() const noexcept { return witness_blocks() + 1; }
  /// With the mask of the consistency hash: what the streams fill.
  std::size_t blocks() const noexcept { return hashed_blocks() + 2; }

  std::size_t correction_bytes() const noexcept { return hashed_blocks() * 16 + kConsistencyBytes; }
  std::size_t witness_bytes() const noexcept { return (committed + 7) / 8; }
  std::size_t opening_bytes() const noexcept { return params.depth * kSeedBytes + kHashBytes; }
  std::size_t proof_bytes() const noexcept {
    return 16 + kHashBytes + (params.trees - 1) * correction_bytes() + witness_bytes() + kConsistencyBytes + kHashBytes + 16 + 16 + 4 +
           params.trees * opening_bytes();
  }
};

}  // namespace tablinum::proof::vole
