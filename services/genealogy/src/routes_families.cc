#include <algorithm>

#include "routes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

std::string_view child_pedigree(const kinship::Graph& graph, kinship::PersonN child, kinship::FamilyN family) {
  const auto pedigree = graph.pedigree(child, family);
  // Not stated means by birth, as GEDCOM has it.
  return !pedigree || *pedigree == kinship::Pedigree::unstated ? "birth" : pedigree_word(static_cast<int>(*pedigree));
}

Result<void> write_children(Writer& w, Browser& browser, std::int64_t tree_no, const kinship::Graph& graph,
                            kinship::FamilyN family) {
  w.begin_array();
  for (const auto child : graph.children(family)) {
    w.begin_object();
    w.key("person");
    CHECK_OK(write_brief(w, browser, make_rid(tree_no, child)));
    w.field("pedigree", child_pedigree(graph, child, family));
    w.end_object();
  }
  w.end_array();
  return {};
}

Result<void> write_partners(Writer& w, Browser& browser, std::int64_t tree_no, const kinship::Graph& graph,
                            kinship::FamilyN family) {
  w.begin_array();
  for (const auto partner : graph.partners(family)) {
    if (partner != kinship::kNone) CHECK_OK(write_brief(w, browser, make_rid(tree_no, partner)));
  }
  w.end_array();
  return {};
}

Result<void> write_union_facts(Writer& w, Browser& browser, const store::TreeInfo& tree, Rid rid) {
  TRY(family, browser.family(rid));
  const auto owner = owner_of(tree, *family);
  w.begin_object();
  write_union_facts_members(w, tree, *family);
  w.key("facts");
  w.begin_array();
  for (const auto index : life_order(family->view.events)) CHECK_OK(write_fact(w, browser, owner, index, {}));
  w.end_array();
  w.end_object();
  return {};
}

Result<void> write_parent_family(Writer& w, Browser& browser, const store::TreeInfo& tree, const kinship::Graph& graph,
                                 kinship::PersonN person, kinship::FamilyN family, bool primary) {
  const Rid rid = make_rid(tree.tree_no, family);
  TRY(data, browser.family(rid));
  w.begin_object();
  w.field("familyId", to_string(data->record.id.value()));
  w.field("pedigree", child_pedigree(graph, person, family));
  w.field("primary", primary);
  w.key("partners");
  CHECK_OK(write_partners(w, browser, tree.tree_no, graph, family));
  w.key("union");
  CHECK_OK(write_union_facts(w, browser, tree, rid));
  w.key("children");
  CHECK_OK(write_children(w, browser, tree.tree_no, graph, family));
  w.key("halfSiblings");
  w.begin_array();
  for (const auto partner : graph.partners(family)) {
    if (partner == kinship::kNone) continue;
    for (const auto other : graph.families(partner)) {
      if (other == family || graph.children(other).empty()) continue;
      TRY(parent, browser.person(make_rid(tree.tree_no, partner)));
      w.begin_object();
      w.field("partnerId", to_string(parent->record.id.value()));
      w.key("children");
      CHECK_OK(write_children(w, browser, tree.tree_no, graph, other));
      w.end_object();
    }
  }
  w.end_array();
  w.end_object();
  return {};
}

/// Unions in order of time: by marriage, else by the first child's birth, undated ones last, each in the file's order.
Result<std::vector<kinship::FamilyN>> unions_in_time(Browser& browser, std::int64_t tree_no, const kinship::Graph& graph,
                                                     kinship::PersonN person) {
  std::vector<std::pair<model::Jdn, kinship::FamilyN>> order;
  for (const auto family : graph.families(person)) {
    TRY(data, browser.family(make_rid(tree_no, family)));
    const auto marriage = data->view.marriage();
    auto day = marriage == model::kNone ? std::nullopt : data->view.events[marriage].date.days.min;
    if (!day && !graph.children(family).empty()) {
      TRY(child, browser.person(make_rid(tree_no, graph.children(family).front())));
      day = child->view.birth_days().min;
    }
    order.emplace_back(day.value_or(std::numeric_limits<model::Jdn>::max()), family);
  }
  std::ranges::sort(order);
  std::vector<kinship::FamilyN> unions;
  for (const auto& entry : order) unions.push_back(entry.second);
  return unions;
}

Result<Reply> get_family(Context&, Browser& browser, const Call& call) {
  TRY(family, browser.family(call.segment("id")));
  const Rid rid = family->record.rid;
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  Writer w;
  w.begin_object();
  w.field("id", to_string(family->record.id.value()));
  w.field("version", family->record.version);
  w.field("treeId", to_string(tree.id.value()));
  w.key("partners");
  CHECK_OK(write_partners(w, browser, tree.tree_no, graph->graph, n_of(rid)));
  w.key("union");
  CHECK_OK(write_union_facts(w, browser, tree, rid));
  w.key("children");
  CHECK_OK(write_children(w, browser, tree.tree_no, graph->graph, n_of(rid)));
  w.key("notes");
  CHECK_OK(write_notes(w, browser, family->record, family->view, 0));
  w.end_object();
  return api::json_reply(w.take(), record_etag(family->record, tree));
}

Result<Reply> get_citations(Context& context, Browser& browser, const Call& call) {
  TRY(family, browser.family(call.segment("id")));
  TRY(tree, browser.tree_of(family->record.rid));
  std::vector<const model::LinkView*> citations;
  for (const auto& link : family->view.links) {
    if (link.kind == model::LinkKind::citation) citations.push_back(&link);
  }
  return paged(context, call, "", citations.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_citation(w, browser, owner_of(tree, *family), *citations[i]); });
}

}  // namespace

Result<void> write_person_family(Writer& w, Browser& browser, Rid rid) {
  TRY(tree, browser.tree_of(rid));
  TRY(tree_graph, browser.graph(tree.tree_no));
  const auto& graph = tree_graph->graph;
  const auto n = n_of(rid);
  w.begin_object();
  w.key("parentFamilies");
  w.begin_array();
  const auto parents = graph.parents(n);
  if (parents.family != kinship::kNone) CHECK_OK(write_parent_family(w, browser, tree, graph, n, parents.family, true));
  for (const auto& further : graph.further_parents(n)) {
    CHECK_OK(write_parent_family(w, browser, tree, graph, n, further.family, false));
  }
  w.end_array();
  w.key("unions");
  w.begin_array();
  TRY(unions, unions_in_time(browser, tree.tree_no, graph, n));
  for (const auto family : unions) {
    const Rid family_rid = make_rid(tree.tree_no, family);
    TRY(data, browser.family(family_rid));
    const auto partner = graph.partner_of(n, family);
    w.begin_object();
    w.field("familyId", to_string(data->record.id.value()));
    w.key("partner");
    if (partner != kinship::kNone)
      CHECK_OK(write_brief(w, browser, make_rid(tree.tree_no, partner)));
    else
      w.null();
    w.key("union");
    CHECK_OK(write_union_facts(w, browser, tree, family_rid));
    w.key("children");
    CHECK_OK(write_children(w, browser, tree.tree_no, graph, family));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return {};
}

void add_family_routes(api::Description& description, const Shared& context) {
  description.routes.push_back({.method = "GET",
                                .path = "/api/v1/families/{id}",
                                .id = "getFamily",
                                .tag = "families",
                                .summary = "A union with its children and events",
                                .parameters = {kIdParameter},
                                .answer = "Family",
                                .errors = {404},
                                .function = reading(context, get_family)});
  description.routes.push_back({.method = "GET",
                                .path = "/api/v1/families/{id}/citations",
                                .id = "getFamilyCitations",
                                .tag = "families",
                                .summary = "What the facts of a union rest on",
                                .parameters = {kIdParameter, kLimitParameter, kCursorParameter},
                                .answer = "Page<Citation>",
                                .errors = {404, 422},
                                .function = reading(context, get_citations)});
}

}  // namespace tablinum::genealogy_service
