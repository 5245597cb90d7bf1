#pragma once
/// Finds the end of a message's head while it arrives, and refuses one that is over a limit as soon as that is certain.
/// What it says depends on the bytes alone, never on how they were cut into reads.
#include <cstddef>
#include <optional>
#include <string_view>

#include "h1/refusal.h"

namespace tablinum::net::h1 {

struct HeadLimits {
  std::size_t first_line_bytes_max = std::size_t{8} << 10;  // without CR LF
  std::size_t header_bytes_max = std::size_t{64} << 10;     // all field lines with their CR LF
  std::size_t fields_max = 128;
};

/// Where a head lies in the buffer it was found in.
struct HeadSpan {
  std::size_t begin = 0;       // of the first line
  std::size_t fields = 0;      // of the first field line
  std::size_t fields_end = 0;  // of the empty line
  std::size_t end = 0;         // of the byte after the head
};

class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) noexcept : limits_{limits} {}

  /// `buffered` are all bytes since the head's beginning; from call to call they only grow.
  /// One empty line before the head is skipped (RFC 9112 §2.2).
  /// @return nothing while the head is incomplete.
  Parsed<std::optional<HeadSpan>> scan(std::string_view buffered);
  /// For the next head.
  void reset() noexcept { *this = HeadScanner{limits_}; }
  /// True once a byte of the first line was seen.
  bool begun() const noexcept { return begun_; }

  /// A scanner of trailers: they have no first line.
  static HeadScanner of_trailers(const HeadLimits& limits) noexcept;

 private:
  Parsed<void> check_open_line(std::size_t bytes) const;
  Parsed<void> check_line(std::string_view line);

  HeadLimits limits_;
  HeadSpan span_;
  std::size_t line_ = 0;      // where the line being looked at begins
  std::size_t searched_ = 0;  // up to here there is no LF after line_
  std::size_t fields_ = 0;
  bool in_fields_ = false;
  bool begun_ = false;
  bool skipped_empty_line_ = false;
};

}  // namespace tablinum::net::h1
