#include <set>

#include "kinship/graph_data.h"

namespace tablinum::tree::kinship {
namespace {

/// Whole graphs of arrays again, where too many nodes are overridden.
Graph merged(const Graph& graph) {
  auto arrays = std::make_shared<GraphAccess::Arrays>();
  for (std::uint32_t n = 0; n < graph.node_count(); ++n) {
    const OverriddenNode node = GraphAccess::node(graph, n);
    arrays->nodes.push_back({node.first, node.second, node.parent_family, static_cast<std::uint32_t>(arrays->lists.size())});
    arrays->flags.push_back(node.flags);
    arrays->lists.insert(arrays->lists.end(), node.list.begin(), node.list.end());
    if (!node.further.empty()) arrays->further_index.push_back({n, static_cast<std::uint32_t>(arrays->further.size())});
    arrays->further.insert(arrays->further.end(), node.further.begin(), node.further.end());
  }
  arrays->nodes.push_back({kNone, kNone, kNone, static_cast<std::uint32_t>(arrays->lists.size())});
  arrays->further_index.push_back({kNone, static_cast<std::uint32_t>(arrays->further.size())});
  arrays->person_count = graph.person_count();
  arrays->family_count = graph.family_count();
  return GraphAccess::make(std::move(arrays), nullptr);
}

std::string chain_text(std::span<const PersonN> chain) {
  std::string text;
  for (const PersonN n : chain) text += (text.empty() ? "" : " ") + std::to_string(n);
  return text;
}

class GraphEditor {
 public:
  explicit GraphEditor(const Graph& graph) : graph_{graph}, overrides_{std::make_shared<GraphAccess::Overrides>()} {
    if (const auto* existing = GraphAccess::overrides(graph)) {
      *overrides_ = *existing;
    } else {
      overrides_->node_count = graph.node_count();
      overrides_->person_count = graph.person_count();
      overrides_->family_count = graph.family_count();
    }
  }

  Result<Graph> apply(std::span<const FamilyChange> families, std::span<const PersonChange> persons) {
    // New people first, so that families can name them; people go last, when no family names them any more.
    for (const PersonChange& change : persons)
      if (change.sex != Sex::absent) CHECK_OK(set_sex(change));
    for (const FamilyChange& change : families) CHECK_OK(set_family(change));
    for (const PersonChange& change : persons)
      if (change.sex == Sex::absent) CHECK_OK(remove_person(change.person));
    for (const PersonN child : children_touched_) place_parents(child);
    return finish();
  }

 private:
  OverriddenNode& edit(std::uint32_t n) {
    if (const auto found = edited_.find(n); found != edited_.end()) return found->second;
    overrides_->node_count = std::max(overrides_->node_count, n + 1);
    return edited_.emplace(n, GraphAccess::node(graph_, n)).first->second;
  }
  Sex sex(PersonN person) const {
    const auto found = edited_.find(person);
    return found == edited_.end() ? graph_.sex(person) : found->second.flags.sex;
  }

  Result<void> set_sex(const PersonChange& change) {
    if (change.person >= kNodesMax) return fail(Code::too_large, "record number over the limit of a kinship graph");
    OverriddenNode& person = edit(change.person);
    if (person.is_family()) return fail(Code::invalid, "a family cannot become a person");
    overrides_->person_count += person.flags.sex == Sex::absent;
    person.flags.sex = change.sex;
    for (const FamilyN family : person.list) place_partners(edit(family));
    return {};
  }

  Result<void> remove_person(PersonN n) {
    if (n >= overrides_->node_count || sex(n) == Sex::absent) return {};
    OverriddenNode& person = edit(n);
    if (!person.list.empty() || !parent_families(n).empty())
      return fail(Code::invalid, "a person goes while a family names it");
    person = {};
    --overrides_->person_count;
    return {};
  }

  /// Places change with the sexes; the order of the rows is kept in `swapped`.
  void place_partners(OverriddenNode& family) {
    PersonN first = family.flags.swapped ? family.second : family.first;
    PersonN second = family.flags.swapped ? family.first : family.second;
    family.flags.swapped = first != kNone && places_swapped(sex(first), second == kNone ? Sex::absent : sex(second));
    if (family.flags.swapped) std::swap(first, second);
    if (first == family.first && second == family.second) return;
    family.first = first;
    family.second = second;
    children_touched_.insert(family.list.begin(), family.list.end());
  }

  Result<void> set_family(const FamilyChange& change) {
    if (change.family >= kNodesMax) return fail(Code::too_large, "record number over the limit of a kinship graph");
    if (sex(change.family) != Sex::absent) return fail(Code::invalid, "a person cannot become a family");
    CHECK_OK(check_rows(change));
    overrides_->family_count -= edit(change.family).is_family();
    clear_family(change.family);
    fill_family(change);
    overrides_->family_count += edit(change.family).is_family();
    return {};
  }

  Result<void> check_rows(const FamilyChange& change) const {
    std::size_t partners = 0;
    std::set<std::pair<Role, PersonN>> met;
    for (const MemberRow& row : change.rows) {
      if (row.family != change.family) return fail(Code::invalid, "a row of another family");
      if (row.state == MemberState::excluded) continue;
      if (row.person >= overrides_->node_count || sex(row.person) == Sex::absent) return fail(Code::invalid, "no such person");
      if (row.role == Role::partner && ++partners > 2) return fail(Code::invalid, "more than two partners");
      if (!met.emplace(row.role, row.person).second) return fail(Code::invalid, "the same member twice");
    }
    return {};
  }

  void clear_family(FamilyN n) {
    OverriddenNode& family = edit(n);
    for (const PersonN partner : {family.first, family.second})
      if (partner != kNone) std::erase(edit(partner).list, n);
    for (const PersonN child : family.list) {
      std::erase_if(parent_families(child), [&](const ParentFamily& of) { return of.family == n; });
      children_touched_.insert(child);
    }
    family = {};
  }

  void fill_family(const FamilyChange& change) {
    OverriddenNode& family = edit(change.family);
    for (const std::uint32_t at : file_order(change.rows)) {
      const MemberRow& row = change.rows[at];
      if (row.state == MemberState::excluded) continue;
      if (row.role == Role::partner) {
        (family.first == kNone ? family.first : family.second) = row.person;
        auto& list = edit(row.person).list;
        list.insert(std::ranges::upper_bound(list, change.family), change.family);
      } else {
        family.list.push_back(row.person);
        auto& parents = parent_families(row.person);
        const auto place = std::ranges::upper_bound(parents, change.family, {}, &ParentFamily::family);
        parents.insert(place, {change.family, row.pedigree, row.primary});
        children_touched_.insert(row.person);
      }
    }
    place_partners(family);
  }

  /// All parent families of a child in file order, the primary one among them; kept apart until place_parents().
  std::vector<ParentFamily>& parent_families(PersonN child) {
    const auto [found, is_new] = parent_families_.try_emplace(child);
    if (!is_new) return found->second;
    const OverriddenNode& node = edit(child);
    found->second = node.further;
    if (node.parent_family != kNone) {
      const auto place = std::ranges::upper_bound(found->second, node.parent_family, {}, &ParentFamily::family);
      found->second.insert(place, {node.parent_family, node.flags.pedigree, node.flags.primary_stated != 0});
    }
    return found->second;
  }

  void place_parents(PersonN child) {
    std::vector<ParentFamily> families = parent_families(child);
    OverriddenNode& node = edit(child);
    node.first = node.second = node.parent_family = kNone;
    node.flags.pedigree = Pedigree::unstated;
    node.flags.primary_stated = 0;
    if (!families.empty()) {
      const auto primary = families.begin() + static_cast<std::ptrdiff_t>(primary_index(families));
      const OverriddenNode& family = edit(primary->family);
      node.first = family.first;
      node.second = family.second;
      node.parent_family = primary->family;
      node.flags.pedigree = primary->pedigree;
      node.flags.primary_stated = primary->primary;
      families.erase(primary);
    }
    node.flags.has_further = !families.empty();
    node.further = std::move(families);
  }

  Result<Graph> finish() {
    for (const auto& [child, families] : parent_families_)
      if (families.size() > kParentFamiliesMax) return fail(Code::invalid, "too many parent families");
    for (auto& [n, node] : edited_) overrides_->nodes[n] = std::make_shared<const OverriddenNode>(std::move(node));
    const std::size_t overridden_max = std::min<std::size_t>(kOverridesMax, overrides_->node_count / 100);
    const bool many = overrides_->nodes.size() > overridden_max;
    Graph after = GraphAccess::with_overrides(graph_, std::move(overrides_));
    CHECK_OK(check_cycles(after));
    return many ? merged(after) : std::move(after);
  }

  Result<void> check_cycles(const Graph& after) const {
    for (const PersonN child : children_touched_) {
      std::vector<PersonN> chain;
      for_each_parent_pair(after, child, [&](const ParentPair& pair) {
        for (const PersonN parent : {pair.father, pair.mother})
          if (parent != kNone && chain.empty()) chain = cycle_closed_by(after, parent, child);
      });
      if (!chain.empty()) return fail(Code::conflict, "its own ancestor: " + chain_text(chain));
    }
    return {};
  }

  const Graph& graph_;
  std::shared_ptr<GraphAccess::Overrides> overrides_;
  std::map<std::uint32_t, OverriddenNode> edited_;  // references stay valid while it grows
  std::map<PersonN, std::vector<ParentFamily>> parent_families_;
  std::set<PersonN> children_touched_;
};

}  // namespace

Result<Graph> Graph::with(std::span<const FamilyChange> families, std::span<const PersonChange> persons) const {
  return GraphEditor{*this}.apply(families, persons);
}

}  // namespace tablinum::tree::kinship
