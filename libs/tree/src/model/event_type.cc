#include "tablinum/tree/model/event_type.h"

#include <algorithm>
#include <array>
#include <span>

#include "model/date_text.h"

namespace tablinum::tree::model {
namespace {

using date_text::equal_ignoring_case;

enum Holder : std::uint8_t { kPerson = 1, kFamily = 2, kBoth = 3 };

// The one table: type, where it stands, its tag, the TYPE that tells it from the tag's plain meaning, and the contract's type.
struct Row {
  EventType type;
  EventGroup group;
  Holder holder;
  Tag tag;
  std::string_view type_text;
  std::string_view name;
  EventType contract;
};
using enum EventType;
constexpr auto kEvent = EventGroup::event, kAttribute = EventGroup::attribute, kLds = EventGroup::lds;
constexpr std::array kRows{
    Row{birth, kEvent, kPerson, Tag::BIRT, "", "birth", birth},
    Row{death, kEvent, kPerson, Tag::DEAT, "", "death", death},
    Row{marriage, kEvent, kFamily, Tag::MARR, "", "marriage", marriage},
    Row{divorce, kEvent, kFamily, Tag::DIV, "", "divorce", divorce},
    Row{annulment, kEvent, kFamily, Tag::ANUL, "", "annulment", annulment},
    Row{adoption, kEvent, kPerson, Tag::ADOP, "", "adoption", adoption},
    Row{baptism, kEvent, kPerson, Tag::BAPM, "", "baptism", baptism},
    Row{burial, kEvent, kPerson, Tag::BURI, "", "burial", burial},
    Row{cremation, kEvent, kPerson, Tag::CREM, "", "cremation", cremation},
    Row{residence, kAttribute, kBoth, Tag::RESI, "", "residence", residence},
    Row{education, kAttribute, kPerson, Tag::EDUC, "", "education", education},
    Row{occupation, kAttribute, kPerson, Tag::OCCU, "", "occupation", occupation},
    Row{retirement, kEvent, kPerson, Tag::RETI, "", "retirement", retirement},
    Row{engagement, kEvent, kFamily, Tag::ENGA, "", "engagement", engagement},
    Row{migration, kEvent, kBoth, Tag::EVEN, "Migration", "migration", migration},
    Row{military_service, kEvent, kBoth, Tag::EVEN, "Military Service", "military_service", military_service},
    Row{custom, kEvent, kBoth, Tag::EVEN, "", "custom", custom},
    Row{other, kEvent, kBoth, Tag::EVEN, "Other", "other", other},
    Row{christening, kEvent, kPerson, Tag::CHR, "", "christening", baptism},
    Row{adult_christening, kEvent, kPerson, Tag::CHRA, "", "adult_christening", baptism},
    Row{bar_mitzvah, kEvent, kPerson, Tag::BARM, "", "bar_mitzvah", custom},
    Row{bas_mitzvah, kEvent, kPerson, Tag::BASM, "", "bas_mitzvah", custom},
    Row{blessing, kEvent, kPerson, Tag::BLES, "", "blessing", custom},
    Row{confirmation, kEvent, kPerson, Tag::CONF, "", "confirmation", custom},
    Row{first_communion, kEvent, kPerson, Tag::FCOM, "", "first_communion", custom},
    Row{ordination, kEvent, kPerson, Tag::ORDN, "", "ordination", custom},
    Row{naturalization, kEvent, kPerson, Tag::NATU, "", "naturalization", migration},
    Row{emigration, kEvent, kPerson, Tag::EMIG, "", "emigration", migration},
    Row{immigration, kEvent, kPerson, Tag::IMMI, "", "immigration", migration},
    Row{census, kEvent, kBoth, Tag::CENS, "", "census", residence},
    Row{probate, kEvent, kPerson, Tag::PROB, "", "probate", custom},
    Row{will, kEvent, kPerson, Tag::WILL, "", "will", custom},
    Row{graduation, kEvent, kPerson, Tag::GRAD, "", "graduation", education},
    Row{divorce_filed, kEvent, kFamily, Tag::DIVF, "", "divorce_filed", divorce},
    Row{marriage_banns, kEvent, kFamily, Tag::MARB, "", "marriage_banns", marriage},
    Row{marriage_contract, kEvent, kFamily, Tag::MARC, "", "marriage_contract", marriage},
    Row{marriage_licence, kEvent, kFamily, Tag::MARL, "", "marriage_licence", marriage},
    Row{marriage_settlement, kEvent, kFamily, Tag::MARS, "", "marriage_settlement", marriage},
    Row{bride_price, kEvent, kFamily, Tag::_LOBOLA, "", "bride_price", custom},
    Row{customary_union, kEvent, kFamily, Tag::MARR, "customary", "customary_union", marriage},
    Row{caste, kAttribute, kPerson, Tag::CAST, "", "caste", custom},
    Row{description, kAttribute, kPerson, Tag::DSCR, "", "description", custom},
    Row{national_id, kAttribute, kPerson, Tag::IDNO, "", "national_id", custom},
    Row{nationality, kAttribute, kPerson, Tag::NATI, "", "nationality", custom},
    Row{child_count, kAttribute, kBoth, Tag::NCHI, "", "child_count", custom},
    Row{marriage_count, kAttribute, kPerson, Tag::NMR, "", "marriage_count", custom},
    Row{possessions, kAttribute, kPerson, Tag::PROP, "", "possessions", custom},
    Row{religion, kAttribute, kPerson, Tag::RELI, "", "religion", custom},
    Row{social_security, kAttribute, kPerson, Tag::SSN, "", "social_security", custom},
    Row{title, kAttribute, kPerson, Tag::TITL, "", "title", custom},
    Row{clan, kAttribute, kPerson, Tag::_CLAN, "", "clan", custom},
    Row{tribe, kAttribute, kPerson, Tag::_TRIBE, "", "tribe", custom},
    Row{fact, kAttribute, kBoth, Tag::FACT, "", "fact", custom},
    Row{lds_baptism, kLds, kPerson, Tag::BAPL, "", "lds_baptism", baptism},
    Row{lds_confirmation, kLds, kPerson, Tag::CONL, "", "lds_confirmation", custom},
    Row{lds_endowment, kLds, kPerson, Tag::ENDL, "", "lds_endowment", custom},
    Row{lds_initiatory, kLds, kPerson, Tag::INIL, "", "lds_initiatory", custom},
    Row{lds_child_sealing, kLds, kPerson, Tag::SLGC, "", "lds_child_sealing", custom},
    Row{lds_spouse_sealing, kLds, kFamily, Tag::SLGS, "", "lds_spouse_sealing", custom},
};

// Words that programs write in TYPE of an EVEN or MARR, upper case, and what they mean.
struct TypeWord {
  Tag tag;
  std::string_view word;
  EventType type;
};
constexpr std::array kTypeWords{
    TypeWord{Tag::EVEN, "MILITARY SERVICE", military_service}, TypeWord{Tag::EVEN, "MILITARY", military_service},
    TypeWord{Tag::EVEN, "MILITARY_SERVICE", military_service}, TypeWord{Tag::EVEN, "MIGRATION", migration},
    TypeWord{Tag::EVEN, "OTHER", other},                       TypeWord{Tag::FACT, "MILITARY SERVICE", military_service},
    TypeWord{Tag::MARR, "CUSTOMARY", customary_union},         TypeWord{Tag::MARR, "CUSTOMARY UNION", customary_union},
    TypeWord{Tag::MARR, "CUSTOMARY_UNION", customary_union},   TypeWord{Tag::MARR, "CUSTOMARY MARRIAGE", customary_union},
    TypeWord{Tag::EVEN, "LOBOLA", bride_price},                TypeWord{Tag::EVEN, "BRIDE PRICE", bride_price},
    TypeWord{Tag::EVEN, "CLAN", clan},                         TypeWord{Tag::FACT, "CLAN", clan},
    TypeWord{Tag::EVEN, "TRIBE", tribe},                       TypeWord{Tag::FACT, "TRIBE", tribe},
};

constexpr std::size_t kTypesMax = 128;

// Position in kRows by type and by tag, 0 for none; so that a lookup is one load, which imports of a million rows notice.
struct Index {
  std::array<std::uint8_t, kTypesMax> by_type{};
  std::array<std::uint8_t, kTagCount> by_tag{};
};
consteval Index make_index() {
  Index index;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    index.by_type[static_cast<std::size_t>(kRows[i].type)] = static_cast<std::uint8_t>(i + 1);
    auto& by_tag = index.by_tag[static_cast<std::size_t>(kRows[i].tag)];
    if (by_tag == 0 || kRows[i].type == custom) by_tag = static_cast<std::uint8_t>(i + 1);
  }
  return index;
}
constexpr Index kIndex = make_index();

const Row* row_of(EventType type) {
  const auto at = kIndex.by_type[static_cast<std::size_t>(type) % kTypesMax];
  return at == 0 ? nullptr : &kRows[at - 1u];
}

bool holds(Tag record, Holder holder) {
  if (record == Tag::INDI) return (holder & kPerson) != 0;
  if (record == Tag::FAM) return (holder & kFamily) != 0;
  return false;
}

constexpr std::array<std::string_view, kContractTypeCount> kContractNames{
    "BIRTH",     "DEATH",     "MARRIAGE",   "DIVORCE",    "ANNULMENT",  "ADOPTION",  "BAPTISM",          "BURIAL", "CREMATION",
    "RESIDENCE", "EDUCATION", "OCCUPATION", "RETIREMENT", "ENGAGEMENT", "MIGRATION", "MILITARY_SERVICE", "CUSTOM", "OTHER"};

}  // namespace

EventType event_type(Tag record, Tag tag) noexcept {
  const auto at = kIndex.by_tag[static_cast<std::size_t>(tag)];
  if (at == 0 || tag == Tag::literal) return unknown;
  const auto& row = kRows[at - 1u];
  // Programs also write marriages into persons and occupations into families; they are events there too.
  if (record != Tag::INDI && record != Tag::FAM) return row.group == kEvent ? row.type : unknown;
  if (!holds(record, row.holder) && row.group == kLds) return unknown;
  return row.type;
}

EventType event_type(Tag record, Tag tag, std::string_view type_text) noexcept {
  const auto type = event_type(record, tag);
  if (type == unknown || type_text.empty() || (tag != Tag::EVEN && tag != Tag::FACT && tag != Tag::MARR)) return type;
  for (const auto& word : kTypeWords)
    if (word.tag == tag && equal_ignoring_case(date_text::trim(type_text), word.word)) return word.type;
  return type;
}

EventGroup group(EventType type) noexcept {
  const auto* row = row_of(type);
  return row == nullptr ? EventGroup::none : row->group;
}

Tag tag_for(EventType type) noexcept {
  const auto* row = row_of(type);
  return row == nullptr ? Tag::EVEN : row->tag;
}

std::string_view type_text(EventType type) noexcept {
  const auto* row = row_of(type);
  return row == nullptr ? std::string_view{} : row->type_text;
}

EventType contract_type(EventType type) noexcept {
  const auto* row = row_of(type);
  return row == nullptr ? other : row->contract;
}

std::string_view contract_name(EventType type) noexcept {
  return kContractNames[static_cast<std::size_t>(contract_type(type)) - 1];
}

std::string_view to_string(EventType type) noexcept {
  const auto* row = row_of(type);
  return row == nullptr ? std::string_view{"unknown"} : row->name;
}

EventType event_type_named(std::string_view name) noexcept {
  for (const auto& row : kRows)
    if (row.name.size() == name.size() &&
        std::ranges::equal(row.name, name, {}, date_text::to_upper, date_text::to_upper))
      return row.type;
  return unknown;
}

}  // namespace tablinum::tree::model
