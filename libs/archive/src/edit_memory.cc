#include "edit_memory.h"

#include <charconv>

#include "tablinum/store/records.h"
#include "tablinum/tree/model/view.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace kinship = tree::kinship;

/// The number at the end of an export name, if it is one that new names could meet.
std::uint64_t number_at_end(std::string_view xref) noexcept {
  constexpr std::size_t kDigitsMax = 9;
  std::size_t begin = xref.size();
  while (begin > 0 && xref[begin - 1] >= '0' && xref[begin - 1] <= '9') --begin;
  if (begin == xref.size() || xref.size() - begin > kDigitsMax) return 0;
  std::uint64_t number = 0;
  std::from_chars(xref.data() + begin, xref.data() + xref.size(), number);
  return number;
}

Result<void> read_names(store::Session& session, TreeMemory& memory) {
  // Those of deleted records too: an undo may bring them back.
  auto rows = session.statement("SELECT xref FROM record WHERE rid BETWEEN :1 AND :2 AND xref IS NOT NULL", "ii", "t")
                  .query(make_rid(memory.tree_no, 0), make_rid(memory.tree_no, 0xFFFF'FFFF));
  while (rows.next()) memory.xref_max = std::max(memory.xref_max, number_at_end(rows.text(0)));
  return rows.status();
}

Result<void> read_facts(store::Session& session, const TreeGraph& graph, TreeMemory& memory) {
  model::PersonView person;
  model::FamilyView family;
  TRY(ids, store::record_ids(session, memory.tree_no));
  memory.facts.resize(ids.size());
  return store::for_each_record(session, memory.tree_no, 0, [&](const store::Record& record) -> Result<void> {
    if (record.kind != store::RecordKind::person && record.kind != store::RecordKind::family) return {};
    TRY(structure, tree::decode(record.structure));
    if (record.kind == store::RecordKind::person) {
      model::read_person(structure, person);
      auto& facts = memory.facts[n_of(record.rid)];
      const auto before = facts;  // families that came earlier have spoken already
      facts = model::living_facts(person);
      facts.event_max = std::min(facts.event_max, before.event_max);
      facts.marriage_max = std::min(facts.marriage_max, before.marriage_max);
      return {};
    }
    model::read_family(structure, family);
    for (const auto& partner : family.partners) {
      if (!partner.target.resolved()) continue;
      const auto at = std::ranges::lower_bound(ids, partner.target.id);
      if (at == ids.end() || *at != partner.target.id) continue;
      const auto n = static_cast<std::uint32_t>(at - ids.begin());
      if (graph.graph.is_person(n)) model::add_family(memory.facts[n], family);
    }
    return {};
  });
}

}  // namespace

std::pair<std::uint32_t, std::uint32_t> birth_parents(const kinship::Graph& graph, kinship::PersonN person) noexcept {
  static_assert(model::kNobody == kinship::kNone);
  if (!graph.is_person(person)) return {model::kNobody, model::kNobody};
  const auto parents = graph.parents(person);
  if (!kinship::is_biological(parents.pedigree)) return {model::kNobody, model::kNobody};
  return {parents.father, parents.mother};
}

Result<TreeMemory*> EditMemory::of(store::Session& session, const TreeGraph& graph) {
  const auto found = std::ranges::find(trees_, graph.tree.tree_no, &TreeMemory::tree_no);
  if (found != trees_.end()) {
    if (found->generation == graph.tree.generation) {
      trees_.splice(trees_.begin(), trees_, found);
      return &trees_.front();
    }
    trees_.erase(found);
  }
  TreeMemory memory{.tree_no = graph.tree.tree_no, .generation = graph.tree.generation};
  CHECK_OK(read_names(session, memory));
  CHECK_OK(read_facts(session, graph, memory));
  std::vector<std::uint32_t> father(memory.facts.size()), mother(memory.facts.size());
  for (std::uint32_t n = 0; n < memory.facts.size(); ++n) std::tie(father[n], mother[n]) = birth_parents(graph.graph, n);
  memory.births = model::latest_births(memory.facts, father, mother);
  trees_.push_front(std::move(memory));
  if (trees_.size() > kEditedTreesMax) trees_.pop_back();
  return &trees_.front();
}

}  // namespace tablinum::archive
