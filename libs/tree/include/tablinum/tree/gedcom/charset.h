#pragma once
/// Which character set the bytes of a file are in, and turning them into UTF-8. The rules: docs/gedcom.md ("Encodings"),
/// design archive.md §2. The header's CHAR is a hint, never the judge.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/bytes.h"
#include "tablinum/base/error.h"

namespace tablinum::tree::gedcom {

enum class Charset : std::uint8_t { ascii = 1, utf8, utf16le, utf16be, ansel, cp1252, cp437, cp850, mac_roman, named };

/// A character set; `name` is ICU's for Charset::named and empty for the others.
struct CharsetId {
  Charset kind = Charset::utf8;
  std::string name;
  friend bool operator==(const CharsetId&, const CharsetId&) = default;
};
/// "UTF-8", "ANSEL", "windows-1252", …: for people, reports and charset_from_name().
std::string to_string(const CharsetId& charset);
/// Understands the values of HEAD.CHAR, the names of to_string() and ICU's names and aliases of character sets that extend
/// ASCII, in any case. "UNICODE" and "UTF-16" are not answered: the byte order is the bytes' to tell.
std::optional<CharsetId> charset_from_name(std::string_view name);

/// One way to read the file, for the page where a person chooses.
struct CharsetAlternative {
  CharsetId charset;
  std::string sample;  ///< up to three lines with other than ASCII letters, read this way
};

struct CharsetDetection {
  CharsetId charset;
  unsigned bom_bytes = 0;                        ///< to skip at the start of the file
  std::string declared;                          ///< HEAD.CHAR as written; empty if absent
  bool mismatch = false;                         ///< the header names another one (ASCII for UTF-8 and the like do not count)
  bool unknown_name = false;                     ///< the header's name is not known
  bool bom_wrong = false;                        ///< there was a byte order mark and the bytes after it are something else
  bool uncertain = false;                        ///< the best two scores lie within 5 %
  std::vector<CharsetAlternative> alternatives;  ///< best first, the chosen one included; only where a score decided
};

/// Looks at all bytes of a file once. Sans I/O; the result does not depend on how the file is cut into chunks.
/// Memory: at most 128 KiB of sample lines and of header.
class CharsetDetector {
 public:
  CharsetDetector();
  ~CharsetDetector();
  CharsetDetector(CharsetDetector&&) noexcept;
  void feed(ByteView chunk);
  /// To be called once, after the last chunk.
  CharsetDetection finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads one line (or any piece that ends where a character ends) in a character set other than UTF-16.
/// @note Not thread-safe: ICU's converter has state.
class LineDecoder {
 public:
  /// @error unsupported: Charset::named with a name ICU does not have, or UTF-16 (see Utf16Decoder).
  static Result<LineDecoder> make(const CharsetId& charset);
  LineDecoder(LineDecoder&&) noexcept;
  LineDecoder& operator=(LineDecoder&&) noexcept;
  ~LineDecoder();

  struct Decoded {
    std::string_view text;    ///< valid UTF-8; views `bytes` itself where nothing had to change, else valid until the next call
    bool damaged = false;     ///< UTF-8: bytes were read as Windows-1252; others: bytes without meaning
    bool mark_alone = false;  ///< ANSEL: an accent before a blank or the end of the line
  };
  Decoded decode(std::string_view bytes);

 private:
  struct State;
  explicit LineDecoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads a stream of UTF-16. Lone surrogates and an odd last byte become U+FFFD.
class Utf16Decoder {
 public:
  explicit Utf16Decoder(bool big_endian) : big_endian_{big_endian} {}
  /// Appends the UTF-8 of all characters that are complete to `out`; positions in `out` of each U+FFFD put in go to `damage`.
  void decode(ByteView chunk, std::string& out, std::vector<std::size_t>& damage);
  void finish(std::string& out, std::vector<std::size_t>& damage);

 private:
  void unit(char16_t unit, std::string& out, std::vector<std::size_t>& damage);

  bool big_endian_;
  bool has_half_ = false;
  std::uint8_t half_ = 0;  // the first byte of a unit whose second comes in the next chunk
  char16_t high_ = 0;      // a high surrogate that waits for its low one
};

/// ANSEL (ANSI Z39.47 with GEDCOM's additions) to UTF-8 in canonical composition; exposed for its tests.
/// @param mark_alone  set where an accent stands before a blank or the end, @param damaged  at a byte without meaning (U+FFFD).
std::string ansel_to_utf8(std::string_view bytes, bool* mark_alone = nullptr, bool* damaged = nullptr);

}  // namespace tablinum::tree::gedcom
