#pragma once
/// Files of one folder over HTTP: nothing outside it can be reached, whatever the path or the links say (openat2
/// RESOLVE_BENEATH), and nothing is listed.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/base/time.h"
#include "tablinum/net/message.h"

namespace tablinum::net {

/// A regular file that stays open. Closed with the last user.
class OpenFile {
 public:
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();
  /// Takes `fd` over.  @error io: fstat failed.  unsupported: not a regular file.
  static Result<std::shared_ptr<const OpenFile>> adopt(int fd);
  /// By path, read-only.  @error not_found, denied, io; unsupported: not a regular file.
  static Result<std::shared_ptr<const OpenFile>> open(const std::string& path);

  int fd() const noexcept { return fd_; }
  std::uint64_t size() const noexcept { return size_; }
  Timestamp modified() const noexcept { return modified_; }
  /// Strong tag from size, modification time in nanoseconds, and inode.
  const std::string& etag() const noexcept { return etag_; }

 private:
  OpenFile(int fd, std::uint64_t size, Timestamp modified, std::string etag) noexcept;
  int fd_;
  std::uint64_t size_;
  Timestamp modified_;
  std::string etag_;
};

/// A response that serves an open file: Content-Type, ETag, Last-Modified, 304, 412, ranges.
Response file_response(const Request& request, std::shared_ptr<const OpenFile> file, std::string_view content_type);

struct StaticOptions {
  std::string directory;
  std::string index = "index.html";  ///< for "/" and folders
  /// Served (200) where nothing matches and the path's last segment has no dot: the pages of a single-page application.
  std::string spa_fallback;          ///< empty: 404
};

/// Serves GET and HEAD; mount it as PipelineOptions::fallback or on "/assets/{path...}" (the request's `path` parameter, where
/// there is one, is used instead of the whole path).
/// A sibling with .br, .zst or .gz is sent where the client accepts it. Names with a hash of 8 or more characters
/// ("app-3f9a1c2b.js") are immutable for a year; others are revalidated. Hidden names (".env") are not found.
/// @error (of the handler) not_found: no such file, outside the folder, or no regular file.
/// @error invalid: the folder cannot be opened.
Result<Handler> static_files(StaticOptions options);

/// By the name's extension; "application/octet-stream" for one that is not known.
std::string_view content_type_of(std::string_view name) noexcept;

}  // namespace tablinum::net
