#include "routes.h"

#include "tablinum/genealogy_service/service.h"

namespace tablinum::genealogy_service {

api::Function reading(const Shared& context, Read read) {
  return [context, read](const api::Call& call) -> Result<api::Reply> {
    TRY(browser, Browser::open(context->archive));
    return read(*context, browser, call);
  };
}

std::string list_etag(const store::TreeInfo& tree) {
  return "W/\"" + to_string(tree.id.value()) + '-' + std::to_string(tree.generation) + '"';
}

std::string record_etag(const store::Record& record, const store::TreeInfo& tree) {
  return "W/\"v" + std::to_string(record.version) + '-' + std::to_string(tree.generation) + '"';
}

Result<OffsetPage> offset_page(const Context& context, const api::Call& call, std::string_view binding) {
  OffsetPage page;
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  page.limit = static_cast<std::size_t>(limit);
  page.binding = std::string{call.path} + '?' + std::string{binding};
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(page.binding, *cursor));
    page.offset = fields.size() == 1 ? std::stoull(fields[0]) : 0;
  }
  return page;
}

void end_page(Writer& w, const Context& context, const OffsetPage& page, std::size_t written, std::size_t total) {
  const std::size_t end = page.offset + written;
  w.field("total", total);
  w.field("nextCursor", end < total && written > 0 ? std::optional{context.cursors.seal(page.binding, {std::to_string(end)})} : std::nullopt);
}

Result<std::string> brief_json(archive::Archive& archive, Rid person) {
  TRY(browser, Browser::open(archive));
  Writer w;
  CHECK_OK(write_brief(w, browser, person));
  return w.take();
}

void describe(api::Description& description, archive::Archive& archive, archive::Jobs& jobs) {
  const auto context = std::make_shared<Context>(Context{archive, jobs, {}});
  add_types(description);
  add_tree_routes(description, context);
  add_person_routes(description, context);
  add_family_routes(description, context);
  add_kinship_routes(description, context);
  add_chart_routes(description, context);
  add_place_routes(description, context);
  add_source_routes(description, context);
  add_media_routes(description, context);
  add_import_routes(description, context);
  add_date_routes(description, context);
}

}  // namespace tablinum::genealogy_service
