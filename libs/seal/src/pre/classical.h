#pragma once
/// The ristretto255 half: Umbral's scheme with one proxy (design §4; group: RFC 9496). G is the base point, U a second generator.
#include <initializer_list>

#include "tablinum/base/crypto.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal::pre {

using Point = std::array<std::byte, 32>;
using Scalar = Secret<32>;   ///< little-endian, below the group's order
using WideSeed = Secret<64>;

/// Marks the one thing about a secret that everybody may learn: that it was refused for being neutral, which never happens to honest keys.
/// Returns its argument. Weak: the taint run (tests/taint) puts one in its place that tells valgrind.
bool told(bool outcome) noexcept;

/// SHA-512("seal/v1/" ‖ domain ‖ parts) modulo the group's order.
Scalar hash_to_scalar(std::string_view domain, std::initializer_list<ByteView> parts) noexcept;
/// Canonical encoding of a point other than the identity.
bool is_point(ByteView bytes) noexcept;
/// Canonical encoding of a scalar; zero is one.
bool is_scalar(ByteView bytes) noexcept;
const Point& second_generator() noexcept;
/// scalar·G; 32 zero bytes (the identity) for the scalar 0.
Point times_base(const Scalar& scalar) noexcept;
/// RFC 9496 §4.3.4 on 64 uniform bytes.
Point point_from_uniform(std::span<const std::byte, 64> uniform) noexcept;

struct ClassicalKeys {
  Scalar secret;
  Point public_key{};
};
ClassicalKeys classical_keys(const Secret<32>& seed) noexcept;

struct ClassicalCapsule {
  Point e{}, v{};
  std::array<std::byte, 32> s{};
};
std::array<std::byte, 96> serialise(const ClassicalCapsule& capsule) noexcept;
ClassicalCapsule split_capsule(std::span<const std::byte, 96> bytes) noexcept;
/// Encodings only.
bool well_formed(const ClassicalCapsule& capsule) noexcept;
/// s·G = V + hs("cap", E, V, A, ctx)·E, and encodings.
bool verify(const ClassicalCapsule& capsule, const Point& a, ByteView context) noexcept;

struct ClassicalSecret {
  ClassicalCapsule capsule;
  Secret<32> key;  ///< the encoded point (r + v)·A
};
/// @param coins 64 bytes for r, then 64 for v.
ClassicalSecret encapsulate(const Point& a, ByteView context, const WideSeed& coins_r, const WideSeed& coins_v) noexcept;

struct ClassicalRekey {
  Scalar rk;
  Point x{}, r{};
};
/// @error conflict: A = B.  internal: a neutral intermediate value (never, for honest keys).
Result<ClassicalRekey> make_rekey(const Scalar& a_secret, const Point& a, const Point& b, ByteView info, const WideSeed& coins);

struct Fragment {
  Point e1{}, v1{}, x{}, r{};
  std::array<std::byte, 32> c{}, z{};
};
std::array<std::byte, 192> serialise(const Fragment& fragment) noexcept;
Fragment split_fragment(std::span<const std::byte, 192> bytes) noexcept;
bool well_formed(const Fragment& fragment) noexcept;

/// @param nonce_key the proof's nonce is derived from it and the statement, so the same request gives the same bytes.
/// @error denied: the capsule is forged.
Result<Fragment> reencrypt(const ClassicalRekey& rekey, const ClassicalCapsule& capsule, const Point& a, ByteView context,
                           const Secret<32>& nonce_key, ByteView delegation);
/// The proof that E1, V1 and R came from one rk; encodings too.
bool verify(const Fragment& fragment, const ClassicalCapsule& capsule, ByteView context) noexcept;
/// The encoded point k. Neutral values give nothing.
/// @error corrupt
Result<Secret<32>> open_fragment(const Scalar& b_secret, const Point& b, const Fragment& fragment, const Point& a, ByteView info);

}  // namespace tablinum::seal::pre
