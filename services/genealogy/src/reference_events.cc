#include <algorithm>

#include "reference.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

/// An event by its record and its node's number there.
struct EventKey {
  Rid rid;
  std::uint16_t number = 0;
};

Result<std::size_t> index_of(Browser& browser, const EventKey& key, const kinship::Graph& graph) {
  const std::vector<model::EventView>* events = nullptr;
  if (graph.is_person(n_of(key.rid))) {
    TRY(person, browser.person(key.rid));
    events = &person->view.events;
  } else {
    TRY(family, browser.family(key.rid));
    events = &family->view.events;
  }
  const auto found = std::ranges::find(*events, key.number, &model::EventView::number);
  if (found == events->end()) return fail(Code::not_found, "there is no such event");
  return static_cast<std::size_t>(found - events->begin());
}

Result<void> write_one(Writer& w, Browser& browser, const EventKey& key) {
  TRY(graph, browser.graph(tree_no_of(key.rid)));
  TRY(index, index_of(browser, key, graph->graph));
  return write_reference_event(w, browser, key.rid, index);
}

/// The events of a tree in the order of its records; of one type, if the call names one.
Result<std::vector<EventKey>> events_of_tree(Browser& browser, const store::TreeInfo& tree, const Call& call) {
  const auto asked = parameter_named(call, {"event_type", "category", "type"});
  const auto type = asked ? model::event_type_named(*asked) : model::EventType::unknown;
  if (asked && type == model::EventType::unknown) return api::invalid_field({"event_type", "is no type of event", "unknown"});
  std::vector<EventKey> keys;
  CHECK_OK(store::for_each_event(browser.session(), tree.tree_no, [&](const store::Event& event) {
    const auto kind = static_cast<model::EventType>(event.kind);
    if (!asked || model::contract_type(kind) == model::contract_type(type)) keys.push_back({event.rid, event.ord});
  }));
  return keys;
}

/// Those of one person: own ones, then those of the unions.
Result<std::vector<EventKey>> events_of_person(Browser& browser, Rid rid) {
  std::vector<EventKey> keys;
  TRY(person, browser.person(rid));
  for (const auto& event : person->view.events) keys.push_back({rid, event.number});
  TRY(graph, browser.graph(tree_no_of(rid)));
  for (const auto n : graph->graph.families(n_of(rid))) {
    TRY(family, browser.family(make_rid(tree_no_of(rid), n)));
    for (const auto& event : family->view.events) keys.push_back({family->record.rid, event.number});
  }
  return keys;
}

Result<std::vector<EventKey>> events_asked_for(Browser& browser, const Call& call) {
  auto person = call.segment("id");
  if (person.empty()) person = parameter_named(call, {"relatedPersonId", "person_id"}).value_or("");
  if (!person.empty()) {
    TRY(rid, browser.person_rid(person));
    return events_of_person(browser, rid);
  }
  TRY(tree, tree_meant(browser, call));
  return tree ? events_of_tree(browser, *tree, call) : Result<std::vector<EventKey>>{std::vector<EventKey>{}};
}

Result<void> write_window(Writer& w, Browser& browser, std::string_view name, const std::vector<EventKey>& keys,
                          const Window& window) {
  w.key(name);
  w.begin_array();
  for (std::size_t i = window.skip; i < window.end(keys.size()); ++i) CHECK_OK(write_one(w, browser, keys[i]));
  w.end_array();
  return {};
}

/// P's services: {items, total}.
Result<Reply> list_service(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 100, 500));
  TRY(keys, events_asked_for(browser, call));
  Writer w;
  w.begin_object();
  CHECK_OK(write_window(w, browser, "items", keys, window));
  w.field("total", keys.size());
  w.end_object();
  return api::json_reply(w.take());
}

/// The pages: the list under a name of the path's own, and pagination.
Result<Reply> list_pages(Browser& browser, const Call& call, std::string_view name) {
  TRY(window, window_of(call, 20, 100));
  TRY(keys, events_asked_for(browser, call));
  Writer w;
  w.begin_object();
  CHECK_OK(write_window(w, browser, name, keys, window));
  write_pagination(w, window, keys.size());
  w.end_object();
  return api::json_reply(w.take());
}
Result<Reply> list_genealogy(Context&, Browser& browser, const Call& call) { return list_pages(browser, call, "events"); }
Result<Reply> list_top(Context&, Browser& browser, const Call& call) { return list_pages(browser, call, "data"); }

/// "<record>~<number>"
Result<Reply> get_one(Context&, Browser& browser, const Call& call) {
  const auto absent = [] { return fail(Code::not_found, "there is no such event"); };
  const auto text = call.segment("id");
  const auto mark = text.find('~');
  const auto id = mark == std::string_view::npos ? Result<Uuid>{fail(Code::invalid)} : parse_uuid(text.substr(0, mark));
  if (!id) return absent();
  std::uint32_t number = 0;
  for (const char c : text.substr(mark + 1)) {
    if (c < '0' || c > '9' || number > 0xFFFF) return absent();
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  const auto rid = store::rid_of(browser.session(), RecordId{*id});
  if (!rid || number > 0xFFFF) return absent();
  TRY(tree, browser.tree_of(*rid));
  Writer w;
  CHECK_OK(write_one(w, browser, {*rid, static_cast<std::uint16_t>(number)}));
  return api::json_reply(w.take(), list_etag(tree));
}

}  // namespace

void add_reference_event_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back(alias("GET",
                         {"/api/genealogy/trees/{tree}/events", "/api/v1/genealogy/trees/{tree}/events",
                          "/v1/trees/{tree}/events", "/api/trees/{tree}/events"},
                         reading(context, list_service)));
  routes.push_back(alias("GET",
                         {"/api/genealogy/persons/{id}/events", "/api/v1/genealogy/persons/{id}/events",
                          "/v1/persons/{id}/events", "/api/persons/{id}/events"},
                         reading(context, list_service)));
  routes.push_back(
      alias("GET", {"/api/genealogy/events", "/api/v1/genealogy/events", "/v1/events"}, reading(context, list_genealogy)));
  routes.push_back(alias("GET", {"/api/events"}, reading(context, list_top)));
  routes.push_back(alias("GET",
                         {"/api/genealogy/events/{id}", "/api/v1/genealogy/events/{id}", "/v1/events/{id}", "/api/events/{id}"},
                         reading(context, get_one)));
}

}  // namespace tablinum::genealogy_service
