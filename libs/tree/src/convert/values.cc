#include "convert/values.h"

#include <algorithm>
#include <cstdio>

#include "tablinum/tree/gedcom/gedzip.h"
#include "tablinum/tree/model/age.h"
#include "tablinum/tree/model/date.h"

namespace tablinum::tree::convert {
namespace {

using model::DateFinding;
using model::DateKind;

constexpr std::string_view kBlanks = " \t";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string upper_case(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), upper);
  return out;
}
std::string lower_case(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}
std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

struct Pair {
  std::string_view old, current;
};
const Pair* by_old(std::span<const Pair> table, std::string_view word) noexcept {
  const auto wanted = lower_case(word);
  const auto found = std::ranges::find_if(table, [&](const Pair& pair) { return lower_case(pair.old) == wanted; });
  return found == table.end() ? nullptr : &*found;
}
const Pair* by_current(std::span<const Pair> table, std::string_view word) noexcept {
  const auto found = std::ranges::find(table, word, &Pair::current);
  return found == table.end() ? nullptr : &*found;
}

// ---- dates -----------------------------------------------------------------------------------------------------------------

/// 7.0 wants the earlier date first.
std::string ordered_70(model::Date date) {
  if (date.finding == DateFinding::reversed) std::swap(date.first, date.second);
  return model::print_70(date);
}

bool is_period(DateKind kind) noexcept { return kind == DateKind::from || kind == DateKind::to || kind == DateKind::period; }

bool is_exact_day(const model::Date& date) noexcept {
  return date.kind == DateKind::exact && date.first.day != 0 && !date.first.dual && date.first.year > 0 &&
         date.first.calendar == model::Calendar::gregorian;
}

std::optional<Value> date_70(Payload payload, std::string_view text) {
  const auto date = model::parse_date(text);
  if (payload == Payload::date_exact) {
    if (!is_exact_day(date)) return std::nullopt;
    return Value{model::print_70(date)};
  }
  if (trimmed(text).empty()) return Value{std::string{text}};
  if (!date.understood()) return Value{{}, std::string{date.phrase}};
  if (payload == Payload::date_period && !is_period(date.kind)) return Value{{}, std::string{text}};
  Value value{ordered_70(date)};
  if (date.kind == DateKind::interpreted && model::print_551(date) == text)
    value.phrase = std::string{date.phrase};
  else if (model::print_551(date) != text || date.finding == DateFinding::reversed)
    value.phrase = std::string{text};
  return value;
}

std::string plain_date_551(std::string_view text) {
  const auto date = model::parse_date(text);
  return date.understood() ? model::print_551(date) : "(" + std::string{text} + ")";
}

/// The form that says the value and its words and reads back as both.
OldValue date_551(Payload payload, const Value& value) {
  if (payload == Payload::date_exact) return {model::print_551(model::parse_date(value.text))};
  if (!value.phrase) return {value.text.empty() ? std::string{} : plain_date_551(value.text)};
  const auto& words = *value.phrase;
  if (date_70(payload, words) == value && !value.text.empty()) return {words, true};
  if (value.text.empty()) return {"(" + words + ")", true};
  const auto interpreted = "INT " + plain_date_551(value.text) + " (" + words + ")";
  if (date_70(payload, interpreted) == value) return {interpreted, true};
  return {plain_date_551(value.text)};
}

// ---- ages ------------------------------------------------------------------------------------------------------------------

Value age_70(std::string_view text) {
  const auto age = model::parse_age(text);
  if (!age) return text.empty() ? Value{} : Value{{}, std::string{text}};
  Value value{model::to_string(*age)};
  if (value.text != text) value.phrase = std::string{text};
  return value;
}

OldValue age_551(const Value& value) {
  if (value.phrase && age_70(*value.phrase) == value) return {*value.phrase, true};
  auto age = model::parse_age(value.text);
  if (!age || !age->weeks) return {value.text};
  constexpr int kDaysOfWeek = 7;
  age->days = static_cast<std::uint16_t>(age->days.value_or(0) + *age->weeks * kDaysOfWeek);
  age->weeks.reset();
  return {model::to_string(*age)};
}

// ---- enumerations ----------------------------------------------------------------------------------------------------------

/// RELA and ROLE. In 5.5.1 a relation is any word; these are the ones that 7.0's roles are written as.
constexpr Pair kRelations[] = {{"child", "CHIL"},       {"clergy", "CLERGY"},         {"father", "FATH"},   {"friend", "FRIEND"},
                               {"godparent", "GODP"},   {"husband", "HUSB"},          {"mother", "MOTH"},   {"multiple", "MULTIPLE"},
                               {"neighbor", "NGHBR"},   {"officiator", "OFFICIATOR"}, {"parent", "PARENT"}, {"spouse", "SPOU"},
                               {"wife", "WIFE"},        {"witness", "WITN"},          {"other", "OTHER"},   {"neighbour", "NGHBR"},
                               {"godfather", "GODP"},   {"godmother", "GODP"},        {"priest", "CLERGY"}, {"minister", "CLERGY"}};
constexpr std::string_view kRolesCited551[] = {"CHIL", "HUSB", "WIFE", "MOTH", "FATH", "SPOU"};
constexpr std::string_view kCitedParent = "SOUR-EVEN";

bool is_lower_in_551(std::string_view rule) noexcept {
  return rule == "PEDI" || rule == "NAME-TYPE" || rule == "FAMC-STAT" || rule == "MEDI" || rule == "RESN";
}

/// How 5.5.1 writes a word of 7.0.
std::string old_word(std::string_view rule, std::string_view parent, std::string_view word) {
  if (is_lower_in_551(rule)) return lower_case(word);
  if (rule == "SEX" && word == "X") return "U";
  if (word == "DNS_CAN") return "DNS/CAN";
  if (word == "PRE_1970") return "PRE-1970";
  if (rule != "ROLE") return std::string{word};
  if (parent == kCitedParent && std::ranges::find(kRolesCited551, word) != std::end(kRolesCited551)) return std::string{word};
  const Pair* relation = by_current(kRelations, word);
  const std::string name{relation == nullptr ? word : relation->old};
  return parent == kCitedParent ? "(" + name + ")" : name;
}

std::string_view without_brackets(std::string_view text) noexcept {
  const bool bracketed = text.size() >= 2 && text.front() == '(' && text.back() == ')';
  return bracketed ? text.substr(1, text.size() - 2) : text;
}

/// The word of 7.0 that a 5.5.1 text stands for; empty if there is none.
std::string new_word(std::string_view rule, std::string_view text) {
  if (rule == "SEX") {
    const auto letter = text.empty() ? 'U' : upper(text.front());
    return std::string{letter == 'M' || letter == 'F' || letter == 'X' ? letter : 'U'};
  }
  auto word = upper_case(trimmed(text));
  if (rule == "ord-STAT") std::ranges::replace_if(word, [](char c) { return c == '/' || c == '-'; }, '_');
  const auto words = words_of(rule);
  if (std::ranges::find(words, word) != words.end()) return word;
  if (rule != "ROLE") return {};
  const Pair* relation = by_old(kRelations, trimmed(without_brackets(text)));
  return relation == nullptr ? std::string{} : std::string{relation->current};
}

/// The word for "none of these", whose meaning stands in a PHRASE.
std::string_view other_word(std::string_view rule) noexcept {
  if (rule == "SOUR-EVEN") return "EVEN";
  const bool has_other = rule == "MEDI" || rule == "NAME-TYPE" || rule == "PEDI" || rule == "ROLE";
  return has_other ? "OTHER" : "";
}

std::optional<Value> word_70(const Rule& rule, std::string_view parent, std::string_view text) {
  const auto word = new_word(rule.name, text);
  if (!word.empty()) {
    Value value{word};
    if (old_word(rule.name, parent, word) != text && rule.child("PHRASE") != nullptr) value.phrase = std::string{text};
    return value;
  }
  const auto other = other_word(rule.name);
  if (other.empty()) return std::nullopt;
  const bool cited = rule.name == "ROLE" && parent == kCitedParent;
  return Value{std::string{other}, std::string{cited ? without_brackets(text) : text}};
}

OldValue word_551(const Rule& rule, std::string_view parent, const Value& value) {
  if (value.phrase) {
    const bool cited = rule.name == "ROLE" && parent == kCitedParent;
    const auto bracketed = "(" + *value.phrase + ")";
    if (cited && word_70(rule, parent, bracketed) == value) return {bracketed, true};
    if (word_70(rule, parent, *value.phrase) == value) return {*value.phrase, true};
  }
  return {old_word(rule.name, parent, value.text)};
}

std::optional<Value> words_70(const Rule& rule, std::string_view text) {
  Value value;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto word = new_word(rule.name, text.substr(0, end));
    if (word.empty()) return std::nullopt;
    value.text += (value.text.empty() ? "" : ", ") + word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return value;
}

// ---- languages, media types, files -----------------------------------------------------------------------------------------

/// LANGUAGE_ID of 5.5.1, chapter 2, and BCP 47.
constexpr Pair kLanguages[] = {
    {"Afrikaans", "af"},   {"Albanian", "sq"},   {"Amharic", "am"},     {"Anglo-Saxon", "ang"}, {"Arabic", "ar"},     {"Armenian", "hy"},
    {"Assamese", "as"},    {"Belorusian", "be"}, {"Bengali", "bn"},     {"Braj", "bra"},        {"Bulgarian", "bg"},  {"Burmese", "my"},
    {"Cantonese", "yue"},  {"Catalan", "ca"},    {"Catalan_Spn", "ca-ES"}, {"Church-Slavic", "cu"}, {"Czech", "cs"},  {"Danish", "da"},
    {"Dogri", "doi"},      {"Dutch", "nl"},      {"English", "en"},     {"Esperanto", "eo"},    {"Estonian", "et"},   {"Faroese", "fo"},
    {"Finnish", "fi"},     {"French", "fr"},     {"Georgian", "ka"},    {"German", "de"},       {"Greek", "el"},      {"Gujarati", "gu"},
    {"Hawaiian", "haw"},   {"Hebrew", "he"},     {"Hindi", "hi"},       {"Hungarian", "hu"},    {"Icelandic", "is"},  {"Indonesian", "id"},
    {"Italian", "it"},     {"Japanese", "ja"},   {"Kannada", "kn"},     {"Khmer", "km"},        {"Konkani", "kok"},   {"Korean", "ko"},
    {"Lahnda", "lah"},     {"Lao", "lo"},        {"Latvian", "lv"},     {"Lithuanian", "lt"},   {"Macedonian", "mk"}, {"Maithili", "mai"},
    {"Malayalam", "ml"},   {"Mandarin", "cmn"},  {"Mandrin", "cmn"},    {"Manipuri", "mni"},    {"Marathi", "mr"},    {"Mewari", "mtr"},
    {"Navaho", "nv"},      {"Nepali", "ne"},     {"Norwegian", "no"},   {"Oriya", "or"},        {"Pahari", "him"},    {"Pali", "pi"},
    {"Panjabi", "pa"},     {"Persian", "fa"},    {"Polish", "pl"},      {"Portuguese", "pt"},   {"Prakrit", "pra"},   {"Pusto", "ps"},
    {"Rajasthani", "raj"}, {"Romanian", "ro"},   {"Russian", "ru"},     {"Sanskrit", "sa"},     {"Serb", "sr"},       {"Serbo_Croa", "sh"},
    {"Slovak", "sk"},      {"Slovene", "sl"},    {"Spanish", "es"},     {"Swedish", "sv"},      {"Tagalog", "tl"},    {"Tamil", "ta"},
    {"Telugu", "te"},      {"Thai", "th"},       {"Tibetan", "bo"},     {"Turkish", "tr"},      {"Ukrainian", "uk"},  {"Urdu", "ur"},
    {"Vietnamese", "vi"},  {"Wendic", "wen"},    {"Yiddish", "yi"}};

/// Looks like BCP 47: a primary subtag of two or three letters, then parts of one to eight letters and digits.
bool is_language_tag(std::string_view text) noexcept {
  std::size_t letters = 0;
  while (letters < text.size() && is_letter(text[letters])) ++letters;
  if (letters < 2 || letters > 3) return false;
  for (text.remove_prefix(letters); !text.empty();) {
    if (text.front() != '-') return false;
    text.remove_prefix(1);
    std::size_t size = 0;
    while (size < text.size() && (is_letter(text[size]) || is_digit(text[size]))) ++size;
    if (size < 1 || size > 8) return false;
    text.remove_prefix(size);
  }
  return true;
}

Value language_70(std::string_view text) {
  if (const Pair* known = by_old(kLanguages, trimmed(text))) return {std::string{known->current}};
  return {is_language_tag(text) ? std::string{text} : "und"};
}

std::string language_551(std::string_view text) {
  const Pair* known = by_current(kLanguages, text);
  return std::string{known == nullptr ? text : known->old};
}

/// MULTIMEDIA_FORMAT of 5.5.1 by the migration notes of FamilySearch, and extensions that are in use.
constexpr Pair kFormats[] = {{"bmp", "image/bmp"},       {"gif", "image/gif"},   {"jpg", "image/jpeg"},   {"ole", "application/ole"},
                             {"pcx", "image/vnd.zbrush.pcx"}, {"tif", "image/tiff"}, {"wav", "audio/wav"}, {"png", "image/png"},
                             {"pdf", "application/pdf"}, {"mp3", "audio/mpeg"},  {"mp4", "video/mp4"},    {"txt", "text/plain"},
                             {"htm", "text/html"},       {"webp", "image/webp"}, {"svg", "image/svg+xml"}, {"avi", "video/x-msvideo"},
                             {"jpeg", "image/jpeg"},     {"tiff", "image/tiff"}, {"html", "text/html"},   {"mpeg", "video/mpeg"}};

Value media_type_70(std::string_view text) {
  if (const Pair* known = by_old(kFormats, trimmed(text))) return {std::string{known->current}};
  return {text.find('/') != std::string_view::npos ? std::string{text} : "application/octet-stream"};
}

std::string media_type_551(std::string_view text) {
  const Pair* known = by_current(kFormats, text);
  return std::string{known == nullptr ? text : known->old};
}

bool has_scheme(std::string_view text) noexcept {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2 || !is_letter(text.front())) return false;  // one letter is a drive
  return std::ranges::all_of(text.substr(0, colon),
                             [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_drive(std::string_view text) noexcept {
  return text.size() >= 3 && is_letter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

std::string with_slashes(std::string_view path) {
  std::string out{path};
  std::ranges::replace(out, '\\', '/');
  return out;
}

/// RFC 8089 for what is not beside the file; a percent-encoded reference for what is.
Value file_70(std::string_view text) {
  if (has_scheme(text)) return {std::string{text}};
  const auto path = with_slashes(text);
  if (is_drive(text)) return {"file:///" + path.substr(0, 2) + gedcom::file_payload_of(path.substr(2))};
  if (path.starts_with("//")) return {"file:" + gedcom::file_payload_of(path)};
  if (path.starts_with('/')) return {"file://" + gedcom::file_payload_of(path)};
  return {gedcom::file_payload_of(path)};
}

int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string file_551(std::string_view text) {
  constexpr std::string_view kFile = "file://";
  std::string path{text};
  if (text.starts_with(kFile)) {
    path = percent_decoded(text.substr(kFile.size()));
    if (path.size() > 1 && path.front() == '/' && is_drive(std::string_view{path}.substr(1))) {
      path.erase(0, 1);
      std::ranges::replace(path, '/', '\\');
    } else if (!path.starts_with('/')) {
      path.insert(0, "//");
      std::ranges::replace(path, '/', '\\');
    }
  } else if (!has_scheme(text)) {
    path = percent_decoded(text);
  }
  // What does not read back as the same reference stays one: a decoded byte may be no text at all.
  const bool printable = std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return printable && file_70(path).text == text ? path : std::string{text};
}

// ---- the rest --------------------------------------------------------------------------------------------------------------

bool is_integer(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// Takes 1 to `most` digits of a number below `limit`.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int limit) noexcept {
  std::size_t size = 0;
  int number = 0;
  while (size < text.size() && size < most && is_digit(text[size])) number = number * 10 + (text[size++] - '0');
  text.remove_prefix(size);
  return size >= least && number < limit;
}

bool take(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// 7.0, "Time": hour:minute[:second[.fraction]][Z]
bool is_time(std::string_view text) noexcept {
  if (!take_number(text, 1, 2, 24) || !take(text, ':') || !take_number(text, 2, 2, 60)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 2, 2, 60)) return false;
    if (take(text, '.') && !take_number(text, 1, 9, 1'000'000'000)) return false;
  }
  (void)take(text, 'Z');
  return text.empty();
}

bool is_coordinate(std::string_view text, std::string_view signs) noexcept {
  if (text.empty() || signs.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  if (!take_number(text, 1, 3, 1000)) return false;
  if (take(text, '.')) return is_integer(text);
  return text.empty();
}

std::optional<Value> if_valid(bool valid, std::string_view text) {
  return valid ? std::optional{Value{std::string{text}}} : std::nullopt;
}

}  // namespace

std::optional<Value> value_70(const Rule& rule, std::string_view parent, std::string_view text) {
  switch (rule.payload) {
    case Payload::date:
    case Payload::date_exact:
    case Payload::date_period: return date_70(rule.payload, text);
    case Payload::age: return age_70(text);
    case Payload::word: return word_70(rule, parent, text);
    case Payload::words: return words_70(rule, text);
    case Payload::language: return language_70(text);
    case Payload::media_type: return media_type_70(text);
    case Payload::file: return file_70(text);
    case Payload::integer: return if_valid(is_integer(text), text);
    case Payload::time: return if_valid(is_time(text), text);
    case Payload::latitude: return if_valid(is_coordinate(text, "NS"), text);
    case Payload::longitude: return if_valid(is_coordinate(text, "EW"), text);
    default: return Value{std::string{text}};
  }
}

OldValue value_551(const Rule& rule, std::string_view parent, const Value& value) {
  switch (rule.payload) {
    case Payload::date:
    case Payload::date_exact:
    case Payload::date_period: return date_551(rule.payload, value);
    case Payload::age: return age_551(value);
    case Payload::word: return word_551(rule, parent, value);
    case Payload::words: return {is_lower_in_551(rule.name) ? lower_case(value.text) : value.text};
    case Payload::language: return {language_551(value.text)};
    case Payload::media_type: return {media_type_551(value.text)};
    case Payload::file: return {file_551(value.text)};
    default: return {value.text};
  }
}

namespace {
struct Form {
  std::string_view tag, type, language;
};
constexpr Form kForms[] = {{"FONE", "hangul", "ko-hang"},
                           {"FONE", "kana", "ja-hrkt"},
                           {"ROMN", "pinyin", "und-Latn-pinyin"},
                           {"ROMN", "romaji", "ja-Latn"},
                           {"ROMN", "wadegiles", "zh-Latn-wadegile"}};
}  // namespace

std::string_view language_of_form(std::string_view tag, std::string_view type) noexcept {
  for (const auto& form : kForms) {
    if (form.tag == tag && form.type == type) return form.language;
  }
  return {};
}

std::optional<NameForm> form_of_language(std::string_view language) noexcept {
  for (const auto& form : kForms) {
    if (form.language == language) return NameForm{form.tag, form.type};
  }
  return std::nullopt;
}

bool is_tag_70(std::string_view tag) noexcept {
  return !tag.empty() && std::ranges::all_of(tag, [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; });
}

bool is_xref_70(std::string_view xref) noexcept { return is_tag_70(xref) && xref != "VOID"; }

bool is_xref_551(std::string_view xref) noexcept {
  constexpr std::size_t kXrefCharsMax = 20;  // 22 with both @
  if (xref.empty() || xref.size() > kXrefCharsMax) return false;
  if (!is_letter(xref.front()) && !is_digit(xref.front()) && xref.front() != '_') return false;
  return xref.find_first_of("@#!:") == std::string_view::npos && xref != "VOID";
}

}  // namespace tablinum::tree::convert
