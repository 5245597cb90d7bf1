#include "pre/lattice.h"

#include <algorithm>

#include "pre/packing.h"

namespace tablinum::seal::pre {
namespace {

template <class Vector>
Vector zeros(const Ring& ring) {
  return Vector(ring.n(), 0);
}

/// Sampled, then transformed.
SecretPoly sampled_2(const Ring& ring, const Seed& seed, std::uint64_t index) {
  auto poly = zeros<SecretPoly>(ring);
  sample_2(ring, seed, index, poly.data(), ring.n());
  ring.forward(poly.data());
  return poly;
}

SecretPoly sampled_21(const Ring& ring, const Seed& seed, std::uint64_t index) {
  auto poly = zeros<SecretPoly>(ring);
  sample_21(ring, seed, index, poly.data(), ring.n());
  ring.forward(poly.data());
  return poly;
}

/// Balanced digits of the centred c1, as residues: d_0 in [−B/2, B/2), d_1 takes what remains.
std::array<Poly, kDigits> digits_of(const Ring& ring, const Poly& c1) {
  const auto& shape = ring.shape();
  std::array<Poly, kDigits> digits{Poly(shape.n), Poly(shape.n)};
  const std::uint64_t q = shape.q, half_q = q / 2, half = std::uint64_t{1} << (shape.log_base - 1), mask = 2 * half - 1;
  const std::uint64_t above = std::uint64_t{1} << (shape.coefficient_bits - shape.log_base);  // keeps everything positive
  const auto* from = c1.data();
  auto* low = digits[0].data();
  auto* high = digits[1].data();
  for (std::size_t j = 0; j < shape.n; ++j) {
    const std::uint64_t negative = 0 - ((half_q - from[j]) >> 63);
    const std::uint64_t lifted = from[j] - (q & negative) + half + (above << shape.log_base);
    low[j] = ring.residue(static_cast<std::int64_t>((lifted & mask) - half));
    high[j] = ring.residue(static_cast<std::int64_t>((lifted >> shape.log_base) - above));
  }
  return digits;
}

/// out[i] += bit i of m times ⌈q/2⌉.
void add_message(const Ring& ring, const Message& m, std::uint64_t* out) {
  const std::uint64_t half = ring.q() / 2 + 1;
  for (std::size_t i = 0; i < ring.shape().message_bits; ++i) {
    const auto bit = static_cast<std::uint64_t>(m[i / 8] >> (i % 8)) & 1;
    out[i] = ring.residue(static_cast<std::int64_t>(out[i] + (half & (0 - bit)) - ring.q()));
  }
}

void round_into(std::span<const std::uint64_t> values, unsigned bits, std::uint64_t q, MutableBytes out) {
  SecretPoly rounded(values.begin(), values.end());
  round_to_bits(rounded, bits, q);
  pack(rounded, bits, out);
}

Poly expand(ByteView bytes, unsigned bits, std::size_t count, std::uint64_t q) {
  Poly values(count);
  unpack(bytes, bits, values);
  expand_from_bits(values, bits, q);
  return values;
}

std::size_t poly_bytes(const Ring& ring) { return packed_bytes(ring.n(), ring.shape().coefficient_bits); }

}  // namespace

std::size_t capsule_bytes(const Ring& ring) noexcept { return poly_bytes(ring) + packed_bytes(ring.shape().message_bits, kCapsuleBits); }
std::size_t rekey_bytes(const Ring& ring) noexcept { return 2 * kDigits * poly_bytes(ring); }
std::size_t transformed_bytes(const Ring& ring) noexcept {
  return packed_bytes(ring.n(), kTransformedC1Bits) + packed_bytes(ring.shape().message_bits, kTransformedC0Bits);
}

LatticeKeys lattice_keys(const Ring& ring, const Seed& seed) {
  LatticeKeys keys{.public_key = {.ring = &ring, .rho = {}, .a = {}, .b = {}}, .secret = {.ring = &ring, .s = {}}};
  auto stream = xof(Shake::Strength::bits256, "seal/v1/kg", {seed.view()}, 0);
  stream.squeeze(keys.public_key.rho);
  Seed sigma;
  stream.squeeze(sigma.mutable_view());
  keys.public_key.a = expand_a(ring, keys.public_key.rho);
  keys.secret.s = sampled_2(ring, sigma, 0);
  const auto error = sampled_21(ring, sigma, 1);
  auto product = zeros<SecretPoly>(ring);
  ring.multiply(product.data(), keys.public_key.a.data(), keys.secret.s.data());
  keys.public_key.b.assign(error.begin(), error.end());
  ring.subtract(keys.public_key.b.data(), product.data(), ring.n());
  return keys;
}

Bytes serialise_lattice_public(const LatticePublic& key) {
  Bytes bytes(32 + poly_bytes(*key.ring));
  std::ranges::copy(key.rho, bytes.begin());
  pack(key.b, key.ring->shape().coefficient_bits, std::span{bytes}.subspan(32));
  return bytes;
}

Result<LatticePublic> parse_lattice_public(const Ring& ring, ByteView bytes) {
  LatticePublic key{.ring = &ring, .rho = {}, .a = {}, .b = Poly(ring.n())};
  std::ranges::copy(bytes.first(32), key.rho.begin());
  unpack(bytes.subspan(32), ring.shape().coefficient_bits, key.b);
  if (!all_below(key.b, ring.q())) return fail(Code::corrupt, "public key: coefficient out of range");
  key.a = expand_a(ring, key.rho);
  return key;
}

Bytes encrypt(const LatticePublic& key, const Message& m, const Seed& coins) {
  const Ring& ring = *key.ring;
  const auto mu = ring.shape().message_bits;
  const auto u = sampled_2(ring, coins, 0);
  auto c1 = zeros<SecretPoly>(ring), c0 = zeros<SecretPoly>(ring);
  ring.multiply(c1.data(), key.a.data(), u.data());
  ring.multiply(c0.data(), key.b.data(), u.data());
  ring.inverse(c1.data());
  ring.inverse(c0.data());
  sample_21(ring, coins, 1, c1.data(), ring.n());
  sample_21(ring, coins, 2, c0.data(), mu);
  add_message(ring, m, c0.data());
  Bytes capsule(capsule_bytes(ring));
  pack(c1, ring.shape().coefficient_bits, std::span{capsule}.first(poly_bytes(ring)));
  round_into(std::span{c0}.first(mu), kCapsuleBits, ring.q(), std::span{capsule}.subspan(poly_bytes(ring)));
  return capsule;
}

Result<Words> parse_capsule(const Ring& ring, ByteView capsule) {
  Words words{.c1 = Poly(ring.n()), .c0 = expand(capsule.subspan(poly_bytes(ring)), kCapsuleBits, ring.shape().message_bits, ring.q())};
  unpack(capsule.first(poly_bytes(ring)), ring.shape().coefficient_bits, words.c1);
  if (!all_below(words.c1, ring.q())) return fail(Code::corrupt, "capsule: coefficient out of range");
  return words;
}

LatticeRekey make_rekey(const LatticeSecret& from, const LatticePublic& to, const Seed& coins) {
  const Ring& ring = *from.ring;
  LatticeRekey rekey{.ring = &ring, .beta = {}, .theta = {}};
  SecretPoly scaled = from.s;  // B^i·s_C; scaling commutes with the transform
  const Poly base(ring.n(), std::uint64_t{1} << ring.shape().log_base);
  for (unsigned i = 0; i < kDigits; ++i) {
    if (i > 0) ring.multiply(scaled.data(), scaled.data(), base.data());
    const auto u = sampled_2(ring, coins, 3 * i);
    auto beta = sampled_21(ring, coins, 3 * i + 1), theta = sampled_21(ring, coins, 3 * i + 2);
    ring.multiply_add(beta.data(), to.b.data(), u.data());
    ring.add(beta.data(), scaled.data(), ring.n());
    ring.multiply_add(theta.data(), to.a.data(), u.data());
    rekey.beta.push_back(std::move(beta));
    rekey.theta.push_back(std::move(theta));
  }
  return rekey;
}

SecretBytes serialise_rekey(const LatticeRekey& rekey) {
  SecretBytes bytes(rekey_bytes(*rekey.ring));
  const auto size = poly_bytes(*rekey.ring);
  for (std::size_t i = 0; i < rekey.beta.size(); ++i) {
    pack(rekey.beta[i], rekey.ring->shape().coefficient_bits, std::span{bytes}.subspan(2 * i * size, size));
    pack(rekey.theta[i], rekey.ring->shape().coefficient_bits, std::span{bytes}.subspan((2 * i + 1) * size, size));
  }
  return bytes;
}

Result<LatticeRekey> parse_rekey(const Ring& ring, ByteView bytes) {
  LatticeRekey rekey{.ring = &ring, .beta = {}, .theta = {}};
  const auto size = poly_bytes(ring);
  bool good = true;
  for (std::size_t i = 0; i < 2 * kDigits; ++i) {
    SecretPoly poly(ring.n());
    unpack(bytes.subspan(i * size, size), ring.shape().coefficient_bits, poly);
    good &= all_below(poly, ring.q());
    (i % 2 == 0 ? rekey.beta : rekey.theta).push_back(std::move(poly));
  }
  if (!good) return fail(Code::corrupt, "delegation: coefficient out of range");
  return rekey;
}

Words transform(const LatticeRekey& rekey, const Words& capsule, unsigned flood_bits, const FloodSeed& seed) {
  const Ring& ring = *rekey.ring;
  const auto mu = ring.shape().message_bits;
  auto digits = digits_of(ring, capsule.c1);
  Words out{.c1 = Poly(ring.n()), .c0 = {}};
  auto c0 = zeros<SecretPoly>(ring);  // before the flood it tells of e·u + e1·s
  for (std::size_t i = 0; i < digits.size(); ++i) {
    ring.forward(digits[i].data());
    ring.multiply_add(out.c1.data(), digits[i].data(), rekey.theta[i].data());
    ring.multiply_add(c0.data(), digits[i].data(), rekey.beta[i].data());
  }
  ring.inverse(out.c1.data());
  ring.inverse(c0.data());
  ring.add(c0.data(), capsule.c0.data(), mu);
  if (flood_bits > 0) sample_flood(ring, flood_bits, {seed.key, seed.delegation, seed.capsule}, c0.data(), mu);
  out.c0.assign(c0.begin(), c0.begin() + static_cast<std::ptrdiff_t>(mu));
  return out;
}

Bytes serialise_transformed(const Ring& ring, const Words& words) {
  Bytes bytes(transformed_bytes(ring));
  const auto c1_bytes = packed_bytes(ring.n(), kTransformedC1Bits);
  round_into(words.c1, kTransformedC1Bits, ring.q(), std::span{bytes}.first(c1_bytes));
  round_into(words.c0, kTransformedC0Bits, ring.q(), std::span{bytes}.subspan(c1_bytes));
  return bytes;
}

Words parse_transformed(const Ring& ring, ByteView bytes) {
  const auto c1_bytes = packed_bytes(ring.n(), kTransformedC1Bits);
  return {.c1 = expand(bytes.first(c1_bytes), kTransformedC1Bits, ring.n(), ring.q()),
          .c0 = expand(bytes.subspan(c1_bytes), kTransformedC0Bits, ring.shape().message_bits, ring.q())};
}

SecretPoly phase(const LatticeSecret& key, const Words& words) {
  const Ring& ring = *key.ring;
  SecretPoly v(words.c1.begin(), words.c1.end());
  ring.forward(v.data());
  ring.multiply(v.data(), v.data(), key.s.data());
  ring.inverse(v.data());
  ring.add(v.data(), words.c0.data(), words.c0.size());
  v.resize(words.c0.size());
  return v;
}

Message decide(const Ring& ring, const SecretPoly& phase) {
  const std::uint64_t low = ring.q() / 4, high = ring.q() - low;  // 1 iff low < v < high, that is q/4 < v < 3q/4: q is odd
  Message m(ring.shape().message_bits / 8);
  const auto* v = phase.data();
  for (auto& byte : m) {  // a whole byte in a register: writing bit by bit, memory would see every prefix of the message
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 8; ++i, ++v) bits |= (((low - *v) >> 63) & ((*v - high) >> 63)) << i;
    byte = static_cast<std::byte>(bits);
  }
  return m;
}

Message decrypt(const LatticeSecret& key, const Words& words) { return decide(*key.ring, phase(key, words)); }

}  // namespace tablinum::seal::pre
