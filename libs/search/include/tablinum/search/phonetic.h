#pragma once
/// Codes that are equal for names that sound or mean alike. All take one folded word in ASCII letters (Tokenizer::latin);
/// other characters are skipped.
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/search/names.h"

namespace tablinum::search {

inline constexpr std::size_t kSoundexDigits = 6;
inline constexpr std::size_t kSoundexBranchesMax = 32;
inline constexpr std::size_t kMetaphoneLength = 4;

/// Daitch–Mokotoff soundex: every code of the word, six digits each, sorted, without repeats; empty for a word without letters.
/// Source: Randy Daitch, Gary Mokotoff: the table published by Avotaynu ("Soundexing and Genealogy").
std::vector<std::string> daitch_mokotoff(std::string_view word);

struct Metaphones {
  std::string primary;
  std::string alternate;  ///< equal to primary if the word has one pronunciation
};
/// Double Metaphone, cut to kMetaphoneLength.  Source: Lawrence Philips, C/C++ Users Journal, June 2000.
Metaphones double_metaphone(std::string_view word);

/// Names of the classes of given names that stand for each other ("elizabeth" for lizzy, betty, …); most names have none, some several
/// (jack: "john", "james"). Table: src/nicknames.inc.
std::vector<std::string_view> nickname_classes(std::string_view given);

/// The masculine form, in one spelling, of a Slavic, Baltic or Greek surname's feminine form or other spelling ("ivanov" of ivanova
/// and ivanoff, "kowalski" of kowalska); empty if the word has none of the endings. Names of one family: equal (root, or word if empty).
std::string surname_root(std::string_view surname);

/// Key under which Shona and Ndebele spellings agree: r = l, sw = sv, zw = zv, without va-, vana-, ba- before a name. Empty if it
/// equals the word, or if the word cannot be one of these languages (closed syllables) and `language` does not say so.
std::string bantu_key(std::string_view word, Language language);

}  // namespace tablinum::search
