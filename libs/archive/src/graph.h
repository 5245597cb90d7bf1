#pragma once
/// Reads a tree's graph and search index from the database.
#include "tablinum/archive/archive.h"
#include "tablinum/store/records.h"

namespace tablinum::archive {

Result<std::shared_ptr<const TreeGraph>> read_graph(store::Session& session, std::int64_t tree_no);
Result<std::shared_ptr<search::TreeIndex>> read_index(store::Session& session, std::int64_t tree_no);

/// Where a reader would like to begin: who has parents, partners and children, and among those the one with most.
tree::kinship::PersonN choose_home(const tree::kinship::Graph& graph);

/// What the index keeps of one record, with the texts that it views.
class OwnedFacts {
 public:
  const search::RecordFacts& facts() const noexcept { return facts_; }

 private:
  friend Result<OwnedFacts> read_facts(store::Session&, const store::Record&, const search::Document&);
  search::RecordFacts facts_;
  std::unique_ptr<std::pair<std::string, std::string>> texts_;  // surname or title, given; where they are stays when this moves
  std::vector<std::uint32_t> places_;
};
/// The same as read_index() has of it, from its rows as they are now.
Result<OwnedFacts> read_facts(store::Session& session, const store::Record& record, const search::Document& document);

}  // namespace tablinum::archive
