#pragma once
/// What a line is to the file: where records begin. The survey and the reader must agree on it, so it stands here once.
#include "tablinum/tree/gedcom/line.h"
#include "tablinum/tree/tags.h"

namespace tablinum::tree::gedcom {

enum class LineRole : std::uint8_t {
  blank,
  before_records,  ///< nothing to hang it on yet
  header,          ///< first line of the first header
  record,          ///< first line of a record
  trailer,
  content,  ///< belongs to a record that has begun
  after_trailer,
};

class LineRoles {
 public:
  LineRole role_of(const LineFields& fields) noexcept;
  bool in_record() const noexcept { return open_; }
  bool header_seen() const noexcept { return header_seen_; }

 private:
  LineRole first_line_of(const LineFields& fields) noexcept;

  bool open_ = false;  // a header or record has begun and no trailer came after it
  bool header_seen_ = false;
  bool trailer_seen_ = false;
};

/// INDI, FAM, SOUR, REPO, OBJE, NOTE, SNOTE, SUBM, SUBN.
bool is_record_tag(Tag tag) noexcept;
inline bool is_record_tag(std::string_view tag) noexcept { return is_record_tag(tag_of(tag)); }
inline bool is_continuation(std::string_view tag) noexcept { return tag == "CONT" || tag == "CONC"; }

}  // namespace tablinum::tree::gedcom
