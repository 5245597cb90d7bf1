#include "charts.h"

#include "json.h"
#include "pictures.h"
#include "tablinum/base/time.h"

namespace tablinum::genealogy_service {
namespace {

constexpr std::array<std::pair<std::string_view, charts::Kind>, 9> kKinds{{{"pedigree", charts::Kind::pedigree},
                                                                          {"descendants", charts::Kind::descendants},
                                                                          {"hourglass", charts::Kind::hourglass},
                                                                          {"fan", charts::Kind::fan},
                                                                          {"relatives", charts::Kind::relatives},
                                                                          {"everyone", charts::Kind::everyone},
                                                                          {"path", charts::Kind::path},
                                                                          {"timeline", charts::Kind::timeline},
                                                                          {"map", charts::Kind::map}}};

const model::EventView* event_at(const model::PersonView& view, std::size_t index) noexcept {
  return index == model::kNone ? nullptr : &view.events[index];
}

/// The words that stand in pictures beside names.
struct ChartWords {
  std::string_view language, see_above, hidden, sheet;
};
const ChartWords& words_of(std::string_view language) noexcept {
  static constexpr std::array<ChartWords, 6> kWords{{{"en", "see above", "+{n} hidden", "Sheet {n} of {all}"},
                                                     {"de", "siehe oben", "+{n} nicht gezeigt", "Blatt {n} von {all}"},
                                                     {"fr", "voir plus haut", "+{n} masqués", "Feuille {n} sur {all}"},
                                                     {"es", "véase arriba", "+{n} ocultos", "Hoja {n} de {all}"},
                                                     {"sn", "ona pamusoro", "+{n} zvakavanzwa", "Peji {n} ye{all}"},
                                                     {"nd", "bona phezulu", "+{n} kufihliwe", "Ikhasi {n} kwa{all}"}}};
  const auto primary = language.substr(0, language.find_first_of("-_"));
  const auto found = std::ranges::find(kWords, primary, &ChartWords::language);
  return found == kWords.end() ? kWords.front() : *found;
}

std::string years_line(const model::PersonView& view) {
  const auto text = [&](std::size_t index) {
    return index == model::kNone ? std::string_view{} : view.events[index].date_text;
  };
  const auto birth = text(view.birth), death = text(view.death);
  std::string line;
  if (!birth.empty()) line += "* " + std::string{birth};
  if (!death.empty()) line += std::string{line.empty() ? "" : "  "} + "† " + std::string{death};
  return line;
}

/// Faces in one picture, of the people nearest to its root: a first drawing makes them all.
constexpr std::size_t kFacesMax = 200;

render::ChartLabels labels_of(Browser& browser, const store::TreeInfo& tree, charts::Kind kind) {
  render::ChartLabels labels;
  std::size_t faces_left = kind == charts::Kind::fan || kind == charts::Kind::map ? 0 : kFacesMax;
  labels.person = [&browser, faces_left, tree_no = tree.tree_no](charts::PersonN n) mutable {
    render::PersonLabel label;
    const auto person = browser.person(make_rid(tree_no, n));
    if (!person) return label;
    const auto& view = (*person)->view;
    if (const auto* name = view.preferred_name()) label.name = model::display_name(*name);
    if (auto line = years_line(view); !line.empty()) label.lines.push_back(std::move(line));
    if (view.birth != model::kNone && !view.events[view.birth].place.text.empty()) {
      label.lines.emplace_back(view.events[view.birth].place.text);
    }
    if (faces_left > 0) label.photo = face_of(browser, **person);
    if (!label.photo.empty()) --faces_left;
    return label;
  };
  labels.marriage = [&browser, tree_no = tree.tree_no](charts::FamilyN n) {
    const auto family = browser.family(make_rid(tree_no, n));
    if (!family) return render::UnionLabel{};
    const auto marriage = (*family)->view.marriage();
    const int year = marriage == model::kNone ? 0 : year_of(&(*family)->view.events[marriage]);
    return render::UnionLabel{year == 0 ? std::string{} : "⚭ " + std::to_string(year)};
  };
  labels.place = [&browser, tree_no = tree.tree_no](std::uint32_t number) {
    const auto place = store::find_place(browser.session(), pid_of(tree_no, number));
    return place ? place->name : std::string{};
  };
  return labels;
}

int this_year() { return model::from_jdn(model::Calendar::gregorian, model::jdn_of_unix_seconds(wall_now().seconds()))->year; }

/// An event's place on a scale of years.
std::optional<double> year_on_scale(const model::EventView* event) {
  const int year = year_of(event);
  if (year == 0) return std::nullopt;
  const auto& days = event->date.days;
  // A day that is known stands at its part of the year.
  if (event->date.kind == model::DateKind::exact && days.min && days.max && *days.max - *days.min < 40) {
    return year + static_cast<double>(*days.min - model::first_of_year(model::Calendar::gregorian, year)) / 366.0;
  }
  return year + 0.5;
}

/// What happens to somebody's body or goods says nothing of where the person was.
bool is_after_life(model::EventType type) noexcept {
  return type == model::EventType::burial || type == model::EventType::cremation || type == model::EventType::probate ||
         type == model::EventType::will;
}

/// Where the lives of a tree went, by the places that are on the map.
class Stays {
 public:
  Stays(Browser& browser, const archive::TreeGraph& graph, std::optional<int> until) : browser_{browser}, graph_{graph}, until_{until} {}

  std::vector<charts::Stay> of(charts::PersonN n) {
    std::vector<Found> found;
    const auto person = browser_.person(make_rid(graph_.tree.tree_no, n));
    if (!person) return {};
    for (const std::size_t index : life_order((*person)->view.events)) add(found, (*person)->view.events[index], (*person)->events);
    for (const auto family_n : graph_.graph.families(n)) {
      const auto family = browser_.family(make_rid(graph_.tree.tree_no, family_n));
      if (!family) continue;
      for (const auto& event : (*family)->view.events) add(found, event, (*family)->events);
    }
    // Of what has no date only a birth has its place in the order: the first.
    for (std::size_t i = 0; i < found.size(); ++i) found[i].order = i;
    std::ranges::sort(found, {}, [](const Found& one) { return std::pair{one.stay.year.value_or(one.birth ? -1e9 : 1e9), one.order}; });
    std::vector<charts::Stay> stays;
    for (const Found& one : found) stays.push_back(one.stay);
    return stays;
  }

 private:
  struct Found {
    charts::Stay stay;
    bool birth = false;
    std::size_t order = 0;
  };

  void add(std::vector<Found>& found, const model::EventView& event, const std::vector<store::Event>& rows) {
    if (event.negative || is_after_life(event.type)) return;
    const auto row = std::ranges::find(rows, event.number, &store::Event::ord);
    if (row == rows.end() || !row->place) return;
    const auto& at = place(*row->place);
    if (!at) return;
    const auto year = year_on_scale(&event);
    if (until_ && (!year || *year >= *until_ + 1)) return;
    found.push_back({{.longitude = at->longitude, .latitude = at->latitude, .place = number_of(*row->place), .year = year},
                     event.type == model::EventType::birth});
  }

  const std::optional<model::Coordinates>& place(store::Pid pid) {
    const auto [known, fresh] = places_.try_emplace(pid.value());
    if (fresh) {
      const auto found = store::find_place(browser_.session(), pid);
      if (found && found->lat && found->lon) known->second = model::Coordinates{.latitude = *found->lat, .longitude = *found->lon};
    }
    return known->second;
  }

  Browser& browser_;
  const archive::TreeGraph& graph_;
  std::optional<int> until_;
  std::unordered_map<std::int64_t, std::optional<model::Coordinates>> places_;
};

}  // namespace

store::Pid pid_of(std::int64_t tree_no, std::uint32_t number) noexcept { return store::Pid{store::root_place(tree_no).value() | number}; }
std::uint32_t number_of(store::Pid pid) noexcept { return static_cast<std::uint32_t>(pid.value()); }

std::optional<charts::Kind> chart_kind(std::string_view name) noexcept {
  const auto found = std::ranges::find(kKinds, name, &std::pair<std::string_view, charts::Kind>::first);
  return found == kKinds.end() ? std::nullopt : std::optional{found->second};
}
std::string_view chart_kind_name(charts::Kind kind) noexcept {
  return std::ranges::find(kKinds, kind, &std::pair<std::string_view, charts::Kind>::second)->first;
}

int year_of(const model::EventView* event) noexcept {
  if (event == nullptr) return 0;
  const auto day = event->date.days.min ? event->date.days.min : event->date.days.max;
  // A range around "about 1850" begins in 1845; what was written is the year to show.
  if (event->date.kind == model::DateKind::about || event->date.kind == model::DateKind::calculated ||
      event->date.kind == model::DateKind::estimated) {
    return event->date.first.year;
  }
  const auto date = day ? model::from_jdn(model::Calendar::gregorian, *day) : std::nullopt;
  return date ? date->year : 0;
}

Result<charts::Chart> chart_layout(Browser& browser, const archive::TreeGraph& graph, const ChartWish& wish) {
  charts::Options options;
  options.up = wish.up;
  options.down = wish.down;
  options.boxes_max = wish.boxes_max;
  options.hidden_above = wish.hidden_above;
  options.hidden_below = wish.hidden_below;
  if (wish.kind == charts::Kind::path) options.other = n_of(wish.other);
  const int today = wish.kind == charts::Kind::timeline ? this_year() : 0;
  if (wish.kind == charts::Kind::timeline) {
    options.lifetime = [&](charts::PersonN n) -> charts::Lifetime {
      const auto person = browser.person(make_rid(graph.tree.tree_no, n));
      if (!person) return {};
      const auto& view = (*person)->view;
      charts::Lifetime life{.begin = year_on_scale(event_at(view, view.birth)), .end = year_on_scale(event_at(view, view.death))};
      if (life.begin && !life.end && graph.living[n]) life.end = today + 1.0, life.open = true;
      return life;
    };
  }
  Stays stays{browser, graph, wish.until};
  if (wish.kind == charts::Kind::map) options.stays = [&](charts::PersonN n) { return stays.of(n); };
  return charts::layout(graph.graph, wish.kind, n_of(wish.root), options);
}

Result<std::string> chart_picture(Browser& browser, const store::TreeInfo& tree, const charts::Chart& chart, const PictureWish& wish) {
  const auto labels = labels_of(browser, tree, chart.kind);
  const ChartWords& words = words_of(wish.language);
  const std::string title = wish.title.empty() ? tree.name : wish.title;
  if (!wish.pdf) {
    render::SvgOptions options;
    options.title = title;
    options.language = wish.language;
    options.see_above = words.see_above;
    options.hidden = words.hidden;
    return render::svg(chart, labels, options);
  }
  render::PdfOptions options;
  options.title = title;
  options.see_above = words.see_above;
  options.hidden = words.hidden;
  options.sheet = words.sheet;
  options.created = to_rfc3339(wall_now());
  options.paper = wish.paper;
  options.tile = wish.tile;
  options.scale = wish.scale;
  return render::pdf(chart, labels, options);
}

Result<std::string> draw_chart(archive::Archive& archive, const store::TreeInfo& tree, const ChartWish& chart, const PictureWish& picture) {
  TRY(browser, Browser::open(archive));
  TRY(graph, browser.graph(tree.tree_no));
  TRY(laid, chart_layout(browser, *graph, chart));
  return chart_picture(browser, tree, laid, picture);
}

}  // namespace tablinum::genealogy_service
