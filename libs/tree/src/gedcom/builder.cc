#include "gedcom/builder.h"

#include <algorithm>

#include "gedcom/line_role.h"
#include "tablinum/tree/gedcom/reader.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kTagCharsMax = 31;  // GEDCOM 5.5.1, chapter 1
constexpr std::size_t kPointerCharge = 16;
constexpr std::string_view kXrefTag = "_XREF";

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_pointer_kind(PayloadKind kind) noexcept { return kind == PayloadKind::record || kind == PayloadKind::dangling; }

}  // namespace

void StructureBuilder::begin(const LineFields& fields, std::string_view tag, std::uint64_t line) {
  structure_.clear(dialect_);
  path_.clear();
  charge_ = 0;
  owned_nodes_ = 0;
  continued_ = 0;
  last_number_ = 0;
  lines_.clear();
  line_offset_ = line;
  lines_.push_back({0, line});
  open(kNoNode, fields, tag, line);
}

Structure& StructureBuilder::finish() {
  while (!path_.empty()) pop();
  return structure_;
}

void StructureBuilder::add(const LineFields& fields, std::uint64_t line) {
  switch (fields.kind) {
    case LineFields::Kind::blank: return;
    case LineFields::Kind::bare:
      note(FindingCode::line_without_level, line, fields.text);
      return add_bare_text(fields.text, line);
    case LineFields::Kind::level_too_high:
      note(FindingCode::level_too_high, line, fields.text);
      return add_bare_text(fields.text, line);
    case LineFields::Kind::no_tag: note(FindingCode::tag_missing, line, fields.text); return add_bare_text(fields.text, line);
    case LineFields::Kind::line: break;
  }
  if (is_continuation(fields.tag)) return continue_text(fields, line);
  close_down_to(fields.level);
  if (fields.level != path_.back().level + 1) note(FindingCode::level_skipped, line, fields.text);
  open(path_.back().node, fields, fields.tag, line);
}

/// Leaves open what a line of that level hangs below; the record itself always stays.
void StructureBuilder::close_down_to(unsigned level) {
  while (path_.size() > 1 && path_.back().level >= level) pop();
}

void StructureBuilder::open(std::uint32_t parent, const LineFields& fields, std::string_view tag, std::uint64_t line) {
  std::uint32_t node;
  charge_ += kLineCharge;
  const Tag known = tag_of(tag);
  if (std::string_view xref; fields.has_payload && fields.payload.starts_with('@') && is_pointer(fields.payload, xref)) {
    if (fields.payload.back() != '@') note(FindingCode::pointer_blanks, line, fields.text);
    const auto target = (*resolve_)(xref, known, line);
    node = structure_.append(parent, tag, target.kind, xref, target.id);
    charge_ += kPointerCharge + (target.kind == PayloadKind::dangling ? xref.size() : 0);
  } else if (fields.has_payload) {
    const auto text = text_of_payload(fields.payload, line);
    node = structure_.append(parent, tag, PayloadKind::text, text);
    charge_ += text.size();
  } else {
    node = structure_.append(parent, tag);
  }
  if (parent != kNoNode) structure_.set_number(node, next_number(parent, structure_[node].tag));
  note_line(node, line);
  if (known == Tag::literal) check_tag(tag, line);
  push(fields.level, node);
  if (fields.has_xref && parent != kNoNode) {
    structure_.append(room_below(path_.size() - 1), kXrefTag, PayloadKind::text, fields.xref);
    charge_ += kLineCharge + kXrefTag.size() + fields.xref.size();
    note(FindingCode::xref_below_record, line, fields.text);
  }
}

/// Where a node that the file does not have can hang: below the place, or beside it where that is the deepest level.
std::uint32_t StructureBuilder::room_below(std::size_t place) const {
  return path_[std::min<std::size_t>(place, kDepthMax - 1)].node;
}

void StructureBuilder::check_tag(std::string_view tag, std::uint64_t line) {
  charge_ += tag.size();
  if (structure_.tag_name(static_cast<std::uint32_t>(structure_.nodes().size() - 1)) != tag)
    note(FindingCode::tag_characters, line, tag);
  if (tag.size() > kTagCharsMax) note(FindingCode::tag_long, line, tag);
  if (tag.starts_with('_')) return;
  if (tag_of(upper(tag)) != Tag::literal)
    note(FindingCode::tag_lower_case, line, tag);
  else
    note(FindingCode::tag_unknown, line, tag);
}

void StructureBuilder::push(unsigned level, std::uint32_t node) { path_.emplace_back(level, node, false, false); }

// ---------------------------------------------------------------- payloads

/// 5.5.1 doubles every @ of a text, 7.0 only a leading one.
std::string_view StructureBuilder::text_of_payload(std::string_view payload, std::uint64_t line) {
  if (dialect_ == Dialect::gedcom70) {
    if (payload.starts_with("@@")) payload.remove_prefix(1);
    return payload;
  }
  return payload.find('@') == std::string_view::npos ? payload : undoubled(payload, line);
}

std::string_view StructureBuilder::undoubled(std::string_view payload, std::uint64_t line) {
  scratch_.clear();
  bool single = false;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    scratch_ += payload[i];
    if (payload[i] != '@') continue;
    if (payload.substr(i + 1).starts_with('@')) {
      ++i;
    } else if (const auto end = payload.find('@', i + 1);
               payload.substr(i + 1).starts_with('#') && end != std::string_view::npos) {
      scratch_ += payload.substr(i + 1, end - i);  // an escape sequence, as in @#DJULIAN@ 1 JAN 1700
      i = end;
    } else {
      single = true;
    }
  }
  if (single) note(FindingCode::at_sign_single, line, payload);
  return scratch_;
}

// ---------------------------------------------------------------- continued text

/// The place on the path that a CONC or CONT of that level continues.
std::size_t StructureBuilder::continued_place(unsigned level) const noexcept {
  std::size_t parent = path_.size() - 1;
  while (parent > 0 && path_[parent].level >= level) --parent;
  if (parent + 1 == path_.size()) return parent;
  // Something hangs below the parent already. Where the parent has no text of its own, the line before is what was meant:
  // "1 NOTE a" and "1 CONT b" on one level, and text below a pointer that has become a note.
  const auto above = parent + 1;
  const bool parent_has_text = node_at(parent).kind == PayloadKind::text;
  const bool above_has_text = node_at(above).kind == PayloadKind::text;
  return path_[above].pointer_note || (!parent_has_text && above_has_text) ? above : parent;
}

void StructureBuilder::continue_text(const LineFields& fields, std::uint64_t line) {
  const bool is_conc = fields.tag == "CONC";
  if (is_conc && dialect_ == Dialect::gedcom70) note(FindingCode::continuation_obsolete, line, fields.text);
  const auto place = continued_place(fields.level);
  const bool below = path_[place].pointer_note ? fields.level == path_[place].level : fields.level == path_[place].level + 1;
  if (!below || (place + 1 != path_.size() && !is_pointer_kind(node_at(place).kind))) {
    note(FindingCode::continuation_misplaced, line, fields.text);
  }
  join(place, is_conc ? "" : "\n", text_of_payload(fields.payload, line), line);
}

void StructureBuilder::add_bare_text(std::string_view text, std::uint64_t line) {
  join(path_.size() - 1, "\n", text_of_payload(text, line), line);
}

void StructureBuilder::join(std::size_t place, std::string_view separator, std::string_view text, std::uint64_t line) {
  charge_ += separator.size() + text.size();
  const Open at = path_[place];
  if (is_pointer_kind(node_at(place).kind)) {
    note(FindingCode::continuation_below_pointer, line, text);
    while (path_.size() > place + 1) pop();
    const auto parent = room_below(place);
    push(at.level + 1, structure_.append(parent, Tag::NOTE, PayloadKind::text, text, {}, next_number(parent, Tag::NOTE)));
    path_.back().pointer_note = true;
    charge_ += kLineCharge;
    return;
  }
  if (texts_.size() <= place) texts_.resize(place + 1);
  if (!at.continued) texts_[place] = node_at(place).text;
  if (node_at(place).kind == PayloadKind::none) structure_.set_target(at.node, PayloadKind::text, {});
  continued_ += !at.continued;
  path_[place].continued = true;
  texts_[place].append(separator).append(text);
}

}  // namespace tablinum::tree::gedcom
