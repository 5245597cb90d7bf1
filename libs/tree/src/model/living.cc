#include "tablinum/tree/model/living.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace tablinum::tree::model {
namespace {

// As many days as that many years can have at most, and at least: rounding makes nobody dead. A century that is no leap year takes one
// leap day away.
constexpr Jdn days_up(int years) { return 365 * years + (years + 3) / 4; }
constexpr Jdn days_down(int years) { return 365 * years + years / 4 - 1; }

// Nothing is gained by days before this; it ends the descent that a contradictory tree could keep up for ever.
constexpr Jdn kEarliest = 0;

// kUnbounded stays what it is under any shift.
constexpr Jdn shifted(Jdn day, Jdn by) { return day == kUnbounded ? kUnbounded : std::max(kEarliest, day + by); }

void lower(Jdn& bound, std::optional<Jdn> day) {
  if (day) bound = std::min(bound, *day);
}

bool proves_death(EventType type) {
  return type == EventType::death || type == EventType::burial || type == EventType::cremation || type == EventType::probate;
}

enum class Parent { father, mother };

Jdn bound_from_own_facts(const LivingFacts& facts) {
  return std::min({facts.birth_max, facts.event_max, shifted(facts.marriage_max, -days_down(kMarriageAgeYearsMin))});
}
Jdn bound_from_child(Jdn child) { return shifted(child, -days_down(kParentAgeYearsMin)); }
Jdn bound_from_parent(Parent which, Jdn latest_birth) {
  return shifted(latest_birth, days_up(which == Parent::father ? kFatherAgeYearsMax : kMotherAgeYearsMax));
}
Jdn bound_from_parents_death(Parent which, const LivingFacts& parent) {
  return shifted(parent.death_max, which == Parent::father ? kPosthumousDays : 0);
}

// Children of everybody in one array (CSR).
class ChildLists {
 public:
  ChildLists(std::span<const std::uint32_t> father, std::span<const std::uint32_t> mother) : starts_(father.size() + 1) {
    const auto known = [size = father.size()](std::uint32_t parent) { return parent < size; };
    for (const auto parents : {father, mother})
      for (const auto parent : parents)
        if (known(parent)) ++starts_[parent + 1];
    for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    children_.resize(starts_.back());
    auto next = starts_;
    for (const auto parents : {father, mother})
      for (std::uint32_t child = 0; child < parents.size(); ++child)
        if (known(parents[child])) children_[next[parents[child]]++] = child;
  }
  std::span<const std::uint32_t> of(std::uint32_t person) const {
    return std::span{children_}.subspan(starts_[person], starts_[person + 1] - starts_[person]);
  }

 private:
  std::vector<std::uint32_t> starts_, children_;
};

}  // namespace

LivingFacts living_facts(const PersonView& person) noexcept {
  LivingFacts facts;
  facts.living = person.living;
  for (const auto& event : person.events) {
    if (event.negative) continue;
    if (proves_death(event.type)) facts.dead = true;
    if (event.type == EventType::birth) lower(facts.birth_max, event.date.days.max);
    if (event.type == EventType::death || event.type == EventType::burial || event.type == EventType::cremation)
      lower(facts.death_max, event.date.days.max);
    lower(facts.event_max, event.date.days.max);  // also a burial's: whoever is buried was born
  }
  return facts;
}

void add_family(LivingFacts& partner, const FamilyView& family) noexcept {
  for (const auto& event : family.events) {
    if (event.negative) continue;
    lower(partner.event_max, event.date.days.max);
    if (event.type == EventType::marriage || event.type == EventType::customary_union)
      lower(partner.marriage_max, event.date.days.max);
  }
}

namespace {

// The people whose bounds are to be handed on, each once at a time, first come first served.
class Queue {
 public:
  explicit Queue(std::size_t size) : waiting_(size, false), ring_(size) {}
  bool empty() const { return count_ == 0; }
  void push(std::uint32_t person) {
    if (waiting_[person]) return;
    waiting_[person] = true;
    ring_[(first_ + count_++) % ring_.size()] = person;
  }
  std::uint32_t pop() {
    const auto person = ring_[first_];
    first_ = (first_ + 1) % ring_.size();
    --count_;
    waiting_[person] = false;
    return person;
  }

 private:
  std::vector<bool> waiting_;
  std::vector<std::uint32_t> ring_;
  std::size_t first_ = 0, count_ = 0;
};

}  // namespace

std::vector<Jdn> latest_births(std::span<const LivingFacts> facts, std::span<const std::uint32_t> father,
                               std::span<const std::uint32_t> mother) {
  const ChildLists children{father, mother};
  std::vector<Jdn> births(facts.size());
  Queue queue{facts.size()};
  for (std::uint32_t i = 0; i < facts.size(); ++i) {
    births[i] = bound_from_own_facts(facts[i]);
    if (father[i] < facts.size()) births[i] = std::min(births[i], bound_from_parents_death(Parent::father, facts[father[i]]));
    if (mother[i] < facts.size()) births[i] = std::min(births[i], bound_from_parents_death(Parent::mother, facts[mother[i]]));
    if (births[i] != kUnbounded) queue.push(i);
  }
  const auto offer = [&](std::uint32_t person, Jdn bound) {
    if (bound >= births[person]) return;
    births[person] = bound;
    queue.push(person);
  };
  const std::uint64_t steps_max = kStepsMin + kStepsPerPerson * facts.size();
  for (std::uint64_t steps = 0; !queue.empty() && steps < steps_max; ++steps) {
    const auto person = queue.pop();
    for (const auto parent : {father[person], mother[person]})
      if (parent < facts.size()) offer(parent, bound_from_child(births[person]));
    for (const auto child : children.of(person))
      offer(child, bound_from_parent(father[child] == person ? Parent::father : Parent::mother, births[person]));
  }
  return births;
}

Jdn living_until(const LivingFacts& facts, Jdn latest_birth) noexcept {
  if (facts.living) return *facts.living ? kUnbounded : kDead;
  if (facts.dead) return kDead;
  return shifted(latest_birth, days_up(kLifespanYears));
}

namespace {

// One update: finds whom the edit can have reached, forgets their bounds, and derives them anew from the rest.
class Update {
 public:
  explicit Update(const LivingGraph& graph) : graph_{graph} {}

  std::optional<std::vector<std::pair<std::uint32_t, Jdn>>> run(std::span<const std::uint32_t> edited) {
    for (const auto person : edited) {
      reach(person);
      // Facts of a parent bound the children by more than latest_birth: the day of death.
      for (const auto child : children_of(person)) reach(child);
    }
    if (!spread_reached() || !derive()) return std::nullopt;
    return changes();
  }

 private:
  bool is_reached(std::uint32_t person) const { return births_.contains(person); }

  void reach(std::uint32_t person) {
    if (births_.try_emplace(person, kUnbounded).second) reached_.push_back(person);
  }

  std::vector<std::uint32_t> children_of(std::uint32_t person) const {
    std::vector<std::uint32_t> children;
    graph_.children(person, children);
    return children;
  }

  // A neighbour whose stored bound is just what this person's stored bound gave may have it from here. Everybody else has it from
  // elsewhere and keeps it, or gets a better one in derive().
  bool spread_reached() {
    for (std::size_t i = 0; i < reached_.size(); ++i) {
      if (reached_.size() > kStepsMin) return false;
      const auto person = reached_[i];
      const auto stored = graph_.latest_birth(person);
      if (stored == kUnbounded) continue;
      const auto [father, mother] = graph_.parents(person);
      for (const auto parent : {father, mother})
        if (parent != kNobody && graph_.latest_birth(parent) == bound_from_child(stored)) reach(parent);
      for (const auto child : children_of(person)) {
        const auto which = graph_.parents(child).first == person ? Parent::father : Parent::mother;
        if (graph_.latest_birth(child) == bound_from_parent(which, stored)) reach(child);
      }
    }
    return true;
  }

  Jdn birth(std::uint32_t person) const {
    const auto at = births_.find(person);
    return at == births_.end() ? graph_.latest_birth(person) : at->second;
  }

  // Everything that bounds one person now.
  Jdn bound_of(std::uint32_t person) const {
    Jdn bound = bound_from_own_facts(graph_.facts(person));
    const auto [father, mother] = graph_.parents(person);
    for (const auto& [parent, which] : {std::pair{father, Parent::father}, std::pair{mother, Parent::mother}}) {
      if (parent == kNobody) continue;
      bound = std::min({bound, bound_from_parents_death(which, graph_.facts(parent)), bound_from_parent(which, birth(parent))});
    }
    for (const auto child : children_of(person)) bound = std::min(bound, bound_from_child(birth(child)));
    return bound;
  }

  bool derive() {
    std::vector<std::uint32_t> queue = reached_;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      if (queue.size() > kStepsMin) return false;
      const auto person = queue[i];
      const auto bound = bound_of(person);
      if (bound >= birth(person)) continue;
      births_.insert_or_assign(person, bound);
      const auto [father, mother] = graph_.parents(person);
      for (const auto parent : {father, mother})
        if (parent != kNobody) queue.push_back(parent);
      for (const auto child : children_of(person)) queue.push_back(child);
    }
    return true;
  }

  std::vector<std::pair<std::uint32_t, Jdn>> changes() const {
    std::vector<std::pair<std::uint32_t, Jdn>> changed;
    for (const auto& [person, bound] : births_)
      if (bound != graph_.latest_birth(person)) changed.emplace_back(person, bound);
    std::ranges::sort(changed);
    return changed;
  }

  const LivingGraph& graph_;
  std::unordered_map<std::uint32_t, Jdn> births_;
  std::vector<std::uint32_t> reached_;
};

}  // namespace

std::optional<std::vector<std::pair<std::uint32_t, Jdn>>> update_latest_births(const LivingGraph& graph,
                                                                               std::span<const std::uint32_t> edited) {
  return Update{graph}.run(edited);
}

}  // namespace tablinum::tree::model
