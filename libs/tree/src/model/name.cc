#include "tablinum/tree/model/name.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>

#include "model/date_text.h"

namespace tablinum::tree::model {
namespace {

using date_text::equal_ignoring_case;

struct KindWord {
  std::string_view word;
  NameKind kind;
};
constexpr std::array kKindWords{
    KindWord{"BIRTH", NameKind::birth},       KindWord{"MARRIED", NameKind::married},
    KindWord{"MAIDEN", NameKind::maiden},     KindWord{"AKA", NameKind::aka},
    KindWord{"ALSO KNOWN AS", NameKind::aka}, KindWord{"IMMIGRANT", NameKind::immigrant},
    KindWord{"RELIGIOUS", NameKind::religious}, KindWord{"PROFESSIONAL", NameKind::professional},
    KindWord{"BIRTH NAME", NameKind::birth},  KindWord{"MARRIED NAME", NameKind::married},
    KindWord{"MAIDEN NAME", NameKind::maiden}, KindWord{"NICKNAME", NameKind::aka},
};

void append_piece(std::string& out, std::size_t start, std::string_view piece) {
  if (piece.empty()) return;
  if (out.size() > start) out.push_back(' ');
  out.append(piece);
}

// The text without slashes, blanks collapsed. A slash parts words: "John/Smith/" is two.
void append_without_slashes(std::string& out, std::size_t start, std::string_view text) {
  bool blank = false;
  for (const char c : text) {
    if (date_text::is_blank(c) || c == '/') {
      blank = true;
      continue;
    }
    if (blank && out.size() > start) out.push_back(' ');
    blank = false;
    out.push_back(c);
  }
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c;
    U8_NEXT_OR_FFFD(text.data(), at, size, c);
    std::array<char, U8_MAX_LENGTH> bytes;
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(bytes.data(), length, u_tolower(c));
    out.append(bytes.data(), static_cast<std::size_t>(length));
  }
  return out;
}

// Endings of a woman's form and what a man's has in its place. The first that fits is taken, so longer ones stand first.
struct EndingPair {
  std::string_view feminine, masculine;
};
constexpr std::array kGenderedEndings{
    EndingPair{"opoúlou", "opoulos"}, EndingPair{"opoulou", "opoulos"}, EndingPair{"opoúlos", "opoulos"},
    EndingPair{"όπουλος", "οπουλος"}, EndingPair{"οπούλου", "οπουλος"},
    EndingPair{"ópoulos", "opoulos"}, EndingPair{"ópoulou", "opoulos"},
    EndingPair{"idou", "idis"},       EndingPair{"ίδου", "ιδης"},       EndingPair{"ίδης", "ιδης"},
    EndingPair{"skaja", "ski"},       EndingPair{"skaya", "ski"},       EndingPair{"skaia", "ski"},
    EndingPair{"skij", "ski"},        EndingPair{"skiy", "ski"},        EndingPair{"skyj", "ski"},
    EndingPair{"ská", "ský"},         EndingPair{"cká", "cký"},         EndingPair{"ska", "ski"},
    EndingPair{"cka", "cki"},         EndingPair{"dzka", "dzki"},       EndingPair{"ская", "ский"},
    EndingPair{"ська", "ський"},      EndingPair{"цька", "цький"},
    EndingPair{"ova", "ov"},          EndingPair{"eva", "ev"},          EndingPair{"ina", "in"},
    EndingPair{"ова", "ов"},          EndingPair{"ева", "ев"},          EndingPair{"ёва", "ёв"},
    EndingPair{"ина", "ин"},          EndingPair{"ienė", "as"},         EndingPair{"aitė", "as"},
};

// Czech and Slovak: Nováková is Novák's; the fleeting e of Havel, Havlová is restored by no rule here.
constexpr std::string_view kCzechFeminine = "ová";

bool ends_with(std::string_view text, std::string_view ending) { return text.size() > ending.size() && text.ends_with(ending); }

}  // namespace

std::string_view to_string(NameKind kind) noexcept {
  constexpr std::array<std::string_view, 9> kNames{"not_stated", "birth",        "married",   "maiden", "aka",
                                                   "immigrant",  "professional", "religious", "other"};
  return kNames[static_cast<std::size_t>(kind)];
}

NameKind name_kind(std::string_view type) noexcept {
  type = date_text::trim(type);
  if (type.empty()) return NameKind::not_stated;
  for (const auto& word : kKindWords)
    if (equal_ignoring_case(type, word.word)) return word.kind;
  return NameKind::other;
}

void append_display_name(const NameView& name, std::string& out) {
  const auto start = out.size();
  append_without_slashes(out, start, name.text);
  if (out.size() > start) return;
  for (const auto piece : {name.prefix, name.given, name.surname_prefix, name.surname, name.suffix}) append_piece(out, start, piece);
  if (out.size() == start) append_piece(out, start, name.nickname);
}

std::string display_name(const NameView& name) {
  std::string out;
  append_display_name(name, out);
  return out;
}

std::string_view first_of_list(std::string_view piece) noexcept { return date_text::trim(piece.substr(0, piece.find(','))); }

std::string surname_group(std::string_view surname) {
  auto name = lower(date_text::trim(surname));
  if (ends_with(name, kCzechFeminine)) return name.substr(0, name.size() - kCzechFeminine.size());
  for (const auto& pair : kGenderedEndings) {
    if (!ends_with(name, pair.feminine)) continue;
    return name.replace(name.size() - pair.feminine.size(), pair.feminine.size(), pair.masculine);
  }
  return name;
}

bool is_patronymic(std::string_view surname, std::string_view language) noexcept {
  const auto one_of = [&](std::initializer_list<std::string_view> languages) {
    const auto primary = language.substr(0, language.find('-'));
    return std::ranges::find(languages, primary) != languages.end();
  };
  const auto ends = [&](std::string_view ending) { return ends_with(surname, ending); };
  if (one_of({"am", "ti", "om"})) return true;
  if (ends("dóttir") || ends("sdottir")) return true;
  if (one_of({"is"})) return ends("son") || ends("bur");
  if (one_of({"da", "nb", "nn", "no"})) return ends("datter") || ends("sdtr");
  if (one_of({"sv"})) return ends("dotter");
  if (one_of({"nl", "fy"})) return ends("szoon") || ends("sdochter") || ends("sz") || ends("sdr");
  return ends("sdatter") || ends("sdotter") || ends("sdochter");
}

}  // namespace tablinum::tree::model
