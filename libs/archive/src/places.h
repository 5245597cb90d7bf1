#pragma once
/// The places of a tree, derived from what its records say.
#include <string>
#include <unordered_map>
#include <vector>

#include "tablinum/search/names.h"
#include "tablinum/store/places.h"
#include "tablinum/tree/model/view.h"
#include "tablinum/tree/structure.h"

namespace tablinum::archive {

/// Places by their text, so that each is looked up in the database once.
class PlaceCache {
 public:
  /// The place that an event's text names, made if need be.
  Result<store::Pid> find(store::Writer& writer, std::int64_t tree_no, const tree::model::PlaceUse& use);
  /// Joins a record of kind place with the place it tells of: its first name, inside its first jurisdiction.
  Result<void> link_record(store::Writer& writer, Rid rid, const tree::Structure& structure);

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, store::Pid, TextHash, std::equal_to<>> known_;
  std::vector<std::string_view> names_;
  std::vector<store::PlaceLevel> levels_;
  std::vector<std::string> folded_;
};

/// Stores a search document for each place of the tree that no record tells of. The index does not know them yet.
Result<void> store_place_documents(store::Writer& writer, std::int64_t tree_no);

}  // namespace tablinum::archive
