#include "changes.h"

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

std::string binding_of(const api::Call& call) {
  std::string binding;
  for (const auto& [name, value] : call.query) {
    if (name.starts_with("filter[") || name == "sort") binding += name + '=' + value + '&';
  }
  return binding;
}

Result<OffsetPage> offset_page(const Context& context, const api::Call& call, std::string_view binding) {
  OffsetPage page;
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  TRY(skip, call.number("skip", 0, api::kSkipMax, 0));
  page.limit = static_cast<std::size_t>(limit);
  page.offset = static_cast<std::size_t>(skip);
  page.binding = std::string{call.path} + '?' + std::string{binding};
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(page.binding, *cursor));
    if (fields.size() == 1) page.offset = std::stoull(fields[0]);  // signed by us, so a number
  }
  return page;
}

void end_page(Writer& w, const Context& context, const OffsetPage& page, std::size_t written, std::size_t total) {
  const std::size_t end = page.offset + written;
  w.field("total", total);
  w.field("nextCursor",
          end < total && written > 0 ? std::optional{context.cursors.seal(page.binding, {std::to_string(end)})} : std::nullopt);
}

std::function<Result<std::string>(Rid person)> briefs(archive::Archive& archive, store::Session& session) {
  return [browser = std::make_shared<Browser>(archive, session)](Rid person) -> Result<std::string> {
    Writer w;
    CHECK_OK(write_brief(w, *browser, person));
    return w.take();
  };
}

void describe(api::Description& description, archive::Archive& archive, archive::Jobs& jobs) {
  const auto context = std::make_shared<Context>(archive, jobs);
  archive.database().add_commit_hook(
      [context](std::int64_t tree_no, std::int64_t generation) { context->replies.changed(tree_no, generation); });
  // A tree that an import publishes or its undo takes away may do so without a change of its own.
  jobs.listen([context](const store::Job& job) {
    if (store::is_final(job.state)) context->replies.clear();
  });
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
  add_reference_tree_routes(description, context);
  add_reference_person_routes(description, context);
  add_reference_event_routes(description, context);
  add_reference_export_routes(description, context);
  add_change_routes(description, context);
  add_history_routes(description, context);
  add_check_routes(description, context);
  add_reference_write_routes(description, context);
}

}  // namespace tablinum::genealogy_service
