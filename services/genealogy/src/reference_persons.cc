#include <algorithm>

#include "reference.h"
#include "tablinum/search/search.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

struct Found {
  std::vector<Rid> people;
  std::size_t total = 0;
};

/// People of a tree by name; by `text`, where there is one, in the order of a search.
Result<Found> find_people(Browser& browser, const store::TreeInfo& tree, const Window& window, std::string_view text) {
  Found found;
  if (text.empty()) {
    TRY(total, store::count_records(browser.session(), tree.tree_no, store::RecordKind::person));
    TRY(entries, store::list_persons(browser.session(), tree.tree_no, {}, window.skip, window.limit));
    for (const auto& entry : entries) found.people.push_back(entry.person.rid);
    found.total = total;
    return found;
  }
  auto query = search::parse_query(text);
  if (!query) return api::invalid_field({"search", query.error().detail, "format"});
  query->kinds = {search::Kind::person};
  TRY(index, browser.index(tree));
  search::DocumentIndex documents{browser.session()};
  const search::SearchOptions options{
      .offset = window.skip, .limit = std::min(window.limit, search::kHitsMax), .facets = false, .highlights = false};
  TRY(answer,
      search::search(*index, {documents, tree.generation}, *query, {.circle = search::Circle::owners, .visible = {}}, options));
  for (const auto& hit : answer.hits) found.people.push_back(make_rid(tree.tree_no, hit.n));
  found.total = answer.total;
  return found;
}

Result<void> write_members(Writer& w, Browser& browser, std::string_view name, const std::vector<Rid>& people) {
  w.key(name);
  w.begin_array();
  for (const auto person : people) CHECK_OK(write_member(w, browser, person));
  w.end_array();
  return {};
}

Result<Found> people_asked_for(Browser& browser, const Call& call, const Window& window, std::string_view text) {
  TRY(tree, tree_meant(browser, call));
  return tree ? find_people(browser, *tree, window, text) : Result<Found>{Found{}};
}

/// The Node pages: {persons, pagination}.
Result<Reply> list_pages(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 20, 100));
  TRY(found, people_asked_for(browser, call, window, parameter_named(call, {"search", "name", "q"}).value_or("")));
  Writer w;
  w.begin_object();
  CHECK_OK(write_members(w, browser, "persons", found.people));
  write_pagination(w, window, found.total);
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> items(Browser& browser, const Found& found) {
  Writer w;
  w.begin_object();
  CHECK_OK(write_members(w, browser, "items", found.people));
  w.field("total", found.total);
  w.end_object();
  return api::json_reply(w.take());
}

/// P's services: {items, total}.
Result<Reply> list_service(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 100, 200));
  TRY(found, people_asked_for(browser, call, window, ""));
  return items(browser, found);
}

constexpr std::size_t kSearchedCharactersMin = 2;

Result<Reply> search_service(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 20, 100));
  const auto name = parameter_named(call, {"name", "q", "search"});
  if (!name) return api::invalid_field({"name", "is missing", "missing"});
  if (name->size() < kSearchedCharactersMin) return api::invalid_field({"name", "has at least 2 characters", "range"});
  TRY(found, people_asked_for(browser, call, window, *name));
  return items(browser, found);
}

Result<Reply> get_one(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(person, browser.person(rid));
  TRY(tree, browser.tree_of(rid));
  Writer w;
  CHECK_OK(write_member(w, browser, rid));
  return api::json_reply(w.take(), record_etag(person->record, tree));
}

/// N2's details: the person with the people around.
Result<Reply> details(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(tree_graph, browser.graph(tree.tree_no));
  const auto& graph = tree_graph->graph;
  const auto n = n_of(rid);
  std::vector<Rid> parents, children, spouses, siblings;
  const auto add = [&](std::vector<Rid>& list, kinship::PersonN person) {
    const auto one = make_rid(tree.tree_no, person);
    if (person != kinship::kNone && person != n && std::ranges::find(list, one) == list.end()) list.push_back(one);
  };
  for (const auto& one : relationships_of(graph, n)) {
    if (one.spouses)
      add(spouses, one.to);
    else if (one.to == n)
      add(parents, one.from);
    else
      add(children, one.to);
  }
  if (const auto family = graph.parents(n).family; family != kinship::kNone) {
    for (const auto sibling : graph.children(family)) add(siblings, sibling);
  }
  Writer w;
  w.begin_object();
  w.key("person");
  CHECK_OK(write_member(w, browser, rid));
  CHECK_OK(write_members(w, browser, "parents", parents));
  CHECK_OK(write_members(w, browser, "children", children));
  CHECK_OK(write_members(w, browser, "spouses", spouses));
  CHECK_OK(write_members(w, browser, "siblings", siblings));
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

// ---- Relationships ---------------------------------------------------------------------------------------------------------

/// Whether a relationship is of the kind asked for, seen from `person`: SPOUSE, PARENT, CHILD or PARENT_CHILD in any case.
bool is_of_kind(const Relationship& one, kinship::PersonN person, const std::string& kind) {
  if (kind.empty()) return true;
  if (one.spouses) return kind == "SPOUSE";
  return kind == "PARENT_CHILD" || kind == (one.to == person ? "CHILD" : "PARENT");
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

Result<Reply> person_relationships(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  TRY(window, window_of(call, 100, 200));
  auto found = relationships_of(graph->graph, n_of(rid));
  const auto kind = upper(parameter_named(call, {"relationship_type", "type"}).value_or(""));
  std::erase_if(found, [&](const Relationship& one) { return !is_of_kind(one, n_of(rid), kind); });
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (std::size_t i = window.skip; i < window.end(found.size()); ++i)
    CHECK_OK(write_relationship(w, browser, tree.tree_no, found[i]));
  w.end_array();
  w.field("total", found.size());
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

/// "<family>~<role>~<first>~<second>"
Result<Reply> get_relationship(Context&, Browser& browser, const Call& call) {
  const auto absent = [] { return fail(Code::not_found, "there is no such relationship"); };
  std::vector<std::string_view> parts;
  for (std::string_view rest = call.segment("id"); parts.size() < 5;) {
    const auto mark = rest.find('~');
    parts.push_back(rest.substr(0, mark));
    if (mark == std::string_view::npos) break;
    rest.remove_prefix(mark + 1);
  }
  if (parts.size() != 4 || (parts[1] != "spouse" && parts[1] != "child")) return absent();
  TRY(family, browser.family(parts[0]));
  TRY(from, browser.person_rid(parts[2]));
  TRY(to, browser.person_rid(parts[3]));
  TRY(tree, browser.tree_of(family->record.rid));
  TRY(graph, browser.graph(tree.tree_no));
  std::vector<Relationship> found;
  append_relationships(graph->graph, n_of(family->record.rid), found);
  const auto match = std::ranges::find_if(found, [&](const Relationship& one) {
    const bool either_way = one.spouses && one.from == n_of(to) && one.to == n_of(from);
    return one.spouses == (parts[1] == "spouse") && ((one.from == n_of(from) && one.to == n_of(to)) || either_way);
  });
  if (match == found.end()) return absent();
  Writer w;
  CHECK_OK(write_relationship(w, browser, tree.tree_no, *match));
  return api::json_reply(w.take(), list_etag(tree));
}

}  // namespace

void add_reference_person_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back(alias("GET",
                         {"/api/genealogy/persons", "/api/v1/genealogy/persons", "/v1/persons", "/api/persons",
                          "/api/genealogy/members", "/api/members"},
                         reading(context, list_pages)));
  routes.push_back(
      alias("GET",
            {"/api/genealogy/trees/{tree}/persons", "/api/v1/genealogy/trees/{tree}/persons", "/v1/trees/{tree}/persons",
             "/api/trees/{tree}/persons", "/api/family-trees/{tree}/members", "/api/genealogy/family-trees/{tree}/members"},
            reading(context, list_service)));
  routes.push_back(alias("GET",
                         {"/api/genealogy/persons/search", "/api/v1/genealogy/persons/search", "/v1/persons/search",
                          "/api/persons/search", "/api/v1/persons/search"},
                         reading(context, search_service)));
  routes.push_back(alias("GET",
                         {"/api/genealogy/persons/{id}", "/api/v1/genealogy/persons/{id}", "/v1/persons/{id}",
                          "/api/persons/{id}", "/api/genealogy/members/{id}", "/api/members/{id}"},
                         reading(context, get_one)));
  routes.push_back(
      alias("GET", {"/api/genealogy/members/{id}/details", "/api/members/{id}/details"}, reading(context, details)));
  routes.push_back(
      alias("GET",
            {"/api/genealogy/persons/{id}/relationships", "/api/v1/genealogy/persons/{id}/relationships",
             "/v1/persons/{id}/relationships", "/api/persons/{id}/relationships", "/api/v1/persons/{id}/relationships"},
            reading(context, person_relationships)));
  routes.push_back(alias("GET",
                         {"/api/genealogy/relationships/{id}", "/api/v1/genealogy/relationships/{id}", "/v1/relationships/{id}",
                          "/api/relationships/{id}", "/api/v1/relationships/{id}"},
                         reading(context, get_relationship)));
}

}  // namespace tablinum::genealogy_service
