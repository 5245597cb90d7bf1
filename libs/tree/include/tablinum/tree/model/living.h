#pragma once
/// Who must be taken for living: closed by default.  Design: archive.md §4.
/// A person is dead by a fact (DEAT, BURI, CREM, PROB), by the user's word, or because 110 years have passed since the latest day on
/// which they can have been born. That day, latest_birth, is the least of:
///   own latest day of birth; latest day of any own event; of any own marriage − 12 years; each child's latest_birth − 12 years;
///   father's latest death + 300 days; mother's latest death; father's latest_birth + 90 years; mother's latest_birth + 60 years.
/// Who has no bound at all is living for ever.
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tablinum/tree/model/calendar.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model {

inline constexpr std::uint32_t kNobody = 0xFFFF'FFFF;
/// No bound: later than any day.
inline constexpr Jdn kUnbounded = std::numeric_limits<Jdn>::max();
/// living_until of somebody known to be dead: earlier than any day.
inline constexpr Jdn kDead = std::numeric_limits<Jdn>::min();

inline constexpr int kLifespanYears = 110;
inline constexpr int kParentAgeYearsMin = 12;
inline constexpr int kMarriageAgeYearsMin = 12;
inline constexpr int kMotherAgeYearsMax = 60;
inline constexpr int kFatherAgeYearsMax = 90;
inline constexpr Jdn kPosthumousDays = 300;

/// What one person's record and families say. Absent bounds are kUnbounded.
struct LivingFacts {
  Jdn birth_max = kUnbounded;
  Jdn event_max = kUnbounded;     ///< least of the latest days of own events, of which each proves that the person was born by then
  Jdn marriage_max = kUnbounded;  ///< least of the latest days of own marriages
  Jdn death_max = kUnbounded;     ///< latest day of death
  bool dead = false;              ///< a fact says so
  std::optional<bool> living;     ///< the user says so
};
/// From the person's own record. Families add theirs with add_family().
LivingFacts living_facts(const PersonView& person) noexcept;
void add_family(LivingFacts& partner, const FamilyView& family) noexcept;

/// latest_birth of everybody: the greatest values that satisfy all the bounds at once. Linear passes up and down the generations until
/// nothing changes; two for most trees. Parents are those by birth; kNobody: unknown. A cycle of parents does no harm.
/// @pre the three spans have the same size
/// @note After kStepsPerPerson · n + kStepsMin steps it stops; values are then too late, never too early.
inline constexpr std::uint64_t kStepsPerPerson = 64;
inline constexpr std::uint64_t kStepsMin = 100'000;
std::vector<Jdn> latest_births(std::span<const LivingFacts> facts, std::span<const std::uint32_t> father,
                               std::span<const std::uint32_t> mother);

/// The last day on which the person counts as living: kDead, a day, or kUnbounded.
Jdn living_until(const LivingFacts& facts, Jdn latest_birth) noexcept;
constexpr bool is_living(Jdn living_until, Jdn today) noexcept { return living_until >= today; }

/// The graph and the stored values, for update_latest_births().
class LivingGraph {
 public:
  virtual ~LivingGraph() = default;
  virtual LivingFacts facts(std::uint32_t person) const = 0;
  virtual std::pair<std::uint32_t, std::uint32_t> parents(std::uint32_t person) const = 0;  ///< father, mother, or kNobody
  virtual void children(std::uint32_t person, std::vector<std::uint32_t>& out) const = 0;   ///< appends
  virtual Jdn latest_birth(std::uint32_t person) const = 0;                                 ///< as stored before the edit
};
/// After an edit of these people (facts or parents; of a link both ends, with the graph as it is now): the people whose latest_birth
/// differs from the stored one, and its new value. Only their neighbourhood is visited. Equal to a full computation.
/// @note Stops like latest_births(), with kStepsMin steps; then gives nothing, and the caller computes all anew.
std::optional<std::vector<std::pair<std::uint32_t, Jdn>>> update_latest_births(const LivingGraph& graph,
                                                                               std::span<const std::uint32_t> edited);

}  // namespace tablinum::tree::model
