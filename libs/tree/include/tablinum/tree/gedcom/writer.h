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
/// (a run of blanks, of @, of combining marks) makes a longer one.
inline constexpr std::size_t kLineCharsMax = 255;

/// The identifier of a record, without @; empty if there is no such record, which writes the pointer as @VOID@.
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
  /// Writes a record.  @param xref  without @; empty: the record is written without one.
  /// @error conflict: a structure of the other dialect, or an empty one.  What the TakeText function returned.
  Result<void> record(std::string_view xref, const Structure& structure);
  /// Gives out what is buffered.
  Result<void> flush();
  /// Writes the trailer and gives out what is buffered.
  Result<void> finish();

 private:
  Result<void> write_tree(const Structure& structure, std::string_view xref, bool is_header);
  void write_line(const Structure& structure, std::uint32_t node, unsigned level, std::string_view xref);
  void write_text(std::string_view text, unsigned level, bool is_date, std::size_t line_start);
  void write_segment(std::string_view segment, unsigned level, std::size_t line_start);
  void begin_line(unsigned level, std::string_view tag);
  std::string_view escaped(std::string_view segment, bool is_date);
  Result<void> give_out(std::size_t unless_below);

  Dialect dialect_;
  XrefOf xref_of_;
  TakeText take_;
  std::string buffer_;
  std::string escaped_;     // scratch
  std::string normalized_;  // scratch
};

}  // namespace tablinum::tree::gedcom
