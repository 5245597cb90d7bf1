#include "tablinum/tree/kinship/relationship.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kinship_sample.h"

namespace tablinum::tree::kinship {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// --- the definitions, taken literally ---

using Chain = std::vector<PersonN>;

/// All chains of parents from a person upwards, each with the person first.
std::vector<Chain> chains_up(const Graph& graph, PersonN person) {
  std::vector<Chain> chains{{person}};
  for (const PersonN parent : parents_of(graph, person))
    for (Chain& above : chains_up(graph, parent)) {
      above.insert(above.begin(), person);
      chains.push_back(std::move(above));
    }
  return chains;
}

std::map<PersonN, std::uint32_t> depths(const Graph& graph, PersonN person) {
  std::map<PersonN, std::uint32_t> fewest;
  for (const Chain& chain : chains_up(graph, person)) {
    const auto depth = static_cast<std::uint32_t>(chain.size() - 1);
    const auto [found, is_new] = fewest.emplace(chain.back(), depth);
    found->second = std::min(found->second, depth);
  }
  return fewest;
}

/// People of a line from a up to the apex and down to b, the apex last of the key; couples give two.
std::set<std::pair<Chain, Chain>> lines_by_definition(const Graph& graph, PersonN a, PersonN b) {
  std::set<std::pair<Chain, Chain>> found;
  for (const Chain& up : chains_up(graph, a))
    for (const Chain& down : chains_up(graph, b)) {
      if (up.back() != down.back()) continue;
      const bool meet_before = std::ranges::any_of(
          up, [&](PersonN person) { return person != up.back() && std::ranges::find(down, person) != down.end(); });
      if (!meet_before) found.emplace(up, down);
    }
  return found;
}

/// A line as found, written as the definition writes it; two where it runs over a couple.
std::vector<std::pair<Chain, Chain>> spelled(const Line& line, PersonN a) {
  Chain up{a}, down;
  for (std::uint32_t i = 0; i < line.up; ++i) up.push_back(line.steps[i].to);
  for (std::size_t i = line.steps.size(); i > line.up; --i) down.push_back(line.steps[i - 1].to);
  down.push_back(line.apex);
  std::vector<std::pair<Chain, Chain>> all{{up, down}};
  if (line.apex_partner != kNone) {
    up.back() = down.back() = line.apex_partner;
    all.emplace_back(up, down);
  }
  return all;
}

std::set<PersonN> neighbours(const Graph& graph, PersonN person) {
  std::set<PersonN> all;
  for (const PersonN parent : parents_of(graph, person)) all.insert(parent);
  const ParentPair pair = graph.parents(person);
  if (pair.family != kNone && pair.father == kNone && pair.mother == kNone)
    all.insert(graph.children(pair.family).begin(), graph.children(pair.family).end());
  for (const FamilyN family : graph.families(person)) {
    all.insert(graph.children(family).begin(), graph.children(family).end());
    if (const PersonN partner = graph.partner_of(person, family); partner != kNone) all.insert(partner);
  }
  return all;
}

std::optional<std::size_t> distance_by_definition(const Graph& graph, PersonN a, PersonN b) {
  std::set<PersonN> seen{a}, level{a};
  for (std::size_t steps = 0; !level.empty(); ++steps) {
    if (level.contains(b)) return steps;
    std::set<PersonN> next;
    for (const PersonN person : level)
      for (const PersonN other : neighbours(graph, person))
        if (seen.insert(other).second) next.insert(other);
    level = std::move(next);
  }
  return std::nullopt;
}

struct Pair {
  Graph graph;
  PersonN a, b;
};
Pair random_pair(std::uint32_t people_max) {
  const Graph graph = random_sample(people_max).graph();
  const auto people = people_of(graph);
  return {graph, *rc::gen::elementOf(people), *rc::gen::elementOf(people)};
}

RC_GTEST_PROP(KinshipRelationship, CommonAncestorsAreThoseOfTheDefinition, ()) {
  const auto [graph, a, b] = random_pair(18);
  const auto of_a = depths(graph, a), of_b = depths(graph, b);
  std::map<PersonN, std::pair<std::uint32_t, std::uint32_t>> expected, found;
  for (const auto& [person, depth] : of_a)
    if (const auto other = of_b.find(person); other != of_b.end()) expected[person] = {depth, other->second};
  const auto common = common_ancestors(graph, a, b).value();
  for (const CommonAncestor& ancestor : common) {
    found[ancestor.person] = {ancestor.depth_a, ancestor.depth_b};
    bool has_child = false;
    for (const auto& [other, unused] : expected) {
      const auto parents = parents_of(graph, other);
      has_child = has_child || std::ranges::find(parents, ancestor.person) != parents.end();
    }
    RC_ASSERT(ancestor.nearest == !has_child);
  }
  RC_ASSERT(found == expected);
  RC_ASSERT(common.size() == expected.size());
}

RC_GTEST_PROP(KinshipRelationship, LinesAreThoseOfTheDefinition, ()) {
  const auto [graph, a, b] = random_pair(14);
  const auto expected = lines_by_definition(graph, a, b);
  RC_PRE(expected.size() < kLinesMax);
  const Lines found = lines(graph, a, b).value();
  std::vector<std::pair<Chain, Chain>> all;
  for (const Line& line : found.lines)
    for (auto& each : spelled(line, a)) all.push_back(std::move(each));
  std::ranges::sort(all);
  RC_ASSERT(found.complete);
  RC_ASSERT(std::ranges::equal(all, expected));
  RC_ASSERT(found.chain_pairs >= found.lines.size());
  RC_ASSERT(std::ranges::is_sorted(found.lines, {}, [](const Line& line) { return line.steps.size(); }));
}

RC_GTEST_PROP(KinshipRelationship, StepsOfALineFollowTheGraph, ()) {
  const auto [graph, a, b] = random_pair(20);
  for (const Line& line : lines(graph, a, b).value().lines) {
    PersonN here = a;
    bool blood = true;
    for (const Step& step : line.steps) {
      const PersonN child = step.direction == Direction::up ? here : step.to;
      const PersonN parent = step.direction == Direction::up ? step.to : here;
      const auto partners = graph.partners(step.family);
      RC_ASSERT(partners[0] == parent || partners[1] == parent);
      RC_ASSERT(graph.pedigree(child, step.family) == step.pedigree);
      blood = blood && is_biological(step.pedigree);
      here = step.to;
    }
    RC_ASSERT(here == b);
    RC_ASSERT(line.blood == blood);
    RC_ASSERT(line.up + line.down == line.steps.size());
  }
}

RC_GTEST_PROP(KinshipRelationship, TheShortestPathIsAsLongAsABreadthFirstSearchSays, ()) {
  const auto [graph, a, b] = random_pair(40);
  const Path path = shortest_path(graph, a, b).value();
  const auto distance = distance_by_definition(graph, a, b);
  RC_ASSERT(path.found == distance.has_value());
  if (!path.found) return;
  RC_ASSERT(path.steps.size() == *distance);
  PersonN here = a;
  for (const Step& step : path.steps) {
    RC_ASSERT(neighbours(graph, here).contains(step.to));
    here = step.to;
  }
  RC_ASSERT(here == b);
}

// --- by hand ---

struct Cousins {
  Sample sample;
  PersonN grandfather = sample.man(), grandmother = sample.woman();
  PersonN father = sample.man(), uncle = sample.man(), mother = sample.woman(), aunt = sample.woman();
  PersonN me = sample.man(), cousin = sample.woman();
  FamilyN grandparents = sample.family({grandfather, grandmother}, {father, uncle});
  FamilyN parents = sample.family({father, mother}, {me});
  FamilyN uncles = sample.family({uncle, aunt}, {cousin});
};

TEST(KinshipRelationship, TheGrandparentsOfCousinsAreOneLineOverACouple) {
  const Cousins family;
  const Lines found = lines(family.sample.graph(), family.me, family.cousin).value();
  ASSERT_EQ(found.lines.size(), 1u);
  EXPECT_EQ(found.lines[0].apex, family.grandfather);
  EXPECT_EQ(found.lines[0].apex_partner, family.grandmother);
  EXPECT_EQ(found.lines[0].up, 2u);
  EXPECT_EQ(found.lines[0].down, 2u);
  EXPECT_EQ(found.chain_pairs, 2u);
}

TEST(KinshipRelationship, HalfSiblingsHaveALoneApex) {
  Sample sample;
  const auto father = sample.man(), a = sample.man(), b = sample.man();
  sample.family({father, sample.woman()}, {a});
  sample.family({father, sample.woman()}, {b});
  const Relation found = relation(sample.graph(), a, b).value();
  EXPECT_TRUE(found.blood);
  EXPECT_FALSE(found.full);
  EXPECT_EQ(found.lines.lines[0].apex_partner, kNone);
}

TEST(KinshipRelationship, DoubleCousinsHaveTwoCouples) {
  Sample sample;
  const auto brother1 = sample.man(), brother2 = sample.man(), sister1 = sample.woman(), sister2 = sample.woman();
  const auto a = sample.man(), b = sample.man();
  sample.family({sample.man(), sample.woman()}, {brother1, brother2});
  sample.family({sample.man(), sample.woman()}, {sister1, sister2});
  sample.family({brother1, sister1}, {a});
  sample.family({brother2, sister2}, {b});
  EXPECT_EQ(relation(sample.graph(), a, b).value().couples, 2u);
}

TEST(KinshipRelationship, APersonIsRelatedToItselfByNoSteps) {
  const Cousins family;
  const Graph graph = family.sample.graph();
  const Relation found = relation(graph, family.me, family.me).value();
  EXPECT_TRUE(found.related);
  EXPECT_THAT(found.steps, IsEmpty());
  EXPECT_TRUE(shortest_path(graph, family.me, family.me).value().found);
  const auto given_up = shortest_path(graph, family.me, family.cousin, 1).value();
  EXPECT_FALSE(given_up.found);
  EXPECT_FALSE(given_up.complete);
}

TEST(KinshipRelationship, PartnersAreToldAsPartnersThoughTheyAreCousins) {
  Cousins family;
  family.sample.family({family.me, family.cousin});
  const Relation found = relation(family.sample.graph(), family.me, family.cousin).value();
  ASSERT_EQ(found.steps.size(), 1u);
  EXPECT_EQ(found.steps[0].direction, Direction::partner);
  EXPECT_EQ(found.lines.lines.size(), 1u);
}

TEST(KinshipRelationship, BloodPrecedesAShorterAdoptiveLine) {
  Cousins family;
  family.sample.family({family.grandfather}, {family.me}, Pedigree::adopted);
  const Relation found = relation(family.sample.graph(), family.me, family.grandfather).value();
  EXPECT_TRUE(found.blood);
  EXPECT_EQ(found.steps.size(), 2u);
  ASSERT_EQ(found.lines.lines.size(), 2u);
  EXPECT_FALSE(found.lines.lines[0].blood);
}

TEST(KinshipRelationship, TheUnconnectedHaveNoRelation) {
  Sample sample;
  const auto a = sample.man(), b = sample.man();
  EXPECT_FALSE(relation(sample.graph(), a, b).value().related);
}

TEST(KinshipRelationship, UnknownPeopleAreNotFound) {
  const Cousins family;
  const Graph graph = family.sample.graph();
  for (const auto& [a, b] : {std::pair{family.me, family.parents}, std::pair{99u, family.me}}) {
    EXPECT_EQ(common_ancestors(graph, a, b).error().code, Code::not_found);
    EXPECT_EQ(lines(graph, a, b).error().code, Code::not_found);
    EXPECT_EQ(shortest_path(graph, a, b).error().code, Code::not_found);
    EXPECT_EQ(relation(graph, a, b).error().code, Code::not_found);
  }
}

/// Generations of two brothers who marry two sisters: lines double with each.
Sample ladder(std::size_t generations, PersonN& a, PersonN& b) {
  Sample sample;
  std::array<PersonN, 2> men{sample.man(), sample.man()}, women{sample.woman(), sample.woman()};
  for (std::size_t i = 0; i < generations; ++i) {
    const std::array<PersonN, 2> sons{sample.man(), sample.man()}, daughters{sample.woman(), sample.woman()};
    sample.family({men[0], women[0]}, {sons[0], daughters[0]});
    sample.family({men[1], women[1]}, {sons[1], daughters[1]});
    men = {sons[0], sons[1]};
    women = {daughters[1], daughters[0]};
  }
  a = men[0];
  b = men[1];
  return sample;
}

TEST(KinshipRelationship, LinesStopAtTheirLimitAndSayHowManyThereMayBe) {
  PersonN a, b;
  const Graph graph = ladder(80, a, b).graph();
  const Lines found = lines(graph, a, b).value();
  EXPECT_FALSE(found.complete);
  EXPECT_LE(found.lines.size(), kLinesMax);
  EXPECT_EQ(found.chain_pairs, UINT64_MAX);

  const Lines few = lines(graph, a, b, {.lines_max = 3}).value();
  EXPECT_EQ(few.lines.size(), 3u);
  EXPECT_FALSE(few.complete);
  EXPECT_FALSE(lines(graph, a, b, {.steps_max = 10}).value().complete);
}

TEST(KinshipRelationship, ALimitOfAsManyLinesAsThereAreIsNoCut) {
  const Cousins family;
  EXPECT_TRUE(lines(family.sample.graph(), family.me, family.cousin, {.lines_max = 1}).value().complete);
}

}  // namespace
}  // namespace tablinum::tree::kinship
