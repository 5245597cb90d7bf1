#include "tablinum/tree/kinship/relationship.h"

#include "kinship/ancestry.h"

namespace tablinum::tree::kinship {
namespace {

bool shares_apex(const Line& a, const Line& b) noexcept {
  const auto is_apex_of_b = [&](PersonN person) { return person != kNone && (person == b.apex || person == b.apex_partner); };
  return is_apex_of_b(a.apex) || is_apex_of_b(a.apex_partner);
}

/// How many lines of the first one's shape run over people of their own.
std::uint32_t couples(std::span<const Line> lines, const Line& as) {
  std::vector<const Line*> counted;
  for (const Line& line : lines) {
    const bool same_shape = line.up == as.up && line.down == as.down && line.blood == as.blood &&
                            (line.apex_partner == kNone) == (as.apex_partner == kNone);
    if (!same_shape) continue;
    if (std::ranges::none_of(counted, [&](const Line* other) { return shares_apex(line, *other); })) counted.push_back(&line);
  }
  return static_cast<std::uint32_t>(counted.size());
}

std::optional<Step> partner_step(const Graph& graph, PersonN a, PersonN b) {
  for (const FamilyN family : graph.families(a))
    if (graph.partner_of(a, family) == b) return Step{Direction::partner, b, family};
  return std::nullopt;
}

void tell_line(Relation& relation, const Line& line) {
  relation.related = true;
  relation.steps = line.steps;
  relation.full = line.up == 0 || line.down == 0 || line.apex_partner != kNone;
  relation.blood = line.blood;
  relation.couples = couples(relation.lines.lines, line);
}

}  // namespace

Result<std::vector<CommonAncestor>> common_ancestors(const Graph& graph, PersonN a, PersonN b, Edges edges) {
  if (!graph.is_person(a) || !graph.is_person(b)) return fail(Code::not_found, "no such person in the kinship graph");
  const Ancestry of_a = ancestry(graph, a, edges);
  const Ancestry of_b = ancestry(graph, b, edges);
  std::vector<CommonAncestor> common;
  std::vector<bool> above_common(of_a.size());
  for (std::uint32_t at = 0; at < of_a.size(); ++at) {
    const std::uint32_t at_b = of_b.local(of_a.people[at]);
    if (at_b == Ancestry::kNotThere) continue;
    common.push_back({of_a.people[at], of_a.depths[at], of_b.depths[at_b]});
    for (const auto& edge : of_a.parents(at)) above_common[edge.parent] = true;
  }
  for (CommonAncestor& ancestor : common) ancestor.nearest = !above_common[of_a.local(ancestor.person)];
  std::ranges::sort(common, {}, [](const CommonAncestor& c) { return std::pair{c.depth_a + c.depth_b, c.person}; });
  return common;
}

Result<Relation> relation(const Graph& graph, PersonN a, PersonN b, const LineLimits& limits) {
  TRY(found, lines(graph, a, b, limits));
  Relation relation;
  relation.lines = std::move(found);
  const auto partner = partner_step(graph, a, b);
  const auto& all = relation.lines.lines;
  if (!all.empty() && !partner) {
    const auto blood = std::ranges::find(all, true, &Line::blood);
    tell_line(relation, blood == all.end() ? all.front() : *blood);
    return relation;
  }
  TRY(path, shortest_path(graph, a, b));
  relation.path = std::move(path);
  relation.related = relation.path.found;
  // A partner who is also a child's or parent's neighbour at one step is told as partner.
  relation.steps = partner ? std::vector{*partner} : relation.path.steps;
  return relation;
}

}  // namespace tablinum::tree::kinship
