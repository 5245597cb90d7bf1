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

}  // namespace

void extend(Elt* y, std::size_t width, std::size_t n, std::size_t m, Executor& executor) {
  const unsigned l = static_cast<unsigned>(std::bit_width(n - 1));
  const std::size_t size = std::size_t{1} << l;
  const Transform transform{width};

  lf::SecretArray<Elt> coefficients(size * width);
  std::fill(std::copy(y, y + n * width, coefficients.begin()), coefficients.end(), kZero);
  transform.both_ways(l, 0, n, coefficients.data());
  // The first 2^l points: those beyond n came out as values; as coefficients they are 0.
  const auto beyond = coefficients.begin() + static_cast<std::ptrdiff_t>(n * width);
  if (n < m) std::copy(beyond, beyond + static_cast<std::ptrdiff_t>((std::min(m, size) - n) * width), y + n * width);
  std::fill(beyond, coefficients.end(), kZero);

  const std::size_t cosets = (m + size - 1) / size;
  if (cosets <= 1) return;
  executor.for_each(cosets - 1, [&](std::size_t c) {
    const std::size_t begin = (c + 1) * size;
    if (begin + size <= m) {
      std::copy(coefficients.begin(), coefficients.end(), y + begin * width);
      transform.forward(l, begin, y + begin * width);
      return;
    }
    lf::SecretArray<Elt> part = coefficients;
    transform.forward(l, begin, part.data());
    std::copy(part.begin(), part.begin() + static_cast<std::ptrdiff_t>((m - begin) * width), y + begin * width);
  });
}

}  // namespace tablinum::proof
