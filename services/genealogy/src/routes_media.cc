#include "record_list.h"
#include "routes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

std::string title_of(const OtherData& data) {
  model::MediaView media;
  model::read_media(data.structure, media);
  if (!media.title.empty()) return std::string{media.title};
  return media.files.empty() ? std::string{} : std::string{media.files.front().path};
}

Result<Reply> list_media(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  const auto sort = call.parameter("sort").value_or("title");
  if (sort != "title") return api::invalid_field({"sort", "must be title", "unknown"});
  TRY(list, titled_records(browser, tree, store::RecordKind::media, call.parameter("filter[title]"), title_of));
  return titled_page(context, browser, call, tree, list, write_media);
}

Result<Reply> get_media(Context&, Browser& browser, const Call& call) {
  TRY(data, browser.other(call.segment("id"), store::RecordKind::media));
  TRY(tree, browser.tree_of(data->record.rid));
  Writer w;
  CHECK_OK(write_media(w, browser, data->record.rid));
  return api::json_reply(w.take(), record_etag(data->record, tree));
}

/// Shown by the browser as it is; everything else is offered as a download, so that no file of a stranger runs on our pages.
bool is_safe_inline(std::string_view mime) noexcept {
  for (const std::string_view safe :
       {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/mpeg", "audio/ogg", "video/mp4"}) {
    if (mime == safe) return true;
  }
  return false;
}

Result<Reply> get_content(Context&, Browser& browser, const Call& call) {
  TRY(data, browser.other(call.segment("id"), store::RecordKind::media));
  model::MediaView media;
  model::read_media(data->structure, media);
  if (media.files.empty()) return fail(Code::not_found, "this record names no file");
  const auto& file = media.files.front();
  TRY(blob, browser.blob_of(data->record.rid, file.path));
  if (!blob) return fail(Code::not_found, "the file did not come with the tree");
  Reply reply;
  const auto mime = model::mime_of_form(file.form);
  const bool inline_safe = is_safe_inline(mime);
  reply.content_type = inline_safe ? mime : "application/octet-stream";
  reply.disposition = inline_safe ? "inline" : "attachment";
  reply.file = browser.archive().blobs().path(*blob);
  // A blob never changes: its name is its content.
  reply.etag = '"' + to_hex(*blob).substr(0, 32) + '"';
  reply.cache_control = "private, max-age=86400";
  return reply;
}

}  // namespace

void add_media_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back(
      {.method = "GET",
       .path = "/api/v1/trees/{tree}/media",
       .id = "listMedia",
       .tag = "media",
       .summary = "Pictures and documents of a tree",
       .parameters =
           {kTreeParameter, {.name = "sort", .type = "'title'"}, {.name = "filter[title]"}, kLimitParameter, kCursorParameter},
       .answer = "Page<Media>",
       .errors = {404, 422},
       .function = reading(context, list_media)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/media/{id}",
                    .id = "getMedia",
                    .tag = "media",
                    .summary = "One picture or document",
                    .parameters = {kIdParameter},
                    .answer = "Media",
                    .errors = {404},
                    .function = reading(context, get_media)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/media/{id}/content",
                    .id = "getMediaContent",
                    .tag = "media",
                    .summary = "The file itself",
                    .parameters = {kIdParameter},
                    .answer = "application/octet-stream",
                    .errors = {404},
                    .function = reading(context, get_content)});
}

}  // namespace tablinum::genealogy_service
