#pragma once
/// Physical lines out of chunks of bytes, and the fields of a line. Sans I/O.
#include <cstdint>
#include <string>
#include <string_view>

namespace tablinum::tree::gedcom {

struct Scan;

/// Bytes of a line that are kept; what lies beyond up to the line's end is dropped (Line::cut).
inline constexpr std::size_t kLineBytesMax = std::size_t{8} << 20;
/// CONC and CONT may stand one deeper, to continue a line of that level.
inline constexpr unsigned kLevelMax = 99;
/// A longer text between @ and @ is no identifier and no pointer.
inline constexpr std::size_t kXrefBytesMax = 255;

enum class LineEnd : std::uint8_t { none, lf, cr, crlf, lfcr };

struct Line {
  std::string_view text;     ///< without its end; views the chunk or the reader, valid until the next call
  std::uint64_t number = 0;  ///< 1-based, blank lines count
  std::uint64_t offset = 0;  ///< of its first byte in the stream
  LineEnd end = LineEnd::none;
  bool cut = false;
  bool plain = true;    ///< only printable ASCII and tabs: the same text in every character set read by lines
  bool has_at = false;  ///< has an @: without one there is no identifier, pointer or escape to look for
};

/// Cuts a stream of bytes in an ASCII-based character set into lines; CR, LF, CRLF and LFCR end a line, also mixed.
///   reader.feed(chunk);  while (reader.next(line)) …;   after the last chunk: reader.finish();  while (reader.next(line)) …
/// The lines do not depend on how the stream is cut into chunks. Memory: one line.
class LineReader {
 public:
  /// `chunk` must stay until next() has returned false.
  void feed(std::string_view chunk);
  /// The stream is over: what is left is a line without an end.
  void finish();
  bool next(Line& line);
  /// For a caller that can tell usual lines faster: what is unread of the chunk, at the beginning of a line; empty while a line
  /// is being put together from two chunks. passed(): the caller has taken so many lines, `bytes` with their ends.
  std::string_view rest() const noexcept { return carried_bytes_ == 0 && undecided_ == 0 ? chunk_ : std::string_view{}; }
  void passed(std::size_t bytes, std::uint64_t lines) noexcept {
    chunk_.remove_prefix(bytes);
    offset_ += bytes;
    lines_ += lines;
  }
  /// Lines given out or passed so far.
  std::uint64_t lines() const noexcept { return lines_; }
  /// How the first line of the stream ended: the file's manner. LineEnd::none before that.
  LineEnd manner() const noexcept { return manner_; }

 private:
  bool emit(Line& line, const Scan& scan, std::size_t end_bytes, LineEnd end);
  bool end_is_decided(char end, std::size_t after) const noexcept;
  LineEnd end_at(std::size_t at) const noexcept;
  void carry(const Scan& scan);

  std::string_view chunk_;
  std::string carried_;              // the beginning of a line that has not ended yet
  std::uint64_t carried_bytes_ = 0;  // its true length: more than carried_.size() if it is cut
  bool carried_plain_ = true;
  bool carried_at_ = false;
  char undecided_ = 0;  // the carried line ended with this CR or LF, and the next byte decides whether it is half of a pair
  bool carried_given_ = false;  // carried_ was handed out and is free at the next call
  bool finished_ = false;
  LineEnd manner_ = LineEnd::none;
  std::uint64_t lines_ = 0;
  std::uint64_t offset_ = 0;  // of the next line
};

/// The parts of a line: level, then perhaps an identifier, then the tag, then perhaps a payload.
struct LineFields {
  enum class Kind : std::uint8_t { blank, bare, level_too_high, no_tag, line };
  Kind kind = Kind::blank;
  std::uint8_t level = 0;
  bool indented = false;       ///< blanks before the level
  bool delimiter_odd = false;  ///< a tab, several blanks or none where one blank belongs
  bool leading_zeros = false;
  bool has_xref = false;
  bool has_payload = false;  ///< a delimiter follows the tag: "1 NOTE " has an empty payload, "1 NOTE" none
  std::string_view xref;     ///< without the @ and blanks around it
  std::string_view tag;
  std::string_view payload;
  std::string_view text;  ///< bare, level_too_high, no_tag: the line without leading blanks
};
LineFields fields_of(std::string_view line) noexcept;

/// True if a payload is a pointer (@…@, not @#…, no other @ inside, at most kXrefBytesMax); blanks after it are allowed. `xref`
/// is then what stands between the @.
bool is_pointer(std::string_view payload, std::string_view& xref) noexcept;

}  // namespace tablinum::tree::gedcom
