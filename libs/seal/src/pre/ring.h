#pragma once
/// R_q = Z_q[X]/(X^n+1) with its transform, in the implementation that this processor runs best. All give identical results.
#include <cstdint>
#include <vector>

#include "kernels/pre_ntt.h"
#include "tablinum/base/secret.h"
#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre {

using Poly = std::vector<std::uint64_t>;              ///< n coefficients < q
using SecretPoly = SecretVector<std::uint64_t>;

/// Parameters of the lattice half (design §1). Tests use smaller ones, too.
struct Shape {
  std::size_t n;
  std::uint64_t q;
  std::uint64_t psi;            ///< of order 2n modulo q
  unsigned coefficient_bits;    ///< q < 2^coefficient_bits
  unsigned log_base;            ///< log2 B
  unsigned flood_bits;          ///< w, one hop
  unsigned flood_bits_of_hops;  ///< w, up to three hops
  std::size_t message_bits;     ///< μ, coefficients of c0
};
const Shape& shape_of(Suite suite) noexcept;

inline constexpr unsigned kDigits = 2;  ///< ℓ, of all suites

enum class Backend : std::uint8_t { portable, avx2, ifma };
/// Those that this processor has and that are right for q and n; portable first.
std::vector<Backend> backends_for(const Shape& shape);

class Ring {
 public:
  explicit Ring(const Shape& shape);
  Ring(const Shape& shape, Backend backend);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  /// Made once for the process.
  static const Ring& of(Suite suite);

  const Shape& shape() const noexcept { return shape_; }
  std::size_t n() const noexcept { return shape_.n; }
  std::uint64_t q() const noexcept { return shape_.q; }
  Backend backend() const noexcept { return backend_; }
  const kernels::NttTables& tables() const noexcept { return tables_; }

  void forward(std::uint64_t* a) const { forward_(a, tables_); }
  void inverse(std::uint64_t* a) const { inverse_(a, tables_); }
  void multiply(std::uint64_t* out, const std::uint64_t* x, const std::uint64_t* y) const { multiply_(out, x, y, tables_); }
  void multiply_add(std::uint64_t* out, const std::uint64_t* x, const std::uint64_t* y) const { multiply_add_(out, x, y, tables_); }
  /// a[i] += b[i], `count` values.
  void add(std::uint64_t* a, const std::uint64_t* b, std::size_t count) const noexcept;
  /// a[i] −= b[i].
  void subtract(std::uint64_t* a, const std::uint64_t* b, std::size_t count) const noexcept;
  /// A small signed value as residue, without a branch.
  std::uint64_t residue(std::int64_t value) const noexcept {
    return static_cast<std::uint64_t>(value) + (shape_.q & (std::uint64_t{0} - (static_cast<std::uint64_t>(value) >> 63)));
  }

 private:
  void fill_powers();
  void choose(Backend backend);
  Shape shape_;
  Backend backend_{};
  Poly w_, w_shoup_, wi_, wi_shoup_, w_52_, wi_52_;
  std::vector<double> w_d_, wi_d_;
  kernels::NttTables tables_{};
  kernels::Transform forward_ = nullptr, inverse_ = nullptr;
  kernels::Multiply multiply_ = nullptr, multiply_add_ = nullptr;
};

/// Residues of public numbers; variable time.
std::uint64_t multiply_mod(std::uint64_t a, std::uint64_t b, std::uint64_t q) noexcept;
std::uint64_t power_mod(std::uint64_t base, std::uint64_t exponent, std::uint64_t q) noexcept;

}  // namespace tablinum::seal::pre
