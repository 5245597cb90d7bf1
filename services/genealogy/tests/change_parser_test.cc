// What a change set's JSON means, and what is refused with which member named.
#include "change_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tablinum/api/call.h"

namespace tablinum::genealogy_service {
namespace {

using archive::OperationKind;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::string_view kId = "01920000-0000-7000-8000-000000000001";

Result<ParsedChanges> parse(std::string json) {
  for (auto at = json.find("ID"); at != std::string::npos; at = json.find("ID")) json.replace(at, 2, kId);
  return parse_changes(json, [](const Uuid&) -> Result<std::string> { return std::string{"Harare, Zimbabwe"}; });
}

TEST(Changes, ARecordIsMadeAndLinked) {
  const auto parsed = parse(R"({"reason":"Census","ops":[
    {"op":"link","family":"ID","child":"#p","pedigree":"adopted"},
    {"op":"create","ref":"#p","record":{"kind":"person","sex":"F","living":null,"names":[{"given":"Rudo","surname":"Mutasa"}],
      "facts":[{"type":"BIRT","date":"abt 1902","place":{"id":"ID"},"citations":[{"sourceId":"ID","quality":2}],"notes":["n"]}]}}]})");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->reason, "Census");
  EXPECT_THAT(parsed->refs, ElementsAre("#p"));
  ASSERT_THAT(parsed->operations, SizeIs(2));
  const auto& link = parsed->operations[0];
  EXPECT_TRUE(link.child);
  EXPECT_EQ(link.other, archive::created_id(0)) << "also before the operation that makes it";
  EXPECT_EQ(link.pedigree, tree::model::Pedigree::adopted);
  const auto& made = parsed->operations[1];
  EXPECT_EQ(made.record, archive::created_id(0));
  EXPECT_EQ(made.names->front().part.given, "Rudo");
  const auto& fact = made.facts->front().part;
  EXPECT_EQ(fact.place, "Harare, Zimbabwe");
  EXPECT_EQ(fact.citations.front().quality, 2);
  EXPECT_EQ(fact.notes.front().text, "n");
  EXPECT_TRUE(made.living.has_value() && !made.living->has_value());
}

TEST(Changes, WhatIsReadCanBeSentBack) {
  const auto parsed = parse(R"({"ops":[{"op":"patch","id":"ID","ifMatch":"W/\"v17-33\"","merge":{
    "names":[{"id":"ID~3","kind":"birth","phrase":null,"text":"Rudo Mutasa","given":"Rudo","surname":"Mutasa","variants":[],
              "citations":1}],
    "facts":[{"id":"ID~4","type":"BIRT","date":{"original":"abt 1902","kind":"about"},"quality":2,"citations":1,
              "notes":[{"id":null,"text":"x"}],"familyId":null,"partner":null,"preferred":true},
             {"id":"01920000-0000-7000-8000-000000000009~4","type":"MARR"}]}}]})");
  ASSERT_TRUE(parsed.has_value());
  const auto& patch = parsed->operations.front();
  EXPECT_EQ(patch.version, 17);
  EXPECT_EQ(patch.names->front().number, 3);
  EXPECT_FALSE(patch.names->front().part.text.has_value()) << "the pieces say it";
  ASSERT_THAT(*patch.facts, SizeIs(1)) << "a family's fact is not the person's";
  EXPECT_EQ(patch.facts->front().part.date, "abt 1902");
  EXPECT_TRUE(patch.facts->front().part.notes.empty());
}

struct WrongCase {
  const char* name;
  const char* json;
  const char* field;
};
class WrongChanges : public testing::TestWithParam<WrongCase> {};
TEST_P(WrongChanges, NameTheMember) {
  const auto parsed = parse(GetParam().json);
  ASSERT_FALSE(parsed.has_value());
  const auto field = api::field_error_of(parsed.error());
  ASSERT_TRUE(field.has_value()) << describe(parsed.error());
  EXPECT_EQ(field->field, GetParam().field);
}
INSTANTIATE_TEST_SUITE_P(
    Cases, WrongChanges,
    testing::Values(WrongCase{"no_json", "{", "body"}, WrongCase{"no_object", "[]", "body"}, WrongCase{"no_ops", "{}", "ops"},
                    WrongCase{"empty", R"({"ops":[]})", "ops"}, WrongCase{"unknown", R"({"ops":[{"op":"x"}]})", "ops/0/op"},
                    WrongCase{"no_op", R"({"ops":[{}]})", "ops/0/op"}, WrongCase{"member", R"({"op":[],"ops":[]})", "op"},
                    WrongCase{"no_id", R"({"ops":[{"op":"delete"}]})", "ops/0/id"},
                    WrongCase{"bad_id", R"({"ops":[{"op":"delete","id":"x"}]})", "ops/0/id"},
                    WrongCase{"placeholder", R"({"ops":[{"op":"delete","id":"ffff0000-0000-0000-0000-000000000000"}]})", "ops/0/id"},
                    WrongCase{"part_for_record", R"({"ops":[{"op":"delete","id":"ID~3"}]})", "ops/0/id"},
                    WrongCase{"record_for_part", R"({"ops":[{"op":"remove","id":"ID"}]})", "ops/0/id"},
                    WrongCase{"number_zero", R"({"ops":[{"op":"remove","id":"ID~0"}]})", "ops/0/id"},
                    WrongCase{"number_large", R"({"ops":[{"op":"remove","id":"ID~65536"}]})", "ops/0/id"},
                    WrongCase{"no_ref", R"({"ops":[{"op":"link","family":"ID","child":"#9"}]})", "ops/0/child"},
                    WrongCase{"both", R"({"ops":[{"op":"link","family":"ID","child":"ID","partner":"ID"}]})", "ops/0/partner"},
                    WrongCase{"neither", R"({"ops":[{"op":"link","family":"ID"}]})", "ops/0"},
                    WrongCase{"twice", R"({"ops":[{"op":"create","ref":"#1","record":{"kind":"note"}},)"
                                       R"({"op":"create","ref":"#1","record":{"kind":"note"}}]})", "ops/1/ref"},
                    WrongCase{"kind", R"({"ops":[{"op":"create","record":{"kind":"ghost"}}]})", "ops/0/record/kind"},
                    WrongCase{"sex", R"({"ops":[{"op":"patch","id":"ID","merge":{"sex":"Q"}}]})", "ops/0/merge/sex"},
                    WrongCase{"etag", R"({"ops":[{"op":"delete","id":"ID","ifMatch":"soon"}]})", "ops/0/ifMatch"},
                    WrongCase{"quality", R"({"ops":[{"op":"addCitation","id":"ID","citation":{"quality":4}}]})", "ops/0/citation/quality"},
                    WrongCase{"typo", R"({"ops":[{"op":"addFact","id":"ID","fact":{"dat":"1"}}]})", "ops/0/fact/dat"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(Changes, AThousandOperationsAndOneMore) {
  const std::string one = R"({"op":"delete","id":"ID"})";
  std::string json = R"({"ops":[)" + one;
  for (std::size_t i = 1; i < archive::kOperationsMax; ++i) json += "," + one;
  EXPECT_TRUE(parse(json + "]}").has_value());
  EXPECT_EQ(parse(json + "," + one + "]}").error().code, Code::limit);
}

TEST(Changes, Versions) {
  EXPECT_EQ(parse_version("\"v17\""), 17);
  EXPECT_EQ(parse_version("W/\"v17-33\""), 17);
  EXPECT_EQ(parse_version("v17"), 17);
  EXPECT_TRUE(parse_version("*").has_value() && !parse_version("*")->has_value());
  for (const char* wrong : {"", "17", "\"v\"", "\"v0\"", "\"v-3\"", "v99999999999999999999", "\"v17"})
    EXPECT_FALSE(parse_version(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace tablinum::genealogy_service
