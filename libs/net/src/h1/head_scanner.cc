#include "h1/head_scanner.h"

#include <algorithm>

namespace tablinum::net::h1 {

HeadScanner HeadScanner::of_trailers(const HeadLimits& limits) noexcept {
  HeadScanner scanner{limits};
  scanner.in_fields_ = true;
  scanner.skipped_empty_line_ = true;
  return scanner;
}

Parsed<std::optional<HeadSpan>> HeadScanner::scan(std::string_view buffered) {
  while (true) {
    const std::size_t lf = buffered.find('\n', std::max(searched_, line_));
    begun_ = begun_ || (!in_fields_ && buffered.size() > line_ && buffered[line_] != '\r');
    if (lf == std::string_view::npos) {
      searched_ = buffered.size();
      if (auto ok = check_open_line(buffered.size() - line_); !ok) return std::unexpected(ok.error());
      return std::nullopt;
    }
    const std::string_view line = buffered.substr(line_, lf - line_);
    if (auto ok = check_line(line); !ok) return std::unexpected(ok.error());
    const bool empty = line.size() == 1;
    line_ = lf + 1;
    if (empty && in_fields_) {
      span_.fields_end = line_ - 2;
      span_.end = line_;
      return span_;
    }
    if (empty) {
      skipped_empty_line_ = true;
      span_.begin = line_;
    } else if (!in_fields_) {
      in_fields_ = true;
      span_.fields = line_;
    }
  }
}

/// `bytes` of a line whose end is not here yet. Its CR may be among them, so one more than the limit is no proof.
Parsed<void> HeadScanner::check_open_line(std::size_t bytes) const {
  if (!in_fields_) {
    if (bytes > limits_.first_line_bytes_max + 1) return refuse(Status::uri_too_long, "the request line is too long");
  } else if (line_ - span_.fields + bytes > limits_.header_bytes_max + 1) {
    return refuse(Status::header_fields_too_large, "the header is too large");
  }
  return {};
}

/// `line` without its LF.
Parsed<void> HeadScanner::check_line(std::string_view line) {
  const bool proper = line.ends_with('\r');
  const std::size_t content = line.size() - (proper ? 1 : 0);
  if (!in_fields_ && content > limits_.first_line_bytes_max) return refuse(Status::uri_too_long, "the request line is too long");
  if (in_fields_ && content > 0 && line_ - span_.fields + line.size() + 1 > limits_.header_bytes_max)
    return refuse(Status::header_fields_too_large, "the header is too large");
  if (!proper) return bad("a line ends in LF without CR");
  if (!in_fields_ && content == 0 && skipped_empty_line_) return bad("empty lines before the request");
  if (in_fields_ && content > 0 && ++fields_ > limits_.fields_max)
    return refuse(Status::header_fields_too_large, "too many header fields");
  return {};
}

}  // namespace tablinum::net::h1
