#pragma once
/// A person's names: kinds, pieces, variants in other scripts.
#include <cstdint>
#include <string>
#include <string_view>

namespace tablinum::tree::model {

/// Stored in the name table: append only.
enum class NameKind : std::uint8_t {
  not_stated = 0, birth, married, maiden, aka, immigrant, professional, religious, other,
};
std::string_view to_string(NameKind kind) noexcept;
/// From NAME.TYPE of either dialect ("married", "MAIDEN", "also known as"); other for a word not known, not_stated for an empty one.
NameKind name_kind(std::string_view type) noexcept;

/// What stands beside the main form; stored, append only.
enum class NameVariant : std::uint8_t { main = 0, romanised, phonetic, translation };

/// One name. Views point into the structure. Pieces come from GIVN, SURN … where there are any, else from the slashes in the text; they
/// may be comma-separated lists, as in the file. A married name given as a surname only has the given name of the name above it.
struct NameView {
  std::uint32_t node = 0;
  std::uint16_t number = 0;  ///< of the addressable node; a variant without one of its own has its main name's
  NameKind kind = NameKind::not_stated;
  NameVariant variant = NameVariant::main;
  std::uint16_t main = 0;    ///< index in PersonView::names of the name this is a variant of; its own index for main names
  std::string_view text;     ///< as written, with slashes
  std::string_view prefix, given, nickname, surname_prefix, surname, suffix;
  std::string_view language;     ///< LANG, or TYPE of ROMN and FONE ("pinyin", "kana")
  std::string_view kind_phrase;  ///< the user's word where kind is other
};

/// The name as people read it: the text without its slashes and doubled blanks; composed of the pieces where there is no text.
std::string display_name(const NameView& name);
/// The same, appended; allocates only if `out` must grow.
void append_display_name(const NameView& name, std::string& out);
/// First entry of a piece that is a comma-separated list.
std::string_view first_of_list(std::string_view piece) noexcept;

/// One spelling for surnames that differ by the bearer's sex only, so that lists and search group them: Novák, Nováková; Ivanov, Ivanova;
/// Kowalski, Kowalska; Papadopoulos, Papadopoulou. Lower case, without accents that the rules do not need. A surname to which no rule
/// applies comes back in lower case.
std::string surname_group(std::string_view surname);

/// True if the surname is formed from a parent's given name and so is not a child's by default: Icelandic -son, -dóttir, -bur; older
/// Danish, Norwegian, Swedish -datter, -dotter and Dutch -szoon, -dochter; Ethiopian and Eritrean by language (am, ti).
/// @param language BCP 47 or empty: then only forms that are unmistakable (-dóttir) count
bool is_patronymic(std::string_view surname, std::string_view language) noexcept;

}  // namespace tablinum::tree::model
