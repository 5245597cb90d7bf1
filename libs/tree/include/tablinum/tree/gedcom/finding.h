#pragma once
/// What a reader noticed and did: every repair, oddity and loss, with its line. The table of repairs: docs/gedcom.md.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::tree::gedcom {

enum class Severity : std::uint8_t {
  info = 1,  ///< kept as it came; worth a look
  repaired,  ///< read otherwise than written; nothing of the content is gone
  lost,      ///< something of the file is not in the tree (NUL bytes, bytes over a limit)
};

// clang-format off
/// X(code, severity, what happened, remedy). The names are the API's words: append only, never rename.
#define TABLINUM_GEDCOM_FINDINGS(X) \
  X(charset_mismatch, info, "the header names another character set than the bytes show", "Nothing: the bytes were believed.") \
  X(charset_uncertain, info, "the character set could not be told for certain", "Look at names with accents; if they are wrong, import again with another character set.") \
  X(charset_unknown, info, "the header names a character set that is not known", "Look at names with accents; if they are wrong, import again with another character set.") \
  X(byte_order_mark_wrong, repaired, "the file begins as UTF-8 or UTF-16 but is not", "Look at names with accents.") \
  X(utf8_damaged, repaired, "bytes that are not UTF-8 were read as Windows-1252", "Compare the line with the original.") \
  X(utf16_damaged, repaired, "half a UTF-16 character was replaced by U+FFFD", "Compare the line with the original.") \
  X(byte_undefined, repaired, "a byte without meaning in the character set was kept as a control character or replaced by U+FFFD", "Compare the line with the original.") \
  X(ansel_mark_alone, repaired, "an ANSEL accent stands before no letter and was put on a no-break space", "Compare the line with the original.") \
  X(line_blank, info, "empty lines were passed over", "Nothing.") \
  X(line_indented, repaired, "blanks before the level were passed over", "Nothing.") \
  X(line_delimiter, repaired, "a tab or several blanks stand between level, identifier and tag", "Nothing.") \
  X(line_end_stray, repaired, "a carriage return inside a line ended it", "If the text was one line, join it again.") \
  X(line_long, info, "the line is longer than 255 characters", "Nothing: it was read whole.") \
  X(line_cut, lost, "the line is longer than the limit and was cut", "Restore the text from the original file.") \
  X(line_without_level, repaired, "a line without a level was read as a continuation of the text before it", "Check that the text belongs there.") \
  X(line_before_records, repaired, "a line before the first record was passed over", "It is not part of the tree; this report keeps its beginning.") \
  X(line_after_trailer, repaired, "a line after the end mark was passed over", "It is not part of the tree; this report keeps its beginning.") \
  X(nul_removed, lost, "zero bytes were removed", "Nothing, unless the file is damaged elsewhere too.") \
  X(control_character, info, "the line has invisible control characters, which were kept", "Remove them if they are not wanted.") \
  X(level_zeros, repaired, "the level is written with leading zeros", "Nothing.") \
  X(level_too_high, repaired, "a number over 99 is no level: the line was read as text", "Check that the text belongs there.") \
  X(level_skipped, repaired, "the level is more than one deeper than the line it belongs to", "Check what the line belongs to.") \
  X(tag_missing, repaired, "the line has no tag and was read as text", "Check that the text belongs there.") \
  X(tag_unknown, info, "the tag is not in the standard; it is kept as it is", "Nothing.") \
  X(tag_lower_case, info, "the tag has lower-case letters; it is kept and understood as upper case", "Nothing.") \
  X(tag_long, info, "the tag is longer than 31 characters; it is kept", "Nothing.") \
  X(tag_characters, repaired, "characters that a tag cannot have were replaced by _", "Check the tag.") \
  X(header_missing, repaired, "the file has no header; the version was guessed", "Check that dates and names look right.") \
  X(header_late, repaired, "the header does not come first", "Nothing.") \
  X(header_repeated, repaired, "a further header was kept as a _HEAD record", "Nothing.") \
  X(trailer_missing, info, "the file has no end mark: it may be cut off", "Compare the number of records with the program it came from.") \
  X(record_after_trailer, repaired, "a record after the end mark was read all the same", "Nothing.") \
  X(record_without_xref, repaired, "the record has no identifier and was given one", "Nothing.") \
  X(record_below_level_0, repaired, "a record inside another was made a record of its own", "Check the record above it.") \
  X(xref_below_record, repaired, "the identifier of a part of a record was kept as _XREF below it", "Nothing.") \
  X(xref_reserved, repaired, "the identifier VOID is reserved; the record was given another", "Check pointers to it: they point to nothing.") \
  X(xref_repeated_equal, repaired, "the same record stands in the file twice and was taken once", "Nothing.") \
  X(xref_repeated, repaired, "two records share an identifier; the second was given a new one, pointers stay with the first", "Check which of the two each pointer means.") \
  X(xref_folded, repaired, "the pointer differs from the identifier in case or blanks", "Nothing.") \
  X(pointer_blanks, repaired, "blanks after a pointer were removed", "Nothing.") \
  X(pointer_dangling, info, "the pointer points to nothing in the file; it is kept as it is", "Find out which record was meant, or remove the pointer.") \
  X(pointer_wrong_kind, info, "the pointer points to a record of another kind; it is kept but not used", "Correct or remove the pointer.") \
  X(continuation_below_pointer, repaired, "text that continues a pointer was kept as a note below it", "Check the note.") \
  X(continuation_misplaced, repaired, "CONC or CONT stands at a level where it continues nothing; it was joined to the nearest text", "Check the text.") \
  X(continuation_obsolete, repaired, "CONC is not part of GEDCOM 7; the text was joined", "Nothing.") \
  X(at_sign_single, info, "a single @ inside text, where the standard wants two; read as it stands", "Nothing.") \
  X(zip_media_missing, info, "a file that the tree names is not in the archive", "Add the file to the record.") \
  X(zip_name_refused, lost, "an entry of the archive has a name that leads outside or collides, and was left out", "Pack the files again with plain relative names.") \
  X(date_invalid, info, "the date is not one that is understood; it is kept as it is, and nothing is sorted or found by it", "Write it as GEDCOM does (31 JAN 1870), or in brackets if it is meant as words.") \
  X(date_ambiguous, info, "day and month of the date could be the other way round; it is kept as it is, and nothing is sorted or found by it", "Write the month in letters.")
// clang-format on

enum class FindingCode : std::uint8_t {
#define TABLINUM_FINDING_ENUM(name, ...) name,
  TABLINUM_GEDCOM_FINDINGS(TABLINUM_FINDING_ENUM)
#undef TABLINUM_FINDING_ENUM
      count_
};
inline constexpr std::size_t kFindingCodeCount = static_cast<std::size_t>(FindingCode::count_);

/// The code's name ("level_skipped"), severity, and English words; the pages have their own translations by name.
std::string_view to_string(FindingCode code) noexcept;
std::string_view to_string(Severity severity) noexcept;
Severity severity_of(FindingCode code) noexcept;
std::string_view meaning_of(FindingCode code) noexcept;
std::string_view remedy_of(FindingCode code) noexcept;

struct Finding {
  FindingCode code{};
  std::uint64_t line = 0;        ///< 1-based; 0: about the whole file
  std::uint64_t other_line = 0;  ///< the second line that the finding is about (xref_repeated); 0: none
  std::string excerpt;           ///< of the line, as excerpt() makes it; or the names of character sets
};

inline constexpr std::size_t kFindingsPerCodeMax = 10'000;
inline constexpr std::size_t kFindingsMax = 100'000;
inline constexpr std::size_t kExcerptCharsMax = 80;

/// At most kExcerptCharsMax characters of `text` (UTF-8), the last an ellipsis if it was longer. Control, bidi-control and
/// non-characters and bytes that are not UTF-8 are shown as \u0000 and \x00.
std::string excerpt(std::string_view text);

/// Collects findings: the first kFindingsPerCodeMax of each code, kFindingsMax in all; beyond that they are only counted.
class Findings {
 public:
  void add(FindingCode code, std::uint64_t line, std::string_view text = {}, std::uint64_t other_line = 0);
  std::uint64_t count(FindingCode code) const noexcept { return counts_[static_cast<std::size_t>(code)]; }
  std::uint64_t count(Severity severity) const noexcept;
  std::uint64_t total() const noexcept;
  /// In the order they were added.
  std::span<const Finding> stored() const noexcept { return stored_; }

 private:
  std::array<std::uint64_t, kFindingCodeCount> counts_{};
  std::vector<Finding> stored_;
};

}  // namespace tablinum::tree::gedcom
