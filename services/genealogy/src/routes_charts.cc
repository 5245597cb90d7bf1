#include <algorithm>
#include <cmath>

#include "charts.h"
#include "routes.h"
#include "tablinum/genealogy_service/service.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

constexpr std::size_t kHiddenMax = 100;
constexpr std::int64_t kYearMax = 9'999;

/// People of the tree by the ids of a parameter, separated by commas; who is not there (any more) hides nothing.
/// @error invalid: no id, or too many.
Result<std::unordered_set<charts::PersonN>> people_of(Browser& browser, const store::TreeInfo& tree, const Call& call,
                                                      std::string_view name) {
  std::unordered_set<charts::PersonN> people;
  std::string_view rest = call.parameter(name).value_or("");
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto word = rest.substr(0, comma);
    rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    if (people.size() == kHiddenMax || !parse_uuid(word)) {
      return api::invalid_field({std::string{name}, "must be at most 100 ids, separated by commas", "format"});
    }
    const auto rid = browser.person_rid(word);
    if (rid && tree_no_of(*rid) == tree.tree_no) people.insert(n_of(*rid));
  }
  return people;
}

Result<Rid> person_of(Browser& browser, const store::TreeInfo& tree, std::string_view id) {
  TRY(rid, browser.person_rid(id));
  if (tree_no_of(rid) != tree.tree_no) return fail(Code::not_found, "there is no such person");
  return rid;
}

Result<ChartWish> chart_wish(Browser& browser, const store::TreeInfo& tree, const Call& call) {
  const auto kind = chart_kind(call.segment("kind"));
  if (!kind) return fail(Code::not_found, "there is no such chart");
  ChartWish wish{.kind = *kind};
  TRY(up, call.number("up", 0, charts::kGenerationsMax, 4));
  TRY(down, call.number("down", 0, charts::kGenerationsMax, 3));
  TRY(people, call.number("people", 1, kChartBoxesMax, kChartBoxesMax));
  wish.up = static_cast<std::uint32_t>(up);
  wish.down = static_cast<std::uint32_t>(down);
  wish.boxes_max = static_cast<std::uint32_t>(people);
  if (call.parameter("until")) {
    TRY(until, call.number("until", -kYearMax, kYearMax, 0));
    wish.until = static_cast<int>(until);
  }
  TRY(hidden_above, people_of(browser, tree, call, "hideAbove"));
  TRY(hidden_below, people_of(browser, tree, call, "hideBelow"));
  wish.hidden_above = std::move(hidden_above);
  wish.hidden_below = std::move(hidden_below);
  if (*kind == charts::Kind::path) {
    const auto id = call.parameter("other");
    if (!id) return api::invalid_field({"other", "is needed: to whom the path leads", "missing"});
    TRY(other, person_of(browser, tree, *id));
    wish.other = other;
  }
  if (const auto root = call.parameter("root")) {
    TRY(rid, person_of(browser, tree, *root));
    wish.root = rid;
    return wish;
  }
  TRY(graph, browser.graph(tree.tree_no));
  if (graph->home == kinship::kNone) return fail(Code::not_found, "the tree has nobody in it");
  wish.root = make_rid(tree.tree_no, graph->home);
  return wish;
}

/// Indices of texts that repeat.
class TextTable {
 public:
  int add(std::string_view text) {
    const auto [at, fresh] = index_.emplace(text, static_cast<int>(texts_.size()));
    if (fresh) texts_.push_back(at->first);
    return at->second;
  }
  void write(Writer& w) const {
    w.begin_array();
    for (const auto& text : texts_) w.value(text);
    w.end_array();
  }

 private:
  std::map<std::string, int, std::less<>> index_;
  std::vector<std::string> texts_;
};

bool is_exact(const model::EventView* event) noexcept { return event != nullptr && event->date.kind == model::DateKind::exact; }

template <class Values, class Of>
void column(Writer& w, std::string_view name, const Values& values, Of of) {
  w.key(name);
  w.begin_array();
  for (const auto& value : values) w.value(of(value));
  w.end_array();
}
template <class Values, class Of>
void letters(Writer& w, std::string_view name, const Values& values, Of of) {
  std::string text;
  for (const auto& value : values) text += of(value);
  w.field(name, text);
}

/// Everything a box shows.
struct BoxData {
  const charts::Box* box = nullptr;
  std::string id;
  std::string given;
  int surname = 0, place = -1, birth = 0, death = 0;
  char sex = 'U', living = '0', quality = '-', about = '0';
  std::optional<std::string> portrait;
};

char step_letter(charts::BoxRole role) noexcept {
  switch (role) {
    case charts::BoxRole::root: return 'r';
    case charts::BoxRole::father:
    case charts::BoxRole::mother: return 'p';
    case charts::BoxRole::child: return 'c';
    case charts::BoxRole::partner: return 's';
    case charts::BoxRole::sibling: return 'b';
  }
  return 'r';
}

char pedigree_letter(charts::Pedigree pedigree) noexcept {
  switch (pedigree) {
    case charts::Pedigree::unstated:
    case charts::Pedigree::birth: return 'b';
    case charts::Pedigree::adopted: return 'a';
    case charts::Pedigree::foster: return 'f';
    case charts::Pedigree::step: return 's';
    case charts::Pedigree::guardian: return 'g';
    default: return 'o';
  }
}

std::optional<int> best_of(const model::PersonView& view) noexcept {
  std::optional<int> best;
  for (const auto index : {view.birth, view.death}) {
    if (index == model::kNone) continue;
    if (const auto quality = best_quality(view, view.events[index].node)) best = std::max(best.value_or(0), *quality);
  }
  return best;
}

Result<BoxData> box_data(Browser& browser, const archive::TreeGraph& graph, const charts::Box& box, TextTable& surnames,
                         TextTable& places) {
  const Rid rid = make_rid(graph.tree.tree_no, box.person);
  TRY(person, browser.person(rid));
  const auto& view = person->view;
  const auto* name = view.preferred_name();
  const auto* birth = view.birth == model::kNone ? nullptr : &view.events[view.birth];
  const auto* death = view.death == model::kNone ? nullptr : &view.events[view.death];
  BoxData data;
  data.box = &box;
  data.id = to_string(person->record.id.value());
  data.given = name == nullptr ? "" : name->given;
  data.surname = surnames.add(name == nullptr ? "" : name->surname);
  data.birth = year_of(birth);
  data.death = year_of(death);
  data.about = birth != nullptr && !is_exact(birth) && data.birth != 0 ? '1' : '0';
  if (birth != nullptr && !birth->place.text.empty()) data.place = places.add(birth->place.text);
  data.sex = sex_letter(view.sex)[0];
  data.living = graph.living[box.person] ? '1' : '0';
  if (const auto quality = best_of(view)) data.quality = static_cast<char>('0' + *quality);
  TRY(portrait, portrait_url(browser, *person));
  data.portrait = portrait;
  return data;
}

/// One union of the chart: two boxes and the children that hang from them.
struct UnionData {
  int a = -1, b = -1;
  double x = 0, y = 0, bar = 0;
  charts::FamilyN family = charts::kNone;
  std::vector<std::pair<int, char>> children;
};

/// Whether the pages draw a link as it is from the union's x, y and bar alone: partners beside each other, children right below them.
bool is_plain(const charts::Chart& chart, const charts::Link& link) {
  if (link.kind == charts::LinkKind::union_) return link.point_count == 2;
  if (link.from == charts::kNone || link.point_count > 4) return false;
  return chart.points[link.first_point].y <= chart.boxes[link.from].y + chart.boxes[link.from].h;
}

/// Unions from the chart's links: a family whose people are drawn in several places is several unions.
std::vector<UnionData> unions_of(const charts::Chart& chart) {
  std::map<std::pair<charts::FamilyN, std::uint32_t>, UnionData> found;
  // The box that a union belongs to: the one nearer to the root of the two partners.
  const auto key_of = [&](const charts::Link& link) {
    // In these charts nobody is drawn twice.
    if (chart.kind >= charts::Kind::relatives) return std::pair{link.family, std::uint32_t{0}};
    std::uint32_t owner = link.from;
    if (link.kind == charts::LinkKind::union_) {
      // A partner hangs from the other one; of ancestors both hang from their child.
      if (const auto above = chart.boxes[link.to].hangs_from; above != owner && above != charts::kNone) owner = above;
    } else if (chart.boxes[owner].hangs_from == link.to) {
      owner = link.to;
    } else if (chart.boxes[owner].role == charts::BoxRole::partner && chart.boxes[owner].family == link.family) {
      owner = chart.boxes[owner].hangs_from;
    }
    return std::pair{link.family, owner};
  };
  for (const auto& link : chart.links) {
    auto& entry = found[key_of(link)];
    entry.family = link.family;
    const auto points = std::span{chart.points}.subspan(link.first_point, link.point_count);
    if (link.kind == charts::LinkKind::union_) {
      entry.a = static_cast<int>(link.from);
      entry.b = static_cast<int>(link.to);
      if (!points.empty()) {
        entry.x = (points.front().x + points.back().x) / 2;
        entry.y = (points.front().y + points.back().y) / 2;
      }
    } else {
      if (entry.a < 0 && link.from != charts::kNone) entry.a = static_cast<int>(link.from);
      entry.children.emplace_back(static_cast<int>(link.to), pedigree_letter(link.pedigree));
      if (points.size() >= 2) {
        if (entry.b < 0 || chart.kind >= charts::Kind::relatives) entry.x = points.front().x, entry.y = points.front().y;
        if (is_plain(chart, link) || entry.bar == 0) entry.bar = points[std::min<std::size_t>(2, points.size() / 2)].y;
      }
    }
  }
  std::vector<UnionData> unions;
  for (auto& [key, entry] : found) unions.push_back(std::move(entry));
  return unions;
}

int round_unit(double value) noexcept { return static_cast<int>(value + .5); }

void write_boxes(Writer& w, const std::vector<BoxData>& boxes) {
  w.key("boxes");
  w.begin_object();
  column(w, "person", boxes, [](const BoxData& b) -> const std::string& { return b.id; });
  column(w, "x", boxes, [](const BoxData& b) { return round_unit(b.box->x); });
  column(w, "y", boxes, [](const BoxData& b) { return round_unit(b.box->y); });
  column(w, "size", boxes, [](const BoxData& b) { return static_cast<int>(b.box->size_class); });
  column(w, "given", boxes, [](const BoxData& b) -> const std::string& { return b.given; });
  column(w, "surname", boxes, [](const BoxData& b) { return b.surname; });
  column(w, "birth", boxes, [](const BoxData& b) { return b.birth; });
  column(w, "death", boxes, [](const BoxData& b) { return b.death; });
  column(w, "birthPlace", boxes, [](const BoxData& b) { return b.place; });
  letters(w, "sex", boxes, [](const BoxData& b) { return b.sex; });
  letters(w, "living", boxes, [](const BoxData& b) { return b.living; });
  letters(w, "quality", boxes, [](const BoxData& b) { return b.quality; });
  letters(w, "about", boxes, [](const BoxData& b) { return b.about; });
  column(w, "generation", boxes, [](const BoxData& b) { return b.box->generation; });
  column(w, "from", boxes,
         [](const BoxData& b) { return b.box->hangs_from == charts::kNone ? -1 : static_cast<int>(b.box->hangs_from); });
  letters(w, "step", boxes, [](const BoxData& b) { return step_letter(b.box->role); });
  column(w, "same", boxes,
         [](const BoxData& b) { return b.box->same_as == charts::kNone ? -1 : static_cast<int>(b.box->same_as); });
  column(w, "hiddenUp", boxes, [](const BoxData& b) { return b.box->hidden_parents; });
  column(w, "hiddenDown", boxes, [](const BoxData& b) { return b.box->hidden_children; });
  w.end_object();
}

Result<void> write_unions(Writer& w, Browser& browser, std::int64_t tree_no, const std::vector<UnionData>& unions) {
  std::vector<int> years;
  std::string ended;
  for (const auto& one : unions) {
    TRY(family, browser.family(make_rid(tree_no, one.family)));
    const auto marriage = family->view.marriage();
    years.push_back(marriage == model::kNone ? 0 : year_of(&family->view.events[marriage]));
    const bool divorced = std::ranges::any_of(family->view.events, [](const auto& event) {
      return (event.type == model::EventType::divorce || event.type == model::EventType::annulment) && !event.negative;
    });
    ended += divorced ? '1' : '0';
  }
  w.key("unions");
  w.begin_object();
  column(w, "a", unions, [](const UnionData& u) { return u.a; });
  column(w, "b", unions, [](const UnionData& u) { return u.b; });
  column(w, "x", unions, [](const UnionData& u) { return round_unit(u.x); });
  column(w, "y", unions, [](const UnionData& u) { return round_unit(u.y); });
  column(w, "bar", unions, [](const UnionData& u) { return round_unit(u.bar); });
  column(w, "year", years, [](int year) { return year; });
  w.field("ended", ended);
  w.key("first");
  w.begin_array();
  std::size_t first = 0;
  for (const auto& one : unions) w.value(first), first += one.children.size();
  w.value(first);
  w.end_array();
  w.key("child");
  w.begin_array();
  std::string pedigree;
  for (const auto& one : unions) {
    for (const auto& [child, letter] : one.children) w.value(child), pedigree += letter;
  }
  w.end_array();
  w.field("pedigree", pedigree);
  w.end_object();
  return {};
}

/// The lines that cannot be told from their union: long ones, and those of partners who are not neighbours.
void write_routes(Writer& w, const charts::Chart& chart, const std::vector<UnionData>& unions) {
  std::map<charts::FamilyN, std::size_t> number;
  for (std::size_t i = 0; i < unions.size(); ++i) number.emplace(unions[i].family, i);
  std::vector<const charts::Link*> links;
  for (const auto& link : chart.links)
    if (!is_plain(chart, link)) links.push_back(&link);
  w.key("routes");
  w.begin_object();
  column(w, "union", links, [&](const charts::Link* link) { return number.at(link->family); });
  column(w, "box", links,
         [](const charts::Link* link) { return link->kind == charts::LinkKind::union_ ? -1 : static_cast<int>(link->to); });
  column(w, "count", links, [](const charts::Link* link) { return link->point_count; });
  for (const bool across : {true, false}) {
    w.key(across ? "x" : "y");
    w.begin_array();
    for (const auto* link : links)
      for (const auto& point : std::span{chart.points}.subspan(link->first_point, link->point_count))
        w.value(round_unit(across ? point.x : point.y));
    w.end_array();
  }
  w.end_object();
}

void write_timeline(Writer& w, const charts::Chart& chart) {
  w.key("timeline");
  w.begin_object();
  column(w, "from", chart.spans, [](const charts::Span& s) { return round_unit(s.from); });
  column(w, "to", chart.spans, [](const charts::Span& s) { return round_unit(s.to); });
  letters(w, "open", chart.spans, [](const charts::Span& s) { return static_cast<char>('0' + s.open_from + 2 * s.open_to); });
  column(w, "ticks", chart.ticks, [](const charts::Tick& t) { return round_unit(t.x); });
  column(w, "years", chart.ticks, [](const charts::Tick& t) { return t.year; });
  w.end_object();
}

/// Coordinates to a metre or so: more digits would only be bytes.
double shortened_degrees(double degrees) noexcept { return std::round(degrees * 1e5) / 1e5; }

Result<void> write_map(Writer& w, Browser& browser, const store::TreeInfo& tree, const charts::Chart& chart) {
  std::map<std::uint32_t, std::size_t> index;
  std::vector<store::Place> places;
  for (const auto& stay : chart.stays) {
    if (!index.emplace(stay.place, places.size()).second) continue;
    TRY(place, store::find_place(browser.session(), pid_of(tree.tree_no, stay.place)));
    places.push_back(std::move(place));
  }
  w.key("map");
  w.begin_object();
  w.key("places");
  w.begin_object();
  column(w, "id", places, [&](const store::Place& p) { return to_string(place_id(tree.id, p.pid)); });
  column(w, "name", places, [](const store::Place& p) -> const std::string& { return p.name; });
  column(w, "latitude", places, [](const store::Place& p) { return shortened_degrees(p.lat.value_or(0)); });
  column(w, "longitude", places, [](const store::Place& p) { return shortened_degrees(p.lon.value_or(0)); });
  w.end_object();
  column(w, "box", chart.stays, [](const charts::Stay& s) { return s.box; });
  column(w, "place", chart.stays, [&](const charts::Stay& s) { return index.at(s.place); });
  column(w, "year", chart.stays, [](const charts::Stay& s) { return s.year ? static_cast<int>(std::floor(*s.year)) : 0; });
  w.end_object();
  return {};
}

/// Thousandths of a degree: the narrowest sector of 10,000 people is still a few of them wide.
std::int64_t thousandths(double degrees) noexcept { return std::llround(degrees * 1000); }

void write_fan(Writer& w, const charts::Chart& chart) {
  w.key("fan");
  w.begin_object();
  w.field("x", round_unit(chart.centre.x));
  w.field("y", round_unit(chart.centre.y));
  column(w, "begin", chart.sectors, [](const charts::Sector& s) { return thousandths(s.begin); });
  column(w, "end", chart.sectors, [](const charts::Sector& s) { return thousandths(s.end); });
  column(w, "inner", chart.sectors, [](const charts::Sector& s) { return round_unit(s.inner); });
  column(w, "outer", chart.sectors, [](const charts::Sector& s) { return round_unit(s.outer); });
  w.end_object();
}

Result<Reply> chart_json(Browser& browser, const store::TreeInfo& tree, const archive::TreeGraph& graph,
                         const ChartWish& request, const charts::Chart& chart) {
  TextTable surnames, places;
  std::vector<BoxData> boxes;
  boxes.reserve(chart.boxes.size());
  for (const auto& box : chart.boxes) {
    TRY(data, box_data(browser, graph, box, surnames, places));
    boxes.push_back(std::move(data));
  }
  TRY(root, browser.person(request.root));
  Writer w;
  w.begin_object();
  w.field("kind", chart_kind_name(request.kind));
  w.field("treeId", to_string(tree.id.value()));
  w.field("treeVersion", tree.generation);
  w.field("rootId", to_string(root->record.id.value()));
  w.field("up", request.up);
  w.field("down", request.down);
  w.field("direction", "down");
  w.field("width", round_unit(chart.width));
  w.field("height", round_unit(chart.height));
  w.field("truncated", chart.truncated);
  w.key("sizes");
  w.begin_array();
  for (std::size_t i = 0; i < charts::kSizeClasses; ++i) {
    const auto size = charts::box_size(static_cast<charts::SizeClass>(i));
    w.begin_object();
    w.field("width", round_unit(size.w));
    w.field("height", round_unit(size.h));
    w.end_object();
  }
  w.end_array();
  w.key("surnames");
  surnames.write(w);
  w.key("places");
  places.write(w);
  write_boxes(w, boxes);
  const auto unions = unions_of(chart);
  CHECK_OK(write_unions(w, browser, tree.tree_no, unions));
  if (chart.kind == charts::Kind::fan) write_fan(w, chart);
  if (chart.kind == charts::Kind::timeline) write_timeline(w, chart);
  if (chart.kind == charts::Kind::map) CHECK_OK(write_map(w, browser, tree, chart));
  if (chart.kind == charts::Kind::relatives || chart.kind == charts::Kind::everyone) write_routes(w, chart, unions);
  w.key("portraits");
  w.begin_array();
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!boxes[i].portrait) continue;
    w.begin_object();
    w.field("box", i);
    w.field("url", *boxes[i].portrait);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

constexpr auto kPercentMin = static_cast<std::int64_t>(render::kPdfScaleMin * 100);
constexpr auto kPercentMax = static_cast<std::int64_t>(render::kPdfScaleMax * 100);

/// What the parameters say about a picture's paper.
Result<PictureWish> picture_wish(const Call& call, bool pdf) {
  PictureWish wish{.pdf = pdf, .language = std::string{call.language()}};
  const auto sheet = render::paper(call.parameter("paper").value_or("chart"));
  if (!sheet) return api::invalid_field({"paper", "must be A4, A3, A2, A1, A0, letter or chart", "format"});
  wish.paper = *sheet;
  const auto tile = call.parameter("tile").value_or("false");
  if (tile != "true" && tile != "false") return api::invalid_field({"tile", "must be true or false", "format"});
  wish.tile = tile == "true";
  if (wish.tile && wish.paper == render::Paper::chart) {
    return api::invalid_field({"paper", "a poster needs the size of its sheets", "missing"});
  }
  TRY(percent, call.number("scale", kPercentMin, kPercentMax, 100));
  wish.scale = static_cast<double>(percent) / 100;
  return wish;
}

Result<Reply> get_chart(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(wish, chart_wish(browser, tree, call));
  TRY(graph, browser.graph(tree.tree_no));
  const auto format = call.parameter("format").value_or("json");
  if (format != "json" && format != "svg" && format != "pdf") {
    return api::invalid_field({"format", "must be json, svg or pdf", "format"});
  }
  TRY(chart, chart_layout(browser, *graph, wish));
  if (format == "json") return chart_json(browser, tree, *graph, wish, chart);
  TRY(picture, picture_wish(call, format == "pdf"));
  TRY(text, chart_picture(browser, tree, chart, picture));
  auto reply = api::json_reply(std::move(text), list_etag(tree));
  reply.content_type = picture.pdf ? "application/pdf" : "image/svg+xml";
  return reply;
}

}  // namespace

void add_chart_routes(api::Description& description, const Shared& context) {
  const api::Parameter up{.name = "up",
                          .type = "int",
                          .description = "Generations of ancestors, 4 if not given.",
                          .minimum = 0,
                          .maximum = charts::kGenerationsMax};
  const api::Parameter down{.name = "down",
                            .type = "int",
                            .description = "Generations of descendants, 3 if not given.",
                            .minimum = 0,
                            .maximum = charts::kGenerationsMax};
  description.routes.push_back(
      {.method = "GET",
       .path = "/api/v1/trees/{tree}/charts/{kind}",
       .id = "getChart",
       .tag = "charts",
       .summary = "A chart: positions as columns, or the whole as SVG or PDF",
       .parameters = {kTreeParameter,
                      {.name = "kind",
                       .type = "'pedigree'|'descendants'|'hourglass'|'fan'|'relatives'|'everyone'|'path'|'timeline'|'map'",
                       .in = api::In::path},
                      {.name = "root", .type = "uuid", .description = "The tree's home person if not given."},
                      up,
                      down,
                      {.name = "hideAbove",
                       .description = "Ids of people whose parents are not to be drawn, separated by commas; at most 100."},
                      {.name = "hideBelow",
                       .description = "Ids of people whose children are not to be drawn, separated by commas; at most 100."},
                      {.name = "other", .type = "uuid", .description = "Of a path, which needs it: to whom it leads."},
                      {.name = "people",
                       .type = "int",
                       .description = "At most so many boxes, 10,000 if not given; the nearest first.",
                       .minimum = 1,
                       .maximum = kChartBoxesMax},
                      {.name = "until",
                       .type = "int",
                       .description = "Of a map: only where somebody is known to have been by this year.",
                       .minimum = -kYearMax,
                       .maximum = kYearMax},
                      {.name = "format", .type = "'json'|'svg'|'pdf'"},
                      {.name = "paper",
                       .type = "'chart'|'A4'|'A3'|'A2'|'A1'|'A0'|'letter'",
                       .description = "Of a PDF: one sheet as large as the chart if not given, else the chart is made to fit."},
                      {.name = "tile", .type = "bool", .description = "Of a PDF: a poster of sheets to be glued together."},
                      {.name = "scale",
                       .type = "int",
                       .description = "Of a poster, in percent; 100 prints a box 46 mm wide.",
                       .minimum = kPercentMin,
                       .maximum = kPercentMax}},
       .answer = "Chart",
       .also_as = {"image/svg+xml", "application/pdf"},
       .errors = {404, 413, 422, 429, 503},
       .function = reading(context, get_chart)});
}

}  // namespace tablinum::genealogy_service
