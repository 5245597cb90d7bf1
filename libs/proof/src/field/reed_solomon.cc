#include "field/reed_solomon.h"

#include <algorithm>
#include <bit>

#include "field/vectors.h"
#include "lf/arrays.h"

namespace tablinum::proof {
namespace {

// Ŵ_i(β_k), where W_0(X) = X, W_{i+1}(X) = W_i(X) (W_i(X) + W_i(β_i)), Ŵ_i = W_i / W_i(β_i).
struct Normalized {
  std::array<std::array<Elt, 16>, 16> at;
  Normalized() {
    std::array<Elt, 16> w;
    for (unsigned k = 0; k < 16; ++k) w[k] = inj(static_cast<std::uint16_t>(1U << k));
    for (unsigned i = 0; i < 16; ++i) {
      const Elt scale = invert(w[i]);
      for (unsigned k = 0; k < 16; ++k) at[i][k] = mul(scale, w[k]);
      const Elt own = w[i];
      for (unsigned k = 0; k < 16; ++k) w[k] = mul(w[k], w[k] + own);
    }
  }
};

Elt twiddle(unsigned i, std::size_t u) {
  static const Normalized normalized;
  Elt t;
  for (unsigned k = 0; u != 0; ++k, u >>= 1)
    if (u & 1) t += normalized.at[i][k];
  return t;
}

// Transforms of `width` codewords at a time; B holds 2^l points beginning with the point `coset`.
struct Transform {
  std::size_t width;
  const kernels::Gf128& kernel = gf();

  using Butterfly = void (*)(kernels::Gf*, kernels::Gf*, const kernels::Gf*, std::size_t);
  // Butterflies of the points [from, to) with those 2^i further.
  void butterflies(Butterfly f, Elt* b, std::size_t from, std::size_t to, std::size_t s, Elt t) const {
    if (from < to) f(raw(b + from * width), raw(b + (from + s) * width), raw(&t), (to - from) * width);
  }

  void forward(unsigned l, std::size_t coset, Elt* b) const {
    for (unsigned i = l; i-- > 0;) level(kernel.forward, i, l, coset, b);
  }
  void backward(unsigned l, std::size_t coset, Elt* b) const {
    for (unsigned i = 0; i < l; ++i) level(kernel.backward, i, l, coset, b);
  }
  void level(Butterfly f, unsigned i, unsigned l, std::size_t coset, Elt* b) const {
    const std::size_t s = std::size_t{1} << i;
    for (std::size_t u = 0; u < std::size_t{1} << l; u += 2 * s) butterflies(f, b + u * width, 0, s, s, twiddle(i, coset + u));
  }

  // Takes k values followed by 2^l − k coefficients, gives k coefficients followed by 2^l − k values.
  void both_ways(unsigned l, std::size_t coset, std::size_t k, Elt* b) const {
    if (l == 0) return;
    const unsigned i = l - 1;
    const std::size_t s = std::size_t{1} << i;
    const Elt t = twiddle(i, coset);
    Elt* upper = b + s * width;
    if (k < s) {
      butterflies(kernel.forward, b, k, s, s, t);
      both_ways(i, coset, k, b);
      butterflies(kernel.diagonal, b, 0, k, s, t);
      forward(i, coset + s, upper);
    } else {
      backward(i, coset, b);
      butterflies(kernel.diagonal, b, k - s, s, s, t);
      both_ways(i, coset + s, k - s, upper);
      butterflies(kernel.backward, b, 0, k - s, s, t);
    }
  }
};

constexpr std::size_t kWidthForThread = 16;  // codewords that are worth a thread of their own

// The n values of every codeword become coefficients; y gets the values from n to m or the transform's end. Codewords do not depend on
// each other, so threads take ranges of them.
void interpolate(Elt* y, std::size_t width, std::size_t n, std::size_t m, unsigned l, Elt* coefficients, Executor& executor) {
  const std::size_t size = std::size_t{1} << l;
  const std::size_t parts = std::clamp<std::size_t>(width / kWidthForThread, 1, executor.threads());
  executor.for_each(parts, [&](std::size_t part) {
    const std::size_t first = width * part / parts, own = width * (part + 1) / parts - first;
    lf::SecretArray<Elt> points;
    if (parts > 1) points.resize(size * own);
    Elt* const b = parts > 1 ? points.data() : coefficients;
    for (std::size_t i = 0; i < n; ++i) std::copy_n(y + i * width + first, own, b + i * own);
    std::fill(b + n * own, b + size * own, kZero);
    Transform{own}.both_ways(l, 0, n, b);
    // Those beyond n came out as values; as coefficients they are 0.
    for (std::size_t i = n; i < std::min(m, size); ++i) std::copy_n(b + i * own, own, y + i * width + first);
    for (std::size_t i = 0; parts > 1 && i < n; ++i) std::copy_n(b + i * own, own, coefficients + i * width + first);
  });
  std::fill(coefficients + n * width, coefficients + size * width, kZero);
}

}  // namespace

void extend(Elt* y, std::size_t width, std::size_t n, std::size_t m, Executor& executor) {
  const unsigned l = static_cast<unsigned>(std::bit_width(n - 1));
  const std::size_t size = std::size_t{1} << l;
  lf::SecretArray<Elt> coefficients(size * width);
  interpolate(y, width, n, m, l, coefficients.data(), executor);

  const std::size_t cosets = (m + size - 1) / size;
  if (cosets <= 1) return;
  if (l == 0) {  // constants
    for (std::size_t i = 1; i < m; ++i) std::copy_n(y, width, y + i * width);
    return;
  }
  lf::SecretArray<Elt> last;  // a coset that ends beyond m
  if (m % size != 0) last.resize(size * width);
  const auto points = [&](std::size_t coset) { return coset + size <= m ? y + coset * width : last.data(); };

  const Transform transform{width};
  const auto copy_to = [&](std::size_t coset, std::size_t from, std::size_t count) {
    std::copy_n(coefficients.data() + from * width, count * width, points(coset) + from * width);
  };
  const std::size_t whole = (cosets - 1) / executor.threads() * executor.threads();
  executor.for_each(whole, [&](std::size_t c) {
    const std::size_t coset = (c + 1) * size;
    copy_to(coset, 0, size);
    transform.forward(l, coset, points(coset));
  });
  // Cosets that would leave threads idle: the first level pairs the halves of one, then they are transforms of their own.
  const std::size_t left = cosets - 1 - whole, half = size / 2;
  const auto left_coset = [&](std::size_t task) { return (whole + task / 2 + 1) * size; };
  executor.for_each(2 * left, [&](std::size_t task) {
    const std::size_t coset = left_coset(task), from = task % 2 * half / 2, to = task % 2 == 0 ? half / 2 : half;
    for (const std::size_t at : {from, half + from}) copy_to(coset, at, to - from);
    transform.butterflies(transform.kernel.forward, points(coset), from, to, half, twiddle(l - 1, coset));
  });
  executor.for_each(2 * left, [&](std::size_t task) {
    const std::size_t coset = left_coset(task), first = task % 2 * half;
    transform.forward(l - 1, coset + first, points(coset) + first * width);
  });
  if (!last.empty()) std::copy_n(last.data(), (m % size) * width, y + (m - m % size) * width);
}

}  // namespace tablinum::proof
