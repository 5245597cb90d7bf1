#pragma once
/// A place's outside id: the tree's id with the place's number in its last four bytes, as UUIDv8 (RFC 9562 §5.8). So a place needs no id of
/// its own, and the number alone never leaves the process.
#include <optional>

#include "tablinum/store/places.h"
#include "tablinum/store/trees.h"

namespace tablinum::archive {

Uuid place_id(const TreeId& tree, store::Pid pid) noexcept;
/// The place with this id, if the id is one of this tree's; whether there is such a place the database knows.
std::optional<store::Pid> place_of(const store::TreeInfo& tree, const Uuid& id) noexcept;

}  // namespace tablinum::archive
