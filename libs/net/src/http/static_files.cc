#include "tablinum/net/static_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "http/codec.h"
#include "http/path_segments.h"
#include "http/syntax.h"
#include "tablinum/base/bytes.h"
#include "tablinum/io/offload.h"
#include "tablinum/net/conditional.h"

namespace tablinum::net {
namespace {

constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";
constexpr std::string_view kRevalidate = "no-cache";
constexpr std::size_t kHashBytesMin = 8;

struct ContentType {
  std::string_view extension, type;
};
constexpr ContentType kContentTypes[] = {
    {"avif", "image/avif"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"ged", "text/vnd.familysearch.gedcom"},
    {"gdz", "application/vnd.familysearch.gedcom+zip"},
    {"gif", "image/gif"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/x-icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mp4", "video/mp4"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
};

std::string_view last_segment(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

bool is_small(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_hash_byte(char c) noexcept {
  return syntax::is_token_byte(c) && std::string_view{"!#$%&'*+^`|~."}.find(c) == std::string_view::npos;
}

/// What people write in names: "photo", "Photo", "USA", "2024".
bool is_ordinary(std::string_view part) noexcept {
  const auto rest = part.substr(part.empty() ? 0 : 1);
  return std::ranges::all_of(rest, is_small) || std::ranges::all_of(part, is_capital) || std::ranges::all_of(part, is_digit);
}

/// A hash in base64url may have '-' in it: "D06-681n". Only where it is no row of ordinary parts, as "May-2024" is.
bool is_hash_with_dash(std::string_view hash) noexcept {
  if (!std::ranges::all_of(hash, is_hash_byte)) return false;
  for (;;) {
    const auto end = hash.find('-');
    if (!is_ordinary(hash.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    hash.remove_prefix(end + 1);
  }
}

/// Whether a name carries a hash of its content: "app-3f9a1c2b.js", "index.DiwrgTda.css". A word of small letters is none.
bool has_hash(std::string_view name) noexcept {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view stem = name.substr(0, dot);
  const auto mark = stem.find_last_of("-.");
  if (mark == std::string_view::npos) return false;
  const std::string_view hash = stem.substr(mark + 1);
  if (hash.size() >= kHashBytesMin) return std::ranges::all_of(hash, is_hash_byte) && !std::ranges::all_of(hash, is_small);
  if (stem.size() <= kHashBytesMin || stem[mark] != '-') return false;
  const auto begin = stem.size() - kHashBytesMin;
  return (stem[begin - 1] == '-' || stem[begin - 1] == '.') && is_hash_with_dash(stem.substr(begin));
}

struct Folder {
  explicit Folder(int directory) noexcept : fd{directory} {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { ::close(fd); }
  int fd;
};

Error open_error() {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case EXDEV:  // RESOLVE_BENEATH: the path or a link would leave the folder
    case ELOOP:
    case ENAMETOOLONG: return {Code::not_found, "There is no such file."};
    case EACCES: return {Code::not_found, "There is no such file."};  // whether it exists is nobody's business
    case EMFILE:
    case ENFILE: return {Code::limit, "no file descriptor left"};
    default: return {Code::io, "openat2 failed, errno " + std::to_string(errno)};
  }
}

/// Opens `name` below `folder`, following links only as far as they stay below it. O_NONBLOCK: a FIFO must not hang us.
Result<std::shared_ptr<const OpenFile>> open_beneath(const Folder& folder, const std::string& name) {
  struct open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, folder.fd, name.c_str(), &how, sizeof how);
  if (fd < 0) return std::unexpected(open_error());
  return OpenFile::adopt(static_cast<int>(fd));
}

struct Variant {
  std::string_view coding, suffix;
};
constexpr std::array<Variant, 3> kVariants{Variant{"br", ".br"}, Variant{"zstd", ".zst"}, Variant{"gzip", ".gz"}};

struct Found {
  std::shared_ptr<const OpenFile> file;
  std::string name;         // of the uncompressed file: its type and its hash count
  std::string_view coding;  // of a sibling that was found; empty: the file itself
};

/// Looks files up for one request; runs where blocking is allowed.
class Lookup {
 public:
  Lookup(const Folder& folder, const StaticOptions& options, std::string path, std::string_view accepted)
      : folder_{folder}, options_{options}, path_{std::move(path)}, accepted_{accepted} {}

  Result<Found> operator()() {
    auto found = path_.empty() ? open(options_.index) : open(path_);
    if (!found && found.error().code == Code::unsupported && !path_.empty()) found = open(path_ + "/" + options_.index);
    const bool absent = !found && found.error().code == Code::not_found;
    if (absent && !options_.spa_fallback.empty() && !last_segment(path_).contains('.')) found = open(options_.spa_fallback);
    if (!found && found.error().code == Code::unsupported) return fail(Code::not_found, "There is no such file.");
    return found;
  }

 private:
  Result<Found> open(const std::string& name) {
    TRY(file, open_beneath(folder_, name));
    for (const auto& [coding, suffix] : kVariants) {
      if (accepted_weight(accepted_, coding) == 0) continue;
      if (auto sibling = open_beneath(folder_, name + std::string{suffix})) return Found{std::move(*sibling), name, coding};
    }
    return Found{std::move(file), name, {}};
  }

  const Folder& folder_;
  const StaticOptions& options_;
  std::string path_;
  std::string_view accepted_;
};

/// The request's path relative to the folder.  @error not_found: hidden names, and slashes inside a segment.
Result<std::string> relative_path(const Request& request) {
  std::string path;
  if (request.route && request.params.size() > 0) {
    path = request.params["path"];
  } else {
    PathSegments segments;
    CHECK_OK(segments.split(request.target.path()));
    auto joined = join_segments(segments.view());
    if (!joined) return fail(Code::not_found, "There is no such file.");
    path = std::move(*joined);
  }
  if (path.starts_with('.') || path.contains("/.") || path.contains('\0'))
    return fail(Code::not_found, "There is no such file.");
  return path;
}

Response serve_found(const Request& request, const Found& found) {
  Response response = file_response(request, found.file, content_type_of(found.name));
  response.headers.set(Field::cache_control, has_hash(last_segment(found.name)) ? kImmutable : kRevalidate);
  response.headers.add_token(Field::vary, "Accept-Encoding");
  if (!found.coding.empty()) response.headers.set(Field::content_encoding, found.coding);
  return response;
}

struct Site {
  Site(StaticOptions site_options, int directory) : options{std::move(site_options)}, folder{directory} {}
  StaticOptions options;
  Folder folder;
};

io::Task<Result<Response>> serve_static(io::Io& io, Request& request, std::shared_ptr<const Site> site) {
  if (request.method != Method::get && request.method != Method::head) {
    Response response =
        problem_response(Problem{.status = Status::method_not_allowed, .code = "method_not_allowed"}, request.id);
    response.headers.set(Field::allow, allow_value({Method::get, Method::head}));
    co_return response;
  }
  CO_TRY(path, relative_path(request));
  Lookup lookup{site->folder, site->options, std::move(path), request.headers.get_or(Field::accept_encoding, "")};
  CO_TRY(found, co_await io::offload(io, lookup));
  co_return serve_found(request, found);
}

}  // namespace

OpenFile::OpenFile(int fd, std::uint64_t size, Timestamp modified, std::string etag) noexcept
    : fd_{fd}, size_{size}, modified_{modified}, etag_{std::move(etag)} {}
OpenFile::~OpenFile() { ::close(fd_); }

Result<std::shared_ptr<const OpenFile>> OpenFile::adopt(int fd) {
  struct stat info{};
  const bool known = ::fstat(fd, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return known ? fail(Code::unsupported, "not a regular file") : fail(Code::io, "fstat failed");
  }
  Bytes identity;
  append_u64_be(identity, static_cast<std::uint64_t>(info.st_size));
  append_u64_be(identity, static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000 +
                              static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
  append_u64_be(identity, info.st_ino);
  return std::shared_ptr<const OpenFile>(new OpenFile{
      fd, static_cast<std::uint64_t>(info.st_size), Timestamp{info.st_mtim.tv_sec * 1000}, make_etag(to_base64url(identity))});
}

Result<std::shared_ptr<const OpenFile>> OpenFile::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 && errno == EACCES) return fail(Code::denied, path);
  if (fd < 0) return fail(errno == ENOENT || errno == ENOTDIR ? Code::not_found : Code::io, path);
  return adopt(fd);
}

Response file_response(const Request& request, std::shared_ptr<const OpenFile> file, std::string_view content_type) {
  Response response;
  response.headers.set(Field::content_type, content_type);
  response.headers.set(Field::etag, file->etag());
  response.headers.set(Field::last_modified, to_http_date(file->modified()));
  switch (evaluate_preconditions(request.method, request.headers, {file->etag(), file->modified(), true})) {
    case Precondition::go_on: break;
    case Precondition::not_modified: response.status = Status::not_modified; return response;
    case Precondition::failed: response.status = Status::precondition_failed; return response;
  }
  const std::uint64_t size = file->size();
  const SliceBody slice = [file = std::move(file)](ByteRange range) { return Body::file({file, range.begin, range.size()}); };
  return apply_ranges(request, std::move(response), size, slice);
}

Result<Handler> static_files(StaticOptions options) {
  const int fd = ::open(options.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(Code::invalid, "cannot open the folder " + options.directory);
  auto site = std::make_shared<const Site>(std::move(options), fd);
  return Handler{[site](io::Io& io, Request& request) { return serve_static(io, request, site); }};
}

std::string_view content_type_of(std::string_view name) noexcept {
  const std::string_view last = last_segment(name);
  const auto dot = last.rfind('.');
  if (dot != std::string_view::npos)
    for (const auto& [extension, type] : kContentTypes)
      if (syntax::equal_ignoring_case(last.substr(dot + 1), extension)) return type;
  return "application/octet-stream";
}

}  // namespace tablinum::net
