#pragma once
/// Which structure may stand where, how often, and with what payload, in GEDCOM 5.5.1 and 7.0.
/// Sources: The GEDCOM Standard 5.5.1 (2019 edition, with its errata), chapter 2; FamilySearch GEDCOM 7.0, chapter 3.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tablinum/tree/structure.h"

namespace tablinum::tree::convert {

struct GrammarRow;

enum class Payload : std::uint8_t {
  none, text, yes, pointer, integer, language, media_type, age, date, date_exact, date_period, word, words, file, latitude, longitude, time,
};

struct Rule;
struct ChildRule {
  std::string tag;
  const Rule* type = nullptr;
  bool required = false;
  bool single = false;  ///< at most one
};

/// A kind of structure: its place in the grammar, which is more than its tag (TYPE of a name, TYPE of an event).
struct Rule {
  std::string name;
  Payload payload = Payload::text;
  std::vector<ChildRule> children{};

  const ChildRule* child(std::string_view tag) const noexcept;
};

class Grammar {
 public:
  static const Grammar& of(Dialect dialect);
  /// The rule of a record or header by its tag; null for a tag that is none.
  const Rule* record(std::string_view tag) const noexcept;

 private:
  Grammar(std::span<const GrammarRow> rows, Dialect dialect);
  Rule* rule(std::string_view name);
  void add_children(Rule& parent, std::string_view word, Dialect dialect);

  std::unordered_map<std::string, std::unique_ptr<Rule>> rules_;
};

/// The words that a structure of 7.0 allows ("PEDI", "NAME-TYPE", …); empty if the structure has no such list.
std::vector<std::string_view> words_of(std::string_view rule_name);

}  // namespace tablinum::tree::convert
