/// English words for relations. How patterns are read: word_table.h.
#include "kinship/word_table.h"

namespace tablinum::tree::kinship {
namespace {

constexpr WordRule kRules[] = {
    // Ancestors and descendants
    {"P", "father", "mother", "parent"},
    {"PP", "grandfather", "grandmother", "grandparent"},
    {"PPP+", "{great}grandfather", "{great}grandmother", "{great}grandparent"},
    {"C", "son", "daughter", "child"},
    {"CC", "grandson", "granddaughter", "grandchild"},
    {"CCC+", "{great}grandson", "{great}granddaughter", "{great}grandchild"},
    {"U", "guardian", "guardian", "guardian"},
    {"V", "ward", "ward", "ward"},
    // Siblings, their descendants, and the siblings of ancestors; half ones first
    {"g", "half-brother", "half-sister", "half-sibling"},
    {"G", "brother", "sister", "sibling"},
    {"Pg", "half-uncle", "half-aunt", "half-uncle or half-aunt"},
    {"PP+g", "half {great}uncle", "half {great}aunt", "half {great}uncle or aunt"},
    {"PG", "uncle", "aunt", "uncle or aunt"},
    {"PP+G", "{great}uncle", "{great}aunt", "{great}uncle or aunt"},
    {"gC", "half-nephew", "half-niece", "half-nephew or half-niece"},
    {"gCC+", "half {great}nephew", "half {great}niece", "half {great}nephew or niece"},
    {"GC", "nephew", "niece", "nephew or niece"},
    {"GCC+", "{great}nephew", "{great}niece", "{great}nephew or niece"},
    {"P+gC+", "half {cousin}", "half {cousin}", "half {cousin}"},
    {"P+GC+", "{cousin}", "{cousin}", "{cousin}"},
    // By one's own marriage
    {"E", "husband", "wife", "spouse"},
    {"EP", "father-in-law", "mother-in-law", "parent-in-law"},
    {"EPP", "grandfather-in-law", "grandmother-in-law", "grandparent-in-law"},
    {"EPPP+", "{great}grandfather-in-law", "{great}grandmother-in-law", "{great}grandparent-in-law"},
    {"EG", "brother-in-law", "sister-in-law", "sibling-in-law"},
    {"EGE", "brother-in-law", "sister-in-law", "sibling-in-law"},
    {"EPG", "uncle by marriage", "aunt by marriage", "uncle or aunt by marriage"},
    {"EPP+G", "{great}uncle by marriage", "{great}aunt by marriage", "{great}uncle or aunt by marriage"},
    {"EGC", "nephew by marriage", "niece by marriage", "nephew or niece by marriage"},
    {"EGCC+", "{great}nephew by marriage", "{great}niece by marriage", "{great}nephew or niece by marriage"},
    {"EP+GC+", "{cousin} by marriage", "{cousin} by marriage", "{cousin} by marriage"},
    // By a relative's marriage
    {"GE", "brother-in-law", "sister-in-law", "sibling-in-law"},
    {"CE", "son-in-law", "daughter-in-law", "child-in-law"},
    {"CCE", "grandson-in-law", "granddaughter-in-law", "grandchild-in-law"},
    {"CCC+E", "{great}grandson-in-law", "{great}granddaughter-in-law", "{great}grandchild-in-law"},
    {"CEP", "co-father-in-law", "co-mother-in-law", "co-parent-in-law"},
    {"PGE", "uncle by marriage", "aunt by marriage", "uncle or aunt by marriage"},
    {"PP+GE", "{great}uncle by marriage", "{great}aunt by marriage", "{great}uncle or aunt by marriage"},
    {"GCE", "nephew by marriage", "niece by marriage", "nephew or niece by marriage"},
    {"GCC+E", "{great}nephew by marriage", "{great}niece by marriage", "{great}nephew or niece by marriage"},
    {"P+GC+E", "{cousin} by marriage", "{cousin} by marriage", "{cousin} by marriage"},
    // Step kin: a partner's or a parent's family without blood
    {"Q", "stepfather", "stepmother", "step-parent"},
    {"QP", "step-grandfather", "step-grandmother", "step-grandparent"},
    {"QPP+", "step-{great}grandfather", "step-{great}grandmother", "step-{great}grandparent"},
    {"PQ", "step-grandfather", "step-grandmother", "step-grandparent"},
    {"PP+Q", "step-{great}grandfather", "step-{great}grandmother", "step-{great}grandparent"},
    {"QG", "step-uncle", "step-aunt", "step-uncle or step-aunt"},
    {"QGC", "step-cousin", "step-cousin", "step-cousin"},
    {"K", "stepson", "stepdaughter", "stepchild"},
    {"KC", "step-grandson", "step-granddaughter", "step-grandchild"},
    {"KCC+", "step-{great}grandson", "step-{great}granddaughter", "step-{great}grandchild"},
    {"CK", "step-grandson", "step-granddaughter", "step-grandchild"},
    {"CC+K", "step-{great}grandson", "step-{great}granddaughter", "step-{great}grandchild"},
    {"J", "stepbrother", "stepsister", "step-sibling"},
    {"JC", "step-nephew", "step-niece", "step-nephew or step-niece"},
    {"PJ", "step-uncle", "step-aunt", "step-uncle or step-aunt"},
    {"PJC", "step-cousin", "step-cousin", "step-cousin"},
    {"GK", "step-nephew", "step-niece", "step-nephew or step-niece"},
    {"KE", "stepson-in-law", "stepdaughter-in-law", "stepchild-in-law"},
    {"EQ", "stepfather-in-law", "stepmother-in-law", "step-parent-in-law"},
};

std::string great(std::uint32_t count) {
  constexpr std::uint32_t kSpelledMax = 3;  // "great-great-great-"; from there on people count
  if (count > kSpelledMax) return std::to_string(count) + "× great-";
  std::string text;
  for (std::uint32_t i = 0; i < count; ++i) text += "great-";
  return text;
}

std::string ordinal(std::uint32_t n) {
  constexpr std::string_view kWords[] = {"first", "second",  "third",  "fourth", "fifth",
                                         "sixth", "seventh", "eighth", "ninth",  "tenth"};
  if (n >= 1 && n <= std::size(kWords)) return std::string{kWords[n - 1]};
  const bool teens = n % 100 >= 11 && n % 100 <= 13;
  const std::uint32_t last = teens ? 0 : n % 10;
  return std::to_string(n) + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

std::string times(std::uint32_t n) {
  constexpr std::string_view kWords[] = {"once",      "twice",       "three times", "four times", "five times",
                                         "six times", "seven times", "eight times", "nine times", "ten times"};
  return n <= std::size(kWords) ? std::string{kWords[n - 1]} : std::to_string(n) + " times";
}

std::string cousin(std::uint32_t degree, std::uint32_t removed, std::uint32_t couples) {
  constexpr std::string_view kMultiples[] = {"", "", "double ", "triple ", "quadruple "};
  std::string text{kMultiples[std::min<std::size_t>(couples, std::size(kMultiples) - 1)]};
  text += ordinal(degree) + " cousin";
  return removed == 0 ? text : text + " " + times(removed) + " removed";
}

}  // namespace

constinit const WordTable kWordsEnglish{
    .language = {"en", "English", false},
    .rules = kRules,
    .self = "the same person",
    .composition = "{x}'s {y}",
    .adoptive = "adoptive {w}",
    .adopted = "adopted {w}",
    .foster = "foster {w}",
    .distant = "a relation over {n} people",
    .great = great,
    .cousin = cousin,
};

}  // namespace tablinum::tree::kinship
