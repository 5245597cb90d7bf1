#include "fhe/modulus.h"

#include <algorithm>

namespace tablinum::seal::fhe {

std::uint64_t power_mod(std::uint64_t base, std::uint64_t exponent, std::uint64_t q) {
  std::uint64_t result = 1;
  for (base %= q; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply_mod(result, base, q);
    base = multiply_mod(base, base, q);
  }
  return result;
}

std::uint64_t inverse_mod(std::uint64_t a, std::uint64_t q) { return power_mod(a, q - 2, q); }

namespace {

// Whether n passes for a prime with this base: base^odd is 1, or a square of it is −1.
bool passes(std::uint64_t n, std::uint64_t base) {
  const int twos = __builtin_ctzll(n - 1);
  std::uint64_t x = power_mod(base, (n - 1) >> twos, n);
  if (x == 1) return true;
  for (int i = 0; i < twos; ++i) {
    if (x == n - 1) return true;
    x = multiply_mod(x, x, n);
  }
  return false;
}

}  // namespace

bool is_prime(std::uint64_t n) {
  constexpr std::uint64_t kBases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  if (n < 2) return false;
  for (const auto base : kBases)
    if (n % base == 0) return n == base;
  return std::ranges::all_of(kBases, [n](std::uint64_t base) { return passes(n, base); });
}

std::uint64_t smallest_root(std::uint64_t q, std::uint64_t order) {
  std::uint64_t root = 0;
  for (std::uint64_t candidate = 2; root == 0; ++candidate) {
    const auto x = power_mod(candidate, (q - 1) / order, q);
    if (power_mod(x, order / 2, q) == q - 1) root = x;
  }
  const auto square = multiply_mod(root, root, q);
  auto smallest = root;
  for (std::uint64_t i = 1; i < order / 2; ++i) {
    root = multiply_mod(root, square, q);
    smallest = std::min(smallest, root);
  }
  return smallest;
}

std::uint64_t inverse_mod_word(std::uint64_t q) {
  std::uint64_t x = q;  // right in three bits; each step doubles them
  for (int i = 0; i < 5; ++i) x *= 2 - q * x;
  return x;
}

std::uint32_t reverse_bits(std::uint32_t x, unsigned bits) {
  std::uint32_t result = 0;
  for (unsigned i = 0; i < bits; ++i) result |= ((x >> i) & 1) << (bits - 1 - i);
  return result;
}

}  // namespace tablinum::seal::fhe
