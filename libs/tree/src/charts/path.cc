#include "charts/path.h"

#include "charts/margin.h"
#include "tablinum/tree/kinship/relationship.h"

namespace tablinum::tree::charts {
namespace {

using kinship::Direction;
using kinship::Step;

constexpr double kColumn = 176 + 40;
constexpr double kRow = 64 + 56;

class PathLayouter {
 public:
  PathLayouter(const kinship::Graph& graph, const kinship::Relation& relation) : graph_{graph}, relation_{relation} {
    chart_.kind = Kind::path;
  }

  Chart run(PersonN from, PersonN to) && {
    add_box({.person = from}, 0);
    for (const Step& step : relation_.steps) add_step(step);
    if (!relation_.related && from != to) add_box({.person = to}, 1);
    for (std::uint32_t box = 1; box < chart_.boxes.size(); ++box) link(box);
    count_hidden();
    move_into_margin(chart_);
    return std::move(chart_);
  }

 private:
  void add_box(Box box, int column) {
    const Size size = box_size(SizeClass::normal);
    box.w = size.w;
    box.h = size.h;
    box.x = column * kColumn;
    box.y = -box.generation * kRow;
    chart_.boxes.push_back(box);
  }

  void add_step(const Step& step) {
    const auto from = static_cast<std::uint32_t>(at_);
    const Box& before = chart_.boxes[from];
    Box box{.person = step.to, .generation = before.generation, .hangs_from = from, .family = step.family, .pedigree = step.pedigree};
    const bool beside = step.direction == Direction::partner || step.direction == Direction::sibling;
    // A way that turns needs a column of its own, else it would run over itself.
    const bool turns = last_ && *last_ != step.direction && !was_beside_;
    if (beside || turns) ++column_;
    switch (step.direction) {
      case Direction::up:
        ++box.generation;
        box.role = graph_.partners(step.family)[1] == step.to ? BoxRole::mother : BoxRole::father;
        break;
      case Direction::down:
        --box.generation;
        box.role = BoxRole::child;
        if (turns) add_apex_partner(from, step);
        break;
      case Direction::partner: box.role = BoxRole::partner; break;
      case Direction::sibling: box.role = BoxRole::sibling; break;
    }
    at_ = chart_.boxes.size();
    add_box(box, column_);
    last_ = step.direction;
    was_beside_ = beside;
  }

  /// Of a couple from which both descend the other half stands above the second child.
  void add_apex_partner(std::uint32_t apex, const Step& step) {
    if (chart_.boxes[apex].family != step.family) return;
    const PersonN partner = graph_.partner_of(chart_.boxes[apex].person, step.family);
    if (partner == kNone) return;
    add_box({.person = partner,
             .generation = chart_.boxes[apex].generation,
             .role = BoxRole::partner,
             .hangs_from = apex,
             .family = step.family},
            column_);
  }

  void add_link(Link link, std::initializer_list<Point> points) {
    link.first_point = static_cast<std::uint32_t>(chart_.points.size());
    for (const Point& point : points)
      if (chart_.points.size() == link.first_point || chart_.points.back() != point) chart_.points.push_back(point);
    link.point_count = static_cast<std::uint32_t>(chart_.points.size()) - link.first_point;
    chart_.links.push_back(link);
  }

  void link(std::uint32_t index) {
    const Box& box = chart_.boxes[index];
    if (box.hangs_from == kNone) return;
    const Box& other = chart_.boxes[box.hangs_from];
    const double middle = box.y + box.h / 2;
    if (box.role == BoxRole::partner || box.role == BoxRole::sibling) {
      return add_link({.kind = LinkKind::union_, .family = box.family, .from = box.hangs_from, .to = index},
                      {{other.x + other.w, middle}, {box.x, middle}});
    }
    const bool up = box.role != BoxRole::child;
    descent(up ? index : box.hangs_from, up ? box.hangs_from : index, box);
  }

  void descent(std::uint32_t parent, std::uint32_t child, const Box& step) {
    const Box &above = chart_.boxes[parent], &below = chart_.boxes[child];
    Point begin{above.x + above.w / 2, above.y + above.h};
    // From the middle of a couple, where both are drawn.
    for (std::uint32_t other = 0; other < chart_.boxes.size(); ++other) {
      const Box& partner = chart_.boxes[other];
      if (partner.role == BoxRole::partner && partner.family == step.family && (other == parent || partner.hangs_from == parent)) {
        const Box& left = chart_.boxes[partner.hangs_from];
        begin = {(left.x + left.w + partner.x) / 2, partner.y + partner.h / 2};
      }
    }
    const double turn = below.y - (kRow - below.h) / 2, middle = below.x + below.w / 2;
    add_link({.kind = LinkKind::descent, .family = step.family, .pedigree = step.pedigree, .from = parent, .to = child},
             {begin, {begin.x, turn}, {middle, turn}, {middle, below.y}});
  }

  /// Relatives who are not on the way.
  void count_hidden() {
    std::unordered_set<PersonN> shown;
    for (const Box& box : chart_.boxes) shown.insert(box.person);
    const auto absent = [&](PersonN person) -> std::uint32_t { return person != kNone && !shown.contains(person); };
    for (Box& box : chart_.boxes) {
      box.hidden_parents = absent(graph_.father(box.person)) + absent(graph_.mother(box.person));
      for (const FamilyN family : graph_.families(box.person)) {
        box.hidden_partners += absent(graph_.partner_of(box.person, family));
        for (const PersonN child : graph_.children(family)) box.hidden_children += absent(child);
      }
    }
  }

  const kinship::Graph& graph_;
  const kinship::Relation& relation_;
  Chart chart_;
  std::size_t at_ = 0;  // box at which the way has come
  int column_ = 0;
  std::optional<Direction> last_;
  bool was_beside_ = false;
};

}  // namespace

Result<Chart> path_layout(const kinship::Graph& graph, PersonN root, const Options& options) {
  if (!graph.is_person(options.other)) return fail(Code::invalid, "a path needs the person to whom it leads");
  TRY(relation, kinship::relation(graph, root, options.other));
  return PathLayouter{graph, relation}.run(root, options.other);
}

}  // namespace tablinum::tree::charts
