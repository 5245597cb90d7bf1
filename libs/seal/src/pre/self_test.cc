#include "pre/lattice.h"

namespace tablinum::seal::pre {
namespace {

/// The transform of X is the odd powers of ψ; two different polynomials keep their product over there and back.
bool transforms_work(const Ring& ring) {
  Poly x(ring.n(), 0), y(ring.n());
  x[1] = 1;
  for (std::size_t i = 0; i < ring.n(); ++i) y[i] = multiply_mod(i + 1, 0x9e3779b97f4a7c15 % ring.q(), ring.q());
  const auto original = y;
  ring.forward(x.data());
  ring.forward(y.data());
  ring.multiply(y.data(), y.data(), x.data());
  ring.inverse(y.data());
  const auto turned = (ring.q() - original.back()) % ring.q();  // X·X^(n−1) = −1
  return std::equal(original.begin(), original.end() - 1, y.begin() + 1) && y[0] == turned && x[0] == ring.shape().psi;
}

bool exchange_works(const Ring& ring) {
  const auto owner = lattice_keys(ring, random_secret<32>()), delegate = lattice_keys(ring, random_secret<32>());
  const auto secret = random_secret<32>();
  const Message m(secret.view().begin(), secret.view().end());
  const auto capsule = encrypt(owner.public_key, m, random_secret<32>());
  const auto rekey = make_rekey(owner.secret, delegate.public_key, random_secret<32>());
  const auto words = parse_capsule(ring, capsule);
  if (!words) return false;
  const auto out = transform(rekey, *words, ring.shape().flood_bits, {.key = secret.view(), .delegation = {}, .capsule = {}});
  return decrypt(delegate.secret, parse_transformed(ring, serialise_transformed(ring, out))) == m && decrypt(owner.secret, *words) == m;
}

}  // namespace

Result<void> self_test() {
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096})
    for (const auto backend : backends_for(shape_of(suite))) {
      const Ring ring{shape_of(suite), backend};
      if (!transforms_work(ring) || !exchange_works(ring)) return fail(Code::internal, "self-test of proxy re-encryption failed");
    }
  return {};
}

}  // namespace tablinum::seal::pre
