#include "fhe/context.h"

#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <string_view>

#include "fhe/modulus.h"
#include "tablinum/base/cpu.h"

namespace tablinum::seal::fhe {
namespace {

// Homomorphic encryption standard (2018), ternary secret, 128 bits against classical attacks.
constexpr unsigned kModulusBits4096 = 109;
constexpr unsigned kModulusBits8192 = 218;

// Primes of exactly that many bits, largest first.
std::vector<std::uint64_t> primes_below(unsigned bits, std::uint64_t step, unsigned count) {
  std::vector<std::uint64_t> primes;
  for (auto q = (std::uint64_t{1} << bits) - step + 1; primes.size() < count && (q >> (bits - 1)) != 0; q -= step)
    if (is_prime(q)) primes.push_back(q);
  return primes;
}

void fill_limb(Limb& limb, const Internals& c) {
  const auto t = c.parameters.plaintext_modulus;
  limb.t_inverse = scalar(inverse_mod(t % limb.q, limb.q), limb.q);
  std::uint64_t others = 1;
  for (const auto q : c.moduli)
    if (q != limb.q) others = multiply_mod(others, q % limb.q, limb.q);
  limb.decrypt_scale = scalar(multiply_mod(limb.n_inverse.value, inverse_mod(others, limb.q), limb.q), limb.q);
  limb.shift = static_cast<unsigned>(__builtin_clzll(limb.q));
  limb.reciprocal = static_cast<std::uint64_t>((Wide{1} << 127) / (limb.q << limb.shift));
}

// Slots in the order of powers of 5, then their negatives, modulo 2N: the order in which the rotations of other libraries move
// them.
std::vector<std::uint32_t> slot_order(std::uint32_t n) {
  const auto bits = static_cast<unsigned>(__builtin_ctz(n));
  std::vector<std::uint32_t> order(n);
  std::uint32_t exponent = 1;
  for (std::uint32_t i = 0; i < n / 2; ++i) {
    order[i] = reverse_bits((exponent - 1) / 2, bits);
    order[n / 2 + i] = reverse_bits((2 * n - exponent - 1) / 2, bits);
    exponent = exponent * 5 % (2 * n);
  }
  return order;
}

void fill_plain(Internals& c) {
  const auto t = c.parameters.plaintext_modulus;
  std::uint64_t product = 1;
  for (const auto q : c.moduli) {
    product = multiply_mod(product, q % t, t);
    c.log2_q += std::log2(static_cast<double>(q));
  }
  c.minus_q_mod_t = scalar((t - product) % t, t);
  if ((t - 1) % (2 * std::uint64_t{c.n}) != 0) return;
  c.plain.emplace_back(t, c.n);
  c.encode_scale = scalar(multiply_mod(c.minus_q_mod_t.value, c.plain[0].n_inverse.value, t), t);
  c.slot_index = slot_order(c.n);
}

Result<std::uint32_t> secure_dimension(const Parameters& p) {
  const unsigned bits = p.limb_bits * p.limbs;
  if (p.limb_bits < kLimbBitsMin || p.limb_bits > kLimbBitsMax) return fail(Code::invalid, "limb_bits must be 40 to 60");
  if (p.limbs < 2 || p.limbs > kLimbsMax) return fail(Code::invalid, "limbs must be 2 or 3");
  if (bits <= kModulusBits4096) return 4096;
  if (bits <= kModulusBits8192) return 8192;
  return fail(Code::invalid, "the modulus has over 218 bits");
}

struct Registry {
  std::mutex mutex;
  std::map<Parameters, std::weak_ptr<const Context>> contexts;
};

Registry& registry() {
  static Registry one;
  return one;
}

}  // namespace

Scalar scalar(std::uint64_t value, std::uint64_t q) { return {value, shoup(value, q)}; }

Ring::Ring(std::uint64_t prime, std::uint32_t size)
    : q{prime},
      n{size},
      root{smallest_root(prime, 2 * std::uint64_t{size})},
      q_inverse{inverse_mod_word(prime)},
      n_inverse{scalar(inverse_mod(size, prime), prime)},
      montgomery_one{static_cast<std::uint64_t>((Wide{1} << 64) % prime)},
      montgomery_squared{multiply_mod(montgomery_one, montgomery_one, prime)},
      roots_(size),
      roots_shoup_(size),
      inverse_roots_(size),
      inverse_roots_shoup_(size) {
  const auto bits = static_cast<unsigned>(__builtin_ctz(n));
  const auto inverse = inverse_mod(root, q);
  std::uint64_t power = 1;
  std::uint64_t inverse_power = 1;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto at = reverse_bits(i, bits);
    roots_[at] = power;
    roots_shoup_[at] = shoup(power, q);
    inverse_roots_[at] = inverse_power;
    inverse_roots_shoup_[at] = shoup(inverse_power, q);
    power = multiply_mod(power, root, q);
    inverse_power = multiply_mod(inverse_power, inverse, q);
  }
}

FheLimb Ring::limb() const noexcept {
  return {q, q_inverse, n, roots_.data(), roots_shoup_.data(), inverse_roots_.data(), inverse_roots_shoup_.data()};
}

const FheKernels& best_kernels() noexcept {
#if defined(__x86_64__)
  if (cpu().avx512) return fhe_kernels_avx512;
#endif
  return fhe_kernels_portable;
}

const FheKernels* kernels_named(std::string_view name) noexcept {
  if (name == best_kernels().name) return &best_kernels();
  return name == fhe_kernels_portable.name ? &fhe_kernels_portable : nullptr;
}

Result<std::unique_ptr<const Internals>> make_internals(const Parameters& parameters, std::uint32_t n) {
  const auto t = parameters.plaintext_modulus;
  if (t < 17 || t > kPlaintextModulusMax || !is_prime(t))
    return fail(Code::invalid, "the plaintext modulus must be a prime, 17 to 2^30");
  auto c = std::make_unique<Internals>();
  c->parameters = parameters;
  c->n = n;
  c->kernels = &best_kernels();
  c->moduli = primes_below(parameters.limb_bits, 2 * std::uint64_t{n}, parameters.limbs);
  if (c->moduli.size() != parameters.limbs) return fail(Code::invalid, "too few primes of that size");
  c->limbs.reserve(c->moduli.size());
  for (const auto q : c->moduli) fill_limb(c->limbs.emplace_back(q, n), *c);
  fill_plain(*c);
  return c;
}

// Noise. A product of a centred binomial (variance 10.5) and a ternary polynomial (variance 2/3) has variance 7N; a fresh
// ciphertext has e·u + e1·s + e0. A hop adds for every limb such noise times a digit, uniform below q: variance q²/12, N
// coefficients.
double fresh_noise_bits(const Internals& c) noexcept { return 0.5 * std::log2(14.0 * c.n + 10.5); }

double hop_noise_bits(const Internals& c) noexcept {
  double digits = 0;
  for (const auto q : c.moduli) digits += std::exp2(2 * std::log2(static_cast<double>(q)) - std::log2(12.0));
  return 0.5 * std::log2(digits * c.n) + fresh_noise_bits(c);
}

double noise_limit_bits(const Internals& c) noexcept {
  return c.log2_q - 1 - std::log2(static_cast<double>(c.parameters.plaintext_modulus));
}

double noise_bits(const Internals& c, std::uint32_t hops, std::uint32_t flooded) noexcept {
  constexpr double kDeviations = 12.0;  // erfc(12/√2) < 2^-107
  const double rounding = 0.5;          // of Q·m / t
  const double deviation = std::sqrt(std::exp2(2 * fresh_noise_bits(c)) + hops * std::exp2(2 * hop_noise_bits(c)));
  return std::log2(kDeviations * deviation + rounding + flooded * std::exp2(kFloodBits));
}

Context::Context(std::unique_ptr<const Internals> internals) noexcept : internals_{std::move(internals)} {}
Context::~Context() = default;
const Parameters& Context::parameters() const noexcept { return internals_->parameters; }
std::uint32_t Context::ring_dimension() const noexcept { return internals_->n; }
std::uint64_t Context::plaintext_modulus() const noexcept { return internals_->parameters.plaintext_modulus; }
std::span<const std::uint64_t> Context::moduli() const noexcept { return internals_->moduli; }
bool Context::packs() const noexcept { return !internals_->plain.empty(); }

std::uint32_t Context::hops_max(bool flooded) const noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = kHopsMax;
  while (low < high) {
    const auto middle = low + (high - low + 1) / 2;
    const bool fits = noise_bits(*internals_, middle, flooded ? middle : 0) < noise_limit_bits(*internals_);
    (fits ? low : high) = fits ? middle : middle - 1;
  }
  return low;
}

Result<ContextPtr> context(const Parameters& parameters) {
  TRY(n, secure_dimension(parameters));
  auto& all = registry();
  // Under the lock, so that two threads that ask at once get the same one.
  const std::lock_guard lock{all.mutex};
  if (const auto known = all.contexts.find(parameters); known != all.contexts.end())
    if (auto live = known->second.lock()) return live;
  TRY(internals, make_internals(parameters, n));
  ContextPtr made = std::make_shared<const Context>(std::move(internals));
  std::erase_if(all.contexts, [](const auto& entry) { return entry.second.expired(); });
  all.contexts[parameters] = made;
  return made;
}

}  // namespace tablinum::seal::fhe
