#pragma once
/// Relatives of every kind in one picture: generations in rows, and between two rows one horizontal line a union, on which its
/// partners hang from above and its children from below. No two such lines of a gap lie on one another.
///
/// Generations are a system of difference constraints: partners stand in one row, children below their parents. Where both cannot hold
/// (a man and his granddaughter marry), the partners stand in different rows; where a child cannot stand in the very next row (an uncle
/// and his niece), its line is long.
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {

/// As layout(), whose conditions hold, for Kind::relatives and Kind::everyone.
Chart relatives_layout(const kinship::Graph& graph, Kind kind, PersonN root, const Options& options);

}  // namespace tablinum::tree::charts
