#include "import_facts.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace kinship = tree::kinship;

kinship::Sex graph_sex(model::Sex sex) noexcept {
  switch (sex) {
    case model::Sex::male: return kinship::Sex::male;
    case model::Sex::female: return kinship::Sex::female;
    case model::Sex::other: return kinship::Sex::other;
    default: return kinship::Sex::unknown;
  }
}

/// Members of one role in one family that get a row; the record keeps all.
constexpr std::uint16_t kMembersMax = 0x7FFF;

bool is_child(store::MemberRole role) noexcept { return role == store::MemberRole::child; }

/// Where an id stands among increasing ones. Compared as two numbers: a library's comparison of 16 bytes is a call a step.
std::optional<std::uint32_t> position_of(std::span<const RecordId> ids, const RecordId& id) noexcept {
  const auto numbers = [](const RecordId& one) {
    auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(one.value().bytes);
    if constexpr (std::endian::native == std::endian::little) halves = {std::byteswap(halves[0]), std::byteswap(halves[1])};
    return halves;
  };
  const auto wanted = numbers(id);
  const auto at = std::ranges::partition_point(ids, [&](const RecordId& one) {
    const auto here = numbers(one);
    return here[0] != wanted[0] ? here[0] < wanted[0] : here[1] < wanted[1];
  });
  if (at == ids.end() || *at != id) return std::nullopt;
  return static_cast<std::uint32_t>(at - ids.begin());
}

/// Moves values from their place by ordinal to their place by n, which is never behind it.
template <class T>
void compact(std::vector<T>& values, const std::vector<std::uint32_t>& n_of_ordinal, std::uint32_t count) {
  for (std::size_t ordinal = 0; ordinal < n_of_ordinal.size(); ++ordinal) {
    if (n_of_ordinal[ordinal] != tree::gedcom::kNoOrdinal) values[n_of_ordinal[ordinal]] = values[ordinal];
  }
  values.resize(count);
}

}  // namespace

ImportFacts::ImportFacts(std::span<const RecordId> ids, tree::gedcom::Findings* findings)
    : ids_{ids},
      findings_{findings},
      n_of_ordinal_(ids.size(), tree::gedcom::kNoOrdinal),
      sex_(ids.size(), kinship::Sex::absent),
      is_family_(ids.size()),
      facts_(ids.size()),
      main_family_(ids.size(), kinship::kNone) {}

std::optional<std::uint32_t> ImportFacts::ordinal_of(const model::Target& target) const noexcept {
  if (!target.resolved()) return std::nullopt;
  return position_of(ids_, target.id);
}

void ImportFacts::add(const tree::gedcom::Record& record) {
  if (record.kind != tree::gedcom::Record::Kind::record) return;
  n_of_ordinal_[record.ordinal] = records_++;
  switch (model::record_kind(record.structure)) {
    case model::RecordKind::person: return add_person(record);
    case model::RecordKind::family: return add_family(record);
    case model::RecordKind::source: ++counts_.sources; return;
    case model::RecordKind::repository: ++counts_.repositories; return;
    case model::RecordKind::media: ++counts_.media; return;
    case model::RecordKind::note: ++counts_.notes; return;
    case model::RecordKind::submitter: ++counts_.submitters; return;
    default: return;
  }
}

void ImportFacts::add_absent(std::uint32_t ordinal) { n_of_ordinal_[ordinal] = records_++; }

void ImportFacts::add_person(const tree::gedcom::Record& record) {
  const auto ordinal = record.ordinal;
  model::read_person(record.structure, person_);
  ++counts_.individuals;
  counts_.events += person_.events.size();
  counts_.named += std::ranges::any_of(person_.names, [](const auto& name) {
    return name.variant == model::NameVariant::main && name.text.find_first_not_of(' ') != std::string_view::npos;
  });
  for (const auto& event : person_.events) {
    counts_.births += event.tag == tree::Tag::BIRT;
    counts_.deaths += event.tag == tree::Tag::DEAT;
  }
  note_dates(record, person_.events);
  sex_[ordinal] = graph_sex(person_.sex);
  // Families that came before have said something already.
  const auto families = facts_[ordinal];
  facts_[ordinal] = model::living_facts(person_);
  facts_[ordinal].event_max = std::min(facts_[ordinal].event_max, families.event_max);
  facts_[ordinal].marriage_max = std::min(facts_[ordinal].marriage_max, families.marriage_max);
  std::uint16_t ord = 0;
  for (const auto& link : person_.parents) {
    if (const auto family = ordinal_of(link.family)) {
      sides_.push_back({*family, ordinal, store::MemberRole::child, link.pedigree, ord++, false});
    }
  }
  // Only where there are several to choose from.
  if (person_.parents.size() > 1) {
    main_family_[ordinal] = ordinal_of(person_.parents[person_.primary_parents()].family).value_or(kinship::kNone);
  }
  for (const auto& link : person_.partners) {
    const auto role = person_.sex == model::Sex::female ? store::MemberRole::wife : store::MemberRole::husband;
    if (const auto family = ordinal_of(link.target))
      sides_.push_back({*family, ordinal, role, model::Pedigree::not_stated, ord++, false});
  }
}

void ImportFacts::note_dates(const tree::gedcom::Record& record, std::span<const model::EventView> events) {
  if (findings_ == nullptr) return;
  for (const auto& event : events) {
    using enum model::DateFinding;
    const auto finding = event.date.finding;
    if (finding != invalid && finding != ambiguous && finding != unknown_calendar) continue;
    const auto node = record.structure.child(event.node, tree::Tag::DATE);
    const auto code = finding == ambiguous ? tree::gedcom::FindingCode::date_ambiguous : tree::gedcom::FindingCode::date_invalid;
    findings_->add(code, record.line_of(node == tree::kNoNode ? event.node : node), event.date_text);
  }
}

void ImportFacts::add_family(const tree::gedcom::Record& record) {
  is_family_[record.ordinal] = true;
  model::read_family(record.structure, family_);
  ++counts_.families;
  counts_.events += family_.events.size();
  note_dates(record, family_.events);
  for (const auto& event : family_.events) counts_.marriages += event.tag == tree::Tag::MARR;
  std::uint16_t ord = 0;
  for (const auto& partner : family_.partners) {
    const auto person = ordinal_of(partner.target);
    if (!person) continue;
    const auto role = partner.role == tree::Tag::WIFE ? store::MemberRole::wife : store::MemberRole::husband;
    sides_.push_back({record.ordinal, *person, role, model::Pedigree::not_stated, ord++, true});
    model::add_family(facts_[*person], family_);
  }
  ord = 0;
  for (const auto& child : family_.children) {
    const auto person = ordinal_of(child.person);
    if (person) sides_.push_back({record.ordinal, *person, store::MemberRole::child, child.to_husband, ord++, true});
  }
}

Result<void> ImportFacts::finish(std::int64_t tree_no) {
  id_of_n_.reserve(records_);
  for (std::size_t ordinal = 0; ordinal < ids_.size(); ++ordinal) {
    if (n_of_ordinal_[ordinal] != tree::gedcom::kNoOrdinal) id_of_n_.push_back(ids_[ordinal]);
  }
  join_sides();
  compact(sex_, n_of_ordinal_, records_);
  compact(facts_, n_of_ordinal_, records_);
  compact(main_family_, n_of_ordinal_, records_);
  for (auto& family : main_family_) family = family == kinship::kNone ? kinship::kNone : n_of_ordinal_[family];
  std::vector<kinship::MemberRow> rows;
  make_members(tree_no, rows);
  TRY(built, kinship::build_graph(sex_, rows));
  for (const auto& excluded : built.excluded) members_[excluded.row].state = store::MemberState::excluded;
  graph_ = std::move(built.graph);
  rows = {};
  work_out_living();
  facts_ = {};
  return {};
}

/// Leaves one side of each membership: the family's word where there is one, completed by the pedigree that the person states.
void ImportFacts::join_sides() {
  // A pointer to a record of the wrong kind (HUSB to a source) stands in the structure and says nothing here.
  std::erase_if(sides_, [&](const Side& s) { return !is_family_[s.family] || sex_[s.person] == kinship::Sex::absent; });
  for (auto& side : sides_) side.family = n_of_ordinal_[side.family], side.person = n_of_ordinal_[side.person];
  const auto key = [](const Side& s) { return std::tuple{s.family, s.person, is_child(s.role)}; };
  std::ranges::sort(sides_, [&](const Side& a, const Side& b) {
    return std::tuple{key(a), !a.from_family, a.ord} < std::tuple{key(b), !b.from_family, b.ord};
  });
  std::size_t kept = 0, first = 0;  // of the sides with the same key
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const Side side = sides_[i];
    if (kept == 0 || key(sides_[first]) != key(side)) first = kept;
    if (!side.from_family && first < kept) {
      auto& word = sides_[first];
      word.both = word.from_family;
      if (word.pedigree == model::Pedigree::not_stated) word.pedigree = side.pedigree;
    } else {
      sides_[kept++] = side;
    }
  }
  sides_.resize(kept);
  sides_.shrink_to_fit();
}

void ImportFacts::make_members(std::int64_t tree_no, std::vector<kinship::MemberRow>& rows) {
  std::ranges::sort(sides_, [](const Side& a, const Side& b) {
    return std::tuple{a.family, is_child(a.role), !a.from_family, a.ord, a.person} <
           std::tuple{b.family, is_child(b.role), !b.from_family, b.ord, b.person};
  });
  members_.reserve(sides_.size());
  rows.reserve(sides_.size());
  members_begin_.assign(records_ + 1, 0);
  std::array<std::uint16_t, 4> next{};  // ord by role
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    const auto& side = sides_[i];
    if (i == 0 || sides_[i - 1].family != side.family) next = {};
    if (next[static_cast<std::size_t>(side.role)] == kMembersMax) continue;
    ++members_begin_[side.family + 1];
    const auto ord = next[static_cast<std::size_t>(side.role)]++;
    const auto graph_ord =
        static_cast<std::uint16_t>(is_child(side.role) ? ord : ord * 2 + (side.role == store::MemberRole::wife));
    const bool primary = is_child(side.role) && main_family_[side.person] == side.family;
    members_.push_back({.role = side.role,
                        .ord = ord,
                        .person = make_rid(tree_no, side.person),
                        .pedigree = static_cast<store::Pedigree>(side.pedigree),
                        .state = side.both ? store::MemberState::normal : store::MemberState::one_sided,
                        .primary = primary});
    rows.push_back({.family = side.family,
                    .person = side.person,
                    .ord = graph_ord,
                    .role = is_child(side.role) ? kinship::Role::child : kinship::Role::partner,
                    .pedigree = static_cast<kinship::Pedigree>(side.pedigree),
                    .primary = primary});
  }
  std::partial_sum(members_begin_.begin(), members_begin_.end(), members_begin_.begin());
  sides_ = {};
  main_family_ = {};
}

void ImportFacts::work_out_living() {
  std::vector<std::uint32_t> father(records_, model::kNobody), mother(records_, model::kNobody);
  for (std::uint32_t n = 0; n < records_; ++n) {
    if (!graph_.is_person(n)) continue;
    const auto parents = graph_.parents(n);
    if (!kinship::is_biological(parents.pedigree)) continue;
    father[n] = parents.father;
    mother[n] = parents.mother;
  }
  static_assert(model::kNobody == kinship::kNone);
  const auto births = model::latest_births(facts_, father, mother);
  living_until_.resize(records_);
  for (std::uint32_t n = 0; n < records_; ++n) living_until_[n] = model::living_until(facts_[n], births[n]);
}

std::optional<std::uint32_t> ImportFacts::n_of_id(const RecordId& id) const noexcept {
  return position_of(id_of_n_, id);
}

std::span<const store::MemberRow> ImportFacts::members(std::uint32_t family_n) const noexcept {
  return {members_.data() + members_begin_[family_n], members_begin_[family_n + 1] - members_begin_[family_n]};
}

model::ParentIds ImportFacts::parents(std::uint32_t n) const noexcept {
  if (!graph_.is_person(n)) return {};
  const auto parents = graph_.parents(n);
  return {id_of(parents.father), id_of(parents.mother)};
}

model::ParentIds ImportFacts::further_parents(std::uint32_t n) const noexcept {
  if (!graph_.is_person(n) || graph_.further_parents(n).empty()) return {};
  const auto partners = graph_.partners(graph_.further_parents(n).front().family);
  return {id_of(partners[0]), id_of(partners[1])};
}

}  // namespace tablinum::archive
