#include <algorithm>

#include "record_list.h"
#include "routes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

std::string title_of(const tree::Structure& structure) {
  model::SourceView source;
  model::read_source(structure, source);
  return std::string{source.title.empty() ? source.abbreviation : source.title};
}

Result<Reply> list_sources(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  const auto sort = call.parameter("sort").value_or("title");
  if (sort != "title" && sort != "-citations") return api::invalid_field({"sort", "must be title or -citations", "unknown"});
  const auto order = sort == "title" ? TitledOrder::title : TitledOrder::citations;
  return titled_page(context, browser, call, tree, store::RecordKind::source, order, title_of, write_source);
}

Result<Reply> get_source(Context&, Browser& browser, const Call& call) {
  TRY(data, browser.other(call.segment("id"), store::RecordKind::source));
  TRY(tree, browser.tree_of(data->record.rid));
  Writer w;
  CHECK_OK(write_source(w, browser, data->record.rid));
  return api::json_reply(w.take(), record_etag(data->record, tree));
}

/// One citation of the source by a person's or family's record.
Result<void> write_source_citation(Writer& w, Browser& browser, const store::TreeInfo& tree, const store::Link& link) {
  std::vector<Rid> people;
  std::optional<FactOwner> owner;
  if (const auto person = browser.person(link.rid)) {
    owner.emplace(owner_of(tree, **person));
    people.push_back(link.rid);
  } else if (const auto family = browser.family(link.rid)) {
    owner.emplace(owner_of(tree, **family));
    TRY(graph, browser.graph(tree.tree_no));
    for (const auto partner : graph->graph.partners(n_of(link.rid))) {
      if (partner != kinship::kNone) people.push_back(make_rid(tree.tree_no, partner));
    }
  } else {
    return fail(Code::unsupported, "a record of this kind shows no citations");
  }
  const auto view = std::ranges::find_if(owner->view.links, [&](const model::LinkView& candidate) {
    return candidate.kind == model::LinkKind::citation && candidate.number == link.ord;
  });
  if (view == owner->view.links.end()) return fail(Code::unsupported, "a citation without a number of its own");
  w.begin_object();
  w.key("citation");
  CHECK_OK(write_citation(w, browser, *owner, *view));
  w.key("persons");
  w.begin_array();
  for (const auto person : people) CHECK_OK(write_brief(w, browser, person));
  w.end_array();
  w.end_object();
  return {};
}

inline constexpr std::size_t kCitationsScanned = 20'000;

Result<Reply> source_citations(Context& context, Browser& browser, const Call& call) {
  TRY(data, browser.other(call.segment("id"), store::RecordKind::source));
  const Rid rid = data->record.rid;
  TRY(tree, browser.tree_of(rid));
  const auto page_after = [&](Rid after) {
    return store::links_to(browser.session(), rid, store::LinkKind::citation, after, store::kPageMax);
  };
  TRY(links, all_rows<store::Link>(page_after, kCitationsScanned));
  TRY(graph, browser.graph(tree.tree_no));
  // Only people and families have pages on which a citation is shown.
  std::erase_if(links, [&](const store::Link& link) {
    const auto n = n_of(link.rid);
    const auto partners = graph->graph.partners(n);
    const bool family = partners[0] != kinship::kNone || partners[1] != kinship::kNone || !graph->graph.children(n).empty();
    return !family && !graph->graph.is_person(n);
  });
  return paged(context, call, "", links.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_source_citation(w, browser, tree, links[i]); });
}

}  // namespace

void add_source_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/sources",
                    .id = "listSources",
                    .tag = "sources",
                    .summary = "Sources of a tree",
                    .parameters = {kTreeParameter,
                                   {.name = "sort", .type = "'title'|'-citations'"},
                                   {.name = "filter[title]"},
                                   kLimitParameter,
                                   kCursorParameter},
                    .answer = "Page<Source>",
                    .errors = {404, 422},
                    .function = reading(context, list_sources)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/sources/{id}",
                    .id = "getSource",
                    .tag = "sources",
                    .summary = "One source",
                    .parameters = {kIdParameter},
                    .answer = "Source",
                    .errors = {404},
                    .function = reading(context, get_source)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/sources/{id}/citations",
                    .id = "getSourceCitations",
                    .tag = "sources",
                    .summary = "Where the source is cited",
                    .parameters = {kIdParameter, kLimitParameter, kCursorParameter},
                    .answer = "Page<SourceCitation>",
                    .errors = {404, 422},
                    .function = reading(context, source_citations)});
}

}  // namespace tablinum::genealogy_service
