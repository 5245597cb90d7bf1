// Which character set a file is in (the table of docs/gedcom.md, first row that applies).
#include <algorithm>
#include <array>

#include "gedcom/score.h"
#include "gedcom/text.h"
#include "tablinum/tree/gedcom/charset.h"
#include "tablinum/tree/gedcom/finding.h"
#include "tablinum/tree/gedcom/line.h"

namespace tablinum::tree::gedcom {
namespace {

constexpr std::size_t kPrefixBytes = std::size_t{16} << 10;  // where CHAR is looked for in a UTF-16 file
constexpr std::size_t kSampleBytes = std::size_t{64} << 10;
constexpr std::size_t kSampleLineBytesMax = 4096;  // one long line must not be the whole sample
constexpr unsigned kUtf8PerMille = 995;
constexpr unsigned kAnselPerMille = 950;
constexpr std::size_t kAlternativeLines = 3;

bool starts_with(std::string_view text, std::initializer_list<int> bytes) noexcept {
  return text.size() >= bytes.size() && std::ranges::equal(bytes, text.substr(0, bytes.size()), [](int want, char have) {
           return want == static_cast<std::uint8_t>(have);
         });
}

/// U+FEFF or a blank or line end at text[0…1], in the given byte order.
bool is_utf16_blank(std::string_view text, bool big_endian) noexcept {
  const auto first = static_cast<std::uint8_t>(text[0]), second = static_cast<std::uint8_t>(text[1]);
  const unsigned unit = big_endian ? first << 8u | second : second << 8u | first;
  return unit == 0xFEFF || unit == ' ' || unit == '\t' || unit == '\r' || unit == '\n';
}

/// A digit zero in UTF-16 after blanks: what a GEDCOM file begins with.
bool begins_as_utf16(std::string_view text, bool big_endian) noexcept {
  while (text.size() >= 4 && is_utf16_blank(text, big_endian)) text.remove_prefix(2);
  return big_endian ? starts_with(text, {0x00, '0'}) : starts_with(text, {'0', 0x00});
}

/// What the header says; its first level-0 line to the next one.
struct HeaderHints {
  std::string charset, language, version;
  bool over = false;

  void take(std::string_view line) {
    if (over) return;
    const auto fields = fields_of(line);
    if (fields.kind != LineFields::Kind::line) return;
    if (fields.level == 0 && fields.tag != "HEAD")
      over = true;
    else if (fields.level == 1 && fields.tag == "CHAR")
      charset = fields.payload;
    else if (fields.level == 1 && fields.tag == "LANG")
      language = fields.payload;
    else if (fields.level == 2 && fields.tag == "VERS" && parent_is_gedc_)
      version = fields.payload;
    if (fields.level <= 1) parent_is_gedc_ = fields.tag == "GEDC";
  }

 private:
  bool parent_is_gedc_ = false;
};

/// Counts over all lines.
struct Counts {
  std::uint64_t high_bytes = 0;
  std::uint64_t utf8_good = 0, utf8_bad = 0;  // sequences; bytes in none
  std::uint64_t ansel_marks = 0, ansel_marks_good = 0;

  void take_utf8(std::string_view line) {
    for (std::size_t i = utf8::ascii_run(line, 0); i < line.size(); i += utf8::ascii_run(line, i)) {
      const unsigned length = utf8::sequence_length(line, i);
      ++(length != 0 ? utf8_good : utf8_bad);
      high_bytes += std::max(length, 1u);
      i += std::max(length, 1u);
    }
  }

  void take_ansel(std::string_view line) {
    const auto is_mark = [](char c) { return static_cast<std::uint8_t>(c) >= 0xE0 && static_cast<std::uint8_t>(c) <= 0xFE; };
    const auto is_letter = [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '\xB8' /* dotless i */;
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!is_mark(line[i])) continue;
      ++ansel_marks;
      if (i + 1 < line.size() && (is_mark(line[i + 1]) || is_letter(line[i + 1]))) ++ansel_marks_good;
    }
  }

  bool nearly_utf8() const noexcept { return utf8_good * 1000 >= (utf8_good + utf8_bad) * kUtf8PerMille; }
  bool nearly_ansel() const noexcept { return ansel_marks_good * 1000 >= ansel_marks * kAnselPerMille; }
};

bool is_ibm_name(Charset kind) noexcept { return kind == Charset::cp437 || kind == Charset::cp850; }

CharsetDetection chosen(CharsetId charset, unsigned bom_bytes = 0) {
  CharsetDetection found;
  found.charset = std::move(charset);
  found.bom_bytes = bom_bytes;
  return found;
}

/// Whether a header that says `declared` tells the truth about bytes in `actual`.
bool agrees(std::string_view declared, const CharsetId& actual) {
  const bool wide = actual.kind == Charset::utf16le || actual.kind == Charset::utf16be;
  if (declared.empty()) return true;
  if (declared == "UNICODE" || declared.starts_with("UTF-16") || declared.starts_with("UTF16")) return wide;
  if (actual.kind == Charset::ascii) return true;  // every other set has ASCII in it
  return charset_from_name(declared) == actual;
}

}  // namespace

struct CharsetDetector::State {
  std::string prefix;
  LineReader lines;
  HeaderHints hints;
  Counts counts;
  std::string sample;  // lines that are not UTF-8, each with LF

  void take_line(std::string_view line) {
    const auto bad_before = counts.utf8_bad;
    counts.take_utf8(line);
    if (counts.utf8_bad == bad_before) return;
    counts.take_ansel(line);
    if (sample.size() >= kSampleBytes) return;
    sample.append(line.substr(0, kSampleLineBytesMax));
    sample += '\n';
  }

  void drain() {
    for (Line line;;) {
      if (hints.over) pass_ascii_lines();
      if (!lines.next(line)) return;
      if (!hints.over) hints.take(line.text);
      if (!line.plain) take_line(line.text);
    }
  }

  /// Lines of ASCII alone say nothing once the header is over.
  void pass_ascii_lines() {
    const auto rest = lines.rest();
    const auto ascii = rest.substr(0, utf8::ascii_run(rest, 0));
    if (const auto end = ascii.find_last_of("\r\n"); end != std::string_view::npos) lines.passed(end + 1, 0);
  }

  std::optional<CharsetDetection> by_mark() const;
  CharsetDetection utf16(bool big_endian, unsigned bom_bytes) const;
  CharsetDetection by_bytes() const;
  CharsetDetection by_header() const;
  CharsetDetection by_score(std::span<const Charset> candidates) const;
};

CharsetDetector::CharsetDetector() : state_{std::make_unique<State>()} {}
CharsetDetector::~CharsetDetector() = default;
CharsetDetector::CharsetDetector(CharsetDetector&&) noexcept = default;

void CharsetDetector::feed(ByteView chunk) {
  auto& prefix = state_->prefix;
  const auto text = text_of(chunk);
  if (prefix.size() < kPrefixBytes) prefix.append(text.substr(0, kPrefixBytes - prefix.size()));
  state_->lines.feed(text);
  state_->drain();
}

CharsetDetection CharsetDetector::State::utf16(bool big_endian, unsigned bom_bytes) const {
  auto found = chosen({big_endian ? Charset::utf16be : Charset::utf16le, {}}, bom_bytes);
  std::string text;
  std::vector<std::size_t> damage;
  Utf16Decoder{big_endian}.decode(bytes_of(std::string_view{prefix}.substr(bom_bytes)), text, damage);
  LineReader reader;
  reader.feed(text);
  HeaderHints wide_hints;
  for (Line line; reader.next(line);) wide_hints.take(line.text);
  found.declared = wide_hints.charset;
  return found;
}

std::optional<CharsetDetection> CharsetDetector::State::by_mark() const {
  if (starts_with(prefix, {0xFF, 0xFE})) return utf16(false, 2);
  if (starts_with(prefix, {0xFE, 0xFF})) return utf16(true, 2);
  if (begins_as_utf16(prefix, false)) return utf16(false, 0);
  if (begins_as_utf16(prefix, true)) return utf16(true, 0);
  if (!starts_with(prefix, {0xEF, 0xBB, 0xBF})) return std::nullopt;
  if (counts.utf8_bad == 0) return chosen({Charset::utf8, {}}, 3);
  auto found = by_bytes();
  found.bom_bytes = 3;
  found.bom_wrong = true;
  return found;
}

CharsetDetection CharsetDetector::State::by_bytes() const {
  if (counts.high_bytes == 0) return chosen({Charset::ascii, {}});
  if (counts.nearly_utf8()) return chosen({Charset::utf8, {}});
  return by_header();
}

CharsetDetection CharsetDetector::State::by_header() const {
  static constexpr Charset kAll[] = {Charset::ansel, Charset::cp1252, Charset::cp437, Charset::cp850, Charset::mac_roman};
  static constexpr Charset kIbm[] = {Charset::cp437, Charset::cp850};
  const auto declared = charset_from_name(hints.charset);
  const bool says_ansel = declared ? declared->kind == Charset::ansel : hints.charset.empty() && hints.version == "5.5";
  if (says_ansel && counts.nearly_ansel()) return chosen({Charset::ansel, {}});
  if (!declared || says_ansel) return by_score(kAll);
  switch (declared->kind) {
    case Charset::cp1252:
    case Charset::mac_roman:
    case Charset::named: return chosen(*declared);
    case Charset::cp437:
    case Charset::cp850: return by_score(kIbm);
    default: return by_score(kAll);  // says ASCII, UTF-8 or UTF-16, and is not
  }
}

CharsetDetection CharsetDetector::State::by_score(std::span<const Charset> candidates) const {
  const auto declared = charset_from_name(hints.charset);
  auto ranking = score_charsets(candidates, sample, hints.language, declared ? std::optional{declared->kind} : std::nullopt);
  auto found = chosen({ranking.front().charset, {}});
  found.uncertain =
      is_close(ranking[0].points, ranking[1].points) && !read_alike(ranking[0].charset, ranking[1].charset, sample);
  for (const auto& scored : ranking) {
    const CharsetId id{scored.charset, {}};
    found.alternatives.push_back({id, sample_in(id, sample, kAlternativeLines)});
  }
  return found;
}

CharsetDetection CharsetDetector::finish() {
  State& s = *state_;
  s.lines.finish();
  s.drain();
  auto marked = s.by_mark();
  auto found = marked ? std::move(*marked) : s.by_bytes();
  if (found.declared.empty()) found.declared = s.hints.charset;
  const auto declared = charset_from_name(found.declared);
  found.mismatch = !agrees(found.declared, found.charset);
  // CP437 and CP850 share the names IBMPC, DOS, OEM: the score's choice between them contradicts no header.
  if (declared && is_ibm_name(declared->kind) && is_ibm_name(found.charset.kind)) found.mismatch = false;
  const bool says_unicode = found.declared.empty() || found.declared == "UNICODE" || found.declared.starts_with("UTF");
  found.unknown_name = !says_unicode && !declared;
  return found;
}

}  // namespace tablinum::tree::gedcom
