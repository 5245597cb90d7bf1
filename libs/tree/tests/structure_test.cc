#include "tablinum/tree/structure.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "random_structure.h"

namespace tablinum::tree {
namespace {

RecordId id_of(std::uint8_t last) {
  Uuid id;
  id.bytes[15] = last;
  return RecordId{id};
}

Bytes encoded(const Structure& structure) {
  Bytes out;
  encode(structure, out);
  return out;
}

Bytes raw(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

Structure person() {
  Structure s{Dialect::gedcom551};
  const auto indi = s.append(kNoNode, Tag::INDI);
  s.append(indi, Tag::NAME, PayloadKind::text, "Tendai /Moyo/");
  const auto birth = s.append(indi, Tag::BIRT);
  s.append(birth, Tag::DATE, PayloadKind::text, "1 JAN 1900");
  s.append(birth, Tag::SOUR, PayloadKind::record, {}, id_of(7));
  s.append(indi, "_VENDOR", PayloadKind::text, "");
  s.append(indi, Tag::FAMS, PayloadKind::dangling, "F9");
  return s;
}

TEST(Tags, EveryNameIsFoundAndNoOtherIs) {
  for (std::uint16_t i = 1; i < kTagCount; ++i) {
    EXPECT_EQ(static_cast<std::uint16_t>(tag_of(tag_text(static_cast<Tag>(i)))), i);
  }
  for (const char* name : {"", "N", "NA", "NAM", "NAMES", "name", "INDIINDI", "_LOBOLAS", "NOTE ", "\xFF\xFF\xFF\xFF"}) {
    EXPECT_EQ(tag_of(name), Tag::literal) << name;
  }
  EXPECT_EQ(tag_of({"INDI\0", 5}), Tag::literal);
  EXPECT_EQ(tag_of({"SEX\0", 4}), Tag::literal);
  EXPECT_EQ(tag_text(Tag::literal), "");
}

TEST(Tags, FrozenNumbers) {  // stored bytes and hashes depend on them
  EXPECT_EQ(static_cast<int>(Tag::ABBR), 1);
  EXPECT_EQ(static_cast<int>(Tag::INDI), 78);
  EXPECT_EQ(static_cast<int>(Tag::WWW), 156);
  EXPECT_EQ(static_cast<int>(Tag::_LIVING), 168);
}

TEST(Tags, WhatTheApiAddresses) {
  EXPECT_TRUE(is_addressable(Tag::INDI, Tag::NAME));
  EXPECT_TRUE(is_addressable(Tag::INDI, Tag::BIRT));
  EXPECT_TRUE(is_addressable(Tag::FAM, Tag::MARR));
  EXPECT_TRUE(is_addressable(Tag::BIRT, Tag::SOUR));
  EXPECT_FALSE(is_addressable(Tag::HEAD, Tag::SOUR));
  EXPECT_FALSE(is_addressable(Tag::FAM, Tag::BIRT));
  EXPECT_FALSE(is_addressable(Tag::REPO, Tag::NAME));
  EXPECT_FALSE(is_addressable(Tag::INDI, Tag::FAMS));
}

TEST(Structure, ChildrenInOrder) {
  const auto s = person();
  std::string seen;
  for (const auto i : s.children(0)) seen += std::string{s.tag_name(i)} + " ";
  EXPECT_EQ(seen, "NAME BIRT _VENDOR FAMS ");
  EXPECT_EQ(s.child_text(s.child(0, Tag::BIRT), Tag::DATE), "1 JAN 1900");
  EXPECT_EQ(s.child(0, Tag::DEAT), kNoNode);
  EXPECT_EQ(s.child_text(0, Tag::BIRT), "");
}

TEST(Structure, SurvivesMoveCloneAndReuse) {
  auto a = person();
  const auto copy = a.clone();
  auto moved = std::move(a);
  EXPECT_EQ(moved, copy);
  a = Structure{Dialect::gedcom70};
  a.append(kNoNode, Tag::NOTE, PayloadKind::text, "new");
  EXPECT_EQ(a.root().text, "new");
  moved.clear(Dialect::gedcom551);
  EXPECT_TRUE(moved.empty());
  moved.append(kNoNode, Tag::FAM);
  EXPECT_EQ(copy.child_text(0, Tag::NAME), "Tendai /Moyo/");
}

TEST(Structure, EqualityMindsEveryPart) {
  const auto base = person();
  auto other = base.clone();
  EXPECT_EQ(base, other);
  other.set_number(1, 5);
  EXPECT_NE(base, other);
  other = base.clone();
  other.set_target(4, PayloadKind::record, id_of(8));
  EXPECT_NE(base, other);
  other = base.clone();
  other.set_target(5, PayloadKind::none, {});
  EXPECT_NE(base, other) << "no payload and the empty one differ";
}

TEST(Structure, BadTagsAndXrefsCannotBreakALine) {
  Structure s;
  s.append(kNoNode, "A\n0 @I1@ INDI");
  s.append(0, "");
  s.append(0, "X", PayloadKind::dangling, "I@1\r");
  EXPECT_EQ(s.tag_name(0), "A_0__I1__INDI");
  EXPECT_EQ(s.tag_name(1), "_");
  EXPECT_EQ(s[2].text, "I_1_");
  s.append(0, "@HEAD");
  EXPECT_EQ(s[3].tag, Tag::_HEAD) << "known once it is mended";
  EXPECT_TRUE(decode(encoded(s)));
}

TEST(Structure, NumbersGoOnFromTheHighest) {
  auto s = person();
  s.set_number(1, 41);
  s.number_nodes();
  EXPECT_EQ(s[1].number, 41);
  EXPECT_EQ(s[2].number, 42);  // BIRT
  EXPECT_EQ(s[3].number, 0);   // DATE
  EXPECT_EQ(s[4].number, 43);  // SOUR below BIRT
}

TEST(Structure, NumbersEndAt65535) {
  auto s = person();
  s.set_number(1, 0xFFFE);
  s.number_nodes();
  EXPECT_EQ(s[2].number, 0xFFFF);
  EXPECT_EQ(s[4].number, 0);
}

TEST(Codec, BytesOfTheFormatPage) {  // the worked example of docs/format/structure-v1.md
  Structure s{Dialect::gedcom70};
  s.append(kNoNode, Tag::INDI);
  s.append(0, Tag::NAME, PayloadKind::text, "Ann", {}, 1);
  const auto birth = s.append(0, Tag::BIRT, PayloadKind::text, "");
  s.append(birth, "_X", PayloadKind::dangling, "S1");
  EXPECT_EQ(to_hex(encoded(s)),
            "0102"
            "4e00"
            "5d7501416e6e"
            "1401"
            "00025f584f005331");
}

struct Refused {
  const char* name;
  Bytes bytes;
  Code want;
};
class DecodeTable : public testing::TestWithParam<Refused> {};
TEST_P(DecodeTable, ReportsTheDocumentedError) {
  const auto got = decode(GetParam().bytes);
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, DecodeTable,
                         testing::Values(Refused{"empty", {}, Code::corrupt},
                                         Refused{"version", raw({2, 1, 78, 4}), Code::corrupt},
                                         Refused{"dialect", raw({1, 3, 78, 4}), Code::corrupt},
                                         Refused{"no_node", raw({1, 1}), Code::corrupt},
                                         Refused{"unknown_tag", raw({1, 1, 0xAA, 1, 4}), Code::corrupt},
                                         Refused{"trailing", raw({1, 1, 78, 4, 0}), Code::corrupt},
                                         Refused{"long_varint", raw({1, 1, 0xCE, 0, 4}), Code::corrupt},
                                         Refused{"endless_varint", Bytes(40, std::byte{0xFF}), Code::corrupt},
                                         Refused{"known_tag_in_letters", raw({1, 1, 0, 3, 'S', 'E', 'X', 4}), Code::corrupt},
                                         Refused{"blank_in_tag", raw({1, 1, 0, 2, 'A', ' ', 4}), Code::corrupt},
                                         Refused{"empty_tag", raw({1, 1, 0, 0, 4}), Code::corrupt},
                                         Refused{"bad_utf8", raw({1, 1, 78, 0x25, 0xC0}), Code::corrupt},
                                         Refused{"bad_xref", raw({1, 1, 78, 0x27, '@'}), Code::corrupt},
                                         Refused{"none_with_length", raw({1, 1, 78, 0x24, 'x'}), Code::corrupt},
                                         Refused{"text_cut", raw({1, 1, 78, 0x45, 'x'}), Code::corrupt},
                                         Refused{"number_zero", raw({1, 1, 78, 0x14, 0}), Code::corrupt},
                                         Refused{"number_high", raw({1, 1, 78, 0x14, 0x80, 0x80, 4}), Code::corrupt},
                                         Refused{"id_cut", raw({1, 1, 78, 6, 1, 2, 3}), Code::corrupt},
                                         Refused{"up_too_far", raw({1, 1, 78, 8}), Code::corrupt},
                                         Refused{"child_missing", raw({1, 1, 78, 0}), Code::corrupt}),
                         [](const auto& row) { return std::string{row.param.name}; });

Structure chain(unsigned depth) {
  Structure s;
  std::uint32_t at = s.append(kNoNode, Tag::INDI);
  for (unsigned i = 0; i < depth; ++i) at = s.append(at, Tag::NOTE);
  return s;
}

TEST(Codec, DepthLimit) {
  EXPECT_TRUE(decode(encoded(chain(kDepthMax))));
  EXPECT_EQ(decode(encoded(chain(kDepthMax + 1))).error().code, Code::too_large);
}

Structure wide(std::size_t nodes) {
  Structure s;
  s.append(kNoNode, Tag::INDI);
  for (std::size_t i = 1; i < nodes; ++i) s.append(0, Tag::NOTE);
  return s;
}

TEST(Codec, NodeLimit) {
  EXPECT_TRUE(decode(encoded(wide(kNodesMax))));
  EXPECT_EQ(decode(encoded(wide(kNodesMax + 1))).error().code, Code::too_large);
}

Bytes sized(std::size_t bytes) {
  constexpr std::size_t kOverhead = 2 + 1 + 5;  // header, tag, meta
  Structure s;
  s.append(kNoNode, Tag::NOTE, PayloadKind::text, std::string(bytes - kOverhead, 'x'));
  auto out = encoded(s);
  EXPECT_EQ(out.size(), bytes);
  return out;
}

TEST(Codec, ByteLimit) {
  EXPECT_TRUE(decode(sized(kStructureBytesMax)));
  EXPECT_EQ(decode(sized(kStructureBytesMax + 1)).error().code, Code::too_large);
}

TEST(Codec, SubtreesStandBelowOneVirtualParent) {
  const auto s = person();
  Bytes out;
  encode_subtrees(s, {}, out);
  EXPECT_TRUE(out.empty());
  const std::vector<std::uint32_t> roots{1, 2};  // NAME and BIRT
  encode_subtrees(s, roots, out);
  // With a parent in front these are the bytes of the structure that has just those children.
  Structure part;
  part.append(kNoNode, Tag::INDI);
  part.append(0, Tag::NAME, PayloadKind::text, "Tendai /Moyo/");
  part.append(0, Tag::BIRT);
  part.append(2, Tag::DATE, PayloadKind::text, "1 JAN 1900");
  part.append(2, Tag::SOUR, PayloadKind::record, {}, id_of(7));
  const auto whole = encoded(part);
  EXPECT_EQ(Bytes(whole.begin() + 4, whole.end()), out);
}

RC_GTEST_PROP(Codec, DecodeInvertsEncode, ()) {
  const auto s = *random_structure();
  const auto back = decode(encoded(*s));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == *s);
}

RC_GTEST_PROP(Codec, OneEncodingPerStructure, (std::vector<std::uint8_t> noise)) {
  auto bytes = encoded(**random_structure());
  for (std::size_t i = 0; i + 1 < noise.size(); i += 2) {  // flips a few bytes: what is still accepted encodes to itself
    bytes[noise[i] % bytes.size()] ^= static_cast<std::byte>(noise[i + 1]);
  }
  const auto read = decode(bytes);
  if (read) RC_ASSERT(encoded(*read) == bytes);
}

}  // namespace
}  // namespace tablinum::tree
