#pragma once
/// One request's view of the archive: records with their typed views, loaded once each, all from one snapshot of the database.
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "tablinum/archive/place_id.h"
#include "tablinum/archive/archive.h"
#include "tablinum/store/places.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::genealogy_service {

namespace model = tree::model;
namespace kinship = tree::kinship;

struct PersonData {
  store::Record record;
  tree::Structure structure;
  model::PersonView view;
  std::vector<store::Event> events;  ///< rows: the places of the view's events, by node number
};
struct FamilyData {
  store::Record record;
  tree::Structure structure;
  model::FamilyView view;
  std::vector<store::Event> events;
};
struct OtherData {
  store::Record record;
  tree::Structure structure;
};

/// Records loaded by one request at most; an answer that needs more is asked in pages.
inline constexpr std::size_t kLoadedMax = 20'000;

/// @note One thread. Everything it hands out lives as long as the browser.
class Browser {
 public:
  /// With a reader of its own. A thread has one browser at a time: readers are few (archive::Archive::graph says why).
  static Result<Browser> open(archive::Archive& archive);
  /// In the snapshot of a session that outlives it.
  Browser(archive::Archive& archive, store::Session& session);

  archive::Archive& archive() noexcept { return *archive_; }
  store::Session& session() noexcept { return *session_; }

  /// @error not_found: no such tree, person, …, or it is of another kind.  limit: kLoadedMax.
  Result<store::TreeInfo> tree(std::string_view id);
  Result<store::TreeInfo> tree_of(Rid rid);
  Result<Rid> person_rid(std::string_view id);
  /// By its record, read already.
  Result<const PersonData*> person(store::Record record);
  Result<const PersonData*> person(Rid rid);
  Result<const FamilyData*> family(Rid rid);
  Result<const OtherData*> other(Rid rid);
  /// By the text of an id, of that kind.
  Result<const OtherData*> other(std::string_view id, store::RecordKind kind);
  Result<const FamilyData*> family(std::string_view id);

  Result<std::shared_ptr<const archive::TreeGraph>> graph(std::int64_t tree_no);
  Result<std::shared_ptr<search::TreeIndex>> index(const store::TreeInfo& tree) { return archive_->index(*session_, tree); }
  /// The rid of a link's target, if it is a record of the same tree.
  std::optional<Rid> resolve(const model::Target& target);

  /// The blob of a media file that came with the import, by its path in the file.
  Result<std::optional<Digest>> blob_of(Rid owner, std::string_view path);
  /// What portrait_media() found for a person, so that lists and charts look once.
  std::unordered_map<Rid, std::optional<Rid>> portraits;

 private:
  Browser(archive::Archive& archive, store::Reader reader);
  Result<store::Record> load(std::string_view id, store::RecordKind kind);

  archive::Archive* archive_;
  std::unique_ptr<store::Reader> reader_;  // null over a session of others
  store::Session* session_;
  std::unordered_map<Rid, std::unique_ptr<PersonData>> persons_;
  std::unordered_map<Rid, std::unique_ptr<FamilyData>> families_;
  std::unordered_map<Rid, std::unique_ptr<OtherData>> others_;
  std::unordered_map<std::int64_t, std::shared_ptr<const archive::TreeGraph>> graphs_;
  std::unordered_map<std::int64_t, store::TreeInfo> trees_;
};

using archive::place_id;
using archive::place_of;

}  // namespace tablinum::genealogy_service
