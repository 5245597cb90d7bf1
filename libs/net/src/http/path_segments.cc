#include "http/path_segments.h"

#include <algorithm>

namespace tablinum::net {

Result<void> PathSegments::split(std::string_view path) {
  std::string_view left = path.substr(1);
  while (!left.empty()) {
    const std::string_view raw = left.substr(0, left.find('/'));
    left.remove_prefix(std::min(raw.size() + 1, left.size()));
    CHECK_OK(take(raw));
  }
  return {};
}

Result<void> PathSegments::take(std::string_view raw) {
  if (raw == ".") return {};
  if (raw == "..") {
    if (size_ == 0) return fail(Code::invalid, "the path leaves the root");
    --size_;
    return {};
  }
  if (size_ == kPathSegmentsMax) return fail(Code::limit, "too many path segments");
  if (raw.contains('%')) {
    TRY(decoded, percent_decode(raw));
    if (decoded == "." || decoded == "..") return fail(Code::invalid, "an encoded dot segment");
    raw = *decoded_.emplace_back(std::make_unique<std::string>(std::move(decoded)));
  }
  segments_[size_++] = raw;
  return {};
}

std::optional<std::string> join_segments(std::span<const std::string_view> segments) {
  std::string out;
  for (const std::string_view segment : segments) {
    if (segment.contains('/')) return std::nullopt;
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

}  // namespace tablinum::net
