#pragma once
/// What rows say: the enumerations whose numbers are stored, and the typed rows that a record is handed in with.
/// Design: archive.md §6. Days are Julian day numbers; `_at` columns are Unix milliseconds.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tablinum/base/bytes.h"
#include "tablinum/base/id.h"
#include "tablinum/base/ledger.h"

namespace tablinum::store {

/// tree number << 32 | n: a place of a tree. Pid{tree_no << 32} is the parent of a tree's outermost places.
using Pid = Id<struct PidTag, std::int64_t>;
/// Who did it: a row of `actor`.
using ActorNo = std::int64_t;
inline constexpr ActorNo kLocalOwner = 0;
inline constexpr ActorNo kProgram = 1;
using ChangeSetId = Id<struct ChangeSetTag, Uuid>;
using JobId = Id<struct JobTag, Uuid>;

// All numbers below are stored: only ever append.
enum class RecordKind : std::uint8_t {
  person = 1,
  family,
  source,
  repository,
  media,
  note,
  submitter,
  submission,
  place,
  story,
  other  ///< vendors' records and whatever stands at level 0
};
inline constexpr RecordKind kRecordKinds[] = {RecordKind::person,     RecordKind::family,     RecordKind::source,
                                              RecordKind::repository, RecordKind::media,      RecordKind::note,
                                              RecordKind::submitter,  RecordKind::submission, RecordKind::place,
                                              RecordKind::story,      RecordKind::other};
/// "person", "family", …
std::string_view to_string(RecordKind kind) noexcept;

/// Who may see a record, least private first; none: what the tree says.
enum class Restriction : std::uint8_t { none, everyone, family_tree_only, confidential };
enum class TreePrivacy : std::uint8_t { everyone = 1, shared, family, closed };
enum class MemberRole : std::uint8_t { husband = 1, wife, child };
enum class Pedigree : std::uint8_t { unknown, birth, adopted, foster, sealing, step, guardian, surrogate, donor, other };
/// one_sided: only one of FAM and INDI says so. excluded: would close a cycle; kept out of the graph.
enum class MemberState : std::uint8_t { normal, one_sided, excluded };
enum class LinkKind : std::uint8_t { citation = 1, media, note, repository, association, submitter, merged_into, other };
enum class ChangeSetKind : std::uint8_t { edit = 1, import, undo, merge, restore };
using ledger::ChangeKind;

/// Number of an addressable node in its record: with the record's id the outside name of a name, event or citation.
using NodeNumber = std::uint16_t;

struct PersonRow {
  std::uint8_t sex = 0;  ///< tree's enumeration
  bool living = true;
  std::optional<std::int32_t> living_until{};  ///< day of the last possible "living"; none: for ever, or dead
  std::optional<std::int32_t> birth_min{}, birth_max{}, death_min{}, death_max{};
  std::string_view label{};  ///< short display name
};
/// Texts that are empty are stored as NULL, except full_text and sort_key.
struct NameRow {
  NodeNumber ord = 0;
  std::uint8_t kind = 0;     ///< tree's enumeration: birth, married, …
  std::uint8_t variant = 0;  ///< 0 the name itself, else the nth variant in another script or language
  std::string_view lang{}, full_text{}, given{}, surname_prefix{}, surname{}, nickname{};
  std::string_view sort_key{};  ///< compared byte by byte
};
struct EventRow {
  NodeNumber ord = 0;
  std::int16_t kind = 0;  ///< tree's number of the tag
  std::string_view label{};
  std::optional<std::int32_t> jdn_min{}, jdn_max{};
  std::uint8_t precision = 0;
  std::optional<Pid> place{};
};
/// Rows of a family record.
struct MemberRow {
  MemberRole role{};
  std::uint16_t ord = 0;
  Rid person{};
  Pedigree pedigree = Pedigree::unknown;
  MemberState state = MemberState::normal;
  bool primary = false;  ///< of a child with several parent families: this is the main one
};
struct LinkRow {
  NodeNumber ord = 0;
  LinkKind kind{};
  Rid target{};
  std::optional<std::uint8_t> quality{};  ///< 0 … 3, citations
  std::uint8_t field = 0;                 ///< the field of the record that it supports
};
struct IdentifierRow {
  NodeNumber ord = 0;
  std::string_view scheme{}, value{};
};

/// A record to be written. Everything is borrowed: it must live until the call returns, no longer.
/// `ord` is unique within each kind of row of a record (members: within a role).
struct RecordDraft {
  Rid rid{};      ///< next_rid() of its tree for a new one
  RecordId id{};  ///< minted by Database::ids(): ids of a tree increase with rid
  RecordKind kind{};
  Restriction restriction = Restriction::none;
  std::string_view xref{};  ///< without the @; empty: none
  ByteView structure{};     ///< docs/format/structure-v1.md; bytes to this module
  ledger::FieldValues fields{};
  const PersonRow* person = nullptr;  ///< exactly for persons
  std::span<const NameRow> names{};   ///< persons; the first by ord is the preferred one
  std::span<const EventRow> events{};
  std::span<const MemberRow> members{};
  std::span<const LinkRow> links{};
  std::span<const IdentifierRow> identifiers{};
};

inline constexpr std::size_t kStructureBytesMax = std::size_t{16} << 20;

}  // namespace tablinum::store
