// SLH-DSA against NIST's vectors; the algorithms of liboqs (TABLINUM_OQS) against their published known answers; what the
// header promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tablinum/seal/further_signatures.h"
#include "tablinum/seal/primitives.h"

#include "primitives/slh_dsa.h"
#include "tablinum/base/crypto.h"

#if TABLINUM_OQS
#include <fmt/format.h>
#include <oqs/oqs.h>
#endif

namespace tablinum::seal {
namespace {

/// The small signatures of SLH-DSA and SPHINCS+ take half a second each: all of them only with TABLINUM_LONG_TESTS=1.
bool is_slow(std::string_view name) {
  return name.find("128s") != name.npos || name.find("192s") != name.npos || name.find("256s") != name.npos;
}
bool long_tests() { return std::getenv("TABLINUM_LONG_TESTS") != nullptr; }

bool listed(std::string_view name) {
  return std::ranges::any_of(algorithms(), [&](const Algorithm& each) { return name == each.name; });
}

TEST(FurtherSignatures, AreListedOnlyWhereTheyAre) {
  for (const auto& each : further_signatures()) {
    EXPECT_TRUE(listed(each.name)) << each.name;
    EXPECT_EQ(find_further_signature(each.name), &each);
  }
#if TABLINUM_OQS
  EXPECT_TRUE(listed("Falcon-512") && listed("SPHINCS+-SHA2-128s-simple") && listed("MAYO-2"));
#else
  EXPECT_EQ(further_signatures().size(), slh::parameter_sets().size());
  EXPECT_FALSE(listed("Falcon-512"));
#endif
  EXPECT_TRUE(listed("ML-DSA-87") && listed("SLH-DSA-SHA2-128s"));
}

TEST(FurtherSignatures, UnknownNamesAreUnsupported) {
  for (const std::string name : {"", "Falcon", "ML-DSA-65", "falcon-512", "SLH-DSA"}) {
    EXPECT_EQ(find_further_signature(name), nullptr) << name;
    EXPECT_EQ(FurtherSigner::generate(name).error().code, Code::unsupported) << name;
    EXPECT_EQ(FurtherSigner::from_keys(name, Bytes(4), Bytes(4)).error().code, Code::unsupported) << name;
    EXPECT_FALSE(verify_further(name, Bytes(4), Bytes(4), Bytes(4)));
  }
}

// ---- NIST's vectors

const slh::Parameters& set_of(std::string_view name) {
  return *std::ranges::find(slh::parameter_sets(), name, &slh::Parameters::name);
}

/// slh_dsa.txt: set | secret key | message | context | randomness, or - | SHA-256 of the signature. The first half of the
/// secret key and PK.seed are what the key was generated from.
TEST(SlhDsa, AcvpKeysAndSignatures) {
  std::ifstream file{TABLINUM_TEST_DATA "/slh_dsa.txt"};
  std::size_t right = 0, run = 0, all = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream columns{line};
    std::array<std::string, 6> row;
    for (auto& column : row) std::getline(columns, column, '|');
    ++all;
    if (is_slow(row[0]) && !long_tests() && (row[4] != "-" || row[0] != "SLH-DSA-SHA2-128s")) continue;
    ++run;
    const auto& set = set_of(row[0]);
    const Bytes key = from_hex(row[1]).value(), message = from_hex(row[2]).value(), context = from_hex(row[3]).value();
    const Bytes randomness = row[4] == "-" ? Bytes{} : from_hex(row[4]).value();
    const auto made = slh::make_secret_key(set, ByteView{key}.first(3 * set.n));
    EXPECT_TRUE(std::ranges::equal(made, key)) << line.substr(0, 60);
    Bytes signature = slh::sign(set, key, message, context, randomness);
    const bool same = signature.size() == set.signature_bytes() && to_hex(sha256(signature)) == row[5];
    EXPECT_TRUE(same) << line.substr(0, 60);
    const ByteView public_key = ByteView{key}.last(set.public_key_bytes());
    EXPECT_TRUE(slh::verify(set, public_key, message, context, signature));
    for (const std::size_t at : {std::size_t{0}, std::size_t{set.n}, signature.size() / 2, signature.size() - 1}) {
      signature[at] ^= std::byte{4};
      EXPECT_FALSE(slh::verify(set, public_key, message, context, signature)) << at;
      signature[at] ^= std::byte{4};
    }
    EXPECT_FALSE(slh::verify(set, public_key, message, Bytes(context.size() + 1), signature));
    right += same ? 1 : 0;
  }
  std::printf("ACVP       SLH-DSA, keys and signatures     %4zu of %4zu right\n", right, run);
  EXPECT_EQ(all, 24U);
  EXPECT_EQ(run, long_tests() ? 24U : 13U);
}

#if TABLINUM_OQS

// ---- Known answers: the NIST competition's files, made with its generator (AES-256-CTR, SP 800-90A) from a fixed seed

class NistGenerator {
 public:
  explicit NistGenerator(std::span<const std::uint8_t, 48> seed) { update(seed); }
  void fill(std::span<std::uint8_t> out) {
    for (std::size_t at = 0; at < out.size(); at += 16) {
      const auto block = next();
      std::copy_n(block.begin(), std::min<std::size_t>(16, out.size() - at), out.begin() + static_cast<std::ptrdiff_t>(at));
    }
    update(std::array<std::uint8_t, 48>{});
  }

 private:
  std::array<std::uint8_t, 16> next() {
    for (auto byte = counter_.rbegin(); byte != counter_.rend() && ++*byte == 0; ++byte) {
    }
    std::array<std::uint8_t, 16> block;
    Aes256{key_}.encrypt_block(counter_, block);
    return block;
  }
  void update(std::span<const std::uint8_t, 48> mixed_in) {
    std::array<std::uint8_t, 48> made;
    for (std::size_t at = 0; at < 48; at += 16) std::ranges::copy(next(), made.begin() + static_cast<std::ptrdiff_t>(at));
    for (std::size_t i = 0; i < 48; ++i) made[i] ^= mixed_in[i];
    std::copy_n(made.begin(), 32, key_.begin());
    std::copy_n(made.begin() + 32, 16, counter_.begin());
  }
  std::array<std::uint8_t, 32> key_{};
  std::array<std::uint8_t, 16> counter_{};
};

/// Stands in for the system's randomness inside liboqs while it lives; nothing else of this process draws from there meanwhile.
class Determined {
 public:
  explicit Determined(std::span<const std::uint8_t, 48> seed) {
    generator().emplace(seed);
    OQS_randombytes_custom_algorithm([](std::uint8_t* out, std::size_t size) { generator()->fill({out, size}); });
  }
  ~Determined() { OQS_randombytes_switch_algorithm(OQS_RAND_alg_system); }
  Determined(const Determined&) = delete;
  Determined& operator=(const Determined&) = delete;

 private:
  static std::optional<NistGenerator>& generator() {
    static std::optional<NistGenerator> one;
    return one;
  }
};

std::string upper_hex(ByteView bytes) {
  std::string text = to_hex(bytes);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return text;
}

/// Message and signature in the order of the scheme's own files.
Bytes signed_message(const std::string& name, ByteView message, ByteView signature) {
  Bytes out;
  if (name == "Falcon-512" || name == "Falcon-1024") {
    // Length of what follows the salt, salt, message, a header byte, the signature proper.
    const std::size_t rest = signature.size() - 40;
    for (const std::size_t byte : {rest >> 8, rest & 255}) out.push_back(static_cast<std::byte>(byte));
    append(out, signature.subspan(1, 40));
    append(out, message);
    out.push_back(name == "Falcon-512" ? std::byte{0x29} : std::byte{0x2a});
    append(out, signature.subspan(41));
    return out;
  }
  const bool message_first = name.starts_with("cross") || name.starts_with("OV");
  append(out, message_first ? message : signature);
  append(out, message_first ? signature : message);
  return out;
}

std::string first_answer(const std::string& name) {
  std::array<std::uint8_t, 48> entropy, seed;
  for (std::size_t i = 0; i < 48; ++i) entropy[i] = static_cast<std::uint8_t>(i);
  NistGenerator outer{entropy};
  outer.fill(seed);
  std::array<std::uint8_t, 33> drawn;
  outer.fill(drawn);
  const ByteView message = std::as_bytes(std::span{drawn});
  const Determined randomness{seed};
  const auto signer = FurtherSigner::generate(name).value();
  const Bytes signature = signer.sign(message).value();
  EXPECT_TRUE(verify_further(name, signer.public_key(), message, signature));
  const Bytes sm = signed_message(name, message, signature);
  return fmt::format("count = 0\nseed = {}\nmlen = 33\nmsg = {}\npk = {}\nsk = {}\nsmlen = {}\nsm = {}\n",
                     upper_hex(std::as_bytes(std::span{seed})), upper_hex(message), upper_hex(signer.public_key()),
                     upper_hex(signer.secret_key()), sm.size(), upper_hex(sm));
}

TEST(FurtherSignatures, KnownAnswersOfEveryAlgorithm) {
  std::ifstream file{TABLINUM_TEST_DATA "/oqs_kats.txt"};
  std::size_t right = 0, all = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::string name = line.substr(0, line.find(' '));
    ++all;
    const bool same = to_hex(sha256(bytes_of(first_answer(name)))) == line.substr(line.find(' ') + 1);
    EXPECT_TRUE(same) << name;
    right += same ? 1 : 0;
  }
  std::printf("liboqs     known answers                    %4zu of %4zu right\n", right, all);
  EXPECT_EQ(all + slh::parameter_sets().size(), further_signatures().size());
}

#endif

// ---- Each algorithm through the header's promises

std::vector<FurtherSignature> those_to_try() {
  std::vector<FurtherSignature> all{further_signatures().begin(), further_signatures().end()};
  if (!long_tests()) std::erase_if(all, [](const auto& each) { return is_slow(each.name); });
  return all;
}

class EachFurther : public testing::TestWithParam<FurtherSignature> {};
INSTANTIATE_TEST_SUITE_P(All, EachFurther, testing::ValuesIn(those_to_try()), [](const auto& row) {
  std::string name = row.param.name;
  std::ranges::replace_if(name, [](char c) { return c == '-' || c == '+'; }, '_');
  return name;
});

TEST_P(EachFurther, SignsAndRefusesTheRest) {
  const std::string& name = GetParam().name;
  const auto signer = FurtherSigner::generate(name).value();
  EXPECT_EQ(signer.public_key().size(), GetParam().public_key_bytes);
  EXPECT_EQ(signer.secret_key().size(), GetParam().secret_key_bytes);
  const auto message = bytes_of("04…:nonce");
  const Bytes signature = signer.sign(message).value();
  EXPECT_LE(signature.size(), GetParam().signature_bytes_max);
  EXPECT_TRUE(verify_further(name, signer.public_key(), message, signature));
  EXPECT_FALSE(verify_further(name, signer.public_key(), bytes_of("04…:nonces"), signature));
  for (const std::size_t at : {std::size_t{1}, signature.size() / 3, signature.size() / 2}) {
    Bytes altered = signature;
    altered[at] ^= std::byte{1};
    EXPECT_FALSE(verify_further(name, signer.public_key(), message, altered)) << at;
  }
  EXPECT_FALSE(verify_further(name, signer.public_key(), message, {}));
  // liboqs 0.13 itself takes half a signature of CROSS for a whole one, and reads what lies behind it.
  for (const std::size_t kept : {std::size_t{1}, signature.size() / 2, signature.size() - 1})
    EXPECT_FALSE(verify_further(name, signer.public_key(), message,
                                Bytes(signature.begin(), signature.begin() + static_cast<std::ptrdiff_t>(kept))))
        << kept;
  EXPECT_FALSE(verify_further(name, signer.public_key(), message, Bytes(GetParam().signature_bytes_max + 1)));
  EXPECT_FALSE(verify_further(name, signer.public_key().first(10), message, signature));
  EXPECT_TRUE(signer.sign({}));
}

TEST_P(EachFurther, TakesKeysOfAnotherProgramOnlyWhole) {
  const std::string& name = GetParam().name;
  const auto signer = FurtherSigner::generate(name).value(), other = FurtherSigner::generate(name).value();
  const auto taken = FurtherSigner::from_keys(name, signer.public_key(), signer.secret_key()).value();
  EXPECT_TRUE(verify_further(name, signer.public_key(), Bytes(3), taken.sign(Bytes(3)).value()));
  EXPECT_EQ(FurtherSigner::from_keys(name, other.public_key(), signer.secret_key()).error().code, Code::corrupt);
  EXPECT_EQ(FurtherSigner::from_keys(name, signer.public_key(), signer.secret_key().first(7)).error().code, Code::corrupt);
  EXPECT_EQ(FurtherSigner::from_keys(name, {}, signer.secret_key()).error().code, Code::corrupt);
}

#if TABLINUM_OQS
// A damaged Falcon key has no short vectors; signing with it must end all the same.
TEST(FurtherSignatures, DamagedFalconKeysAreRefusedInTime) {
  const auto signer = FurtherSigner::generate("Falcon-512").value();
  for (std::size_t at = 0; at < signer.secret_key().size(); at += 97) {
    SecretBytes damaged{signer.secret_key().begin(), signer.secret_key().end()};
    damaged[at] ^= std::byte{0x10};
    const auto taken = FurtherSigner::from_keys("Falcon-512", signer.public_key(), damaged);
    EXPECT_TRUE(!taken && taken.error().code == Code::corrupt) << at;
  }
}
#endif

}  // namespace
}  // namespace tablinum::seal
