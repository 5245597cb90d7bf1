#pragma once
/// The first reading of an import: who belongs to which family, and when everybody must have been born. What a record's rows and fields
/// need of other records (parents, living or not) is known after it, so the second reading writes each record once.
#include <span>
#include <vector>

#include "tablinum/base/id.h"
#include "tablinum/store/types.h"
#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/kinship/graph.h"
#include "tablinum/tree/model/fields.h"
#include "tablinum/tree/model/living.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::archive {

/// Counts in the words of `tablinum import --json`.
struct ImportCounts {
  std::uint64_t individuals = 0, families = 0, sources = 0, repositories = 0, media = 0, notes = 0, submitters = 0;
  std::uint64_t births = 0, deaths = 0, marriages = 0, named = 0, events = 0;
};

class ImportFacts {
 public:
  /// `ids[ordinal]`, increasing. `findings`, if given, hears of dates that nobody can read.
  explicit ImportFacts(std::span<const RecordId> ids, tree::gedcom::Findings* findings = nullptr);

  /// One record of the first reading, in file order.
  void add(const tree::gedcom::Record& record);
  /// Instead of add(): a record that was deleted and keeps its n.
  void add_absent(std::uint32_t ordinal);
  /// After the last one: joins both sides of every family, breaks cycles, works out who is living.
  /// @error those of kinship::build_graph().
  Result<void> finish(std::int64_t tree_no);

  // After finish():
  std::uint32_t records() const noexcept { return records_; }
  /// n of a record's ordinal; kNoOrdinal for one that was left out.
  std::uint32_t n_of_ordinal(std::uint32_t ordinal) const noexcept { return n_of_ordinal_[ordinal]; }
  std::optional<std::uint32_t> n_of_id(const RecordId& id) const noexcept;
  std::span<const store::MemberRow> members(std::uint32_t family_n) const noexcept;
  /// Father's and mother's ids, of the primary and the next parent family.
  tree::model::ParentIds parents(std::uint32_t n) const noexcept;
  tree::model::ParentIds further_parents(std::uint32_t n) const noexcept;
  tree::model::Jdn living_until(std::uint32_t n) const noexcept { return living_until_[n]; }
  const ImportCounts& counts() const noexcept { return counts_; }

 private:
  /// One side of a membership, by ordinals.
  struct Side {
    std::uint32_t family, person;
    store::MemberRole role;
    tree::model::Pedigree pedigree;
    std::uint16_t ord;
    bool from_family;
    bool both = false;  ///< family and person say it
  };

  void add_person(const tree::gedcom::Record& record);
  void add_family(const tree::gedcom::Record& record);
  std::optional<std::uint32_t> ordinal_of(const tree::model::Target& target) const noexcept;
  void note_dates(const tree::gedcom::Record& record, std::span<const tree::model::EventView> events);
  void join_sides();
  void make_members(std::int64_t tree_no, std::vector<tree::kinship::MemberRow>& rows);
  void work_out_living();
  RecordId id_of(std::uint32_t n) const noexcept { return n == tree::kinship::kNone ? RecordId{} : id_of_n_[n]; }

  std::span<const RecordId> ids_;
  tree::gedcom::Findings* findings_;
  std::vector<std::uint32_t> n_of_ordinal_;
  std::uint32_t records_ = 0;
  std::vector<RecordId> id_of_n_;
  std::vector<tree::kinship::Sex> sex_;            ///< by ordinal, then by n
  std::vector<bool> is_family_;                    ///< by ordinal
  std::vector<tree::model::LivingFacts> facts_;    ///< likewise
  std::vector<std::uint32_t> main_family_;         ///< likewise; kNone where a person has one parent family or none
  std::vector<Side> sides_;
  std::vector<store::MemberRow> members_;
  std::vector<std::uint32_t> members_begin_;       ///< by n; one more at the end
  tree::kinship::Graph graph_;
  std::vector<tree::model::Jdn> living_until_;
  ImportCounts counts_;
  tree::model::PersonView person_;
  tree::model::FamilyView family_;
};

}  // namespace tablinum::archive
