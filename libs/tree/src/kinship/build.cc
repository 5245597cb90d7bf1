#include <numeric>

#include "kinship/cycles.h"
#include "kinship/graph_data.h"

namespace tablinum::tree::kinship {
namespace {

using Arrays = GraphAccess::Arrays;

auto file_key(const MemberRow& row) noexcept { return std::tuple{row.family, row.role, row.ord}; }

class GraphBuilder {
 public:
  GraphBuilder(std::span<const Sex> sexes, std::span<const MemberRow> rows)
      : sexes_{sexes}, rows_{rows}, order_{file_order(rows)}, kept_(rows.size(), true), arrays_{std::make_shared<Arrays>()} {}

  BuiltGraph build() {
    make_nodes();
    refuse_bad_rows();
    place_partners();
    make_lists();
    break_cycles();
    place_children();
    std::ranges::sort(excluded_, {}, &ExcludedRow::row);
    return {GraphAccess::make(std::move(arrays_), nullptr), std::move(excluded_)};
  }

 private:
  void exclude(std::uint32_t row, Exclusion why) {
    kept_[row] = false;
    excluded_.push_back({row, why});
  }

  void make_nodes() {
    arrays_->nodes.resize(sexes_.size() + 1);
    arrays_->flags.resize(sexes_.size());
    for (std::size_t n = 0; n < sexes_.size(); ++n) {
      arrays_->flags[n].sex = sexes_[n];
      arrays_->person_count += sexes_[n] != Sex::absent;
    }
  }

  bool is_person(std::uint32_t n) const { return n < sexes_.size() && sexes_[n] != Sex::absent; }

  /// What is wrong with a row by itself or beside the earlier rows of its family.
  std::optional<Exclusion> fault(const MemberRow& row) {
    if (row.state == MemberState::excluded) return Exclusion::stated;
    if (!is_person(row.person)) return Exclusion::not_a_person;
    if (row.family >= sexes_.size() || is_person(row.family)) return Exclusion::not_a_family;
    return row.role == Role::partner ? partner_fault(row) : child_fault(row);
  }

  // While rows are read, a family's partners stand in the order of its rows; place_partners() gives them their places.
  std::optional<Exclusion> partner_fault(const MemberRow& row) {
    auto& family = arrays_->nodes[row.family];
    if (family.first == row.person || family.second == row.person) return Exclusion::duplicate_partner;
    if (family.second != kNone) return Exclusion::too_many_partners;
    (family.first == kNone ? family.first : family.second) = row.person;
    return std::nullopt;
  }

  std::optional<Exclusion> child_fault(const MemberRow& row) {
    if (child_of_[row.person] == row.family) return Exclusion::duplicate_child;
    if (parent_families_[row.person] == kParentFamiliesMax) return Exclusion::too_many_parents;
    child_of_[row.person] = row.family;
    ++parent_families_[row.person];
    return std::nullopt;
  }

  void refuse_bad_rows() {
    child_of_.assign(sexes_.size(), kNone);
    parent_families_.assign(sexes_.size(), 0);
    for (const std::uint32_t row : order_)
      if (const auto why = fault(rows_[row])) exclude(row, *why);
    child_of_ = {};
    parent_families_ = {};
  }

  void place_partners() {
    for (std::size_t n = 0; n < sexes_.size(); ++n) {
      auto& node = arrays_->nodes[n];
      if (node.first == kNone) continue;
      if (!places_swapped(sexes_[node.first], node.second == kNone ? Sex::absent : sexes_[node.second])) continue;
      std::swap(node.first, node.second);
      arrays_->flags[n].swapped = 1;
    }
  }

  /// The node whose list a row belongs to, and what it adds there.
  static std::uint32_t list_owner(const MemberRow& row) { return row.role == Role::partner ? row.person : row.family; }
  static std::uint32_t list_entry(const MemberRow& row) { return row.role == Role::partner ? row.family : row.person; }

  void make_lists() {
    auto& nodes = arrays_->nodes;
    for (auto& node : nodes) node.list_begin = 0;
    for (std::size_t row = 0; row < rows_.size(); ++row)
      if (kept_[row]) ++nodes[list_owner(rows_[row]) + 1].list_begin;
    for (std::size_t n = 1; n < nodes.size(); ++n) nodes[n].list_begin += nodes[n - 1].list_begin;
    arrays_->lists.resize(nodes.back().list_begin);
    // Each begin runs to its list's end while the list is filled, so afterwards every one stands where the next one began.
    for (const std::uint32_t row : order_)
      if (kept_[row]) arrays_->lists[nodes[list_owner(rows_[row])].list_begin++] = list_entry(rows_[row]);
    for (std::size_t n = nodes.size() - 1; n > 0; --n) nodes[n].list_begin = nodes[n - 1].list_begin;
    nodes[0].list_begin = 0;
  }

  void break_cycles() {
    std::vector<ChildEdge> edges;
    for (const std::uint32_t row : order_)
      if (kept_[row] && rows_[row].role == Role::child) edges.push_back({rows_[row].family, rows_[row].person, row});
    const auto closing = closing_edges(*arrays_, edges);
    for (const std::uint32_t row : closing) exclude(row, Exclusion::cycle);
    if (!closing.empty()) make_lists();
  }

  void place_children() {
    std::vector<std::pair<PersonN, ParentFamily>> further;
    for (const std::uint32_t at : order_) {
      const MemberRow& row = rows_[at];
      if (!kept_[at]) continue;
      arrays_->nodes[row.family].parent_family = 0;  // a mark: this n is a family in use
      if (row.role == Role::child) further.emplace_back(row.person, ParentFamily{row.family, row.pedigree, row.primary});
    }
    count_families();
    choose_primary_parents(further);
  }

  void count_families() {
    for (std::size_t n = 0; n < sexes_.size(); ++n) {
      arrays_->family_count += arrays_->nodes[n].parent_family == 0;
      arrays_->nodes[n].parent_family = kNone;
    }
  }

  /// Most children have one family: it is placed at once, and only the others are sorted and compared.
  void choose_primary_parents(std::vector<std::pair<PersonN, ParentFamily>>& edges) {
    std::vector<bool> met(sexes_.size()), several(sexes_.size());
    for (const auto& [child, family] : edges) {
      if (met[child]) several[child] = true;
      met[child] = true;
    }
    for (const auto& [child, family] : edges)
      if (!several[child]) set_parents(child, family);
    std::erase_if(edges, [&](const auto& edge) { return !several[edge.first]; });
    std::ranges::sort(edges, {}, [](const auto& edge) { return std::pair{edge.first, edge.second.family}; });
    place_further_parents(edges);
  }

  void place_further_parents(std::span<const std::pair<PersonN, ParentFamily>> edges) {
    std::vector<ParentFamily> of_child;
    for (std::size_t at = 0; at < edges.size();) {
      const PersonN child = edges[at].first;
      of_child.clear();
      for (; at < edges.size() && edges[at].first == child; ++at) of_child.push_back(edges[at].second);
      const std::size_t primary = primary_index(of_child);
      set_parents(child, of_child[primary]);
      of_child.erase(of_child.begin() + static_cast<std::ptrdiff_t>(primary));
      arrays_->further_index.push_back({child, static_cast<std::uint32_t>(arrays_->further.size())});
      arrays_->flags[child].has_further = 1;
      arrays_->further.insert(arrays_->further.end(), of_child.begin(), of_child.end());
    }
    arrays_->further_index.push_back({kNone, static_cast<std::uint32_t>(arrays_->further.size())});
  }

  void set_parents(PersonN child, const ParentFamily& family) {
    auto& node = arrays_->nodes[child];
    node.first = arrays_->nodes[family.family].first;
    node.second = arrays_->nodes[family.family].second;
    node.parent_family = family.family;
    arrays_->flags[child].pedigree = family.pedigree;
    arrays_->flags[child].primary_stated = family.primary;
  }

  std::span<const Sex> sexes_;
  std::span<const MemberRow> rows_;
  std::vector<std::uint32_t> order_;
  std::vector<bool> kept_;
  std::vector<ExcludedRow> excluded_;
  std::vector<FamilyN> child_of_;  // the family in which a person was last met as child
  std::vector<std::uint8_t> parent_families_;
  std::shared_ptr<Arrays> arrays_;
};

}  // namespace

std::vector<std::uint32_t> file_order(std::span<const MemberRow> rows) {
  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0u);
  if (!std::ranges::is_sorted(rows, {}, file_key))
    std::ranges::sort(order, {}, [&](std::uint32_t row) { return std::pair{file_key(rows[row]), row}; });
  return order;
}

Result<BuiltGraph> build_graph(std::span<const Sex> sexes, std::span<const MemberRow> rows) {
  if (sexes.size() > kNodesMax) return fail(Code::too_large, "more records than a kinship graph holds");
  if (rows.size() >= kNone) return fail(Code::too_large, "more member rows than a kinship graph holds");
  return GraphBuilder{sexes, rows}.build();
}

}  // namespace tablinum::tree::kinship
