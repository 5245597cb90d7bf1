#pragma once
/// What a hit is outside the search: its id, and where it is.
#include <string>

#include "tablinum/search/search.h"
#include "tablinum/store/trees.h"

namespace tablinum::search_service {

/// The record's id, or the place's.  @error those of the database.
Result<Uuid> outside_id(store::Session& session, const store::TreeInfo& tree, const search::Hit& hit);
/// The names of the places around a place, the nearest first; empty for other hits and for an outermost place.
Result<std::string> places_around(store::Session& session, const store::TreeInfo& tree, const search::Hit& hit);

}  // namespace tablinum::search_service
