#include "tablinum/base/cpu.h"

#include <cpuid.h>

#include <cstdlib>

namespace tablinum {
namespace {

struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) noexcept {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}

constexpr bool bit(unsigned word, int at) noexcept { return (word >> at & 1) != 0; }

/// XCR0: the register files that the system saves.
unsigned long long saved_state() noexcept {
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<unsigned long long>(high) << 32 | low;
}

CpuFeatures detect() noexcept {
  const Registers one = cpuid(1, 0);
  const Registers seven = cpuid(7, 0);
  const unsigned long long state = bit(one.ecx, 27) ? saved_state() : 0;
  const bool ymm = (state & 0x6) == 0x6;
  const bool zmm = (state & 0xe6) == 0xe6;
  CpuFeatures f;
  f.ssse3 = bit(one.ecx, 9);
  f.pclmul = bit(one.ecx, 1) && bit(one.ecx, 19);
  f.sha = bit(seven.ebx, 29) && bit(one.ecx, 19);
  f.avx2 = ymm && bit(seven.ebx, 5) && bit(one.ecx, 12) && bit(seven.ebx, 8);
  f.vpclmul = f.avx2 && f.pclmul && bit(seven.ecx, 10);
  f.gfni = bit(seven.ecx, 8);
  f.avx512 = zmm && f.avx2 && bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 30) && bit(seven.ebx, 31);
  f.avx512_ifma = f.avx512 && bit(seven.ebx, 21);
  f.avx512_vbmi = f.avx512 && bit(seven.ecx, 1);
  return f;
}

}  // namespace

CpuFeatures limited(const CpuFeatures& all, std::string_view limit) noexcept {
  CpuFeatures f = all;
  const bool portable = limit == "portable";
  const bool pclmul = limit == "pclmul";
  if (portable) return {};
  if (pclmul) f.avx2 = f.vpclmul = f.gfni = f.avx512 = f.avx512_ifma = f.avx512_vbmi = false;
  if (limit == "avx2") f.avx512 = f.avx512_ifma = f.avx512_vbmi = false;
  return f;
}

const CpuFeatures& cpu() noexcept {
  static const CpuFeatures features = [] {
    const char* limit = std::getenv("TABLINUM_CPU");
    return limited(detect(), limit == nullptr ? "" : limit);
  }();
  return features;
}

}  // namespace tablinum
