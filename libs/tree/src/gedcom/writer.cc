#include "tablinum/tree/gedcom/writer.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <vector>

#include "gedcom/text.h"
#include "tablinum/tree/gedcom/charset.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
constexpr char32_t kZeroWidthJoiner = 0x200D;

/// Whether a line may be cut between two characters: not beside a blank, which other programs strip at line ends, and not
/// before what belongs to the character in front.
bool may_cut_between(char32_t before, char32_t after) noexcept {
  const auto blank = [](char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; };
  if (before < 0x80 && after < 0x80) return !blank(before) && !blank(after) && !(before == '@' && after == '@');
  if (blank(before) || blank(after) || before == kZeroWidthJoiner || after == kZeroWidthJoiner) return false;
  const auto grouped = static_cast<UChar32>(after);
  const bool is_skin_tone = u_hasBinaryProperty(grouped, UCHAR_EMOJI_MODIFIER) != 0;
  const bool is_half_flag = u_hasBinaryProperty(grouped, UCHAR_REGIONAL_INDICATOR) != 0;
  return !is_skin_tone && !is_half_flag && (U_GET_GC_MASK(grouped) & U_GC_M_MASK) == 0;
}

/// Bytes of the first piece of a text of which `room` characters fit on the line.
std::size_t piece_of(std::string_view text, std::size_t room) noexcept {
  std::size_t best = 0, chars = 0;
  char32_t before = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto next = at;
    const char32_t after = next_code_point(text, next);
    if (at > 0 && may_cut_between(before, after)) {
      if (chars <= room)
        best = at;
      else if (best == 0)
        return at;  // no place within the limit: a long line is better than a text that changes
    }
    if (chars >= room && best != 0) return best;
    before = after;
    at = next;
    ++chars;
  }
  return chars <= room || best == 0 ? text.size() : best;
}

bool is_utf8_name(std::string_view name) { return charset_from_name(name) == CharsetId{Charset::utf8, {}}; }

constexpr std::string_view kMinimalHeader551 =
    "0 HEAD\n1 SOUR TABLINUM\n1 GEDC\n2 VERS 5.5.1\n2 FORM LINEAGE-LINKED\n1 CHAR UTF-8\n";
constexpr std::string_view kMinimalHeader70 = "0 HEAD\n1 GEDC\n2 VERS 7.0\n";

}  // namespace

Writer::Writer(Dialect dialect, XrefOf xref_of, TakeText take)
    : dialect_{dialect}, xref_of_{std::move(xref_of)}, take_{std::move(take)} {}

Result<void> Writer::header(const Structure& head) {
  if (!head.empty()) return write_tree(head, {}, true);
  buffer_ += dialect_ == Dialect::gedcom551 ? kMinimalHeader551 : kMinimalHeader70;
  return {};
}

Result<void> Writer::record(std::string_view xref, const Structure& structure) { return write_tree(structure, xref, false); }

Result<void> Writer::flush() { return give_out(0); }

Result<void> Writer::finish() {
  buffer_ += "0 TRLR\n";
  return give_out(0);
}

Result<void> Writer::give_out(std::size_t unless_below) {
  if (buffer_.size() < unless_below || buffer_.empty()) return {};
  CHECK_OK(take_(buffer_));
  buffer_.clear();
  return {};
}

Result<void> Writer::write_tree(const Structure& structure, std::string_view xref, bool is_header) {
  if (structure.empty() || structure.dialect() != dialect_)
    return fail(Code::conflict, "gedcom: a structure of another dialect");
  std::vector<std::uint32_t> path{0};  // explicit: the depth is the structure's choice
  bool has_charset = false;
  write_line(structure, 0, 0, xref);
  for (std::uint32_t at = structure.root().first_child; !path.empty();) {
    if (at == kNoNode) {
      at = structure[path.back()].next_sibling;
      if (path.size() == 1) at = kNoNode;
      path.pop_back();
      continue;
    }
    const Node& node = structure[at];
    const auto level = static_cast<unsigned>(path.size());
    if (is_header && level == 1 && node.tag == Tag::CHAR && !is_utf8_name(node.text)) {
      // It spoke of the bytes that came in, as did what hangs below it (the version of ANSEL).
      begin_line(1, "CHAR");
      buffer_ += " UTF-8\n";
      has_charset = true;
      at = node.next_sibling;
      continue;
    }
    has_charset |= level == 1 && node.tag == Tag::CHAR;
    write_line(structure, at, level, {});
    path.push_back(at);
    at = node.first_child;
    CHECK_OK(give_out(kBufferBytes));
  }
  if (is_header && !has_charset && dialect_ == Dialect::gedcom551) buffer_ += "1 CHAR UTF-8\n";
  return give_out(kBufferBytes);
}

void Writer::begin_line(unsigned level, std::string_view tag) {
  if (level >= 10)
    buffer_ += std::to_string(level);
  else
    buffer_ += static_cast<char>('0' + level);
  buffer_ += ' ';
  buffer_ += tag;
}

void Writer::write_line(const Structure& structure, std::uint32_t index, unsigned level, std::string_view xref) {
  const Node& node = structure[index];
  const auto line_start = buffer_.size();
  if (xref.empty()) {
    begin_line(level, structure.tag_name(index));
  } else {
    begin_line(level, "@");
    (buffer_ += xref) += "@ ";
    buffer_ += structure.tag_name(index);
  }
  switch (node.kind) {
    case PayloadKind::none: break;
    case PayloadKind::text: return write_text(node.text, level, node.tag == Tag::DATE || node.tag == Tag::SDATE, line_start);
    case PayloadKind::record: {
      const auto target = node.target.value().is_zero() ? std::string_view{} : xref_of_(node.target);
      ((buffer_ += " @") += target.empty() ? std::string_view{"VOID"} : target) += '@';
      break;
    }
    case PayloadKind::dangling: ((buffer_ += " @") += node.text) += '@'; break;
  }
  buffer_ += '\n';
}

// ---------------------------------------------------------------- text

/// Line by line; the tag is written already. What no line can hold is taken out here: NUL goes, CR and CRLF are line breaks.
void Writer::write_text(std::string_view text, unsigned level, bool is_date, std::size_t line_start) {
  if (text.find_first_of(std::string_view{"\0\r", 2}) != std::string_view::npos) {
    normalized_.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\r')
        normalized_ += text.substr(i + 1).starts_with('\n') ? "" : "\n";
      else if (text[i] != '\0')
        normalized_ += text[i];
    }
    text = normalized_;
  }
  // "1 NOTE " has an empty text and "1 NOTE" none; before CONT they are the same, and the shorter one is written.
  auto end = text.find('\n');
  if (const auto first = text.substr(0, end); !first.empty() || end == std::string_view::npos) {
    buffer_ += ' ';
    write_segment(escaped(first, is_date), level, line_start);
  }
  buffer_ += '\n';
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find('\n');
    const auto cont_start = buffer_.size();
    begin_line(level + 1, "CONT");
    if (const auto segment = text.substr(0, end); !segment.empty()) {
      buffer_ += ' ';
      write_segment(escaped(segment, is_date), level, cont_start);
    }
    buffer_ += '\n';
  }
}

/// 5.5.1: every @ is doubled, but not those of an escape sequence in a date (@#DJULIAN@). 7.0: only a leading one.
std::string_view Writer::escaped(std::string_view segment, bool is_date) {
  if (segment.find('@') == std::string_view::npos) return segment;
  escaped_.clear();
  if (dialect_ == Dialect::gedcom70) {
    if (segment.front() != '@') return segment;
    return (escaped_ += '@') += segment;
  }
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const auto close = segment[i] == '@' ? segment.find('@', i + 1) : std::string_view::npos;
    if (is_date && close != std::string_view::npos && segment[i + 1] == '#') {
      escaped_ += segment.substr(i, close + 1 - i);
      i = close;
    } else {
      escaped_ += segment[i];
      if (segment[i] == '@') escaped_ += '@';
    }
  }
  return escaped_;
}

/// Writes one line of a text, in 5.5.1 with CONC where it is too long. `level`: of the line that is continued.
void Writer::write_segment(std::string_view segment, unsigned level, std::size_t line_start) {
  if (dialect_ == Dialect::gedcom70) {
    buffer_ += segment;
    return;
  }
  for (;;) {
    const auto used = std::min(buffer_.size() - line_start + 1, kLineCharsMax);  // with the line's end
    const auto room = kLineCharsMax - used;
    const auto bytes = segment.size() <= room ? segment.size() : piece_of(segment, room);
    buffer_ += segment.substr(0, bytes);
    segment.remove_prefix(bytes);
    if (segment.empty()) return;
    buffer_ += '\n';
    line_start = buffer_.size();
    begin_line(level + 1, "CONC");
    buffer_ += ' ';
  }
}

}  // namespace tablinum::tree::gedcom
