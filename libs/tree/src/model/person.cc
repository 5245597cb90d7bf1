#include <algorithm>

#include "model/date_text.h"
#include "model/view_parts.h"

namespace tablinum::tree::model {
namespace {

using parts::text_of;

// "John /de Allen/ jr.": what stands before, between and after the slashes. Where nothing stands before the surname, what comes after is
// the given name, as in "/Nagy/ János" and "/毛/ 泽东".
void split_by_slashes(NameView& name) {
  const auto open = name.text.find('/');
  name.given = date_text::trim(name.text.substr(0, open));
  if (open == std::string_view::npos) return;
  const auto rest = name.text.substr(open + 1);
  const auto close = rest.find('/');
  name.surname = date_text::trim(rest.substr(0, close));
  if (close == std::string_view::npos) return;
  const auto after = date_text::trim(rest.substr(close + 1));
  (name.given.empty() ? name.given : name.suffix) = after;
}

// "de Allen" with SPFX "de" and no SURN is "Allen".
void take_prefix_off_surname(NameView& name) {
  const auto& prefix = name.surname_prefix;
  if (!prefix.empty() && name.surname.starts_with(prefix)) name.surname = date_text::trim(name.surname.substr(prefix.size()));
}

void read_pieces(const Structure& record, NameView& name) {
  split_by_slashes(name);
  bool surname_given = false;
  for (const auto child : record.children(name.node)) {
    const auto text = text_of(record, child);
    switch (known_tag(record[child])) {
      case Tag::GIVN: name.given = text; break;
      case Tag::SURN: name.surname = text; surname_given = true; break;
      case Tag::NPFX: name.prefix = text; break;
      case Tag::NSFX: name.suffix = text; break;
      case Tag::SPFX: name.surname_prefix = text; break;
      case Tag::NICK: name.nickname = text; break;
      case Tag::LANG: name.language = text; break;
      case Tag::TYPE:
        name.kind = name_kind(text);
        name.kind_phrase = record.child_text(child, Tag::PHRASE);
        if (name.kind == NameKind::other && name.kind_phrase.empty()) name.kind_phrase = text;
        break;
      default: break;
    }
  }
  if (!surname_given) take_prefix_off_surname(name);
}

std::optional<NameVariant> variant_of(Tag tag) {
  switch (tag) {
    case Tag::ROMN: return NameVariant::romanised;
    case Tag::FONE: return NameVariant::phonetic;
    case Tag::TRAN: return NameVariant::translation;
    default: return std::nullopt;
  }
}

void read_variant(const Structure& record, std::uint32_t node, NameVariant variant, std::size_t main, std::vector<NameView>& names) {
  NameView name;
  name.node = node;
  name.text = text_of(record, node);
  name.variant = variant;
  name.main = static_cast<std::uint16_t>(main);
  read_pieces(record, name);
  if (name.language.empty()) name.language = record.child_text(node, Tag::TYPE);  // ROMN and FONE say their method there
  name.number = record[node].number != 0 ? record[node].number : names[main].number;
  name.kind = names[main].kind;
  name.kind_phrase = names[main].kind_phrase;
  names.push_back(name);
}

// _MARNM without slashes is the new surname; the given name is the one above.
void read_married_name(const Structure& record, std::uint32_t node, const NameView* above, std::vector<NameView>& names) {
  NameView name;
  name.node = node;
  name.text = text_of(record, node);
  name.kind = NameKind::married;
  read_pieces(record, name);
  if (above != nullptr && !name.text.contains('/')) {
    name.surname = date_text::trim(name.text);
    name.given = above->given;
    name.text = {};
  }
  name.number = record[node].number != 0 || above == nullptr ? record[node].number : above->number;
  name.main = static_cast<std::uint16_t>(names.size());
  names.push_back(name);
}

void read_also_known_as(const Structure& record, std::uint32_t node, const NameView* above, std::vector<NameView>& names) {
  NameView name;
  name.node = node;
  name.text = text_of(record, node);
  name.kind = NameKind::aka;
  read_pieces(record, name);
  name.number = record[node].number != 0 || above == nullptr ? record[node].number : above->number;
  name.main = static_cast<std::uint16_t>(names.size());
  names.push_back(name);
}

// Names below a name, which stand after it and its variants.
void read_names_below(const Structure& record, std::size_t main, std::vector<NameView>& names) {
  const NameView above = names[main];
  for (const auto child : record.children(above.node)) {
    const auto tag = known_tag(record[child]);
    if (tag == Tag::_MARNM) read_married_name(record, child, &above, names);
    if (tag == Tag::_AKA || parts::is_literal(record[child], "_AKAN")) read_also_known_as(record, child, &above, names);
  }
}

Sex parse_sex(std::string_view text) {
  text = date_text::trim(text);
  if (text.empty()) return Sex::unknown;
  switch (date_text::to_upper(text.front())) {
    case 'M': return Sex::male;
    case 'F': return Sex::female;
    case 'X': return Sex::other;
    default: return Sex::unknown;
  }
}

LinkStatus parse_status(std::string_view text) {
  if (date_text::equal_ignoring_case(text, "CHALLENGED")) return LinkStatus::challenged;
  if (date_text::equal_ignoring_case(text, "DISPROVEN")) return LinkStatus::disproven;
  if (date_text::equal_ignoring_case(text, "PROVEN")) return LinkStatus::proven;
  return LinkStatus::none;
}

bool is_preference(const Node& node, Tag tag) {
  return tag == Tag::_PRIM || parts::is_literal(node, "_PRIMARY") || parts::is_literal(node, "_PREF");
}

ParentLink read_parent_link(const Structure& record, std::uint32_t node) {
  ParentLink link{.node = node, .family = parts::target_of(record[node]), .pedigree = Pedigree::not_stated, .status = LinkStatus::none,
                  .preferred = false, .phrase = {}};
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    const auto text = text_of(record, child);
    if (tag == Tag::PEDI) {
      link.pedigree = parse_pedigree(text);
      link.phrase = record.child_text(child, Tag::PHRASE);
      if (link.pedigree == Pedigree::other && link.phrase.empty()) link.phrase = text;
      // What 7.0 has no word for stands in PHRASE.
      if (const auto said = parse_pedigree(link.phrase); link.pedigree == Pedigree::other && said != Pedigree::not_stated)
        link.pedigree = said;
    } else if (tag == Tag::STAT) {
      link.status = parse_status(text);
    } else if (is_preference(record[child], tag)) {
      link.preferred = parts::is_yes(text);
    }
  }
  return link;
}

ChildLink read_child_link(const Structure& record, std::uint32_t node) {
  ChildLink link{.node = node, .person = parts::target_of(record[node]), .to_husband = Pedigree::not_stated,
                 .to_wife = Pedigree::not_stated, .phrase = {}};
  for (const auto child : record.children(node)) {
    const auto& below = record[child];
    if (parts::is_literal(below, "_FREL")) link.to_husband = parse_pedigree(text_of(record, child));
    if (parts::is_literal(below, "_MREL")) link.to_wife = parse_pedigree(text_of(record, child));
    if (below.tag == Tag::PHRASE) link.phrase = text_of(record, child);
  }
  return link;
}

PartnerLink read_partner_link(const Structure& record, std::uint32_t node, Tag role) {
  return {.node = node, .target = parts::target_of(record[node]), .role = role, .phrase = record.child_text(node, Tag::PHRASE)};
}

bool same_target(const Target& a, const Target& b) { return a.kind == b.kind && a.id == b.id && a.text == b.text; }

// An adoption that names the family tells the pedigree of a link that does not.
void apply_adoptions(PersonView& view) {
  for (const auto& event : view.events) {
    if (event.type != EventType::adoption || event.family.kind == PayloadKind::none) continue;
    for (auto& link : view.parents)
      if (link.pedigree == Pedigree::not_stated && same_target(link.family, event.family)) link.pedigree = Pedigree::adopted;
  }
}

void note_vital_event(PersonView& view) {
  const auto& event = view.events.back();
  if (event.negative) return;
  if (event.type == EventType::birth && view.birth == kNone) view.birth = view.events.size() - 1;
  if (event.type == EventType::death && view.death == kNone) view.death = view.events.size() - 1;
}

void read_person_node(const Structure& record, std::uint32_t node, Tag tag, PersonView& view) {
  switch (tag) {
    case Tag::NAME: parts::read_name(record, node, tag, view.names); return;
    case Tag::_MARNM: case Tag::_AKA: parts::read_name(record, node, tag, view.names); return;
    case Tag::ALIA: if (record[node].kind == PayloadKind::text) parts::read_name(record, node, tag, view.names); return;
    case Tag::SEX: if (view.sex == Sex::unknown) view.sex = parse_sex(text_of(record, node)); return;
    case Tag::FAMC: view.parents.push_back(read_parent_link(record, node)); return;
    case Tag::FAMS: view.partners.push_back(read_partner_link(record, node, Tag::FAMS)); return;
    case Tag::_LIVING: view.living = parts::is_yes(text_of(record, node)); return;
    default: break;
  }
  const auto before = view.events.size();
  parts::read_event(record, node, Tag::INDI, tag, view.events);
  if (view.events.size() > before) note_vital_event(view);
  else parts::read_common(record, node, tag, view);
}

void read_family_node(const Structure& record, std::uint32_t node, Tag tag, FamilyView& view) {
  switch (tag) {
    case Tag::HUSB: case Tag::WIFE: view.partners.push_back(read_partner_link(record, node, tag)); return;
    case Tag::CHIL: view.children.push_back(read_child_link(record, node)); return;
    case Tag::NCHI:
      if (const auto count = date_text::parse_number(date_text::trim(text_of(record, node)), 4); count && !view.child_count)
        view.child_count = static_cast<std::uint16_t>(*count);
      break;
    default: break;
  }
  const auto before = view.events.size();
  parts::read_event(record, node, Tag::FAM, tag, view.events);
  if (view.events.size() == before) parts::read_common(record, node, tag, view);
}

DateBounds days_at(const PersonView& person, std::size_t event) {
  return event == kNone ? DateBounds{} : person.events[event].date.days;
}

}  // namespace

void parts::read_name(const Structure& record, std::uint32_t node, Tag tag, std::vector<NameView>& names) {
  const auto main = names.size();
  const NameView* none = nullptr;
  if (tag == Tag::_MARNM) {
    // In the record itself the surname belongs to the first name.
    const NameView first = names.empty() ? NameView{} : names.front();
    read_married_name(record, node, names.empty() ? none : &first, names);
    if (record[node].number != 0) names.back().number = record[node].number;
    return;
  }
  if (tag != Tag::NAME) return read_also_known_as(record, node, none, names);
  NameView name;
  name.node = node;
  name.number = record[node].number;
  name.text = text_of(record, node);
  name.main = static_cast<std::uint16_t>(main);
  names.push_back(name);
  if (record[node].first_child == kNoNode) return split_by_slashes(names.back());
  read_pieces(record, names.back());
  for (const auto child : record.children(node))
    if (const auto variant = variant_of(known_tag(record[child]))) read_variant(record, child, *variant, main, names);
  read_names_below(record, main, names);
}

void read_person(const Structure& record, PersonView& view) {
  parts::start(record, view);
  view.names.clear();
  view.events.clear();
  view.parents.clear();
  view.partners.clear();
  view.sex = Sex::unknown;
  view.birth = view.death = kNone;
  view.living.reset();
  for (const auto child : record.children(0)) read_person_node(record, child, known_tag(record[child]), view);
  apply_adoptions(view);
  parts::read_links(record, view);
}

std::size_t PersonView::primary_parents() const noexcept {
  const auto find = [this](auto matches) {
    const auto at = std::ranges::find_if(parents, matches);
    return at == parents.end() ? kNone : static_cast<std::size_t>(at - parents.begin());
  };
  for (const auto at : {find([](const ParentLink& link) { return link.preferred; }),
                        find([](const ParentLink& link) { return link.pedigree == Pedigree::birth; }),
                        find([](const ParentLink& link) { return link.pedigree == Pedigree::not_stated; })})
    if (at != kNone) return at;
  return parents.empty() ? kNone : 0;
}

DateBounds PersonView::birth_days() const noexcept { return days_at(*this, birth); }
DateBounds PersonView::death_days() const noexcept { return days_at(*this, death); }

void read_family(const Structure& record, FamilyView& view) {
  parts::start(record, view);
  view.partners.clear();
  view.children.clear();
  view.events.clear();
  view.child_count.reset();
  for (const auto child : record.children(0)) read_family_node(record, child, known_tag(record[child]), view);
  parts::read_links(record, view);
}

std::size_t FamilyView::marriage() const noexcept {
  const auto is_marriage = [](const EventView& event) {
    return !event.negative && (event.type == EventType::marriage || event.type == EventType::customary_union);
  };
  const auto at = std::ranges::find_if(events, is_marriage);
  return at == events.end() ? kNone : static_cast<std::size_t>(at - events.begin());
}

}  // namespace tablinum::tree::model
