#include "tablinum/search/phonetic.h"

/// The table gives each letter group three codes: at the beginning of the word, before a vowel, anywhere else; '|' separates alternatives
/// that are all followed. The longest group that fits is taken. A code that repeats the end of the one before it is not written again,
/// except for m beside n.
namespace tablinum::search {
namespace {

struct Rule {
  std::string_view group;
  std::string_view at_start;
  std::string_view before_vowel;
  std::string_view elsewhere;
};

// Grouped by first letter, longest group first.
constexpr Rule kRules[] = {
    {"ai", "0", "1", ""},          {"aj", "0", "1", ""},          {"ay", "0", "1", ""},        {"au", "0", "7", ""},
    {"a", "0", "", ""},            {"b", "7", "7", "7"},          {"chs", "5", "54", "54"},    {"csz", "4", "4", "4"},
    {"czs", "4", "4", "4"},        {"cz", "4", "4", "4"},         {"cs", "4", "4", "4"},       {"ch", "4|5", "4|5", "4|5"},
    {"ck", "5|45", "5|45", "5|45"}, {"c", "4|5", "4|5", "4|5"},   {"drz", "4", "4", "4"},      {"drs", "4", "4", "4"},
    {"dsh", "4", "4", "4"},        {"dsz", "4", "4", "4"},        {"dzh", "4", "4", "4"},      {"dzs", "4", "4", "4"},
    {"ds", "4", "4", "4"},         {"dz", "4", "4", "4"},         {"dt", "3", "3", "3"},       {"d", "3", "3", "3"},
    {"ei", "0", "1", ""},          {"ej", "0", "1", ""},          {"ey", "0", "1", ""},        {"eu", "1", "1", ""},
    {"e", "0", "", ""},            {"fb", "7", "7", "7"},         {"f", "7", "7", "7"},        {"g", "5", "5", "5"},
    {"h", "5", "5", ""},           {"ia", "1", "", ""},           {"ie", "1", "", ""},         {"io", "1", "", ""},
    {"iu", "1", "", ""},           {"i", "0", "", ""},            {"j", "1|4", "|4", "|4"},    {"ks", "5", "54", "54"},
    {"kh", "5", "5", "5"},         {"k", "5", "5", "5"},          {"l", "8", "8", "8"},        {"mn", "66", "66", "66"},
    {"m", "6", "6", "6"},          {"nm", "66", "66", "66"},      {"n", "6", "6", "6"},        {"oi", "0", "1", ""},
    {"oj", "0", "1", ""},          {"oy", "0", "1", ""},          {"o", "0", "", ""},          {"pf", "7", "7", "7"},
    {"ph", "7", "7", "7"},         {"p", "7", "7", "7"},          {"q", "5", "5", "5"},        {"rs", "4|94", "4|94", "4|94"},
    {"rz", "4|94", "4|94", "4|94"}, {"r", "9", "9", "9"},         {"schtsch", "2", "4", "4"},  {"schtsh", "2", "4", "4"},
    {"schtch", "2", "4", "4"},     {"shtch", "2", "4", "4"},      {"shtsh", "2", "4", "4"},    {"stsch", "2", "4", "4"},
    {"shch", "2", "4", "4"},       {"scht", "2", "43", "43"},     {"schd", "2", "43", "43"},   {"stch", "2", "4", "4"},
    {"strz", "2", "4", "4"},       {"strs", "2", "4", "4"},       {"stsh", "2", "4", "4"},     {"szcz", "2", "4", "4"},
    {"szcs", "2", "4", "4"},       {"sch", "4", "4", "4"},        {"sht", "2", "43", "43"},    {"szt", "2", "43", "43"},
    {"shd", "2", "43", "43"},      {"szd", "2", "43", "43"},      {"sh", "4", "4", "4"},       {"sc", "2", "4", "4"},
    {"st", "2", "43", "43"},       {"sd", "2", "43", "43"},       {"sz", "4", "4", "4"},       {"s", "4", "4", "4"},
    {"ttsch", "4", "4", "4"},      {"ttch", "4", "4", "4"},       {"ttsz", "4", "4", "4"},     {"tsch", "4", "4", "4"},
    {"tch", "4", "4", "4"},        {"trz", "4", "4", "4"},        {"trs", "4", "4", "4"},      {"tsh", "4", "4", "4"},
    {"tts", "4", "4", "4"},        {"ttz", "4", "4", "4"},        {"tzs", "4", "4", "4"},      {"tsz", "4", "4", "4"},
    {"th", "3", "3", "3"},         {"ts", "4", "4", "4"},         {"tc", "4", "4", "4"},       {"tz", "4", "4", "4"},
    {"t", "3", "3", "3"},          {"ui", "0", "1", ""},          {"uj", "0", "1", ""},        {"uy", "0", "1", ""},
    {"ue", "0", "1", ""},          {"u", "0", "", ""},            {"v", "7", "7", "7"},        {"w", "7", "7", "7"},
    {"x", "5", "54", "54"},        {"y", "1", "", ""},            {"zhdzh", "2", "4", "4"},    {"zdzh", "2", "4", "4"},
    {"zsch", "4", "4", "4"},       {"zdz", "2", "4", "4"},        {"zhd", "2", "43", "43"},    {"zsh", "4", "4", "4"},
    {"zd", "2", "43", "43"},       {"zh", "4", "4", "4"},         {"zs", "4", "4", "4"},       {"z", "4", "4", "4"}};

/// First rule of each letter; the rules of letter i are kFirst[i] … kFirst[i + 1).
constexpr auto kFirst = [] {
  std::array<std::size_t, 27> first{};
  std::size_t rule = 0;
  for (std::size_t letter = 0; letter < 26; ++letter) {
    first[letter] = rule;
    while (rule < std::size(kRules) && kRules[rule].group.front() == static_cast<char>('a' + letter)) ++rule;
  }
  first[26] = rule;
  return first;
}();
static_assert(kFirst[26] == std::size(kRules), "the rules are in order of their first letters");

constexpr bool is_vowel(char c) noexcept { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

const Rule& rule_for(std::string_view rest) noexcept {
  const auto letter = static_cast<std::size_t>(rest.front() - 'a');
  auto rule = kFirst[letter];
  while (!rest.starts_with(kRules[rule].group)) ++rule;  // the single letter is the last of its rules
  return kRules[rule];
}

struct Branch {
  std::string code;
  std::string_view last;
  friend auto operator<=>(const Branch&, const Branch&) = default;
};

void extend(Branch& branch, std::string_view code, bool always) {
  if (always || branch.last.empty() || !branch.last.ends_with(code)) branch.code += code;
  if (branch.code.size() > kSoundexDigits) branch.code.resize(kSoundexDigits);
  branch.last = code;
}

/// Every branch followed by every alternative in `codes` ("4|94").
std::vector<Branch> follow(const std::vector<Branch>& branches, std::string_view codes, bool always) {
  std::vector<Branch> next;
  for (const auto& branch : branches) {
    for (std::size_t at = 0; at <= codes.size() && next.size() < kSoundexBranchesMax;) {
      const auto end = std::min(codes.find('|', at), codes.size());
      next.push_back(branch);
      extend(next.back(), codes.substr(at, end - at), always);
      at = end + 1;
    }
  }
  std::ranges::sort(next);
  const auto repeats = std::ranges::unique(next);
  next.erase(repeats.begin(), repeats.end());
  return next;
}

std::string letters_of(std::string_view word) {
  std::string letters;
  for (char c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c >= 'a' && c <= 'z') letters += c;
  }
  return letters;
}

std::string_view codes_in_place(const Rule& rule, bool start, bool vowel_follows) noexcept {
  if (start) return rule.at_start;
  return vowel_follows ? rule.before_vowel : rule.elsewhere;
}

}  // namespace

std::vector<std::string> daitch_mokotoff(std::string_view word) {
  const auto letters = letters_of(word);
  if (letters.empty()) return {};
  std::vector<Branch> branches(1);
  char before = 0;
  for (std::size_t at = 0; at < letters.size();) {
    const std::string_view rest = std::string_view{letters}.substr(at);
    const auto& rule = rule_for(rest);
    const bool vowel_follows = rest.size() > rule.group.size() && is_vowel(rest[rule.group.size()]);
    const char c = rest.front();
    const bool m_beside_n = (before == 'm' && c == 'n') || (before == 'n' && c == 'm');
    branches = follow(branches, codes_in_place(rule, at == 0, vowel_follows), m_beside_n);
    before = c;
    at += rule.group.size();
  }
  std::vector<std::string> codes;
  for (auto& branch : branches) {
    branch.code.resize(kSoundexDigits, '0');
    codes.push_back(std::move(branch.code));
  }
  std::ranges::sort(codes);
  const auto repeats = std::ranges::unique(codes);
  codes.erase(repeats.begin(), repeats.end());
  return codes;
}

}  // namespace tablinum::search
