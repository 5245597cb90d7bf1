#pragma once
/// Contradictions found by rule. Nothing is changed and nothing forbidden: each finding names the people, the facts and how sure it is.
/// Compared are bounds, so a finding means that no reading of the dates fits; uncertain dates give none.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tablinum/tree/model/view.h"

namespace tablinum::tree::checks {

/// Stored and shown by name: append only.
enum class CheckCode : std::uint8_t {
  death_before_birth = 1,
  burial_before_death,
  event_before_birth,
  event_after_death,         ///< burial, cremation, probate and will are not among them
  age_over_120,
  age_disagrees,             ///< AGE beside the event and the two dates
  marriage_before_birth,
  marriage_after_death,
  married_too_young,         ///< under 12
  child_before_parent,       ///< born before the parent
  parent_too_young,          ///< under 12
  mother_too_old,            ///< over 60
  father_too_old,            ///< over 90
  child_after_mothers_death,
  child_after_fathers_death, ///< more than 300 days
  siblings_too_close,        ///< born 2 days to 7 months apart, of one mother
  own_ancestor,
  own_spouse,
  same_child_twice,
  parent_and_child,          ///< of one family
  sex_of_parents_unlikely,   ///< HUSB female or WIFE male with children by birth
  future_date,
};
enum class Severity : std::uint8_t { info = 1, warning, error };

std::string_view to_string(CheckCode code) noexcept;
std::string_view to_string(Severity severity) noexcept;
Severity severity(CheckCode code) noexcept;

/// One fact of a finding: an event of a record (node 0: the record itself).
struct FactRef {
  RecordId record;
  std::uint32_t node = 0;
  friend bool operator==(const FactRef&, const FactRef&) = default;
};
struct Finding {
  CheckCode code{};
  FactRef first, second;   ///< the fact that is wrong, and the one that contradicts it (record zero: there is none)
  model::Jdn days = 0;     ///< by how much at least, in days; 0 where that makes no sense
};

struct PersonInput {
  RecordId id;
  const model::PersonView* view = nullptr;   ///< nullptr: not known, nothing is checked about them
};
struct ChildInput {
  PersonInput person;
  model::Pedigree pedigree = model::Pedigree::not_stated;
};

inline constexpr int kAgeYearsMax = 120;
inline constexpr model::Jdn kTwinDaysMax = 2;
inline constexpr model::Jdn kSiblingDaysMin = 210;

/// Findings about one person alone, appended.
void check_person(const PersonInput& person, model::Jdn today, std::vector<Finding>& out);
/// Findings about a family and those in it: marriage, parents and children, siblings. Appended.
void check_family(RecordId family, const model::FamilyView& view, const PersonInput& husband, const PersonInput& wife,
                  std::span<const ChildInput> children, std::vector<Finding>& out);
/// Everybody on a cycle of parents: indices, ascending. Linear.
/// @pre the spans have the same size
std::vector<std::uint32_t> own_ancestors(std::span<const std::uint32_t> father, std::span<const std::uint32_t> mother);

}  // namespace tablinum::tree::checks
