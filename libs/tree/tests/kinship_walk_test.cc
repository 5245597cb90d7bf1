#include "tablinum/tree/kinship/walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kinship_sample.h"
#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::kinship {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<PersonN> persons(const Walk& walk) {
  std::vector<PersonN> people;
  for (const Kin& kin : walk.people) people.push_back(kin.person);
  return people;
}

struct ThreeGenerations {
  Sample sample;
  PersonN grandfather = sample.man(), grandmother = sample.woman(), father = sample.man(), mother = sample.woman();
  PersonN son = sample.man(), daughter = sample.woman(), half_sister = sample.woman();
  FamilyN old = sample.family({grandfather, grandmother}, {father});
  FamilyN first = sample.family({father, mother}, {son, daughter});
  FamilyN second = sample.family({father}, {half_sister});
};

TEST(KinshipWalk, AncestorsComeByGenerationWithSosaNumbers) {
  const ThreeGenerations family;
  const Walk walk = ancestors(family.sample.graph(), family.son).value();
  EXPECT_THAT(persons(walk), ElementsAre(family.son, family.father, family.mother, family.grandfather, family.grandmother));
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < walk.people.size(); ++i) numbers.push_back(sosa_number(walk, i));
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_FALSE(walk.truncated);
}

TEST(KinshipWalk, DescendantsComeByGenerationWithTheirNumbers) {
  const ThreeGenerations family;
  const Walk walk = descendants(family.sample.graph(), family.grandfather).value();
  EXPECT_THAT(persons(walk), ElementsAre(family.grandfather, family.father, family.son, family.daughter, family.half_sister));
  EXPECT_EQ(aboville_number(walk, 4), "1.1.3");
  EXPECT_EQ(henry_number(walk, 4), "113");
  EXPECT_EQ(walk.people[4].family, family.second);
}

TEST(KinshipWalk, HenryNumbersGoOnWithLettersAndParentheses) {
  Sample sample;
  const auto father = sample.man();
  std::vector<PersonN> children(34);
  for (PersonN& child : children) child = sample.man();
  sample.family({father}, children);
  const Walk walk = descendants(sample.graph(), father).value();
  EXPECT_EQ(henry_number(walk, 9), "19");
  EXPECT_EQ(henry_number(walk, 10), "1X");
  EXPECT_EQ(henry_number(walk, 11), "1A");
  EXPECT_EQ(henry_number(walk, 33), "1W");
  EXPECT_EQ(henry_number(walk, 34), "1(34)");
}

TEST(KinshipWalk, SosaNumbersEndWith64Bits) {
  Sample sample;
  std::vector<PersonN> line{sample.man()};
  for (int i = 0; i < 64; ++i) {
    line.push_back(sample.woman());
    sample.family({line.back()}, {line[line.size() - 2]});
  }
  const Walk walk = ancestors(sample.graph(), line[0]).value();
  EXPECT_EQ(sosa_number(walk, 63), UINT64_MAX);
  EXPECT_EQ(sosa_number(walk, 64), 0u);
}

TEST(KinshipWalk, FurtherParentsHaveNoSosaNumberAndStayAwayFromBiologicalWalks) {
  ThreeGenerations family;
  const auto adopter = family.sample.man();
  family.sample.family({adopter}, {family.son}, Pedigree::adopted);
  const Graph graph = family.sample.graph();
  const Walk all = ancestors(graph, family.son, {.generations_max = 1}).value();
  EXPECT_THAT(persons(all), ElementsAre(family.son, family.father, family.mother, adopter));
  EXPECT_EQ(sosa_number(all, 3), 0u);
  const Walk blood = ancestors(graph, family.son, {.generations_max = 1, .edges = Edges::biological}).value();
  EXPECT_THAT(persons(blood), ElementsAre(family.son, family.father, family.mother));
  EXPECT_THAT(persons(descendants(graph, adopter, {.edges = Edges::biological}).value()), ElementsAre(adopter));
}

TEST(KinshipWalk, LimitsCutAndSaySo) {
  const ThreeGenerations family;
  const Graph graph = family.sample.graph();
  EXPECT_TRUE(ancestors(graph, family.son, {.generations_max = 1}).value().truncated);
  EXPECT_FALSE(ancestors(graph, family.son, {.generations_max = 2}).value().truncated);
  EXPECT_TRUE(ancestors(graph, family.son, {.people_max = 4}).value().truncated);
  EXPECT_FALSE(ancestors(graph, family.son, {.people_max = 5}).value().truncated);
}

TEST(KinshipWalk, APersonReachedTwiceIsListedOnce) {
  ThreeGenerations family;
  const auto child = family.sample.man();
  family.sample.family({family.father, family.half_sister}, {child});
  const Walk walk = ancestors(family.sample.graph(), child).value();
  EXPECT_EQ(walk.people.size(), 5u);
  EXPECT_TRUE(walk.people[1].repeated);
  EXPECT_FALSE(walk.people[2].repeated);
}

RC_GTEST_PROP(KinshipWalk, DescendantsAreThosePeopleWhoseAncestorsIncludeTheRoot, ()) {
  const Graph graph = random_sample(25).graph();
  const PersonN root = *rc::gen::elementOf(people_of(graph));
  auto found = persons(descendants(graph, root).value());
  std::ranges::sort(found);
  std::vector<PersonN> expected;
  for (const PersonN person : people_of(graph)) {
    const auto up = persons(ancestors(graph, person).value());
    if (std::ranges::find(up, root) != up.end()) expected.push_back(person);
  }
  RC_ASSERT(found == expected);
}

RC_GTEST_PROP(KinshipWalk, ComponentsHoldThoseWhomAPathConnects, ()) {
  const Graph graph = random_sample(25).graph();
  const Components all = components(graph);
  const auto people = people_of(graph);
  const PersonN a = *rc::gen::elementOf(people);
  std::uint32_t connected = 0;
  for (const PersonN b : people) {
    const bool found = shortest_path(graph, a, b).value().found;
    RC_ASSERT(found == (all.of[a] == all.of[b]));
    connected += found;
  }
  RC_ASSERT(all.sizes[all.of[a]] == connected);
  for (const PersonN alone : isolated_persons(graph)) RC_ASSERT(all.sizes[all.of[alone]] == 1u);
}

TEST(KinshipWalk, ComponentsOfFamiliesHaveNone) {
  const ThreeGenerations family;
  EXPECT_EQ(components(family.sample.graph()).of[family.old], kNone);
}

TEST(KinshipWalk, IsolatedPersonsHaveNobody) {
  ThreeGenerations family;
  const auto alone = family.sample.man();
  family.sample.family({family.sample.man()});  // a family of one is nobody either
  EXPECT_THAT(isolated_persons(family.sample.graph()), ElementsAre(alone, alone + 1));
}

RC_GTEST_PROP(KinshipWalk, CousinsAreThoseWhoseNearestRelationHasTheirShape, ()) {
  const Graph graph = random_sample(25, false).graph();
  const PersonN person = *rc::gen::elementOf(people_of(graph));
  const auto degree = *rc::gen::inRange<std::uint32_t>(0, 3);
  const auto removed = *rc::gen::inRange<std::int32_t>(-2, 3);
  const std::uint32_t up = degree + 1 + (removed < 0 ? static_cast<std::uint32_t>(-removed) : 0);
  const std::uint32_t down = degree + 1 + (removed > 0 ? static_cast<std::uint32_t>(removed) : 0);
  std::vector<PersonN> expected;
  for (const PersonN other : people_of(graph)) {
    const auto common = common_ancestors(graph, person, other).value();
    // Nearest first, so the first ones tell the nearest relation, in whatever shapes it comes.
    const bool is_cousin = std::ranges::any_of(common, [&](const CommonAncestor& c) {
      return c.depth_a == up && c.depth_b == down && c.depth_a + c.depth_b == common[0].depth_a + common[0].depth_b;
    });
    if (is_cousin) expected.push_back(other);
  }
  RC_ASSERT(cousins(graph, person, degree, removed).value() == expected);
}

TEST(KinshipWalk, CousinsHaveLimits) {
  const ThreeGenerations family;
  const Graph graph = family.sample.graph();
  constexpr auto kMax = static_cast<std::int32_t>(kCousinDegreeMax);
  EXPECT_THAT(cousins(graph, family.son, kCousinDegreeMax, -kMax).value(), IsEmpty());
  EXPECT_EQ(cousins(graph, family.son, kCousinDegreeMax + 1).error().code, Code::invalid);
  EXPECT_EQ(cousins(graph, family.son, 1, kMax + 1).error().code, Code::invalid);
  EXPECT_EQ(cousins(graph, family.son, 1, INT32_MIN).error().code, Code::invalid);
}

TEST(KinshipWalk, UnknownPeopleAreNotFound) {
  const ThreeGenerations family;
  const Graph graph = family.sample.graph();
  for (const PersonN nobody : {family.old, 99u, kNone}) {
    EXPECT_EQ(ancestors(graph, nobody).error().code, Code::not_found);
    EXPECT_EQ(descendants(graph, nobody).error().code, Code::not_found);
    EXPECT_EQ(cousins(graph, nobody, 1).error().code, Code::not_found);
  }
}

RC_GTEST_PROP(KinshipWalk, TheOrderPutsParentsFirst, ()) {
  const Graph graph = random_sample(30).graph();
  const auto order = topological_order(graph);
  RC_ASSERT(order.size() == graph.person_count());
  std::map<PersonN, std::size_t> places;
  for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  for (const PersonN child : order)
    for (const PersonN parent : parents_of(graph, child)) RC_ASSERT(places[parent] < places[child]);
}

}  // namespace
}  // namespace tablinum::tree::kinship
