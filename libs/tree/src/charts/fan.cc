#include "charts/fan.h"

#include <cmath>
#include <numbers>

#include "kinship/scratch.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Graph;
using kinship::ScratchMap;

/// What is at the top of a fan is read first, and nothing hangs below its root.
constexpr double kBegin = -135, kEnd = 135;
constexpr double kCore = 72;
/// A ring with words along it, and one with words across it, which are as long as a name.
constexpr double kRing = 80, kDeepRing = 136;

double ring_depth(std::int32_t generation) noexcept { return generation < kFanDeepFrom ? kRing : kDeepRing; }

Point on_circle(double degrees, double radius) noexcept {
  const double angle = degrees * std::numbers::pi / 180;
  return {radius * std::sin(angle), -radius * std::cos(angle)};
}

struct Bounds {
  Point least{}, most{};
  void include(const Point& point) noexcept {
    least = {std::min(least.x, point.x), std::min(least.y, point.y)};
    most = {std::max(most.x, point.x), std::max(most.y, point.y)};
  }
};

/// The rectangle round a sector, its circles' middle at 0, 0.
Bounds bounds_of(const Sector& sector) noexcept {
  const Point first = on_circle(sector.begin, sector.inner);
  Bounds bounds{first, first};
  for (const double angle : {sector.begin, sector.end}) {
    bounds.include(on_circle(angle, sector.inner));
    bounds.include(on_circle(angle, sector.outer));
  }
  // Where the outer arc is highest, lowest, leftmost or rightmost.
  for (double angle = std::ceil(sector.begin / 90) * 90; angle <= sector.end; angle += 90)
    bounds.include(on_circle(angle, sector.outer));
  return bounds;
}

class FanLayouter {
 public:
  FanLayouter(const Graph& graph, const Options& options) : graph_{graph}, options_{options}, drawn_{graph.node_count()} {
    chart_.kind = Kind::fan;
  }

  Chart run(PersonN root) && {
    add_box({.person = root});
    drawn_.set(root, 0);
    chart_.boxes[0].hidden_parents = parent_count(root);
    count_hidden(chart_.boxes[0]);
    for (std::uint32_t box = 0; box < chart_.boxes.size(); ++box) add_parents(box);
    weigh();
    share_angles();
    link();
    move_into_margin();
    return std::move(chart_);
  }

 private:
  struct Parents {
    std::uint32_t first = 0, count = 0;
  };

  std::uint32_t parent_count(PersonN person) const { return (graph_.father(person) != kNone) + (graph_.mother(person) != kNone); }

  void add_box(Box box) {
    const double inner = chart_.boxes.empty() ? 0 : chart_.sectors[box.hangs_from].outer;
    const double depth = chart_.boxes.empty() ? kCore : ring_depth(box.generation);
    chart_.sectors.push_back({.begin = -180, .end = 180, .inner = inner, .outer = inner + depth});
    chart_.boxes.push_back(box);
    parents_.push_back({});
  }

  void add_parents(std::uint32_t child_box) {
    const Box child = chart_.boxes[child_box];
    if (child.same_as != kNone) return;
    const kinship::ParentPair pair = graph_.parents(child.person);
    const std::uint32_t parents = parent_count(child.person);
    const bool shown = static_cast<std::uint32_t>(child.generation) < options_.up && !options_.hidden_above.contains(child.person);
    // Both or none: a couple is not torn apart by the limit.
    const bool fits = chart_.boxes.size() + parents <= options_.boxes_max;
    if (shown && !fits) chart_.truncated = true;
    chart_.boxes[child_box].hidden_parents = shown && fits ? 0 : parents;
    if (!shown || !fits) return;
    parents_[child_box] = {static_cast<std::uint32_t>(chart_.boxes.size()), parents};
    if (pair.father != kNone) add_parent(child_box, pair, pair.father, BoxRole::father);
    if (pair.mother != kNone) add_parent(child_box, pair, pair.mother, BoxRole::mother);
  }

  void add_parent(std::uint32_t child_box, const kinship::ParentPair& pair, PersonN person, BoxRole role) {
    Box box{.person = person,
            .generation = chart_.boxes[child_box].generation + 1,
            .role = role,
            .hangs_from = child_box,
            .family = pair.family,
            .pedigree = pair.pedigree};
    if (drawn_.insert(person, static_cast<std::uint32_t>(chart_.boxes.size()))) {
      count_hidden(box);
    } else {
      box.same_as = drawn_.at(person);
    }
    add_box(box);
  }

  /// Other children and other partners, which a fan never shows.
  void count_hidden(Box& box) const {
    for (const FamilyN family : graph_.families(box.person)) {
      const bool ours = family == box.family;
      box.hidden_children += static_cast<std::uint32_t>(graph_.children(family).size()) - ours;
      if (!ours && graph_.partner_of(box.person, family) != kNone) ++box.hidden_partners;
    }
  }

  /// How many boxes stand at the outer edge of each one's part of the fan.
  void weigh() {
    weights_.assign(chart_.boxes.size(), 0);
    for (std::size_t box = chart_.boxes.size(); box-- > 0;) {
      if (parents_[box].count == 0) weights_[box] = 1;
      if (box > 0) weights_[chart_.boxes[box].hangs_from] += weights_[box];
    }
  }

  /// Half of an angle is shared evenly, so that nobody vanishes; half by what is to be drawn there, so that the known side of
  /// a family has more room than the unknown one.
  void share_angles() {
    for (std::size_t box = 0; box < chart_.boxes.size(); ++box) {
      const auto [first, count] = parents_[box];
      if (count == 0) continue;
      const double begin = box == 0 ? kBegin : chart_.sectors[box].begin, end = box == 0 ? kEnd : chart_.sectors[box].end;
      const double share = count == 1 ? 1 : 0.25 + 0.5 * weights_[first] / weights_[box];
      const double border = begin + (end - begin) * share;
      chart_.sectors[first].begin = begin;
      chart_.sectors[first].end = count == 1 ? end : border;
      if (count == 1) continue;
      chart_.sectors[first + 1].begin = border;
      chart_.sectors[first + 1].end = end;
    }
  }

  /// A union stands where the sectors of its partners and of their child meet.
  void link() {
    for (std::uint32_t child = 0; child < chart_.boxes.size(); ++child) {
      const auto [first, count] = parents_[child];
      if (count == 0) continue;
      const Sector& sector = chart_.sectors[first];
      const Box& parent = chart_.boxes[first];
      const double middle = (sector.begin + sector.end) / 2;
      const Point knot = on_circle(count == 2 ? sector.end : middle, sector.inner);
      if (count == 2) add_link({.kind = LinkKind::union_, .family = parent.family, .from = first, .to = first + 1}, knot);
      add_link({.kind = LinkKind::descent, .family = parent.family, .pedigree = parent.pedigree, .from = first, .to = child}, knot);
    }
  }

  void add_link(Link link, const Point& knot) {
    link.first_point = static_cast<std::uint32_t>(chart_.points.size());
    link.point_count = 2;
    chart_.points.insert(chart_.points.end(), 2, knot);
    chart_.links.push_back(link);
  }

  void move_into_margin() {
    Bounds all = bounds_of(chart_.sectors[0]);
    for (std::size_t box = 0; box < chart_.boxes.size(); ++box) {
      const Bounds bounds = bounds_of(chart_.sectors[box]);
      all.include(bounds.least);
      all.include(bounds.most);
      Box& into = chart_.boxes[box];
      into.x = bounds.least.x;
      into.y = bounds.least.y;
      into.w = bounds.most.x - bounds.least.x;
      into.h = bounds.most.y - bounds.least.y;
    }
    chart_.centre = {kMargin - all.least.x, kMargin - all.least.y};
    for (Box& box : chart_.boxes) {
      box.x += chart_.centre.x;
      box.y += chart_.centre.y;
    }
    for (Point& point : chart_.points) point = {point.x + chart_.centre.x, point.y + chart_.centre.y};
    chart_.width = all.most.x - all.least.x + 2 * kMargin;
    chart_.height = all.most.y - all.least.y + 2 * kMargin;
  }

  const Graph& graph_;
  const Options& options_;
  ScratchMap drawn_;  // person → box
  Chart chart_;
  std::vector<Parents> parents_;  // by box
  std::vector<double> weights_;   // by box
};

}  // namespace

Chart fan_layout(const Graph& graph, PersonN root, const Options& options) { return FanLayouter{graph, options}.run(root); }

}  // namespace tablinum::tree::charts
