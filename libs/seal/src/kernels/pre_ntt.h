#pragma once
/// The transforms' inner loops. Declarations only: kernel files may share no inline code (docs/developing.md).
#include <stddef.h>
#include <stdint.h>

namespace tablinum::seal::pre::kernels {

/// Tables of one ring Z_q[X]/(X^n+1). Powers of ψ in bit-reversed order: w[i] = ψ^bitrev(i), wi[i] = w[i]^-1, i < n.
/// `_shoup`: ⌊w·2^64/q⌋. `_52`: ⌊w·2^52/q⌋. `_d`: w as a double. A table that no kernel in use needs is null.
struct NttTables {
  size_t n;
  uint64_t q;
  uint64_t barrett;        ///< ⌊2^(62+bits)/q⌋, q < 2^bits
  unsigned barrett_shift;  ///< bits − 2
  uint64_t barrett_52;     ///< ⌊2^(50+bits)/q⌋, for q < 2^50
  const uint64_t *w, *w_shoup, *wi, *wi_shoup;
  uint64_t n_inverse, n_inverse_shoup;
  const uint64_t *w_52, *wi_52;
  uint64_t n_inverse_52;
  const double *w_d, *wi_d;
  double n_inverse_d;
};

/// Negacyclic transform in place: natural order in, bit-reversed order out; and back. All values < q before and after.
using Transform = void (*)(uint64_t* a, const NttTables& tables);
/// out[i] = x[i]·y[i], and out[i] += x[i]·y[i]; n values < q. `out` may be x or y.
using Multiply = void (*)(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);

// Any q < 2^62, n ≥ 2.
void ntt_forward_portable(uint64_t* a, const NttTables& tables);
void ntt_inverse_portable(uint64_t* a, const NttTables& tables);
void multiply_portable(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);
void multiply_add_portable(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);

// q < 2^42, 16 ≤ n ≤ 4096: products in doubles, made exact by FMA.
void ntt_forward_avx2(uint64_t* a, const NttTables& tables);
void ntt_inverse_avx2(uint64_t* a, const NttTables& tables);
void multiply_avx2(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);
void multiply_add_avx2(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);

// q < 2^50, n ≥ 32: 52-bit multiply-add.
void ntt_forward_ifma(uint64_t* a, const NttTables& tables);
void ntt_inverse_ifma(uint64_t* a, const NttTables& tables);
void multiply_ifma(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);
void multiply_add_ifma(uint64_t* out, const uint64_t* x, const uint64_t* y, const NttTables& tables);

}  // namespace tablinum::seal::pre::kernels
