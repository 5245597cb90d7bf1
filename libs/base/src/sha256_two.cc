#include "tablinum/base/sha256_two.h"

#include "kernels/sha256_two.h"
#include "tablinum/base/cpu.h"
#include "tablinum/base/crypto.h"

namespace tablinum {

void sha256_compress_two(Sha256State& state0, Sha256State& state1, const std::uint8_t* data0, const std::uint8_t* data1,
                         std::size_t blocks) noexcept {
  if (cpu().sha) return kernels::sha256_two_sha(state0.data(), state1.data(), data0, data1, blocks);
  for (; blocks > 0; --blocks, data0 += 64, data1 += 64) {
    sha256_compress(state0, std::span<const std::uint8_t, 64>{data0, 64});
    sha256_compress(state1, std::span<const std::uint8_t, 64>{data1, 64});
  }
}

}  // namespace tablinum
