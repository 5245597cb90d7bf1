// Known answers of the second implementation (tests/tools/pre_model.py), which pin every domain string, and of RFC 9496.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "pre/capsule.h"
#include "pre/packing.h"
#include "pre/proxy.h"
#include "pre_parties.h"

namespace tablinum::seal::pre {
namespace {

using testing::digest;
using testing::seed;

/// Accepts everything; signs with 0x5a, as the vectors do.
class Constant final : public Signer, public Verifier {
 public:
  IdentityId id() const noexcept override {
    IdentityId id;
    id.bytes.fill(std::byte{1});
    return id;
  }
  Result<Signature> sign(ByteView message) const override {
    signed_last = to_hex(message);
    Signature signature;
    signature.fill(std::byte{0x5a});
    return signature;
  }
  bool verify(ByteView, std::span<const std::byte, kSignatureBytes>) const noexcept override { return true; }
  mutable std::string signed_last;
};

std::vector<std::string> lines_of(const char* file) {
  std::ifstream in{std::string{TABLINUM_TEST_DATA} + "/" + file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  return lines;
}

const std::string& expected(const std::string& name) {
  static const auto table = [] {
    std::map<std::string, std::string> result;
    for (const auto& line : lines_of("pre_vectors.txt")) result[line.substr(0, line.find(' '))] = line.substr(line.find(' ') + 1);
    return result;
  }();
  return table.at(name);
}

std::string sha3_hex(ByteView bytes) { return to_hex(sha3_256(bytes)); }

class Vectors : public ::testing::TestWithParam<Suite> {
 protected:
  std::string want(const char* name) const { return expected(std::string{to_string(GetParam())} + "." + name); }
  CollectionId nines_ = [] {
    CollectionId id;
    id.bytes.fill(std::byte{9});
    return id;
  }();
  CollectionSecret owner_ = CollectionSecret::create(GetParam(), nines_, 5, seed(10), seed(11)).value();
  ReceiveSecret member_ = ReceiveSecret::create(GetParam(), seed(20), seed(21)).value();
  Constant signer_;

  CapsuleStanza stanza() const {
    const auto& halves = owner_.public_key().halves();
    const auto context = capsule_context(digest(7), halves.suite, halves.collection, halves.epoch, halves.lattice_hash, halves.point);
    const auto device = seed(52);
    auto capsule = build_capsule(owner_.public_key(), digest(7), seed(42), hedged_coins(seed(50), seed(51), context, &device));
    EXPECT_EQ(to_hex(context), want("context"));
    EXPECT_EQ(to_hex(capsule.to_sign), want("stanza.to_sign"));
    EXPECT_EQ(sha3_hex(capsule.body), want("stanza.sha3"));
    capsule.body.push_back(std::byte{0});
    append(capsule.body, signer_.sign({}).value());
    return CapsuleStanza::parse(capsule.body).value();
  }
  DelegationParts delegation() const {
    IdentityId member;
    member.bytes.fill(std::byte{2});
    const auto facts = facts_for(owner_, signer_.id(), member, member_.public_key().hash(), false, {.not_after_s = testing::kLater});
    EXPECT_EQ(to_hex(delegation_info(facts)), want("delegation.info"));
    return build_delegation(facts, owner_, member_.public_key().halves(), signer_, seed(60)).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, Vectors, ::testing::Values(Suite::kem_2048, Suite::kem_4096), [](const auto& suite) {
  return suite.param == Suite::kem_2048 ? std::string{"kem_2048"} : std::string{"kem_4096"};
});

TEST_P(Vectors, PublicKeys) {
  EXPECT_EQ(sha3_hex(owner_.public_key().serialise()), want("owner.public.sha3"));
  EXPECT_EQ(to_hex(owner_.public_key().hash()), want("owner.hash"));
  EXPECT_EQ(sha3_hex(member_.public_key().serialise()), want("member.public.sha3"));
  EXPECT_EQ(to_hex(member_.public_key().hash()), want("member.hash"));
}

TEST_P(Vectors, Capsule) {
  const auto capsule = stanza();
  EXPECT_EQ(to_hex(capsule.classical_capsule()), want("stanza.classical"));
  EXPECT_EQ(to_hex(capsule.wrap()), want("stanza.wrap"));
}

TEST_P(Vectors, DelegationTicketTombstone) {
  const auto parts = delegation();
  EXPECT_EQ(signer_.signed_last, want("delegation.to_sign"));
  const auto ticket = Ticket::parse(parts.ticket).value();
  EXPECT_EQ(to_hex(ticket.id().value), want("delegation.id"));
  EXPECT_EQ(sha3_hex(parts.ticket), want("ticket.sha3"));
  const auto record = serialise_delegation(parts.ticket, *parts.rekey);
  EXPECT_EQ(sha3_hex(record), want("delegation.sha3"));
  EXPECT_EQ(Delegation::parse(record)->serialise(), record);
  ASSERT_TRUE(Tombstone::create(ticket, signer_, testing::kNow));
  EXPECT_EQ(signer_.signed_last, want("tombstone.to_sign"));
}

TEST_P(Vectors, TransformAndOpen) {
  MemoryProxyState state;
  const Proxy proxy{seed(30), state};
  EXPECT_EQ(to_hex(proxy.public_key().bytes), want("proxy.public"));
  EXPECT_EQ(to_hex(proxy_secrets(seed(30)).storage.view()), want("proxy.storage"));
  const auto parts = delegation();
  const auto record = Delegation::parse(serialise_delegation(parts.ticket, *parts.rekey)).value();
  const auto capsule = stanza();
  const auto transformed = proxy.transform(capsule, digest(7), record, signer_, testing::kNow).value();
  EXPECT_EQ(sha3_hex(transformed), want("transformed.sha3"));
  EXPECT_EQ(to_hex(Transformed::parse(transformed)->fragment()), want("transformed.fragment"));
  MemoryFailureBudget budget;
  const auto opened = open_transformed(member_, {.stanza = capsule.bytes(), .transformed = transformed, .ticket = record.ticket(),
                                                 .core_hash = digest(7), .owner = signer_, .proxy = proxy.public_key()},
                                       budget, [](const FileKey&) { return true; });
  ASSERT_TRUE(opened);
  EXPECT_TRUE(*opened == seed(42));
}

TEST_P(Vectors, TheFormatsSizesAreTheDesigns) {
  const auto sizes = lattice_sizes(GetParam());
  const auto& ring = Ring::of(GetParam());
  EXPECT_EQ(capsule_bytes(ring), sizes.capsule);
  EXPECT_EQ(rekey_bytes(ring), sizes.rekey);
  EXPECT_EQ(transformed_bytes(ring), sizes.transformed);
  EXPECT_EQ(serialise_lattice_public(owner_.public_key().halves().lattice).size(), sizes.public_key);
}

TEST(PreVectors, SecondGenerator) { EXPECT_EQ(to_hex(second_generator()), expected("U")); }

TEST(PreVectors, BatchesOfCapsules) {
  for (const unsigned count : {1U, 2U, 3U, 5U, 8U, 13U}) {
    std::vector<Digest> leaves;
    for (unsigned i = 0; i < count; ++i) leaves.push_back(batch_leaf(digest(static_cast<std::uint8_t>(i))));
    const BatchTree tree{leaves};
    EXPECT_EQ(to_hex(hash("seal/v1/capbatch", {le32(count), tree.root().view()})), expected("batch." + std::to_string(count) + ".to_sign"));
    for (unsigned i = 0; i < count; ++i) {
      const auto path = tree.path(i);
      EXPECT_EQ(path.size(), batch_path_length(i, count));
      EXPECT_EQ(root_from_path(leaves[i], i, count, path), tree.root()) << i << " of " << count;
    }
  }
}

/// The lattice half at sizes of 16 to 128 coefficients against the big-integer model, in every implementation this processor has.
TEST(PreVectors, SmallRingsAgreeWithTheBigIntegerModel) {
  std::size_t cases = 0;
  for (const auto& line : lines_of("pre_vectors.txt")) {
    std::istringstream in{line};
    std::string word, suite, number, public_hash, m_hex, capsule_hex, rekey_hash, out_hex;
    Shape shape{};
    in >> word;
    if (word != "small") continue;
    in >> suite >> number;
    shape = shape_of(*suite_from_name(suite));
    in >> shape.n >> shape.message_bits >> shape.psi >> public_hash >> m_hex >> capsule_hex >> rekey_hash >> out_hex;
    const auto fresh = [&](const std::string& what) {
      return Seed{sha3_256(bytes_of(suite + " " + number + " " + what)).view().first<32>()};
    };
    for (const auto backend : backends_for(shape)) {
      SCOPED_TRACE(line.substr(0, 40));
      const Ring ring{shape, backend};
      const auto owner = lattice_keys(ring, fresh("owner")), member = lattice_keys(ring, fresh("member"));
      EXPECT_EQ(sha3_hex(serialise_lattice_public(owner.public_key)), public_hash);
      const auto raw = from_hex(m_hex).value();
      const Message m(raw.begin(), raw.end());
      const auto capsule = encrypt(owner.public_key, m, fresh("coins"));
      EXPECT_EQ(to_hex(capsule), capsule_hex);
      const auto rekey = make_rekey(owner.secret, member.public_key, fresh("rekey"));
      EXPECT_EQ(sha3_hex(serialise_rekey(rekey)), rekey_hash);
      const auto flood = fresh("flood");
      const auto words = transform(rekey, parse_capsule(ring, capsule).value(), shape.flood_bits,
                                   {.key = flood.view(), .delegation = {}, .capsule = {}});
      EXPECT_EQ(to_hex(serialise_transformed(ring, words)), out_hex);
      EXPECT_EQ(decrypt(member.secret, parse_transformed(ring, from_hex(out_hex).value())), m);
      ++cases;
    }
  }
  EXPECT_GE(cases, 32U);
}

RC_GTEST_PROP(PreRing, AllImplementationsGiveTheSameWords, ()) {
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096}) {
    const auto& shape = shape_of(suite);
    const Ring portable{shape, Backend::portable};
    const auto number = *rc::gen::inRange<std::uint64_t>(0, 1U << 30);
    Poly x(shape.n), y(shape.n);
    auto stream = xof(Shake::Strength::bits128, "test", {}, number);
    stream.squeeze(std::as_writable_bytes(std::span{x}));
    stream.squeeze(std::as_writable_bytes(std::span{y}));
    for (auto* poly : {&x, &y})
      for (auto& value : *poly) value = number % 3 == 0 ? shape.q - 1 - value % 3 : value % shape.q;  // also the edge of the range
    auto forward = x, back = x, product = x, sum = y;
    portable.forward(forward.data());
    portable.inverse(back.data());
    portable.multiply(product.data(), x.data(), y.data());
    portable.multiply_add(sum.data(), x.data(), y.data());
    for (std::size_t i = 0; i < shape.n; i += 97) {
      RC_ASSERT(product[i] == multiply_mod(x[i], y[i], shape.q));
      RC_ASSERT(sum[i] == (product[i] + y[i]) % shape.q);
    }
    for (const auto backend : backends_for(shape)) {
      const Ring ring{shape, backend};
      auto a = x, b = x, c = x, d = y;
      ring.forward(a.data());
      ring.inverse(b.data());
      ring.multiply(c.data(), x.data(), y.data());
      ring.multiply_add(d.data(), x.data(), y.data());
      RC_ASSERT(a == forward && b == back && c == product && d == sum);
      ring.inverse(a.data());
      RC_ASSERT(a == x);
    }
  }
}

RC_GTEST_PROP(PrePacking, RoundingIsExact, ()) {
  using u128 = unsigned __int128;
  for (const auto suite : {Suite::kem_2048, Suite::kem_4096}) {
    const auto q = shape_of(suite).q;
    const auto edge = *rc::gen::inRange<std::uint64_t>(0, 4096) * (q >> 12);
    const Poly values{*rc::gen::inRange<std::uint64_t>(0, q), edge, (edge + (q >> 13)) % q, (edge + (q >> 13) + 1) % q, q - 1 - edge};
    for (const unsigned bits : {8U, 12U}) {
      auto rounded = values;
      round_to_bits(rounded, bits, q);
      auto expanded = rounded;
      expand_from_bits(expanded, bits, q);
      for (std::size_t i = 0; i < values.size(); ++i) {
        RC_ASSERT(rounded[i] == static_cast<std::uint64_t>(((static_cast<u128>(values[i]) << (bits + 1)) + q) / (2 * q)) % (1U << bits));
        RC_ASSERT(expanded[i] == static_cast<std::uint64_t>((2 * static_cast<u128>(rounded[i]) * q + (1U << bits)) >> (bits + 1)));
      }
    }
  }
}

RC_GTEST_PROP(PrePacking, ReadsBackWhatItWrote, ()) {
  const auto bits = *rc::gen::element(8U, 12U, 40U, 60U);
  const auto count = *rc::gen::element<std::size_t>(2, 8, 16, 48, 64);
  std::vector<std::uint64_t> values(count), back(count);
  for (auto& value : values) value = *rc::gen::arbitrary<std::uint64_t>() & ((std::uint64_t{1} << bits) - 1);
  Bytes bytes(packed_bytes(values.size(), bits));
  pack(values, bits, bytes);
  unpack(bytes, bits, back);
  RC_ASSERT(back == values);
  for (std::size_t i = 0; i < values.size() * bits; ++i)  // bit for bit what the format says
    RC_ASSERT((static_cast<unsigned>(bytes[i / 8]) >> (i % 8) & 1) == (values[i / bits] >> (i % bits) & 1));
}

TEST(Rfc9496, AllVectorsOfAppendixA) {
  std::size_t multiples = 0, bad = 0, texts = 0;
  for (const auto& line : lines_of("pre_rfc9496.txt")) {
    std::istringstream in{line};
    std::string kind, hex;
    in >> kind >> hex;
    const auto bytes = from_hex(hex).value();
    if (kind == "multiple") {
      Scalar scalar;
      scalar.mutable_view()[0] = static_cast<std::byte>(++multiples);
      EXPECT_EQ(to_hex(times_base(scalar)), hex);
      EXPECT_TRUE(is_point(bytes));
    } else if (kind == "bad") {
      ++bad;
      EXPECT_FALSE(is_point(bytes)) << hex;
    } else {
      ++texts;
      const auto wide = sha512(bytes_of(line.substr(line.find(hex) + hex.size() + 1)));
      EXPECT_EQ(to_hex(point_from_uniform(std::as_bytes(std::span{wide}))), hex);
    }
  }
  EXPECT_EQ(multiples, 15U);
  EXPECT_EQ(bad, 29U);
  EXPECT_EQ(texts, 7U);
  EXPECT_EQ(times_base(Scalar{}), Point{});
  EXPECT_FALSE(is_point(Point{}));
}

}  // namespace
}  // namespace tablinum::seal::pre
