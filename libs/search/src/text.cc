#include "text.h"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include "tablinum/search/names.h"

namespace tablinum::search {
namespace {

constexpr int kFoldTurnsMax = 4;

enum class CharClass : std::uint8_t { separator, word, joiner, ideograph, unspaced };

constexpr CharClass class_of_ascii(unsigned char c) noexcept {
  if (is_ascii_word(c)) return CharClass::word;
  return c == '\'' || c == '-' ? CharClass::joiner : CharClass::separator;
}

bool is_joiner(UChar32 c) noexcept {
  return c == 0x2018 || c == 0x2019 || c == 0x02BC || c == 0x2010 || c == 0x2011;
}

bool is_ideographic(UScriptCode script) noexcept {
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HANGUL;
}

bool is_unspaced(UScriptCode script) noexcept {
  return script == USCRIPT_THAI || script == USCRIPT_LAO || script == USCRIPT_KHMER || script == USCRIPT_MYANMAR;
}

/// Thai begins here; the scripts before it, Latin to Telugu and Sinhala, all part words by blanks. Saves asking which it is.
constexpr UChar32 kFirstUnspaced = 0x0E00;

CharClass class_of(UChar32 c) noexcept {
  if (c < 0) return CharClass::separator;
  if (c < 0x80) return class_of_ascii(static_cast<unsigned char>(c));
  if (is_joiner(c)) return CharClass::joiner;
  if (!(U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK))) return CharClass::separator;
  if (c < kFirstUnspaced) return CharClass::word;
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(c, &status);
  if (is_ideographic(script)) return CharClass::ideograph;
  return is_unspaced(script) ? CharClass::unspaced : CharClass::word;
}

UChar32 next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto index = static_cast<std::int32_t>(at);
  UChar32 c;
  U8_NEXT(bytes, index, static_cast<std::int32_t>(text.size()), c);
  at = static_cast<std::size_t>(index);
  return c;
}

icu::BreakIterator* word_breaks() {
  thread_local const auto breaks = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::BreakIterator>(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  }();
  return breaks.get();
}

/// Divides text[begin, end), which is of a script without blanks.
void segment_unspaced(std::string_view text, std::size_t begin, std::size_t end, std::vector<Segment>& out) {
  auto* breaks = word_breaks();
  UErrorCode status = U_ZERO_ERROR;
  UText* run = utext_openUTF8(nullptr, text.data() + begin, static_cast<std::int64_t>(end - begin), &status);
  if (breaks) breaks->setText(run, status);
  auto from = static_cast<std::uint32_t>(begin);
  if (breaks && U_SUCCESS(status)) {
    for (auto to = breaks->next(); to != icu::BreakIterator::DONE; to = breaks->next()) {
      const auto next = static_cast<std::uint32_t>(begin) + static_cast<std::uint32_t>(to);
      out.push_back({from, next, SegmentKind::word, false});
      from = next;
    }
  }
  if (from < end) out.push_back({from, static_cast<std::uint32_t>(end), SegmentKind::word, false});
  utext_close(run);
}

const icu::Normalizer2* nfkc_casefold() {
  static const icu::Normalizer2* const normalizer = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(status);
  }();
  return normalizer;
}

std::string lower_ascii(std::string_view text) {
  std::string lower{text};
  for (auto& c : lower) c = ascii_lower(c);
  return lower;
}

/// Every byte that is no part of a character becomes U+FFFD.
std::string with_replacements(std::string_view text) {
  std::string valid;
  for (std::size_t at = 0; at < text.size();) {
    const auto from = at;
    if (next_code_point(text, at) < 0) valid += "\uFFFD";
    else valid.append(text, from, at - from);
  }
  return valid;
}

/// True if something was left out.
bool keep_word_characters(std::string& folded) {
  std::string kept;
  for (std::size_t at = 0; at < folded.size();) {
    const auto from = at;
    const auto kind = class_of(next_code_point(folded, at));
    if (kind != CharClass::separator && kind != CharClass::joiner) kept.append(folded, from, at - from);
  }
  const bool shorter = kept.size() != folded.size();
  folded = std::move(kept);
  return shorter;
}

}  // namespace

void segment(std::string_view text, std::vector<Segment>& out) {
  bool joined = false;       // a joiner follows the segment before
  bool after_word = false;   // the segment before ends here
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto kind = class_of(next_code_point(text, at));
    if (kind == CharClass::separator || kind == CharClass::joiner) {
      joined = kind == CharClass::joiner && after_word;
      after_word = false;
      continue;
    }
    auto end = at;
    while (kind != CharClass::ideograph && at < text.size() && class_of(next_code_point(text, at)) == kind) end = at;
    at = end;
    if (kind == CharClass::unspaced) {
      segment_unspaced(text, begin, end, out);
    } else {
      const auto piece = kind == CharClass::word ? SegmentKind::word : SegmentKind::ideograph;
      out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), piece, joined});
    }
    joined = false;
    after_word = kind == CharClass::word;
  }
}

bool is_ascii(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string fold(std::string_view text) {
  if (is_ascii(text)) return lower_ascii(text);
  // ICU hands broken bytes through: two of them could become a letter when what stood between them is folded away.
  if (!is_valid_utf8(text)) return fold(with_replacements(text));
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  nfkc_casefold()->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
  return folded;
}

std::string fold_word(std::string_view word) {
  if (is_ascii(word)) return lower_ascii(cut_utf8(word, kWordBytesMax));
  // Folding may lengthen a text (U+FDFA becomes 18 letters), so it is cut before and after: before, to bound the work.
  std::string folded = fold(cut_utf8(word, 4 * kWordBytesMax));
  // What stood apart stands together now, and may fold further: a letter and a mark that a character between them kept apart.
  for (int turn = 0; turn < kFoldTurnsMax && keep_word_characters(folded); ++turn) folded = fold(folded);
  folded.resize(cut_utf8(folded, kWordBytesMax).size());
  return folded;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

bool is_valid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (next_code_point(text, at) < 0) return false;
  }
  return true;
}

}  // namespace tablinum::search
