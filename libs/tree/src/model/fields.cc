#include "tablinum/tree/model/fields.h"

#include <algorithm>

#include "model/view_parts.h"
#include "tablinum/tree/model/event_type.h"

namespace tablinum::tree::model {
namespace {

constexpr std::size_t kDaysBytes = 8;
constexpr std::uint32_t kOpenLatest = 0xFFFF'FFFF;

// What the tag means in any kind of record; events and INDI's own fields are looked at before.
Field plain_field(Tag tag) noexcept {
  switch (tag) {
    case Tag::NAME: case Tag::_MARNM: case Tag::_AKA: return Field::names;
    case Tag::SEX: return Field::sex;
    case Tag::PLAC: case Tag::ADDR: case Tag::MAP: return Field::residence;
    case Tag::FAMC: case Tag::FAMS: case Tag::HUSB: case Tag::WIFE: case Tag::CHIL: return Field::families;
    case Tag::NO: return Field::events;
    case Tag::NOTE: case Tag::SNOTE: return Field::notes;
    case Tag::SOUR: case Tag::REPO: return Field::sources;
    case Tag::OBJE: case Tag::FILE: return Field::media;
    case Tag::RESN: case Tag::_LIVING: return Field::restrictions;
    default: return Field::rest;
  }
}

Field event_field(Tag record, EventType type) noexcept {
  switch (type) {
    case EventType::birth: return record == Tag::INDI ? Field::birth : Field::events;
    case EventType::death: return record == Tag::INDI ? Field::death : Field::events;
    case EventType::residence: case EventType::clan: case EventType::tribe: case EventType::title: return Field::residence;
    default: return Field::events;
  }
}

FieldValue of_ids(const ParentIds& ids) noexcept {
  FieldValue value;
  const auto tail = std::ranges::copy(ids.husband.value().bytes, value.bytes.begin()).out;
  std::ranges::copy(ids.wife.value().bytes, tail);
  return value;
}

FieldValue of_identity(RecordKind kind, const FieldInputs& inputs) noexcept {
  return Sha256{}
      .update_byte(static_cast<std::uint8_t>(kind))
      .update(inputs.tree.value().view())
      .update(inputs.merged_into.value().view())
      .finish();
}

FieldValue of_days(const DateBounds& days, const Digest& digest) noexcept {
  FieldValue value;
  const auto tail = std::ranges::copy(encode_days(days), value.bytes.begin()).out;
  std::copy_n(digest.bytes.begin(), value.bytes.size() - kDaysBytes, tail);
  return value;
}

// The days of the first date of an event.
DateBounds event_days(const Structure& record, std::uint32_t event) {
  for (const auto child : record.children(event)) {
    if (known_tag(record[child]) != Tag::DATE) continue;
    const auto date = parse_date(parts::text_of(record, child));
    if (date.kind != DateKind::none) return date.days;
  }
  return {};
}

// The record's own payload, which belongs to no node below it.
void append_payload(const Node& root, Bytes& out) {
  if (root.kind == PayloadKind::none) return;
  out.push_back(static_cast<std::byte>(root.kind));
  const auto payload = root.kind == PayloadKind::record ? root.target.value().view() : bytes_of(root.text);
  append_u32_be(out, static_cast<std::uint32_t>(payload.size()));
  append(out, payload);
}

Field payload_field(const Structure& record) noexcept {
  return record_kind(record) == RecordKind::note ? Field::notes : Field::rest;
}

}  // namespace

std::string_view to_string(Field field) noexcept {
  constexpr std::array<std::string_view, kFieldCount> kNames{
      "identity", "names",    "sex",   "birth",   "death", "parents",      "further_parents", "residence",
      "events",   "families", "notes", "sources", "media", "restrictions", "subject_key",     "rest"};
  return kNames[static_cast<std::size_t>(field)];
}

Field field_of(Tag record, Tag tag) noexcept {
  const auto type = event_type(record, tag);
  return type != EventType::unknown ? event_field(record, type) : plain_field(tag);
}

Field field_of(const Structure& record, std::uint32_t node) noexcept {
  return field_of(known_tag(record.root()), known_tag(record[node]));
}

FieldValues FieldHasher::operator()(const Structure& record, const FieldInputs& inputs) {
  for (auto& nodes : nodes_) nodes.clear();
  if (!record.empty())
    for (const auto child : record.children(0)) nodes_[static_cast<std::size_t>(field_of(record, child))].push_back(child);
  const auto with_payload = payload_field(record);

  FieldValues values{};
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    encoded_.clear();
    if (!record.empty() && i == static_cast<std::size_t>(with_payload)) append_payload(record.root(), encoded_);
    if (!nodes_[i].empty()) encode_subtrees(record, nodes_[i], encoded_);
    if (!encoded_.empty()) values[i] = sha256(encoded_);
  }
  for (const auto field : {Field::birth, Field::death}) {
    auto& value = values[static_cast<std::size_t>(field)];
    const auto& nodes = nodes_[static_cast<std::size_t>(field)];
    value = of_days(nodes.empty() ? DateBounds{} : event_days(record, nodes.front()), value);
  }
  values[static_cast<std::size_t>(Field::identity)] = of_identity(record_kind(record), inputs);
  values[static_cast<std::size_t>(Field::parents)] = of_ids(inputs.parents);
  values[static_cast<std::size_t>(Field::further_parents)] = of_ids(inputs.further_parents);
  values[static_cast<std::size_t>(Field::subject_key)] = inputs.subject_key;
  return values;
}

FieldValues field_values(const Structure& record, const FieldInputs& inputs) { return FieldHasher{}(record, inputs); }

FieldValues empty_field_values() { return field_values(Structure{}, FieldInputs{}); }

std::vector<Field> changed_fields(const FieldValues& before, const FieldValues& after) {
  std::vector<Field> changed;
  for (std::size_t i = 0; i < kFieldCount; ++i)
    if (before[i] != after[i]) changed.push_back(static_cast<Field>(i));
  return changed;
}

std::array<std::uint8_t, 8> encode_days(const DateBounds& days) noexcept {
  // A day before JDN 0 is written as 0: no statement reaches back that far.
  const std::uint32_t latest = days.max ? static_cast<std::uint32_t>(std::max<Jdn>(*days.max, 0)) : kOpenLatest;
  const std::uint32_t earliest = days.min ? static_cast<std::uint32_t>(std::max<Jdn>(*days.min, 0)) : 0;
  std::array<std::uint8_t, kDaysBytes> out;
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = static_cast<std::uint8_t>(latest >> (24 - 8 * i));
    out[4 + i] = static_cast<std::uint8_t>(earliest >> (24 - 8 * i));
  }
  return out;
}

}  // namespace tablinum::tree::model
