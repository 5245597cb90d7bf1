#include "charts/relatives.h"

#include <cmath>
#include <numeric>
#include <ranges>
#include <set>

#include "charts/layers.h"
#include "charts/margin.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Graph;
using Index = LayeredGraph::Index;

constexpr double kSiblingGap = 16;
constexpr double kUnionGap = 40;
/// Between two rows: clear space above and below the lines of the unions, and between two of these.
constexpr double kClear = 18;
constexpr double kTrack = 7;
/// A union that is not drawn as a line between neighbours leaves the lower side beside its middle, where children's lines never end.
constexpr double kPort = 12;
constexpr double kUnionWidth = 8;
/// Bends of all long edges; those beyond are drawn without regard for what lies on their way.
constexpr std::size_t kBendsMax = 500'000;
/// Between components, which are packed in shelves.
constexpr double kComponentGap = 48;

struct Family {
  FamilyN family = kNone;
  std::vector<std::uint32_t> partners, children;  // boxes
};

/// Who is drawn: a search in breadth, so that the nearest come first.
class Collector {
 public:
  Collector(const Graph& graph, const Options& options, Chart& chart) : graph_{graph}, options_{options}, chart_{chart} {}

  void collect(PersonN from) {
    if (box_of_.contains(from) || !has_room()) return;
    add({.person = from});
    for (std::size_t at = box_of_.size() - 1; at < chart_.boxes.size(); ++at) visit(static_cast<std::uint32_t>(at));
  }

  /// Families of which at least two are drawn, and what is left out of each person's.
  std::vector<Family> families() {
    std::vector<Family> found;
    std::unordered_set<FamilyN> seen;
    for (std::uint32_t box = 0; box < chart_.boxes.size(); ++box) {
      for_each_family(chart_.boxes[box].person, [&](FamilyN family) {
        if (!seen.insert(family).second) return;
        Family each{.family = family, .partners = {}, .children = {}};
        for (const PersonN person : graph_.partners(family)) keep(person, each.partners);
        for (const PersonN person : graph_.children(family)) keep(person, each.children);
        if (each.partners.size() + each.children.size() > 1) found.push_back(std::move(each));
      });
      count_hidden(chart_.boxes[box]);
    }
    return found;
  }

 private:
  bool has_room() {
    if (chart_.boxes.size() < options_.boxes_max) return true;
    chart_.truncated = true;
    return false;
  }

  void add(Box box) {
    box.size_class = options_.size_class ? options_.size_class(box.person) : SizeClass::normal;
    const Size size = box_size(box.size_class);
    box.w = size.w;
    box.h = size.h;
    box_of_.emplace(box.person, static_cast<std::uint32_t>(chart_.boxes.size()));
    chart_.boxes.push_back(box);
  }

  template <class Visit>
  void for_each_family(PersonN person, Visit&& visit) const {
    if (const FamilyN family = graph_.parents(person).family; family != kNone) visit(family);
    for (const auto& further : graph_.further_parents(person)) visit(further.family);
    for (const FamilyN family : graph_.families(person)) visit(family);
  }

  void visit(std::uint32_t at) {
    const PersonN person = chart_.boxes[at].person;
    const auto reach = [&](PersonN other, BoxRole role, FamilyN family, Pedigree pedigree) {
      if (other == kNone || box_of_.contains(other) || !has_room()) return;
      add({.person = other, .role = role, .hangs_from = at, .family = family, .pedigree = pedigree});
    };
    const auto parents = [&](FamilyN family) {
      const Pedigree pedigree = graph_.pedigree(person, family).value_or(Pedigree::unstated);
      const auto [father, mother] = graph_.partners(family);
      reach(father, BoxRole::father, family, pedigree);
      reach(mother, BoxRole::mother, family, pedigree);
      if (father != kNone || mother != kNone) return;
      for (const PersonN sibling : graph_.children(family)) reach(sibling, BoxRole::sibling, family, Pedigree::unstated);
    };
    if (!options_.hidden_above.contains(person)) {
      if (const FamilyN family = graph_.parents(person).family; family != kNone) parents(family);
      for (const auto& further : graph_.further_parents(person)) parents(further.family);
    }
    for (const FamilyN family : graph_.families(person)) {
      reach(graph_.partner_of(person, family), BoxRole::partner, family, Pedigree::unstated);
      if (options_.hidden_below.contains(person)) continue;
      for (const PersonN child : graph_.children(family))
        reach(child, BoxRole::child, family, graph_.pedigree(child, family).value_or(Pedigree::unstated));
    }
  }

  void keep(PersonN person, std::vector<std::uint32_t>& into) const {
    if (const auto found = box_of_.find(person); found != box_of_.end()) into.push_back(found->second);
  }

  void count_hidden(Box& box) const {
    const auto absent = [&](PersonN person) -> std::uint32_t { return person != kNone && !box_of_.contains(person); };
    const PersonN person = box.person;
    box.hidden_parents = absent(graph_.father(person)) + absent(graph_.mother(person));
    for (const FamilyN family : graph_.families(person)) {
      box.hidden_partners += absent(graph_.partner_of(person, family));
      for (const PersonN child : graph_.children(family)) box.hidden_children += absent(child);
    }
  }

  const Graph& graph_;
  const Options& options_;
  Chart& chart_;
  std::unordered_map<PersonN, std::uint32_t> box_of_;
};

/// Rows: partners in one, children below; 0 is the highest of all.
class Generations {
 public:
  Generations(std::size_t people, const std::vector<Family>& families) : families_{families}, group_(people), row_(people, 0) {
    std::iota(group_.begin(), group_.end(), 0u);
    for (const Family& family : families)
      if (family.partners.size() == 2) unite(family.partners[0], family.partners[1]);
    for (std::uint32_t i = 0; i < group_.size(); ++i) group_[i] = find(i);
    if (!sort()) {
      separate_knots();
      sort();
    }
    longest_paths();
    tighten();
  }

  std::uint32_t row(std::uint32_t person) const { return row_[group_[person]]; }

 private:
  std::uint32_t find(std::uint32_t at) {
    while (group_[at] != at) at = group_[at] = group_[group_[at]];
    return at;
  }
  void unite(std::uint32_t a, std::uint32_t b) { group_[find(a)] = find(b); }

  /// Groups so that parents come before children; false where some are above themselves, which are then not in order_.
  bool sort() {
    const std::size_t count = group_.size();
    below_.assign(count, {});
    above_.assign(count, 0);
    for (const Family& family : families_) {
      for (const std::uint32_t parent : family.partners) {
        for (const std::uint32_t child : family.children) {
          below_[group_[parent]].push_back(group_[child]);
          ++above_[group_[child]];
        }
      }
    }
    auto waiting = above_;
    order_.clear();
    std::size_t groups = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (group_[i] != i) continue;
      ++groups;
      if (waiting[i] == 0) order_.push_back(i);
    }
    for (std::size_t i = 0; i < order_.size(); ++i)
      for (const std::uint32_t child : below_[order_[i]])
        if (--waiting[child] == 0) order_.push_back(child);
    return order_.size() == groups;
  }

  /// Partners who cannot stand in one row: descent alone has no cycles.
  void separate_knots() {
    std::vector<bool> sorted(group_.size(), false);
    for (const std::uint32_t group : order_) sorted[group] = true;
    std::vector<std::uint32_t> fresh = group_;
    for (std::uint32_t i = 0; i < group_.size(); ++i)
      if (!sorted[group_[i]]) fresh[i] = i;
    group_ = std::move(fresh);
  }

  void longest_paths() {
    for (const std::uint32_t group : order_)
      for (const std::uint32_t child : below_[group]) row_[child] = std::max(row_[child], row_[group] + 1);
  }

  /// Those who hang on more children than parents come as near to their children as they can.
  void tighten() {
    for (const std::uint32_t group : std::views::reverse(order_)) {
      if (below_[group].size() <= above_[group]) continue;
      std::uint32_t lowest = UINT32_MAX;
      for (const std::uint32_t child : below_[group]) lowest = std::min(lowest, row_[child] - 1);
      row_[group] = std::max(row_[group], lowest);
    }
  }

  const std::vector<Family>& families_;
  std::vector<std::uint32_t> group_;
  std::vector<std::uint32_t> row_;  // by group
  std::vector<std::vector<std::uint32_t>> below_;
  std::vector<std::uint32_t> above_;
  std::vector<std::uint32_t> order_;
};

/// One connected part of the chart.
class ComponentLayouter {
 public:
  /// `people` and `families`: indices of the part's own; `families`' people are boxes of the chart.
  ComponentLayouter(const Graph& graph, Chart& chart, const std::vector<std::uint32_t>& people, const std::vector<const Family*>& families,
                    const std::vector<std::uint32_t>& row_of_box)
      : graph_{graph}, chart_{chart}, people_{people}, families_{families}, row_of_box_{row_of_box} {
    least_row_ = UINT32_MAX;
    for (const std::uint32_t box : people) least_row_ = std::min(least_row_, row_of_box[box]);
  }

  /// Places boxes and adds links, from 0, 0 on.  @return width and height.
  Size run(std::vector<Index>& node_of_box) {
    add_people(node_of_box);
    for (const Family* family : families_) add_union(*family, node_of_box);
    layered_.gap = kSiblingGap;
    layered_.unit_gap = kUnionGap;
    layered_.layout();
    number_places();
    plan_lines(node_of_box);
    give_tracks();
    place_rows(node_of_box);
    write_links(node_of_box);
    return {width_, height_};
  }

 private:
  struct Long {
    std::vector<Index> bends;  // from above to below
  };
  /// How one union is drawn.
  struct Union {
    const Family* family = nullptr;
    Index node = 0;
    std::uint32_t gap = 0;  // below this row
    bool beside = false;    // the partners are neighbours: a line from one to the other
    double knot = 0;        // x at which partners and children meet
    std::optional<std::size_t> line{};  // in lines_; a couple without children needs none
    std::vector<Long> to_partners, to_children;
  };
  /// A horizontal line between two rows.
  struct Line {
    std::uint32_t gap = 0;
    double from = 0, to = 0;
    std::uint32_t track = 0;
  };

  std::uint32_t row(std::uint32_t box) const { return row_of_box_[box] - least_row_; }

  /// Partners follow each other along their unions, so that as many as can be are neighbours.
  void add_people(std::vector<Index>& node_of_box) {
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> partners;
    for (const Family* family : families_) {
      if (family->partners.size() != 2 || row(family->partners[0]) != row(family->partners[1])) continue;
      partners[family->partners[0]].push_back(family->partners[1]);
      partners[family->partners[1]].push_back(family->partners[0]);
    }
    for (const std::uint32_t box : people_) node_of_box[box] = kNone;
    for (const std::uint32_t box : people_) {
      if (node_of_box[box] != kNone) continue;
      add_unit(end_of_chain(box, partners), partners, node_of_box);
    }
  }
  using Partners = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

  /// Somebody at an end: with one partner only.
  static std::uint32_t end_of_chain(std::uint32_t box, const Partners& partners) {
    std::unordered_set<std::uint32_t> seen{box};
    std::vector<std::uint32_t> queue{box};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const auto found = partners.find(queue[i]);
      if (found == partners.end() || found->second.size() == 1) return queue[i];
      for (const std::uint32_t next : found->second)
        if (seen.insert(next).second) queue.push_back(next);
    }
    return box;
  }

  void add_unit(std::uint32_t first, const Partners& partners, std::vector<Index>& node_of_box) {
    std::vector<std::uint32_t> stack{first};
    std::optional<Index> unit;
    while (!stack.empty()) {
      const std::uint32_t box = stack.back();
      stack.pop_back();
      if (node_of_box[box] != kNone) continue;
      const Index node = layered_.add(2 * row(box), chart_.boxes[box].w, false);
      node_of_box[box] = node;
      if (unit) layered_.nodes[node].unit = *unit;
      unit = layered_.nodes[node].unit;
      if (const auto found = partners.find(box); found != partners.end())
        for (const std::uint32_t next : std::views::reverse(found->second)) stack.push_back(next);
    }
  }

  void add_union(const Family& family, const std::vector<Index>& node_of_box) {
    std::uint32_t lowest = 0;
    for (const std::uint32_t partner : family.partners) lowest = std::max(lowest, row(partner));
    if (family.partners.empty()) {
      lowest = UINT32_MAX;
      for (const std::uint32_t child : family.children) lowest = std::min(lowest, row(child));
      // Brothers and sisters without parents hang from a line above them.
      if (lowest == 0) shift_down();
      lowest -= lowest > 0;
    }
    Union each{.family = &family, .gap = lowest, .to_partners = {}, .to_children = {}};
    each.node = layered_.add(2 * lowest + 1, kUnionWidth, false);
    for (const std::uint32_t partner : family.partners) each.to_partners.push_back(connect(node_of_box[partner], each.node));
    std::vector<Index> children;
    for (const std::uint32_t child : family.children) {
      each.to_children.push_back(connect(each.node, node_of_box[child]));
      if (row(child) == lowest + 1) children.push_back(node_of_box[child]);
    }
    if (children.size() > 1) layered_.in_order.push_back(std::move(children));
    unions_.push_back(std::move(each));
  }
  /// Makes room for a line above the first row.
  void shift_down() {
    --least_row_;
    for (auto& node : layered_.nodes) node.layer += 2;
    for (Union& each : unions_) ++each.gap;
  }

  /// An edge through all layers between two nodes.
  Long connect(Index upper, Index lower) {
    Long edge;
    const std::uint32_t from = layered_.nodes[upper].layer, to = layered_.nodes[lower].layer;
    if (bends_ + (to - from) > kBendsMax) return edge;
    Index last = upper;
    for (std::uint32_t layer = from + 1; layer < to; ++layer) {
      const Index bend = layered_.add(layer, 1, true);
      ++bends_;
      layered_.connect(last, bend);
      edge.bends.push_back(last = bend);
    }
    layered_.connect(last, lower);
    return edge;
  }

  void number_places() {
    place_.resize(layered_.nodes.size());
    for (const auto& layer : layered_.layers)
      for (std::size_t i = 0; i < layer.size(); ++i) place_[layer[i]] = static_cast<std::uint32_t>(i);
  }

  double middle(std::uint32_t box, const std::vector<Index>& node_of_box) const { return layered_.x[node_of_box[box]]; }
  bool are_neighbours(const Family& family, const std::vector<Index>& node_of_box) const {
    if (family.partners.size() != 2 || row(family.partners[0]) != row(family.partners[1])) return false;
    const std::int64_t a = place_[node_of_box[family.partners[0]]], b = place_[node_of_box[family.partners[1]]];
    return std::abs(a - b) == 1 && !taken_.contains(std::pair{layered_.nodes[node_of_box[family.partners[0]]].layer, std::min(a, b)});
  }

  /// x at which a partner's line leaves the lower side of the box.
  double port(std::uint32_t partner, const Union& each, const std::vector<Index>& node_of_box) const {
    const double at = middle(partner, node_of_box);
    if (each.family->partners.size() == 1 && ports_.at(partner) == 1) return at;
    return each.knot < at ? at - kPort : at + kPort;
  }

  std::size_t add_line(std::uint32_t gap, double from, double to) {
    lines_.push_back({gap, std::min(from, to), std::max(from, to), 0});
    return lines_.size() - 1;
  }
  static void widen(Line& line, double x) {
    line.from = std::min(line.from, x);
    line.to = std::max(line.to, x);
  }

  /// The horizontal lines of all unions, as wide as what hangs on them.
  void plan_lines(const std::vector<Index>& node_of_box) {
    for (const Union& each : unions_)
      for (const std::uint32_t partner : each.family->partners) ++ports_[partner];
    for (Union& each : unions_) {
      const Family& family = *each.family;
      each.knot = layered_.x[each.node];
      each.beside = are_neighbours(family, node_of_box);
      if (each.beside) {
        const std::uint32_t a = family.partners[0], b = family.partners[1];
        const bool first = middle(a, node_of_box) < middle(b, node_of_box);
        const Box &left = chart_.boxes[first ? a : b], &right = chart_.boxes[first ? b : a];
        each.knot = (middle(first ? a : b, node_of_box) + left.w / 2 + middle(first ? b : a, node_of_box) - right.w / 2) / 2;
        taken_.insert({layered_.nodes[node_of_box[a]].layer, std::min(place_[node_of_box[a]], place_[node_of_box[b]])});
      } else if (family.partners.size() == 1) {
        each.knot = port(family.partners[0], each, node_of_box);
      }
      if (each.beside && family.children.empty()) continue;
      each.line = add_line(each.gap, each.knot, each.knot);
      if (!each.beside)
        for (std::size_t i = 0; i < family.partners.size(); ++i) widen(lines_[*each.line], last_x(each, i, node_of_box));
      for (std::size_t i = 0; i < family.children.size(); ++i) {
        const auto& bends = each.to_children[i].bends;
        widen(lines_[*each.line], bends.empty() ? middle(family.children[i], node_of_box) : layered_.x[bends.front()]);
      }
    }
    for (const Union& each : unions_) plan_bends(each, node_of_box);
  }
  /// x at which a partner's line reaches the union's.
  double last_x(const Union& each, std::size_t i, const std::vector<Index>& node_of_box) const {
    const auto& bends = each.to_partners[i].bends;
    return bends.empty() ? port(each.family->partners[i], each, node_of_box) : layered_.x[bends.back()];
  }

  /// Long edges change their x between rows, on lines of their own.
  void plan_bends(const Union& each, const std::vector<Index>& node_of_box) {
    for (std::size_t i = 0; i < each.family->partners.size(); ++i) {
      const std::uint32_t partner = each.family->partners[i];
      plan_jogs(each.to_partners[i], port(partner, each, node_of_box));
    }
    for (std::size_t i = 0; i < each.family->children.size(); ++i) {
      const std::uint32_t child = each.family->children[i];
      const auto& bends = each.to_children[i].bends;
      if (bends.empty()) continue;
      plan_jogs(each.to_children[i], layered_.x[bends.front()]);
      // The last piece ends at the child.
      const double last = layered_.x[bends.back()], end = middle(child, node_of_box);
      if (last != end) last_jogs_[bends.back()] = add_line(row(child) - 1, last, end);
    }
  }
  void plan_jogs(const Long& edge, double x) {
    for (const Index bend : edge.bends) {
      const double to = layered_.x[bend];
      // Beside a row the line must already be where it passes.
      const std::uint32_t layer = layered_.nodes[bend].layer, gap = layer / 2 - (layer % 2 == 0);
      if (to != x) jogs_[bend] = add_line(gap, x, to);
      x = to;
    }
  }

  /// Lines of one gap that overlap get different heights: interval partitioning.
  void give_tracks() {
    std::vector<std::size_t> order(lines_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::tuple{lines_[i].gap, lines_[i].from, lines_[i].to, i}; });
    std::vector<double> free;  // by track of this gap: where it is free from
    std::uint32_t gap = UINT32_MAX;
    for (const std::size_t i : order) {
      Line& line = lines_[i];
      if (line.gap != gap) {
        gap = line.gap;
        free.clear();
      }
      const auto found = std::ranges::find_if(free, [&](double from) { return from < line.from; });
      line.track = static_cast<std::uint32_t>(found - free.begin());
      if (found == free.end()) free.push_back(0);
      free[line.track] = line.to + 1;
      tracks_.resize(std::max<std::size_t>(tracks_.size(), gap + 1), 0);
      tracks_[gap] = std::max(tracks_[gap], line.track + 1);
    }
  }

  void place_rows(const std::vector<Index>& node_of_box) {
    std::uint32_t rows = 0;
    for (const std::uint32_t box : people_) rows = std::max(rows, row(box) + 1);
    std::vector<double> heights(rows, 0);
    for (const std::uint32_t box : people_) heights[row(box)] = std::max(heights[row(box)], chart_.boxes[box].h);
    tracks_.resize(std::max<std::size_t>(tracks_.size(), rows), 0);
    top_.assign(rows + 1, 0);
    low_.assign(rows, 0);
    for (std::uint32_t i = 0; i < rows; ++i) {
      low_[i] = top_[i] + heights[i];
      const bool last = i + 1 == rows && tracks_[i] == 0;
      top_[i + 1] = low_[i] + (last ? 0 : 2 * kClear + kTrack * (tracks_[i] == 0 ? 0 : tracks_[i] - 1));
    }
    height_ = top_[rows];
    for (const std::uint32_t index : people_) {
      Box& box = chart_.boxes[index];
      box.x = middle(index, node_of_box) - box.w / 2;
      box.y = top_[row(index)];
      width_ = std::max(width_, box.x + box.w);
    }
    for (const Line& line : lines_) width_ = std::max(width_, line.to);
  }

  double y_of(const Line& line) const noexcept { return low_[line.gap] + kClear + kTrack * line.track; }

  void add_link(Link link, const std::vector<Point>& points) {
    link.first_point = static_cast<std::uint32_t>(chart_.points.size());
    for (const Point& point : points)
      if (chart_.points.size() == link.first_point || chart_.points.back() != point) chart_.points.push_back(point);
    link.point_count = static_cast<std::uint32_t>(chart_.points.size()) - link.first_point;
    chart_.links.push_back(link);
  }

  void write_links(const std::vector<Index>& node_of_box) {
    for (const Union& each : unions_) {
      const Family& family = *each.family;
      const double y = each.line ? y_of(lines_[*each.line]) : 0;
      if (family.partners.size() == 2) {
        const std::uint32_t a = family.partners[0], b = family.partners[1];
        const Link link{.kind = LinkKind::union_, .family = family.family, .from = a, .to = b};
        if (each.beside) {
          const Box &from = chart_.boxes[a], &to = chart_.boxes[b];
          const double level = from.y + std::min(from.h, to.h) / 2;
          const bool right = from.x < to.x;
          add_link(link, {{right ? from.x + from.w : from.x, level}, {right ? to.x : to.x + to.w, level}});
        } else {
          auto points = way_down(each, 0, node_of_box);
          auto back = way_down(each, 1, node_of_box);
          points.insert(points.end(), back.rbegin(), back.rend());
          add_link(link, points);
        }
      }
      for (std::size_t i = 0; i < family.children.size(); ++i) write_descent(each, i, y, node_of_box);
    }
  }

  /// From a partner's box to the union's line.
  std::vector<Point> way_down(const Union& each, std::size_t i, const std::vector<Index>& node_of_box) const {
    const std::uint32_t partner = each.family->partners[i];
    double x = port(partner, each, node_of_box);
    std::vector<Point> points{{x, chart_.boxes[partner].y + chart_.boxes[partner].h}};
    follow(each.to_partners[i], x, points);
    points.push_back({points.back().x, y_of(lines_[*each.line])});
    return points;
  }

  /// Along the bends of a long edge.
  void follow(const Long& edge, double x, std::vector<Point>& points) const {
    for (const Index bend : edge.bends) {
      if (const auto jog = jogs_.find(bend); jog != jogs_.end()) {
        const double y = y_of(lines_[jog->second]);
        points.push_back({x, y});
        points.push_back({layered_.x[bend], y});
      }
      x = layered_.x[bend];
    }
  }

  void write_descent(const Union& each, std::size_t i, double y, const std::vector<Index>& node_of_box) {
    const Family& family = *each.family;
    const std::uint32_t child = family.children[i];
    std::vector<Point> points;
    if (each.beside) {
      const Box &a = chart_.boxes[family.partners[0]], &b = chart_.boxes[family.partners[1]];
      points.push_back({each.knot, a.y + std::min(a.h, b.h) / 2});
    } else if (family.partners.size() == 1) {
      points = way_down(each, 0, node_of_box);
    }
    points.push_back({points.empty() ? each.knot : points.back().x, y});
    const auto& bends = each.to_children[i].bends;
    if (!bends.empty()) {
      points.push_back({layered_.x[bends.front()], y});
      follow(each.to_children[i], layered_.x[bends.front()], points);
      if (const auto jog = last_jogs_.find(bends.back()); jog != last_jogs_.end())
        points.push_back({points.back().x, y_of(lines_[jog->second])});
    }
    const double end = middle(child, node_of_box);
    points.push_back({end, points.back().y});
    points.push_back({end, chart_.boxes[child].y});
    add_link({.kind = LinkKind::descent,
              .family = family.family,
              .pedigree = pedigree_of(family, child),
              .from = family.partners.empty() ? kNone : family.partners[0],
              .to = child},
             points);
  }
  Pedigree pedigree_of(const Family& family, std::uint32_t child) const {
    return graph_.pedigree(chart_.boxes[child].person, family.family).value_or(Pedigree::unstated);
  }

  const Graph& graph_;
  Chart& chart_;
  const std::vector<std::uint32_t>& people_;
  const std::vector<const Family*>& families_;
  const std::vector<std::uint32_t>& row_of_box_;
  std::uint32_t least_row_ = 0;
  LayeredGraph layered_;
  std::vector<std::uint32_t> place_;  // by node, in its layer
  std::vector<Union> unions_;
  std::vector<Line> lines_;
  std::set<std::pair<std::uint32_t, std::int64_t>> taken_;  // gaps between neighbours that have their union
  std::unordered_map<std::uint32_t, std::uint32_t> ports_;  // unions of each box
  std::unordered_map<Index, std::size_t> jogs_;       // by bend: the line on which a long edge comes to its x
  std::unordered_map<Index, std::size_t> last_jogs_;  // by an edge's last bend: the line on which it goes to the child's
  std::vector<std::uint32_t> tracks_;
  std::vector<double> top_, low_;
  std::size_t bends_ = 0;
  double width_ = 0, height_ = 0;
};

/// A part of the chart, placed from 0, 0 on.
struct Component {
  std::vector<std::uint32_t> people;
  std::vector<const Family*> families;
  Size size;
  std::size_t first_point = 0, end_point = 0;
};

/// Who is connected by the families that are drawn, directly or through others; the root's part first.
std::vector<Component> components_of(std::size_t people, const std::vector<Family>& families) {
  std::vector<std::uint32_t> part(people);
  std::iota(part.begin(), part.end(), 0u);
  const auto find = [&](std::uint32_t at) {
    while (part[at] != at) at = part[at] = part[part[at]];
    return at;
  };
  const auto anyone = [](const Family& family) { return family.partners.empty() ? family.children[0] : family.partners[0]; };
  for (const Family& family : families) {
    for (const std::uint32_t person : family.partners) part[find(person)] = find(anyone(family));
    for (const std::uint32_t person : family.children) part[find(person)] = find(anyone(family));
  }
  std::vector<Component> found;
  std::vector<std::uint32_t> number(people, kNone);
  for (std::uint32_t i = 0; i < people; ++i) {
    std::uint32_t& at = number[find(i)];
    if (at == kNone) {
      at = static_cast<std::uint32_t>(found.size());
      found.emplace_back();
    }
    found[at].people.push_back(i);
  }
  for (const Family& family : families) found[number[find(anyone(family))]].families.push_back(&family);
  return found;
}

/// In shelves, the highest first; the root's part stays in the upper left corner.
void pack(Chart& chart, std::vector<Component>& components) {
  double area = 0, widest = 0;
  for (const Component& each : components) {
    area += (each.size.w + kComponentGap) * (each.size.h + kComponentGap);
    widest = std::max(widest, each.size.w);
  }
  const double shelf = std::max(widest, 1.5 * std::sqrt(area));
  std::ranges::sort(components.begin() + 1, components.end(), {},
                    [](const Component& each) { return std::pair{-each.size.h, each.people[0]}; });
  double x = 0, y = 0, low = 0;
  for (const Component& each : components) {
    if (x > 0 && x + each.size.w > shelf) {
      x = 0;
      y = low + kComponentGap;
    }
    for (const std::uint32_t box : each.people) {
      chart.boxes[box].x += x;
      chart.boxes[box].y += y;
    }
    for (std::size_t i = each.first_point; i < each.end_point; ++i) chart.points[i] = {chart.points[i].x + x, chart.points[i].y + y};
    x += each.size.w + kComponentGap;
    low = std::max(low, y + each.size.h);
  }
}

}  // namespace

Chart relatives_layout(const Graph& graph, Kind kind, PersonN root, const Options& options) {
  Chart chart;
  chart.kind = kind;
  Collector collector{graph, options, chart};
  collector.collect(root);
  if (kind == Kind::everyone)
    for (PersonN person = 0; person < graph.node_count(); ++person)
      if (graph.is_person(person)) collector.collect(person);
  const std::vector<Family> families = collector.families();
  const Generations generations{chart.boxes.size(), families};
  std::vector<std::uint32_t> rows(chart.boxes.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    rows[i] = generations.row(i);
    chart.boxes[i].generation = static_cast<std::int32_t>(generations.row(0)) - static_cast<std::int32_t>(rows[i]);
  }
  std::vector<Index> node_of_box(chart.boxes.size());
  auto components = components_of(chart.boxes.size(), families);
  for (Component& each : components) {
    each.first_point = chart.points.size();
    each.size = ComponentLayouter{graph, chart, each.people, each.families, rows}.run(node_of_box);
    each.end_point = chart.points.size();
  }
  pack(chart, components);
  move_into_margin(chart);
  return chart;
}

}  // namespace tablinum::tree::charts
