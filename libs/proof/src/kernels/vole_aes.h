#pragma once
// Plain functions on pointers: AES-128 as the pseudo-random generator of the back end `vole`. Constant time.
#include <cstddef>
#include <cstdint>

namespace tablinum::proof::vole::kernels {

/// What is encrypted under a node's seed: iv ⊕ ⟨use, tree, number⟩ (docs/proof/vole.md). Numbers are below 2^48.
struct Tweak {
  const std::uint8_t* iv;  ///< 16 bytes
  std::uint8_t use;
  std::uint8_t tree;
};

/// out[2i], out[2i+1] = the children of nodes[i], whose number is first + i. 16 bytes each.
using Expand = void (*)(const std::uint8_t* nodes, std::size_t count, std::uint64_t first, Tweak tweak, std::uint8_t* out);
/// `blocks` blocks of the seed's stream, from block `first` on.
using Stream = void (*)(const std::uint8_t* seed, std::uint64_t first, std::size_t blocks, Tweak tweak, std::uint8_t* out);

void expand_portable(const std::uint8_t* nodes, std::size_t count, std::uint64_t first, Tweak tweak, std::uint8_t* out);
void stream_portable(const std::uint8_t* seed, std::uint64_t first, std::size_t blocks, Tweak tweak, std::uint8_t* out);
void expand_pclmul(const std::uint8_t* nodes, std::size_t count, std::uint64_t first, Tweak tweak, std::uint8_t* out);
void stream_pclmul(const std::uint8_t* seed, std::uint64_t first, std::size_t blocks, Tweak tweak, std::uint8_t* out);

}  // namespace tablinum::proof::vole::kernels
