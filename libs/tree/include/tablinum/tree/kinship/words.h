#pragma once
/// Words for relations: "half first cousin once removed", "babamukuru", "wife's great-aunt".
///
/// A relation is told as kin types, the notation of anthropology, which keeps what many languages need and a pair of numbers
/// loses: F father, M mother, P parent of unknown sex; S, D, C son, daughter, child; B, Z, G brother, sister, sibling;
/// H, W, E husband, wife, spouse; e and y before a sibling: elder or younger than the person before it. FeB = father's elder
/// brother. A language is a table of patterns over kin types (src/kinship/words_*.cc); what no pattern covers is composed:
/// "X's Y" of the fewest words. Thread-safe.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::kinship {

/// Kin types in one relation. Longer ones have no word: relation_word() answers with the number of steps.
inline constexpr std::size_t kKinTypesMax = 128;

enum class KinKind : std::uint8_t { parent, child, sibling, partner, step_parent, step_child, step_sibling };
enum class Age : std::uint8_t { unknown, elder, younger };
enum class Tie : std::uint8_t { full, half, adoptive, foster, guardian, sealed, other };

struct KinType {
  KinKind kind{};
  Sex sex = Sex::unknown;  ///< of the person reached
  Age age = Age::unknown;  ///< siblings: against the person before
  Tie tie = Tie::full;
  PersonN person = kNone;  ///< the person reached
  friend bool operator==(const KinType&, const KinType&) = default;
};

/// -1: first is elder, 1: first is younger, 0: nobody knows. Empty: the order of children in their family decides.
using CompareAge = std::function<int(PersonN first, PersonN second)>;

struct KinTypes {
  Sex ego = Sex::unknown;
  std::vector<KinType> types;  ///< empty: the person itself
  std::uint32_t couples = 1;   ///< as Relation::couples
};

/// Reads steps as kin types: up then down is a sibling (full where they share both parents, else half), up then partner a
/// step-parent, partner then down a step-child, up, partner, down a step-sibling, unless the graph says they are more than
/// that.
/// @param from  where the steps begin
KinTypes kin_types(const Graph& graph, PersonN from, std::span<const Step> steps, const CompareAge& compare_age = {});

/// "MyB", "FFZSD", with ½ for half, * for what is neither full nor half (adoptive, foster …), and "st" before step kin: for
/// logs, tests and translators.
std::string kin_type_notation(const KinTypes& kin);

struct Language {
  std::string_view tag;   ///< BCP 47
  std::string_view name;  ///< in the language itself
  bool draft = false;     ///< not yet read by speakers
};
/// en, de, fr, es, he, sn, nd.
std::span<const Language> relation_languages() noexcept;

struct RelationWord {
  std::string text;       ///< "great-aunt"; empty if there is no relation to tell
  bool composed = false;  ///< no single word: "X's Y"
  bool draft = false;     ///< the language's table is a draft
};
/// @param language  BCP 47; only the primary subtag counts; an unknown language is answered in English
RelationWord relation_word(const KinTypes& kin, std::string_view language);
/// The word for what b is to a. Text is empty if they are not related.
RelationWord relation_word(const Graph& graph, PersonN a, const Relation& relation, std::string_view language,
                           const CompareAge& compare_age = {});

}  // namespace tablinum::tree::kinship
