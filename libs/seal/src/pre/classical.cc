#include "pre/classical.h"

#include <sodium.h>

#include <algorithm>

namespace tablinum::seal::pre {
namespace {

unsigned char* raw_out(MutableBytes bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Scalar reduced(ByteView wide) noexcept {
  Scalar scalar;
  crypto_core_ristretto255_scalar_reduce(raw_out(scalar.mutable_view()), raw(wide));
  return scalar;
}

// libsodium's answer says whether the result is the identity or an operand none. The bytes say it, too: the identity's one canonical
// encoding is 32 zeros, and where there is no result they stay as they were. So nothing here branches on what a secret made.

/// scalar·point; the identity if the scalar is 0 or the point is bad.
Point times(const Scalar& scalar, const Point& point) noexcept {
  Point product{};
  (void)crypto_scalarmult_ristretto255(raw_out(product), raw(scalar.view()), raw(point));
  return product;
}

Point plus(const Point& p, const Point& q) noexcept {
  Point sum{};
  (void)crypto_core_ristretto255_add(raw_out(sum), raw(p), raw(q));
  return sum;
}

Point minus(const Point& p, const Point& q) noexcept {
  Point difference{};
  (void)crypto_core_ristretto255_sub(raw_out(difference), raw(p), raw(q));
  return difference;
}

bool is_identity(const Point& point) noexcept { return sodium_is_zero(raw(point), point.size()) == 1; }

Scalar multiply(const Scalar& x, const Scalar& y) noexcept {
  Scalar product;
  crypto_core_ristretto255_scalar_mul(raw_out(product.mutable_view()), raw(x.view()), raw(y.view()));
  return product;
}

Scalar add(const Scalar& x, const Scalar& y) noexcept {
  Scalar sum;
  crypto_core_ristretto255_scalar_add(raw_out(sum.mutable_view()), raw(x.view()), raw(y.view()));
  return sum;
}

bool is_zero(const Scalar& scalar) noexcept { return sodium_is_zero(raw(scalar.view()), 32) == 1; }

Scalar as_scalar(const std::array<std::byte, 32>& bytes) noexcept { return Scalar{std::span<const std::byte, 32>{bytes}}; }

void store(const Scalar& scalar, std::array<std::byte, 32>& to) noexcept { std::ranges::copy(scalar.view(), to.begin()); }

Secret<32> as_secret(Point& point) noexcept {
  Secret<32> secret{std::span<const std::byte, 32>{point}};
  wipe(point);
  return secret;
}

Scalar challenge(const ClassicalCapsule& capsule, const Fragment& f, const Point& te, const Point& tv, const Point& tu,
                 ByteView context) noexcept {
  return hash_to_scalar("dleq", {capsule.e, capsule.v, f.e1, f.v1, f.r, te, tv, tu, f.x, context});
}

}  // namespace

[[gnu::weak]] bool told(bool outcome) noexcept { return outcome; }

Scalar hash_to_scalar(std::string_view domain, std::initializer_list<ByteView> parts) noexcept {
  SecretBytes message;
  const auto take = [&](ByteView part) { message.insert(message.end(), part.begin(), part.end()); };
  take(bytes_of("seal/v1/"));
  take(bytes_of(domain));
  for (const auto part : parts) take(part);
  auto wide = sha512(message);
  auto scalar = reduced(std::as_bytes(std::span{wide}));
  wipe(std::as_writable_bytes(std::span{wide}));
  return scalar;
}

bool is_point(ByteView bytes) noexcept {
  return bytes.size() == 32 && crypto_core_ristretto255_is_valid_point(raw(bytes)) == 1 && sodium_is_zero(raw(bytes), 32) == 0;
}

bool is_scalar(ByteView bytes) noexcept {
  if (bytes.size() != 32) return false;
  std::array<std::byte, 64> wide{};
  std::ranges::copy(bytes, wide.begin());
  const bool same = equal_constant_time(reduced(wide).view(), bytes);
  wipe(wide);
  return same;
}

Point times_base(const Scalar& scalar) noexcept {
  Point product{};
  (void)crypto_scalarmult_ristretto255_base(raw_out(product), raw(scalar.view()));
  return product;
}

Point point_from_uniform(std::span<const std::byte, 64> uniform) noexcept {
  Point point{};
  crypto_core_ristretto255_from_hash(raw_out(point), raw(uniform));
  return point;
}

const Point& second_generator() noexcept {
  static const Point generator = [] {
    const auto wide = sha512(bytes_of("seal/v1/U"));
    return point_from_uniform(std::as_bytes(std::span{wide}));
  }();
  return generator;
}

ClassicalKeys classical_keys(const Secret<32>& seed) noexcept {
  ClassicalKeys keys{.secret = hash_to_scalar("cls-kg", {seed.view()}), .public_key = {}};
  keys.public_key = times_base(keys.secret);
  return keys;
}

std::array<std::byte, 96> serialise(const ClassicalCapsule& capsule) noexcept {
  std::array<std::byte, 96> bytes;
  auto* at = bytes.data();
  for (const auto* part : {&capsule.e, &capsule.v, &capsule.s}) at = std::ranges::copy(*part, at).out;
  return bytes;
}

ClassicalCapsule split_capsule(std::span<const std::byte, 96> bytes) noexcept {
  ClassicalCapsule capsule;
  auto from = bytes.begin();
  for (auto* part : {&capsule.e, &capsule.v, &capsule.s}) from = std::ranges::copy_n(from, 32, part->begin()).in;
  return capsule;
}

bool well_formed(const ClassicalCapsule& capsule) noexcept { return is_point(capsule.e) && is_point(capsule.v) && is_scalar(capsule.s); }

bool verify(const ClassicalCapsule& capsule, const Point& a, ByteView context) noexcept {
  if (!well_formed(capsule)) return false;
  const auto h = hash_to_scalar("cap", {capsule.e, capsule.v, a, context});
  return times_base(as_scalar(capsule.s)) == plus(capsule.v, times(h, capsule.e));
}

ClassicalSecret encapsulate(const Point& a, ByteView context, const WideSeed& coins_r, const WideSeed& coins_v) noexcept {
  const auto r = reduced(coins_r.view()), v = reduced(coins_v.view());
  ClassicalSecret result;
  result.capsule.e = times_base(r);
  result.capsule.v = times_base(v);
  const auto h = hash_to_scalar("cap", {result.capsule.e, result.capsule.v, a, context});
  store(add(v, multiply(r, h)), result.capsule.s);
  auto k = times(add(r, v), a);
  result.key = as_secret(k);
  return result;
}

Result<ClassicalRekey> make_rekey(const Scalar& a_secret, const Point& a, const Point& b, ByteView info, const WideSeed& coins) {
  if (a == b) return fail(Code::conflict, "delegation to the collection's own key");
  const auto x = reduced(coins.view());
  ClassicalRekey rekey{.rk = {}, .x = times_base(x), .r = {}};
  auto shared = times(x, b);
  const auto d = hash_to_scalar("rk", {rekey.x, b, shared, a, info});
  wipe(shared);
  Scalar inverse;  // of 0: 0, which makes a neutral R
  (void)crypto_core_ristretto255_scalar_invert(raw_out(inverse.mutable_view()), raw(d.view()));
  rekey.rk = multiply(a_secret, inverse);
  rekey.r = times(rekey.rk, second_generator());
  if (told(is_identity(rekey.x)) || told(is_identity(rekey.r))) return fail(Code::internal, "neutral rekey");
  return rekey;
}

std::array<std::byte, 192> serialise(const Fragment& fragment) noexcept {
  std::array<std::byte, 192> bytes;
  auto* at = bytes.data();
  for (const auto* part : {&fragment.e1, &fragment.v1, &fragment.x, &fragment.r, &fragment.c, &fragment.z})
    at = std::ranges::copy(*part, at).out;
  return bytes;
}

Fragment split_fragment(std::span<const std::byte, 192> bytes) noexcept {
  Fragment fragment;
  auto from = bytes.begin();
  for (auto* part : {&fragment.e1, &fragment.v1, &fragment.x, &fragment.r, &fragment.c, &fragment.z})
    from = std::ranges::copy_n(from, 32, part->begin()).in;
  return fragment;
}

bool well_formed(const Fragment& f) noexcept {
  return is_point(f.e1) && is_point(f.v1) && is_point(f.x) && is_point(f.r) && is_scalar(f.c) && is_scalar(f.z);
}

Result<Fragment> reencrypt(const ClassicalRekey& rekey, const ClassicalCapsule& capsule, const Point& a, ByteView context,
                           const Secret<32>& nonce_key, ByteView delegation) {
  if (told(is_zero(rekey.rk)) || !verify(capsule, a, context)) return fail(Code::denied, "classical capsule is forged");
  Fragment f{.e1 = times(rekey.rk, capsule.e), .v1 = times(rekey.rk, capsule.v), .x = rekey.x, .r = rekey.r, .c = {}, .z = {}};
  const auto t = hash_to_scalar("dleq-t", {nonce_key.view(), delegation, serialise(capsule), context});
  const auto c = challenge(capsule, f, times(t, capsule.e), times(t, capsule.v), times(t, second_generator()), context);
  store(c, f.c);
  store(add(t, multiply(c, rekey.rk)), f.z);
  return f;
}

bool verify(const Fragment& f, const ClassicalCapsule& capsule, ByteView context) noexcept {
  if (!well_formed(f) || !well_formed(capsule)) return false;
  const auto c = as_scalar(f.c), z = as_scalar(f.z);
  const auto commitment = [&](const Point& base, const Point& image) { return minus(times(z, base), times(c, image)); };
  const auto te = commitment(capsule.e, f.e1), tv = commitment(capsule.v, f.v1), tu = commitment(second_generator(), f.r);
  return challenge(capsule, f, te, tv, tu, context) == c;
}

Result<Secret<32>> open_fragment(const Scalar& b_secret, const Point& b, const Fragment& f, const Point& a, ByteView info) {
  auto shared = times(b_secret, f.x);
  const auto d = hash_to_scalar("rk", {f.x, b, shared, a, info});
  wipe(shared);
  auto k = times(d, plus(f.e1, f.v1));
  if (told(is_identity(k))) return fail(Code::corrupt, "neutral key");
  return as_secret(k);
}

}  // namespace tablinum::seal::pre
