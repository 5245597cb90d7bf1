#pragma once
/// Proxy re-encryption of vectors: BFV over two or more primes, as the exchange's first clients use it (contract "exchange", §2 and §3).
///
/// NOT for new work: without `Flood` a delegate who holds two ciphertexts and their re-encryptions computes the owner's secret key,
/// and ciphertexts are malleable. Files are sealed with sealed_file.h. This profile is for reading and writing what those clients made.
///
/// R = Z[X]/(X^N+1), Q = product of the limbs q_i, plaintext modulus t. Secret s ternary uniform, errors centred binomial (k = 21,
/// standard deviation 3.24). Ciphertext (c0, c1) with c0 + c1·s = ⌈Q·m/t⌉ + noise. Polynomials are kept in the domain of the negacyclic
/// number-theoretic transform (Cooley–Tukey, twiddles ψ^bitrev(i), output bit-reversed); primes and roots are those that OpenFHE 1.6
/// takes for the same parameters, so words compare. Slot i of a packed vector is the value at ψ_t^(5^i), slot N/2+i at ψ_t^(−5^i).
/// Source: Fan and Vercauteren, ePrint 2012/144 (BFV); Bajard et al., ePrint 2016/510 (residues); Polyakov et al., ePrint 2017/410 (PRE).
///
/// Threads: every object is immutable once made; all functions may be called from any thread. Secrets are wiped.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/secret.h"

namespace tablinum::seal::fhe {

inline constexpr std::uint64_t kPlaintextModulusMax = std::uint64_t{1} << 30;
inline constexpr unsigned kLimbBitsMin = 40;
inline constexpr unsigned kLimbBitsMax = 60;
inline constexpr unsigned kLimbsMax = 3;
inline constexpr std::uint32_t kHopsMax = 65535;

struct Parameters {
  std::uint64_t plaintext_modulus = 65537;  ///< t: a prime, 17 … kPlaintextModulusMax; packing needs t ≡ 1 mod 2N
  unsigned limb_bits = 60;                  ///< of each prime of Q ("scaling_mod_size"), kLimbBitsMin … kLimbBitsMax
  unsigned limbs = 2;                       ///< 2 … kLimbsMax
  friend auto operator<=>(const Parameters&, const Parameters&) = default;
};

struct Internals;  // tables; src/fhe/context.h

/// Parameters with their tables. N is the smallest power of two that gives 128 bits of security for Q (homomorphic encryption
/// standard, ternary secret): 4096 up to 109 bits, 8192 up to 218.
class Context {
 public:
  explicit Context(std::unique_ptr<const Internals> internals) noexcept;
  ~Context();
  const Parameters& parameters() const noexcept;
  std::uint32_t ring_dimension() const noexcept;  ///< N: slots of one ciphertext
  std::uint64_t plaintext_modulus() const noexcept;
  std::span<const std::uint64_t> moduli() const noexcept;
  bool packs() const noexcept;  ///< t ≡ 1 mod 2N
  /// Re-encryptions that a fresh ciphertext bears; with flooding each costs more.
  std::uint32_t hops_max(bool flooded) const noexcept;
  const Internals& internals() const noexcept { return *internals_; }

 private:
  std::unique_ptr<const Internals> internals_;
};
using ContextPtr = std::shared_ptr<const Context>;

/// The context of these parameters: the same one for as long as anybody holds it (a registry of the process).
/// @error invalid: a number outside its range, t not prime, or Q over 218 bits.
Result<ContextPtr> context(const Parameters& parameters = {});

/// One polynomial of every limb, one after the other: limbs × N words below their q_i.
using Words = std::vector<std::uint64_t>;
using SecretWords = SecretVector<std::uint64_t>;

struct PublicKey {
  ContextPtr context;
  Words a, b;  ///< b = e − a·s
};

struct SecretKey {
  ContextPtr context;
  Secret<32> seed;        ///< what is stored
  SecretWords s_mont;     ///< s in the transform's domain, times 2^64 mod q_i
};

struct KeyPair {
  PublicKey public_key;
  SecretKey secret_key;
};

/// For each limb i an encryption of g_i·s under the receiver's key, g_i ≡ 1 mod q_i and 0 mod the others.
struct ReKey {
  ContextPtr context;
  std::vector<Words> theta_mont;  ///< words times 2^64 mod q_i, as the product wants them
  std::vector<Words> beta_mont;
};

enum class Encoding : std::uint8_t { packed = 1, coefficients = 2 };

struct Ciphertext {
  ContextPtr context;
  Encoding encoding = Encoding::packed;
  std::uint16_t hops = 0;     ///< re-encryptions so far
  std::uint16_t flooded = 0;  ///< how many of them with Flood
  Words c0, c1;
};

/// @error never in practice; the system's randomness is taken for granted.
KeyPair generate_keys(const ContextPtr& context);

/// Encrypts up to N values; the rest are zeros. Values are 0 … t−1 or centred, −(t−1)/2 … (t−1)/2.
/// @error invalid: a value outside both ranges.  too_large: more than N.  unsupported: packed, and the context does not pack.
Result<Ciphertext> encrypt(const PublicKey& key, std::span<const std::int64_t> values, Encoding encoding = Encoding::packed);
/// As many ciphertexts as the values need, none for none; over the executor's threads.
/// @error as encrypt().
Result<std::vector<Ciphertext>> encrypt_all(const PublicKey& key, std::span<const std::int64_t> values,
                                            Encoding encoding = Encoding::packed, Executor& executor = inline_executor());
/// Encrypts with randomness made from `seed` only, so that the same ciphertext can be made twice. One seed, one plaintext.
/// @error as encrypt().
Result<Ciphertext> encrypt_from_seed(const PublicKey& key, std::span<const std::int64_t> values, const Secret<32>& seed,
                                     Encoding encoding = Encoding::packed);

/// All N values, centred. A key that does not fit gives garbage, not an error: there is nothing to tell it by.
/// @error invalid: key and ciphertext have different contexts.
Result<std::vector<std::int64_t>> decrypt(const SecretKey& key, const Ciphertext& ciphertext);
/// The values of all, one after the other.  @error as decrypt().
Result<std::vector<std::int64_t>> decrypt_all(const SecretKey& key, std::span<const Ciphertext> ciphertexts,
                                              Executor& executor = inline_executor());

/// What turns ciphertexts of `from` into ciphertexts of `to`. Whoever has it and the secret key of `to` has the one of `from`.
/// @error invalid: different contexts.
Result<ReKey> make_rekey(const SecretKey& from, const PublicKey& to);

/// Noise that hides the keys from whoever decrypts: Irwin–Hall of four terms, support 2^90, on every coefficient. Deterministic for
/// a key, ciphertext and rekey, so that repeating a request does not average it away.
struct Flood {
  Secret<32> key;  ///< the proxy's, secret
};

/// @error invalid: different contexts.  limit: one hop too many, the result would not decrypt.  unsupported: flood, and Q is too small.
Result<Ciphertext> reencrypt(const ReKey& rekey, const Ciphertext& ciphertext, const Flood* flood = nullptr);
/// @error as reencrypt().
Result<std::vector<Ciphertext>> reencrypt_all(const ReKey& rekey, std::span<const Ciphertext> ciphertexts, const Flood* flood = nullptr,
                                              Executor& executor = inline_executor());

/// Bits between the noise that is there and the noise that spoils decryption, at least 0; for tests and inspection.
/// @error invalid: different contexts.
Result<double> noise_budget_bits(const SecretKey& key, const Ciphertext& ciphertext);

/// Stored forms: docs/format/fhe-objects.md. Reading checks length, every word and a checksum; there is one form for each object.
/// @error corrupt: not such an object, damaged or too short or long.  unsupported: a newer version.  invalid: parameters out of range.
Bytes serialize(const Context& context);
Bytes serialize(const PublicKey& key);
SecretBytes serialize(const SecretKey& key);
Bytes serialize(const ReKey& key);
Bytes serialize(const Ciphertext& ciphertext);
Result<ContextPtr> deserialize_context(ByteView bytes);
Result<PublicKey> deserialize_public_key(ByteView bytes);
Result<SecretKey> deserialize_secret_key(ByteView bytes);
Result<ReKey> deserialize_rekey(ByteView bytes);
Result<Ciphertext> deserialize_ciphertext(ByteView bytes);

/// Bytes as little-endian 16-bit values (a zero byte is added to an odd number), and back.
std::vector<std::int64_t> values_of_bytes(ByteView bytes);
/// Negative values have t added first.  @error corrupt: a value over 65535, or fewer than `size` bytes.
Result<Bytes> bytes_of_values(const Context& context, std::span<const std::int64_t> values, std::size_t size);

}  // namespace tablinum::seal::fhe
