#pragma once
/// The parts of the service; each file adds its own types and routes.
#include <algorithm>

#include "json.h"
#include "tablinum/api/call.h"
#include "tablinum/api/openapi.h"
#include "tablinum/api/reply_cache.h"
#include "tablinum/archive/jobs.h"
#include "titled_list.h"

namespace tablinum::genealogy_service {

/// Memory for people's pages.
inline constexpr std::size_t kRepliesBytesMax = std::size_t{64} << 20;

struct Context {
  archive::Archive& archive;
  archive::Jobs& jobs;
  api::Cursors cursors;
  api::ReplyCache replies{kRepliesBytesMax};
  TitledLists titled;
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
/// When a tree was made: its id is a UUIDv7.
Timestamp created_at(const store::TreeInfo& tree) noexcept;
void add_types(api::Description& description);

/// A route's function that reads through a browser of its own.
using Read = Result<api::Reply> (*)(Context&, Browser&, const api::Call&);
api::Function reading(const Shared& context, Read read);

/// "W/\"<tree>-<generation>\"", for lists.
std::string list_etag(const store::TreeInfo& tree);
/// "\"v17\"", for records; weak, because what it shows of others may change without it.
std::string record_etag(const store::Record& record, const store::TreeInfo& tree);

/// All rows of a listing that goes on after a record, up to `rows_max`. A full page may have only some rows of its last record,
/// so that one is asked for again, unless all of the page are its.
template <class Row, class PageAfter>
Result<std::vector<Row>> all_rows(const PageAfter& page_after, std::size_t rows_max) {
  std::vector<Row> rows;
  for (Rid after{}; rows.size() < rows_max;) {
    TRY(page, page_after(after));
    const bool last = page.size() < store::kPageMax;
    if (!last && page.front().rid != page.back().rid) {
      const Rid cut = page.back().rid;
      while (page.back().rid == cut) page.pop_back();
    }
    rows.insert(rows.end(), page.begin(), page.end());
    if (last) break;
    after = page.back().rid;
  }
  return rows;
}

/// limit and cursor of a list that is cut by offset.
struct OffsetPage {
  std::size_t offset = 0;
  std::size_t limit = 0;
  std::string binding;
};
/// What makes one list different from another, for its cursors: sort and filters.
std::string binding_of(const api::Call& call);
Result<OffsetPage> offset_page(const Context& context, const api::Call& call, std::string_view binding);
/// Ends a page object begun with "items": total and nextCursor.
void end_page(Writer& w, const Context& context, const OffsetPage& page, std::size_t written, std::size_t total);

/// The page that the call asks for, of a list that is known whole: `write(w, i)` writes entry i < `total`.
/// @error those of offset_page() and of `write`.
template <class Write>
Result<api::Reply> paged(const Context& context, const api::Call& call, std::string_view binding, std::size_t total,
                         std::string etag, const Write& write) {
  TRY(page, offset_page(context, call, binding));
  const std::size_t first = std::min(total, page.offset);
  const std::size_t end = std::min(total, page.offset + page.limit);
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (std::size_t i = first; i < end; ++i) CHECK_OK(write(w, i));
  w.end_array();
  end_page(w, context, page, end - first, total);
  w.end_object();
  return api::json_reply(w.take(), std::move(etag));
}

inline const api::Parameter kTreeParameter{
    .name = "tree", .type = "uuid", .description = "Id of the tree.", .in = api::In::path};
inline const api::Parameter kIdParameter{.name = "id", .type = "uuid", .in = api::In::path};
inline const api::Parameter kLimitParameter{.name = "limit",
                                            .type = "int",
                                            .description = "Rows of a page, 50 if not given.",
                                            .minimum = 1,
                                            .maximum = api::kPageLimitMax};
inline const api::Parameter kCursorParameter{.name = "cursor", .description = "nextCursor of the page before."};

}  // namespace tablinum::genealogy_service
