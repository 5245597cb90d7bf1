#pragma once
/// Small families for tests of kinship and charts, built by hand or at random.
#include <rapidcheck.h>

#include <vector>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::kinship {

/// Collects people and families under one count of n, as records of a file have it.
class Sample {
 public:
  PersonN person(Sex sex) {
    sexes_.push_back(sex);
    return static_cast<PersonN>(sexes_.size() - 1);
  }
  PersonN man() { return person(Sex::male); }
  PersonN woman() { return person(Sex::female); }

  FamilyN family(const std::vector<PersonN>& partners, const std::vector<PersonN>& children = {},
                 Pedigree pedigree = Pedigree::birth) {
    const FamilyN n = person(Sex::absent);
    std::uint16_t ord = 0;
    for (const PersonN partner : partners)
      if (partner != kNone) rows_.push_back({n, partner, ord++, Role::partner});
    ord = 0;
    for (const PersonN child : children) rows_.push_back({n, child, ord++, Role::child, pedigree});
    return n;
  }

  Sex& sex(PersonN person) { return sexes_[person]; }
  std::vector<MemberRow>& rows() { return rows_; }
  BuiltGraph built() const { return build_graph(sexes_, rows_).value(); }
  Graph graph() const { return built().graph; }

 private:
  std::vector<Sex> sexes_;
  std::vector<MemberRow> rows_;
};

/// People whose parents, if known, come before them: free of cycles, full of cousins' and uncles' marriages and half-siblings.
inline Sample random_sample(std::uint32_t people_max, bool with_further_parents = true) {
  Sample sample;
  std::vector<PersonN> people;
  const auto count = *rc::gen::inRange<std::uint32_t>(2, people_max + 1);
  while (people.size() < count) {
    std::vector<PersonN> parents;
    const auto known = people.empty() ? 0u : *rc::gen::weightedElement<unsigned>({{1, 0}, {2, 1}, {6, 2}});
    for (unsigned i = 0; i < known; ++i) parents.push_back(*rc::gen::elementOf(people));
    if (parents.size() == 2 && parents[0] == parents[1]) parents.pop_back();
    std::vector<PersonN> children;
    for (auto born = *rc::gen::inRange(1, 4); born > 0; --born)
      children.push_back(sample.person(*rc::gen::element(Sex::male, Sex::female, Sex::unknown)));
    sample.family(parents, children);
    if (with_further_parents && !people.empty() && *rc::gen::inRange(0, 4) == 0)
      sample.family({*rc::gen::elementOf(people)}, {children.front()},
                    *rc::gen::element(Pedigree::adopted, Pedigree::foster, Pedigree::step));
    people.insert(people.end(), children.begin(), children.end());
  }
  return sample;
}

inline std::vector<PersonN> people_of(const Graph& graph) {
  std::vector<PersonN> people;
  for (PersonN n = 0; n < graph.node_count(); ++n)
    if (graph.is_person(n)) people.push_back(n);
  return people;
}

/// Parents along the edges asked for, each once, in order.
inline std::vector<PersonN> parents_of(const Graph& graph, PersonN child, bool biological_only = false) {
  std::vector<PersonN> parents;
  for_each_parent_pair(graph, child, [&](const ParentPair& pair) {
    if (biological_only && !is_biological(pair.pedigree)) return;
    for (const PersonN parent : {pair.father, pair.mother})
      if (parent != kNone && std::ranges::find(parents, parent) == parents.end()) parents.push_back(parent);
  });
  return parents;
}

}  // namespace tablinum::tree::kinship
