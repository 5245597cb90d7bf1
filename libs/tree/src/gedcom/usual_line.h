#pragma once
/// The form that nearly all lines of nearly all files have, told in a few instructions. Whatever is not exactly of this form
/// goes the general way (fields_of() and so on), which gives the same for the lines that are.
#include <bit>
#include <cstring>
#include <string_view>

#include "gedcom/scan.h"
#include "gedcom/text.h"
#include "tablinum/tree/gedcom/line.h"
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
[[gnu::always_inline]] inline bool take_usual_line(std::string_view rest, bool is_utf8, UsualLine& line) noexcept {
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
  const std::size_t tag_end = 2 + tag_bits / 8;
  const auto scan = scan_to_end(rest.substr(tag_end));
  const std::size_t end = tag_end + scan.bytes;
  if (scan.has_control || scan.bytes > kUsualPayloadBytes || end + 1 >= rest.size()) return false;
  line.has_payload = rest[tag_end] == ' ';
  if (!line.has_payload && scan.bytes != 0) return false;  // a tab
  line.payload = rest.substr(tag_end + line.has_payload, scan.bytes - line.has_payload);
  line.has_at = scan.has_at;
  if (scan.has_high && !(is_utf8 && is_clean(line.payload))) return false;
  line.bytes = end + 1;
  if (rest[end] == '\n') return true;
  ++line.bytes;
  return rest[end + 1] == '\n';
}

/// The first line of nearly every record: "0 @", an identifier of letters and digits, "@ ", a tag of the table other than HEAD,
/// TRLR, CONC and CONT, and the line's end. On success `fields` is what fields_of() gives and `bytes` the length with the end.
inline bool take_usual_record_line(std::string_view rest, LineFields& fields, std::size_t& bytes) noexcept {
  constexpr std::size_t kXrefUsualMax = 24;
  const auto is_name = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  if (rest.size() < 64 || !rest.starts_with("0 @")) return false;
  std::size_t at = 3;
  while (at < 3 + kXrefUsualMax && is_name(rest[at])) ++at;
  if (at == 3 || rest[at] != '@' || rest[at + 1] != ' ') return false;
  const auto tag = rest.substr(at + 2, rest.find_first_of("\r\n ", at + 2) - (at + 2));
  switch (tag_of(tag)) {
    case Tag::literal:
    case Tag::HEAD:
    case Tag::TRLR:
    case Tag::CONC:
    case Tag::CONT: return false;
    default: break;
  }
  const auto end = at + 2 + tag.size();
  if (end + 1 >= rest.size() || rest[end] == ' ' || (rest[end] == '\r' && rest[end + 1] != '\n')) return false;
  bytes = end + (rest[end] == '\n' ? 1 : 2);
  fields = {};
  fields.kind = LineFields::Kind::line;
  fields.has_xref = true;
  fields.xref = rest.substr(3, at - 3);
  fields.tag = tag;
  fields.text = rest.substr(0, end);
  return true;
}

/// A line that plainly belongs to the record above it: one digit from 1 on, a blank, and no identifier. Nothing in it changes
/// before it is read, so an identifier in these bytes is the one that will be read: no control characters (NUL is taken out, which
/// makes "@I<NUL>2@" the pointer to I2), and only ASCII where the bytes are not UTF-8 (a sequence may have an @ in it).
struct UsualContent {
  std::size_t bytes = 0;  // with the end
  bool has_at = false;
};

/// @param is_utf8  the bytes are; else only ASCII is usual.
/// @return false if `rest` does not begin with such a line, or the line's end is not there.
inline bool take_usual_content(std::string_view rest, bool is_utf8, UsualContent& line) noexcept {
  if (rest.size() < 4 || rest[0] < '1' || rest[0] > '9' || rest[1] != ' ' || rest[2] <= ' ' || rest[2] == '@') return false;
  const auto scan = scan_to_end(rest);
  if (scan.has_control || (scan.has_high && !is_utf8) || scan.bytes + 1 >= rest.size()) return false;
  line.has_at = scan.has_at;
  if (rest[scan.bytes] == '\n') return line.bytes = scan.bytes + 1, true;
  if (rest[scan.bytes + 1] != '\n') return false;
  return line.bytes = scan.bytes + 2, true;
}

}  // namespace tablinum::tree::gedcom
