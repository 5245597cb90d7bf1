#pragma once
/// Search in the reference's shapes (web.md §6): P's POST bodies at its own paths, and the pages' GET /api/search.
#include "tablinum/search_service/service.h"

namespace tablinum::search_service {

void add_reference_routes(api::Description& description, archive::Archive& archive, const Briefs& briefs);

}  // namespace tablinum::search_service
