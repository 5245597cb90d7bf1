// SHA-256's compression function as Boolean gates (FIPS 180-4 §6.2.2): 31 ANDs an addition, 32 each for Ch and Maj.
#include "vole/boolean_circuit.h"

namespace tablinum::proof::vole {
namespace {

constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

class ShaGates {
 public:
  explicit ShaGates(Gates& gates) : gates_{gates} {}

  Word constant(std::uint32_t value) const {
    Word word;
    for (unsigned i = 0; i < 32; ++i) word[i] = gates_.constant(value >> i & 1);
    return word;
  }
  /// Modulo 2^32. The carry is (a ⊕ c)(b ⊕ c) ⊕ c; that of the last bit is not needed.
  Word add(const Word& a, const Word& b) const {
    Word sum;
    Bit carry = gates_.constant(false);
    for (unsigned i = 0; i < 32; ++i) {
      const Bit a_carry = gates_.exclusive_or(a[i], carry);
      const Bit b_carry = gates_.exclusive_or(b[i], carry);
      sum[i] = gates_.exclusive_or(a_carry, b[i]);
      if (i < 31) carry = gates_.exclusive_or(gates_.both(a_carry, b_carry), carry);
    }
    return sum;
  }
  /// Bits by which the three words are turned right; a `shift` instead loses them.
  Word sigma(const Word& x, unsigned first, unsigned second, unsigned third, bool shift) const {
    Word out;
    for (unsigned i = 0; i < 32; ++i) {
      const Bit turned = gates_.exclusive_or(x[(i + first) % 32], x[(i + second) % 32]);
      const Bit last = shift && i + third >= 32 ? gates_.constant(false) : x[(i + third) % 32];
      out[i] = gates_.exclusive_or(turned, last);
    }
    return out;
  }
  Word choose(const Word& e, const Word& f, const Word& g) const {
    Word out;
    for (unsigned i = 0; i < 32; ++i) out[i] = gates_.select(e[i], f[i], g[i]);
    return out;
  }
  Word majority(const Word& a, const Word& b, const Word& c) const {
    Word out;
    for (unsigned i = 0; i < 32; ++i) {
      const Bit ab = gates_.exclusive_or(a[i], b[i]);
      const Bit ac = gates_.exclusive_or(a[i], c[i]);
      out[i] = gates_.exclusive_or(gates_.both(ab, ac), a[i]);
    }
    return out;
  }
  /// w[t], t ≥ 16, into its place of the ring of 16.
  void extend(BlockWords& w, unsigned t) const {
    const Word recent = add(sigma(w[(t - 2) % 16], 17, 19, 10, true), w[(t - 7) % 16]);
    const Word older = add(sigma(w[(t - 15) % 16], 7, 18, 3, true), w[t % 16]);
    w[t % 16] = add(recent, older);
  }
  void round(StateWords& s, const Word& w, std::uint32_t k) const {
    const Word scheduled = add(w, constant(k));
    const Word chosen = add(s[7], choose(s[4], s[5], s[6]));
    const Word first = add(add(chosen, sigma(s[4], 6, 11, 25, false)), scheduled);
    const Word second = add(sigma(s[0], 2, 13, 22, false), majority(s[0], s[1], s[2]));
    s = {add(first, second), s[0], s[1], s[2], add(s[3], first), s[4], s[5], s[6]};
  }

 private:
  Gates& gates_;
};

}  // namespace

StateWords Recorder::compress(const StateWords& state, const BlockWords& block) {
  const ShaGates sha{*this};
  StateWords s = state;
  BlockWords w = block;
  for (unsigned t = 0; t < 64; ++t) {
    if (t >= 16) sha.extend(w, t);
    sha.round(s, w[t % 16], kRoundConstants[t]);
  }
  for (unsigned i = 0; i < 8; ++i) s[i] = sha.add(s[i], state[i]);
  return s;
}

}  // namespace tablinum::proof::vole
