#pragma once
/// The SHA-256 compression function as a layered circuit, made once and copied for every use.  Source: FIPS 180-4 §6.2.2;
/// docs/proof/lf.md. The words that the rounds compute are inputs, so that all rounds are checked side by side.
#include <cstdint>
#include <vector>

#include "tablinum/proof/lf.h"

namespace tablinum::proof::lf {

/// Words of one compression, in the order of their inputs. Two bits an input: inj(b0 + 2 b1).
namespace word {
inline constexpr std::uint32_t kState = 0;                  // 8: state before
inline constexpr std::uint32_t kBlock = 8;                  // 16: w[0] … w[15]
inline constexpr std::uint32_t kSchedule = 24;              // 48: w[16] … w[63]
inline constexpr std::uint32_t kE = 72;                     // 64: e after round t
inline constexpr std::uint32_t kA = 136;                    // 64: a after round t
inline constexpr std::uint32_t kResult = 200;               // 8: state after
inline constexpr std::uint32_t kCount = 208;
}  // namespace word
inline constexpr std::uint32_t kPairs = 16;                              // inputs of a word
inline constexpr std::uint32_t kSlotInputs = word::kCount * kPairs;     // of one compression

/// Terms from one level to the next. Level 0 are the inputs (position word · 16 + pair, no constant), level 1 the bits
/// (position 1 + word · 32 + bit); from level 1 on position 0 is the constant 1.
struct TemplateLevel {
  std::vector<Quad> quads;     ///< h0, h1 at this level, g at the next; canonical order. Constant 0 (an assertion) has a g of its own.
  std::uint32_t wires = 0;     ///< positions of the next level, the constant's among them
};
struct Template {
  std::vector<TemplateLevel> levels;
  std::vector<Elt> constants;  ///< constants[0] is 0, constants[1] is 1
};
/// Built at the first call.
const Template& compression_template();

/// Position of a bit at level 1.
constexpr std::uint32_t bit_position(std::uint32_t word, std::uint32_t bit) noexcept { return 1 + 32 * word + bit; }

/// Canonical order of terms.
bool before(const Quad& a, const Quad& b) noexcept;

/// Merges sorted terms into others.
void merge_into(std::vector<Quad>& terms, std::span<const Quad> more);
/// Appends every copy of a template's terms: position x of copy c is wire x · stride + c, but for position 0 as h0 or h1, which is
/// wire 0 for all. Sorted where `quads` are, since copies number the lowest bits.  @pre copies ≤ stride, a power of two.
void append_copies(std::span<const Quad> quads, std::uint32_t copies, std::uint32_t stride, std::vector<Quad>& to);

/// The two bits of an input as polynomials of it: b0 = low[0] e + low[1] e², b1 = high (e + e²).
struct PairCoefficients {
  std::array<Elt, 2> low;
  Elt high;
};
const PairCoefficients& pair_coefficients();

inline constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace tablinum::proof::lf
