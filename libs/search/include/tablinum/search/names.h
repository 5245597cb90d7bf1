#pragma once
/// Words of names and texts as every search engine indexes them, and the keys by which names are sorted.
///
/// A document has three columns:
///   name  what the record is called, as written; then, where they differ from that, its folded and Latinised words
///   alt   codes that only other codes meet: `_d` Daitch–Mokotoff and `_l` of a surname's words, `_g` of a given name's words,
///         `_m` Double Metaphone, `_n` nickname class, `_s` root of a gendered surname, `_b` Shona/Ndebele key
///   body  notes, places, occupations, titles: as `name`
/// "As written" comes first so that a page can show and highlight it; displayed_parts() takes it out again.
/// Sources: UAX #29 (word break), UAX #15 (NFKC_Casefold), design archive.md §7.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tablinum::search {

inline constexpr std::size_t kWordBytesMax = 64;            ///< longer words are cut (at a code point): DNA, URLs, hostile input
inline constexpr std::size_t kNameBytesMax = 1024;          ///< of one name part; the rest is not indexed
inline constexpr std::size_t kBodyBytesMax = 256 * 1024;    ///< of all body texts of one record together
inline constexpr std::size_t kNamesMax = 64;                ///< names of one record
inline constexpr std::size_t kTokenCacheEntriesMax = 65'536;

/// Languages whose spelling rules differ; `other` gets the rules that are safe for all.
enum class Language : std::uint8_t { other, shona, ndebele };
/// From a BCP 47 tag ("sn", "nd-ZW", "nr"); empty or unknown: other.
Language language_of(std::string_view tag) noexcept;

/// One name of a person in pieces; any may be empty. `full` is what is shown ("Tendai Moyo"); if empty it is put together.
struct PersonName {
  std::string_view full{};
  std::string_view given{};
  std::string_view surname_prefix{};
  std::string_view surname{};
  std::string_view nickname{};
  Language language = Language::other;
};

/// What is to be found of a record. A document must hold only what everybody may see who may see the record at all.
struct DocumentSource {
  std::span<const PersonName> names{};       ///< persons: the preferred name first
  std::string_view title{};                  ///< other records: source title, place name, file name
  std::span<const std::string_view> body{};  ///< one entry a note, place, occupation, …
};

/// The text of the three columns.
struct Document {
  std::string name;
  std::string alt;
  std::string body;
  bool empty() const noexcept { return name.empty() && alt.empty() && body.empty(); }
  friend bool operator==(const Document&, const Document&) = default;
};

/// The parts of a column as they were written, without the tokens that follow them.
std::vector<std::string_view> displayed_parts(std::string_view column);

/// Makes tokens. Remembers the codes of words it has seen, since names repeat (about 1 µs a person with known names).
/// @note One object a thread.
class Tokenizer {
 public:
  Tokenizer();
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  /// Fills `out` (its buffers are reused).
  void document(const DocumentSource& source, Document& out);

  /// Words of any text in order, folded (NFKC case fold): words with apostrophes or hyphens in parts, Chinese, Japanese and Korean
  /// script in single characters; then the joined forms and the pairs of characters. Views are valid until the next call.
  std::span<const std::string_view> words(std::string_view text);

  /// The folded word in ASCII letters where that is possible, else in what is left of it; empty if nothing is.
  std::string latin(std::string_view folded);

  /// Other plain spellings of a folded word: Latin letters without marks ("muller"), German and Nordic two-letter forms ("mueller").
  struct Spelling {
    std::string text;
    enum Kind : std::uint8_t { fold, translit } kind;  ///< fold: only marks were dropped
  };
  std::vector<Spelling> spellings(std::string_view folded);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The document of a place: found by its name and, with less weight, by the places around it (innermost first).
void place_document(Tokenizer& tokenizer, std::string_view name, std::span<const std::string_view> around, Document& out);

/// NFKC case fold of a whole text; ASCII takes a short way. Invalid UTF-8 becomes U+FFFD.
std::string fold(std::string_view text);

/// Key by which people are sorted: Latinised "surname␟given" (U+001F sorts before every letter, so "Li" precedes "Lina"); a missing
/// surname sorts last ("~"). Byte order is the order. The key of a typed beginning is a prefix of the keys it should find.
std::string sort_key(std::string_view surname_prefix, std::string_view surname, std::string_view given);
inline constexpr char kSortKeySeparator = '\x1f';
inline constexpr char kNoSurname = '~';

}  // namespace tablinum::search
