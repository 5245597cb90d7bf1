#include "gedcom/score.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "gedcom/text.h"
#include "tablinum/tree/gedcom/finding.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr int kFittingLetter = 2, kFrequentLetter = 1, kCaseBreak = -3, kNonsense = -4;
constexpr int kLooseMark = -2;  // an ANSEL mark that made no letter with its base
constexpr int kDeclaredPercent = 10, kMarginPercent = 5;

/// The letters beyond ASCII that a language uses most, by the names GEDCOM 5.5.1 has for HEAD.LANG.
constexpr std::pair<std::string_view, std::u32string_view> kFrequent[] = {
    {"German", U"äöüßÄÖÜ"},
    {"French", U"éèêëàâçîïôùûœÉÈ"},
    {"Spanish", U"áéíóúñüÁÉÍÓÚÑ"},
    {"Portuguese", U"ãõáéíóúâêôçÃÁÉÍÓÚÇ"},
    {"Italian", U"àèéìòùÀÈ"},
    {"Dutch", U"ëïéèüöĳ"},
    {"Swedish", U"åäöéÅÄÖ"},
    {"Danish", U"æøåéÆØÅ"},
    {"Norwegian", U"æøåéÆØÅ"},
    {"Finnish", U"äöåÄÖ"},
    {"Icelandic", U"áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ"},
    {"Catalan", U"àèéíïòóúüçÀÈ"},
    {"English", U"éèçïöüñ"},
};

std::u32string_view frequent_letters(std::string_view language) noexcept {
  const auto row = std::ranges::find(kFrequent, language, &std::pair<std::string_view, std::u32string_view>::first);
  return row == std::end(kFrequent) ? std::u32string_view{} : row->second;
}

bool is_letter(char32_t c) noexcept { return u_isalpha(static_cast<UChar32>(c)) != 0; }
bool is_lower(char32_t c) noexcept { return u_islower(static_cast<UChar32>(c)) != 0; }
bool is_upper(char32_t c) noexcept { return u_isupper(static_cast<UChar32>(c)) != 0; }
bool is_mark(char32_t c) noexcept { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0; }

bool same_script(char32_t a, char32_t b) noexcept {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(a), &error) == uscript_getScript(static_cast<UChar32>(b), &error);
}

bool is_nonsense(char32_t c) noexcept { return c == 0xFFFD || (c >= 0x80 && c <= 0x9F) || (c >= 0x2500 && c <= 0x259F); }

/// Points of one character beyond ASCII between its neighbours (0: none).
int points_of(char32_t before, char32_t c, char32_t after, std::u32string_view frequent) noexcept {
  if (is_nonsense(c)) return kNonsense;
  if (is_mark(c)) return before == 0xA0 ? kNonsense : kLooseMark;
  if (!is_letter(c)) return 0;
  const int bonus = frequent.find(c) != std::u32string_view::npos ? kFrequentLetter : 0;
  const bool follows = is_letter(before), leads = is_letter(after);
  if ((follows && is_lower(before) && is_upper(c)) || (leads && is_lower(c) && is_upper(after))) return kCaseBreak;
  if (!follows && !leads) return bonus;
  const bool fits = same_script(c, follows ? before : after);
  return (fits ? kFittingLetter : 0) + bonus;
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += next_code_point(text, at);
  return out;
}

int points_of(std::u32string_view line, std::u32string_view frequent) {
  int points = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] < 0x80) continue;
    points += points_of(i > 0 ? line[i - 1] : 0, line[i], i + 1 < line.size() ? line[i + 1] : 0, frequent);
  }
  return points;
}

/// Calls f with each line of the sample as it reads in a character set, until f returns false.
template <class F>
void for_each_line(const CharsetId& charset, std::string_view sample, F f) {
  auto decoder = LineDecoder::make(charset);
  if (!decoder) return;
  while (!sample.empty()) {
    const auto end = std::min(sample.find('\n'), sample.size() - 1);
    if (!f(decoder->decode(sample.substr(0, end)).text)) return;
    sample.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<ScoredCharset> score_charsets(std::span<const Charset> candidates, std::string_view sample,
                                          std::string_view language, std::optional<Charset> declared) {
  const auto frequent = frequent_letters(language);
  std::vector<ScoredCharset> ranking;
  for (const Charset candidate : candidates) {
    int points = 0;
    for_each_line({candidate, {}}, sample, [&](std::string_view line) {
      points += points_of(code_points(line), frequent);
      return true;
    });
    if (declared == candidate) points += std::abs(points) * kDeclaredPercent / 100;
    ranking.push_back({candidate, points});
  }
  const auto by_points = [](const ScoredCharset& a, const ScoredCharset& b) { return a.points > b.points; };
  for (std::size_t i = 1; i < ranking.size(); ++i) {  // insertion keeps the order of equal ones
    const auto place =
        std::upper_bound(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(i), ranking[i], by_points);
    std::rotate(place, ranking.begin() + static_cast<std::ptrdiff_t>(i), ranking.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return ranking;
}

bool is_close(int best, int second) noexcept {
  return (best - second) * 100 < std::abs(best) * kMarginPercent || best == second;
}

bool read_alike(Charset a, Charset b, std::string_view sample) {
  std::string texts[2];
  for (int i = 0; i < 2; ++i) {
    for_each_line({i == 0 ? a : b, {}}, sample, [&](std::string_view line) {
      (texts[i] += line) += '\n';
      return true;
    });
  }
  return texts[0] == texts[1];
}

std::string sample_in(const CharsetId& charset, std::string_view sample, std::size_t lines) {
  std::string out;
  for_each_line(charset, sample, [&](std::string_view line) {
    out += excerpt(line);
    out += '\n';
    return --lines > 0;
  });
  return out;
}

}  // namespace tablinum::tree::gedcom
