#include "gedcom/line_role.h"

#include <algorithm>

namespace tablinum::tree::gedcom {
namespace {

bool equal_in_any_case(std::string_view text, std::string_view upper) noexcept {
  return std::ranges::equal(text, upper, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

}  // namespace

bool is_record_tag(Tag tag) noexcept {
  switch (tag) {
    using enum Tag;
    case INDI:
    case FAM:
    case SOUR:
    case REPO:
    case OBJE:
    case NOTE:
    case SNOTE:
    case SUBM:
    case SUBN: return true;
    default: return false;
  }
}

LineRole LineRoles::first_line_of(const LineFields& fields) noexcept {
  if (equal_in_any_case(fields.tag, "TRLR")) {
    open_ = false;
    trailer_seen_ = true;
    return LineRole::trailer;
  }
  open_ = true;
  if (!header_seen_ && equal_in_any_case(fields.tag, "HEAD")) {
    header_seen_ = true;
    return LineRole::header;
  }
  return LineRole::record;
}

LineRole LineRoles::role_of(const LineFields& fields) noexcept {
  if (fields.kind == LineFields::Kind::blank) return LineRole::blank;
  const LineRole outside = trailer_seen_ ? LineRole::after_trailer : LineRole::before_records;
  if (fields.kind != LineFields::Kind::line || is_continuation(fields.tag)) return open_ ? LineRole::content : outside;
  if (fields.level == 0 || (fields.has_xref && is_record_tag(fields.tag))) return first_line_of(fields);
  if (open_) return LineRole::content;
  // A file may begin below level 0 (a piece of another file); what follows the end mark must look like a record.
  return trailer_seen_ ? LineRole::after_trailer : first_line_of(fields);
}

}  // namespace tablinum::tree::gedcom
