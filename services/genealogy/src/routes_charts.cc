#include <algorithm>
#include <cmath>

#include "routes.h"
#include "tablinum/genealogy_service/service.h"
#include "tablinum/render/svg.h"
#include "tablinum/tree/charts/chart.h"

namespace tablinum::genealogy_service {
namespace {

namespace charts = tree::charts;
using api::Call;
using api::Reply;

constexpr std::size_t kHiddenMax = 100;

struct ChartRequest {
  charts::Kind kind{};
  std::string_view kind_name;
  Rid root;
  std::uint32_t up = 0, down = 0;
  std::unordered_set<charts::PersonN> hidden_above, hidden_below;
};

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

Result<ChartRequest> chart_request(Browser& browser, const store::TreeInfo& tree, const Call& call) {
  ChartRequest request;
  request.kind_name = call.segment("kind");
  if (request.kind_name == "pedigree")
    request.kind = charts::Kind::pedigree;
  else if (request.kind_name == "descendants")
    request.kind = charts::Kind::descendants;
  else if (request.kind_name == "hourglass")
    request.kind = charts::Kind::hourglass;
  else if (request.kind_name == "fan")
    request.kind = charts::Kind::fan;
  else
    return fail(Code::not_found, "there is no such chart");
  TRY(up, call.number("up", 0, charts::kGenerationsMax, 4));
  TRY(down, call.number("down", 0, charts::kGenerationsMax, 3));
  request.up = static_cast<std::uint32_t>(up);
  request.down = static_cast<std::uint32_t>(down);
  TRY(hidden_above, people_of(browser, tree, call, "hideAbove"));
  TRY(hidden_below, people_of(browser, tree, call, "hideBelow"));
  request.hidden_above = std::move(hidden_above);
  request.hidden_below = std::move(hidden_below);
  if (const auto root = call.parameter("root")) {
    TRY(rid, browser.person_rid(*root));
    if (tree_no_of(rid) != tree.tree_no) return fail(Code::not_found, "there is no such person");
    request.root = rid;
  } else {
    TRY(graph, browser.graph(tree.tree_no));
    if (graph->home == kinship::kNone) return fail(Code::not_found, "the tree has nobody in it");
    request.root = make_rid(tree.tree_no, graph->home);
  }
  return request;
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

/// Unions from the chart's links: a family whose people are drawn in several places is several unions.
std::vector<UnionData> unions_of(const charts::Chart& chart) {
  std::map<std::pair<charts::FamilyN, std::uint32_t>, UnionData> found;
  // The box that a union belongs to: the one nearer to the root of the two partners.
  const auto key_of = [&](const charts::Link& link) {
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
      if (entry.a < 0) entry.a = static_cast<int>(link.from);
      entry.children.emplace_back(static_cast<int>(link.to), pedigree_letter(link.pedigree));
      if (points.size() >= 2) {
        if (entry.b < 0 && entry.x == 0 && entry.y == 0) entry.x = points.front().x, entry.y = points.front().y;
        entry.bar = points[points.size() / 2].y;
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
                         const ChartRequest& request, const charts::Chart& chart) {
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
  w.field("kind", request.kind_name);
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
  CHECK_OK(write_unions(w, browser, tree.tree_no, unions_of(chart)));
  if (request.kind == charts::Kind::fan) write_fan(w, chart);
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

Result<Reply> chart_svg(Browser& browser, const store::TreeInfo& tree, const charts::Chart& chart, const Call& call) {
  render::ChartLabels labels;
  labels.person = [&](charts::PersonN n) {
    render::PersonLabel label;
    const auto person = browser.person(make_rid(tree.tree_no, n));
    if (!person) return label;
    const auto& view = (*person)->view;
    if (const auto* name = view.preferred_name()) label.name = model::display_name(*name);
    if (auto line = years_line(view); !line.empty()) label.lines.push_back(std::move(line));
    if (view.birth != model::kNone && !view.events[view.birth].place.text.empty()) {
      label.lines.emplace_back(view.events[view.birth].place.text);
    }
    return label;
  };
  labels.marriage = [&](charts::FamilyN n) {
    const auto family = browser.family(make_rid(tree.tree_no, n));
    if (!family) return render::UnionLabel{};
    const auto marriage = (*family)->view.marriage();
    const int year = marriage == model::kNone ? 0 : year_of(&(*family)->view.events[marriage]);
    return render::UnionLabel{year == 0 ? std::string{} : "⚭ " + std::to_string(year)};
  };
  render::SvgOptions options;
  options.title = tree.name;
  options.language = call.language();
  TRY(text, render::svg(chart, labels, options));
  auto reply = api::json_reply(std::move(text), list_etag(tree));
  reply.content_type = "image/svg+xml";
  return reply;
}

Result<Reply> get_chart(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(request, chart_request(browser, tree, call));
  TRY(graph, browser.graph(tree.tree_no));
  charts::Options options;
  options.up = request.up;
  options.down = request.down;
  options.boxes_max = kChartBoxesMax;
  options.hidden_above = std::move(request.hidden_above);
  options.hidden_below = std::move(request.hidden_below);
  TRY(chart, charts::layout(graph->graph, request.kind, n_of(request.root), options));
  const auto format = call.parameter("format").value_or("json");
  if (format == "svg") return chart_svg(browser, tree, chart, call);
  if (format != "json") return api::invalid_field({"format", "must be json or svg", "format"});
  return chart_json(browser, tree, *graph, request, chart);
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
       .summary = "A chart: positions as columns, or the whole as SVG",
       .parameters = {kTreeParameter,
                      {.name = "kind", .type = "'pedigree'|'descendants'|'hourglass'|'fan'", .in = api::In::path},
                      {.name = "root", .type = "uuid", .description = "The tree's home person if not given."},
                      up,
                      down,
                      {.name = "hideAbove",
                       .description = "Ids of people whose parents are not to be drawn, separated by commas; at most 100."},
                      {.name = "hideBelow",
                       .description = "Ids of people whose children are not to be drawn, separated by commas; at most 100."},
                      {.name = "format", .type = "'json'|'svg'"}},
       .answer = "Chart",
       .errors = {404, 422},
       .function = reading(context, get_chart)});
}

}  // namespace tablinum::genealogy_service
