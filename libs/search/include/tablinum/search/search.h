#pragma once
/// Search in one tree: matching, ranking, filtering, counting, suggesting. Design: archive.md §7; privacy: §8.
///
/// Everything an answer holds (hits, totals, facets, weights, suggestions) is computed from records the viewer may see; a hidden record
/// changes no byte of it.
///
/// A word first matches as it is written, folded or transliterated. Only if fewer than kEnoughHits visible records match all words so,
/// mistakes, nicknames and sounds are taken in too (Answer::widened says it).
/// Score of a hit = Σ over words idf · field · match / maximum, × date fit, + .02 · log2(1 + links).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/search/query.h"
#include "tablinum/search/tree_index.h"

namespace tablinum::search {

inline constexpr std::size_t kExpansionsMax = 32;     ///< a word
inline constexpr std::size_t kHitsMax = 201;          ///< a page of 200, and one more that tells of a next
inline constexpr std::size_t kWindowMax = 10'000;     ///< offset + limit
inline constexpr std::size_t kEnoughHits = 20;
inline constexpr std::size_t kFacetValues = 10;
inline constexpr std::size_t kSuggestionsMax = 20;
inline constexpr std::size_t kSnippetBytesMax = 240;

/// Who asks. `visible` has bit n (word n / 64, bit n % 64) set if the viewer may see record n; records beyond it are hidden.
/// Without a bitmap the circle decides alone. A place is visible if a record that names it, or a place inside it, is.
struct Viewer {
  Circle circle = Circle::everyone;                          ///< a circle of which the viewer may see every record
  std::optional<std::span<const std::uint64_t>> visible{};
};

enum class Spelling : std::uint8_t { automatic, as_written, wide };  ///< automatic: widen if there are not enough hits
enum class SortBy : std::uint8_t { relevance, name, birth };

struct SearchOptions {
  std::size_t offset = 0;
  std::size_t limit = 20;                   ///< 0: only total and facets
  SortBy sort = SortBy::relevance;
  bool descending = false;                  ///< of name and birth
  std::optional<std::uint32_t> after{};     ///< only what comes after this record, by name or birth; not for relevance. Has no window
  Spelling spelling = Spelling::automatic;
  bool facets = true;
  bool highlights = true;
  bool explain = false;
};

enum class Match : std::uint8_t { exact, fold, translit, prefix, typo1, nickname, phonetic, typo2 };
std::string_view to_string(Match match) noexcept;
enum class Field : std::uint8_t { name, alt, title, place, body };
std::string_view to_string(Field field) noexcept;

/// Why a hit has its score: one entry a word.
struct Reason {
  std::string word;        ///< as asked
  std::string matched;     ///< the token or code it met
  Field field{};
  Match match{};
  double idf = 0;
  double points = 0;       ///< idf · field · match
};
struct Explanation {
  std::vector<Reason> reasons;
  double maximum = 0;      ///< points of a perfect hit
  double date_fit = 1;
  double links = 0;        ///< .02 · log2(1 + links)
};

struct Hit {
  std::uint32_t n = 0;     ///< document: a record's number, make_rid(tree_no, n), or kPlaceDocuments | place
  Kind kind{};
  std::optional<std::uint32_t> place{};  ///< of kind place: the low half of its pid; none where a record tells of a place nobody names
  double score = 0;
  std::string title;       ///< HTML: what the record is called, matches in <mark>…</mark>, everything else escaped
  std::string snippet;     ///< HTML: a piece of the body around the first match; empty if the body has none
  std::optional<Explanation> explanation;
};

struct FacetValue {
  std::string value;       ///< surname or place as shown, "1850" for a decade, "male", "person", "yes"
  std::uint32_t place = kNoPlace;
  std::uint32_t count = 0;
};
struct Facets {
  std::vector<FacetValue> kind, surname, place, decade, sex, living;   ///< most frequent first (decade: in order)
};

struct Answer {
  std::vector<Hit> hits;
  std::uint32_t total = 0;                  ///< exact
  std::optional<std::size_t> next_offset;   ///< nothing: this was the last page (or the window ends)
  Facets facets;
  bool widened = false;
  std::optional<std::string> did_you_mean;  ///< a query with more hits, if nothing matched as written
};

/// The database as one transaction sees it.
struct Snapshot {
  DocumentIndex& documents;
  std::int64_t generation;                  ///< tree.generation, read in the same transaction
};

/// A query without words lists everything the filters allow.
/// @error limit: limit over kHitsMax or offset + limit over kWindowMax.  invalid: `after` where hits come by relevance, or no record
///        of the tree.  io: the database.
/// @note  `index` is TreeIndexPool::get(tree, snapshot.generation); it may be newer by an edit.
Result<Answer> search(const TreeIndex& index, Snapshot snapshot, const Query& query, const Viewer& viewer, const SearchOptions& options);

/// What a word is in people's names. `none`: no part of any, but of a place or a title.
enum class NamePart : std::uint8_t { none, surname, given };

struct Suggestion {
  std::string text;                         ///< plain text to put into the box
  std::optional<std::uint32_t> person;      ///< n, if it is one person
  std::uint32_t count = 0;                  ///< documents that hold the word; 1 for a person
  NamePart part = NamePart::none;           ///< what the word is more often; none for a person
};
/// Completes what is being typed: words by frequency; with a comma or a blank ("moyo, t", "tendai m") people.
/// @error too_large: over kQueryBytesMax.  limit: over kSuggestionsMax.
Result<std::vector<Suggestion>> suggest(const TreeIndex& index, std::string_view typed, const Viewer& viewer, std::size_t limit);

}  // namespace tablinum::search
