#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>

#include "model_build.h"
#include "tablinum/tree/checks/checks.h"
#include "tablinum/tree/privacy/redaction.h"

namespace tablinum::tree::checks {
namespace {

using model::build;
using model::id_of;
using model::Jdn;

constexpr Jdn kToday = 2'461'366;  // 21 November 2026

std::vector<CheckCode> codes_of(const std::vector<Finding>& findings) {
  std::vector<CheckCode> codes;
  for (const auto& finding : findings) codes.push_back(finding.code);
  return codes;
}

std::vector<CheckCode> person_codes(const std::string& events) {
  const auto record = build("0 INDI\n" + events);
  model::PersonView view;
  model::read_person(record, view);
  std::vector<Finding> findings;
  check_person({id_of("I1"), &view}, kToday, findings);
  return codes_of(findings);
}

using Codes = std::vector<CheckCode>;

TEST(Checks, Person) {
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1899\n"), (Codes{CheckCode::death_before_birth}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1900\n"), Codes{});
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE ABT 1900\n1 DEAT\n2 DATE 1899\n"), Codes{});
  EXPECT_EQ(person_codes("1 DEAT\n2 DATE 5 MAY 1900\n1 BURI\n2 DATE 4 MAY 1900\n"), (Codes{CheckCode::burial_before_death}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 BAPM\n2 DATE 1899\n"), (Codes{CheckCode::event_before_birth}));
  EXPECT_EQ(person_codes("1 DEAT\n2 DATE 1900\n1 GRAD\n2 DATE 1901\n"), (Codes{CheckCode::event_after_death}));
  EXPECT_EQ(person_codes("1 DEAT\n2 DATE 1900\n1 PROB\n2 DATE 1901\n1 BURI\n2 DATE 1901\n"), Codes{});
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1 JAN 1800\n1 DEAT\n2 DATE 1 JAN 1920\n"), Codes{});
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1 JAN 1800\n1 DEAT\n2 DATE 4 JAN 1920\n"), (Codes{CheckCode::age_over_120}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1950\n2 AGE 30y\n"), (Codes{CheckCode::age_disagrees}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1950\n2 AGE 70y\n"), (Codes{CheckCode::age_disagrees}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1950\n2 AGE 49y\n"), Codes{});
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 2027\n"), (Codes{CheckCode::future_date}));
  EXPECT_EQ(person_codes("1 BIRT\n2 DATE 1900\n1 NO DEAT\n2 DATE 1800\n"), Codes{});
}

TEST(Checks, AFindingNamesTheFacts) {
  const auto record = build("0 INDI\n1 DEAT\n2 DATE 1 JAN 1900\n1 BIRT\n2 DATE 5 JAN 1900\n");
  model::PersonView view;
  model::read_person(record, view);
  std::vector<Finding> findings;
  check_person({id_of("I1"), &view}, kToday, findings);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].first, (FactRef{id_of("I1"), view.events[0].node}));
  EXPECT_EQ(findings[0].second, (FactRef{id_of("I1"), view.events[1].node}));
  EXPECT_EQ(findings[0].days, 4);
}

struct Household {
  std::string husband, wife;
  std::vector<std::string> children;
  std::string family;
  model::Pedigree pedigree = model::Pedigree::not_stated;
};

Codes family_codes(const Household& household) {
  const auto family_record = build("0 FAM\n" + household.family);
  model::FamilyView family;
  model::read_family(family_record, family);
  std::vector<Structure> records;
  std::vector<model::PersonView> views(household.children.size() + 2);
  for (const auto& lines : household.children) records.push_back(build("0 INDI\n" + lines));
  records.push_back(build("0 INDI\n" + household.husband));
  records.push_back(build("0 INDI\n" + household.wife));
  for (std::size_t i = 0; i < views.size(); ++i) model::read_person(records[i], views[i]);
  std::vector<ChildInput> children;
  for (std::size_t i = 0; i < household.children.size(); ++i)
    children.push_back({{id_of("C" + std::to_string(i)), &views[i]}, household.pedigree});
  const auto count = household.children.size();
  std::vector<Finding> findings;
  check_family(id_of("F1"), family, {id_of("I1"), &views[count]}, {id_of("I2"), &views[count + 1]}, children, findings);
  return codes_of(findings);
}

std::string born(const char* date) { return std::string{"1 BIRT\n2 DATE "} + date + "\n"; }
std::string dead(const char* date) { return std::string{"1 DEAT\n2 DATE "} + date + "\n"; }

TEST(Checks, ParentsAndChildren) {
  EXPECT_EQ(family_codes({.husband = {}, .wife = born("1910"), .children = {born("1900")}, .family = {}}), (Codes{CheckCode::child_before_parent}));
  EXPECT_EQ(family_codes({.husband = {}, .wife = born("1900"), .children = {born("1905")}, .family = {}}), (Codes{CheckCode::parent_too_young}));
  EXPECT_EQ(family_codes({.husband = {}, .wife = born("1900"), .children = {born("1912")}, .family = {}}), Codes{});
  EXPECT_EQ(family_codes({.husband = {}, .wife = born("1900"), .children = {born("1965")}, .family = {}}), (Codes{CheckCode::mother_too_old}));
  EXPECT_EQ(family_codes({.husband = born("1900"), .wife = {}, .children = {born("1965")}, .family = {}}), Codes{});
  EXPECT_EQ(family_codes({.husband = born("1800"), .wife = {}, .children = {born("1895")}, .family = {}}), (Codes{CheckCode::father_too_old}));
  EXPECT_EQ(family_codes({.husband = {}, .wife = dead("1 JAN 1900"), .children = {born("2 JAN 1900")}, .family = {}}),
            (Codes{CheckCode::child_after_mothers_death}));
  EXPECT_EQ(family_codes({.husband = dead("1 JAN 1900"), .wife = {}, .children = {born("28 OCT 1900")}, .family = {}}), Codes{});
  EXPECT_EQ(family_codes({.husband = dead("1 JAN 1900"), .wife = {}, .children = {born("29 OCT 1900")}, .family = {}}),
            (Codes{CheckCode::child_after_fathers_death}));
  EXPECT_EQ(family_codes({.husband = {}, .wife = born("1910"), .children = {born("1900")}, .family = {}, .pedigree = model::Pedigree::adopted}),
            Codes{});
}

TEST(Checks, Siblings) {
  const auto two = [](const char* a, const char* b) { return Household{.husband = {}, .wife = {}, .children = {born(a), born(b)}, .family = {}}; };
  EXPECT_EQ(family_codes(two("1 JAN 1900", "3 JAN 1900")), Codes{});
  EXPECT_EQ(family_codes(two("1 JAN 1900", "4 JAN 1900")), (Codes{CheckCode::siblings_too_close}));
  EXPECT_EQ(family_codes(two("1 JUL 1900", "1 JAN 1900")), (Codes{CheckCode::siblings_too_close}));
  EXPECT_EQ(family_codes(two("1 JAN 1900", "30 JUL 1900")), Codes{});  // 210 days
  EXPECT_EQ(family_codes(two("1900", "1900")), Codes{});
}

TEST(Checks, Marriages) {
  const auto married = [](const std::string& husband, const char* date) {
    return Household{.husband = husband, .wife = {}, .children = {}, .family = std::string{"1 MARR\n2 DATE "} + date + "\n"};
  };
  EXPECT_EQ(family_codes(married(born("1900"), "1899")), (Codes{CheckCode::marriage_before_birth}));
  EXPECT_EQ(family_codes(married(born("1900"), "1910")), (Codes{CheckCode::married_too_young}));
  EXPECT_EQ(family_codes(married(born("1900"), "1912")), Codes{});
  EXPECT_EQ(family_codes(married(dead("1900"), "1901")), (Codes{CheckCode::marriage_after_death}));
}

TEST(Checks, ShapesOfFamilies) {
  const auto record = build("0 FAM");
  model::FamilyView family;
  model::read_family(record, family);
  std::vector<Finding> findings;
  const PersonInput one{id_of("I1"), nullptr};
  const ChildInput children[] = {{{id_of("C1"), nullptr}}, {{id_of("C1"), nullptr}}, {{id_of("C1"), nullptr}}, {{id_of("I1"), nullptr}}, {{RecordId{}, nullptr}}, {{RecordId{}, nullptr}}};
  check_family(id_of("F1"), family, one, one, children, findings);
  EXPECT_EQ(codes_of(findings), (Codes{CheckCode::own_spouse, CheckCode::parent_and_child, CheckCode::same_child_twice}));
  EXPECT_EQ(family_codes({.husband = "1 SEX F\n", .wife = "1 SEX M\n", .children = {""}, .family = {}}),
            (Codes{CheckCode::sex_of_parents_unlikely, CheckCode::sex_of_parents_unlikely}));
  EXPECT_EQ(family_codes({.husband = "1 SEX F\n", .wife = {}, .children = {}, .family = {}}), Codes{});
}

constexpr std::uint32_t kNobody = 0xFFFF'FFFF;

TEST(Checks, OwnAncestors) {
  const std::vector<std::uint32_t> father{1, 2, 0, 3, kNobody, 0}, mother{kNobody, kNobody, 4, kNobody, kNobody, 4};
  EXPECT_EQ(own_ancestors(father, mother), (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(own_ancestors({}, {}).empty());
}

TEST(Checks, ALongLineNeedsNoStack) {
  std::vector<std::uint32_t> father(300'000), mother(300'000, kNobody);
  std::iota(father.begin(), father.end(), 1u);
  father.back() = kNobody;
  EXPECT_TRUE(own_ancestors(father, mother).empty());
  father.back() = 0;
  EXPECT_EQ(own_ancestors(father, mother).size(), father.size());
}

// Brute force: walk up from everybody and see whether the walk comes back.
RC_GTEST_PROP(ChecksProperty, OwnAncestorsAreThoseWhoMeetThemselves, ()) {
  const auto size = *rc::gen::inRange<std::uint32_t>(1, 12);
  std::vector<std::uint32_t> father(size), mother(size);
  for (auto* parents : {&father, &mother})
    for (auto& parent : *parents) parent = *rc::gen::arbitrary<bool>() ? kNobody : *rc::gen::inRange<std::uint32_t>(0, size);
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < size; ++i) {
    std::vector<std::uint32_t> reached;
    const auto visit = [&](std::uint32_t parent) {
      if (parent != kNobody && std::ranges::find(reached, parent) == reached.end()) reached.push_back(parent);
    };
    visit(father[i]), visit(mother[i]);
    for (std::size_t at = 0; at < reached.size(); ++at) visit(father[reached[at]]), visit(mother[reached[at]]);
    if (std::ranges::find(reached, i) != reached.end()) expected.push_back(i);
  }
  RC_ASSERT(own_ancestors(father, mother) == expected);
}

TEST(Checks, EveryCodeHasANameOfItsOwn) {
  std::map<std::string_view, int> names;
  for (int i = 1; i <= static_cast<int>(CheckCode::future_date); ++i) ++names[to_string(static_cast<CheckCode>(i))];
  EXPECT_EQ(names.size(), static_cast<std::size_t>(CheckCode::future_date));
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(static_cast<CheckCode>(99)), "unknown");
  EXPECT_EQ(severity(CheckCode::own_ancestor), Severity::error);
  EXPECT_EQ(to_string(Severity::warning), "warning");
}

TEST(Redaction, OnlyNameSexAndLinksRemain) {
  const auto record = build(
      "0 INDI\n1 NAME Rudo /Mutasa/\n2 SOUR @S1@\n1 _XYZ secret\n1 SEX F\n2 NOTE secret\n1 BIRT\n2 DATE 1990\n1 FAMC @F1@\n2 PEDI adopted\n"
      "1 FAMS @F2@\n1 FAMS @?secret@\n1 NOTE secret\n1 OBJE @O1@\n1 CHAN\n2 DATE 1 JAN 2020\n1 REFN secret\n1 UID secret\n");
  auto expected = build("0 INDI\n1 NAME Living\n1 SEX F\n1 FAMC @F1@\n1 FAMS @F2@\n");
  expected.set_number(1, 0);  // no node of it can be addressed
  EXPECT_TRUE(privacy::redact_person(record) == expected);
}

TEST(Redaction, TheSurnameMayStay) {
  const privacy::RedactionOptions show{.show_surname = true};
  const auto name = [&](const char* lines) {
    return std::string{privacy::redact_person(build(lines), show).child_text(0, Tag::NAME)};
  };
  EXPECT_EQ(name("0 INDI\n1 NAME Rudo /Mutasa/\n"), "Living /Mutasa/");
  EXPECT_EQ(name("0 INDI\n1 NAME L /van B/\n2 SPFX van\n"), "Living /van B/");
  EXPECT_EQ(name("0 INDI\n1 NAME Rudo\n"), "Living");
  EXPECT_EQ(name("0 INDI\n"), "Living");
}

TEST(Redaction, IsTheSameDoneTwice) {
  const auto once = privacy::redact_person(build("0 INDI\n1 NAME A /B/\n1 SEX X\n1 FAMS @F1@\n", Dialect::gedcom70));
  EXPECT_EQ(privacy::redact_person(once), once);
}

}  // namespace
}  // namespace tablinum::tree::checks
