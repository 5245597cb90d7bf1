#include "fhe/scheme.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

#include "fhe/modulus.h"

namespace tablinum::seal::fhe {
namespace {

using Word = std::uint64_t;

// Words of limb i inside a polynomial.
Word* part(auto& words, const Internals& c, std::size_t i) { return words.data() + i * c.n; }
const Word* part(const auto& words, const Internals& c, std::size_t i) { return words.data() + i * c.n; }
std::size_t words_of(const Internals& c) { return c.limbs.size() * c.n; }

Word reduce_once(Word x, Word bound) {
  const Word d = x - bound;
  return d + (bound & (0 - (d >> 63)));
}
Word times(Word x, const Scalar& w, Word q) {
  return reduce_once(x * w.value - static_cast<Word>((static_cast<Wide>(x) * w.companion) >> 64) * q, q);
}

// u·factor mod q for u in {−1, 0, 1}, in the transform's domain.
void ternary_ntt(Word* out, const SmallWords& u, Word factor, const Limb& limb, const Internals& c) {
  const Word minus = limb.q - factor;
  const std::int64_t* small = u.data();
  for (std::uint32_t i = 0; i < c.n; ++i) {
    const Word is_minus = static_cast<Word>(small[i] >> 63);
    const Word is_plus = (0 - (static_cast<Word>(small[i]) & 1)) & ~is_minus;
    out[i] = (factor & is_plus) | (minus & is_minus);
  }
  const auto tables = limb.limb();
  c.kernels->ntt(out, &tables);
}

void small_ntt(Word* out, const SmallWords& small, const Limb& limb, const Internals& c) {
  const auto tables = limb.limb();
  c.kernels->from_signed(out, small.data(), &tables);
  c.kernels->ntt(out, &tables);
}

void add_words(Word* out, const Word* more, Word q, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) out[i] = reduce_once(out[i] + more[i], q);
}

// Values as residues of t, in the order of the transform where they are packed; false if one is out of range.
bool residues(std::span<const std::int64_t> values, Encoding encoding, const Internals& c, SecretWords& out) {
  const auto t = static_cast<std::int64_t>(c.parameters.plaintext_modulus);
  Word bad = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = values[i];
    bad |= static_cast<Word>(value + (t - 1) / 2) >> 63 | static_cast<Word>(t - 1 - value) >> 63;
    // Wraps where it is out of range; nothing is made of it then.
    const auto residue = static_cast<Word>(value) + (static_cast<Word>(t) & static_cast<Word>(value >> 63));
    out[encoding == Encoding::packed ? c.slot_index[i] : i] = residue;
  }
  return bad == 0;
}

// x = −Q·m mod t, so that x·t^-1 mod q_i is ⌈Q·m/t⌉ mod q_i.
Result<SecretWords> encode(std::span<const std::int64_t> values, Encoding encoding, const Internals& c) {
  if (values.size() > c.n) return fail(Code::too_large, "more values than the ciphertext has slots");
  if (encoding == Encoding::packed && c.plain.empty()) return fail(Code::unsupported, "this plaintext modulus does not pack");
  // So far out that adding t would overflow: no need to look closer.
  for (const auto value : values)
    if (value > std::int64_t{1} << 62 || value < -(std::int64_t{1} << 62))
      return fail(Code::invalid, "a value is out of range");
  SecretWords x(c.n);
  if (!residues(values, encoding, c, x)) return fail(Code::invalid, "a value is outside the plaintext modulus");
  if (encoding == Encoding::packed) {
    const auto tables = c.plain[0].limb();
    c.kernels->inverse_ntt(x.data(), &tables, c.encode_scale.value, c.encode_scale.companion);
  } else {
    for (auto& word : x) word = times(word, c.minus_q_mod_t, c.parameters.plaintext_modulus);
  }
  return x;
}

std::vector<std::int64_t> decode(SecretWords& m, Encoding encoding, const Internals& c) {
  const auto t = c.parameters.plaintext_modulus;
  std::vector<std::int64_t> values(c.n);
  const bool packed = encoding == Encoding::packed;
  if (packed) {
    const auto tables = c.plain[0].limb();
    c.kernels->ntt(m.data(), &tables);
  }
  const Word* words = m.data();
  const std::uint32_t* order = packed ? c.slot_index.data() : nullptr;
  for (std::uint32_t i = 0; i < c.n; ++i) {
    const Word value = words[packed ? order[i] : i];
    const Word is_upper = 0 - (((t - 1) / 2 - value) >> 63);
    values[i] = static_cast<std::int64_t>(value - (t & is_upper));
  }
  return values;
}

// y_i = (c0 + c1·s)·(Q/q_i)^-1 mod q_i, out of the transform's domain.
SecretWords phase(const SecretKey& key, const Ciphertext& ciphertext, const Internals& c) {
  SecretWords y(words_of(c));
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    const auto& limb = c.limbs[i];
    const auto tables = limb.limb();
    Word* out = part(y, c, i);
    c.kernels->multiply_add(out, part(ciphertext.c1, c, i), part(key.s_mont, c, i), part(ciphertext.c0, c, i), &tables);
    c.kernels->inverse_ntt(out, &tables, limb.decrypt_scale.value, limb.decrypt_scale.companion);
  }
  return y;
}

// round(t·v/Q) mod t, where v/Q is the sum of y_i/q_i modulo 1, kept in 64 bits. The result is exact unless the noise is within
// 2^-40 of the bound at which it spoils decryption anyway.
SecretWords round_to_plain(const SecretWords& y, const Internals& c) {
  const Word t = c.parameters.plaintext_modulus;
  SecretWords m(c.n);
  Word* out = m.data();
  for (std::size_t l = 0; l < c.limbs.size(); ++l) {
    const Word* in = part(y, c, l);
    const auto shift = c.limbs[l].shift;
    const auto reciprocal = c.limbs[l].reciprocal;
    for (std::uint32_t i = 0; i < c.n; ++i)
      out[i] += static_cast<Word>((static_cast<Wide>(in[i] << shift) * reciprocal) >> 64) << 1;
  }
  for (std::uint32_t i = 0; i < c.n; ++i) {
    const Wide product = static_cast<Wide>(out[i]) * t;
    out[i] = reduce_once(static_cast<Word>(product >> 64) + (static_cast<Word>(product) >> 63), t);
  }
  return m;
}

Result<void> same_context(const ContextPtr& a, const ContextPtr& b) {
  if (a != b) return fail(Code::invalid, "the objects belong to different contexts");
  return {};
}

// Σ over four uniform words of 88 bits, less its middle: added to c0 in the transform's domain.
void add_flood(Words& c0, const Secret<32>& seed, const Internals& c) {
  constexpr std::size_t kTermBytes = 11;
  constexpr std::size_t kCoefficientBytes = 4 * kTermBytes;
  SecretBytes bytes((c.n * kCoefficientBytes + 15) / 16 * 16 + 16);
  Aes256{seed.u8()}.encrypt_counters_le(0, bytes);
  SecretWords low(c.n), high(c.n), noise(c.n);
  for (std::uint32_t i = 0; i < c.n; ++i) {
    Wide sum = 0;
    for (std::size_t term = 0; term < 4; ++term) {
      std::array<Word, 2> words{};
      std::memcpy(words.data(), bytes.data() + i * kCoefficientBytes + term * kTermBytes, kTermBytes);
      sum += static_cast<Wide>(words[1]) << 64 | words[0];
    }
    low[i] = static_cast<Word>(sum);
    high[i] = static_cast<Word>(sum >> 64);
  }
  constexpr Wide kMiddle = 2 * ((Wide{1} << 88) - 1);
  for (std::size_t l = 0; l < c.limbs.size(); ++l) {
    const auto& limb = c.limbs[l];
    const auto tables = limb.limb();
    const auto one = scalar(1, limb.q);
    const auto upper = scalar(limb.montgomery_one, limb.q);
    std::ranges::fill(noise, limb.q - static_cast<Word>(kMiddle % limb.q));
    c.kernels->scale_add(noise.data(), high.data(), upper.value, upper.companion, noise.data(), &tables);
    c.kernels->scale_add(noise.data(), low.data(), one.value, one.companion, noise.data(), &tables);
    c.kernels->ntt(noise.data(), &tables);
    add_words(part(c0, c, l), noise.data(), limb.q, c.n);
  }
}

Secret<32> flood_seed(const Flood& flood, const ReKey& rekey, const Ciphertext& ciphertext) {
  SecretBytes hashed;
  const auto mix = [&](std::span<const Word> words) {
    const auto digest = sha256(std::as_bytes(words));
    hashed.insert(hashed.end(), digest.view().begin(), digest.view().end());
  };
  for (std::size_t i = 0; i < rekey.theta_mont.size(); ++i) mix(rekey.theta_mont[i]), mix(rekey.beta_mont[i]);
  mix(ciphertext.c0);
  mix(ciphertext.c1);
  Secret<32> seed;
  hkdf_sha256(bytes_of("seal/v1/fhe-flood"), flood.key.view(), hashed, seed.mutable_view());
  return seed;
}

// c1 out of the transform's domain, its residue of one limb centred.
SmallWords digit(const Ciphertext& ciphertext, std::size_t i, const Internals& c) {
  const auto& limb = c.limbs[i];
  const auto tables = limb.limb();
  const Word* from = part(ciphertext.c1, c, i);
  SmallWords small(c.n);
  Word* words = reinterpret_cast<Word*>(small.data());
  std::copy(from, from + c.n, words);
  c.kernels->inverse_ntt(words, &tables, limb.n_inverse.value, limb.n_inverse.companion);
  for (std::uint32_t k = 0; k < c.n; ++k) words[k] -= limb.q & (0 - ((limb.q / 2 - words[k]) >> 63));
  return small;
}

Result<void> check_hop(const Ciphertext& ciphertext, const Flood* flood) {
  const auto& c = ciphertext.context->internals();
  if (flood != nullptr && ciphertext.context->hops_max(true) == 0)
    return fail(Code::unsupported, "the modulus is too small for flooding");
  const std::uint32_t flooded = ciphertext.flooded + (flood != nullptr ? 1U : 0U);
  if (ciphertext.hops == kHopsMax || noise_bits(c, ciphertext.hops + 1U, flooded) >= noise_limit_bits(c))
    return fail(Code::limit, "one re-encryption too many: the noise would spoil the values");
  return {};
}

// First error of several threads' work; the others finish.
class FirstError {
 public:
  void note(Error error) {
    const std::lock_guard lock{mutex_};
    if (!error_) error_ = std::move(error);
  }
  std::optional<Error> take() { return std::move(error_); }

 private:
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Coins::Coins(const Secret<32>& seed, std::uint32_t n, std::uint32_t index) : Coins{n} {
  Sampler sampler{seed};
  sampler.ternary(u, Stream::ephemeral, index);
  sampler.binomial(e0, Stream::error0, index);
  sampler.binomial(e1, Stream::error1, index);
}

SecretKey secret_from_seed(const ContextPtr& context, const Secret<32>& seed) {
  const auto& c = context->internals();
  SmallWords s(c.n);
  Sampler{seed}.ternary(s, Stream::secret);
  SecretKey key{context, seed, SecretWords(words_of(c))};
  for (std::size_t i = 0; i < c.limbs.size(); ++i)
    ternary_ntt(part(key.s_mont, c, i), s, c.limbs[i].montgomery_one, c.limbs[i], c);
  return key;
}

KeyPair generate_from_seed(const ContextPtr& context, const Secret<32>& seed) {
  const auto& c = context->internals();
  Sampler sampler{seed};
  KeyPair pair{{context, Words(words_of(c)), Words(words_of(c))}, secret_from_seed(context, seed)};
  auto& key = pair.public_key;
  SmallWords e(c.n);
  sampler.binomial(e, Stream::error);
  // The seed gives the secret too, so what everybody sees of it is not a stream of its own but one keyed by a hash.
  Secret<32> public_seed;
  hkdf_sha256(bytes_of("seal/v1/fhe-public"), seed.view(), {}, public_seed.mutable_view());
  Sampler uniform{public_seed};
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    const auto& limb = c.limbs[i];
    const auto tables = limb.limb();
    Word* a = part(key.a, c, i);
    Word* b = part(key.b, c, i);
    uniform.uniform({a, c.n}, limb.q, static_cast<std::uint32_t>(i));
    small_ntt(b, e, limb, c);
    SecretWords product(c.n);
    c.kernels->multiply_add(product.data(), a, part(pair.secret_key.s_mont, c, i), nullptr, &tables);
    for (std::uint32_t k = 0; k < c.n; ++k) b[k] = reduce_once(b[k] + limb.q - product.data()[k], limb.q);
  }
  return pair;
}

KeyPair generate_keys(const ContextPtr& context) { return generate_from_seed(context, random_secret<32>()); }

Result<Ciphertext> encrypt_with(const PublicKey& key, std::span<const std::int64_t> values, Encoding encoding,
                                const Coins& coins) {
  const auto& c = key.context->internals();
  TRY(x, encode(values, encoding, c));
  Ciphertext out{key.context, encoding, 0, 0, Words(words_of(c)), Words(words_of(c))};
  SecretWords u(c.n);
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    const auto& limb = c.limbs[i];
    const auto tables = limb.limb();
    ternary_ntt(u.data(), coins.u, limb.montgomery_one, limb, c);
    Word* c0 = part(out.c0, c, i);
    c.kernels->from_signed(c0, coins.e0.data(), &tables);
    c.kernels->scale_add(c0, x.data(), limb.t_inverse.value, limb.t_inverse.companion, c0, &tables);
    c.kernels->ntt(c0, &tables);
    c.kernels->multiply_add(c0, part(key.b, c, i), u.data(), c0, &tables);
    Word* c1 = part(out.c1, c, i);
    small_ntt(c1, coins.e1, limb, c);
    c.kernels->multiply_add(c1, part(key.a, c, i), u.data(), c1, &tables);
  }
  return out;
}

Result<Ciphertext> encrypt_from_seed(const PublicKey& key, std::span<const std::int64_t> values, const Secret<32>& seed,
                                     Encoding encoding) {
  return encrypt_with(key, values, encoding, Coins{seed, key.context->ring_dimension(), 0});
}

Result<Ciphertext> encrypt(const PublicKey& key, std::span<const std::int64_t> values, Encoding encoding) {
  return encrypt_from_seed(key, values, random_secret<32>(), encoding);
}

Result<std::vector<Ciphertext>> encrypt_all(const PublicKey& key, std::span<const std::int64_t> values, Encoding encoding,
                                            Executor& executor) {
  const std::size_t n = key.context->ring_dimension();
  std::vector<Ciphertext> out((values.size() + n - 1) / n);
  FirstError error;
  executor.for_each(out.size(), [&](std::size_t i) {
    auto one = encrypt(key, values.subspan(i * n, std::min(n, values.size() - i * n)), encoding);
    if (one)
      out[i] = std::move(*one);
    else
      error.note(std::move(one).error());
  });
  if (auto failed = error.take()) return std::unexpected(std::move(*failed));
  return out;
}

Result<std::vector<std::int64_t>> decrypt(const SecretKey& key, const Ciphertext& ciphertext) {
  CHECK_OK(same_context(key.context, ciphertext.context));
  const auto& c = key.context->internals();
  if (ciphertext.encoding == Encoding::packed && c.plain.empty())
    return fail(Code::unsupported, "this plaintext modulus does not pack");
  auto m = round_to_plain(phase(key, ciphertext, c), c);
  return decode(m, ciphertext.encoding, c);
}

Result<std::vector<std::int64_t>> decrypt_all(const SecretKey& key, std::span<const Ciphertext> ciphertexts,
                                              Executor& executor) {
  const std::size_t n = key.context->ring_dimension();
  std::vector<std::int64_t> out(n * ciphertexts.size());
  FirstError error;
  executor.for_each(ciphertexts.size(), [&](std::size_t i) {
    auto one = decrypt(key, ciphertexts[i]);
    if (one)
      std::ranges::copy(*one, out.begin() + static_cast<std::ptrdiff_t>(i * n));
    else
      error.note(std::move(one).error());
  });
  if (auto failed = error.take()) return std::unexpected(std::move(*failed));
  return out;
}

ReKey make_rekey_with(const SecretKey& from, const PublicKey& to, std::span<const Coins> coins) {
  const auto& c = to.context->internals();
  ReKey rekey{to.context, {}, {}};
  SecretWords u(c.n);
  // All words times 2^64: u twice, as the product takes it off once.
  const auto row = [&](Word* out, const Word* key, const SmallWords& error, const Limb& limb) {
    const auto tables = limb.limb();
    const auto up = scalar(limb.montgomery_one, limb.q);
    c.kernels->from_signed(out, error.data(), &tables);
    c.kernels->scale_add(out, out, up.value, up.companion, nullptr, &tables);
    c.kernels->ntt(out, &tables);
    c.kernels->multiply_add(out, key, u.data(), out, &tables);
  };
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    auto& theta = rekey.theta_mont.emplace_back(words_of(c));
    auto& beta = rekey.beta_mont.emplace_back(words_of(c));
    for (std::size_t j = 0; j < c.limbs.size(); ++j) {
      ternary_ntt(u.data(), coins[i].u, c.limbs[j].montgomery_squared, c.limbs[j], c);
      row(part(theta, c, j), part(to.a, c, j), coins[i].e1, c.limbs[j]);
      row(part(beta, c, j), part(to.b, c, j), coins[i].e0, c.limbs[j]);
    }
    add_words(part(beta, c, i), part(from.s_mont, c, i), c.limbs[i].q, c.n);
  }
  return rekey;
}

Result<ReKey> make_rekey(const SecretKey& from, const PublicKey& to) {
  CHECK_OK(same_context(from.context, to.context));
  const auto seed = random_secret<32>();
  std::vector<Coins> coins;
  for (std::uint32_t i = 0; i < from.context->internals().limbs.size(); ++i)
    coins.emplace_back(seed, from.context->ring_dimension(), i);
  return make_rekey_with(from, to, coins);
}

Result<Ciphertext> reencrypt(const ReKey& rekey, const Ciphertext& ciphertext, const Flood* flood) {
  CHECK_OK(same_context(rekey.context, ciphertext.context));
  CHECK_OK(check_hop(ciphertext, flood));
  const auto& c = rekey.context->internals();
  Ciphertext out{rekey.context,
                 ciphertext.encoding,
                 static_cast<std::uint16_t>(ciphertext.hops + 1),
                 static_cast<std::uint16_t>(ciphertext.flooded + (flood != nullptr ? 1 : 0)),
                 ciphertext.c0,
                 Words(words_of(c))};
  Words lifted(c.n);
  for (std::size_t i = 0; i < c.limbs.size(); ++i) {
    const auto small = digit(ciphertext, i, c);
    for (std::size_t j = 0; j < c.limbs.size(); ++j) {
      const auto tables = c.limbs[j].limb();
      // Modulo its own limb the digit is c1 itself, which is there in the transform's domain already.
      const Word* d = part(ciphertext.c1, c, i);
      if (i != j) {
        small_ntt(lifted.data(), small, c.limbs[j], c);
        d = lifted.data();
      }
      Word* c0 = part(out.c0, c, j);
      Word* c1 = part(out.c1, c, j);
      c.kernels->multiply_add(c0, d, part(rekey.beta_mont[i], c, j), c0, &tables);
      c.kernels->multiply_add(c1, d, part(rekey.theta_mont[i], c, j), i == 0 ? nullptr : c1, &tables);
    }
  }
  if (flood != nullptr) add_flood(out.c0, flood_seed(*flood, rekey, ciphertext), c);
  return out;
}

Result<std::vector<Ciphertext>> reencrypt_all(const ReKey& rekey, std::span<const Ciphertext> ciphertexts, const Flood* flood,
                                              Executor& executor) {
  std::vector<Ciphertext> out(ciphertexts.size());
  FirstError error;
  executor.for_each(out.size(), [&](std::size_t i) {
    auto one = reencrypt(rekey, ciphertexts[i], flood);
    if (one)
      out[i] = std::move(*one);
    else
      error.note(std::move(one).error());
  });
  if (auto failed = error.take()) return std::unexpected(std::move(*failed));
  return out;
}

// t·v mod Q is t times the noise, but for the rounding of Q·m/t: in mixed radix with centred digits, where what is small has
// zeros above.
Result<double> noise_budget_bits(const SecretKey& key, const Ciphertext& ciphertext) {
  CHECK_OK(same_context(key.context, ciphertext.context));
  const auto& c = key.context->internals();
  const auto t = c.parameters.plaintext_modulus;
  auto y = phase(key, ciphertext, c);
  long double largest = 1;
  for (std::uint32_t k = 0; k < c.n; ++k) {
    long double value = 0;
    long double radix = 1;
    std::vector<std::int64_t> digits;
    for (std::size_t i = 0; i < c.limbs.size(); ++i) {
      const auto q = c.limbs[i].q;
      Word others = 1;
      for (const auto other : c.moduli)
        if (other != q) others = multiply_mod(others, other % q, q);
      Word rest = multiply_mod(multiply_mod(part(y, c, i)[k], others, q), t % q, q);
      Word product = 1;
      for (std::size_t j = 0; j < digits.size(); ++j) {
        const Word digit_mod = digits[j] < 0 ? q - static_cast<Word>(-digits[j]) % q : static_cast<Word>(digits[j]) % q;
        rest = (rest + q - multiply_mod(digit_mod % q, product, q)) % q;
        product = multiply_mod(product, c.moduli[j] % q, q);
      }
      const Word d = multiply_mod(rest, inverse_mod(product, q), q);
      digits.push_back(d > q / 2 ? static_cast<std::int64_t>(d) - static_cast<std::int64_t>(q) : static_cast<std::int64_t>(d));
      value += static_cast<long double>(digits.back()) * radix;
      radix *= static_cast<long double>(q);
    }
    largest = std::max(largest, std::fabs(value));
  }
  const double noise = static_cast<double>(std::log2(largest)) - std::log2(static_cast<double>(t));
  return std::max(0.0, noise_limit_bits(c) - noise);
}

std::vector<std::int64_t> values_of_bytes(ByteView bytes) {
  std::vector<std::int64_t> values((bytes.size() + 1) / 2);
  const auto* at = u8(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) values[i / 2] |= static_cast<std::int64_t>(at[i]) << (i % 2 * 8);
  return values;
}

Result<Bytes> bytes_of_values(const Context& context, std::span<const std::int64_t> values, std::size_t size) {
  if (values.size() < (size + 1) / 2) return fail(Code::corrupt, "fewer values than bytes");
  const auto t = static_cast<std::int64_t>(context.plaintext_modulus());
  Bytes bytes(size);
  std::uint64_t bad = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto value = values[i / 2] + (t & values[i / 2] >> 63);
    bad |= static_cast<std::uint64_t>(value) >> 16;
    bytes[i] = static_cast<std::byte>(value >> (i % 2 * 8));
  }
  if (bad != 0) return fail(Code::corrupt, "a value does not fit in 16 bits: the wrong key, or not bytes");
  return bytes;
}

}  // namespace tablinum::seal::fhe
