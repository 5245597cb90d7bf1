#pragma once
/// What the public key types hold.
#include "pre/classical.h"
#include "pre/lattice.h"
#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre {

enum class KeyType : std::uint8_t { collection = 1, receive = 2 };

struct PublicHalves {
  KeyType type{};
  Suite suite{};
  CollectionId collection;  ///< collection keys only, like the epoch
  std::uint32_t epoch = 0;
  LatticePublic lattice;
  Point point{};
  Digest lattice_hash;  ///< H(lattice public key)
  Digest hash;
};

struct SecretHalves {
  LatticeSecret lattice;
  Scalar scalar;
  Seed lattice_seed;  ///< goes into the coins of rekeys, so that they survive a broken generator
};

/// Hash of a public key from what a delegation says of it.
Digest key_hash(KeyType type, Suite suite, const CollectionId& collection, std::uint32_t epoch, const Digest& lattice_hash,
                const Point& point) noexcept;
KeyId key_id(const Digest& key_hash) noexcept;

/// Binds every hash and signature of a capsule to one file and one collection key (design §5).
Digest capsule_context(const Digest& core_hash, Suite suite, const CollectionId& collection, std::uint32_t epoch,
                       const Digest& lattice_hash, const Point& point) noexcept;

/// SHA3-256 of bytes without a domain: H(x) of the design.
Digest plain_hash(ByteView bytes) noexcept;

std::array<std::byte, 4> le32(std::uint32_t value) noexcept;
std::array<std::byte, 8> le64(std::uint64_t value) noexcept;

}  // namespace tablinum::seal::pre
