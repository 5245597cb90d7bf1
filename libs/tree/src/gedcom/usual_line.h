#pragma once
/// The form that nearly all lines of nearly all files have, told in a few instructions. Whatever is not exactly of this form
/// goes the general way (fields_of() and so on), which gives the same for the lines that are.
#include <bit>
#include <cstring>
#include <string_view>

#include "gedcom/scan.h"
#include "gedcom/text.h"
#include "tag_tables.h"

namespace tablinum::tree::gedcom {

/// One digit (1 … 9), a blank, a tag of the table other than CONC and CONT, then the line's end (LF or CRLF) or a blank and a
/// payload of at most kUsualPayloadBytes without control characters.
struct UsualLine {
  unsigned level = 0;
  Tag tag{};
  bool has_payload = false;
  bool has_at = false;
  std::string_view payload;
  std::size_t bytes = 0;  // with the end
};
inline constexpr std::size_t kUsualPayloadBytes = 240;  // so that no line reaches 255

/// @param is_utf8  the bytes are; else only ASCII is usual.
/// @return false if `rest` does not begin with such a line.
inline bool take_usual_line(std::string_view rest, bool is_utf8, UsualLine& line) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101u;
  if (rest.size() < 16 || rest[0] < '1' || rest[0] > '9' || rest[1] != ' ') return false;
  std::uint64_t word;
  std::memcpy(&word, rest.data() + 2, sizeof word);
  // The high bit of each byte up to 0x20; of the lowest one it is exact (Hacker's Delight, 6-1).
  const std::uint64_t ends = (word - kOnes * 0x21) & ~word & (kOnes << 7);
  const auto tag_bits = static_cast<unsigned>(std::countr_zero(ends)) & ~7u;
  if (ends == 0 || tag_bits == 0) return false;
  line.tag = tag_of_key(word & ((std::uint64_t{1} << tag_bits) - 1));
  if (line.tag == Tag::literal || line.tag == Tag::CONT || line.tag == Tag::CONC) return false;
  line.level = static_cast<unsigned>(rest[0] - '0');
  std::size_t at = 2 + tag_bits / 8;
  line.has_payload = rest[at] == ' ';
  line.has_at = false;
  if (line.has_payload) {
    const auto scan = scan_to_end(rest.substr(++at));
    if (scan.has_control || scan.bytes > kUsualPayloadBytes) return false;
    line.payload = rest.substr(at, scan.bytes);
    line.has_at = scan.has_at;
    if (scan.has_high && !(is_utf8 && is_clean(line.payload))) return false;
    at += scan.bytes;
  }
  if (at + 1 >= rest.size()) return false;
  if (rest[at] == '\n') return line.bytes = at + 1, true;
  if (rest[at] != '\r' || rest[at + 1] != '\n') return false;
  return line.bytes = at + 2, true;
}

/// A line that plainly belongs to the record above it: one digit from 1 on, a blank, and no identifier.
struct UsualContent {
  std::size_t bytes = 0;  // with the end
  bool has_at = false;
};

/// @return false if `rest` does not begin with such a line, or the line's end is not there.
inline bool take_usual_content(std::string_view rest, UsualContent& line) noexcept {
  if (rest.size() < 4 || rest[0] < '1' || rest[0] > '9' || rest[1] != ' ' || rest[2] <= ' ' || rest[2] == '@') return false;
  const auto scan = scan_to_end(rest);
  if (scan.bytes + 1 >= rest.size()) return false;
  line.has_at = scan.has_at;
  if (rest[scan.bytes] == '\n') return line.bytes = scan.bytes + 1, true;
  if (rest[scan.bytes + 1] != '\n') return false;
  return line.bytes = scan.bytes + 2, true;
}

}  // namespace tablinum::tree::gedcom
