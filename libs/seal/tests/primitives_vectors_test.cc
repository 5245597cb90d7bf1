// Wycheproof's vectors (github.com/C2SP/wycheproof) and NIST's ACVP vectors (by way of github.com/cloudflare/circl), through
// the calls that this program makes. fetch_vectors.sh brings all of them; where it cannot, a part of each (data/vectors) is run.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "tablinum/base/aead.h"
#include "tablinum/base/crypto.h"
#include "tablinum/seal/primitives.h"

extern "C" {  // AWS-LC's own, which its headers do not show: only to be checked
#define TABLINUM_ML_DSA(level)                                                                                                      \
  int ml_dsa_##level##_sign_internal(const std::uint8_t*, std::uint8_t*, std::size_t*, const std::uint8_t*, std::size_t,            \
                                     const std::uint8_t*, std::size_t, const std::uint8_t*);                                        \
  int ml_dsa_##level##_verify_internal(const std::uint8_t*, const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,     \
                                       const std::uint8_t*, std::size_t);
TABLINUM_ML_DSA(44)
TABLINUM_ML_DSA(65)
TABLINUM_ML_DSA(87)
#undef TABLINUM_ML_DSA
}

namespace tablinum::seal {
namespace {

using simdjson::dom::element;

/// Beside all builds: twenty megabytes that none of them changes; or the part that is committed.
const std::string& folder() {
  static const std::string kFolder = [] {
    const std::string all = TABLINUM_TEST_DATA "/../../../../build/vectors", command = "'" TABLINUM_TEST_DATA "/../fetch_vectors.sh' '" + all + "'";
    const int status = std::system(command.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return all;
    std::puts("the whole sets could not be fetched (no Go, no network, or not the pinned content): the committed part of each is run");
    return std::string{TABLINUM_TEST_DATA "/vectors"};
  }();
  return kFolder;
}

Bytes hex(const element& test, const char* name) {
  std::string_view text;
  return test[name].get(text) == simdjson::SUCCESS ? from_hex(text).value() : Bytes{};
}
bool has(const element& test, const char* name) { return test[name].error() == simdjson::SUCCESS; }
std::string_view word(const element& test, const char* name) {
  std::string_view text;
  return test[name].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}
std::int64_t number(const element& test, const char* name) { return test[name].get_int64().value(); }

template <std::size_t N>
Secret<N> secret(const Bytes& bytes) {
  return Secret<N>{std::span<const std::byte, N>{bytes}};
}

enum class Verdict { right, wrong, not_ours };
using Check = std::function<Verdict(const element& group, const element& test)>;

Verdict verdict(bool right) { return right ? Verdict::right : Verdict::wrong; }

/// Runs every case of a file; those that no call of ours can express are counted and shown, not hidden.
void run(const std::string& name, const Check& check) {
  simdjson::dom::parser parser;
  std::size_t right = 0, wrong = 0, not_ours = 0;
  for (const element group : parser.load(folder() + "/wycheproof/" + name + ".json")["testGroups"])
    for (const element test : group["tests"]) switch (check(group, test)) {
        case Verdict::right: ++right; break;
        case Verdict::not_ours: ++not_ours; break;
        default: ++wrong; ADD_FAILURE() << name << " case " << number(test, "tcId") << ": " << word(test, "comment");
      }
  std::printf("wycheproof %-32s %4zu of %4zu right, %4zu of a form that is not used here\n", name.c_str(), right, right + wrong,
              not_ours);
  EXPECT_GT(right, 0U);
}

bool is_valid(const element& test) { return word(test, "result") == "valid"; }

Check aead(Cipher cipher) {
  return [cipher](const element&, const element& test) {
    const Bytes key = hex(test, "key"), nonce = hex(test, "iv"), aad = hex(test, "aad"), plain = hex(test, "msg"),
                tag = hex(test, "tag");
    if (key.size() != kAeadKeyBytes || nonce.size() != nonce_bytes(cipher) || tag.size() != kAeadTagBytes)
      return Verdict::not_ours;
    Bytes sealed = hex(test, "ct");
    append(sealed, tag);
    const Aead with{cipher, std::span<const std::byte, kAeadKeyBytes>{key}};
    Bytes opened(plain.size()), made(sealed.size());
    if (sealed.size() != plain.size() + kAeadTagBytes) return Verdict::not_ours;
    const bool good = with.open(nonce, aad, sealed, opened);
    with.seal(nonce, aad, plain, made);
    return verdict(is_valid(test) ? good && opened == plain && made == sealed : !good);
  };
}

TEST(Wycheproof, Aes256Gcm) { run("aes_gcm", aead(Cipher::aes256_gcm)); }
TEST(Wycheproof, XChaCha20Poly1305) { run("xchacha20_poly1305", aead(Cipher::xchacha20_poly1305)); }

TEST(Wycheproof, X25519) {
  run("x25519", [](const element&, const element& test) {
    const Bytes key = hex(test, "private"), peer = hex(test, "public");
    if (key.size() != 32 || peer.size() != 32) return Verdict::not_ours;
    X25519Public point;
    std::ranges::copy(peer, point.begin());
    const auto shared = x25519(secret<32>(key), point);
    const Bytes expected = hex(test, "shared");
    // What the suite leaves open ("acceptable") is settled here: points that give zero are refused, others are computed.
    if (expected == Bytes(32)) return verdict(!shared);
    return verdict(shared && std::ranges::equal(shared->view(), expected) && word(test, "result") != "invalid");
  });
}

TEST(Wycheproof, Ed25519) {
  run("ed25519", [](const element& group, const element& test) {
    const Bytes key = hex(group["publicKey"].value(), "pk");
    if (key.size() != 32) return Verdict::not_ours;
    Ed25519Public point;
    std::ranges::copy(key, point.begin());
    return verdict(ed25519_verify(point, hex(test, "msg"), hex(test, "sig")) == is_valid(test));
  });
}

Check hkdf(std::size_t hash_bytes, void (*derive)(ByteView, ByteView, ByteView, MutableBytes) noexcept) {
  return [=](const element&, const element& test) {
    const auto size = static_cast<std::size_t>(number(test, "size"));
    if (size > 255 * hash_bytes) return Verdict::not_ours;  // hkdf_…() asserts that nobody asks for that
    Bytes out(size);
    derive(hex(test, "salt"), hex(test, "ikm"), hex(test, "info"), out);
    return verdict((out == hex(test, "okm")) == is_valid(test));
  };
}
TEST(Wycheproof, HkdfSha256) { run("hkdf_sha256", hkdf(32, &hkdf_sha256)); }
TEST(Wycheproof, HkdfSha512) { run("hkdf_sha512", hkdf(64, &hkdf_sha512)); }

Check hmac(std::function<Bytes(ByteView, ByteView)> compute) {
  return [compute](const element&, const element& test) {
    const Bytes tag = hex(test, "tag"), whole = compute(hex(test, "key"), hex(test, "msg"));
    return verdict(equal_constant_time(ByteView{whole}.first(tag.size()), tag) == is_valid(test));
  };
}
TEST(Wycheproof, HmacSha256) {
  run("hmac_sha256", hmac([](ByteView key, ByteView message) {
        const Digest tag = hmac_sha256(key, message);
        return Bytes{tag.view().begin(), tag.view().end()};
      }));
}
TEST(Wycheproof, HmacSha512) {
  run("hmac_sha512", hmac([](ByteView key, ByteView message) {
        const auto tag = hmac_sha512(key, message);
        const auto bytes = std::as_bytes(std::span{tag});
        return Bytes{bytes.begin(), bytes.end()};
      }));
}

// ---- ML-KEM and ML-DSA

class WycheproofKem : public testing::TestWithParam<KemLevel> {
 protected:
  std::string name(const char* suffix) const { return "mlkem_" + std::to_string(static_cast<int>(GetParam())) + suffix; }
};
INSTANTIATE_TEST_SUITE_P(Levels, WycheproofKem,
                         testing::Values(KemLevel::ml_kem_512, KemLevel::ml_kem_768, KemLevel::ml_kem_1024));

TEST_P(WycheproofKem, Decapsulation) {
  run(name(""), [&](const element&, const element& test) {
    const Bytes seed = hex(test, "seed");
    if (seed.size() != kKemSeedBytes) return Verdict::not_ours;  // a seed is a type of 64 bytes
    const auto key = KemSecretKey::from_seed(GetParam(), std::span<const std::byte, kKemSeedBytes>{seed});
    const auto shared = key.decapsulate(hex(test, "c"));
    const bool same = shared && std::ranges::equal(shared->view(), hex(test, "K"));
    const bool key_same = !has(test, "ek") || std::ranges::equal(key.public_key().bytes(), hex(test, "ek"));
    return verdict(is_valid(test) ? same && key_same : !shared || !same);
  });
}

TEST_P(WycheproofKem, Encapsulation) {
  run(name("_encaps"), [&](const element&, const element& test) {
    const auto key = KemPublicKey::parse(GetParam(), hex(test, "ek"));
    const Bytes coins = hex(test, "m");
    if (!key) return verdict(!is_valid(test));
    if (coins.size() != 32) return Verdict::not_ours;
    const auto made = key->encapsulate_with(std::span<const std::byte, 32>{coins});
    const bool same = made.ciphertext == hex(test, "c") && std::ranges::equal(made.shared.view(), hex(test, "K"));
    return verdict(same == is_valid(test));
  });
}

TEST_P(WycheproofKem, KeyGeneration) {
  run(name("_keygen_seed"), [&](const element&, const element& test) {
    const Bytes seed = hex(test, "seed");
    if (seed.size() != kKemSeedBytes) return Verdict::not_ours;
    const auto key = KemSecretKey::from_seed(GetParam(), std::span<const std::byte, kKemSeedBytes>{seed});
    const bool same =
        std::ranges::equal(key.public_key().bytes(), hex(test, "ek")) && std::ranges::equal(key.expanded(), hex(test, "dk"));
    return verdict(same == is_valid(test));
  });
}

TEST_P(WycheproofKem, ExpandedKeys) {
  run(name("_semi_expanded_decaps"), [&](const element&, const element& test) {
    const auto key = KemSecretKey::from_expanded(GetParam(), hex(test, "dk"));
    const auto shared = key ? key->decapsulate(hex(test, "c")) : Result<Secret<32>>{fail(Code::corrupt)};
    return verdict(is_valid(test) ? shared && std::ranges::equal(shared->view(), hex(test, "K")) : !shared);
  });
}

class WycheproofDsa : public testing::TestWithParam<DsaLevel> {
 protected:
  std::string name(const char* suffix) const { return "mldsa_" + std::to_string(static_cast<int>(GetParam())) + suffix; }
  /// Ours are hedged, so the signature given is verified, and one of ours is, too.
  Verdict check_signing(const Result<DsaSigner>& signer, const element& group, const element& test) const {
    if (!has(test, "msg")) return Verdict::not_ours;  // the internal interface
    const Bytes message = hex(test, "msg"), context = hex(test, "ctx");
    if (!signer || context.size() > kDsaContextBytesMax) return verdict(!is_valid(test));
    const auto& verifier = signer->verifier();
    const bool key_same = !has(group, "publicKey") || std::ranges::equal(verifier.bytes(), hex(group, "publicKey"));
    const bool good = key_same && verifier.verify(message, hex(test, "sig"), context) &&
                      verifier.verify(message, signer->sign(message, context), context);
    return verdict(good == is_valid(test));
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, WycheproofDsa, testing::Values(DsaLevel::ml_dsa_44, DsaLevel::ml_dsa_65, DsaLevel::ml_dsa_87));

TEST_P(WycheproofDsa, Verification) {
  run(name("_verify"), [&](const element& group, const element& test) {
    if (!has(test, "msg")) return Verdict::not_ours;
    const auto key = DsaVerifier::parse(GetParam(), hex(group, "publicKey"));
    return verdict((key && key->verify(hex(test, "msg"), hex(test, "sig"), hex(test, "ctx"))) == is_valid(test));
  });
}

TEST_P(WycheproofDsa, SigningFromSeed) {
  run(name("_sign_seed"), [&](const element& group, const element& test) {
    const Bytes seed = hex(group, "privateSeed");
    if (seed.size() != kDsaSeedBytes) return Verdict::not_ours;
    return check_signing(DsaSigner::from_seed(GetParam(), std::span<const std::byte, kDsaSeedBytes>{seed}), group, test);
  });
}

TEST_P(WycheproofDsa, SigningFromExpandedKeys) {
  run(name("_sign_noseed"), [&](const element& group, const element& test) {
    return check_signing(DsaSigner::from_expanded(GetParam(), hex(group, "privateKey")), group, test);
  });
}

// ---- ACVP: questions and answers in two files

using Answers = std::map<std::int64_t, element>;

void run_acvp(const std::string& name,
              const std::function<bool(const element& group, const element& test, const element& answer)>& check) {
  simdjson::dom::parser prompts, results;
  Answers answers;
  for (const element group : results.load(folder() + "/acvp/" + name + "-expectedResults.json")["testGroups"])
    for (const element test : group["tests"]) answers.emplace(number(test, "tcId"), test);
  std::size_t right = 0;
  for (const element group : prompts.load(folder() + "/acvp/" + name + "-prompt.json")["testGroups"])
    for (const element test : group["tests"]) {
      const bool good = check(group, test, answers.at(number(test, "tcId")));
      EXPECT_TRUE(good) << name << " case " << number(test, "tcId");
      right += good ? 1 : 0;
    }
  std::printf("ACVP       %-32s %4zu of %4zu right\n", name.c_str(), right, answers.size());
  EXPECT_EQ(right, answers.size());
}

KemLevel kem_level(const element& group) {
  const auto set = word(group, "parameterSet");
  return set == "ML-KEM-512" ? KemLevel::ml_kem_512 : set == "ML-KEM-768" ? KemLevel::ml_kem_768 : KemLevel::ml_kem_1024;
}

TEST(Acvp, MlKemKeyGeneration) {
  run_acvp("ML-KEM-keyGen-FIPS203", [](const element& group, const element& test, const element& answer) {
    Bytes seed = hex(test, "d");
    append(seed, hex(test, "z"));
    const auto key = KemSecretKey::from_seed(kem_level(group), std::span<const std::byte, kKemSeedBytes>{seed});
    return std::ranges::equal(key.public_key().bytes(), hex(answer, "ek")) &&
           std::ranges::equal(key.expanded(), hex(answer, "dk"));
  });
}

TEST(Acvp, MlKemEncapsulationAndDecapsulation) {
  run_acvp("ML-KEM-encapDecap-FIPS203", [](const element& group, const element& test, const element& answer) {
    const auto level = kem_level(group);
    if (word(group, "function") == "decapsulation") {
      const auto key = KemSecretKey::from_expanded(level, hex(group, "dk"));
      return key && std::ranges::equal(key->decapsulate(hex(test, "c")).value().view(), hex(answer, "k"));
    }
    const auto key = KemPublicKey::parse(level, hex(test, "ek"));
    const Bytes coins = hex(test, "m");
    const auto made = key.value().encapsulate_with(std::span<const std::byte, 32>{coins});
    return made.ciphertext == hex(answer, "c") && std::ranges::equal(made.shared.view(), hex(answer, "k"));
  });
}

TEST(Acvp, MlDsaKeyGeneration) {
  run_acvp("ML-DSA-keyGen-FIPS204", [](const element& group, const element& test, const element& answer) {
    const auto set = word(group, "parameterSet");
    const auto level = set == "ML-DSA-44"   ? DsaLevel::ml_dsa_44
                       : set == "ML-DSA-65" ? DsaLevel::ml_dsa_65
                                            : DsaLevel::ml_dsa_87;
    const Bytes seed = hex(test, "seed");
    const auto key = DsaSigner::from_seed(level, std::span<const std::byte, kDsaSeedBytes>{seed});
    return std::ranges::equal(key.verifier().bytes(), hex(answer, "pk")) &&
           std::ranges::equal(key.expanded(), hex(answer, "sk"));
  });
}

// NIST's vectors for signing are of the internal interface (FIPS 204 §6.2, §6.3), with the randomness given. The public one, which alone is
// ours, is that with a prefix and randomness of its own: so the vectors check AWS-LC's internal functions, and each case then joins the two.
struct InternalDsa {
  DsaLevel level;
  decltype(&ml_dsa_44_sign_internal) sign_with;
  decltype(&ml_dsa_44_verify_internal) verify_with;

  Bytes sign(ByteView secret_key, ByteView prefix, ByteView message, ByteView randomness) const {
    Bytes signature(sizes(level).signature);
    std::size_t size = signature.size();
    const bool done = sign_with(raw(secret_key), reinterpret_cast<std::uint8_t*>(signature.data()), &size, raw(message), message.size(), raw(prefix),
                                prefix.size(), raw(randomness)) == 1;
    return done && size == signature.size() ? signature : Bytes{};
  }
  bool verify(ByteView public_key, ByteView prefix, ByteView message, ByteView signature) const {
    return verify_with(raw(public_key), raw(signature), signature.size(), raw(message), message.size(), raw(prefix), prefix.size()) == 1;
  }

 private:
  static const std::uint8_t* raw(ByteView bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
};

InternalDsa internal_dsa(const element& group) {
  const auto set = word(group, "parameterSet");
  if (set == "ML-DSA-44") return {DsaLevel::ml_dsa_44, &ml_dsa_44_sign_internal, &ml_dsa_44_verify_internal};
  if (set == "ML-DSA-65") return {DsaLevel::ml_dsa_65, &ml_dsa_65_sign_internal, &ml_dsa_65_verify_internal};
  return {DsaLevel::ml_dsa_87, &ml_dsa_87_sign_internal, &ml_dsa_87_verify_internal};
}

const Bytes kPurePrefix(2);  // FIPS 204 §5.2: 0, and the length of an empty context

TEST(Acvp, MlDsaSigning) {
  run_acvp("ML-DSA-sigGen-FIPS204", [](const element& group, const element& test, const element& answer) {
    const auto internal = internal_dsa(group);
    const Bytes secret_key = hex(test, "sk"), message = hex(test, "message");
    const Bytes randomness = has(test, "rnd") ? hex(test, "rnd") : Bytes(32);
    if (internal.sign(secret_key, {}, message, randomness) != hex(answer, "signature")) return false;
    const auto signer = DsaSigner::from_expanded(internal.level, secret_key).value();
    return internal.verify(signer.verifier().bytes(), {}, message, hex(answer, "signature")) &&
           internal.verify(signer.verifier().bytes(), kPurePrefix, message, signer.sign(message)) &&
           signer.verifier().verify(message, internal.sign(secret_key, kPurePrefix, message, randomness));
  });
}

TEST(Acvp, MlDsaVerification) {
  run_acvp("ML-DSA-sigVer-FIPS204", [](const element& group, const element& test, const element& answer) {
    const auto internal = internal_dsa(group);
    const Bytes message = hex(test, "message"), signature = hex(test, "signature");
    const auto verifier = DsaVerifier::parse(internal.level, hex(group, "pk")).value();
    // A signature of the internal interface is none of the public one, whatever it is worth there.
    return internal.verify(verifier.bytes(), {}, message, signature) == answer["testPassed"].get_bool().value() &&
           !verifier.verify(message, signature);
  });
}

}  // namespace
}  // namespace tablinum::seal
