#pragma once
/// Charts of a tree: laid out, with the words that stand in them, as pictures.
#include "browser.h"
#include "tablinum/genealogy_service/chart.h"

namespace tablinum::genealogy_service {

namespace charts = tree::charts;

/// Places of a tree by number, as a map's stays name them.
store::Pid pid_of(std::int64_t tree_no, std::uint32_t number) noexcept;
std::uint32_t number_of(store::Pid pid) noexcept;

/// The year to show for an event; 0 where none is known.
int year_of(const model::EventView* event) noexcept;

/// The kind of a name, as in an address: "pedigree".
std::optional<charts::Kind> chart_kind(std::string_view name) noexcept;
std::string_view chart_kind_name(charts::Kind kind) noexcept;

/// @error As charts::layout().
Result<charts::Chart> chart_layout(Browser& browser, const archive::TreeGraph& graph, const ChartWish& wish);

/// @error As render::svg() and render::pdf().
Result<std::string> chart_picture(Browser& browser, const store::TreeInfo& tree, const charts::Chart& chart, const PictureWish& wish);

}  // namespace tablinum::genealogy_service
