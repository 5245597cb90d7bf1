// By base's AES-128, block by block.
#include <cstring>

#include "kernels/vole_aes.h"
#include "tablinum/base/crypto.h"

namespace tablinum::proof::vole::kernels {
namespace {

using Block = std::span<const std::uint8_t, 16>;
using MutableBlock = std::span<std::uint8_t, 16>;

void encrypt(const Aes128& cipher, Tweak tweak, std::uint64_t number, std::uint8_t* out) {
  std::uint64_t low;
  std::uint8_t plain[16];
  std::memcpy(plain, tweak.iv, sizeof plain);
  std::memcpy(&low, plain, sizeof low);
  low ^= tweak.use | std::uint64_t{tweak.tree} << 8 | number << 16;
  std::memcpy(plain, &low, sizeof low);
  cipher.encrypt_block(Block{plain}, MutableBlock{out, 16});
}

}  // namespace

void expand_portable(const std::uint8_t* nodes, std::size_t count, std::uint64_t first, Tweak tweak, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const Aes128 cipher{Block{nodes + 16 * i, 16}};
    encrypt(cipher, tweak, 2 * (first + i), out + 32 * i);
    encrypt(cipher, tweak, 2 * (first + i) + 1, out + 32 * i + 16);
  }
}

void stream_portable(const std::uint8_t* seed, std::uint64_t first, std::size_t blocks, Tweak tweak, std::uint8_t* out) {
  const Aes128 cipher{Block{seed, 16}};
  for (std::size_t i = 0; i < blocks; ++i) encrypt(cipher, tweak, first + i, out + 16 * i);
}

}  // namespace tablinum::proof::vole::kernels
