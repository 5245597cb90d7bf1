#pragma once
// Loops over the words of one limb. Plain functions on pointers: these files are compiled with more instructions than the rest
// of the program has, so they share no inline code with it. Every version gives the same words. Time depends on sizes only.
#include <stdint.h>

struct FheLimb {
  uint64_t q;             // below 2^60
  uint64_t q_inverse;     // q^-1 mod 2^64
  uint32_t n;             // a power of two, at least 16
  const uint64_t* roots;  // ψ^bitrev(i), then their Shoup companions floor(w·2^64/q)
  const uint64_t* roots_shoup;
  const uint64_t* inverse_roots;  // roots[i]^-1
  const uint64_t* inverse_roots_shoup;
};

struct FheKernels {
  const char* name;
  // In place, words below q in and out.
  void (*ntt)(uint64_t* x, const FheLimb* limb);
  // In place; every word is multiplied by `scale` (with companion) at the end: n^-1, or n^-1 times a constant.
  void (*inverse_ntt)(uint64_t* x, const FheLimb* limb, uint64_t scale, uint64_t scale_shoup);
  // out = a·b·2^-64 + c; c may be null, out may be any of them.
  void (*multiply_add)(uint64_t* out, const uint64_t* a, const uint64_t* b, const uint64_t* c, const FheLimb* limb);
  // out = (x mod q)·w + c for any 64-bit x; c may be null.
  void (*scale_add)(uint64_t* out, const uint64_t* x, uint64_t w, uint64_t w_shoup, const uint64_t* c, const FheLimb* limb);
  // out = small + (q where small is negative), |small| < q.
  void (*from_signed)(uint64_t* out, const int64_t* small, const FheLimb* limb);
};

extern const FheKernels fhe_kernels_portable;
#if defined(__x86_64__)
extern const FheKernels fhe_kernels_avx512;
#endif
