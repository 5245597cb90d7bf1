#pragma once
/// Graphs and charts that the tests of every format draw.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::render {

using namespace tree::kinship;
using tree::charts::Chart;
using tree::charts::Kind;
using tree::charts::Stay;

/// Parents 0 and 1, their children 3 and 4 of family 2.
inline Chart family_chart(const tree::charts::Options& options = {}) {
  const std::vector<Sex> sexes{Sex::male, Sex::female, Sex::absent, Sex::male, Sex::female};
  const std::vector<MemberRow> rows{
      {2, 0, 0, Role::partner}, {2, 1, 1, Role::partner}, {2, 3, 0, Role::child}, {2, 4, 1, Role::child, Pedigree::adopted}};
  const Graph graph = build_graph(sexes, rows).value().graph;
  return tree::charts::layout(graph, Kind::descendants, 0, options).value();
}

/// Each person has `children` children, to the depth.
inline Graph family_tree(std::uint32_t children, std::uint32_t depth) {
  std::vector<Sex> sexes{Sex::male};
  std::vector<MemberRow> rows;
  std::vector<PersonN> row{0};
  for (std::uint32_t level = 0; level < depth; ++level) {
    std::vector<PersonN> next;
    for (const PersonN parent : row) {
      const auto family = static_cast<FamilyN>(sexes.size());
      sexes.push_back(Sex::absent);
      rows.push_back({family, parent, 0, Role::partner});
      for (std::uint16_t i = 0; i < children; ++i) {
        rows.push_back({family, static_cast<PersonN>(sexes.size()), i, Role::child});
        next.push_back(static_cast<PersonN>(sexes.size()));
        sexes.push_back(i % 2 == 0 ? Sex::female : Sex::male);
      }
    }
    row = next;
  }
  return build_graph(sexes, rows).value().graph;
}
inline Chart chart_of(Kind kind, const Graph& graph) {
  tree::charts::Options options;
  options.down = 20;
  return tree::charts::layout(graph, kind, 0, options).value();
}
/// A man, his parents and theirs: 0, family 1, parents 2 and 3, families 4 and 5, their parents.
inline Graph ancestors() {
  const std::vector<Sex> sexes{Sex::male, Sex::absent, Sex::male, Sex::female, Sex::absent, Sex::male, Sex::female};
  const std::vector<MemberRow> rows{{1, 2, 0, Role::partner}, {1, 3, 1, Role::partner}, {1, 0, 0, Role::child},
                                    {4, 5, 0, Role::partner}, {4, 6, 1, Role::partner}, {4, 2, 0, Role::child}};
  return build_graph(sexes, rows).value().graph;
}

/// All ancestors of one person.
inline Chart fan_chart(std::uint32_t generations) {
  std::vector<Sex> sexes{Sex::male};
  std::vector<MemberRow> rows;
  std::vector<PersonN> ring{0};
  for (std::uint32_t generation = 0; generation < generations; ++generation) {
    std::vector<PersonN> next;
    for (const PersonN child : ring) {
      const auto family = static_cast<FamilyN>(sexes.size());
      sexes.insert(sexes.end(), {Sex::absent, Sex::male, Sex::female});
      rows.insert(rows.end(), {{family, family + 1, 0, Role::partner}, {family, family + 2, 1, Role::partner}, {family, child, 0, Role::child}});
      next.insert(next.end(), {family + 1, family + 2});
    }
    ring = std::move(next);
  }
  const Graph graph = build_graph(sexes, rows).value().graph;
  return tree::charts::layout(graph, Kind::fan, 0, {.up = generations}).value();
}

/// Three generations with all that a chart can hold: a man (0) with his parents (2, 3 of family 1), his father's (5, 6 of family 4), a sister
/// (7), his wife (9 of family 8) and two children (10, 11), the second adopted, and somebody related to nobody (12).
inline Graph household() {
  const std::vector<Sex> sexes{Sex::male,   Sex::absent, Sex::male,   Sex::female, Sex::absent,  Sex::male, Sex::female,
                               Sex::female, Sex::absent, Sex::female, Sex::male,   Sex::unknown, Sex::female};
  const std::vector<MemberRow> rows{{1, 2, 0, Role::partner}, {1, 3, 1, Role::partner}, {1, 0, 0, Role::child},  {1, 7, 1, Role::child},
                                    {4, 5, 0, Role::partner}, {4, 6, 1, Role::partner}, {4, 2, 0, Role::child},  {8, 0, 0, Role::partner},
                                    {8, 9, 1, Role::partner}, {8, 10, 0, Role::child},  {8, 11, 1, Role::child, Pedigree::adopted}};
  return build_graph(sexes, rows).value().graph;
}

/// The household in a chart of any kind; a path leads from the second child to the grandmother, a map from Bulawayo to Harare.
inline Chart household_chart(Kind kind) {
  tree::charts::Options options;
  options.other = 6;
  options.lifetime = [](PersonN person) -> tree::charts::Lifetime {
    if (person == 6) return {};
    return {.begin = 1850 + 7.0 * person, .end = person % 3 == 0 ? std::nullopt : std::optional{1900 + 5.0 * person}};
  };
  options.stays = [](PersonN person) -> std::vector<Stay> {
    const Stay harare{.longitude = 31.05, .latitude = -17.83, .place = 1, .year = 1900.5 + person};
    const Stay bulawayo{.longitude = 28.58, .latitude = -20.15, .place = 2, .year = 1880.5 + person};
    const Stay near_bulawayo{.longitude = 28.6, .latitude = -20.1, .place = 3};
    if (person == 0) return {bulawayo, harare};
    if (person == 2) return {near_bulawayo, harare};
    if (person == 10) return {harare};
    return {};
  };
  return tree::charts::layout(household(), kind, kind == Kind::path ? 11 : 0, options).value();
}

}  // namespace tablinum::render
