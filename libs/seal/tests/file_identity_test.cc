/// Sealed files with the keys of people: stanzas X and P, and signatures by both algorithms.
#include "file_harness.h"
#include "pre_parties.h"
#include "tablinum/seal/collection_recipient.h"
#include "tablinum/seal/identity.h"

namespace tablinum::seal {
namespace {

using testing::content_of;
using testing::opened_of;
using testing::own_key;
using testing::Pair;
using testing::sealed_of;
using testing::secret_of;

Secret<64> seed_of(std::uint8_t byte) {
  Secret<64> seed;
  std::ranges::fill(seed.mutable_view(), std::byte{byte});
  return seed;
}

struct Person {
  explicit Person(std::uint8_t number, bool anonymous = false)
      : secret{secret_of(number), seed_of(number)},
        recipient{make_identity_recipient(secret.public_key(), anonymous)},
        opener{make_identity_opener(secret)} {}
  Pair pair() const { return {recipient.get(), opener.get()}; }
  ExchangeSecretKey secret;
  std::unique_ptr<Recipient> recipient;
  std::unique_ptr<Opener> opener;
};

TEST(FileIdentity, OpensWithItsOwnKeyOnly) {
  const Person anna{1}, ben{2};
  const Bytes sealed = sealed_of(content_of(1000), {}, anna.pair());
  EXPECT_EQ(opened_of(sealed, anna.pair()).value(), content_of(1000));
  EXPECT_FALSE(opened_of(sealed, ben.pair()));
}

TEST(FileIdentity, AnonymousStanzasShowNothingAndOpen) {
  const Person anna{1, true}, ben{2, true};
  const std::array<const Recipient*, 3> three{anna.recipient.get(), ben.recipient.get(), &own_key()};
  Bytes sealed;
  ASSERT_TRUE(seal(content_of(9), sealed, three));
  EXPECT_TRUE(opened_of(sealed, anna.pair()));
  EXPECT_TRUE(opened_of(sealed, ben.pair()));
  EXPECT_TRUE(opened_of(sealed));
  MemorySource source{sealed};
  const auto header = read_header(source).value();
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(Bytes(4), Bytes(header.stanzas[i].body.begin(), header.stanzas[i].body.begin() + 4));
}

TEST(FileIdentity, OneHalfOfTheKeyIsNotEnough) {
  const Person anna{1};
  const Bytes sealed = sealed_of(content_of(9), {}, anna.pair());
  const auto other_kem = make_identity_opener(ExchangeSecretKey{secret_of(1), seed_of(2)});
  const auto other_curve = make_identity_opener(ExchangeSecretKey{secret_of(2), seed_of(1)});
  EXPECT_FALSE(opened_of(sealed, {.opener = other_kem.get()}));
  EXPECT_FALSE(opened_of(sealed, {.opener = other_curve.get()}));
}

TEST(FileIdentity, EveryBitOfTheStanzaCounts) {
  const Person anna{1}, nobody{1, true};
  const FileKey key = secret_of(9);
  const Digest core = sha3_256({});
  const auto yes = [](const FileKey&) { return true; };
  for (const Person* person : {&anna, &nobody}) {
    Stanza stanza = person->recipient->wrap(key, core).value();
    ASSERT_EQ(person->opener->unwrap(stanza, core, yes), key);
    EXPECT_FALSE(person->opener->unwrap(stanza, sha3_256(bytes_of("other file")), yes));
    for (std::size_t bit = 0; bit < stanza.body.size() * 8; bit += 5) {
      // The top bit of an X25519 point is not part of it, but it is hashed.
      stanza.body[bit / 8] ^= std::byte{1} << (bit % 8);
      ASSERT_FALSE(person->opener->unwrap(stanza, core, yes)) << bit;
      stanza.body[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    for (const std::size_t length : {std::size_t{0}, stanza.body.size() - 1}) {
      Stanza cut{stanza.type, 0, Bytes(stanza.body.begin(), stanza.body.begin() + static_cast<std::ptrdiff_t>(length))};
      EXPECT_FALSE(person->opener->unwrap(cut, core, yes));
    }
  }
}

TEST(FileIdentity, PointsOfSmallOrderAreRefusedOnBothSides) {
  const Person anna{1, true};
  ExchangePublicKey bad = anna.secret.public_key();
  bad.x25519 = {};
  Bytes sealed;
  const auto recipient = make_identity_recipient(bad);
  const Recipient* one = recipient.get();
  EXPECT_EQ(seal({}, sealed, {&one, 1}).error().code, Code::invalid);
  Stanza stanza = anna.recipient->wrap(secret_of(9), {}).value();
  std::fill_n(stanza.body.begin() + 4, 32, std::byte{});
  EXPECT_FALSE(anna.opener->unwrap(stanza, {}, [](const FileKey&) { return true; }));
}

TEST(FileIdentity, SignaturesByBothAlgorithms) {
  const HybridSigner keys{secret_of(5), secret_of(6)}, strangers{secret_of(7), secret_of(8)};
  const auto signer = make_signer(keys);
  const auto verifier = make_verifier(keys.verifier());
  const auto stranger = make_verifier(strangers.verifier());
  Bytes sealed = sealed_of(content_of(50), {.signer = signer.get()});
  const auto state = [&](const SignatureVerifier* known) {
    MemorySource source{sealed};
    return verify_signature(read_header(source).value(), {&known, 1});
  };
  EXPECT_EQ(state(verifier.get()), SignatureState::good);
  EXPECT_EQ(state(stranger.get()), SignatureState::unknown_signer);
  const std::size_t signature = testing::header_bytes(sealed) - kSignatureBytes;
  for (const std::size_t place : {std::size_t{0}, std::size_t{63}, std::size_t{64}, kSignatureBytes - 1}) {
    sealed[signature + place] ^= std::byte{1};
    EXPECT_EQ(state(verifier.get()), SignatureState::bad) << place;
    sealed[signature + place] ^= std::byte{1};
  }
  EXPECT_EQ(state(verifier.get()), SignatureState::good);
}

// ---- collections

class FileCollection : public ::testing::Test {
 protected:
  /// The one stanza P of a file as the proxy transforms it.
  Bytes transformed(ByteView sealed) {
    MemorySource source{sealed};
    const Header header = read_header(source).value();
    const auto stanza = pre::CapsuleStanza::parse(header.stanzas[0].body).value();
    return world_.proxy.transform(stanza, core_hash(header), delegation_, world_.alice, pre::testing::kNow).value();
  }
  std::unique_ptr<Opener> opener(ByteView by) {
    return make_transformed_opener({world_.receive, by, delegation_.ticket(), world_.alice, world_.proxy.public_key(), world_.budget});
  }
  Bytes sealed_for_collection() {
    const std::array<const Recipient*, 2> both{collection_.get(), &own_key()};
    Bytes sealed;
    EXPECT_TRUE(seal(content_of(3000), sealed, both));
    return sealed;
  }
  pre::testing::World world_;
  pre::Delegation delegation_ = world_.delegate();
  std::unique_ptr<Recipient> collection_ = make_collection_recipient(world_.collection.public_key(), world_.alice);
};

TEST_F(FileCollection, TheDelegateOpensWhatTheProxyTransformed) {
  const Bytes sealed = sealed_for_collection();
  EXPECT_EQ(opened_of(sealed).value(), content_of(3000));
  const Bytes by = transformed(sealed);
  EXPECT_EQ(opened_of(sealed, {.opener = opener(by).get()}).value(), content_of(3000));
}

TEST_F(FileCollection, WhatWasTransformedForAnotherFileOpensNothing) {
  const Bytes sealed = sealed_for_collection();
  const Bytes by = transformed(sealed_for_collection());
  EXPECT_FALSE(opened_of(sealed, {.opener = opener(by).get()}));
}

TEST_F(FileCollection, AnAlteredTransformOpensNothing) {
  const Bytes sealed = sealed_for_collection();
  Bytes by = transformed(sealed);
  by[by.size() / 2] ^= std::byte{1};
  EXPECT_FALSE(opened_of(sealed, {.opener = opener(by).get()}));
}

}  // namespace
}  // namespace tablinum::seal
