#include "tablinum/tree/kinship/coefficient.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "kinship_sample.h"
#include "tablinum/tree/kinship/walk.h"

namespace tablinum::tree::kinship {
namespace {

/// Kinship by its recursion (Malécot): φ(a,a) = ½(1 + φ(father, mother)), φ(a,b) = ½(φ(father of the younger, b) + φ(mother …,
/// b)).
class Recursion {
 public:
  explicit Recursion(const Graph& graph) : graph_{graph} {
    const auto order = topological_order(graph);
    for (std::uint32_t at = 0; at < order.size(); ++at) rank_[order[at]] = at;
  }

  double kinship(PersonN a, PersonN b) {
    if (a == kNone || b == kNone) return 0;
    if (rank_[a] < rank_[b]) std::swap(a, b);
    const auto [found, is_new] = memo_.try_emplace({a, b}, 0);
    if (!is_new) return found->second;
    const auto [father, mother] = genetic_parents(a);
    const double value = a == b ? (1 + kinship(father, mother)) / 2 : (kinship(father, b) + kinship(mother, b)) / 2;
    return memo_[{a, b}] = value;
  }
  double inbreeding(PersonN a) {
    const auto [father, mother] = genetic_parents(a);
    return kinship(father, mother);
  }

 private:
  std::pair<PersonN, PersonN> genetic_parents(PersonN child) const {
    std::pair<PersonN, PersonN> parents{kNone, kNone};
    bool known = false;
    for_each_parent_pair(graph_, child, [&](const ParentPair& pair) {
      if (!known && is_biological(pair.pedigree)) parents = {pair.father, pair.mother};
      known = known || is_biological(pair.pedigree);
    });
    return parents;
  }

  const Graph& graph_;
  std::map<PersonN, std::uint32_t> rank_;
  std::map<std::pair<PersonN, PersonN>, double> memo_;
};

RC_GTEST_PROP(KinshipCoefficient, EqualsTheRecursionOnInbredPedigrees, ()) {
  const Graph graph = random_sample(40).graph();
  const auto people = people_of(graph);
  Recursion recursion{graph};
  for (int i = 0; i < 20; ++i) {
    const PersonN a = *rc::gen::elementOf(people), b = *rc::gen::elementOf(people);
    const Coefficient found = coefficient(graph, a, b).value();
    RC_ASSERT(found.exact);
    RC_ASSERT(found.kinship == recursion.kinship(a, b));
    RC_ASSERT(found.inbreeding_a == recursion.inbreeding(a));
    RC_ASSERT(found.inbreeding_b == recursion.inbreeding(b));
  }
}

RC_GTEST_PROP(KinshipCoefficient, IsAnUpperBoundWhereTheBudgetEnds, ()) {
  const Sample sample = random_sample(40);
  const auto people = people_of(sample.graph());
  const PersonN a = *rc::gen::elementOf(people), b = *rc::gen::elementOf(people);
  const double exact = coefficient(sample.graph(), a, b).value().kinship;
  const Coefficient cut = coefficient(sample.graph(), a, b, *rc::gen::inRange<std::uint64_t>(0, 20)).value();
  RC_ASSERT(cut.kinship >= exact);
  RC_ASSERT(!cut.exact || cut.kinship == exact);
}

TEST(KinshipCoefficient, IsKeptWithTheSnapshotAndNotWithTheNext) {
  Sample sample;
  const auto father = sample.man(), mother = sample.woman(), brother = sample.man(), sister = sample.woman(),
             child = sample.man();
  const auto family = sample.family({father, mother}, {brother, sister});
  sample.family({brother, sister}, {child});
  const Graph graph = sample.graph();
  EXPECT_EQ(coefficient(graph, child, child).value().inbreeding_a, 0.25);
  EXPECT_TRUE(coefficient(graph, child, child, 0).value().exact);  // from the cache
  const Graph apart = graph.with(std::array{FamilyChange{family, {}}}, {}).value();
  EXPECT_EQ(coefficient(apart, child, child).value().inbreeding_a, 0);
}

struct KnownCase {
  const char* name;
  double relationship;
  std::pair<PersonN, PersonN> (*family)(Sample& sample);
};
class Known : public testing::TestWithParam<KnownCase> {};
TEST_P(Known, ValuesOfTextbooks) {
  Sample sample;
  const auto [a, b] = GetParam().family(sample);
  EXPECT_EQ(coefficient(sample.graph(), a, b).value().relationship, GetParam().relationship);
}

std::array<PersonN, 2> siblings(Sample& s) {
  const auto a = s.man(), b = s.woman();
  s.family({s.man(), s.woman()}, {a, b});
  return {a, b};
}
PersonN child_of(Sample& s, PersonN father, PersonN mother) {
  const auto child = s.man();
  s.family({father, mother}, {child});
  return child;
}

INSTANTIATE_TEST_SUITE_P(Cases, Known,
                         testing::Values(KnownCase{"strangers", 0, [](Sample& s) { return std::pair{s.man(), s.woman()}; }},
                                         KnownCase{"parent", 0.5,
                                                   [](Sample& s) {
                                                     const auto father = s.man();
                                                     return std::pair{child_of(s, father, s.woman()), father};
                                                   }},
                                         KnownCase{"full_siblings", 0.5,
                                                   [](Sample& s) {
                                                     const auto [a, b] = siblings(s);
                                                     return std::pair{a, b};
                                                   }},
                                         KnownCase{"half_siblings", 0.25,
                                                   [](Sample& s) {
                                                     const auto father = s.man();
                                                     const auto a = child_of(s, father, s.woman());
                                                     return std::pair{a, child_of(s, father, s.woman())};
                                                   }},
                                         KnownCase{"uncle", 0.25,
                                                   [](Sample& s) {
                                                     const auto [a, b] = siblings(s);
                                                     return std::pair{child_of(s, a, s.woman()), b};
                                                   }},
                                         KnownCase{"first_cousins", 0.125,
                                                   [](Sample& s) {
                                                     const auto [a, b] = siblings(s);
                                                     const auto x = child_of(s, a, s.woman());
                                                     return std::pair{x, child_of(s, s.man(), b)};
                                                   }},
                                         KnownCase{"double_first_cousins", 0.25,
                                                   [](Sample& s) {
                                                     const auto [a, b] = siblings(s);
                                                     const auto [c, d] = siblings(s);
                                                     const auto x = child_of(s, a, d);
                                                     return std::pair{x, child_of(s, c, b)};
                                                   }},
                                         KnownCase{"adoptive_child", 0,
                                                   [](Sample& s) {
                                                     const auto father = s.man(), child = s.man();
                                                     s.family({father}, {child}, Pedigree::adopted);
                                                     return std::pair{child, father};
                                                   }}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(KinshipCoefficient, UnknownPeopleAreNotFound) {
  Sample sample;
  const auto person = sample.man();
  EXPECT_EQ(coefficient(sample.graph(), person, 9).error().code, Code::not_found);
  EXPECT_EQ(coefficient(sample.graph(), 9, person).error().code, Code::not_found);
}

}  // namespace
}  // namespace tablinum::tree::kinship
