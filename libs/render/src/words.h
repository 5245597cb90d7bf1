#pragma once
/// Which words stand where in boxes and sectors: for every format the same. Words are measured by their letters, so that they are broken
/// at the same place whatever draws them.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/render/svg.h"

namespace tablinum::render {

inline constexpr double kLineHeight = 16;
/// Mean advance of a 13 px letter; boxes have fixed sizes, so text is cut by count and never measured.
inline constexpr double kLetterWidth = 6.6;

/// How wide words are, by their letters.
double width_by_letters(std::string_view text);

struct Words {
  bool name = false;  ///< else a note
  std::string text{};
};

/// "see above" on a box that is drawn elsewhere, else how many are hidden; empty: neither.
std::string note_of(const tree::charts::Box& box, const std::string& see_above, const std::string& hidden);

/// A line of words that begins at a point, and its room.
struct BoxLine {
  Words words{};
  tree::charts::Point at{};
  double room = 0;
};
/// As many lines as the box has room for: a name that is too long has two; a note keeps the last one.
std::vector<BoxLine> box_lines(const tree::charts::Box& box, const PersonLabel& label, const std::string& note);

/// Where a photograph stands; a square.
struct PhotoPlace {
  double x = 0, y = 0, side = 0;
};
PhotoPlace photo_place(const tree::charts::Box& box);

/// A line of words in a sector, centred on a point and turned; on a circle round the fan's centre where there is a radius.
struct SectorLine {
  Words words{};
  tree::charts::Point middle{};
  double degrees = 0;  ///< clockwise
  double radius = 0;   ///< 0: straight
  bool turned = false;
  double room = 0;
};
std::vector<SectorLine> sector_lines(const tree::charts::Chart& chart, std::size_t box, const PersonLabel& label,
                                     const std::string& see_above);

/// A point of a circle round the fan's centre; degrees count clockwise from the top.
tree::charts::Point on_circle(const tree::charts::Chart& chart, double degrees, double radius);

struct TurnedPlace {
  tree::charts::Point at{};
  double degrees = 0;
};
/// Where the partners' sectors and their child's meet; nothing where the words have no room.
std::optional<TurnedPlace> fan_marriage_place(const tree::charts::Chart& chart, const tree::charts::Link& link, double width);

}  // namespace tablinum::render
