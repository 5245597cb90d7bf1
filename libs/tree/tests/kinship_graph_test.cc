#include "tablinum/tree/kinship/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kinship_sample.h"

namespace tablinum::tree::kinship {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KinshipGraph, KnowsParentsPartnersAndChildrenOfAFamily) {
  Sample sample;
  const auto father = sample.man(), mother = sample.woman(), son = sample.man(), daughter = sample.woman();
  const auto family = sample.family({father, mother}, {son, daughter});
  const Graph graph = sample.graph();
  EXPECT_EQ(graph.person_count(), 4u);
  EXPECT_EQ(graph.family_count(), 1u);
  EXPECT_EQ(graph.father(daughter), father);
  EXPECT_EQ(graph.mother(daughter), mother);
  EXPECT_EQ(graph.parents(son).family, family);
  EXPECT_EQ(graph.father(father), kNone);
  EXPECT_THAT(graph.children(family), ElementsAre(son, daughter));
  EXPECT_THAT(graph.families(mother), ElementsAre(family));
  EXPECT_EQ(graph.partner_of(father, family), mother);
  EXPECT_EQ(graph.pedigree(son, family), Pedigree::birth);
  EXPECT_EQ(graph.pedigree(father, family), std::nullopt);
}

TEST(KinshipGraph, AnswersForNumbersItDoesNotHold) {
  const Graph graph;
  EXPECT_FALSE(graph.is_person(0));
  EXPECT_EQ(graph.sex(7), Sex::absent);
  EXPECT_EQ(graph.father(7), kNone);
  EXPECT_THAT(graph.families(7), IsEmpty());
  EXPECT_THAT(graph.further_parents(7), IsEmpty());
}

struct PlacesCase {
  const char* name;
  Sex first, second;
  bool swapped;
};
class Places : public testing::TestWithParam<PlacesCase> {};
TEST_P(Places, FollowTheSexesElseTheOrder) {
  Sample sample;
  const auto first = sample.person(GetParam().first);
  const auto second = GetParam().second == Sex::absent ? kNone : sample.person(GetParam().second);
  const auto family = sample.family({first, second});
  const auto partners = sample.graph().partners(family);
  EXPECT_THAT(partners, GetParam().swapped ? ElementsAre(second, first) : ElementsAre(first, second));
}
INSTANTIATE_TEST_SUITE_P(Cases, Places,
                         testing::Values(PlacesCase{"man_woman", Sex::male, Sex::female, false},
                                         PlacesCase{"woman_man", Sex::female, Sex::male, true},
                                         PlacesCase{"two_men", Sex::male, Sex::male, false},
                                         PlacesCase{"two_women", Sex::female, Sex::female, false},
                                         PlacesCase{"two_unknown", Sex::unknown, Sex::unknown, false},
                                         PlacesCase{"unknown_man", Sex::unknown, Sex::male, true},
                                         PlacesCase{"woman_unknown", Sex::female, Sex::unknown, true},
                                         PlacesCase{"lone_man", Sex::male, Sex::absent, false},
                                         PlacesCase{"lone_unknown", Sex::unknown, Sex::absent, false},
                                         PlacesCase{"lone_woman", Sex::female, Sex::absent, true}),
                         [](const auto& row) { return std::string{row.param.name}; });

struct TwoFamilies {
  Sample sample;
  PersonN child = sample.man();
  FamilyN first = sample.family({sample.man()}, {child}, Pedigree::adopted);
  FamilyN second = sample.family({sample.man()}, {child}, Pedigree::birth);
};

TEST(KinshipGraph, TheBiologicalFamilyIsPrimaryAndOthersAreKept) {
  const TwoFamilies two;
  const Graph graph = two.sample.graph();
  EXPECT_EQ(graph.parents(two.child).family, two.second);
  ASSERT_EQ(graph.further_parents(two.child).size(), 1u);
  EXPECT_EQ(graph.further_parents(two.child)[0].family, two.first);
  EXPECT_EQ(graph.pedigree(two.child, two.first), Pedigree::adopted);
}

TEST(KinshipGraph, TheStatedFamilyIsPrimaryBeforeTheBiologicalOne) {
  TwoFamilies two;
  for (MemberRow& row : two.sample.rows()) row.primary = row.role == Role::child && row.family == two.first;
  EXPECT_EQ(two.sample.graph().parents(two.child).family, two.first);
}

struct ExclusionCase {
  const char* name;
  Exclusion why;
  void (*spoil)(Sample& sample, FamilyN family, PersonN father, PersonN child);  // adds one bad row at the end
};
class Exclusions : public testing::TestWithParam<ExclusionCase> {};
TEST_P(Exclusions, LeaveTheLaterRowOutAndSayWhy) {
  Sample sample;
  const auto father = sample.man(), mother = sample.woman(), child = sample.man();
  const auto family = sample.family({father, mother}, {child});
  GetParam().spoil(sample, family, father, child);
  const BuiltGraph built = sample.built();
  ASSERT_EQ(built.excluded.size(), 1u);
  EXPECT_EQ(built.excluded[0].row, sample.rows().size() - 1);
  EXPECT_EQ(built.excluded[0].why, GetParam().why);
  EXPECT_THAT(built.graph.children(family), ElementsAre(child));
  EXPECT_THAT(built.graph.partners(family), ElementsAre(father, mother));
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Exclusions,
    testing::Values(
        ExclusionCase{"stated", Exclusion::stated,
                      [](Sample& s, FamilyN f, PersonN, PersonN) {
                        const auto other = s.man();
                        s.rows().push_back({f, other, 1, Role::child, Pedigree::birth, MemberState::excluded});
                      }},
        ExclusionCase{"not_a_person", Exclusion::not_a_person,
                      [](Sample& s, FamilyN f, PersonN, PersonN) { s.rows().push_back({f, f, 1, Role::child}); }},
        ExclusionCase{"person_out_of_range", Exclusion::not_a_person,
                      [](Sample& s, FamilyN f, PersonN, PersonN) { s.rows().push_back({f, 1'000, 1, Role::child}); }},
        ExclusionCase{"not_a_family", Exclusion::not_a_family,
                      [](Sample& s, FamilyN, PersonN father, PersonN c) { s.rows().push_back({father, c, 1, Role::child}); }},
        ExclusionCase{"family_out_of_range", Exclusion::not_a_family,
                      [](Sample& s, FamilyN, PersonN, PersonN c) { s.rows().push_back({1'000, c, 1, Role::child}); }},
        ExclusionCase{"duplicate_partner", Exclusion::duplicate_partner,
                      [](Sample& s, FamilyN f, PersonN father, PersonN) { s.rows().push_back({f, father, 2, Role::partner}); }},
        ExclusionCase{"third_partner", Exclusion::too_many_partners,
                      [](Sample& s, FamilyN f, PersonN, PersonN) {
                        const auto third = s.man();
                        s.rows().push_back({f, third, 2, Role::partner});
                      }},
        ExclusionCase{"duplicate_child", Exclusion::duplicate_child,
                      [](Sample& s, FamilyN f, PersonN, PersonN child) { s.rows().push_back({f, child, 1, Role::child}); }},
        ExclusionCase{"own_parent", Exclusion::cycle,
                      [](Sample& s, FamilyN f, PersonN father, PersonN) { s.rows().push_back({f, father, 1, Role::child}); }},
        ExclusionCase{"own_grandparent", Exclusion::cycle,
                      [](Sample& s, FamilyN, PersonN father, PersonN child) { s.family({child}, {father}); }}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(KinshipGraph, ParentFamiliesHaveALimit) {
  Sample sample;
  const auto child = sample.man();
  for (std::size_t i = 0; i < kParentFamiliesMax; ++i) sample.family({sample.man()}, {child});
  EXPECT_THAT(sample.built().excluded, IsEmpty());
  sample.family({sample.man()}, {child});
  const auto excluded = sample.built().excluded;
  ASSERT_EQ(excluded.size(), 1u);
  EXPECT_EQ(excluded[0].why, Exclusion::too_many_parents);
}

TEST(KinshipGraph, RecordsHaveALimit) {
  const std::vector<Sex> sexes(kNodesMax + 1, Sex::absent);
  EXPECT_EQ(build_graph(sexes, {}).error().code, Code::too_large);
  EXPECT_EQ(build_graph(std::span{sexes}.first(kNodesMax), {}).value().graph.node_count(), kNodesMax);
}

/// Adds child rows one after the other and leaves out each that closes a cycle, by the definition.
std::vector<std::size_t> closing_rows_by_definition(Sample& sample) {
  std::vector<std::size_t> closing;
  std::map<PersonN, std::set<PersonN>> parents;
  const auto is_ancestor = [&](auto& self, PersonN ancestor, PersonN of) -> bool {
    if (ancestor == of) return true;
    return std::ranges::any_of(parents[of], [&](PersonN up) { return self(self, ancestor, up); });
  };
  const auto& rows = sample.rows();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].role != Role::child) continue;
    std::vector<PersonN> partners;
    for (const MemberRow& other : rows)
      if (other.family == rows[row].family && other.role == Role::partner) partners.push_back(other.person);
    if (std::ranges::any_of(partners, [&](PersonN p) { return is_ancestor(is_ancestor, rows[row].person, p); })) {
      closing.push_back(row);
    } else {
      parents[rows[row].person].insert(partners.begin(), partners.end());
    }
  }
  return closing;
}

/// Any two people may be partners, anybody their child.
Sample tangled_sample() {
  Sample sample;
  const auto people = *rc::gen::inRange<PersonN>(1, 9);
  for (PersonN n = 0; n < people; ++n) sample.person(*rc::gen::element(Sex::male, Sex::female));
  for (auto families = *rc::gen::inRange(1, 7); families > 0; --families) {
    std::vector<PersonN> partners, children;
    for (PersonN n = 0; n < people; ++n) {
      if (partners.size() < 2 && *rc::gen::inRange(0, 3) == 0) partners.push_back(n);
      if (*rc::gen::inRange(0, 3) == 0) children.push_back(n);
    }
    sample.family(partners, children);
  }
  return sample;
}

RC_GTEST_PROP(KinshipGraph, TheEdgeThatClosesACycleInFileOrderIsLeftOut, ()) {
  Sample sample = tangled_sample();
  std::vector<std::size_t> excluded;
  const BuiltGraph built = sample.built();
  for (const ExcludedRow& row : built.excluded) excluded.push_back(row.row);
  RC_ASSERT(excluded == closing_rows_by_definition(sample));
  for (const PersonN person : people_of(built.graph))
    for (const PersonN parent : parents_of(built.graph, person))
      RC_ASSERT(cycle_closed_by(built.graph, parent, person).empty());
}

TEST(KinshipGraph, AHugeKnotIsCutInLinearTime) {
  // A chain of descent whose last person is given as parent of each: every row but the chain's own asks a long question.
  Sample sample;
  constexpr int kPeople = 20'000;
  std::vector<PersonN> chain{sample.man()};
  for (int i = 1; i < kPeople; ++i) {
    chain.push_back(sample.man());
    sample.family({chain[chain.size() - 2]}, {chain.back()});
  }
  for (const PersonN person : chain) sample.family({chain.back()}, {person});
  const BuiltGraph built = sample.built();
  EXPECT_GE(built.excluded.size(), std::size_t{kPeople} - 1);
  EXPECT_LE(built.excluded.size(), std::size_t{kPeople});
}

TEST(KinshipGraph, NamesTheChainThatAnEdgeWouldClose) {
  Sample sample;
  const auto old = sample.man(), middle = sample.man(), young = sample.man();
  sample.family({old}, {middle});
  sample.family({middle}, {young});
  const Graph graph = sample.graph();
  EXPECT_THAT(cycle_closed_by(graph, young, old), ElementsAre(old, middle, young));
  EXPECT_THAT(cycle_closed_by(graph, old, old), ElementsAre(old));
  EXPECT_THAT(cycle_closed_by(graph, old, young), IsEmpty());
}

// --- edits ---

bool equal(const Graph& a, const Graph& b) {
  if (a.person_count() != b.person_count() || a.family_count() != b.family_count()) return false;
  for (std::uint32_t n = 0; n < std::max(a.node_count(), b.node_count()); ++n) {
    const ParentPair p = a.parents(n), q = b.parents(n);
    const bool same_node = a.sex(n) == b.sex(n) && p.father == q.father && p.mother == q.mother && p.family == q.family &&
                           p.pedigree == q.pedigree && std::ranges::equal(a.families(n), b.families(n));
    const auto same_family = [](const ParentFamily& x, const ParentFamily& y) {
      return x.family == y.family && x.pedigree == y.pedigree && x.primary == y.primary;
    };
    if (!same_node || !std::ranges::equal(a.further_parents(n), b.further_parents(n), same_family)) return false;
  }
  return true;
}

std::vector<MemberRow> rows_of_family(Sample& sample, FamilyN family) {
  std::vector<MemberRow> rows;
  for (const MemberRow& row : sample.rows())
    if (row.family == family) rows.push_back(row);
  return rows;
}

/// Changes the sample's rows of one family at random, keeping parents before children, and says how.
FamilyChange random_family_change(Sample& sample) {
  const FamilyN family = sample.rows()[*rc::gen::inRange<std::size_t>(0, sample.rows().size())].family;
  std::erase_if(sample.rows(), [&](const MemberRow& row) { return row.family == family && *rc::gen::inRange(0, 2) == 0; });
  for (MemberRow& row : sample.rows()) {
    if (row.family != family || row.role != Role::child) continue;
    row.pedigree = *rc::gen::element(Pedigree::birth, Pedigree::adopted);
    row.primary = *rc::gen::inRange(0, 3) == 0;
  }
  return {family, rows_of_family(sample, family)};
}

RC_GTEST_PROP(KinshipGraph, EditsGiveTheGraphThatABuildWouldGive, ()) {
  Sample sample = random_sample(30);
  Graph graph = sample.graph();
  for (auto edits = *rc::gen::inRange(1, 6); edits > 0 && !sample.rows().empty(); --edits) {
    const FamilyChange change = random_family_change(sample);
    const auto people = people_of(graph);
    const PersonN person = *rc::gen::elementOf(people);
    const PersonChange turned{person, *rc::gen::element(Sex::male, Sex::female, Sex::unknown)};
    sample.sex(person) = turned.sex;
    const Graph before = graph;
    graph = before.with(std::array{change}, std::array{turned}).value();
    RC_ASSERT(graph.generation() != before.generation());
    RC_ASSERT(equal(graph, sample.graph()));
  }
}

TEST(KinshipGraph, AnEditAddsPeopleAndFamilies) {
  Sample sample;
  const auto father = sample.man();
  const Graph before = sample.graph();
  const FamilyChange family{2, {{2, father, 0, Role::partner}, {2, 1, 0, Role::child}}};
  const Graph after = before.with(std::array{family}, std::array{PersonChange{1, Sex::female}}).value();
  EXPECT_EQ(after.father(1), father);
  EXPECT_EQ(after.person_count(), 2u);
  EXPECT_EQ(before.node_count(), 1u);
  const Graph gone = after.with(std::array{FamilyChange{2, {}}}, std::array{PersonChange{1, Sex::absent}}).value();
  EXPECT_TRUE(equal(gone, before));
}

TEST(KinshipGraph, ManyEditsAreMergedAndStayRight) {
  Sample sample;
  for (int i = 0; i < 1'000; ++i) sample.family({sample.man(), sample.woman()}, {sample.man()});
  Graph graph = sample.graph();
  const std::size_t bytes = graph.memory_bytes();
  for (PersonN n = 0; n < 400; n += 4)  // every edit overrides one node, and ten are one in a hundred of these many times over
    graph = graph.with({}, std::array{PersonChange{n, Sex::other}}).value();
  EXPECT_EQ(graph.sex(0), Sex::other);
  EXPECT_EQ(graph.sex(396), Sex::other);
  EXPECT_LT(graph.memory_bytes(), bytes * 2);
}

struct RefusalCase {
  const char* name;
  Code code;
  FamilyChange (*change)(FamilyN family, PersonN father, PersonN child);
};
class Refusals : public testing::TestWithParam<RefusalCase> {};
TEST_P(Refusals, AreDocumented) {
  Sample sample;
  const auto father = sample.man(), child = sample.man();
  const auto family = sample.family({father}, {child});
  const auto after = sample.graph().with(std::array{GetParam().change(family, father, child)}, {});
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().code, GetParam().code) << after.error().detail;
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Refusals,
    testing::Values(RefusalCase{"row_of_another_family", Code::invalid,
                                [](FamilyN f, PersonN p, PersonN) { return FamilyChange{f, {{f + 1, p, 0, Role::partner}}}; }},
                    RefusalCase{"unknown_person", Code::invalid,
                                [](FamilyN f, PersonN, PersonN) { return FamilyChange{f, {{f, 99, 0, Role::partner}}}; }},
                    RefusalCase{"same_member_twice", Code::invalid,
                                [](FamilyN f, PersonN p, PersonN) {
                                  return FamilyChange{f, {{f, p, 0, Role::partner}, {f, p, 1, Role::partner}}};
                                }},
                    RefusalCase{"person_as_family", Code::invalid,
                                [](FamilyN, PersonN p, PersonN c) { return FamilyChange{p, {{p, c, 0, Role::child}}}; }},
                    RefusalCase{"own_child", Code::conflict,
                                [](FamilyN f, PersonN, PersonN c) {
                                  return FamilyChange{f, {{f, c, 0, Role::partner}, {f, c, 0, Role::child}}};
                                }},
                    RefusalCase{"own_grandchild", Code::conflict,
                                [](FamilyN f, PersonN p, PersonN c) {
                                  return FamilyChange{f + 1, {{f + 1, c, 0, Role::partner}, {f + 1, p, 0, Role::child}}};
                                }},
                    RefusalCase{"number_too_large", Code::too_large,
                                [](FamilyN, PersonN, PersonN) { return FamilyChange{kNodesMax, {}}; }}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(KinshipGraph, APersonCannotGoWhileAFamilyNamesIt) {
  Sample sample;
  const auto father = sample.man(), child = sample.man();
  sample.family({father}, {child});
  const Graph graph = sample.graph();
  EXPECT_EQ(graph.with({}, std::array{PersonChange{father, Sex::absent}}).error().code, Code::invalid);
  EXPECT_EQ(graph.with({}, std::array{PersonChange{child, Sex::absent}}).error().code, Code::invalid);
}

TEST(KinshipGraph, AnEditNamesTheChainOfACycle) {
  Sample sample;
  const auto old = sample.man(), young = sample.man();
  sample.family({old}, {young});
  const FamilyChange change{3, {{3, young, 0, Role::partner}, {3, old, 0, Role::child}}};
  EXPECT_THAT(sample.graph().with(std::array{change}, {}).error().detail, testing::HasSubstr("0 1"));
}

}  // namespace
}  // namespace tablinum::tree::kinship
