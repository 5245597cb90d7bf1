#include <unicode/ucnv.h>

#include <algorithm>
#include <utility>

#include "gedcom/icu.h"
#include "tablinum/tree/gedcom/charset.h"

namespace tablinum::tree::gedcom {
namespace {

/// What HEAD.CHAR says in the wild. The first name of a kind is the one to_string() gives.
constexpr std::pair<std::string_view, Charset> kNames[] = {
    {"ASCII", Charset::ascii},      {"US-ASCII", Charset::ascii},      {"UTF-8", Charset::utf8},
    {"UTF8", Charset::utf8},        {"UTF-16LE", Charset::utf16le},    {"UTF-16BE", Charset::utf16be},
    {"ANSEL", Charset::ansel},      {"windows-1252", Charset::cp1252}, {"ANSI", Charset::cp1252},
    {"CP1252", Charset::cp1252},    {"WINDOWS", Charset::cp1252},      {"ISO-8859-1", Charset::cp1252},
    {"ISO8859-1", Charset::cp1252}, {"LATIN1", Charset::cp1252},       {"LATIN-1", Charset::cp1252},
    {"IBM437", Charset::cp437},     {"CP437", Charset::cp437},         {"IBMPC", Charset::cp437},
    {"IBM", Charset::cp437},        {"IBM DOS", Charset::cp437},       {"DOS", Charset::cp437},
    {"MSDOS", Charset::cp437},      {"MS-DOS", Charset::cp437},        {"OEM", Charset::cp437},
    {"IBM850", Charset::cp850},     {"CP850", Charset::cp850},         {"macintosh", Charset::mac_roman},
    {"MAC", Charset::mac_roman},    {"MACROMAN", Charset::mac_roman},
};

constexpr std::size_t kNameBytesMax = 60;  // ICU's own limit on converter names

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_in_any_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char x, char y) { return upper(x) == upper(y); });
}

/// The name that people know ("windows-1250" for ibm-5346_P100-1998).
std::string standard_name(const char* name) {
  for (const char* const standard : {"MIME", "IANA"}) {
    UErrorCode error = U_ZERO_ERROR;
    const char* const found = ucnv_getStandardName(name, standard, &error);
    if (U_SUCCESS(error) && found != nullptr) return found;
  }
  return name;
}

}  // namespace

std::string to_string(const CharsetId& charset) {
  if (charset.kind == Charset::named) return charset.name;
  const auto row = std::ranges::find(kNames, charset.kind, &std::pair<std::string_view, Charset>::second);
  return std::string{row->first};
}

std::optional<CharsetId> charset_from_name(std::string_view name) {
  name = trimmed(name);
  for (const auto& [known, kind] : kNames) {
    if (same_in_any_case(name, known)) return CharsetId{kind, {}};
  }
  const bool speakable = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F; });
  if (name.empty() || name.size() > kNameBytesMax || !speakable) return std::nullopt;
  const std::string asked{name};
  const auto converter = open_converter(asked);
  if (!converter) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  return CharsetId{Charset::named, standard_name(ucnv_getName(converter.get(), &error))};
}

}  // namespace tablinum::tree::gedcom
