#pragma once
/// Payloads of 5.5.1 in the words of 7.0, and back: dates, ages, enumerations, languages, media types, file names.
#include <optional>
#include <string>
#include <string_view>

#include "convert/grammar.h"

namespace tablinum::tree::convert {

/// A payload of 7.0 and the words of the PHRASE below it.
struct Value {
  std::string text;
  std::optional<std::string> phrase{};
  friend bool operator==(const Value&, const Value&) = default;
};

/// @param rule    of 7.0
/// @param parent  name of the 5.5.1 structure above: ROLE is written otherwise below a citation's EVEN
/// @return nothing if 7.0 cannot say it there
std::optional<Value> value_70(const Rule& rule, std::string_view parent, std::string_view text);

/// The inverse, as near as 5.5.1 comes.
struct OldValue {
  std::string text;
  bool phrase_used = false;  ///< the PHRASE is part of the text now
};
OldValue value_551(const Rule& rule, std::string_view parent, const Value& value);

/// romaji, kana, … of ROMN and FONE as a language tag of 7.0, and back; empty if there is none.
std::string_view language_of_form(std::string_view tag, std::string_view type) noexcept;
struct NameForm {
  std::string_view tag, type;
};
std::optional<NameForm> form_of_language(std::string_view language) noexcept;

/// True for what 7.0 allows as a tag and an identifier: [A-Z0-9_]+, not VOID.
bool is_tag_70(std::string_view tag) noexcept;
bool is_xref_70(std::string_view xref) noexcept;
/// True for what 5.5.1 allows as an identifier: at most 20 characters, the first a letter, digit or _, no @, #, ! or :.
bool is_xref_551(std::string_view xref) noexcept;

}  // namespace tablinum::tree::convert
