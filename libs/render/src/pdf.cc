#include "tablinum/render/pdf.h"

#include <array>
#include <cctype>
#include <set>

#include "canvas.h"
#include "map.h"
#include "pango.h"
#include "place.h"
#include "words.h"

namespace tablinum::render {
namespace {

using tree::charts::Box;
using tree::charts::Chart;
using tree::charts::kNone;
using tree::charts::Link;
using tree::charts::LinkKind;
using tree::charts::Point;
using tree::charts::Sector;

constexpr double kPointsPerUnit = 0.75;  // a CSS pixel
constexpr double kBorder = 28.35;        // 10 mm that printers cannot reach
constexpr double kHead = 24, kFoot = 18;
/// Larger sheets are not allowed by PDF's readers: 200 inches.
constexpr double kSheetPointsMax = 14'400;
constexpr double kCutMark = 12;
constexpr double kRadius = 6;

struct Area {
  double x = 0, y = 0, w = 0, h = 0;
  bool meets(const Area& other) const noexcept {
    return x <= other.x + other.w && other.x <= x + w && y <= other.y + other.h && other.y <= y + h;
  }
};

Area span_area(const Chart& chart, std::size_t index) {
  const SpanPlace place = span_place(chart, index);
  return {place.x, place.y, place.width, kSpanHeight};
}

struct SheetSize {
  double width, height;
};
SheetSize size_of(Paper paper) noexcept {
  constexpr std::array<SheetSize, 7> kSizes{
      {{0, 0}, {595.28, 841.89}, {841.89, 1190.55}, {1190.55, 1683.78}, {1683.78, 2383.94}, {2383.94, 3370.39}, {612, 792}}};
  return kSizes[static_cast<std::size_t>(paper)];
}

/// How a chart is cut into sheets.
struct Plan {
  SheetSize sheet{};
  double points = kPointsPerUnit;  // one unit of the chart on paper
  double width = 0, height = 0;    // units of the chart on one sheet
  double overlap = 0;              // units
  std::uint64_t columns = 1, rows = 1;

  Area area(std::uint64_t column, std::uint64_t row) const noexcept {
    return {static_cast<double>(column) * (width - overlap), static_cast<double>(row) * (height - overlap), width, height};
  }
};

std::uint64_t pieces(double whole, double piece, double overlap) noexcept {
  return whole <= piece ? 1 : static_cast<std::uint64_t>(std::ceil((whole - overlap) / (piece - overlap)));
}

Plan one_sheet_of_its_own(const Chart& chart) {
  const double room = kSheetPointsMax - 2 * kBorder - kHead - kFoot;
  const double points = std::min(kPointsPerUnit, room / std::max(chart.width, chart.height));
  return {.sheet = {chart.width * points + 2 * kBorder, chart.height * points + 2 * kBorder + kHead + kFoot},
          .points = points,
          .width = chart.width,
          .height = chart.height};
}

Plan planned(const Chart& chart, const PdfOptions& options, SheetSize sheet) {
  const double width = sheet.width - 2 * kBorder, height = sheet.height - 2 * kBorder - kHead - kFoot;
  Plan plan{.sheet = sheet, .points = kPointsPerUnit * options.scale};
  if (!options.tile) plan.points = std::min({kPointsPerUnit, width / chart.width, height / chart.height});
  plan.width = width / plan.points;
  plan.height = height / plan.points;
  if (!options.tile) return plan;
  plan.overlap = kPdfOverlapPoints / plan.points;
  plan.columns = pieces(chart.width, plan.width, plan.overlap);
  plan.rows = pieces(chart.height, plan.height, plan.overlap);
  return plan;
}

Plan plan_of(const Chart& chart, const PdfOptions& options) {
  if (options.paper == Paper::chart) return one_sheet_of_its_own(chart);
  const SheetSize upright = size_of(options.paper);
  const Plan first = planned(chart, options, upright), second = planned(chart, options, {upright.height, upright.width});
  if (!options.tile) return first.points >= second.points ? first : second;
  return first.columns * first.rows <= second.columns * second.rows ? first : second;
}

class PdfWriter {
 public:
  PdfWriter(const Chart& chart, const ChartLabels& labels, const PdfOptions& options)
      : chart_{chart}, options_{options}, plan_{plan_of(chart, options)}, canvas_{plan_.sheet.width, plan_.sheet.height} {
    std::size_t photos = 0;
    for (const Box& box : chart.boxes) {
      people_.push_back(labels.person(box.person));
      if ((photos += people_.back().photo.size()) > kPhotosBytesMax) people_.back().photo.clear();
    }
    if (chart.kind == tree::charts::Kind::map) map_ = map_picture(chart, labels);
    if (!labels.marriage) return;
    for (const Link& link : chart.links)
      marriages_.push_back(link.kind == LinkKind::union_ ? labels.marriage(link.family).text : std::string{});
  }

  Result<std::string> write() && {
    canvas_.describe(options_);
    if (map_ && !use({0, 0, chart_.width, chart_.height})) return too_many();
    for (const Box& box : chart_.boxes)
      if (!map_ && !use(area_of(box))) return too_many();
    for (const Link& link : chart_.links)
      if (!use(area_of(link))) return too_many();
    std::size_t number = 0;
    for (const auto& [row, column] : sheets_) write_sheet(column, row, ++number);
    return canvas_.finish();
  }

 private:
  static std::unexpected<Error> too_many() {
    return fail(Code::limit, "the poster has more than " + std::to_string(kPdfSheetsMax) + " sheets: take larger paper or a smaller scale");
  }

  static Area area_of(const Box& box) noexcept { return {box.x, box.y, box.w, box.h}; }
  Area area_of(const Link& link) const {
    if (link.point_count == 0) return {-1, -1, 0, 0};
    const Point* first = &chart_.points[link.first_point];
    Area area{first->x, first->y, 0, 0};
    for (const Point* point = first; point < first + link.point_count; ++point) {
      const double right = std::max(area.x + area.w, point->x), low = std::max(area.y + area.h, point->y);
      area.x = std::min(area.x, point->x);
      area.y = std::min(area.y, point->y);
      area.w = right - area.x;
      area.h = low - area.y;
    }
    return area;
  }
  /// Notes the sheets on which something stands.  @return false: they are too many.
  bool use(const Area& area) {
    const auto span = [](double begin, double length, double piece, double overlap, std::uint64_t count) {
      const double step = piece - overlap, last = static_cast<double>(count - 1);
      return std::pair{static_cast<std::uint64_t>(std::clamp(std::ceil((begin - piece) / step), 0.0, last)),
                       static_cast<std::uint64_t>(std::clamp(std::floor((begin + length) / step), 0.0, last))};
    };
    const auto [left, right] = span(area.x, area.w, plan_.width, plan_.overlap, plan_.columns);
    const auto [top, low] = span(area.y, area.h, plan_.height, plan_.overlap, plan_.rows);
    for (std::uint64_t row = top; row <= low; ++row) {
      for (std::uint64_t column = left; column <= right; ++column) {
        sheets_.insert({row, column});
        if (sheets_.size() > kPdfSheetsMax) return false;
      }
    }
    return true;
  }

  void write_sheet(std::uint64_t column, std::uint64_t row, std::size_t number) {
    canvas_.begin_sheet(plan_.sheet.width, plan_.sheet.height);
    write_frame(column, row, number);
    const Area area = plan_.area(column, row);
    canvas_.enter(kBorder, kBorder + kHead, plan_.width * plan_.points, plan_.height * plan_.points, plan_.points, {area.x, area.y});
    write_marks(area);
    if (map_) {
      write_map(*map_);
    } else if (chart_.sectors.empty()) {
      write_boxes(area);
    } else {
      write_sectors(area);
    }
    canvas_.leave();
    canvas_.end_sheet();
  }

  // --- what stands around the chart, in points ---

  void write_frame(std::uint64_t column, std::uint64_t row, std::size_t number) {
    const double right = plan_.sheet.width - kBorder, low = plan_.sheet.height - kBorder;
    canvas_.begin_paragraph();
    canvas_.text(Style::name, kInk, {kBorder, kBorder + 12}, Anchor::begin, options_.title, right - kBorder);
    canvas_.end_paragraph();
    if (sheets_.size() == 1) return;
    // Spreadsheet-like names of places: A1 is the upper left sheet.
    std::string place;
    for (std::uint64_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
      place.insert(place.begin(), static_cast<char>('A' + (rest - 1) % 26));
    place += std::to_string(row + 1);
    std::string text = options_.sheet;
    if (const auto at = text.find("{n}"); at != text.npos) text.replace(at, 3, std::to_string(number));
    if (const auto at = text.find("{all}"); at != text.npos) text.replace(at, 5, std::to_string(sheets_.size()));
    canvas_.begin_paragraph();
    canvas_.text(Style::small, kNote, {right, low - 4}, Anchor::end, text + " · " + place, right - kBorder);
    canvas_.end_paragraph();
    write_cut_marks(column, row);
  }

  /// Where the sheet is cut, and where the next one's edge comes to lie.
  void write_cut_marks(std::uint64_t column, std::uint64_t row) {
    const double left = kBorder, top = kBorder + kHead, right = left + plan_.width * plan_.points,
                 low = top + plan_.height * plan_.points;
    const auto across = [&](double x) {
      mark({x, top - kCutMark}, {x, top - 2});
      mark({x, low + 2}, {x, low + kCutMark});
    };
    const auto along = [&](double y) {
      mark({left - kCutMark, y}, {left - 2, y});
      mark({right + 2, y}, {right + kCutMark, y});
    };
    if (column > 0) across(left);
    if (column + 1 < plan_.columns) across(right - kPdfOverlapPoints);
    if (row > 0) along(top);
    if (row + 1 < plan_.rows) along(low - kPdfOverlapPoints);
  }
  void mark(Point from, Point to) {
    const std::array points{from, to};
    canvas_.lines(points.data(), points.size(), kInk, 0.5, false);
  }

  // --- boxes ---

  void write_boxes(const Area& area) {
    for (const Link& link : chart_.links)
      if (area_of(link).meets(area)) canvas_.lines(&chart_.points[link.first_point], link.point_count, kGrey, 1.5, !is_by_birth(link));
    for (std::size_t i = 0; i < chart_.boxes.size(); ++i)
      if (area_of(chart_.boxes[i]).meets(area)) write_box(i);
    for (std::size_t i = 0; i < marriages_.size(); ++i)
      if (!marriages_[i].empty() && around(area_of(chart_.links[i])).meets(area)) write_marriage(i);
  }
  /// Words stand beside their line.
  static Area around(const Area& area) noexcept { return {area.x - 60, area.y - 60, area.w + 120, area.h + 120}; }

  void write_marriage(std::size_t index) {
    const std::string& text = marriages_[index];
    const auto [at, centred] = marriage_place(chart_, chart_.links[index], canvas_.width_of(Style::note, text));
    canvas_.begin_paragraph();
    canvas_.text(Style::note, kNote, at, centred ? Anchor::middle : Anchor::begin, text, 200, true);
    canvas_.end_paragraph();
  }

  void write_box(std::size_t index) {
    const Box& box = chart_.boxes[index];
    const PersonLabel& person = people_[index];
    const bool root = box.role == tree::charts::BoxRole::root;
    canvas_.begin_paragraph();
    canvas_.rectangle(box.x, box.y, box.w, box.h, kRadius, kWhite, root ? kAccent : kGrey, root ? 2 : 1, box.same_as != kNone);
    if (!person.photo.empty()) canvas_.photo(index, person.photo, photo_place(box));
    for (const BoxLine& line : box_lines(box, person, note_of(box, options_.see_above, options_.hidden)))
      canvas_.text(style_of(line.words), ink_of(line.words), line.at, Anchor::begin, line.words.text, line.room);
    canvas_.end_paragraph();
  }
  static Style style_of(const Words& words) { return words.name ? Style::name : Style::note; }
  static Colour ink_of(const Words& words) { return words.name ? kInk : kNote; }

  // --- a timeline's years and lives ---

  void write_marks(const Area& area) {
    for (const auto& tick : chart_.ticks) {
      if (!area.meets({tick.x - 30, 0, 60, chart_.height})) continue;
      const std::array points{Point{tick.x, kTickTop}, Point{tick.x, chart_.height - tree::charts::kMargin}};
      canvas_.lines(points.data(), points.size(), kFaint, 1, false);
      canvas_.text(Style::small, kNote, {tick.x, kTickTop - 4}, Anchor::middle, std::to_string(tick.year), 60);
    }
    for (std::size_t i = 0; i < chart_.spans.size(); ++i) {
      const Area bar = span_area(chart_, i);
      if (bar.w <= 0 || !bar.meets(area)) continue;
      canvas_.bar(bar.x, bar.y, bar.w, bar.h, kAccent);
      if (chart_.spans[i].open_from) canvas_.bar(bar.x, bar.y, std::min(bar.w, kOpenEnd), bar.h, kFaint);
      if (chart_.spans[i].open_to) canvas_.bar(bar.x + std::max(0.0, bar.w - kOpenEnd), bar.y, std::min(bar.w, kOpenEnd), bar.h, kFaint);
    }
  }

  // --- a map ---

  void write_map(const MapPicture& map) {
    canvas_.bar(0, 0, chart_.width, chart_.height, kSeaColour);
    canvas_.shapes(map.world.land, kLandColour, kGrey, 0.7);
    for (const auto& line : map.world.borders) canvas_.lines(line.data(), line.size(), kBorderColour, 0.7, false);
    for (const MoveLine& move : map.moves) {
      const std::array points{move.from, move.to};
      canvas_.lines(points.data(), points.size(), kWayColour, move.width, false);
      canvas_.shapes({{move.to, move.left, move.right}}, kWayColour, kWayColour, 0);
    }
    for (const auto& mark : chart_.marks) canvas_.circle(mark.at, mark.radius, kAccent, kWhite, 2);
    for (const MarkWords& words : map.words) {
      canvas_.begin_paragraph();
      canvas_.text(Style::name, kInk, words.at, Anchor::begin, words.text, 400);
      canvas_.end_paragraph();
    }
  }

  // --- a fan ---

  void write_sectors(const Area& area) {
    for (std::size_t i = 0; i < chart_.boxes.size(); ++i)
      if (area_of(chart_.boxes[i]).meets(area)) write_sector(i);
    for (std::size_t i = 0; i < marriages_.size(); ++i)
      if (!marriages_[i].empty() && around(area_of(chart_.links[i])).meets(area)) write_fan_marriage(i);
  }

  void write_sector(std::size_t index) {
    const Sector& sector = chart_.sectors[index];
    canvas_.begin_paragraph();
    if (index == 0) {
      canvas_.circle(chart_.centre, sector.outer, kWhite, kAccent, 2);
    } else {
      canvas_.sector(chart_.centre, sector, kWhite, kGrey, chart_.boxes[index].same_as != kNone);
    }
    for (const SectorLine& line : sector_lines(chart_, index, people_[index], options_.see_above)) write_sector_line(line);
    canvas_.end_paragraph();
  }
  void write_sector_line(const SectorLine& line) {
    const Style style = style_of(line.words);
    const Colour ink = ink_of(line.words);
    if (line.radius == 0) return canvas_.turned_text(style, ink, line.middle, line.degrees, line.words.text, line.room);
    canvas_.bent_text(style, ink, chart_.centre, line.degrees, line.radius, line.turned, line.words.text, line.room);
  }

  void write_fan_marriage(std::size_t index) {
    const auto place = fan_marriage_place(chart_, chart_.links[index], canvas_.width_of(Style::note, marriages_[index]));
    if (!place) return;
    canvas_.begin_paragraph();
    canvas_.turned_text(Style::note, kNote, place->at, place->degrees, marriages_[index], 200);
    canvas_.end_paragraph();
  }

  const Chart& chart_;
  const PdfOptions& options_;
  const Plan plan_;
  Canvas canvas_;
  std::optional<MapPicture> map_;
  std::vector<PersonLabel> people_;     // by box
  std::vector<std::string> marriages_;  // by link; empty: labels have none
  std::set<std::pair<std::uint64_t, std::uint64_t>> sheets_;  // row and column of those on which something stands
};

}  // namespace

std::optional<Paper> paper(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, Paper>, 7> kNames{{{"chart", Paper::chart},
                                                                      {"a4", Paper::a4},
                                                                      {"a3", Paper::a3},
                                                                      {"a2", Paper::a2},
                                                                      {"a1", Paper::a1},
                                                                      {"a0", Paper::a0},
                                                                      {"letter", Paper::letter}}};
  const auto same = [&](std::string_view other) {
    return std::ranges::equal(name, other, {}, [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  };
  for (const auto& [known, value] : kNames)
    if (same(known)) return value;
  return std::nullopt;
}

Result<std::string> pdf(const Chart& chart, const ChartLabels& labels, const PdfOptions& options) {
  if (!labels.person) return fail(Code::invalid, "a chart needs labels of persons");
  if (chart.kind == tree::charts::Kind::map && !labels.place) return fail(Code::invalid, "a map needs names of places");
  if (options.tile && options.paper == Paper::chart) return fail(Code::invalid, "a poster needs the size of its sheets");
  if (!(options.scale >= kPdfScaleMin && options.scale <= kPdfScaleMax)) return fail(Code::invalid, "the scale is out of range");
  CHECK_OK(load_pango());
  return PdfWriter{chart, labels, options}.write();
}

}  // namespace tablinum::render
