#include "model/date_text.h"
#include "model/view_parts.h"

namespace tablinum::tree::model {
namespace {

void read_date(const Structure& record, std::uint32_t node, EventView& event) {
  event.date_text = parts::text_of(record, node);
  event.date = parse_date(event.date_text);
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    if (tag == Tag::TIME) event.time_text = parts::text_of(record, child);
    if (tag != Tag::PHRASE) continue;
    if (event.date.kind == DateKind::none) event.date.kind = DateKind::phrase;
    if (event.date.phrase.empty() || event.date.kind == DateKind::phrase) event.date.phrase = parts::text_of(record, child);
  }
}

void read_place(const Structure& record, std::uint32_t node, PlaceUse& place) {
  place.node = node;
  place.text = parts::text_of(record, node);
  for (const auto child : record.children(node)) {
    switch (known_tag(record[child])) {
      case Tag::FORM: place.form = parts::text_of(record, child); break;
      case Tag::LANG: place.language = parts::text_of(record, child); break;
      case Tag::MAP: place.coordinates = parts::read_map(record, child); break;
      default: break;
    }
  }
}

std::optional<Age> partner_age(const Structure& record, std::uint32_t node) {
  return parse_age(record.child_text(node, Tag::AGE));
}

}  // namespace

namespace parts {

std::optional<Coordinates> read_map(const Structure& record, std::uint32_t map) noexcept {
  return parse_coordinates(record.child_text(map, Tag::LATI), record.child_text(map, Tag::LONG));
}

void read_event_details(const Structure& record, std::uint32_t node, EventView& event) {
  for (const auto child : record.children(node)) {
    const auto tag = known_tag(record[child]);
    switch (tag) {
      case Tag::DATE: if (event.date.kind == DateKind::none) read_date(record, child, event); break;
      case Tag::SDATE: event.sort_date = parse_date(text_of(record, child)); break;
      case Tag::PLAC: if (event.place.node == 0) read_place(record, child, event.place); break;
      case Tag::TYPE: if (event.type_text.empty()) event.type_text = text_of(record, child); break;
      case Tag::AGE: event.age_text = text_of(record, child); event.age = parse_age(event.age_text); break;
      case Tag::HUSB: event.husband_age = partner_age(record, child); break;
      case Tag::WIFE: event.wife_age = partner_age(record, child); break;
      case Tag::CAUS: event.cause = text_of(record, child); break;
      case Tag::AGNC: event.agency = text_of(record, child); break;
      case Tag::RELI: event.religion = text_of(record, child); break;
      case Tag::RESN: event.restriction |= parse_restriction(text_of(record, child)); break;
      case Tag::ADDR: if (event.address == 0) event.address = child; break;
      case Tag::FAMC: event.family = target_of(record[child]); break;
      default: break;
    }
  }
}

void read_event(const Structure& record, std::uint32_t node, Tag record_tag, Tag tag, std::vector<EventView>& events) {
  const bool negative = tag == Tag::NO;
  if (negative) tag = tag_of(date_text::trim(text_of(record, node)));
  const auto type = event_type(record_tag, tag);
  if (type == EventType::unknown) return;
  auto& event = events.emplace_back();
  event.node = node;
  event.number = record[node].number;
  event.tag = tag;
  event.negative = negative;
  if (!negative) event.value = text_of(record, node);
  if (record[node].first_child != kNoNode) read_event_details(record, node, event);
  event.type = event.type_text.empty() ? type : event_type(record_tag, tag, event.type_text);
  if (group(event.type) != EventGroup::attribute && is_yes(event.value)) {
    event.asserted = true;
    event.value = {};
  }
}

}  // namespace parts

std::string_view EventView::label() const noexcept {
  const bool named_by_type = type == EventType::custom || type == EventType::fact || type == EventType::other;
  if (named_by_type && !type_text.empty()) return type_text;
  return value.empty() ? type_text : value;
}

DateSortKey sort_key(const EventView& event) noexcept {
  return sort_key(event.sort_date.understood() ? event.sort_date : event.date);
}

}  // namespace tablinum::tree::model
