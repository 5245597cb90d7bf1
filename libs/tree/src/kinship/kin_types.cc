#include "tablinum/tree/kinship/words.h"

namespace tablinum::tree::kinship {
namespace {

Tie tie_of(Pedigree pedigree) noexcept {
  switch (pedigree) {
    case Pedigree::adopted: return Tie::adoptive;
    case Pedigree::foster: return Tie::foster;
    case Pedigree::guardian: return Tie::guardian;
    case Pedigree::sealing: return Tie::sealed;
    case Pedigree::surrogate:
    case Pedigree::other: return Tie::other;
    case Pedigree::unstated:
    case Pedigree::birth:
    case Pedigree::donor:
    case Pedigree::step: return Tie::full;  // step kin are another kind, not another tie
  }
  return Tie::full;
}

std::vector<PersonN> all_parents(const Graph& graph, PersonN child) {
  std::vector<PersonN> parents;
  for_each_parent_pair(graph, child, [&](const ParentPair& pair) {
    for (const PersonN parent : {pair.father, pair.mother})
      if (parent != kNone) parents.push_back(parent);
  });
  return parents;
}

bool is_child_of(const Graph& graph, PersonN child, PersonN parent) {
  const auto parents = all_parents(graph, child);
  return std::ranges::find(parents, parent) != parents.end();
}

/// Children of one family are full siblings even where only one parent is known.
bool share_both_parents(const Graph& graph, PersonN a, PersonN b, const Step& up, const Step& down) {
  if (up.family == down.family) return true;
  const auto of_b = all_parents(graph, b);
  return std::ranges::count_if(all_parents(graph, a),
                               [&](PersonN parent) { return std::ranges::find(of_b, parent) != of_b.end(); }) >= 2;
}

int order_in_family(const Graph& graph, PersonN first, PersonN second) {
  const FamilyN family = graph.parents(first).family;
  if (family == kNone || family != graph.parents(second).family) return 0;
  const auto children = graph.children(family);
  return std::ranges::find(children, first) < std::ranges::find(children, second) ? -1 : 1;
}

class Reader {
 public:
  Reader(const Graph& graph, PersonN from, std::span<const Step> steps, const CompareAge& compare_age)
      : graph_{graph}, steps_{steps}, compare_age_{compare_age}, person_{from} {}

  std::vector<KinType> read() {
    while (!steps_.empty()) next();
    return std::move(types_);
  }

 private:
  bool begins_with(std::initializer_list<Direction> directions) const {
    return steps_.size() >= directions.size() &&
           std::ranges::equal(steps_.first(directions.size()), directions, {}, &Step::direction);
  }

  void next() {
    using enum Direction;
    const PersonN here = person_;
    if (begins_with({up, down})) return turn();
    if (begins_with({up, partner}) && !is_child_of(graph_, here, steps_[1].to)) {
      // The partner's child may be the parent's own too: then it is told as a child of the step-parent's, which no rule needs.
      const bool turns = begins_with({up, partner, down}) && !is_child_of(graph_, steps_[2].to, steps_[0].to);
      return take(turns ? 3 : 2, turns ? KinKind::step_sibling : KinKind::step_parent, Tie::full);
    }
    if (begins_with({partner, down}) && !is_child_of(graph_, steps_[1].to, here))
      return take(2, KinKind::step_child, Tie::full);
    plain();
  }

  void plain() {
    const Step step = steps_.front();
    const bool is_step = step.pedigree == Pedigree::step;
    switch (step.direction) {
      case Direction::up: return take(1, is_step ? KinKind::step_parent : KinKind::parent, tie_of(step.pedigree));
      case Direction::down: return take(1, is_step ? KinKind::step_child : KinKind::child, tie_of(step.pedigree));
      case Direction::partner: return take(1, KinKind::partner, Tie::full);
      case Direction::sibling: return sibling_without_parents();
    }
  }

  void turn() {
    const Step up = steps_[0], down = steps_[1];
    const PersonN here = person_, there = down.to;
    if (up.pedigree == Pedigree::step || down.pedigree == Pedigree::step) {
      take(2, KinKind::step_sibling, Tie::full);
    } else {
      Tie tie = tie_of(up.pedigree);
      if (tie == Tie::full) tie = tie_of(down.pedigree);
      if (tie == Tie::full && !share_both_parents(graph_, here, there, up, down)) tie = Tie::half;
      take(2, KinKind::sibling, tie);
    }
    types_.back().age = age(there, here);
  }

  void sibling_without_parents() {
    const PersonN here = person_;
    take(1, KinKind::sibling, Tie::full);
    types_.back().age = age(person_, here);
  }

  Age age(PersonN person, PersonN than) const {
    const int order = compare_age_ ? compare_age_(person, than) : order_in_family(graph_, person, than);
    if (order == 0) return Age::unknown;
    return order < 0 ? Age::elder : Age::younger;
  }

  void take(std::size_t count, KinKind kind, Tie tie) {
    person_ = steps_[count - 1].to;
    types_.push_back({.kind = kind, .sex = graph_.sex(person_), .tie = tie, .person = person_});
    steps_ = steps_.subspan(count);
  }

  const Graph& graph_;
  std::span<const Step> steps_;
  const CompareAge& compare_age_;
  PersonN person_;
  std::vector<KinType> types_;
};

/// The letters of a kind: male, female, neither.
std::string_view letters(KinKind kind) noexcept {
  switch (kind) {
    case KinKind::parent:
    case KinKind::step_parent: return "FMP";
    case KinKind::child:
    case KinKind::step_child: return "SDC";
    case KinKind::sibling:
    case KinKind::step_sibling: return "BZG";
    case KinKind::partner: return "HWE";
  }
  return "???";
}

bool is_step_kin(KinKind kind) noexcept {
  return kind == KinKind::step_parent || kind == KinKind::step_child || kind == KinKind::step_sibling;
}

}  // namespace

KinTypes kin_types(const Graph& graph, PersonN from, std::span<const Step> steps, const CompareAge& compare_age) {
  return {graph.sex(from), Reader{graph, from, steps, compare_age}.read(), 1};
}

std::string kin_type_notation(const KinTypes& kin) {
  std::string text;
  for (const KinType& type : kin.types) {
    if (is_step_kin(type.kind)) text += "st";
    if (type.age != Age::unknown) text += type.age == Age::elder ? "e" : "y";
    text += letters(type.kind)[type.sex == Sex::male ? 0 : type.sex == Sex::female ? 1 : 2];
    if (type.tie == Tie::half) {
      text += "½";
    } else if (type.tie != Tie::full) {
      text += "*";
    }
  }
  return text;
}

}  // namespace tablinum::tree::kinship
