#pragma once
/// Random polynomials from seeds (design §2), and the extendable-output function behind them. Constant time but for expand_a().
#include <initializer_list>

#include "pre/ring.h"

namespace tablinum::seal::pre {

using Seed = Secret<32>;

/// SHAKE(len8(domain) ‖ domain ‖ seed parts ‖ le64(index)), ready to be squeezed.
Shake xof(Shake::Strength strength, std::string_view domain, std::initializer_list<ByteView> seed, std::uint64_t index) noexcept;
/// H(domain ‖ parts): SHA3-256; every part has a fixed length or is last.
Digest hash(std::string_view domain, std::initializer_list<ByteView> parts) noexcept;

/// The public polynomial of `rho`, in transform order. Variable time: its input is public.
Poly expand_a(const Ring& ring, ByteView rho);
/// Adds centred binomial samples (β_2; β_21) to out[0..count), as residues.
void sample_2(const Ring& ring, const Seed& seed, std::uint64_t index, std::uint64_t* out, std::size_t count);
void sample_21(const Ring& ring, const Seed& seed, std::uint64_t index, std::uint64_t* out, std::size_t count);
/// Adds Irwin–Hall(4) noise of w-bit words, centred: support ±2(2^w − 1).
void sample_flood(const Ring& ring, unsigned flood_bits, std::initializer_list<ByteView> seed, std::uint64_t* out, std::size_t count);

}  // namespace tablinum::seal::pre
