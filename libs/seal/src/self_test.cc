#include "tablinum/seal/self_test.h"

#include "pre/capsule.h"
#include "tablinum/base/aead.h"
#include "tablinum/base/crypto.h"
#include "tablinum/seal/pre.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal {
namespace {

template <std::size_t N>
Secret<N> filled(std::uint8_t with) {
  Secret<N> secret;
  std::ranges::fill(secret.mutable_view(), std::byte{with});
  return secret;
}
Bytes hex(std::string_view text) { return from_hex(text).value_or(Bytes{}); }
template <std::size_t N>
Secret<N> secret_hex(std::string_view text) {
  return Secret<N>{std::span<const std::byte, N>{hex(text)}};
}
bool is(ByteView bytes, std::string_view expected) { return to_hex(bytes) == expected; }

/// The tag covers everything before it; and an altered message must not open.
bool cipher_works(Cipher cipher, ByteView key, ByteView nonce, ByteView aad, ByteView plain, std::string_view tag) {
  const Aead aead{cipher, std::span<const std::byte, kAeadKeyBytes>{key}};
  Bytes sealed(plain.size() + kAeadTagBytes), opened(plain.size());
  aead.seal(nonce, aad, plain, sealed);
  const bool right = is(ByteView{sealed}.last(kAeadTagBytes), tag) && aead.open(nonce, aad, sealed, opened) &&
                     std::ranges::equal(opened, plain);
  sealed[0] ^= std::byte{1};
  return right && !aead.open(nonce, aad, sealed, opened);
}

/// The GCM specification's test case 14.
bool aes_gcm() {
  return cipher_works(Cipher::aes256_gcm, Bytes(32), Bytes(12), {}, Bytes(16), "d0d1c8a799996bf0265b98b5d48ab919");
}

/// draft-irtf-cfrg-xchacha-03, A.3.1.
bool xchacha() {
  return cipher_works(
      Cipher::xchacha20_poly1305, hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
      hex("404142434445464748494a4b4c4d4e4f5051525354555657"), hex("50515253c0c1c2c3c4c5c6c7"),
      bytes_of(
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."),
      "c0875924c1c7987947deafd8780acf49");
}

/// FIPS 180-4 and FIPS 202 of "abc", RFC 4231 case 1, RFC 5869 case 1.
bool hashes() {
  const auto abc = bytes_of("abc");
  const auto mac = hmac_sha512(Bytes(20, std::byte{0x0b}), bytes_of("Hi There"));
  Bytes derived(42);
  hkdf_sha256(hex("000102030405060708090a0b0c"), Bytes(22, std::byte{0x0b}), hex("f0f1f2f3f4f5f6f7f8f9"), derived);
  return is(sha256(abc).view(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") &&
         is(sha3_256(abc).view(), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532") &&
         is(std::as_bytes(std::span{mac}),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e"
            "696c203a126854") &&
         is(derived, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

/// OpenSSL's answer (tests/data/argon2id.txt).
bool passphrases() {
  Bytes key(16);
  std::array<std::byte, 16> salt;
  std::ranges::copy(hex("f43771980eb2d9d671883f348ddf5917"), salt.begin());
  return argon2id({}, salt, 1, 8, key) && is(key, "61b9a09d3b44fff442e54c8600d5f943");
}

/// RFC 7748 §5.2 and RFC 8032 §7.1, test 2.
bool curves() {
  X25519Public peer;
  std::ranges::copy(hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"), peer.begin());
  const auto shared = x25519(secret_hex<32>("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"), peer);
  const Ed25519Signer signer{secret_hex<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")};
  const Bytes message = hex("72"), other = hex("73");
  const auto signature = signer.sign(message);
  return shared && is(shared->view(), "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552") &&
         is(signature,
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
            "0d291612bb0c00") &&
         ed25519_verify(signer.public_key(), message, signature) && !ed25519_verify(signer.public_key(), other, signature);
}

std::string pair_hash(ByteView public_key, ByteView secret_key) {
  SecretBytes both{public_key.begin(), public_key.end()};
  both.insert(both.end(), secret_key.begin(), secret_key.end());
  return to_hex(sha256(both));
}

/// NIST's ACVP key generation, case 26; encapsulated and taken out again.
bool ml_kem() {
  const auto seed = secret_hex<kKemSeedBytes>(
      "e34a701c4c87582f42264ee422d3c684d97611f2523efe0c998af05056d693dca85768f3486bd32a01bf9a8f21ea938e648eae4e5448c34c3eb88820"
      "b159eedd");
  const auto key = KemSecretKey::from_seed(KemLevel::ml_kem_768, seed.view());
  auto made = key.public_key().encapsulate();
  const auto taken = key.decapsulate(made.ciphertext);
  made.ciphertext[0] ^= std::byte{1};
  const auto altered = key.decapsulate(made.ciphertext);
  return pair_hash(key.public_key().bytes(), key.expanded()) ==
             "3cc3164b09bc2b542c8efa10bd9fc0cd1106bad6afbd147ff851ff5fb5b1842f" &&
         taken && *taken == made.shared && altered && !(*altered == made.shared);
}

/// The same of ML-DSA; signed and verified.
bool ml_dsa() {
  const auto signer = DsaSigner::from_seed(
      DsaLevel::ml_dsa_65,
      secret_hex<kDsaSeedBytes>("70cefb9aed5b68e018b079da8284b9d5cad5499ed9c265ff73588005d85c225c").view());
  const Bytes message(40);
  Bytes signature = signer.sign(message);
  const bool good = signer.verifier().verify(message, signature);
  signature[9] ^= std::byte{1};
  return pair_hash(signer.verifier().bytes(), signer.expanded()) ==
             "9a2b41d99369c54d74b56fa10aad6e3ba75651078a3d2dd6daab6b7edab186d7" &&
         good && !signer.verifier().verify(message, signature);
}

/// A collection's key and a capsule, as the second implementation makes them (tests/tools/pre_model.py).
bool capsules() {
  pre::CollectionId id;
  id.bytes.fill(std::byte{9});
  Digest core;
  core.bytes.fill(7);
  const auto owner = pre::CollectionSecret::create(pre::Suite::kem_2048, id, 5, filled<32>(10), filled<32>(11));
  if (!owner) return false;
  const auto& halves = owner->public_key().halves();
  const auto context =
      pre::capsule_context(core, halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
  const auto device = filled<32>(52);
  const auto capsule = pre::build_capsule(owner->public_key(), core, filled<32>(42),
                                          pre::hedged_coins(filled<32>(50), filled<32>(51), context, &device));
  return is(sha3_256(owner->public_key().serialise()).view(),
            "a35678b701e87ae1c450f7d7f2a7c2efd7c29293cce94be650078254f5696783") &&
         is(sha3_256(capsule.body).view(), "7802e80eb97d3e02eeb3d1a508fe9a404c85dfcd36e8f5a182b8823fe2114344");
}

}  // namespace

Result<void> self_test() {
  constexpr std::pair<const char*, bool (*)()> kTests[] = {
      {"AES-256-GCM", aes_gcm}, {"XChaCha20-Poly1305", xchacha},
      {"hashes", hashes},       {"Argon2id", passphrases},
      {"curves", curves},       {"ML-KEM", ml_kem},
      {"ML-DSA", ml_dsa},       {"capsules", capsules},
  };
  for (const auto& [name, passes] : kTests)
    if (!passes()) return fail(Code::internal, std::string{"self-test: "} + name + " computes wrongly on this machine");
  return pre::self_test();
}

}  // namespace tablinum::seal
