#pragma once
/// Records to the lines of their own version (no conversion): the inverse of reader.h. What is kept: docs/gedcom.md.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tablinum/base/error.h"
#include "tablinum/base/id.h"
#include "tablinum/tree/structure.h"

namespace tablinum::tree::gedcom {

/// GEDCOM 5.5.1, chapter 1: a line has at most 255 characters, its end included. Only a text without any place to cut it
/// (a run of blanks) makes a longer one.
inline constexpr std::size_t kLineCharsMax = 255;

/// The identifier of a record, without @; empty if the record is unknown, which writes the pointer as @VOID@ in 7.0 and as a
/// pointer to nothing (@_<hex id>@) in 5.5.1, so that no pointer silently disappears.
using XrefOf = std::function<std::string_view(const RecordId& id)>;
using TakeText = std::function<Result<void>(std::string_view text)>;

/// Writes UTF-8 with LF line ends, without a byte order mark.
///   Writer writer{Dialect::gedcom551, xref_of, take};  header(head);  record(xref, s)…;  finish();
/// HEAD.CHAR says what the bytes are, so 5.5.1 is always written with CHAR UTF-8, in place of what the header structure has.
/// Structures written must be of the writer's dialect.
class Writer {
 public:
  Writer(Dialect dialect, XrefOf xref_of, TakeText take);
  /// Writes the header; without one (an empty structure) a minimal header of the dialect.
  Result<void> header(const Structure& head);
  /// @param xref  without @; empty: the record is written without one.
  /// @error conflict: a structure of the other dialect.  What the TakeText function returned.
  Result<void> record(std::string_view xref, const Structure& structure);
  /// Writes the trailer and gives out what is buffered.
  Result<void> finish();

 private:
  void write_node(const Structure& structure, std::uint32_t node, unsigned level, std::string_view xref);
  void write_text(const Node& node, unsigned level);
  void write_segment(std::string_view segment, std::size_t column, unsigned level, bool keep_escapes, bool first);
  Result<void> write_tree(const Structure& structure, std::string_view xref);
  void begin_line(unsigned level, std::string_view tag);
  Result<void> give_out(bool all);

  Dialect dialect_;
  XrefOf xref_of_;
  TakeText take_;
  std::string buffer_;
  std::string escaped_;  // scratch
};

}  // namespace tablinum::tree::gedcom
