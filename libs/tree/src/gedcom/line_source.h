#pragma once
/// Lines of UTF-8 out of chunks of bytes in any character set.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/tree/gedcom/charset.h"
#include "tablinum/tree/gedcom/line.h"

namespace tablinum::tree::gedcom {

/// A line as text, and what its bytes had that text cannot have.
struct TextLine : Line {
  bool damaged = false;     ///< bytes that are not of the character set
  bool mark_alone = false;  ///< ANSEL
  bool nul_removed = false;
};

/// Decodes line by line, so that damage has a line; UTF-16 before the lines, since its line ends are characters.
class LineSource {
 public:
  /// @error unsupported: a character set that is not known.
  static Result<LineSource> make(const CharsetDetection& charset);

  void feed(ByteView chunk);
  void finish();
  bool next(TextLine& line);
  /// As LineReader's; empty where damage has to be told of line by line.
  std::string_view rest() const noexcept {
    const bool pairs_oddly = manner() != LineEnd::lf && manner() != LineEnd::crlf;
    return pairs_oddly || damage_at_ < damage_.size() ? std::string_view{} : lines_.rest();
  }
  void passed(std::size_t bytes, std::uint64_t lines) noexcept { lines_.passed(bytes, lines); }
  std::uint64_t lines() const noexcept { return lines_.lines(); }
  bool is_utf8() const noexcept { return is_utf8_; }
  LineEnd manner() const noexcept { return lines_.manner(); }

 private:
  LineSource() = default;
  void feed_utf16();
  bool has_damage_before(std::uint64_t end);

  LineReader lines_;
  std::optional<LineDecoder> decoder_;
  std::optional<Utf16Decoder> utf16_;
  bool is_utf8_ = false;
  unsigned bom_left_ = 0;
  std::string wide_;                   // UTF-16's chunk as UTF-8
  std::uint64_t wide_offset_ = 0;      // of wide_ in the UTF-8 stream
  std::vector<std::uint64_t> damage_;  // offsets in the UTF-8 stream, ascending
  std::size_t damage_at_ = 0;
  std::vector<std::size_t> damage_now_;
  std::string without_nul_;
};

}  // namespace tablinum::tree::gedcom
