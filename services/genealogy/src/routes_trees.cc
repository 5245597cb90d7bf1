#include <simdjson.h>
#include <algorithm>

#include "reference.h"
#include "routes.h"
#include "statistics.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

inline constexpr std::size_t kTreeNameCharsMax = 100;

Result<void> write_tree(Writer& w, Browser& browser, const store::TreeInfo& tree) {
  TRY(persons, store::count_records(browser.session(), tree.tree_no, store::RecordKind::person));
  TRY(families, store::count_records(browser.session(), tree.tree_no, store::RecordKind::family));
  TRY(graph, browser.graph(tree.tree_no));
  std::optional<std::string> home;
  if (graph->home != kinship::kNone) {
    TRY(id, store::id_of(browser.session(), make_rid(tree.tree_no, graph->home)));
    home = to_string(id.value());
  }
  const auto created = created_at(tree);
  TRY(changes, store::list_change_sets(browser.session(), tree.tree_no, {}, 1));
  const Timestamp updated = changes.empty() ? created : Timestamp{changes.front().time * 1000};
  w.begin_object();
  w.field("id", to_string(tree.id.value()));
  w.field("name", tree.name);
  w.field("description", "");
  w.field("version", tree.generation);
  w.field("persons", persons);
  w.field("families", families);
  w.field("homePersonId", home);
  w.field("createdAt", to_rfc3339(created));
  w.field("updatedAt", to_rfc3339(updated));
  w.end_object();
  return {};
}

Result<Reply> list_trees(Context&, Browser& browser, const Call&) {
  TRY(trees, store::list_trees(browser.session()));
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& tree : trees) CHECK_OK(write_tree(w, browser, tree));
  w.end_array();
  w.field("total", trees.size());
  w.field("nextCursor", std::optional<std::string>{});
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> get_tree(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  Writer w;
  CHECK_OK(write_tree(w, browser, tree));
  return api::json_reply(w.take(), list_etag(tree));
}

Result<std::string> name_of(const Call& call) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(call.body).get(root) != simdjson::SUCCESS) return api::invalid_field({"body", "is not JSON", "format"});
  std::string_view name;
  if (root["name"].get(name) != simdjson::SUCCESS || name.empty()) return api::invalid_field({"name", "is missing", "missing"});
  const auto characters = std::ranges::count_if(name, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  if (static_cast<std::size_t>(characters) > kTreeNameCharsMax) {
    return api::invalid_field({"name", "has at most " + std::to_string(kTreeNameCharsMax) + " characters", "range"});
  }
  return std::string{name};
}

api::Function create_tree(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(tree, create_tree_from(*context, call));
    TRY(browser, Browser::open(context->archive));
    Writer w;
    CHECK_OK(write_tree(w, browser, tree));
    auto reply = api::json_reply(w.take(), {}, 201);
    reply.location = "/api/v1/trees/" + to_string(tree.id.value());
    return reply;
  };
}

void write_counts(Writer& w, std::string_view name, const std::vector<NamedCount>& counts) {
  w.key(name);
  w.begin_array();
  for (const auto& count : counts) {
    w.begin_object();
    w.field("id", count.id);
    w.field("name", count.name);
    w.field("count", count.count);
    w.end_object();
  }
  w.end_array();
}

Result<Reply> statistics(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(numbers, tree_statistics(browser, tree));
  Writer w;
  w.begin_object();
  for (const auto& [name, value] : numbers.counts) w.field(name, value);
  w.field("generations", numbers.generations);
  w.field("earliestYear", numbers.earliest_year);
  w.field("latestYear", numbers.latest_year);
  write_counts(w, "surnames", numbers.surnames);
  write_counts(w, "topPlaces", numbers.places);
  w.key("decades");
  w.begin_array();
  for (const auto& [decade, births_deaths] : numbers.decades) {
    w.begin_object();
    w.field("decade", decade);
    w.field("births", births_deaths.first);
    w.field("deaths", births_deaths.second);
    w.end_object();
  }
  w.end_array();
  w.key("evidence");
  w.begin_object();
  w.field("none", numbers.without_citation);
  w.key("byQuality");
  w.begin_array();
  for (const auto count : numbers.by_quality) w.value(count);
  w.end_array();
  w.end_object();
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

}  // namespace

Timestamp created_at(const store::TreeInfo& tree) noexcept {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | tree.id.value().bytes[i];
  return {ms};
}

Result<store::TreeInfo> create_tree_from(Context& context, const Call& call) {
  TRY(name, name_of(call));
  TRY(writer, context.archive.database().writer());
  TRY(tree, store::create_tree(writer, {.name = name, .owner = {}}));
  CHECK_OK(writer.commit());
  return tree;
}

void add_tree_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees",
                    .id = "listTrees",
                    .tag = "trees",
                    .summary = "All trees",
                    .answer = "Page<Tree>",
                    .function = reading(context, list_trees)});
  routes.push_back({.method = "POST",
                    .path = "/api/v1/trees",
                    .id = "createTree",
                    .tag = "trees",
                    .summary = "Makes an empty tree",
                    .body = "NewTree",
                    .answer = "Tree",
                    .status = 201,
                    .errors = {415, 422},
                    .function = create_tree(context)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}",
                    .id = "getTree",
                    .tag = "trees",
                    .summary = "One tree",
                    .parameters = {kTreeParameter},
                    .answer = "Tree",
                    .errors = {404},
                    .function = reading(context, get_tree)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/statistics",
                    .id = "getStatistics",
                    .tag = "trees",
                    .summary = "The tree in numbers",
                    .parameters = {kTreeParameter},
                    .answer = "TreeStatistics",
                    .errors = {404},
                    .function = reading(context, statistics)});
}

}  // namespace tablinum::genealogy_service
