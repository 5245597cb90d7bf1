#pragma once
/// Steps shared by the readers of the typed view.
#include "tablinum/tree/model/view.h"

namespace tablinum::tree::model::parts {

/// The payload of a node as text; empty for pointers and for none.
inline std::string_view text_of(const Structure& record, std::uint32_t node) noexcept {
  const auto& n = record[node];
  return n.kind == PayloadKind::text ? n.text : std::string_view{};
}

inline Target target_of(const Node& node) noexcept { return {node.kind, node.target, node.text}; }

/// True for a tag outside the table, such as _FREL; `tag` in upper case.
bool is_literal(const Node& node, std::string_view tag) noexcept;

bool is_yes(std::string_view text) noexcept;

/// Empties a view for a new record.
void start(const Structure& record, RecordView& view);
/// Takes a level-1 node that every kind of record may have (RESN, CHAN, CREA, identifiers); others are left.
void read_common(const Structure& record, std::uint32_t node, Tag tag, RecordView& view);
/// Links of all depths, in preorder.
void read_links(const Structure& record, RecordView& view);

/// Appends the event that a level-1 node is; nothing if it is none. `record_tag` is INDI or FAM, or another record's tag.
void read_event(const Structure& record, std::uint32_t node, Tag record_tag, Tag tag, std::vector<EventView>& events);
/// DATE, PLAC and all else that stands below an event.
void read_event_details(const Structure& record, std::uint32_t node, EventView& event);
/// Appends the name of a NAME, _MARNM, _AKA or text ALIA node and its variants.
void read_name(const Structure& record, std::uint32_t node, Tag tag, std::vector<NameView>& names);

std::optional<Coordinates> read_map(const Structure& record, std::uint32_t map) noexcept;

}  // namespace tablinum::tree::model::parts
