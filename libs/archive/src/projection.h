#pragma once
/// From a record's structure to everything that follows from it: typed rows for the store, field values for the log, the document for
/// the search. The one place where tree's words become store's rows, for imports and for edits.
#include <functional>
#include <string>
#include <vector>

#include "tablinum/base/error.h"
#include "tablinum/search/names.h"
#include "tablinum/store/types.h"
#include "tablinum/tree/model/fields.h"
#include "tablinum/tree/model/view.h"
#include "tablinum/tree/structure.h"

namespace tablinum::archive {

/// Ordinals from here on are for rows whose node has no number of its own (a name's romanised variant, a note in the record).
inline constexpr store::NodeNumber kUnnumberedOrd = 0x8000;

/// What a record's rows need that does not stand in it.
struct ProjectionInputs {
  Rid rid;
  RecordId id;
  std::string_view xref;
  tree::model::FieldInputs fields;
  tree::model::Jdn living_until = 0;           ///< persons: as tree::model::living_until()
  tree::model::Jdn today = 0;
  std::span<const store::MemberRow> members;   ///< families
};

/// Keeps its buffers from record to record. The draft and the document are valid until the next call.
/// @note One object a thread.
class Projector {
 public:
  using FindRid = std::function<std::optional<Rid>(const RecordId&)>;
  using FindPlace = std::function<Result<store::Pid>(const tree::model::PlaceUse&)>;

  /// The blob of a media file by its FILE payload, if it came along.
  using FindBlob = std::function<std::optional<Digest>(std::string_view file)>;

  /// `find_rid` says which record of the same tree an id names; `find_place` makes places.
  Projector(FindRid find_rid, FindPlace find_place, FindBlob find_blob);

  /// @error those of find_place.
  Result<void> project(const tree::Structure& structure, const ProjectionInputs& inputs);

  const store::RecordDraft& draft() const noexcept { return draft_; }
  const search::Document& document() const noexcept { return document_; }

 private:
  void add_names(const tree::model::PersonView& person);
  Result<void> add_events(const std::vector<tree::model::EventView>& events);
  void add_links(const tree::model::RecordView& view);
  void add_identifiers(const tree::model::RecordView& view);
  void add_blobs(const tree::model::MediaView& media);
  Result<void> person(const tree::Structure& structure, const ProjectionInputs& inputs);
  Result<void> family(const tree::Structure& structure, const ProjectionInputs& inputs);
  Result<void> other(const tree::Structure& structure, tree::model::RecordKind kind);
  void add_notes_to_document(const tree::model::RecordView& view);

  FindRid find_rid_;
  FindPlace find_place_;
  FindBlob find_blob_;
  tree::model::FieldHasher hasher_;
  search::Tokenizer tokenizer_;

  tree::model::PersonView person_;
  tree::model::FamilyView family_;
  store::PersonRow person_row_;
  std::vector<store::NameRow> names_;
  std::vector<store::EventRow> events_;
  std::vector<store::LinkRow> links_;
  std::vector<store::IdentifierRow> identifiers_;
  std::vector<std::string> texts_;             ///< texts that rows borrow: display names, sort keys
  std::size_t texts_used_ = 0;
  std::vector<search::PersonName> search_names_;
  std::vector<std::string_view> body_;
  Bytes encoded_;
  store::RecordDraft draft_;
  search::Document document_;

  std::string& next_text();
};

/// The scheme of the identifier that joins a media record to the blob of its file: its value is "<64 hex digits> <FILE payload>".
inline constexpr std::string_view kBlobScheme = "blob";

store::RecordKind store_kind(tree::model::RecordKind kind) noexcept;

}  // namespace tablinum::archive
