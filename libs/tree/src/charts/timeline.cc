#include "charts/timeline.h"

#include <cmath>
#include <queue>

#include "charts/once.h"

namespace tablinum::tree::charts {
namespace {

constexpr double kYear = 6;
/// What is drawn of an end that is not known.
constexpr double kOpenYears = 10;
constexpr double kGap = 16;
constexpr double kScale = 32;  // room for the years above the first row
constexpr int kTickYearsMin = 10;
constexpr std::size_t kTicksMax = 200;

/// Years of a life to be drawn; nothing where none is known.
struct Years {
  double from = 0, to = 0;
  bool known = false, open_from = false, open_to = false;
};

Years years_of(const Lifetime& life) {
  if (!life.begin && !life.end) return {};
  Years years{.from = life.begin.value_or(0),
              .to = life.end.value_or(0),
              .known = true,
              .open_from = !life.begin,
              .open_to = !life.end || life.open};
  if (!life.begin) years.from = years.to - kOpenYears;
  if (!life.end) years.to = years.from + kOpenYears;
  years.to = std::max(years.to, years.from + 1);  // dates that contradict each other are shown, not believed
  return years;
}

class TimelineLayouter {
 public:
  TimelineLayouter(const Chart& people, const Options& options) : chart_{people_once(people, Kind::timeline)} {
    const Size size = box_size(SizeClass::normal);
    for (Box& box : chart_.boxes) {
      box.size_class = SizeClass::normal;
      box.w = size.w;
      box.h = size.h;
      years_.push_back(years_of(options.lifetime(box.person)));
    }
    chart_.spans.resize(chart_.boxes.size());
  }

  Chart run() && {
    first_year_ = 0;
    bool any = false;
    for (const Years& years : years_) {
      if (!years.known) continue;
      first_year_ = any ? std::min(first_year_, years.from) : years.from;
      last_year_ = any ? std::max(last_year_, years.to) : years.to;
      any = true;
    }
    first_year_ = std::floor(first_year_ / kTickYearsMin) * kTickYearsMin;
    pack();
    place_unknown();
    if (any) add_ticks();
    finish();
    return std::move(chart_);
  }

 private:
  double x_of(double year) const noexcept { return kMargin + (year - first_year_) * kYear; }
  double y_of(std::uint32_t row) const noexcept { return kMargin + kScale + row * (box_size(SizeClass::normal).h + kGap); }

  /// Interval partitioning: in order of beginning, each into the row that has been free for longest; so the rows are as few as the
  /// lives that overlap anywhere.
  void pack() {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < years_.size(); ++i)
      if (years_[i].known) order.push_back(i);
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return std::pair{years_[i].from, i}; });
    using Row = std::pair<double, std::uint32_t>;  // where it is free from, number
    std::priority_queue<Row, std::vector<Row>, std::greater<>> free;
    for (const std::uint32_t i : order) {
      Box& box = chart_.boxes[i];
      const Years& years = years_[i];
      box.x = x_of(years.from);
      chart_.spans[i] = {box.x, x_of(years.to), years.open_from, years.open_to};
      std::uint32_t row = rows_;
      if (!free.empty() && free.top().first <= box.x) {
        row = free.top().second;
        free.pop();
      } else {
        ++rows_;
      }
      box.y = y_of(row);
      free.push({std::max(box.x + box.w, chart_.spans[i].to) + kGap, row});
    }
  }

  /// In rows below, left to right.
  void place_unknown() {
    double x = kMargin;
    const double right = std::max(x_of(last_year_), kMargin + 4 * (box_size(SizeClass::normal).w + kGap));
    bool begun = false;
    for (std::uint32_t i = 0; i < years_.size(); ++i) {
      if (years_[i].known) continue;
      Box& box = chart_.boxes[i];
      if (!begun || x + box.w > right) {
        x = kMargin;
        ++rows_;
        begun = true;
      }
      box.x = x;
      box.y = y_of(rows_ - 1);
      chart_.spans[i] = {x, x, true, true};
      x += box.w + kGap;
    }
  }

  void add_ticks() {
    int step = kTickYearsMin;
    while ((last_year_ - first_year_) / step > kTicksMax) step *= 10;
    for (int year = static_cast<int>(first_year_); year <= last_year_ + step; year += step) chart_.ticks.push_back({x_of(year), year});
  }

  void finish() {
    double right = kMargin, low = y_of(rows_) - kGap;
    for (const Box& box : chart_.boxes) right = std::max(right, box.x + box.w);
    for (const Span& span : chart_.spans) right = std::max(right, span.to);
    if (!chart_.ticks.empty()) right = std::max(right, chart_.ticks.back().x);
    chart_.width = right + kMargin;
    chart_.height = low + kMargin;
  }

  Chart chart_;
  std::vector<Years> years_;  // by box
  double first_year_ = 0, last_year_ = 0;
  std::uint32_t rows_ = 0;
};

}  // namespace

Chart timeline_layout(const Chart& people, const Options& options) { return TimelineLayouter{people, options}.run(); }

}  // namespace tablinum::tree::charts
