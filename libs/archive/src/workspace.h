#pragma once
/// One change set in the making: the records it touches, and everything that follows from them when it ends (members of families, the
/// graph, parents, who is living, places, search documents). One transaction.
#include <map>
#include <set>
#include <span>
#include <unordered_map>

#include "edit_memory.h"
#include "places.h"
#include "projection.h"
#include "tablinum/archive/edit.h"
#include "tablinum/store/records.h"
#include "tablinum/tree/kinship/graph.h"

namespace tablinum::archive {

/// @note One thread; dropped without finish() it leaves nothing behind.
class Workspace {
 public:
  /// A record that the change set may touch.
  struct Work {
    store::Record stored;                        ///< as it was; of a new one: rid, id, kind, xref
    tree::Structure before{};                    ///< empty: new, or it was deleted
    std::optional<tree::edit::Editor> editor{};  ///< once it is edited
    std::optional<tree::Structure> whole{};      ///< given as a whole
    tree::Structure after{};                     ///< known in finish(); empty: deleted
    bool made = false, gone = false;
    bool changed = false;                        ///< known in finish()
    bool was_there() const noexcept { return !before.empty(); }
  };

  static Result<std::unique_ptr<Workspace>> open(Archive& archive, const TreeId& tree, ChangeProblem& problem);
  ~Workspace();
  Workspace(const Workspace&) = delete;

  store::Writer& writer() noexcept { return writer_; }
  const store::TreeInfo& tree() const noexcept { return tree_; }
  tree::Dialect dialect() const noexcept { return dialect_; }
  ChangeProblem& problem() noexcept { return problem_; }

  /// @error not_found: no such record in this tree, or deleted (also by this change set).  limit: kTouchedMax.
  Result<Work*> find(const RecordId& id);
  /// Deleted ones too.
  Result<Work*> find_any(const RecordId& id);
  /// @error conflict: the record has another version (problem().kind).
  Result<void> expect(const Work& work, std::optional<std::int64_t> version);
  /// The record's editor, made on first use.
  Result<tree::edit::Editor*> edit(Work& work);
  Result<Work*> create(const RecordId& id, tree::model::RecordKind kind);
  /// Its id is minted for create().
  RecordId mint() { return RecordId{archive_.database().ids().next()}; }
  /// Deletes it. Pointers of others are the caller's business; finish() refuses if one is left.
  void remove(Work& work) { work.gone = true; }
  /// The record as it is in this change set.
  Result<tree::Structure> structure(const Work& work) const;
  const tree::kinship::Graph& graph_before() const noexcept { return graph_->graph; }

  /// The answer that was given under the request's key, if it was asked before.
  /// @error conflict: something else was asked under it (problem().kind).
  Result<std::optional<ChangeResult>> answered(const ChangeRequest& request);

  /// Works everything out, writes it, and commits unless it is a dry run.
  Result<ChangeResult> finish(const ChangeRequest& request, store::ChangeSetKind kind, std::optional<store::ChangeSetId> undoes = {});

 private:
  Workspace(Archive& archive, store::Writer writer, ChangeProblem& problem);
  Result<Work*> load(Rid rid);
  Result<std::uint16_t> number_floor(const Work& work);
  Result<void> settle();
  std::span<const Rid> named_by(const RecordId& id) const;
  Result<void> check_pointers();
  Result<void> check_unused();
  Result<void> gather_families();
  Result<void> derive_members(Rid family);
  Result<void> derive_graph();
  Result<void> derive_living();
  std::vector<std::uint32_t> bounds_to_renew(const std::set<std::uint32_t>& edited) const;
  Result<tree::model::LivingFacts> facts_of(std::uint32_t n);
  Result<const tree::Structure*> present(Rid rid);
  tree::model::FieldInputs inputs(const tree::kinship::Graph& graph, std::uint32_t n);
  Result<RecordId> id_of(Rid rid);
  std::optional<Rid> rid_of(const RecordId& id);
  Result<void> write(const store::ChangeContext& context);
  Result<void> write_record(Work& work, const store::ChangeContext& context);
  Result<void> write_deletion(Work& work, const store::ChangeContext& context);
  Result<void> write_derived(const store::ChangeContext& context);
  Result<void> write_living();
  Result<void> remember_blobs(const Work& work);
  Result<void> write_places();
  Result<void> note_document(Rid rid, const search::Document& after);
  Result<void> gather_index_edits();
  Result<void> remember_key(const ChangeRequest& request);
  void patch_at_commit();

  Archive& archive_;
  store::Writer writer_;
  ChangeProblem& problem_;
  store::TreeInfo tree_;
  tree::Dialect dialect_ = tree::Dialect::gedcom551;
  std::shared_ptr<const TreeGraph> graph_;
  TreeMemory* memory_ = nullptr;
  std::map<Rid, Work> works_;
  std::unordered_map<RecordId, Rid> rids_;
  std::uint32_t next_n_ = 0;
  std::uint64_t xref_next_ = 0;

  // Known in finish():
  std::unordered_map<RecordId, std::vector<Rid>> named_by_;           ///< target → records of this change set, rids ascending
  std::set<Rid> families_;                                            ///< whose members may be others now
  std::map<Rid, std::vector<store::MemberRow>> members_;
  std::set<std::uint32_t> relatives_;                                 ///< persons whose parents may be others now
  tree::kinship::Graph after_;
  std::map<std::uint32_t, tree::model::LivingFacts> facts_;           ///< changed ones
  std::map<std::uint32_t, tree::model::Jdn> births_;                  ///< changed ones
  std::map<std::uint32_t, tree::model::Jdn> living_until_;            ///< of everybody whose may be another now
  std::unordered_map<Rid, tree::Structure> read_only_;                ///< looked at, not touched
  PlaceCache places_;
  std::int64_t last_place_ = 0;
  tree::model::FieldHasher hasher_;
  std::vector<std::pair<std::string, Digest>> blobs_;                 ///< of the record being projected
  std::vector<std::pair<std::uint32_t, bool>> living_;                ///< persons whose word "living" is another now
  tree::model::Jdn today_;

  struct IndexEdit;
  std::vector<std::unique_ptr<IndexEdit>> index_edits_;
  std::map<Rid, std::pair<search::Document, search::Document>> documents_;  ///< before, after
  std::set<Rid> rows_only_;                                                 ///< whose rows changed, but not their documents
  std::vector<std::pair<search::PlaceFacts, std::string>> new_places_;
  ChangeResult result_;
};

}  // namespace tablinum::archive
