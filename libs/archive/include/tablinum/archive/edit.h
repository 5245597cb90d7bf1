#pragma once
/// Changing a tree: a list of operations is one change set, applied whole or not at all; undone by another one.
/// Design: archive.md §4, §6; web.md §4. What the operations do not name keeps its bytes.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/archive/archive.h"
#include "tablinum/store/history.h"
#include "tablinum/tree/edit/editor.h"

namespace tablinum::archive {

inline constexpr std::size_t kOperationsMax = 1000;
/// Records that one change set may touch, those that follow from others included.
inline constexpr std::size_t kTouchedMax = 20'000;
inline constexpr std::size_t kReasonBytesMax = 1000;

/// In operations a record may be one that the change set makes: the id of its nth `create`, counted from 0, until it has a real one.
RecordId created_id(std::uint32_t n) noexcept;
/// The n of such an id; nothing for a real one.
std::optional<std::uint32_t> created_number(const RecordId& id) noexcept;

enum class OperationKind : std::uint8_t {
  create, patch, remove_record,  ///< a record
  add_name, add_fact, add_note, add_citation, add_media,  ///< to the record, or to the part `number` of it
  set_name, set_fact, set_note, set_citation,             ///< of the part `number`
  remove, prefer,                                         ///< the part `number`
  link, unlink,                                           ///< a partner or child of a family
  order,                                                  ///< the children of a family
};

/// A name or fact in a list that is given whole: those with a number are changed, those without are added, those missing go.
template <class Part>
struct Listed {
  std::optional<std::uint16_t> number;
  Part part;
};

struct Operation {
  OperationKind kind{};
  RecordId record{};                             ///< that is meant; of create, created_id() of it. link, unlink: the family
  std::uint16_t number = 0;                      ///< of its part; 0: the record itself
  std::optional<std::int64_t> version{};         ///< that the record must have (If-Match)
  tree::model::RecordKind record_kind{};         ///< create
  tree::edit::Name name{};
  tree::edit::Fact fact{};
  tree::edit::Note note{};
  tree::edit::Citation citation{};
  RecordId other{};                              ///< add_media: the media record; link, unlink: the partner or child
  // create, patch:
  std::vector<tree::edit::NamedText> texts{};
  std::optional<std::optional<char>> sex{};      ///< 'M', 'F', 'X', 'U', or taken away
  std::optional<std::optional<bool>> living{};   ///< the user's word, or the rule again
  std::optional<std::vector<Listed<tree::edit::Name>>> names{};   ///< the first is the preferred one
  std::optional<std::vector<Listed<tree::edit::Fact>>> facts{};
  std::vector<tree::edit::Note> notes{};         ///< create: added
  std::vector<tree::edit::Citation> citations{}; ///< create: added
  // link, unlink:
  bool child = false;                            ///< else a partner
  std::vector<RecordId> children{};              ///< order: all of them, or the first ones
  std::optional<tree::Tag> place{};              ///< HUSB or WIFE; nothing: by sex and what is free
  std::optional<tree::model::Pedigree> pedigree{};
  bool everywhere = false;                       ///< remove_record: pointers of other records to it go too, else it must not be in use
};

struct ChangeRequest {
  store::ActorNo actor = store::kLocalOwner;
  std::string reason{};
  std::vector<Operation> operations{};
  bool dry_run = false;                          ///< all checks, nothing kept
  std::string key{};                             ///< of a caller who may ask twice: then it is answered, not done again
  Digest asked{};                                ///< what is asked under that key
};
inline constexpr std::size_t kKeyBytesMax = 255;
/// How long a key is remembered.
inline constexpr std::int64_t kKeySeconds = 24 * 3600;

struct TouchedRecord {
  RecordId id{};
  store::RecordKind kind{};
  std::int64_t version = 0;
  bool created = false, deleted = false;
};

struct ChangeResult {
  store::ChangeSetId change_set{};               ///< of a dry run: one that will not be
  TreeId tree{};
  std::vector<RecordId> created{};               ///< by created_number()
  std::vector<TouchedRecord> records{};          ///< that have a new version, in the order of their making
  std::uint64_t changes = 0;                     ///< in the log
  std::int64_t generation = 0;                   ///< the tree's, afterwards
};

/// Why a change set was refused, for an answer that helps.
struct ChangeProblem {
  enum class Kind : std::uint8_t {
    none,
    version,        ///< `record` has another version than the caller knows
    cycle,          ///< somebody would be an own ancestor: `path`, child first
    later_changes,  ///< undo: `record` was changed since, in `fields`
    in_use,         ///< `record` is still named by `path`
    missing,        ///< `record` is named and not there
    key_reused,     ///< the key was used for another request
  };
  Kind kind = Kind::none;
  std::optional<std::size_t> operation{};        ///< which
  RecordId record{};
  std::vector<RecordId> path{};
  std::vector<tree::model::Field> fields{};
};

/// Applies the operations in their order.
/// @error not_found: no such tree, or a record or part that an operation means.  conflict: `problem` says which.
///        invalid, too_large, limit: an operation; its number is in `problem`.  corrupt: a stored record.  As store::Writer.
Result<ChangeResult> apply_changes(Archive& archive, const TreeId& tree, const ChangeRequest& request, ChangeProblem& problem);

/// What a change set did. `created` as in its answer.  @error not_found.
Result<ChangeResult> result_of(store::Session& session, const store::ChangeSetId& id);

/// Takes a change set back, as a change set of its own: every record that it touched is again what it was before, or, where other
/// fields were changed since, the fields that it touched are.
/// @error not_found: no such change set.  invalid: an import (Jobs::submit_undo()).  conflict: later changes depend on it.
Result<ChangeResult> undo_changes(Archive& archive, const store::ChangeSetId& id, const ChangeRequest& request, ChangeProblem& problem);

/// Gives a record the content of one of its versions. Whom it is related to stays as it is; a deleted record comes back without its family.
/// @error not_found: no such record or version.  conflict: another version than `expected`, or it names what is gone.
Result<ChangeResult> revert_record(Archive& archive, const RecordId& id, std::int64_t version, std::optional<std::int64_t> expected,
                                   const ChangeRequest& request, ChangeProblem& problem);

}  // namespace tablinum::archive
