#include "tablinum/tree/gedcom/line.h"

#include <algorithm>
#include <cstring>

#include "gedcom/scan.h"

namespace tablinum::tree::gedcom {

namespace {

bool is_control(char c) noexcept { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F; }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// A cut line must not end within a UTF-8 sequence, or the half would be read as other characters.
std::string_view without_half_character(std::string_view text) noexcept {
  for (int i = 0; i < 3 && !text.empty() && (static_cast<std::uint8_t>(text.back()) & 0xC0) == 0x80; ++i) text.remove_suffix(1);
  if (!text.empty() && static_cast<std::uint8_t>(text.back()) >= 0xC0) text.remove_suffix(1);
  return text;
}

}  // namespace

void LineReader::feed(std::string_view chunk) { chunk_ = chunk; }

void LineReader::finish() { finished_ = true; }

void LineReader::carry(const Scan& scan) {
  carried_.append(chunk_.substr(0, std::min(scan.bytes, kLineBytesMax - carried_.size())));
  carried_bytes_ += scan.bytes;
  carried_plain_ &= scan.plain();
  carried_at_ |= scan.has_at;
}

/// Whether the byte after a CR or LF at `after` - 1 is needed and not there yet.
bool LineReader::end_is_decided(char end, std::size_t after) const noexcept {
  if (finished_ || after < chunk_.size()) return true;
  return end == '\n' && manner_ != LineEnd::none && manner_ != LineEnd::lfcr;
}

/// The end that begins at chunk_[at]. LF CR is a pair only in a file whose first line ends so; else each ends a line.
LineEnd LineReader::end_at(std::size_t at) const noexcept {
  const char next = at + 1 < chunk_.size() ? chunk_[at + 1] : '\0';
  if (chunk_[at] == '\r') return next == '\n' ? LineEnd::crlf : LineEnd::cr;
  const bool pairs = manner_ == LineEnd::none || manner_ == LineEnd::lfcr;
  return pairs && next == '\r' ? LineEnd::lfcr : LineEnd::lf;
}

bool LineReader::emit(Line& line, const Scan& scan, std::size_t end_bytes, LineEnd end) {
  const std::uint64_t bytes = carried_bytes_ + scan.bytes;
  if (carried_bytes_ == 0) {
    line.text = chunk_.substr(0, std::min(scan.bytes, kLineBytesMax));
    line.plain = scan.plain();
    line.has_at = scan.has_at;
  } else {
    carry(scan);
    line.text = carried_;
    line.plain = carried_plain_;
    line.has_at = carried_at_;
    carried_given_ = true;
  }
  line.cut = bytes > kLineBytesMax;
  if (line.cut) line.text = without_half_character(line.text);
  line.number = ++lines_;
  line.offset = offset_;
  line.end = end;
  offset_ += bytes + (end == LineEnd::none ? 0 : end == LineEnd::crlf || end == LineEnd::lfcr ? 2 : 1);
  if (manner_ == LineEnd::none) manner_ = end;
  chunk_.remove_prefix(scan.bytes + end_bytes);
  undecided_ = 0;
  return true;
}

bool LineReader::next(Line& line) {
  if (carried_given_) {
    carried_.clear();
    carried_bytes_ = 0;
    carried_plain_ = true;
    carried_at_ = false;
    carried_given_ = false;
  }
  if (undecided_ != 0) {
    if (chunk_.empty() && !finished_) return false;
    const char partner = undecided_ == '\r' ? '\n' : '\r';
    const bool paired = !chunk_.empty() && chunk_.front() == partner;
    const LineEnd single = undecided_ == '\r' ? LineEnd::cr : LineEnd::lf;
    const LineEnd pair = undecided_ == '\r' ? LineEnd::crlf : LineEnd::lfcr;
    return emit(line, Scan{}, paired ? 1 : 0, paired ? pair : single);
  }
  const auto scan = scan_to_end(chunk_);
  if (scan.bytes == chunk_.size()) {
    if (finished_ && carried_bytes_ + scan.bytes > 0) return emit(line, scan, 0, LineEnd::none);
    carry(scan);
    chunk_ = {};
    return false;
  }
  const char end = chunk_[scan.bytes];
  if (!end_is_decided(end, scan.bytes + 1)) {
    carry(scan);
    undecided_ = end;
    chunk_ = {};
    return false;
  }
  const LineEnd kind = end_at(scan.bytes);
  return emit(line, scan, kind == LineEnd::crlf || kind == LineEnd::lfcr ? 2 : 1, kind);
}

// ---------------------------------------------------------------- fields

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr char kControlZ = 0x1A;

/// Walks over one line. Every step is bounded by the line's end.
class FieldCutter {
 public:
  explicit FieldCutter(std::string_view line) : at_{line.data()}, end_{at_ + line.size()} {}

  LineFields run() {
    skip_indent();
    fields_.text = rest();
    if (only_control_z()) {
      fields_.kind = LineFields::Kind::blank;
      return fields_;
    }
    fields_.kind = level();
    if (fields_.kind == LineFields::Kind::line) fields_.kind = after_level();
    return fields_;
  }

 private:
  std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  void skip_indent() noexcept {
    const char* const start = at_;
    for (;;) {
      while (at_ != end_ && is_blank(*at_)) ++at_;
      if (at_ == end_ || !rest().starts_with(kByteOrderMark)) break;
      at_ += kByteOrderMark.size();
    }
    fields_.indented = at_ != start;
  }

  /// Nothing is left but what DOS put at the end of a file.
  bool only_control_z() const noexcept {
    if (at_ != end_ && *at_ != kControlZ) return false;
    return std::ranges::all_of(rest(), [](char c) { return c == kControlZ || is_blank(c); });
  }

  /// Skips the blanks at a place where there should be one.
  void delimiter() noexcept {
    const char* const start = at_;
    while (at_ != end_ && is_blank(*at_)) ++at_;
    if (at_ - start != 1 || *start != ' ') fields_.delimiter_odd = true;
  }

  LineFields::Kind level() noexcept {
    const char* const start = at_;
    unsigned value = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') {
      if (value <= kLevelMax) value = value * 10 + static_cast<unsigned>(*at_ - '0');
      ++at_;
    }
    if (at_ == start) return LineFields::Kind::bare;
    if (at_ != end_ && !is_blank(*at_) && *at_ != '@') return LineFields::Kind::bare;  // "1st", "12.3.1850"
    if (value > kLevelMax + 1) return LineFields::Kind::level_too_high;
    fields_.level = static_cast<std::uint8_t>(value);
    fields_.leading_zeros = *start == '0' && at_ - start > 1;
    if (at_ == end_) return LineFields::Kind::no_tag;
    delimiter();
    return at_ == end_ ? LineFields::Kind::no_tag : LineFields::Kind::line;
  }

  LineFields::Kind after_level() noexcept {
    if (*at_ == '@' && take_xref()) {
      if (at_ == end_) return LineFields::Kind::no_tag;
      delimiter();
      if (at_ == end_) return LineFields::Kind::no_tag;
    }
    const char* const tag = at_;
    while (at_ != end_ && !is_blank(*at_)) ++at_;
    fields_.tag = {tag, static_cast<std::size_t>(at_ - tag)};
    // One deeper than the deepest line is only what continues its text.
    if (fields_.level > kLevelMax && fields_.tag != "CONT" && fields_.tag != "CONC") return LineFields::Kind::level_too_high;
    if (at_ != end_) {
      fields_.has_payload = true;
      fields_.delimiter_odd |= *at_ == '\t';
      ++at_;
      fields_.payload = rest();
    }
    return LineFields::Kind::line;
  }

  /// An identifier may have blanks inside (some programs write "@I 12@"), so it goes to the next @.
  bool take_xref() noexcept {
    const auto window = rest().substr(1, kXrefBytesMax + 1);
    const auto close = window.find('@');
    if (close == std::string_view::npos) return false;
    auto name = window.substr(0, close);
    while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    if (name.empty() || name.front() == '#' || std::ranges::any_of(name, is_control)) return false;
    fields_.has_xref = true;
    fields_.xref = name;
    at_ += close + 2;
    return true;
  }

  const char* at_;
  const char* end_;
  LineFields fields_;
};

}  // namespace

LineFields fields_of(std::string_view line) noexcept { return FieldCutter{line}.run(); }

bool is_pointer(std::string_view payload, std::string_view& xref) noexcept {
  while (!payload.empty() && is_blank(payload.back())) payload.remove_suffix(1);
  if (payload.size() < 3 || payload.size() > kXrefBytesMax + 2 || payload.front() != '@' || payload.back() != '@') return false;
  if (payload[1] == '#') return false;
  const auto inner = payload.substr(1, payload.size() - 2);
  if (inner.find('@') != std::string_view::npos || std::ranges::all_of(inner, is_blank)) return false;
  if (std::ranges::any_of(inner, is_control)) return false;
  xref = inner;
  return true;
}

}  // namespace tablinum::tree::gedcom
