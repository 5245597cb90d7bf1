#include "tablinum/tree/checks/checks.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tablinum::tree::checks {
namespace {

using model::DateBounds;
using model::EventType;
using model::EventView;
using model::Jdn;
using model::kNone;
using model::PersonView;

// The fewest and the most days that so many years can have.
constexpr Jdn days_at_least(int years) { return 365 * years + years / 4 - 1; }
constexpr Jdn days_at_most(int years) { return 365 * years + (years + 3) / 4; }

constexpr int kParentYearsMin = 12, kMotherYearsMax = 60, kFatherYearsMax = 90, kMarriageYearsMin = 12;
constexpr Jdn kPosthumousDays = 300;

// A day that something is known about: where it stands, and what it may be.
struct Fact {
  FactRef ref;
  DateBounds days;
};

Fact fact_of(RecordId record, const EventView& event) { return {{record, event.node}, event.date.days}; }

Fact vital(const PersonInput& person, std::size_t event) {
  return event == kNone ? Fact{{person.id, 0}, {}} : fact_of(person.id, person.view->events[event]);
}
Fact birth_of(const PersonInput& person) { return person.view ? vital(person, person.view->birth) : Fact{}; }
Fact death_of(const PersonInput& person) { return person.view ? vital(person, person.view->death) : Fact{}; }

// How many days `a` is before `b` at least; nothing if it need not be.
std::optional<Jdn> days_before(const DateBounds& a, const DateBounds& b) {
  if (!a.max || !b.min || *a.max >= *b.min) return std::nullopt;
  return *b.min - *a.max;
}

class Reporter {
 public:
  explicit Reporter(std::vector<Finding>& out) : out_{out} {}

  void add(CheckCode code, FactRef first, FactRef second = {}, Jdn days = 0) { out_.push_back({code, first, second, days}); }

  /// `late` must not lie more than `grace` days before `early`.
  void expect_order(CheckCode code, const Fact& early, const Fact& late, Jdn grace = 0) {
    if (const auto days = days_before(late.days, early.days); days && *days > grace) add(code, late.ref, early.ref, *days - grace);
  }
  /// `late` must come at least `days` days after `early`.
  void expect_gap(CheckCode code, const Fact& early, const Fact& late, Jdn days) {
    if (!late.days.max || !early.days.min) return;
    if (const Jdn gap = *late.days.max - *early.days.min; gap < days) add(code, late.ref, early.ref, days - gap);
  }
  /// `late` must come at most `days` days after `early`.
  void expect_within(CheckCode code, const Fact& early, const Fact& late, Jdn days) {
    if (const auto gap = days_before(early.days, late.days); gap && *gap > days) add(code, late.ref, early.ref, *gap - days);
  }

 private:
  std::vector<Finding>& out_;
};

bool may_follow_death(EventType type) {
  switch (type) {
    case EventType::death: case EventType::burial: case EventType::cremation: case EventType::probate: case EventType::will:
    case EventType::custom: case EventType::fact: case EventType::other: return true;
    default: return model::group(type) != model::EventGroup::event;  // attributes have no day of their own; ordinances may be by proxy
  }
}

bool is_funeral(EventType type) { return type == EventType::burial || type == EventType::cremation; }

// The age written beside the event against what the two dates allow.
void check_age(const EventView& event, const Fact& birth, const Fact& fact, Reporter& report) {
  if (!event.age || !birth.days.min || !birth.days.max || !fact.days.min || !fact.days.max) return;
  const auto said = model::days_of(*event.age);
  const Jdn least = *fact.days.min - *birth.days.max, most = *fact.days.max - *birth.days.min;
  if (said.max < least) report.add(CheckCode::age_disagrees, fact.ref, birth.ref, least - said.max);
  if (said.min > most) report.add(CheckCode::age_disagrees, fact.ref, birth.ref, said.min - most);
}

void check_event(const EventView& event, const Fact& birth, const Fact& death, const PersonInput& person, Jdn today, Reporter& report) {
  const auto fact = fact_of(person.id, event);
  if (event.date.days.min && *event.date.days.min > today) report.add(CheckCode::future_date, fact.ref, {}, *event.date.days.min - today);
  if (event.type == EventType::birth || event.type == EventType::death) return;
  report.expect_order(CheckCode::event_before_birth, birth, fact);
  if (is_funeral(event.type)) report.expect_order(CheckCode::burial_before_death, death, fact);
  else if (!may_follow_death(event.type)) report.expect_order(CheckCode::event_after_death, fact, death);
}

// A finding about a parent and a child, where the child is born to them.
void check_parent(const PersonInput& parent, const PersonInput& child, bool mother, Reporter& report) {
  if (parent.view == nullptr) return;
  const auto own_birth = birth_of(parent), own_death = death_of(parent), birth = birth_of(child);
  if (days_before(birth.days, own_birth.days)) report.expect_order(CheckCode::child_before_parent, own_birth, birth);
  else report.expect_gap(CheckCode::parent_too_young, own_birth, birth, days_at_least(kParentYearsMin));
  report.expect_within(mother ? CheckCode::mother_too_old : CheckCode::father_too_old, own_birth, birth,
                       days_at_most((mother ? kMotherYearsMax : kFatherYearsMax) + 1));
  report.expect_order(mother ? CheckCode::child_after_mothers_death : CheckCode::child_after_fathers_death, birth, own_death,
                      mother ? 0 : kPosthumousDays);
}

void check_partner(const PersonInput& partner, const EventView& marriage, RecordId family, Reporter& report) {
  if (partner.view == nullptr) return;
  const Fact fact = fact_of(family, marriage), birth = birth_of(partner);
  if (days_before(fact.days, birth.days)) report.expect_order(CheckCode::marriage_before_birth, birth, fact);
  else report.expect_gap(CheckCode::married_too_young, birth, fact, days_at_least(kMarriageYearsMin));
  report.expect_order(CheckCode::marriage_after_death, fact, death_of(partner));
}

// Two children of one mother whose births are too near to be two pregnancies and too far for twins.
void check_siblings(const PersonInput& a, const PersonInput& b, Reporter& report) {
  const auto first = birth_of(a), second = birth_of(b);
  if (!first.days.min || !first.days.max || !second.days.min || !second.days.max) return;
  const auto [earlier, later] = *first.days.min <= *second.days.min ? std::pair{first, second} : std::pair{second, first};
  const Jdn least = *later.days.min - *earlier.days.max, most = *later.days.max - *earlier.days.min;
  if (least > kTwinDaysMax && most < kSiblingDaysMin)
    report.add(CheckCode::siblings_too_close, later.ref, earlier.ref, kSiblingDaysMin - most);
}

bool is_known(RecordId id) { return !id.value().is_zero(); }

// Two rules of shape: nobody is both parent and child, no child stands twice.
void check_shape(RecordId family, const PersonInput& husband, const PersonInput& wife, std::span<const ChildInput> children,
                 Reporter& report) {
  if (is_known(husband.id) && husband.id == wife.id) report.add(CheckCode::own_spouse, {husband.id, 0}, {family, 0});
  std::vector<RecordId> ids;
  for (const auto& child : children) {
    const auto id = child.person.id;
    if (!is_known(id)) continue;
    if (id == husband.id || id == wife.id) report.add(CheckCode::parent_and_child, {id, 0}, {family, 0});
    ids.push_back(id);
  }
  std::ranges::sort(ids);
  for (auto at = std::ranges::adjacent_find(ids); at != ids.end(); at = std::adjacent_find(std::upper_bound(at, ids.end(), *at), ids.end()))
    report.add(CheckCode::same_child_twice, {*at, 0}, {family, 0});
}

void check_sexes(RecordId family, const PersonInput& husband, const PersonInput& wife, Reporter& report) {
  if (husband.view && husband.view->sex == model::Sex::female) report.add(CheckCode::sex_of_parents_unlikely, {husband.id, 0}, {family, 0});
  if (wife.view && wife.view->sex == model::Sex::male) report.add(CheckCode::sex_of_parents_unlikely, {wife.id, 0}, {family, 0});
}

}  // namespace

void check_person(const PersonInput& person, Jdn today, std::vector<Finding>& out) {
  if (person.view == nullptr) return;
  Reporter report{out};
  const auto birth = birth_of(person), death = death_of(person);
  report.expect_order(CheckCode::death_before_birth, birth, death);
  report.expect_within(CheckCode::age_over_120, birth, death, days_at_most(kAgeYearsMax));
  for (const auto& event : person.view->events) {
    if (event.negative) continue;
    check_event(event, birth, death, person, today, report);
    check_age(event, birth, fact_of(person.id, event), report);
  }
}

void check_family(RecordId family, const model::FamilyView& view, const PersonInput& husband, const PersonInput& wife,
                  std::span<const ChildInput> children, std::vector<Finding>& out) {
  Reporter report{out};
  check_shape(family, husband, wife, children, report);
  if (view.marriage() != kNone) {
    check_partner(husband, view.events[view.marriage()], family, report);
    check_partner(wife, view.events[view.marriage()], family, report);
  }
  std::vector<PersonInput> born_here;
  for (const auto& child : children)
    if (child.person.view != nullptr && model::is_birth(child.pedigree)) born_here.push_back(child.person);
  if (!born_here.empty()) check_sexes(family, husband, wife, report);
  for (const auto& child : born_here) {
    check_parent(husband, child, false, report);
    check_parent(wife, child, true, report);
  }
  // Compared are neighbours by day of birth: a family may have as many children as a file has lines.
  std::ranges::sort(born_here, {}, [](const PersonInput& child) { return child.view->birth_days().min.value_or(model::Jdn{0}); });
  for (std::size_t i = 0; i + 1 < born_here.size(); ++i)
    if (born_here[i].id != born_here[i + 1].id) check_siblings(born_here[i], born_here[i + 1], report);
}

std::vector<std::uint32_t> own_ancestors(std::span<const std::uint32_t> father, std::span<const std::uint32_t> mother) {
  // Tarjan's strongly connected components along the edges to parents, with the stack of calls kept by hand: a tree of a million people
  // may be one line. A component of two or more people, or somebody who is their own parent, is a cycle.
  constexpr std::uint32_t kUnseen = 0xFFFF'FFFF;
  struct Frame {
    std::uint32_t person;
    std::uint8_t next_parent;
  };
  const auto size = static_cast<std::uint32_t>(father.size());
  std::vector<std::uint32_t> order(size, kUnseen), low(size), open, on_cycles;
  std::vector<bool> is_open(size, false);
  std::vector<Frame> calls;
  std::uint32_t counter = 0;
  const auto enter = [&](std::uint32_t person) {
    order[person] = low[person] = counter++;
    open.push_back(person);
    is_open[person] = true;
    calls.push_back({person, 0});
  };
  const auto close_component = [&](std::uint32_t root) {
    const auto first = std::ranges::find(open.rbegin(), open.rend(), root).base() - 1;
    const bool cycle = open.end() - first > 1 || father[root] == root || mother[root] == root;
    for (auto at = first; at != open.end(); ++at) {
      is_open[*at] = false;
      if (cycle) on_cycles.push_back(*at);
    }
    open.erase(first, open.end());
  };
  for (std::uint32_t start = 0; start < size; ++start) {
    if (order[start] == kUnseen) enter(start);
    while (!calls.empty()) {
      auto& [person, next_parent] = calls.back();
      if (next_parent < 2) {
        const auto parent = next_parent++ == 0 ? father[person] : mother[person];
        if (parent >= size) continue;
        if (order[parent] == kUnseen) enter(parent);
        else if (is_open[parent]) low[person] = std::min(low[person], order[parent]);
        continue;
      }
      const auto done = person;
      calls.pop_back();
      if (!calls.empty()) low[calls.back().person] = std::min(low[calls.back().person], low[done]);
      if (low[done] == order[done]) close_component(done);
    }
  }
  std::ranges::sort(on_cycles);
  return on_cycles;
}

namespace {

struct CodeRow {
  CheckCode code;
  Severity severity;
  std::string_view name;
};
constexpr std::array kCodes{
    CodeRow{CheckCode::death_before_birth, Severity::error, "death_before_birth"},
    CodeRow{CheckCode::burial_before_death, Severity::error, "burial_before_death"},
    CodeRow{CheckCode::event_before_birth, Severity::error, "event_before_birth"},
    CodeRow{CheckCode::event_after_death, Severity::warning, "event_after_death"},
    CodeRow{CheckCode::age_over_120, Severity::warning, "age_over_120"},
    CodeRow{CheckCode::age_disagrees, Severity::warning, "age_disagrees"},
    CodeRow{CheckCode::marriage_before_birth, Severity::error, "marriage_before_birth"},
    CodeRow{CheckCode::marriage_after_death, Severity::error, "marriage_after_death"},
    CodeRow{CheckCode::married_too_young, Severity::warning, "married_too_young"},
    CodeRow{CheckCode::child_before_parent, Severity::error, "child_before_parent"},
    CodeRow{CheckCode::parent_too_young, Severity::warning, "parent_too_young"},
    CodeRow{CheckCode::mother_too_old, Severity::warning, "mother_too_old"},
    CodeRow{CheckCode::father_too_old, Severity::warning, "father_too_old"},
    CodeRow{CheckCode::child_after_mothers_death, Severity::error, "child_after_mothers_death"},
    CodeRow{CheckCode::child_after_fathers_death, Severity::error, "child_after_fathers_death"},
    CodeRow{CheckCode::siblings_too_close, Severity::warning, "siblings_too_close"},
    CodeRow{CheckCode::own_ancestor, Severity::error, "own_ancestor"},
    CodeRow{CheckCode::own_spouse, Severity::error, "own_spouse"},
    CodeRow{CheckCode::same_child_twice, Severity::warning, "same_child_twice"},
    CodeRow{CheckCode::parent_and_child, Severity::error, "parent_and_child"},
    CodeRow{CheckCode::sex_of_parents_unlikely, Severity::info, "sex_of_parents_unlikely"},
    CodeRow{CheckCode::future_date, Severity::warning, "future_date"},
};

}  // namespace

std::string_view to_string(CheckCode code) noexcept {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::code);
  return row == kCodes.end() ? std::string_view{"unknown"} : row->name;
}

Severity severity(CheckCode code) noexcept {
  const auto row = std::ranges::find(kCodes, code, &CodeRow::code);
  return row == kCodes.end() ? Severity::info : row->severity;
}

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "unknown";
}

}  // namespace tablinum::tree::checks
