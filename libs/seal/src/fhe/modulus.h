#pragma once
// Arithmetic modulo one word, for making tables. Public values only: these functions take their time.
#include <cstdint>

namespace tablinum::seal::fhe {

using Wide = unsigned __int128;

inline std::uint64_t multiply_mod(std::uint64_t a, std::uint64_t b, std::uint64_t q) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % q);
}
std::uint64_t power_mod(std::uint64_t base, std::uint64_t exponent, std::uint64_t q);
/// q prime.
std::uint64_t inverse_mod(std::uint64_t a, std::uint64_t q);
/// Of any 64-bit number (Miller and Rabin with the twelve bases that decide it).
bool is_prime(std::uint64_t n);
/// The smallest primitive root of unity of that order, a power of two that divides q − 1.
std::uint64_t smallest_root(std::uint64_t q, std::uint64_t order);
/// floor(w·2^64 / q) for w < q: the companion of w in Shoup's multiplication.
inline std::uint64_t shoup(std::uint64_t w, std::uint64_t q) {
  return static_cast<std::uint64_t>((static_cast<Wide>(w) << 64) / q);
}
/// q^-1 mod 2^64, q odd.
std::uint64_t inverse_mod_word(std::uint64_t q);
std::uint32_t reverse_bits(std::uint32_t x, unsigned bits);

}  // namespace tablinum::seal::fhe
