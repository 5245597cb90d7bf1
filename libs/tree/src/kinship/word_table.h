#pragma once
/// The form of a language's table of relation words.
///
/// A pattern is read from left to right over kin types, first rule first:
///   P F M    parent, father, mother        Q  step-parent      U  guardian
///   C S D    child, son, daughter          K  step-child       V  ward
///   G B Z    sibling, brother, sister      J  step-sibling     g  half-sibling of either sex
///   E H W    spouse, husband, wife
/// P F M C S D G B Z stand for blood, adoptive and foster kin alike; G B Z for half-siblings too, where no rule before said
/// more. `e` or `y` before a letter asks for an elder or younger sibling, `+` after it means one or more, `*` none or more.
/// "m:" or "f:" at the beginning asks for a man or woman as the person from whom the relation is told.
///
/// In a word, {great} stands for as many "great" as the last `+` or `*` took kin types, {cousin} for the degree and removal of
/// a cousin from the number of parents and children in the pattern, {kin} for the whole of such a word, which depends on both numbers.
#include <span>

#include "tablinum/tree/kinship/words.h"

namespace tablinum::tree::kinship {

struct WordRule {
  std::string_view pattern;
  std::string_view masculine;
  std::string_view feminine;
  std::string_view neutral;
};

struct WordTable {
  Language language;
  std::span<const WordRule> rules;
  std::string_view self;
  std::string_view composition;                ///< {x} the nearer person's word, {y} the word from there
  std::string_view composition_feminine = {};  ///< where the nearer person is a woman; empty: the same
  std::string_view adoptive;                  ///< {w}: a word that leads to an adoptive parent, sibling …
  std::string_view adopted;                   ///< {w}: a word that leads only down
  std::string_view foster;                    ///< {w}
  std::string_view distant;                   ///< {n} kin types, too many for words
  std::string (*great)(std::uint32_t count);  ///< null: no rule needs it
  std::string (*cousin)(std::uint32_t degree, std::uint32_t removed, std::uint32_t couples);  ///< null: no rule needs it
  std::string (*kin)(std::uint32_t up, std::uint32_t down, Sex sex) = nullptr;  ///< null: no rule needs it
  bool vowel_takes_masculine = false;  ///< before a vowel the composition is the masculine one: "son arrière-grand-mère"
};

extern const WordTable kWordsEnglish;
extern const WordTable kWordsGerman;
extern const WordTable kWordsFrench;
extern const WordTable kWordsSpanish;
extern const WordTable kWordsHebrew;
extern const WordTable kWordsShona;
extern const WordTable kWordsNdebele;

}  // namespace tablinum::tree::kinship
