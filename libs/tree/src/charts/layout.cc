#include <optional>

#include "charts/fan.h"
#include "charts/map.h"
#include "charts/margin.h"
#include "charts/path.h"
#include "charts/relatives.h"
#include "charts/timeline.h"
#include "charts/tidy_tree.h"
#include "kinship/scratch.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Graph;
using kinship::ScratchMap;

constexpr double kSiblingGap = 16;
/// Between partners: room for the year of a marriage.
constexpr double kUnionGap = 40;
constexpr double kGenerationGap = 56;
/// The lines to a second, third … partner run below the boxes, each so much lower.
constexpr double kUnionDrop = 6;
constexpr std::uint32_t kUnionDropsMax = 4;
/// The lines from different unions to their children turn at different heights, or they would run into one.
constexpr double kTurnStep = 4;

/// A box before the chart is turned: `across` the direction of growth and `along` it, away from the oldest ancestor.
struct Placed {
  double across = 0, along = 0, breadth = 0, depth = 0;
  double middle() const noexcept { return across + breadth / 2; }
  double end() const noexcept { return along + depth; }
};

bool is_sideways(Orientation orientation) noexcept {
  return orientation == Orientation::right || orientation == Orientation::left;
}

class Layouter {
 public:
  Layouter(const Graph& graph, Kind kind, PersonN root, const Options& options)
      : graph_{graph},
        options_{options},
        up_{kind == Kind::descendants ? 0 : options.up},
        down_{kind == Kind::pedigree ? 0 : options.down},
        partners_{kind != Kind::pedigree && options.partners},
        drawn_{graph.node_count()} {
    chart_.kind = kind;
    add_box(root, {});
    chart_.boxes[0].hidden_parents = parent_count(root);
  }

  Chart run() && {
    grow_down();
    grow_up();
    join_trees();
    point_partners_to_their_place();
    for (const Union& each : unions_) link_union(each);
    for (const Descent& each : descents_) link_descent(each);
    link_all_parents();
    turn();
    return std::move(chart_);
  }

 private:
  static constexpr std::uint32_t kNowhere = kNone;

  /// A person with its partners beside it: one node of the tree of descendants.
  struct Unit {
    std::uint32_t box = 0;
    std::uint32_t node = 0;
    std::uint32_t box_end = 0;  // its partners are [partners_begin, box_end)
    std::uint32_t partners_begin = 0;
  };
  struct Union {
    std::uint32_t person, partner;
  };
  struct Descent {
    std::uint32_t parent, partner, child;  // partner: kNowhere if not drawn
  };

  // --- boxes ---

  bool has_room() {
    if (chart_.boxes.size() < options_.boxes_max) return true;
    chart_.truncated = true;
    return false;
  }

  std::uint32_t add_box(PersonN person, Box box) {
    box.person = person;
    box.size_class = options_.size_class ? options_.size_class(person) : SizeClass::normal;
    const Size size = box_size(box.size_class);
    box.w = size.w;
    box.h = size.h;
    const bool sideways = is_sideways(options_.orientation);
    placed_.push_back({.breadth = sideways ? size.h : size.w, .depth = sideways ? size.w : size.h});
    chart_.boxes.push_back(box);
    return static_cast<std::uint32_t>(chart_.boxes.size() - 1);
  }

  std::uint32_t parent_count(PersonN person) const {
    return (graph_.father(person) != kNone) + (graph_.mother(person) != kNone);
  }

  // --- descendants ---

  void grow_down() {
    drawn_.set(chart_.boxes[0].person, 0);
    units_.push_back({.box = 0, .node = 0});
    for (std::size_t at = 0; at < units_.size(); ++at) {
      add_partners(units_[at]);
      // Children need their parent's node, and its size is known only now.
      add_unit_node(units_[at]);
      add_children(units_[at]);
    }
    down_tree_.layout();
    for (const Unit& unit : units_) place_unit(unit);
  }

  void add_unit_node(Unit& unit) {
    double breadth = 0, depth = 0;
    for_each_of(unit, [&](std::uint32_t box) {
      breadth += placed_[box].breadth + (breadth == 0 ? 0 : kUnionGap);
      depth = std::max(depth, placed_[box].depth);
    });
    const std::uint32_t parent = chart_.boxes[unit.box].hangs_from;
    const std::uint32_t parent_node = parent == kNone ? 0 : node_of_box_[parent];
    unit.node = down_tree_.add(parent_node, breadth + kSiblingGap, depth + kGenerationGap);
    node_of_box_.resize(chart_.boxes.size());
    node_of_box_[unit.box] = unit.node;
  }

  template <class Visit>
  static void for_each_of(const Unit& unit, Visit&& visit) {
    visit(unit.box);
    for (std::uint32_t box = unit.partners_begin; box < unit.box_end; ++box) visit(box);
  }

  void add_partners(Unit& unit) {
    const PersonN person = chart_.boxes[unit.box].person;
    unit.partners_begin = unit.box_end = static_cast<std::uint32_t>(chart_.boxes.size());
    if (chart_.boxes[unit.box].same_as != kNone) return;
    std::uint32_t ordinal = 0;
    for (const FamilyN family : graph_.families(person)) {
      const PersonN partner = graph_.partner_of(person, family);
      if (partner == kNone) continue;
      if (!partners_ || !has_room()) {
        ++chart_.boxes[unit.box].hidden_partners;
        continue;
      }
      const std::uint32_t box = add_box(partner, {.generation = chart_.boxes[unit.box].generation,
                                                  .role = BoxRole::partner,
                                                  .hangs_from = unit.box,
                                                  .family = family,
                                                  .ordinal = ++ordinal});
      chart_.boxes[box].hidden_parents = parent_count(partner);
      unions_.push_back({unit.box, box});
    }
    unit.box_end = static_cast<std::uint32_t>(chart_.boxes.size());
  }

  std::uint32_t partner_box(const Unit& unit, FamilyN family) const {
    for (std::uint32_t box = unit.partners_begin; box < unit.box_end; ++box)
      if (chart_.boxes[box].family == family) return box;
    return kNowhere;
  }

  bool shows_children(const Box& box) const {
    return static_cast<std::uint32_t>(-box.generation) < down_ && !options_.hidden_below.contains(box.person);
  }

  void add_children(Unit unit) {  // a copy: units_ grows with every child
    const Box parent = chart_.boxes[unit.box];
    if (parent.same_as != kNone) return;
    const bool shown = shows_children(parent);
    std::uint32_t ordinal = 0;
    for (const FamilyN family : graph_.families(parent.person)) {
      const auto children = graph_.children(family);
      if (drawn_.contains(family)) {  // below the other partner, who descends from the root too
        ordinal += static_cast<std::uint32_t>(children.size());
        continue;
      }
      if (shown) drawn_.set(family, unit.box);
      const std::uint32_t partner = partner_box(unit, family);
      for (const PersonN child : children) {
        ++ordinal;
        if (shown && has_room()) {
          add_child(unit, partner, family, child, ordinal);
        } else {
          ++chart_.boxes[unit.box].hidden_children;
        }
      }
    }
  }

  void add_child(const Unit& unit, std::uint32_t partner, FamilyN family, PersonN child, std::uint32_t ordinal) {
    const std::uint32_t box = add_box(child, {.generation = chart_.boxes[unit.box].generation - 1,
                                              .role = BoxRole::child,
                                              .hangs_from = unit.box,
                                              .family = family,
                                              .pedigree = graph_.pedigree(child, family).value_or(Pedigree::unstated),
                                              .ordinal = ordinal});
    if (!drawn_.insert(child, box)) chart_.boxes[box].same_as = drawn_.at(child);
    descents_.push_back({unit.box, partner, box});
    units_.push_back({.box = box});
  }

  void place_unit(const Unit& unit) {
    const TidyTree::Node& node = down_tree_.nodes[unit.node];
    double across = node.across + kSiblingGap / 2;
    for_each_of(unit, [&](std::uint32_t box) {
      placed_[box].across = across;
      placed_[box].along = node.along;
      across += placed_[box].breadth + kUnionGap;
    });
  }

  // --- ancestors ---

  void grow_up() {
    up_boxes_.push_back(0);
    add_up_node(0, 0);
    for (std::uint32_t node = 0; node < up_boxes_.size(); ++node) add_parents(node);
    up_tree_.layout();
  }

  void add_up_node(std::uint32_t parent_node, std::uint32_t box) {
    up_tree_.add(parent_node, placed_[box].breadth + kUnionGap, placed_[box].depth + kGenerationGap);
  }

  void add_parents(std::uint32_t node) {
    const std::uint32_t child_box = up_boxes_[node];
    const Box child = chart_.boxes[child_box];
    if (child.same_as != kNone) return;
    const bool shown = static_cast<std::uint32_t>(child.generation) < up_ && !options_.hidden_above.contains(child.person);
    const kinship::ParentPair pair = graph_.parents(child.person);
    const std::uint32_t parents = parent_count(child.person);
    // Both or none: a couple is not torn apart by the limit.
    const bool fits = chart_.boxes.size() + parents <= options_.boxes_max;
    if (shown && !fits) chart_.truncated = true;
    chart_.boxes[child_box].hidden_parents = shown && fits ? 0 : parents;
    if (!shown || !fits) return;
    if (pair.father != kNone) add_parent(node, pair, pair.father, BoxRole::father);
    if (pair.mother != kNone) add_parent(node, pair, pair.mother, BoxRole::mother);
  }

  void add_parent(std::uint32_t child_node, const kinship::ParentPair& pair, PersonN person, BoxRole role) {
    const std::uint32_t child = up_boxes_[child_node];
    const std::uint32_t box = add_box(person, {.generation = chart_.boxes[child].generation + 1,
                                               .role = role,
                                               .hangs_from = child,
                                               .family = pair.family,
                                               .pedigree = pair.pedigree});
    if (drawn_.insert(person, box)) {
      count_collateral(box);
    } else {
      chart_.boxes[box].same_as = drawn_.at(person);
    }
    up_boxes_.push_back(box);
    add_up_node(child_node, box);
  }

  /// An ancestor's other children and other partners are never drawn.
  void count_collateral(std::uint32_t box) {
    Box& ancestor = chart_.boxes[box];
    for (const FamilyN family : graph_.families(ancestor.person)) {
      const auto others = static_cast<std::uint32_t>(graph_.children(family).size());
      ancestor.hidden_children += family == ancestor.family ? others - 1 : others;
      if (family != ancestor.family && graph_.partner_of(ancestor.person, family) != kNone) ++ancestor.hidden_partners;
    }
  }

  /// Turns the ancestors' tree round and sets its root on the descendants' root.
  void join_trees() {
    const double middle = placed_[0].middle();
    const double end = placed_[0].end();
    for (std::size_t node = 1; node < up_boxes_.size(); ++node) {
      Placed& box = placed_[up_boxes_[node]];
      box.across = middle + up_tree_.nodes[node].across + kUnionGap / 2;
      box.along = end - up_tree_.nodes[node].along - box.depth;
    }
  }

  /// A partner is drawn in full where it stands in its own line, else where it first appears as a partner.
  void point_partners_to_their_place() {
    for (std::uint32_t box = 0; box < chart_.boxes.size(); ++box) {
      Box& partner = chart_.boxes[box];
      if (partner.role != BoxRole::partner || drawn_.insert(partner.person, box)) continue;
      partner.same_as = drawn_.at(partner.person);
      partner.hidden_parents = 0;
    }
  }

  // --- links, in across and along; turn() makes them x and y ---

  Point at(double across, double along) const { return {across, along}; }

  void add_link(Link link, std::initializer_list<Point> points) {
    link.first_point = static_cast<std::uint32_t>(chart_.points.size());
    for (const Point& point : points)
      if (chart_.points.size() == link.first_point || chart_.points.back() != point) chart_.points.push_back(point);
    link.point_count = static_cast<std::uint32_t>(chart_.points.size()) - link.first_point;
    chart_.links.push_back(link);
  }

  double union_along(std::uint32_t a, std::uint32_t b) const {
    return placed_[a].along + std::min(placed_[a].depth, placed_[b].depth) / 2;
  }
  double union_drop(std::uint32_t partner) const {
    return kUnionDrop * std::min(chart_.boxes[partner].ordinal - 1, kUnionDropsMax);
  }

  void link_union(const Union& each) {
    const Placed &person = placed_[each.person], &partner = placed_[each.partner];
    const Link link{
        .kind = LinkKind::union_, .family = chart_.boxes[each.partner].family, .from = each.person, .to = each.partner};
    if (chart_.boxes[each.partner].ordinal == 1) {
      const double along = union_along(each.person, each.partner);
      return add_link(link, {at(person.across + person.breadth, along), at(partner.across, along)});
    }
    const double from = person.middle(), low = lowest_end(each) + union_drop(each.partner);
    add_link(link, {at(from, person.end()), at(from, low), at(partner.middle(), low), at(partner.middle(), partner.end())});
  }

  /// The line to a later partner passes below all boxes between.
  double lowest_end(const Union& each) const {
    double lowest = placed_[each.person].end();
    for (std::uint32_t box = each.partner;
         chart_.boxes[box].role == BoxRole::partner && chart_.boxes[box].hangs_from == each.person; --box)
      lowest = std::max(lowest, placed_[box].end());
    return lowest;
  }

  /// Where the line from a union to its children begins.
  Point descent_begin(const Descent& each) const {
    const Placed& parent = placed_[each.parent];
    if (each.partner == kNowhere) return at(parent.middle(), parent.end());
    const Placed& partner = placed_[each.partner];
    if (chart_.boxes[each.partner].ordinal > 1)
      return at(partner.middle(), lowest_end({each.parent, each.partner}) + union_drop(each.partner));
    return at((parent.across + parent.breadth + partner.across) / 2, union_along(each.parent, each.partner));
  }

  void link_descent(const Descent& each) {
    const Placed& child = placed_[each.child];
    const Point begin = descent_begin(each);
    const std::uint32_t turns_before = each.partner == kNowhere ? 0 : chart_.boxes[each.partner].ordinal - 1;
    const double turn_at = child.along - kGenerationGap / 2 + kTurnStep * std::min(turns_before, kUnionDropsMax);
    const Box& box = chart_.boxes[each.child];
    add_link({.kind = LinkKind::descent, .family = box.family, .pedigree = box.pedigree, .from = each.parent, .to = each.child},
             {begin, at(begin.x, turn_at), at(child.middle(), turn_at), at(child.middle(), child.along)});
  }

  /// The lines above one box of the ancestors' tree. Its parents' boxes follow each other: father, mother, or one of them.
  void link_parents(std::uint32_t child, std::uint32_t first) {
    const Box& box = chart_.boxes[first];
    const bool couple = first + 1 < chart_.boxes.size() && chart_.boxes[first + 1].hangs_from == child &&
                        chart_.boxes[first + 1].role == BoxRole::mother;
    const Placed& parent = placed_[first];
    Point begin = at(parent.middle(), parent.end());
    if (couple) {
      // Seen from the root the two stand on one line; the boxes reach up from it by their depths.
      const Placed& mother = placed_[first + 1];
      const double along = parent.end() - std::min(parent.depth, mother.depth) / 2;
      add_link({.kind = LinkKind::union_, .family = box.family, .from = first, .to = first + 1},
               {at(parent.across + parent.breadth, along), at(mother.across, along)});
      begin = at((parent.across + parent.breadth + mother.across) / 2, along);
    }
    const double turn_at = placed_[child].along - kGenerationGap / 2;
    add_link(
        {.kind = LinkKind::descent, .family = box.family, .pedigree = box.pedigree, .from = first, .to = child},
        {begin, at(begin.x, turn_at), at(placed_[child].middle(), turn_at), at(placed_[child].middle(), placed_[child].along)});
  }

  /// Every couple once, through the parent who comes first.
  void link_all_parents() {
    std::uint32_t last_child = kNowhere;
    for (std::size_t node = 1; node < up_boxes_.size(); ++node) {
      const std::uint32_t child = chart_.boxes[up_boxes_[node]].hangs_from;
      if (child != last_child) link_parents(child, up_boxes_[node]);
      last_child = child;
    }
  }

  // --- orientation and margin ---

  void turn() {
    const Orientation to = options_.orientation;
    const bool reversed = to == Orientation::up || to == Orientation::left;
    const auto turned = [&](double across, double along) {
      if (reversed) along = -along;
      return is_sideways(to) ? Point{along, across} : Point{across, along};
    };
    for (std::size_t i = 0; i < placed_.size(); ++i) {
      const Placed& from = placed_[i];
      const Point corner = turned(from.across, reversed ? from.end() : from.along);
      chart_.boxes[i].x = corner.x;
      chart_.boxes[i].y = corner.y;
    }
    for (Point& point : chart_.points) point = turned(point.x, point.y);
    move_into_margin(chart_);
  }

  const Graph& graph_;
  const Options& options_;
  std::uint32_t up_, down_;
  bool partners_;
  ScratchMap drawn_;  // person → box that stands in its own line; family → box below which its children are drawn
  Chart chart_;
  std::vector<Placed> placed_;  // by box
  TidyTree down_tree_, up_tree_;
  std::vector<Unit> units_;
  std::vector<std::uint32_t> node_of_box_;  // of a unit's person in down_tree_
  std::vector<std::uint32_t> up_boxes_;     // by node of up_tree_
  std::vector<Union> unions_;
  std::vector<Descent> descents_;
};

}  // namespace

void move_into_margin(Chart& chart) {
  Point least{chart.boxes[0].x, chart.boxes[0].y}, most = least;
  const auto include = [&](double x, double y) {
    least = {std::min(least.x, x), std::min(least.y, y)};
    most = {std::max(most.x, x), std::max(most.y, y)};
  };
  for (const Box& box : chart.boxes) {
    include(box.x, box.y);
    include(box.x + box.w, box.y + box.h);
  }
  for (const Point& point : chart.points) include(point.x, point.y);
  for (Box& box : chart.boxes) {
    box.x += kMargin - least.x;
    box.y += kMargin - least.y;
  }
  for (Point& point : chart.points) point = {point.x + kMargin - least.x, point.y + kMargin - least.y};
  chart.width = most.x - least.x + 2 * kMargin;
  chart.height = most.y - least.y + 2 * kMargin;
}

Size box_size(SizeClass size_class) noexcept {
  constexpr std::array<Size, kSizeClasses> kSizes{{{176, 64}, {112, 40}, {144, 176}}};
  return kSizes[static_cast<std::size_t>(size_class)];
}

Result<Chart> layout(const Graph& graph, Kind kind, PersonN root, const Options& options) {
  if (!graph.is_person(root)) return fail(Code::not_found, "no such person in the kinship graph");
  if (options.up > kGenerationsMax || options.down > kGenerationsMax) return fail(Code::invalid, "too many generations");
  if (options.boxes_max == 0 || options.boxes_max > kBoxesMax) return fail(Code::invalid, "boxes_max out of range");
  switch (kind) {
    case Kind::fan: return fan_layout(graph, root, options);
    case Kind::relatives:
    case Kind::everyone: return relatives_layout(graph, kind, root, options);
    case Kind::path: return path_layout(graph, root, options);
    case Kind::timeline: {
      if (!options.lifetime) return fail(Code::invalid, "a timeline needs lifetimes");
      return timeline_layout(Layouter{graph, Kind::hourglass, root, options}.run(), options);
    }
    case Kind::map: {
      if (!options.stays) return fail(Code::invalid, "a map needs stays");
      return map_layout(Layouter{graph, Kind::hourglass, root, options}.run(), options);
    }
    default: break;
  }
  return Layouter{graph, kind, root, options}.run();
}

}  // namespace tablinum::tree::charts
