#pragma once
/// The genealogy service: trees, records, kinship, charts, places, media, sources, imports and exports (design: web.md §6,
/// round one).
#include "tablinum/api/openapi.h"
#include "tablinum/archive/archive.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/net/router.h"

namespace tablinum::genealogy_service {

/// Largest upload of a GEDCOM or GEDZIP file.
inline constexpr std::uint64_t kUploadBytesMax = std::uint64_t{4} << 30;
/// Boxes in one chart over HTTP.
inline constexpr std::uint32_t kChartBoxesMax = 10'000;

/// Adds the service's types and routes. `archive` and `jobs` outlive what is described.
void describe(api::Description& description, archive::Archive& archive, archive::Jobs& jobs);
/// Mounts what needs a handler of its own: the upload of a file.  @error As net::Router::add().
Result<void> mount_uploads(net::Router& router, archive::Archive& archive, archive::Jobs& jobs);

/// Writes people in one line, as JSON (PersonBrief), in the snapshot of `session`: for services that list people.
/// What it returns is for one thread, and `session` outlives it.
std::function<Result<std::string>(Rid person)> briefs(archive::Archive& archive, store::Session& session);

}  // namespace tablinum::genealogy_service
