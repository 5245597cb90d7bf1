#pragma once
/// Kinds of events and attributes: GEDCOM's tags, the contract's 18 types, and how they meet.
#include <cstdint>
#include <string_view>

#include "tablinum/tree/tags.h"

namespace tablinum::tree::model {

/// Stored in the event table: append only. 1 … 18 are the contract's types in its order; the others are finer and map onto them.
enum class EventType : std::uint8_t {
  unknown = 0,
  birth = 1, death, marriage, divorce, annulment, adoption, baptism, burial, cremation, residence, education, occupation, retirement,
  engagement, migration, military_service, custom, other,
  christening = 32, adult_christening, bar_mitzvah, bas_mitzvah, blessing, confirmation, first_communion, ordination, naturalization,
  emigration, immigration, census, probate, will, graduation, divorce_filed, marriage_banns, marriage_contract, marriage_licence,
  marriage_settlement, bride_price, customary_union,
  caste = 64, description, national_id, nationality, child_count, marriage_count, possessions, religion, social_security, title, clan,
  tribe, fact,
  lds_baptism = 96, lds_confirmation, lds_endowment, lds_initiatory, lds_child_sealing, lds_spouse_sealing,
};
inline constexpr int kContractTypeCount = 18;

enum class EventGroup : std::uint8_t { none, event, attribute, lds };

/// What a child tag of an INDI or FAM record is; unknown for a tag that is no event. EVEN is custom, FACT is fact.
EventType event_type(Tag record, Tag tag) noexcept;
/// The same, refined by TYPE: EVEN with "Military Service" is military_service, MARR with "customary" is customary_union.
EventType event_type(Tag record, Tag tag, std::string_view type_text) noexcept;
EventGroup group(EventType type) noexcept;
/// The tag a typed edit writes for it; Tag::EVEN for those without one of their own (with a TYPE, see type_text()).
Tag tag_for(EventType type) noexcept;
/// TYPE to write beside tag_for() ("Military Service", "customary"); empty where the tag says it all.
std::string_view type_text(EventType type) noexcept;

/// The contract's type it counts as: christening → baptism, emigration → migration, title → custom …
EventType contract_type(EventType type) noexcept;
/// "BIRTH", "MILITARY_SERVICE", … of a contract type; for others that of contract_type().
std::string_view contract_name(EventType type) noexcept;
/// Our own stable name ("birth", "adult_christening"); and back, also from the contract's names in either case.
std::string_view to_string(EventType type) noexcept;
EventType event_type_named(std::string_view name) noexcept;

}  // namespace tablinum::tree::model
