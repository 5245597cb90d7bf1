#include "tablinum/tree/kinship/coefficient.h"

#include <cmath>

#include "kinship/graph_data.h"
#include "kinship/inbreeding_cache.h"
#include "kinship/scratch.h"

namespace tablinum::tree::kinship {
namespace {

/// The first biological parent family gives the genetic parents: two at most, whatever other families a person has.
ParentPair genetic_parents(const Graph& graph, PersonN person) {
  ParentPair genetic;
  for_each_parent_pair(graph, person, [&](const ParentPair& pair) {
    if (genetic.family == kNone && is_biological(pair.pedigree)) genetic = pair;
  });
  return genetic;
}

/// A person's genetic ancestors, each before their parents, with local numbers.
struct Pedigrees {
  std::vector<PersonN> people;
  std::vector<std::array<std::uint32_t, 2>> parents;  // local, kNone where unknown
};

Pedigrees discover(const Graph& graph, PersonN person, ScratchMap& locals) {
  Pedigrees found{{person}, {}};
  locals.set(person, 0);
  for (std::size_t at = 0; at < found.people.size(); ++at) {
    const ParentPair pair = genetic_parents(graph, found.people[at]);
    std::array<std::uint32_t, 2> local{kNone, kNone};
    for (const auto [place, parent] : {std::pair{0, pair.father}, std::pair{1, pair.mother}}) {
      if (parent == kNone) continue;
      if (locals.insert(parent, static_cast<std::uint32_t>(found.people.size()))) found.people.push_back(parent);
      local[static_cast<std::size_t>(place)] = locals.at(parent);
    }
    found.parents.push_back(local);
  }
  return found;
}

/// Renumbers so that everyone precedes their parents.
Pedigrees children_first(const Pedigrees& from, ScratchMap& locals) {
  std::vector<std::uint32_t> children_left(from.people.size());
  for (const auto& parents : from.parents)
    for (const std::uint32_t parent : parents)
      if (parent != kNone) ++children_left[parent];
  std::vector<std::uint32_t> order{0};
  for (std::size_t at = 0; at < order.size(); ++at)
    for (const std::uint32_t parent : from.parents[order[at]])
      if (parent != kNone && --children_left[parent] == 0) order.push_back(parent);
  Pedigrees sorted;
  for (std::uint32_t at = 0; at < order.size(); ++at) {
    sorted.people.push_back(from.people[order[at]]);
    locals.set(sorted.people.back(), at);
  }
  for (const std::uint32_t old : order) {
    auto parents = from.parents[old];
    for (std::uint32_t& parent : parents)
      if (parent != kNone) parent = locals.at(from.people[parent]);
    sorted.parents.push_back(parents);
  }
  return sorted;
}

/// w(c): the expected share of each ancestor's genes in the first person.
std::vector<double> gene_shares(const Pedigrees& of) {
  std::vector<double> shares(of.people.size());
  shares[0] = 1;
  for (std::size_t at = 0; at < shares.size(); ++at)
    for (const std::uint32_t parent : of.parents[at])
      if (parent != kNone) shares[parent] += shares[at] / 2;
  return shares;
}

class Computation {
 public:
  Computation(const Graph& graph, std::uint64_t steps_max)
      : graph_{graph}, cache_{GraphAccess::inbreeding(graph)}, steps_left_{steps_max} {}

  bool is_exact() const { return exact_; }

  double kinship(PersonN a, PersonN b) {
    ScratchMap in_a{graph_.node_count()}, in_b{graph_.node_count()};
    const Pedigrees of_a = children_first(discover(graph_, a, in_a), in_a);
    const Pedigrees of_b = children_first(discover(graph_, b, in_b), in_b);
    const auto shares_a = gene_shares(of_a);
    const auto shares_b = gene_shares(of_b);
    const Pedigrees common = shared(of_a, in_b);
    const auto d = mendelian_variances(common);
    double sum = 0;
    for (std::size_t at = 0; at < common.people.size(); ++at)
      sum += shares_a[in_a.at(common.people[at])] * shares_b[in_b.at(common.people[at])] * d[at];
    return sum / 2;
  }

  double inbreeding(PersonN person) {
    const ParentPair pair = genetic_parents(graph_, person);
    if (pair.father == kNone || pair.mother == kNone) return 0;
    if (const auto known = cache_.find(pair.father, pair.mother)) return *known;
    const double value = kinship(pair.father, pair.mother);
    if (exact_) cache_.keep(pair.father, pair.mother, value);
    return value;
  }

 private:
  /// The people of `of` that are in `other` too: parents of a common ancestor are common ancestors. Parents first.
  static Pedigrees shared(const Pedigrees& of, const ScratchMap& other) {
    Pedigrees common;
    std::vector<std::uint32_t> local(of.people.size(), kNone);
    for (std::size_t at = of.people.size(); at-- > 0;) {
      if (!other.contains(of.people[at])) continue;
      local[at] = static_cast<std::uint32_t>(common.people.size());
      common.people.push_back(of.people[at]);
      auto parents = of.parents[at];
      for (std::uint32_t& parent : parents)
        if (parent != kNone) parent = local[parent];
      common.parents.push_back(parents);
    }
    return common;
  }

  /// d of everybody: 1 − ¼ Σ over known parents of (1 + F_parent). F is needed of those only who have a child in the set.
  std::vector<double> mendelian_variances(const Pedigrees& set) {
    std::vector<bool> is_parent(set.people.size());
    for (const auto& parents : set.parents)
      for (const std::uint32_t parent : parents)
        if (parent != kNone) is_parent[parent] = true;
    std::vector<double> d(set.people.size()), inbreeding(set.people.size()), shares(set.people.size());
    for (std::uint32_t at = 0; at < set.people.size(); ++at) {
      d[at] = 1;
      for (const std::uint32_t parent : set.parents[at])
        if (parent != kNone) d[at] -= (1 + inbreeding[parent]) / 4;
      if (is_parent[at]) inbreeding[at] = inbreeding_within(set, at, d, shares);
    }
    return d;
  }

  double inbreeding_within(const Pedigrees& set, std::uint32_t at, std::span<const double> d, std::span<double> shares) {
    const auto [father, mother] = set.parents[at];
    if (father == kNone || mother == kNone) return 0;
    const PersonN father_n = set.people[father], mother_n = set.people[mother];
    if (const auto known = cache_.find(father_n, mother_n)) return *known;
    if (!exact_ || at >= steps_left_) {
      exact_ = false;
      return 0;
    }
    steps_left_ -= at + 1;
    const double value = self_kinship(set, at, d, shares) - 1;
    cache_.keep(father_n, mother_n, value);
    return value;
  }

  /// 1 + F = Σ w(c)²·d_c over the ancestors c of one person, all of whom come before it. Leaves `shares` zero again.
  static double self_kinship(const Pedigrees& set, std::uint32_t person, std::span<const double> d, std::span<double> shares) {
    double sum = 0;
    shares[person] = 1;
    for (std::uint32_t at = person + 1; at-- > 0;) {
      const double share = shares[at];
      if (share == 0) continue;
      shares[at] = 0;
      sum += share * share * d[at];
      for (const std::uint32_t parent : set.parents[at])
        if (parent != kNone) shares[parent] += share / 2;
    }
    return sum;
  }

  const Graph& graph_;
  InbreedingCache& cache_;
  std::uint64_t steps_left_;
  bool exact_ = true;
};

}  // namespace

Result<Coefficient> coefficient(const Graph& graph, PersonN a, PersonN b, std::uint64_t steps_max) {
  if (!graph.is_person(a) || !graph.is_person(b)) return fail(Code::not_found, "no such person in the kinship graph");
  Computation computation{graph, steps_max};
  Coefficient result;
  result.kinship = computation.kinship(a, b);
  result.inbreeding_a = computation.inbreeding(a);
  result.inbreeding_b = computation.inbreeding(b);
  result.relationship = 2 * result.kinship / std::sqrt((1 + result.inbreeding_a) * (1 + result.inbreeding_b));
  result.exact = computation.is_exact();
  return result;
}

}  // namespace tablinum::tree::kinship
