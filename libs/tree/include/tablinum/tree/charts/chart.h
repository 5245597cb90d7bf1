#pragma once
/// Charts: positions only. A chart says where boxes and lines lie; names, dates and pictures are put in by whoever draws it, so
/// screen, SVG, PDF and outline agree, and the same input always gives the same output.
///
/// Layout: a tidy tree with boxes of different sizes, non-layered, in linear time (van der Ploeg 2014, "Drawing non-layered
/// tidy trees in linear time", after Reingold and Tilford). An hourglass is two such trees joined at the root. Box sizes come
/// from classes, never from fonts. A fan shares each sector among the parents who are known. Relatives are a layered graph of
/// people and unions (src/charts/layers.h). A path is the relation of two people; a timeline packs lives into rows; a map shows where
/// lives went, places near each other as one circle. Unit: CSS pixels at scale 1. y grows downwards.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tablinum/tree/kinship/graph.h"

namespace tablinum::tree::charts {

using kinship::FamilyN;
using kinship::kNone;
using kinship::Pedigree;
using kinship::PersonN;

/// Boxes in one chart; people beyond are counted as hidden.
inline constexpr std::uint32_t kBoxesMax = 100'000;
inline constexpr std::uint32_t kGenerationsMax = 1'000;

/// relatives: everybody who is connected with the root, the nearest first; everyone: all people of the tree; path: how the root is
/// related to one other person; timeline: the people of an hourglass by the years of their lives; map: the same people by places.
enum class Kind : std::uint8_t { pedigree, descendants, hourglass, fan, relatives, everyone, path, timeline, map };
/// Where descendants grow to; ancestors grow to the other side.
enum class Orientation : std::uint8_t { down, right, left, up };

enum class SizeClass : std::uint8_t { normal, compact, portrait };
inline constexpr std::size_t kSizeClasses = 3;
struct Size {
  double w = 0, h = 0;
};
/// normal 176 × 64, compact 112 × 40, portrait 144 × 176.
Size box_size(SizeClass size_class) noexcept;

/// The years of a life, as far as they are known; 1902.5 is the middle of 1902.
struct Lifetime {
  std::optional<double> begin{}, end{};
  bool open = false;  ///< `end` is today: the person lives
};

/// Somebody was at a place.
struct Stay {
  double longitude = 0, latitude = 0;  ///< degrees, east and north positive
  std::uint32_t place = 0;             ///< the caller's number of the place
  std::optional<double> year{};
  std::uint32_t box = kNone, mark = kNone;  ///< who, and the circle in which it is shown: set by layout()
};

struct Options {
  std::uint32_t up = 4;    ///< generations of ancestors (pedigree, hourglass, fan); 0 … kGenerationsMax
  std::uint32_t down = 3;  ///< generations of descendants (descendants, hourglass)
  Orientation orientation = Orientation::down;  ///< a fan has none
  bool partners = true;  ///< draw the partners of descendants
  std::uint32_t boxes_max = kBoxesMax;
  std::unordered_set<PersonN> hidden_above{};      ///< people whose parents the reader has folded away
  std::unordered_set<PersonN> hidden_below{};      ///< people whose children the reader has folded away
  std::function<SizeClass(PersonN)> size_class{};  ///< empty: normal for all; a fan has none
  PersonN other = kNone;                           ///< path: to whom
  std::function<Lifetime(PersonN)> lifetime{};     ///< timeline: required
  std::function<std::vector<Stay>(PersonN)> stays{};   ///< map: required; in the order of the life
};

/// sibling: on a path, another child of a family without parents.
enum class BoxRole : std::uint8_t { root, father, mother, child, partner, sibling };

struct Box {
  PersonN person = kNone;
  double x = 0, y = 0, w = 0, h = 0;  ///< top left corner and size; in a fan of the rectangle round the sector
  std::int32_t generation = 0;        ///< root 0, parents 1, children −1; a partner has that of the person beside it, where it can
  BoxRole role = BoxRole::root;
  SizeClass size_class = SizeClass::normal;
  std::uint32_t hangs_from = kNone;        ///< index of the box towards the root; kNone for the root
  FamilyN family = kNone;                  ///< the family between this box and that one
  Pedigree pedigree = Pedigree::unstated;  ///< of the child end of that edge
  std::uint32_t ordinal = 0;               ///< child: 1 for the first of its parent; partner: 1 for the first union
  std::uint32_t same_as = kNone;           ///< "see above": index of the box where this person is drawn in full
  std::uint32_t hidden_parents = 0;        ///< parents not drawn ("+2 hidden")
  std::uint32_t hidden_children = 0;       ///< children not drawn
  std::uint32_t hidden_partners = 0;       ///< partners not drawn
};

enum class LinkKind : std::uint8_t { descent, union_ };
struct Point {
  double x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
struct Link {
  LinkKind kind{};
  FamilyN family = kNone;                  ///< so that a union can show its marriage date
  Pedigree pedigree = Pedigree::unstated;  ///< of a descent
  std::uint32_t from = kNone;              ///< box: union: the one nearer to the root; descent: a parent
  std::uint32_t to = kNone;                ///< box: union: the partner; descent: the child
  std::uint32_t first_point = 0;           ///< polyline: points[first_point … first_point + point_count)
  std::uint32_t point_count = 0;
};

/// Where a fan shows one person: degrees clockwise from the top, −180 … 180, and radii from Chart::centre. The root has all of
/// its circle. A person's parents stand in the next ring, within the person's own angle; father first.
struct Sector {
  double begin = 0, end = 0;
  double inner = 0, outer = 0;
};
/// From this generation on words no longer run along the ring, which is then as deep as a name is long.
inline constexpr std::int32_t kFanDeepFrom = 5;

/// Where a timeline shows a life: from … to of x; an end that is not known is open.
struct Span {
  double from = 0, to = 0;
  bool open_from = false, open_to = false;
};
/// A year on the timeline's scale.
struct Tick {
  double x = 0;
  int year = 0;
};

/// Stays near each other: one circle on a map.
struct Mark {
  Point at{};
  double radius = 0;
  std::vector<std::uint32_t> stays{};  ///< indices of Chart::stays
};
/// How many lives went from one circle to another.
struct Move {
  std::uint32_t from = 0, to = 0, count = 0;
};
/// Degrees on the world that a map is a part of: Mercator's projection, 0, 0 … kWorldUnits, kWorldUnits. A unit is what tiled maps
/// call a tile of zoom 10.
inline constexpr double kWorldUnits = 1024;
Point on_world(double longitude, double latitude) noexcept;
/// The part of the world that a map shows: `scale` chart units are one of the world.
struct MapFrame {
  double x = 0, y = 0;  ///< of the world, at the chart's left upper corner
  double scale = 1;
  Point at(Point world) const noexcept { return {(world.x - x) * scale, (world.y - y) * scale}; }
};

struct Chart {
  Kind kind{};
  std::vector<Box> boxes;  ///< [0] is the root; a box comes after the one it hangs from. path, everyone: there may be several roots
  std::vector<Link> links;
  std::vector<Point> points;
  double width = 0, height = 0;  ///< everything lies within 0 … width, 0 … height, margin included
  bool truncated = false;        ///< boxes_max was reached
  std::vector<Sector> sectors;   ///< of a fan, by box; its links are points where sectors meet
  Point centre;                  ///< of a fan
  std::vector<Span> spans;       ///< of a timeline, by box; from = to: nothing is known of the years
  std::vector<Tick> ticks;       ///< of a timeline
  std::vector<Stay> stays;       ///< of a map, by box; its boxes have no size
  std::vector<Mark> marks;       ///< of a map, the fullest first
  std::vector<Move> moves;       ///< of a map
  MapFrame frame;                ///< of a map
};
inline constexpr double kMargin = 24;

/// @error not_found: no such person.  invalid: up or down over kGenerationsMax, boxes_max 0 or over kBoxesMax, a path to nobody, a
///        timeline without lifetimes, a map without stays().
/// @note  On a path between people who are not related both have a box, and there is no link.
Result<Chart> layout(const kinship::Graph& graph, Kind kind, PersonN root, const Options& options = {});

/// The same chart as an indented list, for screen readers and paper.
struct OutlineRow {
  std::uint32_t box = 0;    ///< index into Chart::boxes
  std::uint32_t level = 0;  ///< 0 = root
  BoxRole role = BoxRole::root;
  std::string number;  ///< ancestors: Sosa ("5"); descendants: d'Aboville ("1.2"); partners: none
};
/// Root, then its ancestors in preorder, then its partners and descendants in preorder.
std::vector<OutlineRow> outline(const Chart& chart);

}  // namespace tablinum::tree::charts
