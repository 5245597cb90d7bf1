#include <sys/stat.h>

#include <array>
#include <mutex>

#include "pictures.h"
#include "record_list.h"
#include "routes.h"
#include "tablinum/api/adapter.h"
#include "tablinum/base/log.h"
#include "tablinum/base/stream.h"
#include "tablinum/io/offload.h"
#include "tablinum/media/thumbnail.h"
#include "tablinum/store/derived_files.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

std::string title_of(const tree::Structure& structure) {
  model::MediaView media;
  model::read_media(structure, media);
  if (!media.title.empty()) return std::string{media.title};
  return media.files.empty() ? std::string{} : std::string{media.files.front().path};
}

Result<Reply> list_media(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  const auto sort = call.parameter("sort").value_or("title");
  if (sort != "title") return api::invalid_field({"sort", "must be title", "unknown"});
  return titled_page(context, browser, call, tree, store::RecordKind::media, TitledOrder::title, title_of, write_media);
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

struct MediaFile {
  Digest blob;
  std::string mime;
};

Result<MediaFile> file_of(Browser& browser, std::string_view id) {
  TRY(data, browser.other(id, store::RecordKind::media));
  model::MediaView media;
  model::read_media(data->structure, media);
  if (media.files.empty()) return fail(Code::not_found, "this record names no file");
  const auto& file = media.files.front();
  TRY(blob, browser.blob_of(data->record.rid, file.path));
  if (!blob) return fail(Code::not_found, "the file did not come with the tree");
  return MediaFile{*blob, std::string{model::mime_of_form(file.form)}};
}

// A blob never changes: its name is its content.
constexpr std::string_view kCacheControl = "private, max-age=86400";

std::string etag_of(const Digest& blob, std::string_view more = {}) {
  return '"' + to_hex(blob).substr(0, 32) + std::string{more} + '"';
}

Reply content_reply(const store::Blobs& blobs, const MediaFile& file) {
  Reply reply;
  const bool inline_safe = is_safe_inline(file.mime);
  reply.content_type = inline_safe ? file.mime : "application/octet-stream";
  reply.disposition = inline_safe ? "inline" : "attachment";
  reply.file = blobs.path(file.blob);
  reply.etag = etag_of(file.blob);
  reply.cache_control = kCacheControl;
  return reply;
}

Result<Reply> get_content(Context&, Browser& browser, const Call& call) {
  TRY(file, file_of(browser, call.segment("id")));
  return content_reply(browser.archive().blobs(), file);
}

/// Decoders at work at once, over all requests: each may take 320 MB for a second. The others wait, and keep nobody else waiting.
constexpr io::Size kDecodersMax = 2;

struct Wanted {
  MediaFile file;
  std::uint32_t side = kTileSide;
};

/// Name among what is made from a blob; the number rises when other bytes come out of the same picture.
std::string thumbnail_name(std::uint32_t side) { return "thumbnail-1-" + std::to_string(side) + ".webp"; }

Result<Wanted> wanted_of(archive::Archive& archive, const Call& call) {
  Wanted wanted;
  if (const auto size = call.parameter("size")) {
    const auto fits = [&](std::uint32_t side) { return *size == std::to_string(side); };
    const std::array sides{kFaceSide, kTileSide, kSheetSide};
    const auto* const side = std::ranges::find_if(sides, fits);
    if (side == sides.end()) return api::invalid_field({"size", "must be 128, 256 or 512", "range"});
    wanted.side = *side;
  }
  TRY(browser, Browser::open(archive));
  TRY(file, file_of(browser, call.segment("id")));
  if (!is_picture(file.mime)) return fail(Code::not_found, "this file is no picture");
  wanted.file = std::move(file);
  return wanted;
}

/// What was made before; nothing where it has to be made. An empty file says that none can be made: the picture itself is shown.
std::optional<Reply> made_before(const store::Blobs& blobs, const Wanted& wanted) {
  const auto path = store::derived_path(blobs, wanted.file.blob, thumbnail_name(wanted.side));
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  Reply reply = content_reply(blobs, wanted.file);
  if (status.st_size == 0) return reply;
  reply.content_type = "image/webp";
  reply.file = path;
  reply.etag = etag_of(wanted.file.blob, '-' + std::to_string(wanted.side));
  return reply;
}

Result<Bytes> made_of(const store::Blobs& blobs, const Wanted& wanted) {
  TRY(bytes, blobs.read(wanted.file.blob, media::kPictureBytesMax));
  return media::make_thumbnail(bytes, wanted.side);
}

Result<Reply> make(const store::Blobs& blobs, const Wanted& wanted) {
  if (auto reply = made_before(blobs, wanted)) return std::move(*reply);  // somebody else waited for the same
  const auto made = made_of(blobs, wanted);
  const bool never = !made && (made.error().code == Code::unsupported || made.error().code == Code::too_large ||
                               made.error().code == Code::corrupt);
  if (!made && !never) return std::unexpected(made.error());
  // Where there is no room the next request makes it again.
  const auto kept = store::put_derived(blobs, wanted.file.blob, thumbnail_name(wanted.side), made ? ByteView{*made} : ByteView{});
  if (!kept) {
    log::warn("media", "a thumbnail was not kept", {{"error", describe(kept.error())}});
  }
  Reply reply = content_reply(blobs, wanted.file);
  if (!made) return reply;
  reply.content_type = "image/webp";
  reply.file.clear();
  reply.body = std::string{text_of(*made)};
  reply.etag = etag_of(wanted.file.blob, '-' + std::to_string(wanted.side));
  return reply;
}

constexpr std::string_view kFaceName = "face-1-128.jpg";
/// Far more than 128 pixels by 128 need.
constexpr std::size_t kFaceBytesMax = std::size_t{1} << 17;

/// What was made before; empty where it was tried in vain, nothing where it has to be made.
std::optional<Bytes> face_made_before(const store::Blobs& blobs, const Digest& blob) {
  const auto source = open_source(store::derived_path(blobs, blob, kFaceName));
  auto bytes = source ? read_all(**source, kFaceBytesMax) : std::unexpected(source.error());
  return bytes ? std::optional{std::move(*bytes)} : std::nullopt;
}

net::Handler thumbnail_handler(archive::Archive& archive) {
  const auto decoders = std::make_shared<io::OffloadPool>(io::OffloadOptions{0, kDecodersMax});
  return [&archive, decoders](io::Io& io, net::Request& request) -> io::Task<Result<net::Response>> {
    const Call call = api::call_of(request, {});
    auto find = [&]() { return wanted_of(archive, call); };
    auto wanted = co_await io::offload(io, find);
    if (!wanted) co_return api::response_of(request, wanted.error());
    if (auto reply = made_before(archive.blobs(), *wanted)) co_return api::response_of(request, std::move(*reply));
    auto work = [&]() { return make(archive.blobs(), *wanted); };
    auto reply = co_await io::offload(io, *decoders, work);
    if (!reply) co_return api::response_of(request, reply.error());
    co_return api::response_of(request, std::move(*reply));
  };
}

const api::Parameter kSizeParameter{
    .name = "size", .type = "'128'|'256'|'512'", .description = "Pixels of the longer side at most; 256 if not given."};

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
  routes.push_back({.method = "GET",
                    .path = "/api/v1/media/{id}/thumbnail",
                    .id = "getMediaThumbnail",
                    .tag = "media",
                    .summary = "A small picture, upright, as WebP; what cannot be made smaller comes as it is",
                    .parameters = {kIdParameter, kSizeParameter},
                    .answer = "application/octet-stream",
                    .errors = {404, 422}});
}

Bytes face_of(Browser& browser, const PersonData& person) {
  const auto portrait = portrait_media(browser, person);
  if (!portrait || !*portrait) return {};
  const auto data = browser.other(**portrait);
  const auto file = data ? file_of(browser, to_string((*data)->record.id.value())) : std::unexpected(data.error());
  if (!file) return {};
  const auto& blobs = browser.archive().blobs();
  if (auto before = face_made_before(blobs, file->blob)) return std::move(*before);
  // A decoder may hold 320 MB.
  static std::mutex one_at_a_time;
  const std::scoped_lock lock{one_at_a_time};
  const auto bytes = blobs.read(file->blob, kFaceFileBytesMax);
  if (!bytes) return {};
  auto face = media::make_thumbnail(*bytes, kFaceSide, media::ThumbnailFormat::jpeg);
  // Where there is no room the next chart makes it again.
  if (auto kept = store::put_derived(blobs, file->blob, kFaceName, face ? ByteView{*face} : ByteView{}); !kept)
    log::warn("media", "a face was not kept", {{"error", describe(kept.error())}});
  return face ? std::move(*face) : Bytes{};
}

Result<void> mount_thumbnails(net::Router& router, archive::Archive& archive) {
  return router.add(net::Method::get, "/api/v1/media/{id}/thumbnail", thumbnail_handler(archive), {.compress = false});
}

}  // namespace tablinum::genealogy_service
