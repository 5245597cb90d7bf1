#include "tablinum/search/names.h"

#include <unicode/bytestream.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "document_text.h"
#include "han.h"
#include "sorting.h"
#include "tablinum/search/phonetic.h"
#include "text.h"

namespace tablinum::search {
namespace {

constexpr std::size_t kJoinedPartsMax = 4;

enum class Role : char { given = 'g', surname = 's', surname_prefix = 'p' };

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <class Value>
using CacheOf = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
using Cache = CacheOf<std::string>;

/// Words of one part of a column, each followed by a blank.
struct PartForms {
  std::string folded;  ///< all words, where the index would make others of the text
  std::string latin;   ///< the same in ASCII letters, where they are not
  std::string others;  ///< joined forms, two-letter forms
};
/// Places and occupations repeat; notes, which are longer, do not.
constexpr std::size_t kRememberedPartBytesMax = 192;

/// Looks `key` up, else makes and remembers its value. A full cache starts again: names are so repetitive that it refills at once.
template <class Value, class Make>
const Value& cached(CacheOf<Value>& cache, std::string_view key, Make&& make) {
  if (const auto found = cache.find(key); found != cache.end()) return found->second;
  if (cache.size() >= kTokenCacheEntriesMax) cache.clear();
  return cache.emplace(std::string{key}, make()).first->second;
}

/// One a thread: making it parses rules for some fifty milliseconds.  @return null if ICU's data lack them.
const icu::Transliterator* latiniser() {
  thread_local const auto made = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<const icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
  }();
  return made.get();
}

bool is_latin_script(std::string_view word) noexcept {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(word.data());
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(word.size());) {
    UChar32 c;
    U8_NEXT(bytes, at, static_cast<std::int32_t>(word.size()), c);
    UErrorCode status = U_ZERO_ERROR;
    const auto script = c < 0 ? USCRIPT_UNKNOWN : uscript_getScript(c, &status);
    if (script != USCRIPT_LATIN && script != USCRIPT_COMMON && script != USCRIPT_INHERITED) return false;
  }
  return true;
}

/// German and Nordic two-letter forms; "ø" and "å" have no decomposition, "ä ö ü" are one code point after NFKC.
std::string two_letter_form(std::string_view folded) {
  static constexpr std::pair<std::string_view, std::string_view> kForms[] = {
      {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ø", "oe"}, {"å", "aa"}, {"æ", "ae"}, {"œ", "oe"}};
  std::string form;
  for (std::size_t at = 0; at < folded.size();) {
    const auto rest = folded.substr(at);
    const auto* found = std::ranges::find_if(kForms, [&](const auto& pair) { return rest.starts_with(pair.first); });
    if (found == std::end(kForms)) {
      form += folded[at++];
    } else {
      form += found->second;
      at += found->first.size();
    }
  }
  return form;
}

void append_code(std::string& codes, std::string_view prefix, std::string_view code) {
  if (code.empty()) return;
  codes += prefix;
  codes += code;
  codes += ' ';
}

/// In lower case, as all words of the index are.
void append_metaphones(std::string& codes, std::string_view latin) {
  auto sounds = double_metaphone(latin);
  for (auto* code : {&sounds.primary, &sounds.alternate}) std::ranges::transform(*code, code->begin(), ascii_lower);
  append_code(codes, "_m", sounds.primary);
  if (sounds.alternate != sounds.primary) append_code(codes, "_m", sounds.alternate);
}

void append_surname_codes(std::string& codes, std::string_view word, std::string_view latin) {
  append_code(codes, kSurnameCode, word);
  if (latin != word) append_code(codes, kSurnameCode, latin);
  if (latin.size() < kSoundBytesMin) return;
  for (const auto& code : daitch_mokotoff(latin)) append_code(codes, "_d", code);
  append_metaphones(codes, latin);
  append_code(codes, "_s", surname_root(latin));
}

void append_given_codes(std::string& codes, std::string_view word, std::string_view latin) {
  append_code(codes, kGivenCode, word);
  if (latin != word) append_code(codes, kGivenCode, latin);
  if (latin.size() < kSoundBytesMin) return;
  append_metaphones(codes, latin);
  for (const auto name : nickname_classes(latin)) append_code(codes, "_n", name);
}

}  // namespace

Language language_of(std::string_view tag) noexcept {
  const auto primary = tag.substr(0, tag.find_first_of("-_"));
  const auto is = [&](std::string_view code) {
    return std::ranges::equal(primary, code, {}, ascii_lower);
  };
  if (is("sn") || is("sna")) return Language::shona;
  return is("nd") || is("nde") || is("nr") || is("nbl") ? Language::ndebele : Language::other;
}

struct Tokenizer::State {
  Cache latin_of;
  Cache spellings_of;
  Cache codes_of;
  Cache piece_codes;                                  // of whole pieces of names: "Anna Maria" comes again and again
  CacheOf<PartForms> known_parts;
  PartForms long_part;
  std::vector<Segment> segments;
  std::vector<std::string> primary;                   // folded words and ideographs, in order
  std::vector<std::string> extra;                     // joined forms, pairs of ideographs
  std::vector<std::string_view> views;
  std::vector<std::pair<Role, std::string>> coded;    // words of this record whose codes are written
  std::string key;
  std::string tail, tail_others;                      // of the column being written

  std::string make_latin(std::string_view folded);
  const std::string& latin(std::string_view folded);
  void split(std::string_view text);
  void join(std::string_view text, std::size_t first, std::size_t last);
  PartForms make_forms(std::string_view part);
  const PartForms& forms_of(std::string_view part);
  void append_tail(std::string& column);
  std::string make_spellings(std::string_view word);
  const std::string& other_spellings(std::string_view word);
  void append_codes(std::string_view text, Role role, Language language, std::string& alt);
  void append_codes_of_only_name(const PersonName& name, std::string& alt);
  void append_word_codes(std::string_view word, Role role, Language language, std::string& alt);
  void add_missing_words(std::span<const PersonName> names);
  void write(std::span<const std::string_view> parts, std::span<const PersonName> names, std::size_t bytes_max, std::string& column);
};

std::string Tokenizer::State::make_latin(std::string_view folded) {
  std::string ascii;
  if (!append_han_readings(folded, ascii)) {
    const auto* rules = latiniser();
    if (rules == nullptr) return {};
    auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(folded.data(), static_cast<std::int32_t>(folded.size())));
    rules->transliterate(text);
    text.toUTF8String(ascii);
  }
  std::erase_if(ascii, [](char c) { return !is_ascii_word(static_cast<unsigned char>(c)); });
  for (auto& c : ascii) c = ascii_lower(c);
  if (ascii.size() > kWordBytesMax) ascii.resize(kWordBytesMax);
  return ascii;
}

/// @note The reference is valid until the next call: the cache may start again.
const std::string& Tokenizer::State::latin(std::string_view folded) {
  return cached(latin_of, folded, [&] { return make_latin(folded); });
}

/// Adds the joined form of segments first … last, which are separated by apostrophes and hyphens only.
void Tokenizer::State::join(std::string_view text, std::size_t first, std::size_t last) {
  const auto parts = last - first + 1;
  if (parts < 2 || parts > kJoinedPartsMax) return;
  std::string whole;
  for (auto i = first; i <= last; ++i) whole += fold_word(segments[i].of(text));
  // Parts may be marks only, which fold to nothing or with their neighbours.
  if (auto word = fold_word(whole); !word.empty()) extra.push_back(std::move(word));
}

/// Appends the words of `text` to `primary` and `extra`.
void Tokenizer::State::split(std::string_view text) {
  segments.clear();
  segment(text, segments);
  std::size_t chain = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    auto word = fold_word(segments[i].of(text));
    const bool pair = i > 0 && segments[i].kind == SegmentKind::ideograph && segments[i - 1].kind == SegmentKind::ideograph &&
                      segments[i - 1].end == segments[i].begin && !primary.empty();
    if (pair && !word.empty()) extra.push_back(primary.back() + word);
    if (!segments[i].joined) chain = i;
    const bool chain_ends = i + 1 == segments.size() || !segments[i + 1].joined;
    if (chain_ends) join(text, chain, i);
    if (!word.empty()) primary.push_back(std::move(word));
  }
}

std::string Tokenizer::State::make_spellings(std::string_view word) {
  const auto form = two_letter_form(word);
  if (form == word) return {};
  const auto plain = is_ascii(form) ? form : make_latin(form);
  return plain.empty() || plain == latin(word) ? std::string{} : plain + ' ';
}

/// Each followed by a blank.  @note As latin().
const std::string& Tokenizer::State::other_spellings(std::string_view word) {
  static const std::string kNone;
  return is_ascii(word) ? kNone : cached(spellings_of, word, [&] { return make_spellings(word); });
}

/// What the index cannot make of one part itself: see document_text.h.
PartForms Tokenizer::State::make_forms(std::string_view part) {
  primary.clear();
  extra.clear();
  split(part);
  PartForms forms;
  for (const auto& word : extra) (forms.others += word) += ' ';
  for (const auto& word : extra) {
    if (!is_ascii(word)) (forms.others += latin(word)) += ' ';
  }
  for (const auto& word : primary) forms.others += other_spellings(word);
  if (is_plain(part)) return forms;
  for (const auto& word : primary) (forms.folded += word) += ' ';
  if (std::ranges::all_of(primary, is_ascii)) return forms;
  for (const auto& word : primary) (forms.latin += is_ascii(word) ? word : latin(word)) += ' ';
  return forms;
}

/// @note The reference is valid until the next call.
const PartForms& Tokenizer::State::forms_of(std::string_view part) {
  static const PartForms kNone;
  if (is_plain(part) && part.find_first_of("'-") == std::string_view::npos) return kNone;
  if (part.size() > kRememberedPartBytesMax) return long_part = make_forms(part);
  return cached(known_parts, part, [&] { return make_forms(part); });
}

void Tokenizer::State::append_word_codes(std::string_view word, Role role, Language language, std::string& alt) {
  key.assign({static_cast<char>(role), static_cast<char>('0' + static_cast<int>(language))});
  key += word;
  alt += cached(codes_of, key, [&] {
    const std::string plain = is_ascii(word) ? std::string{word} : latin(word);
    std::string codes;
    if (role == Role::surname_prefix) {
      append_code(codes, kSurnameCode, word);
      if (plain != word) append_code(codes, kSurnameCode, plain);
      return codes;
    }
    role == Role::surname ? append_surname_codes(codes, word, plain) : append_given_codes(codes, word, plain);
    append_code(codes, "_b", bantu_key(plain, language));
    return codes;
  });
}

void Tokenizer::State::append_codes(std::string_view text, Role role, Language language, std::string& alt) {
  primary.clear();
  extra.clear();
  split(cut_utf8(text, kNameBytesMax));
  for (const auto* words : {&primary, &extra}) {
    for (auto& word : *words) {
      const auto is_this = [&](const auto& entry) { return entry.first == role && entry.second == word; };
      if (std::ranges::any_of(coded, is_this)) continue;
      append_word_codes(word, role, language, alt);
      coded.emplace_back(role, std::move(word));
    }
  }
}

/// As append_codes() of each piece. What one piece gives depends on the others only where two have the same role.
void Tokenizer::State::append_codes_of_only_name(const PersonName& name, std::string& alt) {
  for (const auto& [text, role] : {std::pair{name.given, Role::given}, std::pair{name.surname_prefix, Role::surname_prefix},
                                   std::pair{name.surname, Role::surname}}) {
    if (text.empty()) continue;
    if (text.size() > kRememberedPartBytesMax) {
      append_codes(text, role, name.language, alt);
      continue;
    }
    std::string piece{static_cast<char>(role), static_cast<char>('0' + static_cast<int>(name.language))};
    piece += text;
    alt += cached(piece_codes, piece, [&] {
      std::string codes;
      append_codes(text, role, name.language, codes);
      return codes;
    });
  }
}

/// Pieces that the shown name does not contain (a nickname, SURN differing from /…/) are found as well.
void Tokenizer::State::add_missing_words(std::span<const PersonName> names) {
  primary.clear();
  extra.clear();
  for (const auto& name : names) {
    if (name.full.empty()) continue;
    for (const auto piece : {name.given, name.surname_prefix, name.surname, name.nickname}) {
      if (!piece.empty() && name.full.find(piece) == std::string_view::npos) split(cut_utf8(piece, kNameBytesMax));
    }
  }
  for (const auto* words : {&primary, &extra}) {
    for (const auto& word : *words) {
      (tail_others += word) += ' ';
      if (!is_ascii(word)) (tail_others += latin(word)) += ' ';
    }
  }
}

void Tokenizer::State::append_tail(std::string& column) {
  if (tail.empty() && tail_others.empty()) return;
  column += kTailMark;
  column += tail;
  column += kBarrier;
  if (tail_others.empty()) return;
  tail_others.pop_back();
  (column += ' ') += tail_others;
}

void Tokenizer::State::write(std::span<const std::string_view> parts, std::span<const PersonName> names, std::size_t bytes_max,
                             std::string& column) {
  column.clear();
  tail.clear();
  tail_others.clear();
  for (const auto whole : parts) {
    const auto part = cut_utf8(whole, std::min(bytes_max, bytes_max - std::min(bytes_max, column.size())));
    if (part.empty()) continue;
    append_part(column, part);
    const auto& forms = forms_of(part);
    for (const auto* words : {&forms.folded, &forms.latin}) {
      if (!words->empty()) ((tail += kBarrier) += ' ') += *words;
    }
    tail_others += forms.others;
  }
  if (column.empty()) return;
  add_missing_words(names);
  append_tail(column);
}

Tokenizer::Tokenizer() : state_{std::make_unique<State>()} {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

namespace {

/// "Tendai van der Moyo" from the pieces.
std::string composed(const PersonName& name) {
  std::string full;
  for (const auto piece : {name.given, name.surname_prefix, name.surname}) {
    if (piece.empty()) continue;
    if (!full.empty()) full += ' ';
    full += piece;
  }
  return full.empty() ? std::string{name.nickname} : full;
}

}  // namespace

void Tokenizer::document(const DocumentSource& source, Document& out) {
  auto& state = *state_;
  const auto names = source.names.first(std::min(source.names.size(), kNamesMax));
  std::vector<std::string> made(names.size());
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].full.empty()) made[i] = composed(names[i]);
    parts.push_back(cut_utf8(names[i].full.empty() ? std::string_view{made[i]} : names[i].full, kNameBytesMax));
  }
  if (!source.title.empty()) parts.push_back(cut_utf8(source.title, kNameBytesMax));
  state.write(parts, names, kNamesMax * kNameBytesMax, out.name);

  out.alt.clear();
  state.coded.clear();
  const bool only_name = names.size() == 1 && names[0].nickname.empty() && !(names[0].given.empty() && names[0].surname.empty());
  if (only_name) state.append_codes_of_only_name(names[0], out.alt);
  for (std::size_t i = 0; i < names.size() && !only_name; ++i) {
    const auto& name = names[i];
    const bool whole = name.given.empty() && name.surname.empty();
    state.append_codes(whole ? parts[i] : name.given, Role::given, name.language, out.alt);
    state.append_codes(name.nickname, Role::given, name.language, out.alt);
    state.append_codes(name.surname_prefix, Role::surname_prefix, name.language, out.alt);
    state.append_codes(name.surname, Role::surname, name.language, out.alt);
  }
  if (!out.alt.empty()) out.alt.pop_back();
  state.write(source.body, {}, kBodyBytesMax, out.body);
}

void place_document(Tokenizer& tokenizer, std::string_view name, std::span<const std::string_view> around, Document& out) {
  tokenizer.document({.names = {}, .title = name, .body = around}, out);
}

std::span<const std::string_view> Tokenizer::words(std::string_view text) {
  auto& state = *state_;
  state.primary.clear();
  state.extra.clear();
  state.split(text);
  state.views.assign(state.primary.begin(), state.primary.end());
  state.views.insert(state.views.end(), state.extra.begin(), state.extra.end());
  return state.views;
}

std::string Tokenizer::latin(std::string_view folded) {
  return is_ascii(folded) ? std::string{folded} : state_->latin(folded);
}

std::vector<Tokenizer::Spelling> Tokenizer::spellings(std::string_view folded) {
  std::vector<Spelling> result;
  if (is_ascii(folded)) return result;
  auto plain = latin(folded);
  if (!plain.empty() && plain != folded) {
    result.push_back({std::move(plain), is_latin_script(folded) ? Spelling::fold : Spelling::translit});
  }
  std::string others = state_->other_spellings(folded);
  if (others.empty()) return result;
  others.pop_back();
  result.push_back({std::move(others), Spelling::translit});
  return result;
}

namespace {

std::string make_sorting_form(std::string_view text) {
  thread_local Tokenizer tokenizer;
  thread_local std::vector<Segment> segments;
  std::string form;
  segments.clear();
  segment(text, segments);
  for (const auto& piece : segments) {
    const auto word = tokenizer.latin(fold_word(piece.of(text)));
    if (word.empty()) continue;
    if (!form.empty() && !piece.joined) form += ' ';
    form += word;
  }
  return form;
}

}  // namespace

std::string sorting_form(std::string_view text) {
  thread_local Cache forms;
  const auto cut = cut_utf8(text, kNameBytesMax);
  return cached(forms, cut, [&] { return make_sorting_form(cut); });
}

std::string sort_key(std::string_view surname_prefix, std::string_view surname, std::string_view given) {
  auto key = sorting_form(surname_prefix);
  const auto main = sorting_form(surname);
  if (!key.empty() && !main.empty()) key += ' ';
  key += main;
  if (key.empty()) key += kNoSurname;
  key += kSortKeySeparator;
  key += sorting_form(given);
  return key;
}

}  // namespace tablinum::search
