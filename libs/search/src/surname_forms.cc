#include "tablinum/search/phonetic.h"

namespace tablinum::search {
namespace {

/// A feminine (or variant) ending and what the masculine form has in its place. Longest first; the rest must keep kStemMin letters,
/// so that "Nova" or "Eva" are left alone.
struct Ending {
  std::string_view feminine;
  std::string_view masculine;
};
constexpr std::size_t kStemMin = 3;
constexpr Ending kEndings[] = {
    {"opoulou", "opoulos"}, {"iene", "as"},   {"aite", "as"},   {"yte", "as"},    {"skaya", "sky"}, {"skaja", "sky"},
    {"skaia", "sky"},       {"tskaya", "tsky"}, {"cka", "cki"}, {"dzka", "dzki"}, {"ska", "ski"},   {"idou", "idis"},
    {"akou", "akos"},       {"yova", "yov"},  {"ova", "ov"},    {"eva", "ev"},    {"ina", "in"},    {"yna", "yn"}};
/// Spellings of one masculine ending, brought to the first.
constexpr Ending kSpellings[] = {{"skiy", "ski"}, {"skij", "ski"}, {"skyj", "ski"}, {"skyi", "ski"}, {"sky", "ski"},
                                 {"tzki", "cki"}, {"tsky", "cki"}, {"tski", "cki"}, {"off", "ov"},   {"eff", "ev"}};

bool replace_ending(std::string& word, std::span<const Ending> endings) {
  for (const auto& [from, to] : endings) {
    if (!word.ends_with(from) || word.size() < from.size() + kStemMin) continue;
    word.replace(word.size() - from.size(), from.size(), to);
    return true;
  }
  return false;
}

constexpr bool is_vowel(char c) noexcept { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

/// Consonant groups of Shona and Ndebele syllables, as far as names have them.
constexpr std::string_view kOnsets[] = {
    "b",  "bh", "bv", "bw", "c",  "ch", "d",  "dh", "dl", "dz", "dzv", "dy", "f",  "fw", "g",  "gw", "gq", "h",   "hl",  "hw",
    "j",  "k",  "kh", "kw", "l",  "lw", "m",  "mb", "mbw", "mf", "mh", "mp", "mv", "mw", "n",  "nc", "nd", "ndl", "ndw", "ng",
    "ngw", "ngq", "nh", "nhl", "nj", "nk", "nkw", "nq", "ns", "nt", "nw", "nx", "ny", "nyw", "nz", "nzv", "nzw", "p", "ph", "pf", "pw",
    "q",  "qh", "r",  "rw", "s",  "sh", "shw", "sv", "sw", "t",  "th", "ts", "tsh", "tsv", "tsw", "tw", "ty",  "v",   "vh",
    "w",  "x",  "xh", "y",  "z",  "zh", "zv", "zw"};

/// Open syllables only: every consonant group is an onset, and the word ends in a vowel.
bool may_be_bantu(std::string_view word) {
  if (word.size() < 3 || !is_vowel(word.back())) return false;
  for (std::size_t at = 0; at < word.size();) {
    const auto begin = at;
    while (!is_vowel(word[at])) ++at;  // stops at the last letter at the latest
    const auto onset = word.substr(begin, at - begin);
    if (!onset.empty() && std::ranges::find(kOnsets, onset) == std::end(kOnsets)) return false;
    ++at;
  }
  return true;
}

std::string without_class_prefix(std::string_view word) {
  constexpr std::size_t kNameMin = 4;
  for (const auto prefix : {std::string_view{"vana"}, std::string_view{"va"}, std::string_view{"ba"}}) {
    if (word.starts_with(prefix) && word.size() >= prefix.size() + kNameMin) return std::string{word.substr(prefix.size())};
  }
  return std::string{word};
}

}  // namespace

std::string surname_root(std::string_view surname) {
  std::string root{surname};
  const bool feminine = replace_ending(root, kEndings);
  const bool respelled = replace_ending(root, kSpellings);
  return feminine || respelled ? root : std::string{};
}

std::string bantu_key(std::string_view word, Language language) {
  if (language == Language::other && !may_be_bantu(word)) return {};
  auto key = language == Language::other ? std::string{word} : without_class_prefix(word);
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == 'r') key[i] = 'l';
    if (i > 0 && key[i] == 'v' && (key[i - 1] == 's' || key[i - 1] == 'z')) key[i] = 'w';
  }
  return key == word ? std::string{} : key;
}

}  // namespace tablinum::search
