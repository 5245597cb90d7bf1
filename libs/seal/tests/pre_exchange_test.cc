// The whole way of a file key, and everything that must stop it: design "seal" §13, capsule, classical half, rekey, proxy's policy.
#include <gtest/gtest.h>
#include <sodium.h>

#include "pre/capsule.h"
#include "pre/proxy.h"
#include "pre_parties.h"

namespace tablinum::seal::pre {
namespace {

using testing::digest;
using testing::kNow;
using testing::Party;
using testing::seed;
using testing::World;

constexpr std::size_t kHead = 37;                       // before the lattice capsule
constexpr std::size_t kClassicalAt = kHead + 10'624;    // kem-2048
constexpr std::size_t kTransformedClassicalAt = 65 + 3'328;

Digest context_in(const World& world, std::uint8_t file) {
  const auto& halves = world.collection.public_key().halves();
  return capsule_context(digest(file), halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
}

/// A stanza with changed contents under a good signature of `signer`: what only a dishonest owner could make.
Bytes signed_again(const World& world, Bytes stanza, const Signer& signer, std::uint8_t file = 7) {
  const auto parsed = CapsuleStanza::parse(stanza);
  if (!parsed) return stanza;
  const auto signature = signer.sign(capsule_digest(*parsed, context_in(world, file)).view()).value();
  std::ranges::copy(signature, stanza.end() - kSignatureBytes);
  return stanza;
}

/// T with changed contents under the proxy's own signature: what a dishonest proxy can make.
Bytes signed_by_proxy(Bytes transformed) {
  const auto secrets = proxy_secrets(seed(30));
  std::array<unsigned char, 32> public_key;
  std::array<unsigned char, 64> secret_key;
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), secrets.signing_seed.u8().data());
  const auto message = transformed_to_sign(ByteView{transformed}.first(transformed.size() - 64));
  crypto_sign_detached(u8(std::span{transformed}.last(64)), nullptr, message.bytes.data(), 32, secret_key.data());
  return transformed;
}

Result<Bytes> transform(const World& world, const CapsuleStanza& stanza, const Delegation& delegation, std::uint8_t file = 7) {
  return world.proxy.transform(stanza, digest(file), delegation, world.alice, kNow);
}

void expect_err_open(const Result<FileKey>& opened) {
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::corrupt);
  EXPECT_EQ(opened.error().detail, kErrOpenText);
}

class Exchange : public ::testing::TestWithParam<Suite> {};
INSTANTIATE_TEST_SUITE_P(Suites, Exchange, ::testing::Values(Suite::kem_2048, Suite::kem_4096), [](const auto& suite) {
  return suite.param == Suite::kem_2048 ? std::string{"kem_2048"} : std::string{"kem_4096"};
});

TEST_P(Exchange, AMemberOpensWhatTheOwnerDelegated) {
  World world{GetParam()};
  const auto stanza = world.stanza();
  const auto delegation = world.delegate();
  const auto transformed = transform(world, stanza, delegation);
  ASSERT_TRUE(transformed) << describe(transformed.error());
  const auto opened = world.open(stanza, *transformed, delegation.ticket());
  ASSERT_TRUE(opened) << describe(opened.error());
  EXPECT_TRUE(*opened == world.file_key);
  EXPECT_EQ(world.budget.taken(world.receive.public_key().id()), 0U);
}

TEST_P(Exchange, RecordsReadBackAsWritten) {
  World world{GetParam()};
  const auto stanza = world.stanza();
  const auto delegation = world.delegate();
  const auto transformed = transform(world, stanza, delegation).value();
  EXPECT_EQ(CapsuleStanza::parse(stanza.bytes())->serialise(), stanza.serialise());
  EXPECT_EQ(Delegation::parse(delegation.serialise())->serialise(), delegation.serialise());
  EXPECT_EQ(Ticket::parse(delegation.ticket().serialise())->id(), delegation.id());
  EXPECT_EQ(Transformed::parse(transformed)->serialise(), transformed);
  EXPECT_EQ(CollectionPublic::parse(world.collection.public_key().serialise())->hash(), world.collection.public_key().hash());
  EXPECT_EQ(ReceivePublic::parse(world.receive.public_key().serialise())->hash(), world.receive.public_key().hash());
  if (GetParam() == Suite::kem_2048) {  // the sizes of the format's page
    EXPECT_EQ(delegation.serialise().size(), 44'629U);
    EXPECT_EQ(delegation.ticket().serialise().size(), 3'669U);
    EXPECT_EQ(transformed.size(), 3'649U);
  }
  const auto tombstone = Tombstone::create(delegation.ticket(), world.alice, kNow).value();
  EXPECT_EQ(Tombstone::parse(tombstone.serialise())->delegation(), delegation.id());
}

TEST_P(Exchange, RecordsOfAWrongLengthAreRefused) {
  World world{GetParam()};
  const auto delegation = world.delegate();
  const auto check = [](const auto& parse, ByteView whole, const char* what) {
    Bytes longer(whole.begin(), whole.end());
    longer.push_back({});
    EXPECT_FALSE(parse(longer)) << what;
    for (const std::size_t left : {std::size_t{0}, std::size_t{1}, std::size_t{6}, whole.size() / 2, whole.size() - 1})
      EXPECT_FALSE(parse(whole.first(left))) << what << ' ' << left;
    EXPECT_TRUE(parse(whole)) << what;
  };
  const auto stanza = world.stanza();
  const auto transformed = transform(world, stanza, delegation).value();
  check([](ByteView b) { return CapsuleStanza::parse(b).has_value(); }, stanza.bytes(), "capsule");
  check([](ByteView b) { return Delegation::parse(b).has_value(); }, delegation.serialise(), "delegation");
  check([](ByteView b) { return Ticket::parse(b).has_value(); }, delegation.ticket().serialise(), "ticket");
  check([](ByteView b) { return Transformed::parse(b).has_value(); }, transformed, "transformed");
  check([](ByteView b) { return CollectionPublic::parse(b).has_value(); }, world.collection.public_key().serialise(), "collection key");
  check([](ByteView b) { return ReceivePublic::parse(b).has_value(); }, world.receive.public_key().serialise(), "receiving key");
  check([](ByteView b) { return Tombstone::parse(b).has_value(); },
        Tombstone::create(delegation.ticket(), world.alice, kNow)->serialise(), "tombstone");
}

TEST(PreKeys, KindsDoNotConvert) {
  World world;
  EXPECT_FALSE(ReceivePublic::parse(world.collection.public_key().serialise()));
  EXPECT_FALSE(CollectionPublic::parse(world.receive.public_key().serialise()));
  static_assert(!std::is_convertible_v<CollectionPublic, ReceivePublic> && !std::is_convertible_v<ReceivePublic, CollectionPublic>);
  static_assert(!std::is_constructible_v<ReceiveSecret, CollectionSecret> && !std::is_constructible_v<CollectionSecret, ReceiveSecret>);
  static_assert(!std::is_convertible_v<CollectionSecret, GroupSecret>);
  // The same seeds as another kind of key are another key.
  const auto same = ReceiveSecret::create(Suite::kem_2048, seed(10), seed(11)).value();
  EXPECT_NE(same.public_key().hash(), world.collection.public_key().hash());
}

TEST(PreKeys, SeedsMustDiffer) {
  EXPECT_EQ(ReceiveSecret::create(Suite::kem_2048, seed(1), seed(1)).error().code, Code::invalid);
  World world;
  EXPECT_EQ(world.collection.roll(seed(10), seed(12)).error().code, Code::invalid);
  EXPECT_EQ(world.collection.roll(seed(12), seed(11)).error().code, Code::invalid);
  EXPECT_EQ(world.collection.roll(seed(12), seed(13))->public_key().epoch(), 6U);
  const auto last = CollectionSecret::create(Suite::kem_2048, {}, 0xffffffff, seed(1), seed(2)).value();
  EXPECT_EQ(last.roll(seed(3), seed(4)).error().code, Code::limit);
}

TEST(PreKeys, BadPublicKeysAreRefused) {
  World world;
  const auto good = world.receive.public_key().serialise();
  const auto spoiled = [&](std::size_t at, ByteView with) {
    auto bytes = good;
    std::ranges::copy(with, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return ReceivePublic::parse(bytes);
  };
  const std::array q{std::byte{0x01}, std::byte{0xc0}, std::byte{0xfd}, std::byte{0xff}, std::byte{0xff}};
  const std::array below_q{std::byte{0x00}, std::byte{0xc0}, std::byte{0xfd}, std::byte{0xff}, std::byte{0xff}};
  EXPECT_FALSE(spoiled(7 + 32, q));
  EXPECT_TRUE(spoiled(7 + 32, below_q));
  EXPECT_FALSE(spoiled(good.size() - 32, Point{}));
  Point not_canonical;
  not_canonical.fill(std::byte{0xff});
  EXPECT_FALSE(spoiled(good.size() - 32, not_canonical));
}

TEST(PreCapsule, TwoEncapsulationsShareNothing) {
  World world;
  const auto a = world.stanza(), b = world.stanza();
  EXPECT_FALSE(std::ranges::equal(a.lattice_capsule(), b.lattice_capsule()));
  EXPECT_FALSE(std::ranges::equal(a.classical_capsule(), b.classical_capsule()));
  // With a generator that repeats itself, message, file and device still make the coins differ.
  const auto device = seed(9), other = seed(8);
  const auto coins = hedged_coins(seed(1), seed(2), digest(3), &device);
  EXPECT_FALSE(coins.lattice == hedged_coins(seed(1), seed(4), digest(3), &device).lattice);
  EXPECT_FALSE(coins.lattice == hedged_coins(seed(1), seed(2), digest(4), &device).lattice);
  EXPECT_FALSE(coins.lattice == hedged_coins(seed(1), seed(2), digest(3), &other).lattice);
  EXPECT_FALSE(coins.r == hedged_coins(seed(1), seed(2), digest(3), nullptr).r);
}

TEST(PreCapsule, HalvesOfTwoFilesDoNotMix) {
  World world;
  const auto delegation = world.delegate();
  const auto one = world.stanza_bytes(), two = world.stanza_bytes();
  auto mixed = one;
  std::copy(two.begin() + kClassicalAt, two.begin() + kClassicalAt + 96, mixed.begin() + kClassicalAt);
  EXPECT_EQ(transform(world, *CapsuleStanza::parse(mixed), delegation).error().code, Code::denied);
  const auto stanza = CapsuleStanza::parse(signed_again(world, mixed, world.alice)).value();  // even if the owner helps
  const auto transformed = transform(world, stanza, delegation).value();
  expect_err_open(world.open(stanza, transformed, delegation.ticket()));
}

TEST(PreCapsule, BelongsToOneFileCollectionEpochAndKey) {
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  EXPECT_EQ(transform(world, stanza, delegation, 8).error().code, Code::denied);
  for (const std::size_t at : {1U, 17U, 21U}) {  // collection, epoch, key
    auto bytes = stanza.serialise();
    bytes[at] ^= std::byte{1};
    const auto changed = CapsuleStanza::parse(bytes).value();
    EXPECT_EQ(transform(world, changed, delegation).error().code, Code::conflict) << at;
    EXPECT_EQ(verify_capsule(changed, digest(7), world.collection.public_key(), world.alice).error().code, Code::conflict) << at;
  }
  EXPECT_TRUE(verify_capsule(stanza, digest(7), world.collection.public_key(), world.alice));
  EXPECT_EQ(verify_capsule(stanza, digest(8), world.collection.public_key(), world.alice).error().code, Code::denied);
  EXPECT_EQ(verify_capsule(stanza, digest(7), world.collection.public_key(), world.carol).error().code, Code::denied);
  const auto transformed = transform(world, stanza, delegation).value();
  expect_err_open(world.open(stanza, transformed, delegation.ticket(), 8));
}

TEST(PreCapsule, EveryWordOfC0Counts) {
  World world;
  const auto delegation = world.delegate();
  const auto good = world.stanza_bytes();
  for (std::size_t word = 0; word < 256; ++word) {
    auto bytes = good;
    const std::size_t at = kClassicalAt - 384 + word * 12 / 8;
    if (word % 2 == 0) bytes[at] ^= std::byte{1};  // ±1 in the word's lowest bit
    else bytes[at] ^= std::byte{0x10};
    const auto stanza = CapsuleStanza::parse(signed_again(world, bytes, world.alice)).value();
    const auto transformed = transform(world, stanza, delegation).value();
    MemoryFailureBudget fresh;
    const auto opened = open_transformed(world.receive, {.stanza = stanza.bytes(), .transformed = transformed, .ticket = delegation.ticket(),
                                                         .core_hash = digest(7), .owner = world.alice, .proxy = world.proxy.public_key()},
                                         fresh, [](const FileKey&) { return true; });
    expect_err_open(opened);
  }
}

TEST(PreCapsule, CoefficientsEndBelowQ) {
  auto with = [bytes = World{}.stanza_bytes()](std::uint64_t coefficient) mutable {
    for (std::size_t i = 0; i < 5; ++i) bytes[kHead + 5 + i] = static_cast<std::byte>(coefficient >> (8 * i));
    return CapsuleStanza::parse(bytes).has_value();
  };
  EXPECT_TRUE(with(0xfffffdc001 - 1));
  EXPECT_FALSE(with(0xfffffdc001));
  EXPECT_FALSE(with(0xffffffffff));
}

TEST(PreCapsule, OddOnesAreRefused) {
  World world;
  const auto good = world.stanza_bytes();
  EXPECT_FALSE(CapsuleStanza::parse(Bytes(good.size())));  // all zero: no suite
  auto other_suite = good;
  other_suite[0] = std::byte{2};
  EXPECT_EQ(CapsuleStanza::parse(other_suite).error().code, Code::corrupt);
  other_suite[0] = std::byte{3};
  EXPECT_EQ(CapsuleStanza::parse(other_suite).error().code, Code::unsupported);
  // A zero lattice capsule, well formed and signed by the owner: a capsule without secrecy that nothing opens.
  auto zero = good;
  std::fill(zero.begin() + kHead, zero.begin() + kClassicalAt, std::byte{0});
  const auto stanza = CapsuleStanza::parse(signed_again(world, zero, world.alice)).value();
  const auto delegation = world.delegate();
  expect_err_open(world.open(stanza, transform(world, stanza, delegation).value(), delegation.ticket()));
}

TEST(PreCapsule, OneHalfAloneIsNoCapsule) {  // attack 8
  const auto good = World{}.stanza_bytes();
  auto no_classical = good, no_lattice = good, neutral = good;
  no_classical.erase(no_classical.begin() + kClassicalAt, no_classical.begin() + kClassicalAt + 96);
  no_lattice.erase(no_lattice.begin() + kHead, no_lattice.begin() + kClassicalAt);
  std::fill(neutral.begin() + kClassicalAt, neutral.begin() + kClassicalAt + 96, std::byte{0});
  for (const auto& bytes : {no_classical, no_lattice, neutral}) EXPECT_EQ(CapsuleStanza::parse(bytes).error().code, Code::corrupt);
}

TEST(PreClassical, BadCapsulesAreRefused) {
  World world;
  const auto delegation = world.delegate();
  const auto good = world.stanza_bytes();
  const auto with = [&](std::size_t at, std::byte fill) {
    auto bytes = good;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(kClassicalAt + at), 32, fill);
    return CapsuleStanza::parse(bytes);
  };
  for (const std::size_t at : {0U, 32U}) {
    EXPECT_FALSE(with(at, std::byte{0}));     // the identity
    EXPECT_FALSE(with(at, std::byte{0xff}));  // not canonical
  }
  EXPECT_FALSE(with(64, std::byte{0xff}));  // scalar over the order
  auto wrong_s = good;
  wrong_s[kClassicalAt + 64] ^= std::byte{1};
  const auto stanza = CapsuleStanza::parse(signed_again(world, wrong_s, world.alice)).value();
  EXPECT_EQ(transform(world, stanza, delegation).error().code, Code::denied);
  EXPECT_EQ(verify_capsule(stanza, digest(7), world.collection.public_key(), world.alice).error().code, Code::denied);
}

TEST(PreClassical, TheOrderItselfIsNoScalar) {
  auto order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  EXPECT_FALSE(is_scalar(order));
  order[0] ^= std::byte{1};
  EXPECT_TRUE(is_scalar(order));  // one less
}

TEST(PreClassical, ForgedFragmentsAreRefused) {
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  const auto good = transform(world, stanza, delegation).value();
  const auto other = world.delegate();  // same parties, another rekey: another X and R
  const auto swapped = transform(world, stanza, other).value();
  for (std::size_t part = 0; part < 6; ++part) {  // E1, V1, X, R, c, z, each from the other fragment
    auto bytes = good;
    const auto at = static_cast<std::ptrdiff_t>(kTransformedClassicalAt + 32 * part);
    std::copy_n(swapped.begin() + at, 32, bytes.begin() + at);
    expect_err_open(world.open(stanza, signed_by_proxy(bytes), delegation.ticket()));
  }
  for (std::size_t part = 0; part < 4; ++part) {
    auto bytes = good;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(kTransformedClassicalAt + 32 * part), 32, std::byte{0});
    EXPECT_FALSE(Transformed::parse(signed_by_proxy(bytes)));
  }
  EXPECT_TRUE(world.open(stanza, signed_by_proxy(good), delegation.ticket()));
  EXPECT_EQ(world.budget.taken(world.receive.public_key().id()), 0U);  // none of this needed the key
}

TEST(PreClassical, ZeroRekeysAndOwnKeysAreRefused) {
  World world;
  auto bytes = world.delegate().serialise();
  const auto rk_at = bytes.begin() + (5 + 259);
  std::fill(rk_at, rk_at + 32, std::byte{0});
  EXPECT_FALSE(Delegation::parse(bytes));
  // The owner's own key as a receiving key.
  const auto own = ReceiveSecret::create(Suite::kem_2048, seed(10), seed(11)).value();
  world.bob.card.push_back(own.public_key().id());
  EXPECT_EQ(Delegation::create(world.collection, world.bob, own.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow).error().code,
            Code::conflict);
  // The same ristretto key beside another lattice key, too.
  const auto half = ReceiveSecret::create(Suite::kem_2048, seed(77), seed(11)).value();
  world.bob.card.push_back(half.public_key().id());
  EXPECT_EQ(Delegation::create(world.collection, world.bob, half.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow).error().code,
            Code::conflict);
}

TEST(PreDelegation, NeedsACardAndTerms) {
  World world;
  const auto create = [&](const VerifiedContact& to, DelegationTerms terms) {
    return Delegation::create(world.collection, to, world.receive.public_key(), terms, world.alice, kNow).error().code;
  };
  EXPECT_EQ(create(world.carol, {.not_after_s = testing::kLater}), Code::denied);  // not in her card
  world.bob.card_until = kNow;
  EXPECT_EQ(create(world.bob, {.not_after_s = testing::kLater}), Code::denied);  // expired there
  EXPECT_EQ(create(world.bob, {.not_after_s = 1'800'000'000}), Code::invalid);
  EXPECT_EQ(create(world.bob, {.not_after_s = testing::kLater, .transforms_max = 0}), Code::invalid);
  EXPECT_EQ(create(world.bob, {.not_after_s = testing::kLater, .transforms_max = kTransformsPerEpochMax + 1}), Code::invalid);
  World wide{Suite::kem_4096};
  EXPECT_EQ(Delegation::create(world.collection, wide.bob, wide.receive.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow)
                .error().code, Code::conflict);
}

TEST(PreDelegation, UnsignedOrHalfSignedOnesDoNothing) {
  World world;
  const auto stanza = world.stanza();
  const auto good = world.delegate().serialise();
  const auto end = good.size();
  for (const auto [from, to] : {std::pair{end - kSignatureBytes, end},                 // both signatures gone
                                std::pair{end - kSignatureBytes, end - kMlDsa65SignatureBytes},  // the classical one
                                std::pair{end - kMlDsa65SignatureBytes, end}}) {                 // the lattice one
    auto bytes = good;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to), std::byte{0});
    const auto delegation = Delegation::parse(bytes).value();
    EXPECT_EQ(transform(world, stanza, delegation).error().code, Code::denied);
  }
  for (const std::size_t at : {6U, 25U, 60U, 100U, 250U, 300U, 1000U, 40'000U}) {  // any change of D
    auto bytes = good;
    bytes[at] ^= std::byte{1};
    const auto delegation = Delegation::parse(bytes);
    if (delegation) EXPECT_EQ(transform(world, stanza, *delegation).error().code, Code::denied) << at;
  }
}

TEST(PreDelegation, OfAnotherEpochCollectionOrMemberOpensNothing) {
  World world;
  const auto stanza = world.stanza();
  const auto good = world.delegate();
  const auto other_epoch = world.collection.roll(seed(12), seed(13)).value();
  const auto next = Delegation::create(other_epoch, world.bob, world.receive.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow);
  EXPECT_EQ(transform(world, stanza, *next).error().code, Code::conflict);
  const auto foreign = CollectionSecret::create(Suite::kem_2048, random_collection_id(), 5, seed(14), seed(15)).value();
  const auto theirs = Delegation::create(foreign, world.bob, world.receive.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow);
  EXPECT_EQ(transform(world, stanza, *theirs).error().code, Code::conflict);

  // What is for Carol does not open for Bob.
  const auto carols = ReceiveSecret::create(Suite::kem_2048, seed(24), seed(25)).value();
  world.carol.card.push_back(carols.public_key().id());
  const auto hers = Delegation::create(world.collection, world.carol, carols.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow);
  const auto for_carol = transform(world, stanza, *hers).value();
  expect_err_open(world.open(stanza, for_carol, hers->ticket()));
  expect_err_open(world.open(stanza, for_carol, good.ticket()));
  // A lattice rekey for another collection gives noise: about half of the bits.
  const auto& ring = Ring::of(Suite::kem_2048);
  const Message m(32);
  const auto capsule = encrypt(world.collection.public_key().halves().lattice, m, seed(80));
  const auto words = transform(theirs->rekey().lattice, parse_capsule(ring, capsule).value(), ring.shape().flood_bits,
                               {.key = seed(1).view(), .delegation = {}, .capsule = {}});
  int wrong = 0;
  for (const auto byte : decrypt(world.receive.halves().lattice, words)) wrong += std::popcount(static_cast<unsigned>(byte));
  EXPECT_GT(wrong, 90);
  EXPECT_LT(wrong, 170);
}

TEST(PreProxy, ExpiryCountersAndTombstones) {
  World world;
  const auto stanza = world.stanza();
  const auto delegation = world.delegate({.not_after_s = testing::kLater, .transforms_max = 2});
  const auto at = [&](std::int64_t seconds) {
    return world.proxy.transform(stanza, digest(7), delegation, world.alice, Timestamp{seconds * 1000});
  };
  EXPECT_TRUE(at(testing::kLater));
  EXPECT_EQ(at(testing::kLater + 1).error().code, Code::denied);

  EXPECT_TRUE(transform(world, world.stanza(), delegation));  // the second distinct capsule
  EXPECT_EQ(transform(world, world.stanza(), delegation).error().code, Code::limit);
  EXPECT_TRUE(transform(world, stanza, delegation));  // an old one still is served

  const auto tombstone = Tombstone::create(delegation.ticket(), world.alice, kNow).value();
  EXPECT_EQ(Tombstone::create(delegation.ticket(), world.bob, kNow).error().code, Code::denied);
  EXPECT_EQ(world.proxy.revoke(tombstone, world.bob).error().code, Code::denied);
  auto forged = tombstone.serialise();
  forged[70] ^= std::byte{1};
  EXPECT_EQ(world.proxy.revoke(*Tombstone::parse(forged), world.alice).error().code, Code::denied);
  EXPECT_TRUE(transform(world, stanza, delegation));
  EXPECT_TRUE(world.proxy.revoke(tombstone, world.alice));
  EXPECT_EQ(transform(world, stanza, delegation).error().code, Code::denied);

  auto kept = MemoryProxyState::parse(world.state.serialise()).value();  // and after a restart
  const Proxy again{seed(30), *kept};
  EXPECT_EQ(again.transform(stanza, digest(7), delegation, world.alice, kNow).error().code, Code::denied);
}

TEST(PreProxy, CountsAnEpochOverAllDelegations) {
  MemoryProxyState state;
  Charge charge{.delegation = {digest(1)}, .collection = {}, .epoch = 1, .capsule = digest(9), .delegation_max = 100, .epoch_max = 3};
  EXPECT_TRUE(state.charge(charge));
  EXPECT_TRUE(state.charge(charge));  // the same pair is free
  charge.delegation = {digest(2)};
  EXPECT_TRUE(state.charge(charge));
  charge.capsule = digest(10);
  EXPECT_TRUE(state.charge(charge));
  charge.capsule = digest(11);
  EXPECT_EQ(state.charge(charge).error().code, Code::limit);
  EXPECT_EQ(MemoryProxyState::parse(state.serialise()).value()->charge(charge).error().code, Code::limit);
  charge.epoch = 2;
  EXPECT_TRUE(state.charge(charge));
  EXPECT_EQ(Charge{}.epoch_max, 1U << 20);
  auto bytes = state.serialise();
  bytes.push_back({});
  EXPECT_FALSE(MemoryProxyState::parse(bytes));
}

TEST(PreProxy, TransformsOnlyWhatTheOwnerSigned) {
  World world;
  const auto delegation = world.delegate();
  auto unsigned_one = world.stanza_bytes();
  std::fill(unsigned_one.end() - kSignatureBytes, unsigned_one.end(), std::byte{0});
  EXPECT_EQ(transform(world, *CapsuleStanza::parse(unsigned_one), delegation).error().code, Code::denied);
  const auto by_member = signed_again(world, world.stanza_bytes(), world.bob);
  EXPECT_EQ(transform(world, *CapsuleStanza::parse(by_member), delegation).error().code, Code::denied);
  for (const std::size_t at : {kSignatureBytes, kMlDsa65SignatureBytes}) {  // one half of the signature broken
    auto half = world.stanza_bytes();
    half[half.size() - at] ^= std::byte{1};
    EXPECT_EQ(transform(world, *CapsuleStanza::parse(half), delegation).error().code, Code::denied);
  }
  EXPECT_EQ(world.proxy.transform(world.stanza(), digest(7), delegation, world.bob, kNow).error().code, Code::denied);
}

TEST(PreProxy, RepeatsItselfByteForByte) {
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  const auto first = transform(world, stanza, delegation).value();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(transform(world, stanza, delegation).value(), first);
  MemoryProxyState other_state;
  const Proxy restarted{seed(30), other_state};
  EXPECT_EQ(restarted.transform(stanza, digest(7), delegation, world.alice, kNow).value(), first);
}

TEST(PreProxy, TransformedForOneFileDoesNotServeAnother) {
  World world;
  const auto delegation = world.delegate();
  const auto one = world.stanza(7), two = world.stanza(8);
  const auto transformed = transform(world, one, delegation).value();
  expect_err_open(world.open(two, transformed, delegation.ticket(), 8));
  auto moved = transformed;  // a dishonest proxy renames it
  std::ranges::copy(two.hash().view(), moved.begin() + 33);
  expect_err_open(world.open(two, signed_by_proxy(moved), delegation.ticket(), 8));
  EXPECT_TRUE(world.open(one, transformed, delegation.ticket()));
  const Proxy impostor{seed(31), world.state};
  EXPECT_FALSE(Transformed::parse(transformed)->verify(impostor.public_key()));
}

TEST(PreProxy, KeepsDelegationsEncrypted) {
  World world;
  const auto delegation = world.delegate();
  auto stored = world.proxy.seal_for_storage(delegation);
  EXPECT_EQ(world.proxy.open_from_storage(stored)->id(), delegation.id());
  const auto plain = delegation.serialise();
  EXPECT_EQ(std::ranges::search(stored, std::span{plain}.subspan(300, 16)).begin(), stored.end());
  EXPECT_EQ(Proxy(seed(31), world.state).open_from_storage(stored).error().code, Code::corrupt);
  stored[100] ^= std::byte{1};
  EXPECT_EQ(world.proxy.open_from_storage(stored).error().code, Code::corrupt);
  EXPECT_EQ(world.proxy.open_from_storage({}).error().code, Code::corrupt);
}

TEST(PreOpen, TheHeadersWordIsFinal) {
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  const auto transformed = transform(world, stanza, delegation).value();
  const OpenRequest request{.stanza = stanza.bytes(), .transformed = transformed, .ticket = delegation.ticket(), .core_hash = digest(7),
                            .owner = world.alice, .proxy = world.proxy.public_key()};
  const auto id = world.receive.public_key().id();
  expect_err_open(open_transformed(world.receive, request, world.budget, [](const FileKey&) { return false; }));
  EXPECT_EQ(world.budget.taken(id), 1U);
}

TEST(PreOpen, StopsAfterThirtyTwoFailures) {  // attack 4
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  const auto good = transform(world, stanza, delegation).value();
  const auto id = world.receive.public_key().id();
  for (unsigned i = 0; i < kFailuresMax; ++i) {
    auto near_threshold = good;  // c0' words shifted by a quarter of q: some bits are now decided by the noise and the key
    for (std::size_t word = i % 3; word < 256; word += 3) near_threshold[65 + 3'072 + word] ^= std::byte{0x40};
    expect_err_open(world.open(stanza, signed_by_proxy(near_threshold), delegation.ticket()));
    EXPECT_EQ(world.budget.taken(id), i + 1);
  }
  EXPECT_EQ(world.open(stanza, good, delegation.ticket()).error().code, Code::limit);  // not even a good one any more
  const auto rotated = ReceiveSecret::create(Suite::kem_2048, seed(26), seed(27)).value();
  EXPECT_EQ(world.budget.taken(rotated.public_key().id()), 0U);
}

TEST(PreOpen, StrangersCannotUseUpTheBudget) {
  World world;
  const auto delegation = world.delegate();
  const auto stanza = world.stanza();
  auto rubbish = transform(world, stanza, delegation).value();
  rubbish[100] ^= std::byte{1};  // without the proxy's signature
  for (int i = 0; i < 40; ++i) expect_err_open(world.open(stanza, rubbish, delegation.ticket()));
  EXPECT_EQ(world.budget.taken(world.receive.public_key().id()), 0U);
}

TEST(PreOwner, RewrapsForTheNextEpoch) {
  World world;
  const auto old = world.stanza();
  const auto next = world.collection.roll(seed(12), seed(13)).value();
  const auto body = rewrap(old, next.public_key(), digest(7), world.file_key, world.alice).value();
  const auto stanza = CapsuleStanza::parse(body).value();
  EXPECT_EQ(stanza.epoch(), 6U);
  const auto delegation = Delegation::create(next, world.bob, world.receive.public_key(), {.not_after_s = testing::kLater}, world.alice, kNow);
  const auto opened = world.open(stanza, transform(world, stanza, *delegation).value(), delegation->ticket());
  ASSERT_TRUE(opened);
  EXPECT_TRUE(*opened == world.file_key);
  EXPECT_EQ(transform(world, stanza, world.delegate()).error().code, Code::conflict);  // the old delegation is of no use
  EXPECT_EQ(rewrap(stanza, world.collection.public_key(), digest(7), world.file_key, world.alice).error().code, Code::conflict);
  const auto foreign = CollectionSecret::create(Suite::kem_2048, random_collection_id(), 9, seed(14), seed(15)).value();
  EXPECT_EQ(rewrap(old, foreign.public_key(), digest(7), world.file_key, world.alice).error().code, Code::conflict);
}

TEST(PreOwner, SignsManyCapsulesAtOnce) {
  World world;
  std::vector<BatchItem> items;
  for (std::uint8_t i = 0; i < 5; ++i) items.push_back({.core_hash = digest(i), .file_key = seed(i)});
  auto bodies = encapsulate_batch(world.collection.public_key(), items, world.alice, inline_executor()).value();
  const auto delegation = world.delegate();
  for (std::uint8_t i = 0; i < 5; ++i) {
    const auto stanza = CapsuleStanza::parse(bodies[i]).value();
    EXPECT_TRUE(verify_capsule(stanza, digest(i), world.collection.public_key(), world.alice));
    const auto opened = world.open(stanza, transform(world, stanza, delegation, i).value(), delegation.ticket(), i);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(*opened == seed(i));
    for (const std::size_t from_end : {kSignatureBytes + 1, kSignatureBytes + 33}) {  // path, then count
      auto spoiled = bodies[i];
      spoiled[spoiled.size() - from_end] ^= std::byte{1};
      if (const auto parsed = CapsuleStanza::parse(spoiled)) EXPECT_EQ(transform(world, *parsed, delegation, i).error().code, Code::denied);
    }
  }
  const std::size_t index_at = kClassicalAt + 96 + 48 + 1;
  auto beyond = bodies[0];
  beyond[index_at] = std::byte{5};
  EXPECT_FALSE(CapsuleStanza::parse(beyond));
  std::swap(bodies[0], bodies[1]);
  EXPECT_FALSE(verify_capsule(*CapsuleStanza::parse(bodies[0]), digest(0), world.collection.public_key(), world.alice));
  EXPECT_EQ(encapsulate_batch(world.collection.public_key(), {}, world.alice, inline_executor()).error().code, Code::invalid);
  const std::vector<BatchItem> too_many(kBatchMax + 1);
  EXPECT_EQ(encapsulate_batch(world.collection.public_key(), too_many, world.alice, inline_executor()).error().code, Code::limit);
}

TEST(PreGroups, OpenWithTheGroupsKeyAndFormNoCircle) {
  World world;
  CollectionId name;
  name.bytes.fill(std::byte{8});
  const auto family = CollectionSecret::create(Suite::kem_2048, name, 0, seed(70), seed(71)).value();
  DelegationGraph graph;
  const DelegationTerms terms{.not_after_s = testing::kLater};
  const auto create = [&](const CollectionSecret& from, const CollectionSecret& to) {
    return Delegation::create(AllowGroup{}, from, world.bob.id(), to.public_key(), graph, terms, world.alice, kNow);
  };
  const auto delegation = create(world.collection, family).value();
  EXPECT_TRUE(delegation.facts().group);
  const auto stanza = world.stanza();
  const auto transformed = transform(world, stanza, delegation).value();
  const auto yes = [](const FileKey&) { return true; };
  const OpenRequest request{.stanza = stanza.bytes(), .transformed = transformed, .ticket = delegation.ticket(), .core_hash = digest(7),
                            .owner = world.alice, .proxy = world.proxy.public_key()};
  const auto opened = open_transformed(GroupSecret{family}, request, world.budget, yes);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(*opened == world.file_key);
  expect_err_open(open_transformed(world.receive, request, world.budget, yes));

  EXPECT_EQ(create(family, world.collection).error().code, Code::conflict);  // back again: a circle
  EXPECT_EQ(create(family, family).error().code, Code::conflict);
  const CollectionId a{.bytes = {std::byte{1}}}, b{.bytes = {std::byte{2}}}, c{.bytes = {std::byte{3}}};
  DelegationGraph longer;
  EXPECT_TRUE(longer.add(a, b));
  EXPECT_TRUE(longer.add(b, c));
  EXPECT_TRUE(longer.add(a, c));
  EXPECT_EQ(longer.add(c, a).error().code, Code::conflict);
  EXPECT_EQ(longer.add(a, a).error().code, Code::conflict);
}

TEST(PreSelfTest, Passes) { EXPECT_TRUE(self_test()); }

}  // namespace
}  // namespace tablinum::seal::pre
