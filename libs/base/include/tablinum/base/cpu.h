#pragma once
/// Which instructions this processor has, so that kernels can be chosen while the program runs.
#include <cstdint>
#include <string_view>

namespace tablinum {

struct CpuFeatures {
  bool ssse3 = false;
  bool pclmul = false;      ///< carry-less multiplication of one pair of 64-bit words
  bool sha = false;         ///< SHA-256 rounds
  bool avx2 = false;        ///< with FMA and BMI2, as all processors that have it do
  bool vpclmul = false;     ///< carry-less multiplication, two pairs in 256 bits (needs avx2)
  bool gfni = false;
  bool avx512 = false;      ///< F, BW, DQ and VL, and the system saves the registers
  bool avx512_ifma = false; ///< 52-bit multiply and add
  bool avx512_vbmi = false;
};

/// Of this machine, read once; TABLINUM_CPU=portable, pclmul, avx2 or avx512 allows at most that much (for tests).
const CpuFeatures& cpu() noexcept;
/// What cpu() gives for a machine with `all` under TABLINUM_CPU=`limit`; an unknown or empty limit allows everything.
CpuFeatures limited(const CpuFeatures& all, std::string_view limit) noexcept;

}  // namespace tablinum
