// Proxy re-encryption with real identities (Ed25519 and ML-DSA-65), and with keys of the vector profile, which it must not take.
#include <gtest/gtest.h>

#include "pre_parties.h"
#include "tablinum/seal/fhe.h"
#include "tablinum/seal/roles.h"

namespace tablinum::seal {
namespace {

using pre::testing::digest;
using pre::testing::kNow;

/// A receiving key that the card lists, without the card.
class Listed final : public pre::VerifiedContact {
 public:
  pre::IdentityId id() const noexcept override { return {}; }
  bool lists(const pre::ReceivePublic&, Timestamp) const noexcept override { return true; }
};

struct RealWorld {
  Identity alice = Identity::create("alice", kNow.seconds()).value();
  PartySigner signer{alice};
  PartyVerifier verifier{alice.signer().verifier()};
  pre::CollectionSecret collection =
      pre::CollectionSecret::create(pre::Suite::kem_2048, pre::random_collection_id(), 0, random_secret<32>(), random_secret<32>()).value();
  pre::ReceiveSecret receive = pre::ReceiveSecret::create(pre::Suite::kem_2048, random_secret<32>(), random_secret<32>()).value();
  pre::Delegation delegation =
      pre::Delegation::create(collection, Listed{}, receive.public_key(), {.not_after_s = pre::testing::kLater}, signer, kNow).value();
  pre::MemoryProxyState state;
  pre::Proxy proxy{random_secret<32>(), state};
  pre::CapsuleStanza stanza =
      pre::CapsuleStanza::parse(pre::encapsulate(collection.public_key(), digest(7), pre::testing::seed(42), signer).value()).value();
};

TEST(PreIdentities, AFileKeyTravels) {
  RealWorld world;
  const auto transformed = world.proxy.transform(world.stanza, digest(7), world.delegation, world.verifier, kNow);
  ASSERT_TRUE(transformed) << describe(transformed.error());
  pre::MemoryFailureBudget budget;
  const auto opened = pre::open_transformed(world.receive, {.stanza = world.stanza.bytes(), .transformed = *transformed,
                                                            .ticket = world.delegation.ticket(), .core_hash = digest(7), .owner = world.verifier,
                                                            .proxy = world.proxy.public_key()},
                                            budget, [](const pre::FileKey&) { return true; });
  ASSERT_TRUE(opened);
  EXPECT_TRUE(*opened == pre::testing::seed(42));
}

TEST(PreIdentities, HalfASignatureIsNone) {
  RealWorld world;
  const Identity mallory = Identity::create("mallory", kNow.seconds()).value();
  const auto d = world.delegation.serialise();
  const auto p = world.stanza.serialise();
  // Each half by somebody else in turn; the other half stays good.
  for (const auto [at, bytes] : {std::pair{pre::kSignatureBytes, pre::kEd25519SignatureBytes},
                                 std::pair{pre::kMlDsa65SignatureBytes, pre::kMlDsa65SignatureBytes}}) {
    const auto foreign = PartySigner{mallory}.sign(digest(1).view()).value();
    auto spoiled_d = d;
    auto spoiled_p = p;
    const auto from = foreign.end() - static_cast<std::ptrdiff_t>(at);
    std::copy_n(from, bytes, spoiled_d.end() - static_cast<std::ptrdiff_t>(at));
    std::copy_n(from, bytes, spoiled_p.end() - static_cast<std::ptrdiff_t>(at));
    const auto delegation = pre::Delegation::parse(spoiled_d).value();
    EXPECT_EQ(delegation.verify(world.verifier).error().code, Code::denied);
    EXPECT_EQ(world.proxy.transform(world.stanza, digest(7), delegation, world.verifier, kNow).error().code, Code::denied);
    const auto stanza = pre::CapsuleStanza::parse(spoiled_p).value();
    EXPECT_EQ(world.proxy.transform(stanza, digest(7), world.delegation, world.verifier, kNow).error().code, Code::denied);
  }
}

TEST(PreIdentities, KeysOfTheVectorProfileAreNone) {  // attack 7
  const auto context = fhe::context().value();
  const auto keys = fhe::generate_keys(context), other = fhe::generate_keys(context);
  const auto rekey = fhe::serialize(fhe::make_rekey(keys.secret_key, other.public_key).value());
  const auto ciphertext = fhe::serialize(fhe::encrypt(keys.public_key, std::vector<std::int64_t>{1, 2, 3}).value());
  for (const auto& bytes : {fhe::serialize(keys.public_key), rekey, ciphertext}) {
    EXPECT_FALSE(pre::CollectionPublic::parse(bytes));
    EXPECT_FALSE(pre::ReceivePublic::parse(bytes));
    EXPECT_FALSE(pre::CapsuleStanza::parse(bytes));
    EXPECT_FALSE(pre::Delegation::parse(bytes));
    EXPECT_FALSE(pre::Transformed::parse(bytes));
  }
  static_assert(!std::is_convertible_v<fhe::PublicKey, pre::ReceivePublic> && !std::is_convertible_v<fhe::SecretKey, pre::ReceiveSecret>);
  static_assert(!std::is_constructible_v<pre::CollectionSecret, fhe::SecretKey> && !std::is_constructible_v<pre::Delegation, fhe::ReKey>);
  const RealWorld world;
  EXPECT_FALSE(fhe::deserialize_public_key(world.receive.public_key().serialise()));
  EXPECT_FALSE(fhe::deserialize_rekey(world.delegation.serialise()));
}

}  // namespace
}  // namespace tablinum::seal
