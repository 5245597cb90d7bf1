#pragma once
/// What a person types into the search box, and its exact inverse.
///
///   tendai moyo            words, all must match        mol*            a beginning
///   "rose cottage"         these words in this order    surname:"van der Berg"  given:tendai
///   born:1850..1900  born:1850  died:..1900             place:harare  sex:f  living:no  type:person
/// A colon after any other word is part of the word.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/error.h"

namespace tablinum::search {

inline constexpr std::size_t kQueryBytesMax = 1024;
inline constexpr std::size_t kQueryTermsMax = 16;  ///< words, phrases and text filters together
inline constexpr std::int16_t kYearMin = -9999;
inline constexpr std::int16_t kYearMax = 9999;

/// Kinds of records as a filter and a facet; numbers are the `record.kind` that the archive hands in.
enum class Kind : std::uint8_t { other, person, family, event, place, source, citation, repository, media, note, story };
inline constexpr std::size_t kKinds = 11;
std::string_view to_string(Kind kind) noexcept;
/// Singular or plural, lower case.
std::optional<Kind> kind_of(std::string_view text) noexcept;

enum class Sex : std::uint8_t { unknown, male, female, other };
/// First and last year, both included; a missing end is open.
struct YearRange {
  std::optional<std::int16_t> from;
  std::optional<std::int16_t> to;
  friend bool operator==(const YearRange&, const YearRange&) = default;
};

struct Term {
  std::string text;        ///< as typed, without quotes; never empty
  bool phrase = false;     ///< was quoted: its words stand side by side
  bool beginning = false;  ///< ended in '*', or is the unfinished last word; never together with phrase
  friend bool operator==(const Term&, const Term&) = default;
};

struct Query {
  std::vector<Term> terms;
  std::vector<std::string> surnames;  ///< each must be (part of) a surname
  std::vector<std::string> givens;
  std::vector<std::string> places;
  std::optional<YearRange> born;
  std::optional<YearRange> died;
  std::optional<Sex> sex;
  std::optional<bool> living;
  std::vector<Kind> kinds;            ///< any of them; sorted, without repeats; empty: all
  friend bool operator==(const Query&, const Query&) = default;
};

/// @error too_large: over kQueryBytesMax, as typed or in canonical form.  limit: over kQueryTermsMax terms.
/// @error invalid: not UTF-8, or a filter has a value it does not know ("born:soon"); the detail names it.
Result<Query> parse_query(std::string_view text);

/// The same, for text that is still being typed: a last plain word without a blank after it is a beginning.
Result<Query> parse_typing(std::string_view text);

/// Canonical text: parse_query(print(q)) == q for every q that parse_query gave.
std::string print(const Query& query);

}  // namespace tablinum::search
