#include "tablinum/tree/kinship/graph.h"

#include <atomic>

#include "kinship/graph_data.h"
#include "kinship/inbreeding_cache.h"
#include "kinship/scratch.h"

namespace tablinum::tree::kinship {
namespace {

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::shared_ptr<const GraphAccess::Arrays> empty_arrays() {
  auto arrays = std::make_shared<GraphAccess::Arrays>();
  arrays->nodes.resize(1);
  return arrays;
}

const OverriddenNode* find(const GraphAccess::Overrides* overrides, std::uint32_t n) noexcept {
  if (overrides == nullptr) return nullptr;
  const auto found = overrides->nodes.find(n);
  return found == overrides->nodes.end() ? nullptr : found->second.get();
}

std::size_t bytes_of_override(const OverriddenNode& node) noexcept {
  constexpr std::size_t kMapEntry = 48;  // bucket, hash node and control block, about
  return sizeof node + kMapEntry + node.list.capacity() * sizeof(std::uint32_t) +
         node.further.capacity() * sizeof(ParentFamily);
}

template <class T>
std::size_t bytes_of_vector(const std::vector<T>& values) noexcept {
  return values.capacity() * sizeof(T);
}

}  // namespace

std::size_t primary_index(std::span<const ParentFamily> families) noexcept {
  const auto stated = std::ranges::find(families, true, &ParentFamily::primary);
  if (stated != families.end()) return static_cast<std::size_t>(stated - families.begin());
  const auto born = std::ranges::find_if(families, [](const ParentFamily& f) { return is_biological(f.pedigree); });
  return born == families.end() ? 0 : static_cast<std::size_t>(born - families.begin());
}

bool places_swapped(Sex first, Sex second) noexcept {
  return (first == Sex::female && second != Sex::female) || (second == Sex::male && first != Sex::male);
}

OverriddenNode GraphAccess::node(const Graph& graph, std::uint32_t n) {
  if (const auto* edited = find(overrides(graph), n)) return *edited;
  const Arrays& base = arrays(graph);
  if (n >= base.flags.size()) return {};
  const Node& node = base.nodes[n];
  const auto list = base.list(n);
  const auto further = base.further_of(n);
  return {
      node.first, node.second, node.parent_family, base.flags[n], {list.begin(), list.end()}, {further.begin(), further.end()}};
}

Graph GraphAccess::make(std::shared_ptr<const Arrays> arrays, std::shared_ptr<const Overrides> overrides) {
  Graph graph;
  graph.arrays_ = std::move(arrays);
  graph.overrides_ = std::move(overrides);
  return graph;
}

Graph::Graph() : arrays_{empty_arrays()}, inbreeding_{std::make_shared<InbreedingCache>()}, generation_{next_generation()} {}
Graph::Graph(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(const Graph&) = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

std::uint32_t Graph::node_count() const noexcept {
  return overrides_ ? overrides_->node_count : static_cast<std::uint32_t>(arrays_->flags.size());
}
std::uint32_t Graph::person_count() const noexcept { return overrides_ ? overrides_->person_count : arrays_->person_count; }
std::uint32_t Graph::family_count() const noexcept { return overrides_ ? overrides_->family_count : arrays_->family_count; }
std::uint64_t Graph::generation() const noexcept { return generation_; }

std::size_t Graph::memory_bytes() const noexcept {
  std::size_t bytes = bytes_of_vector(arrays_->nodes) + bytes_of_vector(arrays_->flags) + bytes_of_vector(arrays_->lists) +
                      bytes_of_vector(arrays_->further_index) + bytes_of_vector(arrays_->further);
  if (overrides_)
    for (const auto& [n, node] : overrides_->nodes) bytes += bytes_of_override(*node);
  return bytes;
}

Sex Graph::sex(PersonN person) const noexcept {
  if (const auto* edited = find(overrides_.get(), person)) return edited->flags.sex;
  return person < arrays_->flags.size() ? arrays_->flags[person].sex : Sex::absent;
}

ParentPair Graph::parents(PersonN person) const noexcept {
  if (const auto* edited = find(overrides_.get(), person))
    return {edited->first, edited->second, edited->parent_family, edited->flags.pedigree};
  if (person >= arrays_->flags.size()) return {};
  const Node& node = arrays_->nodes[person];
  return {node.first, node.second, node.parent_family, arrays_->flags[person].pedigree};
}
PersonN Graph::father(PersonN person) const noexcept { return parents(person).father; }
PersonN Graph::mother(PersonN person) const noexcept { return parents(person).mother; }

std::span<const ParentFamily> Graph::further_parents(PersonN person) const noexcept {
  if (const auto* edited = find(overrides_.get(), person)) return edited->further;
  return person < arrays_->flags.size() ? arrays_->further_of(person) : std::span<const ParentFamily>{};
}

std::span<const FamilyN> Graph::families(PersonN person) const noexcept {
  if (const auto* edited = find(overrides_.get(), person)) return edited->list;
  return person < arrays_->flags.size() ? arrays_->list(person) : std::span<const FamilyN>{};
}
// A family's children and a person's families are the same thing to the node: its list.
std::span<const PersonN> Graph::children(FamilyN family) const noexcept { return families(family); }

std::array<PersonN, 2> Graph::partners(FamilyN family) const noexcept {
  const ParentPair places = parents(family);  // the same two fields of the node
  return {places.father, places.mother};
}

PersonN Graph::partner_of(PersonN person, FamilyN family) const noexcept {
  const auto both = partners(family);
  return both[0] == person ? both[1] : both[0];
}

std::optional<Pedigree> Graph::pedigree(PersonN child, FamilyN family) const noexcept {
  const ParentPair primary = parents(child);
  if (primary.family == family && family != kNone) return primary.pedigree;
  for (const ParentFamily& further : further_parents(child))
    if (further.family == family) return further.pedigree;
  return std::nullopt;
}

std::vector<PersonN> cycle_closed_by(const Graph& graph, PersonN parent, PersonN child) {
  ScratchMap came_from{graph.node_count()};  // towards `parent`
  std::vector<PersonN> queue{parent};
  came_from.set(parent, kNone);
  for (std::size_t at = 0; at < queue.size() && !came_from.contains(child); ++at) {
    for_each_parent_pair(graph, queue[at], [&](const ParentPair& pair) {
      for (const PersonN up : {pair.father, pair.mother})
        if (up != kNone && came_from.insert(up, queue[at])) queue.push_back(up);
    });
  }
  std::vector<PersonN> chain;
  if (!came_from.contains(child)) return chain;
  for (PersonN at = child; at != kNone; at = came_from.at(at)) chain.push_back(at);
  return chain;
}

}  // namespace tablinum::tree::kinship
