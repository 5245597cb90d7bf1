#include "tablinum/tree/model/fields.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "model_build.h"
#include "tablinum/base/bytes.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model {
namespace {

constexpr const char* kPerson =
    "0 INDI\n1 NAME Rudo /Mutasa/\n2 SOUR @S1@\n1 SEX F\n1 BIRT\n2 DATE 12 MAR 1902\n1 DEAT\n2 DATE BEF 1970\n1 RESI\n2 PLAC Umtali\n1 _CLAN Shumba\n"
    "1 TITL Mambokadzi\n1 OCCU Potter\n1 BURI\n1 FAMC @F1@\n1 NOTE text\n1 SOUR @S2@\n1 OBJE @O1@\n1 RESN locked\n1 REFN 7\n1 _XYZ z\n1 CHAN\n2 DATE 1 JAN 2020\n";

Digest digest_of(const Structure& record, std::vector<std::uint32_t> nodes) {
  Bytes bytes;
  encode_subtrees(record, nodes, bytes);
  return sha256(bytes);
}

std::uint32_t find(const Structure& record, std::string_view tag) {
  for (const auto child : record.children(0))
    if (record.tag_name(child) == tag) return child;
  return kNoNode;
}

TEST(Fields, WhereTagsBelong) {
  const std::pair<const char*, Field> tags[] = {
      {"NAME", Field::names},      {"SEX", Field::sex},        {"BIRT", Field::birth},  {"DEAT", Field::death},         {"RESI", Field::residence},
      {"_CLAN", Field::residence}, {"TITL", Field::residence}, {"OCCU", Field::events}, {"BURI", Field::events},        {"FAMC", Field::families},
      {"NOTE", Field::notes},      {"SOUR", Field::sources},   {"OBJE", Field::media},  {"RESN", Field::restrictions},  {"REFN", Field::rest},
      {"_XYZ", Field::rest},       {"CHAN", Field::rest},
  };
  const auto record = build(kPerson);
  for (const auto& [tag, field] : tags) EXPECT_EQ(field_of(record, find(record, tag)), field) << tag;
  EXPECT_EQ(field_of(Tag::SOUR, Tag::TITL), Field::rest);
  EXPECT_EQ(field_of(Tag::FAM, Tag::HUSB), Field::families);
  EXPECT_EQ(field_of(Tag::FAM, Tag::MARR), Field::events);
  EXPECT_EQ(field_of(Tag::OBJE, Tag::FILE), Field::media);
  EXPECT_EQ(field_of(Tag::INDI, Tag::NO), Field::events);
}

TEST(Fields, EveryTagBelongsToAFieldWithNodes) {
  for (const auto record : {Tag::INDI, Tag::FAM, Tag::SOUR, Tag::NOTE, Tag::_PLACE, Tag::literal}) {
    for (std::uint16_t tag = 0; tag < kTagCount; ++tag) {
      const auto field = field_of(record, static_cast<Tag>(tag));
      EXPECT_LT(static_cast<std::size_t>(field), kFieldCount);
      EXPECT_TRUE(field != Field::identity && field != Field::parents && field != Field::further_parents && field != Field::subject_key);
    }
  }
}

TEST(Fields, ValuesAsDocumented) {
  const auto record = build(kPerson);
  FieldInputs inputs;
  inputs.tree = TreeId{id_of("tree").value()};
  inputs.parents = {id_of("I8"), id_of("I9")};
  inputs.subject_key.bytes[0] = 0xAB;
  const auto values = field_values(record, inputs);
  const auto value = [&](Field field) { return values[static_cast<std::size_t>(field)]; };

  Bytes identity{std::byte{1}};  // a person
  append(identity, inputs.tree.value().view());
  append(identity, Uuid{}.view());
  EXPECT_EQ(value(Field::identity), sha256(identity));
  EXPECT_EQ(value(Field::names), digest_of(record, {find(record, "NAME")}));
  EXPECT_EQ(value(Field::residence), digest_of(record, {find(record, "RESI"), find(record, "_CLAN"), find(record, "TITL")}));
  EXPECT_EQ(value(Field::further_parents), Digest{});
  EXPECT_EQ(value(Field::subject_key), inputs.subject_key);

  Bytes parents;
  append(parents, id_of("I8").value().view());
  append(parents, id_of("I9").value().view());
  EXPECT_EQ(to_hex(value(Field::parents)), to_hex(parents));

  // 12 March 1902 is JDN 2415821 = 0x24DCCD; then 24 bytes of the digest.
  EXPECT_EQ(to_hex(value(Field::birth)).substr(0, 16), "0024dccd0024dccd");
  EXPECT_EQ(to_hex(value(Field::birth)).substr(16), to_hex(digest_of(record, {find(record, "BIRT")})).substr(0, 48));
  // BEF 1970: the latest day is 31 December 1969, JDN 2440587 = 0x253D8B; the earliest is open.
  EXPECT_EQ(to_hex(value(Field::death)).substr(0, 16), "00253d8b00000000");
}

TEST(Fields, ABirthThatIsNotKnownIsNeverBeforeAnything) {
  const std::string nothing = "ffffffff00000000" + std::string(48, '0');
  EXPECT_EQ(to_hex(field_values(build("0 INDI"), {})[3]), nothing);
  EXPECT_EQ(to_hex(empty_field_values()[3]), nothing);
  EXPECT_EQ(to_hex(empty_field_values()[4]), nothing);
  EXPECT_TRUE(to_hex(field_values(build("0 INDI\n1 BIRT\n2 DATE AFT 1900\n"), {})[3]).starts_with("ffffffff"));
  EXPECT_TRUE(to_hex(field_values(build("0 INDI\n1 BIRT Y\n"), {})[3]).starts_with("ffffffff00000000"));
}

TEST(Fields, DaysAtTheEdges) {
  EXPECT_EQ(encode_days({-5, -1}), (std::array<std::uint8_t, 8>{}));
  EXPECT_EQ(encode_days({1, 0x01020304}), (std::array<std::uint8_t, 8>{1, 2, 3, 4, 0, 0, 0, 1}));
}

TEST(Fields, TheTextOfANoteBelongsToNotes) {
  const auto before = field_values(build("0 NOTE one\n1 LANG en\n"), {}), after = field_values(build("0 NOTE two\n1 LANG en\n"), {});
  EXPECT_EQ(changed_fields(before, after), (std::vector{Field::notes}));
  EXPECT_EQ(changed_fields(field_values(build("0 _XYZ one"), {}), field_values(build("0 _XYZ two"), {})), (std::vector{Field::rest}));
}

TEST(Fields, DaysAreThoseOfTheView) {
  const auto record = build("0 INDI\n1 BIRT\n2 date\n2 DATE 1 JAN 1900\n1 BIRT\n2 DATE 1901\n");
  PersonView view;
  read_person(record, view);
  const auto days = encode_days(view.birth_days());
  EXPECT_TRUE(std::ranges::equal(days, std::span{field_values(record, {})[3].bytes}.first(8)));
}

// The law the proofs rest on: changing one level-1 node changes the value of its field and of no other.
RC_GTEST_PROP(FieldsProperty, OneNodeTouchesOneField, ()) {
  const auto before = build(kPerson);
  std::vector<std::uint32_t> children;
  for (const auto child : before.children(0)) children.push_back(child);
  const auto changed = children[*rc::gen::inRange<std::size_t>(0, children.size())];
  auto after = before.clone();
  after.set_target(changed, PayloadKind::text, {}, "something else");
  const auto field = field_of(before, changed);
  RC_ASSERT(changed_fields(field_values(before, {}), field_values(after, {})) == std::vector{field});
}

TEST(Fields, AHasherKeepsNothing) {
  FieldHasher hasher;
  (void)hasher(build(kPerson), {});
  EXPECT_EQ(hasher(build("0 INDI"), {}), field_values(build("0 INDI"), {}));
}

}  // namespace
}  // namespace tablinum::tree::model
