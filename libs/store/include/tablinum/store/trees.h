#pragma once
/// Trees: a tree's id is its log's id.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/store/database.h"

namespace tablinum::store {

inline constexpr std::int64_t kTreesMax = (std::int64_t{1} << 31) - 1;  // tree numbers have 31 bits
inline constexpr std::uint32_t kRecordsMax = 0xFFFF'FFFE;               // of a tree

struct TreeInfo {
  std::int64_t tree_no = 0;
  TreeId id{};
  std::string name{};
  Uuid owner{};  ///< zero before accounts exist
  TreePrivacy privacy = TreePrivacy::closed;
  std::string settings = "{}";      ///< JSON, owned by the caller
  std::uint32_t next_n = 0;         ///< records ever made
  std::uint64_t log_size = 0;       ///< changes
  std::int64_t sealed_height = -1;  ///< number of the last block; -1: none
  std::int64_t generation = 0;      ///< grows with every commit that touches the tree: caches and ETags of lists
  bool hidden = false;              ///< staging of an import
};

struct TreeDraft {
  std::string_view name{};
  Uuid owner{};
  TreePrivacy privacy = TreePrivacy::closed;
  std::string_view settings = "{}";
  bool hidden = false;
  std::optional<TreeId> id{};   ///< of a tree that comes back; else minted
};

/// Makes a tree. Its number is not one that an import had, so that nothing remembered of a removed tree is taken for this one's.
/// @error limit: kTreesMax.  exists: the id is taken.
Result<TreeInfo> create_tree(Writer& writer, const TreeDraft& draft);
/// Changes name, privacy and settings.  @error not_found.
Result<void> update_tree(Writer& writer, std::int64_t tree_no, std::string_view name, TreePrivacy privacy,
                         std::string_view settings);
/// Marks a tree as deleted: it is no longer listed or found; its rows stay until purge_tree().  @error not_found.
Result<void> delete_tree(Writer& writer, std::int64_t tree_no);
/// Removes all rows of a deleted or hidden tree, the drop hooks' included.  @error not_found.  conflict: it is neither.
Result<void> purge_tree(Writer& writer, std::int64_t tree_no);

/// Visible trees in the order of creation.
Result<std::vector<TreeInfo>> list_trees(Session& session);
/// Visible or hidden, not deleted.  @error not_found.
Result<TreeInfo> find_tree(Session& session, const TreeId& id);
Result<TreeInfo> find_tree(Session& session, std::int64_t tree_no);
/// Visible, by exact name; the oldest where several have it.  @error not_found.
Result<TreeInfo> find_tree_by_name(Session& session, std::string_view name);

/// Counts for the statistics page; deleted records do not count.
struct TreeStatistics {
  struct KindCount {
    std::int64_t kind;
    std::uint64_t count;
  };
  std::vector<KindCount> records{};  ///< by RecordKind
  std::vector<KindCount> events{};   ///< by event kind (tree's tag number)
  std::uint64_t named_persons = 0;
  std::uint64_t living_persons = 0;
  std::uint64_t places = 0;
};
Result<TreeStatistics> tree_statistics(Session& session, std::int64_t tree_no);

}  // namespace tablinum::store
