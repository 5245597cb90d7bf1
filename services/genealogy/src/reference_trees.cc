#include <algorithm>
#include <charconv>

#include "reference.h"
#include "tablinum/base/log.h"

namespace tablinum::genealogy_service {

using api::Call;
using api::Reply;

api::Route alias(std::string_view method, std::initializer_list<std::string_view> paths, api::Function function,
                 std::string_view body) {
  api::Route route;
  route.method = method;
  route.path = *paths.begin();
  route.body = body;
  route.function = std::move(function);
  route.aliases.assign(paths.begin() + 1, paths.end());
  route.described = false;
  return route;
}

Result<Window> window_of(const Call& call, std::size_t limit_fallback, std::size_t limit_max) {
  TRY(limit, call.number("limit", 1, static_cast<std::int64_t>(limit_max), static_cast<std::int64_t>(limit_fallback)));
  TRY(page, call.number("page", 1, api::kSkipMax / limit + 1, 1));
  TRY(skip, call.number("skip", 0, api::kSkipMax, (page - 1) * limit));
  return Window{static_cast<std::size_t>(skip), static_cast<std::size_t>(limit), static_cast<std::size_t>(skip / limit + 1)};
}

void write_pagination(Writer& w, const Window& window, std::size_t total) {
  const std::size_t pages = (total + window.limit - 1) / window.limit;
  w.key("pagination");
  w.begin_object();
  w.field("page", window.page);
  w.field("limit", window.limit);
  w.field("total", total);
  w.field("totalItems", total);
  w.field("pages", pages);
  w.field("totalPages", pages);
  w.end_object();
}

std::optional<std::string_view> parameter_named(const Call& call, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (const auto value = call.parameter(name)) return value;
  }
  return std::nullopt;
}

Result<std::optional<store::TreeInfo>> tree_meant(Browser& browser, const Call& call) {
  auto id = call.segment("tree");
  if (id.empty()) id = parameter_named(call, {"treeId", "tree_id", "familyTreeId", "family_tree_id"}).value_or("");
  if (!id.empty()) {
    TRY(tree, browser.tree(id));
    return std::optional{tree};
  }
  TRY(trees, store::list_trees(browser.session()));
  return trees.empty() ? std::nullopt : std::optional{trees.front()};
}

namespace {

Result<void> write_trees(Writer& w, Browser& browser, const std::vector<store::TreeInfo>& trees, const Window& window) {
  w.begin_array();
  for (std::size_t i = window.skip; i < window.end(trees.size()); ++i) CHECK_OK(write_family_tree(w, browser, trees[i]));
  w.end_array();
  return {};
}

/// P's services: {items, total}.
Result<Reply> list_service(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 100, 200));
  TRY(trees, store::list_trees(browser.session()));
  Writer w;
  w.begin_object();
  w.key("items");
  CHECK_OK(write_trees(w, browser, trees, window));
  w.field("total", trees.size());
  w.end_object();
  return api::json_reply(w.take());
}

/// The Node pages: {trees, pagination}; `search` looks in the names.
Result<Reply> list_pages(Context&, Browser& browser, const Call& call) {
  TRY(window, window_of(call, 20, 100));
  TRY(trees, store::list_trees(browser.session()));
  if (const auto text = call.parameter("search")) {
    std::erase_if(trees, [&](const store::TreeInfo& tree) { return tree.name.find(*text) == std::string::npos; });
  }
  Writer w;
  w.begin_object();
  w.key("trees");
  CHECK_OK(write_trees(w, browser, trees, window));
  write_pagination(w, window, trees.size());
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> get_one(Context&, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  Writer w;
  CHECK_OK(write_family_tree(w, browser, tree));
  return api::json_reply(w.take(), list_etag(tree));
}

api::Function create(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(tree, create_tree_from(*context, call));
    TRY(browser, Browser::open(context->archive));
    Writer w;
    CHECK_OK(write_family_tree(w, browser, tree));
    return api::json_reply(w.take(), {}, 201);
  };
}

/// Members of the page that shows a whole tree at once.
constexpr std::size_t kWholeTreeMembersMax = 1'000;

/// N2's backend: the tree with its members and relationships. Larger trees are cut; /trees/{tree}/persons pages through them.
Result<Reply> whole_tree(Context&, Browser& browser, const Call& call) {
  TRY(tree, tree_meant(browser, call));
  if (!tree) return fail(Code::not_found, "there is no tree yet");
  const auto tree_no = tree->tree_no;
  TRY(graph, browser.graph(tree_no));
  TRY(entries, store::list_persons(browser.session(), tree_no, {}, 0, kWholeTreeMembersMax));
  std::vector<kinship::FamilyN> families;
  Writer w;
  w.begin_object();
  w.field("id", to_string(tree->id.value()));
  w.field("name", tree->name);
  w.field("description", "");
  w.key("members");
  w.begin_array();
  for (const auto& entry : entries) {
    CHECK_OK(write_member(w, browser, entry.person.rid));
    const auto own = graph->graph.families(n_of(entry.person.rid));
    families.insert(families.end(), own.begin(), own.end());
  }
  w.end_array();
  std::ranges::sort(families);
  const auto repeated = std::ranges::unique(families);
  families.erase(repeated.begin(), repeated.end());
  w.key("relationships");
  w.begin_array();
  for (const auto family : families) {
    std::vector<Relationship> relationships;
    append_relationships(graph->graph, family, relationships);
    for (const auto& relationship : relationships) CHECK_OK(write_relationship(w, browser, tree_no, relationship));
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take(), list_etag(*tree));
}

}  // namespace

void add_reference_tree_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back(alias("GET", {"/api/genealogy/family-trees", "/api/v1/genealogy/family-trees", "/v1/family-trees"},
                         reading(context, list_service)));
  routes.push_back(alias("GET", {"/api/family-trees", "/api/trees"}, reading(context, list_pages)));
  routes.push_back(alias(
      "POST",
      {"/api/genealogy/family-trees", "/api/v1/genealogy/family-trees", "/v1/family-trees", "/api/family-trees", "/api/trees"},
      create(context), "NewTree"));
  routes.push_back(alias("GET",
                         {"/api/genealogy/family-trees/{tree}", "/api/v1/genealogy/family-trees/{tree}",
                          "/v1/family-trees/{tree}", "/api/family-trees/{tree}", "/api/trees/{tree}"},
                         reading(context, get_one)));
  routes.push_back(alias("GET", {"/api/family-tree", "/api/genealogy/family-tree"}, reading(context, whole_tree)));
}

}  // namespace tablinum::genealogy_service
