#include <algorithm>

#include "routes.h"
#include "tablinum/search/names.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

struct PlaceEntry {
  store::Place place;
  std::uint64_t events = 0;
};

/// Places named at events or with a parent asked for; bounded by the tree's own number of places.
Result<std::vector<PlaceEntry>> all_places(Browser& browser, const store::TreeInfo& tree) {
  std::vector<PlaceEntry> places;
  std::unordered_map<std::int64_t, std::uint64_t> counts;
  CHECK_OK(store::for_each_event(browser.session(), tree.tree_no, [&](const store::Event& event) {
    if (event.place) ++counts[event.place->value()];
  }));
  CHECK_OK(store::for_each_place(browser.session(), tree.tree_no, [&](const store::Place& place) {
    const auto count = counts.find(place.pid.value());
    places.push_back({place, count == counts.end() ? 0 : count->second});
  }));
  return places;
}

Result<void> keep_matching(const store::TreeInfo& tree, const Call& call, std::vector<PlaceEntry>& places) {
  for (const auto& [name, value] : call.query) {
    if (name == "filter[name]") {
      const auto wanted = search::fold(value);
      std::erase_if(places, [&](const PlaceEntry& entry) { return entry.place.folded.find(wanted) == std::string::npos; });
    } else if (name == "filter[parent]") {
      const auto id = value.starts_with("id:") ? parse_uuid(value.substr(3)) : Result<Uuid>{fail(Code::invalid)};
      const auto pid = id ? place_of(tree, *id) : std::nullopt;
      if (!pid) return api::invalid_field({name, "must be id:PLACE", "format"});
      std::erase_if(places, [&](const PlaceEntry& entry) { return entry.place.parent != *pid; });
    } else if (name == "filter[located]") {
      if (value != "true" && value != "false") return api::invalid_field({name, "must be true or false", "format"});
      std::erase_if(places, [&](const PlaceEntry& entry) { return entry.place.lat.has_value() != (value == "true"); });
    } else if (name.starts_with("filter[")) {
      return api::invalid_field({name, "is no filter of this list", "unknown"});
    }
  }
  return {};
}

Result<Reply> list_places(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  const auto sort = call.parameter("sort").value_or("name");
  if (sort != "name" && sort != "-events") return api::invalid_field({"sort", "must be name or -events", "unknown"});
  TRY(places, all_places(browser, tree));
  CHECK_OK(keep_matching(tree, call, places));
  std::ranges::sort(places, [&](const PlaceEntry& a, const PlaceEntry& b) {
    if (sort == "-events" && a.events != b.events) return a.events > b.events;
    return std::tie(a.place.folded, a.place.pid) < std::tie(b.place.folded, b.place.pid);
  });
  return paged(context, call, binding_of(call), places.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_place(w, browser, tree, places[i].place); });
}

constexpr std::size_t kSuggestedScanned = 400;  ///< matches that are compared by how often they are used

std::string full_name(const std::vector<store::Place>& path) {
  std::string full;
  for (auto level = path.rbegin(); level != path.rend(); ++level) full += (full.empty() ? "" : ", ") + level->name;
  return full;
}

/// Own places for a text that is being typed: names that begin with it first, then those that hold it; the most used first.
Result<Reply> suggest_places(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(limit, call.number("limit", 1, 20, 8));
  // What is typed may go on to the places around: the first level is what is looked for, the whole decides.
  const auto typed = search::fold(call.parameter("q").value_or(""));
  const auto name = typed.substr(0, typed.find(','));
  struct Match {
    bool begins = false;
    std::uint64_t events = 0;
    std::string full;
    store::Place place;
  };
  std::vector<Match> begin, inside;
  if (!name.empty()) {
    CHECK_OK(store::for_each_place(browser.session(), tree.tree_no, [&](const store::Place& place) {
      const auto at = place.folded.find(name);
      if (at == 0 && begin.size() < kSuggestedScanned) begin.push_back({.begins = true, .events = 0, .full = {}, .place = place});
      if (at != 0 && at != std::string::npos && inside.size() < kSuggestedScanned)
        inside.push_back({.begins = false, .events = 0, .full = {}, .place = place});
    }));
  }
  begin.insert(begin.end(), inside.begin(), inside.end());
  for (auto& match : begin) {
    TRY(path, store::place_path(browser.session(), match.place.pid));
    TRY(events, store::count_events_at(browser.session(), match.place.pid));
    match.full = full_name(path);
    match.events = events;
  }
  if (name.size() != typed.size())
    std::erase_if(begin, [&](const Match& match) { return search::fold(match.full).find(typed) == std::string::npos; });
  std::ranges::sort(begin, [](const Match& a, const Match& b) {
    return std::tie(b.begins, b.events, a.full) < std::tie(a.begins, a.events, b.full);
  });
  if (begin.size() > static_cast<std::size_t>(limit)) begin.resize(static_cast<std::size_t>(limit));
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& match : begin) {
    w.begin_object();
    w.field("id", to_string(place_id(tree.id, match.place.pid)));
    w.field("name", match.place.name);
    w.field("fullName", match.full);
    w.field("events", match.events);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

Result<Reply> place_points(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(places, all_places(browser, tree));
  std::erase_if(places, [](const PlaceEntry& entry) { return !entry.place.lat || !entry.place.lon; });
  Writer w;
  const auto column = [&](std::string_view name, const auto& of) {
    w.key(name);
    w.begin_array();
    for (const auto& entry : places) w.value(of(entry));
    w.end_array();
  };
  w.begin_object();
  column("id", [&](const PlaceEntry& e) { return to_string(place_id(tree.id, e.place.pid)); });
  column("name", [](const PlaceEntry& e) -> const std::string& { return e.place.name; });
  column("latitude", [](const PlaceEntry& e) { return *e.place.lat; });
  column("longitude", [](const PlaceEntry& e) { return *e.place.lon; });
  column("events", [](const PlaceEntry& e) { return e.events; });
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

struct FoundPlace {
  store::TreeInfo tree;
  store::Place place;
};
/// A place's id holds its tree's, so the tree is looked for among all.
Result<FoundPlace> find_place(Browser& browser, std::string_view id) {
  const auto absent = [] { return fail(Code::not_found, "there is no such place"); };
  const auto uuid = parse_uuid(id);
  if (!uuid) return absent();
  TRY(trees, store::list_trees(browser.session()));
  for (const auto& tree : trees) {
    const auto pid = place_of(tree, *uuid);
    if (!pid) continue;
    auto place = store::find_place(browser.session(), *pid);
    if (!place) return absent();
    return FoundPlace{tree, std::move(*place)};
  }
  return absent();
}

Result<Reply> get_place(Context&, Browser& browser, const Call& call) {
  TRY(found, find_place(browser, call.segment("id")));
  Writer w;
  CHECK_OK(write_place(w, browser, found.tree, found.place));
  return api::json_reply(w.take(), list_etag(found.tree));
}

inline constexpr std::size_t kPlaceEventsMax = 20'000;

/// Events at the place and at the places inside, as rows.
Result<std::vector<store::Event>> events_inside(Browser& browser, store::Pid top) {
  std::vector<store::Event> events;
  std::vector<store::Pid> open{top};
  while (!open.empty() && events.size() < kPlaceEventsMax) {
    const auto pid = open.back();
    open.pop_back();
    const auto page_after = [&](Rid after) { return store::events_at(browser.session(), pid, after, store::kPageMax); };
    TRY(rows, all_rows<store::Event>(page_after, kPlaceEventsMax - events.size()));
    events.insert(events.end(), rows.begin(), rows.end());
    TRY(children, store::places_in(browser.session(), pid, {}, store::kPageMax));
    for (const auto& child : children) open.push_back(child.pid);
  }
  std::ranges::sort(events, [](const store::Event& a, const store::Event& b) {
    const auto day = [](const store::Event& e) {
      return e.jdn_min ? *e.jdn_min : e.jdn_max.value_or(std::numeric_limits<std::int32_t>::max());
    };
    return std::tuple{day(a), a.rid, a.ord} < std::tuple{day(b), b.rid, b.ord};
  });
  return events;
}

Result<void> write_place_event(Writer& w, Browser& browser, const store::TreeInfo& tree, const store::Event& row) {
  const auto index_in = [&](const std::vector<model::EventView>& events) {
    return static_cast<std::size_t>(std::ranges::find(events, row.ord, &model::EventView::number) - events.begin());
  };
  w.begin_object();
  w.key("fact");
  std::vector<Rid> people;
  if (const auto person = browser.person(row.rid)) {
    people.push_back(row.rid);
    const auto index = index_in((*person)->view.events);
    if (index == (*person)->view.events.size()) return fail(Code::corrupt, "an event's row has no event");
    CHECK_OK(write_fact(w, browser, owner_of(tree, **person), index, {}));
  } else {
    TRY(family, browser.family(row.rid));
    const auto index = index_in(family->view.events);
    if (index == family->view.events.size()) return fail(Code::corrupt, "an event's row has no event");
    CHECK_OK(write_fact(w, browser, owner_of(tree, *family), index, {}));
    TRY(graph, browser.graph(tree.tree_no));
    for (const auto partner : graph->graph.partners(n_of(row.rid))) {
      if (partner != kinship::kNone) people.push_back(make_rid(tree.tree_no, partner));
    }
  }
  w.key("persons");
  w.begin_array();
  for (const auto person : people) CHECK_OK(write_brief(w, browser, person));
  w.end_array();
  w.end_object();
  return {};
}

Result<Reply> place_events(Context& context, Browser& browser, const Call& call) {
  TRY(found, find_place(browser, call.segment("id")));
  TRY(events, events_inside(browser, found.place.pid));
  return paged(context, call, "", events.size(), list_etag(found.tree),
               [&](Writer& w, std::size_t i) { return write_place_event(w, browser, found.tree, events[i]); });
}

}  // namespace

void add_place_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/places",
                    .id = "listPlaces",
                    .tag = "places",
                    .summary = "Places of a tree",
                    .parameters = {kTreeParameter,
                                   {.name = "sort", .type = "'name'|'-events'"},
                                   {.name = "filter[name]"},
                                   {.name = "filter[parent]", .description = "id:PLACE"},
                                   {.name = "filter[located]", .type = "'true'|'false'"},
                                   kLimitParameter,
                                   kCursorParameter},
                    .answer = "Page<Place>",
                    .errors = {404, 422},
                    .function = reading(context, list_places)});
  auto& types = description.types;
  types.push_back({.name = "PlaceSuggestion",
                   .description = {},
                   .members = {{.name = "id", .type = "uuid"},
                               {.name = "name", .type = "string"},
                               {.name = "fullName", .type = "string"},
                               {.name = "events", .type = "int"}}});
  types.push_back({.name = "PlaceSuggestions", .description = {}, .members = {{.name = "items", .type = "PlaceSuggestion[]"}}});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/places/suggest",
                    .id = "suggestPlaces",
                    .tag = "places",
                    .summary = "Own places for a text that is being typed",
                    .parameters = {kTreeParameter,
                                   {.name = "q", .description = "The beginning of a name, or a part of it; folded."},
                                   {.name = "limit", .type = "int", .description = "8 if not given.", .minimum = 1, .maximum = 20}},
                    .answer = "PlaceSuggestions",
                    .errors = {404, 422},
                    .function = reading(context, suggest_places)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/places/points",
                    .id = "placePoints",
                    .tag = "places",
                    .summary = "All located places, as columns",
                    .parameters = {kTreeParameter},
                    .answer = "PlacePoints",
                    .errors = {404},
                    .function = reading(context, place_points)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/places/{id}",
                    .id = "getPlace",
                    .tag = "places",
                    .summary = "One place",
                    .parameters = {kIdParameter},
                    .answer = "Place",
                    .errors = {404},
                    .function = reading(context, get_place)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/places/{id}/events",
                    .id = "getPlaceEvents",
                    .tag = "places",
                    .summary = "What happened there and inside, in order of time",
                    .parameters = {kIdParameter, kLimitParameter, kCursorParameter},
                    .answer = "Page<PlaceEvent>",
                    .errors = {404, 422},
                    .function = reading(context, place_events)});
}

}  // namespace tablinum::genealogy_service
