#include "tablinum/tree/kinship/walk.h"

#include "kinship/ancestry.h"

namespace tablinum::tree::kinship {
namespace {

/// Collects people in order of discovery.
class Walker {
 public:
  Walker(const Graph& graph, PersonN root, const WalkOptions& options)
      : graph_{graph}, options_{options}, indices_{graph.node_count()} {
    add({.person = root});
  }

  Walk ancestors() && {
    for (std::uint32_t at = 0; at < walk_.people.size(); ++at) {
      bool further = false;
      for_each_parent_pair(graph_, walk_.people[at].person, [&](const ParentPair& pair) {
        if (follows(pair.pedigree)) add_parents(at, pair, further);
        further = true;
      });
    }
    return std::move(walk_);
  }

  Walk descendants() && {
    for (std::uint32_t at = 0; at < walk_.people.size(); ++at) {
      std::uint32_t ordinal = 0;
      for (const FamilyN family : graph_.families(walk_.people[at].person))
        for (const PersonN child : graph_.children(family)) add_child(at, family, child, ordinal);
    }
    return std::move(walk_);
  }

 private:
  bool follows(Pedigree pedigree) const { return options_.edges == Edges::all || is_biological(pedigree); }

  void add_parents(std::uint32_t at, const ParentPair& pair, bool further) {
    const Kin child = walk_.people[at];
    Kin kin{.via = at,
            .family = pair.family,
            .generation = child.generation + 1,
            .pedigree = pair.pedigree,
            .further = further || child.further};
    for (const PersonN parent : {pair.father, pair.mother}) {
      kin.person = parent;
      if (parent != kNone) add(kin);
      kin.ordinal = 1;
    }
  }

  void add_child(std::uint32_t at, FamilyN family, PersonN child, std::uint32_t& ordinal) {
    const Pedigree pedigree = graph_.pedigree(child, family).value_or(Pedigree::unstated);
    if (!follows(pedigree)) return;
    ++ordinal;
    add({.person = child,
         .via = at,
         .family = family,
         .generation = walk_.people[at].generation + 1,
         .ordinal = ordinal,
         .pedigree = pedigree});
  }

  void add(const Kin& kin) {
    if (indices_.contains(kin.person)) {
      walk_.people[indices_.at(kin.person)].repeated = true;
    } else if (kin.generation > options_.generations_max || walk_.people.size() >= options_.people_max) {
      walk_.truncated = true;
    } else {
      indices_.set(kin.person, static_cast<std::uint32_t>(walk_.people.size()));
      walk_.people.push_back(kin);
    }
  }

  const Graph& graph_;
  const WalkOptions& options_;
  ScratchMap indices_;
  Walk walk_;
};

/// Ordinals from the root down to an entry.
std::vector<std::uint32_t> ordinals(const Walk& walk, std::size_t index) {
  std::vector<std::uint32_t> result;
  for (std::size_t at = index; walk.people[at].via != kNone; at = walk.people[at].via)
    result.push_back(walk.people[at].ordinal);
  std::ranges::reverse(result);
  return result;
}

std::string henry_digit(std::uint32_t ordinal) {
  constexpr std::uint32_t kLastLetter = 33;  // W; an X for a 34th child would read as the tenth
  if (ordinal < 10) return std::to_string(ordinal);
  if (ordinal == 10) return "X";
  if (ordinal <= kLastLetter) return std::string(1, static_cast<char>('A' + (ordinal - 11)));
  return "(" + std::to_string(ordinal) + ")";
}

/// Sets of nodes joined by families, smaller n as root.
class UnionFind {
 public:
  explicit UnionFind(std::uint32_t size) : roots_(size) {
    for (std::uint32_t n = 0; n < size; ++n) roots_[n] = n;
  }
  std::uint32_t find(std::uint32_t n) {
    while (roots_[n] != n) n = roots_[n] = roots_[roots_[n]];
    return n;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    roots_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> roots_;
};

/// Calls visit(child) for the blood children of a person.
template <class Visit>
void for_each_blood_child(const Graph& graph, PersonN person, Visit&& visit) {
  for (const FamilyN family : graph.families(person))
    for (const PersonN child : graph.children(family))
      if (is_biological(graph.pedigree(child, family).value_or(Pedigree::unstated))) visit(child);
}

/// Fewest steps up and then down from the first of `up` to everybody within `steps_max`: a breadth-first search downwards into
/// which each ancestor enters at its depth.
ScratchMap steps_to_relatives(const Graph& graph, const Ancestry& up, std::uint32_t steps_max) {
  ScratchMap steps{graph.node_count()};
  std::vector<PersonN> level, next;
  std::uint32_t source = 0;
  for (std::uint32_t at = 0; at <= steps_max; ++at) {
    for (; source < up.size() && up.depths[source] == at; ++source)
      if (steps.insert(up.people[source], at)) level.push_back(up.people[source]);
    next.clear();
    for (const PersonN person : level)
      for_each_blood_child(graph, person, [&](PersonN child) {
        if (at < steps_max && !steps.contains(child)) next.push_back(child);
      });
    level.clear();
    for (const PersonN child : next)
      if (steps.insert(child, at + 1)) level.push_back(child);
  }
  return steps;
}

}  // namespace

Result<Walk> ancestors(const Graph& graph, PersonN root, const WalkOptions& options) {
  if (!graph.is_person(root)) return fail(Code::not_found, "no such person in the kinship graph");
  return Walker{graph, root, options}.ancestors();
}

Result<Walk> descendants(const Graph& graph, PersonN root, const WalkOptions& options) {
  if (!graph.is_person(root)) return fail(Code::not_found, "no such person in the kinship graph");
  return Walker{graph, root, options}.descendants();
}

std::uint64_t sosa_number(const Walk& walk, std::size_t index) {
  constexpr std::uint32_t kGenerationsOf64Bits = 63;
  if (walk.people[index].further || walk.people[index].generation > kGenerationsOf64Bits) return 0;
  std::uint64_t number = 1;
  for (const std::uint32_t ordinal : ordinals(walk, index)) number = number << 1 | ordinal;
  return number;
}

std::string aboville_number(const Walk& walk, std::size_t index) {
  std::string number = "1";
  for (const std::uint32_t ordinal : ordinals(walk, index)) number += "." + std::to_string(ordinal);
  return number;
}

std::string henry_number(const Walk& walk, std::size_t index) {
  std::string number = "1";
  for (const std::uint32_t ordinal : ordinals(walk, index)) number += henry_digit(ordinal);
  return number;
}

Components components(const Graph& graph) {
  UnionFind sets{graph.node_count()};
  for (PersonN person = 0; person < graph.node_count(); ++person) {
    if (!graph.is_person(person)) continue;
    for (const FamilyN family : graph.families(person)) sets.join(person, family);
    for_each_parent_pair(graph, person, [&](const ParentPair& pair) { sets.join(person, pair.family); });
  }
  Components result{std::vector<std::uint32_t>(graph.node_count(), kNone), {}};
  std::vector<std::uint32_t> numbers(graph.node_count(), kNone);  // of a set, by its root
  for (PersonN person = 0; person < graph.node_count(); ++person) {
    if (!graph.is_person(person)) continue;
    std::uint32_t& number = numbers[sets.find(person)];
    if (number == kNone) {
      number = static_cast<std::uint32_t>(result.sizes.size());
      result.sizes.push_back(0);
    }
    result.of[person] = number;
    ++result.sizes[number];
  }
  return result;
}

std::vector<PersonN> isolated_persons(const Graph& graph) {
  const Components all = components(graph);
  std::vector<PersonN> alone;
  for (PersonN person = 0; person < graph.node_count(); ++person)
    if (all.of[person] != kNone && all.sizes[all.of[person]] == 1) alone.push_back(person);
  return alone;
}

Result<std::vector<PersonN>> cousins(const Graph& graph, PersonN person, std::uint32_t degree, std::int32_t removed) {
  if (!graph.is_person(person)) return fail(Code::not_found, "no such person in the kinship graph");
  const std::uint32_t removal = static_cast<std::uint32_t>(removed < 0 ? -std::int64_t{removed} : std::int64_t{removed});
  if (degree > kCousinDegreeMax || removal > kCousinDegreeMax) return fail(Code::invalid, "degree or removal over the limit");
  const std::uint32_t up = degree + 1 + (removed < 0 ? removal : 0);
  const std::uint32_t down = degree + 1 + (removed > 0 ? removal : 0);

  const Ancestry ancestors_of = ancestry(graph, person, Edges::biological);
  const ScratchMap steps = steps_to_relatives(graph, ancestors_of, up + down);
  ScratchMap met{graph.node_count()};
  std::vector<PersonN> level, next;
  for (std::uint32_t at = 0; at < ancestors_of.size(); ++at)
    if (ancestors_of.depths[at] == up) level.push_back(ancestors_of.people[at]);
  // On the way down only those are followed to whom there is no shorter way: the rest are nearer relations.
  for (std::uint32_t at = 1; at <= down; ++at) {
    next.clear();
    for (const PersonN from : level)
      for_each_blood_child(graph, from, [&](PersonN child) {
        if (steps.get(child, kNone) == up + at && met.insert(child)) next.push_back(child);
      });
    std::swap(level, next);
  }
  std::ranges::sort(level);
  return level;
}

std::vector<PersonN> topological_order(const Graph& graph) {
  std::vector<std::uint32_t> parents_left(graph.node_count());
  std::vector<PersonN> order;
  order.reserve(graph.person_count());
  for (PersonN person = 0; person < graph.node_count(); ++person) {
    if (!graph.is_person(person)) continue;
    for_each_parent_pair(graph, person, [&](const ParentPair& pair) {
      parents_left[person] += (pair.father != kNone) + (pair.mother != kNone);
    });
    if (parents_left[person] == 0) order.push_back(person);
  }
  for (std::size_t at = 0; at < order.size(); ++at)
    for (const FamilyN family : graph.families(order[at]))
      for (const PersonN child : graph.children(family))
        if (--parents_left[child] == 0) order.push_back(child);
  return order;
}

}  // namespace tablinum::tree::kinship
