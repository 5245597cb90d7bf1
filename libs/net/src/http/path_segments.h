#pragma once
/// A request's path, cut at its slashes and only then percent-decoded.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/net/router.h"

namespace tablinum::net {

/// The segments: decoded, dot segments resolved, without the trailing slash. Undecoded ones are views of the path.
class PathSegments {
 public:
  /// `path` begins with '/'.  @error as Router::find().
  Result<void> split(std::string_view path);
  std::span<const std::string_view> view() const noexcept { return {segments_.data(), size_}; }

 private:
  Result<void> take(std::string_view raw);

  std::array<std::string_view, kPathSegmentsMax> segments_;
  std::vector<std::unique_ptr<std::string>> decoded_;
  std::size_t size_ = 0;
};

/// The segments joined by slashes. Nothing if one holds a slash of its own: the join would move the boundary.
std::optional<std::string> join_segments(std::span<const std::string_view> segments);

}  // namespace tablinum::net
