// Every real file at hand, against counts that other programs made of it.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "gedcom_util.h"

namespace tablinum::tree::gedcom {
namespace {

const std::filesystem::path kFolder = std::filesystem::path{TABLINUM_SHARED} / "data/gedcom";

struct Counts {
  std::map<std::string, std::int64_t> of;
};

unsigned depth_of(const Structure& s) {
  unsigned deepest = 0;
  const auto walk = [&](auto& self, std::uint32_t node, unsigned depth) -> void {
    deepest = std::max(deepest, depth);
    // Lines that a text was broken into stand one deeper in the file.
    if (s[node].kind == PayloadKind::text && s[node].text.find('\n') != std::string_view::npos)
      deepest = std::max(deepest, depth + 1);
    for (const auto child : s.children(node)) self(self, child, depth + 1);
  };
  if (!s.empty()) walk(walk, 0, 0);
  return deepest;
}

void count_person(const Structure& s, Counts& counts) {
  bool named = false;
  for (const auto child : s.children(0)) {
    if (s[child].tag == Tag::BIRT) ++counts.of["BIRT"];
    if (s[child].tag == Tag::DEAT) ++counts.of["DEAT"];
    named |= s[child].tag == Tag::NAME && s[child].text.find_first_not_of(' ') != std::string_view::npos;
  }
  counts.of["named_individuals"] += named;
}

Counts counts_of(const Loaded& loaded) {
  Counts counts;
  for (const auto& item : loaded.records) {
    const auto& s = item.structure;
    ++counts.of[std::string{s.root().tag == Tag::SNOTE ? "NOTE" : s.tag_name(0)}];
    if (s.root().tag == Tag::INDI) count_person(s, counts);
    if (s.root().tag != Tag::FAM) continue;
    for (const auto child : s.children(0)) counts.of["MARR"] += s[child].tag == Tag::MARR;
  }
  counts.of["lines"] = static_cast<std::int64_t>(loaded.lines);
  return counts;
}

TEST(Files, CountsEqualTheOracle) {
  if (!std::filesystem::exists(kFolder)) return;
  simdjson::dom::parser parser;
  const auto oracle = parser.load((kFolder / "oracle.json").string());
  for (const auto [name, facts] : simdjson::dom::object{oracle["files"]}) {
    const std::string file{name};
    SCOPED_TRACE(file);
    if (file.ends_with(".gdz")) continue;
    const auto loaded = load(slurp(kFolder / file));
    ASSERT_TRUE(loaded) << describe(loaded.error());
    auto counts = counts_of(*loaded);
    for (const char* field :
         {"lines", "INDI", "FAM", "SOUR", "REPO", "OBJE", "NOTE", "SUBM", "BIRT", "DEAT", "MARR", "named_individuals"}) {
      std::int64_t want = 0;
      if (facts[field].get(want) != simdjson::SUCCESS) continue;
      EXPECT_EQ(counts.of[field], want) << field;
    }
    std::string_view text;
    if (facts["version"].get(text) == simdjson::SUCCESS) EXPECT_EQ(loaded->version, text);
    if (facts["charset"].get(text) == simdjson::SUCCESS) EXPECT_EQ(loaded->charset.declared, text);
    std::int64_t depth = 0;
    if (facts["max_depth"].get(depth) == simdjson::SUCCESS) {
      unsigned deepest = depth_of(loaded->header);
      for (const auto& item : loaded->records) deepest = std::max(deepest, depth_of(item.structure));
      EXPECT_EQ(deepest, depth);
    }
  }
}

TEST(Files, ComeBackEqual) {
  if (!std::filesystem::exists(kFolder)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kFolder)) {
    const auto extension = entry.path().extension();
    if (extension != ".ged" && extension != ".GED") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto loaded = load(slurp(entry.path()));
    ASSERT_TRUE(loaded) << describe(loaded.error());
    EXPECT_EQ(law_broken_by(*loaded), "");
  }
}

}  // namespace
}  // namespace tablinum::tree::gedcom
