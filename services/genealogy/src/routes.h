#pragma once
/// The parts of the service; each file adds its own types and routes.
#include "json.h"
#include "tablinum/api/call.h"
#include "tablinum/api/openapi.h"
#include "tablinum/archive/jobs.h"

namespace tablinum::genealogy_service {

struct Context {
  archive::Archive& archive;
  archive::Jobs& jobs;
  api::Cursors cursors;
};
using Shared = std::shared_ptr<Context>;

void add_tree_routes(api::Description& description, const Shared& context);
void add_person_routes(api::Description& description, const Shared& context);
void add_family_routes(api::Description& description, const Shared& context);
void add_kinship_routes(api::Description& description, const Shared& context);
void add_chart_routes(api::Description& description, const Shared& context);
void add_place_routes(api::Description& description, const Shared& context);
void add_source_routes(api::Description& description, const Shared& context);
void add_media_routes(api::Description& description, const Shared& context);
void add_import_routes(api::Description& description, const Shared& context);
void add_date_routes(api::Description& description, const Shared& context);
void add_types(api::Description& description);

/// A route's function that reads through a browser of its own.
using Read = Result<api::Reply> (*)(Context&, Browser&, const api::Call&);
api::Function reading(const Shared& context, Read read);

/// "W/\"<tree>-<generation>\"", for lists.
std::string list_etag(const store::TreeInfo& tree);
/// "\"v17\"", for records; weak, because what it shows of others may change without it.
std::string record_etag(const store::Record& record, const store::TreeInfo& tree);

/// limit and cursor of a list that is cut by offset.
struct OffsetPage {
  std::size_t offset = 0;
  std::size_t limit = 0;
  std::string binding;
};
Result<OffsetPage> offset_page(const Context& context, const api::Call& call, std::string_view binding);
/// Ends a page object begun with "items": total and nextCursor.
void end_page(Writer& w, const Context& context, const OffsetPage& page, std::size_t written, std::size_t total);

inline const api::Parameter kTreeParameter{.name = "tree", .type = "uuid", .description = "Id of the tree.", .in = api::In::path};
inline const api::Parameter kIdParameter{.name = "id", .type = "uuid", .in = api::In::path};
inline const api::Parameter kLimitParameter{.name = "limit", .type = "int", .description = "Rows of a page, 50 if not given.",
                                            .minimum = 1, .maximum = api::kPageLimitMax};
inline const api::Parameter kCursorParameter{.name = "cursor", .description = "nextCursor of the page before."};

}  // namespace tablinum::genealogy_service
