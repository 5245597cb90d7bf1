#include "tablinum/base/ledger.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tablinum::ledger {
namespace {

Digest filled(std::uint8_t byte) {
  Digest digest;
  digest.bytes.fill(byte);
  return digest;
}
Uuid counting(std::uint8_t from) {
  Uuid id;
  for (auto& byte : id.bytes) byte = from++;
  return id;
}
const TreeId kLog{counting(0)};
const RecordId kRecord{counting(16)};

// ---- RFC 9162: the test data of Certificate Transparency's implementations (eight leaves; roots of every size)
// ------------------

constexpr std::string_view kLeaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
constexpr std::string_view kRoots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                       "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                       "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                       "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                       "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                       "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                       "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                       "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Digest> leaves_of_the_test_data() {
  std::vector<Digest> leaves;
  for (const auto hex : kLeaves) leaves.push_back(leaf(from_hex(hex).value()));
  return leaves;
}

TEST(Log, RootsAgreeWithCertificateTransparency) {
  const auto leaves = leaves_of_the_test_data();
  LogEdge edge;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(to_hex(edge.root()), kRoots[size]);
    EXPECT_EQ(to_hex(tree_root(std::span{leaves}.first(size))), kRoots[size]);
    if (size < leaves.size()) edge.append(leaves[size]);
  }
}

// ---- A reference that follows RFC 9162's definitions to the letter
// -----------------------------------------------------------------

std::uint64_t split(std::uint64_t n) {
  std::uint64_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
Digest reference_root(std::span<const Digest> d) {
  if (d.empty()) return sha256({});
  if (d.size() == 1) return d[0];
  const auto k = split(d.size());
  const Digest left = reference_root(d.first(k)), right = reference_root(d.subspan(k));
  return Sha256{}.update_byte(1).update(left.view()).update(right.view()).finish();
}
std::vector<Digest> reference_path(std::uint64_t m, std::span<const Digest> d) {
  if (d.size() == 1) return {};
  const auto k = split(d.size());
  auto path = m < k ? reference_path(m, d.first(k)) : reference_path(m - k, d.subspan(k));
  path.push_back(reference_root(m < k ? d.subspan(k) : d.first(k)));
  return path;
}
std::vector<Digest> reference_subproof(std::uint64_t m, std::span<const Digest> d, bool known) {
  if (m == d.size()) return known ? std::vector<Digest>{} : std::vector<Digest>{reference_root(d)};
  const auto k = split(d.size());
  auto proof = m <= k ? reference_subproof(m, d.first(k), known) : reference_subproof(m - k, d.subspan(k), false);
  proof.push_back(reference_root(m <= k ? d.subspan(k) : d.first(k)));
  return proof;
}

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(leaf(bytes_of(std::to_string(i))));
  return leaves;
}
Subtree subtree_over(const std::vector<Digest>& leaves) {
  return [&leaves](unsigned level, std::uint64_t position) -> Result<Digest> {
    const auto count = std::uint64_t{1} << level;
    if ((position + 1) * count > leaves.size()) return fail(Code::internal, "asked for an incomplete subtree");
    return reference_root(std::span{leaves}.subspan(position * count, count));
  };
}

RC_GTEST_PROP(Log, EdgeAndRootAgreeWithTheDefinition, ()) {
  const auto leaves = some_leaves(*rc::gen::inRange<std::size_t>(0, 300));
  LogEdge edge;
  for (const auto& hash : leaves) {
    edge.append(hash, [&](unsigned level, std::uint64_t position, const Digest& root) {
      RC_ASSERT(root == subtree_over(leaves)(level, position).value());
    });
  }
  RC_ASSERT(edge.root() == reference_root(leaves));
  RC_ASSERT(tree_root(leaves) == reference_root(leaves));
  RC_ASSERT(root_at(leaves.size(), subtree_over(leaves)).value() == reference_root(leaves));
  const auto again = LogEdge::decode(edge.size(), edge.encode());
  RC_ASSERT(again.has_value() && again->root() == edge.root());
}

RC_GTEST_PROP(Log, InclusionProofsAreTheDefinitionsAndVerify, ()) {
  const auto leaves = some_leaves(*rc::gen::inRange<std::size_t>(1, 200));
  const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
  const Digest root = reference_root(leaves);
  auto proof = inclusion_proof(index, leaves.size(), subtree_over(leaves)).value();
  RC_ASSERT(proof == reference_path(index, leaves));
  RC_ASSERT(verify_inclusion(leaves[index], index, leaves.size(), proof, root));
  // Nothing else verifies: another leaf, root or size, a path cut, prolonged or altered.
  RC_ASSERT(!verify_inclusion(filled(9), index, leaves.size(), proof, root));
  RC_ASSERT(!verify_inclusion(leaves[index], index, leaves.size(), proof, filled(9)));
  RC_ASSERT(!verify_inclusion(leaves[index], leaves.size(), leaves.size(), proof, root));
  auto longer = proof;
  longer.push_back(filled(9));
  RC_ASSERT(!verify_inclusion(leaves[index], index, leaves.size(), longer, root));
  if (proof.empty()) return;
  RC_ASSERT(!verify_inclusion(leaves[index], index, leaves.size(), std::span{proof}.first(proof.size() - 1), root));
  proof[*rc::gen::inRange<std::size_t>(0, proof.size())].bytes[3] ^= 1;
  RC_ASSERT(!verify_inclusion(leaves[index], index, leaves.size(), proof, root));
}

RC_GTEST_PROP(Log, ConsistencyProofsAreTheDefinitionsAndVerify, ()) {
  const auto leaves = some_leaves(*rc::gen::inRange<std::size_t>(1, 200));
  const auto old_size = *rc::gen::inRange<std::size_t>(1, leaves.size() + 1);
  const Digest old_root = reference_root(std::span{leaves}.first(old_size)), new_root = reference_root(leaves);
  auto proof = consistency_proof(old_size, leaves.size(), subtree_over(leaves)).value();
  RC_ASSERT(proof == reference_subproof(old_size, leaves, true));
  RC_ASSERT(verify_consistency(old_size, old_root, leaves.size(), new_root, proof));
  RC_ASSERT(!verify_consistency(old_size, filled(9), leaves.size(), new_root, proof));
  RC_ASSERT(!verify_consistency(old_size, old_root, leaves.size(), filled(9), proof));
  RC_ASSERT(!verify_consistency(leaves.size() + 1, old_root, leaves.size(), new_root, proof));
  if (proof.empty()) return;
  RC_ASSERT(!verify_consistency(old_size, old_root, leaves.size(), new_root, std::span{proof}.first(proof.size() - 1)));
  proof[*rc::gen::inRange<std::size_t>(0, proof.size())].bytes[3] ^= 1;
  RC_ASSERT(!verify_consistency(old_size, old_root, leaves.size(), new_root, proof));
}

TEST(Log, ProofsAtTheEdges) {
  const auto leaves = some_leaves(5);
  const auto subtree = subtree_over(leaves);
  EXPECT_EQ(inclusion_proof(5, 5, subtree).error().code, Code::invalid);
  EXPECT_EQ(inclusion_proof(0, 0, subtree).error().code, Code::invalid);
  EXPECT_EQ(consistency_proof(6, 5, subtree).error().code, Code::invalid);
  EXPECT_TRUE(consistency_proof(0, 5, subtree).value().empty());
  EXPECT_TRUE(verify_consistency(0, sha256({}), 5, reference_root(leaves), {}));
  EXPECT_FALSE(verify_consistency(0, filled(1), 5, reference_root(leaves), {}));
  EXPECT_EQ(LogEdge::decode(3, Bytes(32)).error().code, Code::corrupt);
  EXPECT_EQ(LogEdge::decode(0, Bytes(32)).error().code, Code::corrupt);
}

// ---- Vectors from an independent program: SHA-256 and its compression written out in Python, AES by OpenSSL's command
// ------------

TEST(Cnode, IsOneCompressionAfterTheFixedBlock) {
  EXPECT_EQ(to_hex(cnode(Digest{}, Digest{})), "f97f1867bf6ace762814f1aee35935347f92becefb53517d525154790eae2af6");
  EXPECT_EQ(to_hex(cnode(filled(1), filled(2))), "55f2d2bed2849132eae33365ae701dbec647d31c6a627447813cd2a81f4f0fe3");
}

TEST(Record, RootAndSaltsAgreeWithTheIndependentProgram) {
  FieldValues values;
  for (std::uint8_t i = 0; i < kFieldCount; ++i) values[i] = filled(i);
  const Salt salt = counting(0).bytes;
  EXPECT_EQ(to_hex(view(field_salts(salt)[15])), "b972098e54cb97c2817be5807b64adbf");
  EXPECT_EQ(to_hex(record_root(salt, values)), "e39a081c789d04a9cd27b94bca8e908b72235d0c8c15750ae518b0795525d72e");
}

Change some_change() {
  return {.log_id = kLog,
          .record_id = kRecord,
          .kind = ChangeKind::update,
          .field = 8,
          .time = 1'700'000'000,
          .old_root = filled(0xa1),
          .new_root = filled(0xb2),
          .author_tag = filled(0xc3),
          .salt = counting(32).bytes};
}

TEST(Change, CanonicalBytesAgreeWithTheIndependentProgram) {
  const ChangeBytes bytes = encode(some_change());
  EXPECT_EQ(to_hex(sha256(view(bytes))), "b758893eac0bf0557920ba04e1ea427ad0d545a1013a72e4cfe89046490f429d");
  EXPECT_EQ(to_hex(change_leaf(bytes)), "0f9de396b3b3321df6482c5d5de6eb057ed10092de5fb6d565847c0f8e5ff306");
  EXPECT_EQ(decode_change(view(bytes)).value(), some_change());
}

TEST(Change, RefusesWhatIsNotCanonical) {
  const ChangeBytes good = encode(some_change());
  const auto with = [&](std::size_t at, std::uint8_t byte) {
    auto bytes = good;
    bytes[at] = byte;
    return decode_change(view(bytes));
  };
  EXPECT_EQ(with(0, 3).error().code, Code::corrupt);   // type
  EXPECT_EQ(with(1, 2).error().code, Code::corrupt);   // version
  EXPECT_EQ(with(34, 0).error().code, Code::corrupt);  // kind
  EXPECT_EQ(with(34, 8).error().code, Code::corrupt);
  EXPECT_TRUE(with(34, 7).has_value());
  EXPECT_EQ(with(35, 16).error().code, Code::corrupt);  // field
  EXPECT_TRUE(with(35, 15).has_value());
  EXPECT_TRUE(with(35, 255).has_value());
  EXPECT_EQ(decode_change(view(good).first(kChangeBytes - 1)).error().code, Code::corrupt);
  EXPECT_EQ(decode_change({}).error().code, Code::corrupt);
}

BlockHeader some_header() {
  return {.log_id = kLog,
          .parent = filled(1),
          .log_root = filled(2),
          .state_root = filled(3),
          .changes_root = filled(4),
          .number = 7,
          .time = 1'700'000'001,
          .change_count = 5,
          .change_limit = 32,
          .extra = filled(5)};
}

TEST(Block, CanonicalBytesAgreeWithTheIndependentProgram) {
  const HeaderBytes bytes = encode(some_header());
  EXPECT_EQ(to_hex(block_hash(bytes)), "05611f3eaca5e7bb977ea92d45064e54c94b16f7a2e63426c3061cd8449aa62f");
  EXPECT_EQ(decode_header(view(bytes)).value(), some_header());
}

TEST(Block, RefusesWhatIsNotCanonical) {
  auto header = some_header();
  header.change_count = 32;
  EXPECT_TRUE(decode_header(view(encode(header))).has_value());
  header.change_count = 33;
  EXPECT_EQ(decode_header(view(encode(header))).error().code, Code::corrupt);
  auto bytes = encode(some_header());
  bytes[0] = 2;
  EXPECT_EQ(decode_header(view(bytes)).error().code, Code::corrupt);
  EXPECT_EQ(decode_header(view(bytes).first(kHeaderBytes - 1)).error().code, Code::corrupt);
}

TEST(State, LeavesAndRootsAgreeWithTheIndependentProgram) {
  EXPECT_EQ(to_hex(state_leaf(kRecord, filled(0xb2))), "628bb66ae673fab5a851792e2e07984074ba72638016a3794dbf4138c926c50f");
  const Digest person = zk_leaf(kRecord, filled(0xb2));
  EXPECT_EQ(to_hex(person), "4e2dcaf186d36c0efcda9a1a7a5d9f07c930bea9eb32bb0b27d10b1ee7a7f077");
  EXPECT_EQ(zk_empty(0), Digest{});
  EXPECT_EQ(to_hex(zk_empty(20)), "8b41d0499ac6109b226f2d5148003761f22f897ffe18fe7b2343ed6680a52b0a");
  EXPECT_EQ(to_hex(zk_empty(24)), "9b55bf4930b94c80abae5b20dd5071ec52546a0e5e1b7fc2e9fd7e7d9f3983e4");
  const Digest root = zk_subtree(std::span{&person, 1}, 0, kZkDepth);
  EXPECT_EQ(to_hex(zk_state_root(kZkDepth, root)), "2b356067f87c8cca5bd43d3e4f95bf952b9d768cd8fd58b912b8852fb73459e4");
}

TEST(State, TheDeeperTreeBeginsWhereTheOtherIsFull) {
  EXPECT_EQ(zk_depth(0), 20u);
  EXPECT_EQ(zk_depth(1u << 20), 20u);
  EXPECT_EQ(zk_depth((1u << 20) + 1), 24u);
}

RC_GTEST_PROP(State, SubtreesComposeLevelByLevel, ()) {
  const auto leaves = some_leaves(*rc::gen::inRange<std::size_t>(0, 257));
  std::vector<Digest> groups;
  for (std::size_t at = 0; at < leaves.size(); at += 16) {
    groups.push_back(zk_subtree(std::span{leaves}.subspan(at, std::min<std::size_t>(16, leaves.size() - at)), 0, 4));
  }
  RC_ASSERT(zk_subtree(leaves, 0, 9) == zk_subtree(groups, 4, 5));
  // The RFC's tree composes too, where only the last group is incomplete.
  std::vector<Digest> tops;
  for (std::size_t at = 0; at < leaves.size(); at += 16) {
    tops.push_back(tree_root(std::span{leaves}.subspan(at, std::min<std::size_t>(16, leaves.size() - at))));
  }
  RC_ASSERT(tree_root(leaves) == tree_root(tops));
}

}  // namespace
}  // namespace tablinum::ledger
