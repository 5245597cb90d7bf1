#pragma once
/// Kernels over arrays of GF(2^128), one table for each set of instructions; all give the same results. Plain functions on
/// pointers: files of other instructions include this. An element is two words, low one first.
#include <cstddef>
#include <cstdint>

namespace tablinum::proof::kernels {

struct Gf {
  std::uint64_t lo, hi;
};

/// One entry of a bound quadratic form: value · V[h0] · V[h1].
struct Corner {
  std::uint32_t h[2];
};

/// One term of a layer: constants[constant] · V[h[0]] · V[h[1]] is part of output g.
struct Term {
  std::uint32_t h[2];
  std::uint32_t g;
  std::uint32_t constant;
};

/// The copies of a template's terms: what a term calls position p is element p · stride + first … + count for them.
/// stride, first and count are multiples of kCopiesStep.
struct Copies {
  std::size_t stride, first, count;
};
inline constexpr std::size_t kCopiesStep = 4;

struct Gf128 {
  const char* name;
  /// out[i] = a[i] · b[i]; out may be a or b.
  void (*mul)(Gf* out, const Gf* a, const Gf* b, std::size_t n);
  /// out[i] = k · a[i]; out may be a.
  void (*scale)(Gf* out, const Gf* k, const Gf* a, std::size_t n);
  /// y[i] += k · a[i].
  void (*axpy)(Gf* y, const Gf* k, const Gf* a, std::size_t n);
  /// y[i] += a[i] · b[i].
  void (*accumulate)(Gf* y, const Gf* a, const Gf* b, std::size_t n);
  /// *out = Σ a[i] · b[i].
  void (*dot)(Gf* out, const Gf* a, const Gf* b, std::size_t n);
  /// Butterflies of the additive transform with twiddle t. forward: a += t b, b += a. backward: b += a, a += t b.
  /// diagonal: (a, b) = (a + t b, a + b).
  void (*forward)(Gf* a, Gf* b, const Gf* t, std::size_t n);
  void (*backward)(Gf* a, Gf* b, const Gf* t, std::size_t n);
  void (*diagonal)(Gf* a, Gf* b, const Gf* t, std::size_t n);
  /// out[i] = a[2i] + c · (a[2i] + a[2i+1]), i < n; out may be a.
  void (*bind)(Gf* out, const Gf* c, const Gf* a, std::size_t n);
  /// p[0] += Σ q[2i] w[2i], p[1] += Σ (q[2i] + q[2i+1]) (w[2i] + w[2i+1]), i < n.
  void (*round)(Gf* p, const Gf* q, const Gf* w, std::size_t n);
  /// q[corner[i].h[hand]] += value[i] · w[corner[i].h[1 − hand]].
  void (*scatter)(Gf* q, const Corner* corner, const Gf* value, const Gf* w, unsigned hand, std::size_t n);
  /// v[g] += constants[constant] · w[h0] · w[h1] for every term; `one` is the index of the constant 1.
  void (*evaluate)(Gf* v, const Term* terms, const Gf* constants, std::uint32_t one, const Gf* w, std::size_t n);
  /// out[i] = left[g] · constants[constant] of term i.
  void (*weights)(Gf* out, const Term* terms, const Gf* left, const Gf* constants, std::uint32_t one, std::size_t n);
  /// out[i] = left[corner[i].h[0]] · right[corner[i].h[1]].
  void (*outer)(Gf* out, const Corner* corner, const Gf* left, const Gf* right, std::size_t n);
  /// q[·] += constant · x[·] · y[·] for every copy of n terms; field[0 … 2] say by which of a term's numbers q, x and y are
  /// found (0, 1: h; 2: g).
  void (*copies)(Gf* q, const Gf* x, const Gf* y, const unsigned* field, const Term* terms, const Gf* constants, std::uint32_t one,
                 const Copies* copies, std::size_t n);
  /// The same without y.
  void (*copies_linear)(Gf* q, const Gf* x, const unsigned* field, const Term* terms, const Gf* constants, std::uint32_t one,
                        const Copies* copies, std::size_t n);
  /// *sum += Σ constant · x[·] · y[·]; field[0], field[1] are those of x and y.
  void (*copies_dot)(Gf* sum, const Gf* x, const Gf* y, const unsigned* field, const Term* terms, const Gf* constants,
                     std::uint32_t one, const Copies* copies, std::size_t n);
  /// out[i] = k[0] · a[2i] + k[1] · a[2i+1], i < n; out may be a.
  void (*fold)(Gf* out, const Gf* k, const Gf* a, std::size_t n);
  /// out[2i] = k[0] · a[i], out[2i+1] = k[1] · a[i], i < n; out is not a.
  void (*spread)(Gf* out, const Gf* k, const Gf* a, std::size_t n);
};

extern const Gf128 kGf128Portable;
extern const Gf128 kGf128Pclmul;
extern const Gf128 kGf128Vpclmul;
extern const Gf128 kGf128Avx512;

}  // namespace tablinum::proof::kernels
