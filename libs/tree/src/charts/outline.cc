#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

/// Father, mother, then union by union: the partner, its children.
auto outline_key(const Box& box) {
  const bool is_parent = box.role == BoxRole::father || box.role == BoxRole::mother;
  return std::tuple{!is_parent, is_parent ? 0 : box.family, box.role != BoxRole::partner && !is_parent,
                    is_parent ? static_cast<std::uint32_t>(box.role) : box.ordinal};
}

/// The boxes that hang from each box, in the order of the outline.
std::vector<std::vector<std::uint32_t>> hanging(const Chart& chart) {
  std::vector<std::vector<std::uint32_t>> lists(chart.boxes.size());
  for (std::uint32_t box = 1; box < chart.boxes.size(); ++box)
    if (chart.boxes[box].hangs_from != kNone) lists[chart.boxes[box].hangs_from].push_back(box);
  for (auto& list : lists)
    std::ranges::sort(list, {}, [&](std::uint32_t box) { return std::pair{outline_key(chart.boxes[box]), box}; });
  return lists;
}

std::string sosa(std::uint64_t child, BoxRole role) {
  constexpr std::uint64_t kDoublingMax = UINT64_MAX >> 1;
  if (child == 0 || child > kDoublingMax) return {};
  return std::to_string(child * 2 + (role == BoxRole::mother));
}

/// Numbers count generations from the root, which only makes sense in one line of descent.
bool is_numbered(Kind kind) noexcept { return kind < Kind::relatives; }

std::string number(const Box& box, const std::string& of_parent_row) {
  switch (box.role) {
    case BoxRole::root: return "1";
    case BoxRole::child: return of_parent_row + "." + std::to_string(box.ordinal);
    case BoxRole::partner:
    case BoxRole::sibling: return {};
    case BoxRole::father:
    case BoxRole::mother: return sosa(of_parent_row.empty() ? 0 : std::stoull(of_parent_row), box.role);
  }
  return {};
}

}  // namespace

std::vector<OutlineRow> outline(const Chart& chart) {
  const auto lists = hanging(chart);
  std::vector<OutlineRow> rows;
  rows.reserve(chart.boxes.size());
  struct Pending {
    std::uint32_t box, level, above;  // above: row of the box it hangs from
  };
  std::vector<Pending> stack;
  for (std::uint32_t box = static_cast<std::uint32_t>(chart.boxes.size()); box-- > 0;)
    if (chart.boxes[box].hangs_from == kNone) stack.push_back({box, 0, 0});
  while (!stack.empty()) {
    const Pending next = stack.back();
    stack.pop_back();
    const auto row = static_cast<std::uint32_t>(rows.size());
    const Box& box = chart.boxes[next.box];
    std::string text;
    if (is_numbered(chart.kind)) text = number(box, row == 0 ? std::string{} : rows[next.above].number);
    rows.push_back({next.box, next.level, box.role, std::move(text)});
    const auto& list = lists[next.box];
    for (std::size_t i = list.size(); i-- > 0;) stack.push_back({list[i], next.level + 1, row});
  }
  return rows;
}

}  // namespace tablinum::tree::charts
