#pragma once
/// The search service: hits with facets and highlights, suggestions while typing (design: web.md §6, archive.md §7).
#include "tablinum/api/openapi.h"
#include "tablinum/archive/archive.h"

namespace tablinum::search_service {

/// How a person is written in hits and suggestions: PersonBrief, as the genealogy service writes it.
using WriteBrief = std::function<Result<std::string>(Rid person)>;
/// Makes one for a request, in the request's snapshot.
using Briefs = std::function<WriteBrief(archive::Archive& archive, store::Session& session)>;

/// Adds the routes. `archive` outlives what is described.
void describe(api::Description& description, archive::Archive& archive, Briefs briefs);

}  // namespace tablinum::search_service
