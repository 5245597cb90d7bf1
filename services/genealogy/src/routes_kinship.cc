#include "routes.h"
#include "tablinum/tree/kinship/coefficient.h"
#include "tablinum/tree/kinship/relationship.h"
#include "tablinum/tree/kinship/walk.h"
#include "tablinum/tree/kinship/words.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

std::string_view step_word(kinship::Direction direction) noexcept {
  switch (direction) {
    case kinship::Direction::up: return "parent";
    case kinship::Direction::down: return "child";
    case kinship::Direction::partner: return "partner";
    case kinship::Direction::sibling: return "sibling";
  }
  return "partner";
}

Result<void> write_path(Writer& w, Browser& browser, std::int64_t tree_no, kinship::PersonN from,
                        std::span<const kinship::Step> steps) {
  const auto write = [&](kinship::PersonN person, std::string_view step, int pedigree) -> Result<void> {
    w.begin_object();
    w.key("person");
    CHECK_OK(write_brief(w, browser, make_rid(tree_no, person)));
    w.field("step", step);
    w.field("pedigree", pedigree_word(pedigree));
    w.end_object();
    return {};
  };
  w.begin_array();
  CHECK_OK(write(from, "start", 0));
  for (const auto& step : steps) CHECK_OK(write(step.to, step_word(step.direction), static_cast<int>(step.pedigree)));
  w.end_array();
  return {};
}

Result<void> write_line(Writer& w, Browser& browser, std::int64_t tree_no, const kinship::Graph& graph, kinship::PersonN a,
                        std::span<const kinship::Step> steps, bool blood, std::initializer_list<kinship::PersonN> ancestors,
                        std::string_view language) {
  w.begin_object();
  w.field("words", kinship::relation_word(kinship::kin_types(graph, a, steps), language).text);
  w.field("blood", blood);
  w.key("commonAncestors");
  w.begin_array();
  for (const auto ancestor : ancestors) {
    if (ancestor != kinship::kNone) CHECK_OK(write_brief(w, browser, make_rid(tree_no, ancestor)));
  }
  w.end_array();
  w.key("path");
  CHECK_OK(write_path(w, browser, tree_no, a, steps));
  w.end_object();
  return {};
}

/// A request may spend about a tenth of a second on inbreeding; beyond, the coefficient is an upper bound.
inline constexpr std::uint64_t kCoefficientStepsMax = 20'000'000;

Result<Reply> relationship(Context&, Browser& browser, const Call& call) {
  TRY(a, browser.person_rid(call.segment("id")));
  TRY(b, browser.person_rid(call.segment("other")));
  if (tree_no_of(a) != tree_no_of(b)) return fail(Code::not_found, "these people are in different trees");
  const auto which = call.parameter("lines").value_or("closest");
  if (which != "closest" && which != "all") return api::invalid_field({"lines", "must be closest or all", "format"});
  TRY(tree, browser.tree_of(a));
  TRY(tree_graph, browser.graph(tree.tree_no));
  const auto& graph = tree_graph->graph;
  const auto language = call.language();
  TRY(relation, kinship::relation(graph, n_of(a), n_of(b)));
  TRY(phi, kinship::coefficient(graph, n_of(a), n_of(b), kCoefficientStepsMax));
  const auto word = kinship::relation_word(graph, n_of(a), relation, language);
  Writer w;
  w.begin_object();
  w.key("a");
  CHECK_OK(write_brief(w, browser, a));
  w.key("b");
  CHECK_OK(write_brief(w, browser, b));
  w.field("words", word.text.empty() ? std::nullopt : std::optional{word.text});
  w.field("wordsReviewed", !word.draft);
  w.field("coefficient", phi.kinship);
  w.key("lines");
  w.begin_array();
  std::size_t shown = 0;
  for (const auto& line : relation.lines.lines) {
    if (shown == 1 && which == "closest") break;
    CHECK_OK(
        write_line(w, browser, tree.tree_no, graph, n_of(a), line.steps, line.blood, {line.apex, line.apex_partner}, language));
    ++shown;
  }
  if (relation.path.found && (shown == 0 || which == "all")) {
    CHECK_OK(write_line(w, browser, tree.tree_no, graph, n_of(a), relation.path.steps, false, {}, language));
  }
  w.end_array();
  w.field("truncated", !relation.lines.complete);
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

inline constexpr std::uint32_t kWalkPeopleMax = 10'000;

Result<Reply> walk(Context& context, Browser& browser, const Call& call, bool up) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(generations, call.number("generations", 1, 100, 4));
  TRY(tree, browser.tree_of(rid));
  TRY(tree_graph, browser.graph(tree.tree_no));
  const kinship::WalkOptions options{.generations_max = static_cast<std::uint32_t>(generations), .people_max = kWalkPeopleMax};
  TRY(kin, up ? kinship::ancestors(tree_graph->graph, n_of(rid), options)
              : kinship::descendants(tree_graph->graph, n_of(rid), options));
  const std::size_t total = kin.people.size() - 1;  // without the root
  return paged(context, call, std::to_string(generations), total, list_etag(tree), [&](Writer& w, std::size_t i) -> Result<void> {
    const auto& one = kin.people[i + 1];
    const auto sosa = up ? kinship::sosa_number(kin, i + 1) : 0;
    w.begin_object();
    w.key("person");
    CHECK_OK(write_brief(w, browser, make_rid(tree.tree_no, one.person)));
    w.field("generation", one.generation);
    w.field("number", !up ? kinship::aboville_number(kin, i + 1) : sosa == 0 ? std::string{} : std::to_string(sosa));
    w.field("pedigree", pedigree_word(static_cast<int>(one.pedigree)));
    w.end_object();
    return {};
  });
}

Result<Reply> get_ancestors(Context& context, Browser& browser, const Call& call) { return walk(context, browser, call, true); }
Result<Reply> get_descendants(Context& context, Browser& browser, const Call& call) {
  return walk(context, browser, call, false);
}

}  // namespace

void add_kinship_routes(api::Description& description, const Shared& context) {
  const api::Parameter generations{
      .name = "generations", .type = "int", .description = "4 if not given.", .minimum = 1, .maximum = 100};
  const std::vector<api::Parameter> paged = {kIdParameter, generations, kLimitParameter, kCursorParameter};
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/ancestors",
                    .id = "getAncestors",
                    .tag = "kinship",
                    .summary = "Ancestors by generation, with Sosa numbers",
                    .parameters = paged,
                    .answer = "Page<KinRow>",
                    .errors = {404, 422},
                    .function = reading(context, get_ancestors)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/descendants",
                    .id = "getDescendants",
                    .tag = "kinship",
                    .summary = "Descendants by generation, with d'Aboville numbers",
                    .parameters = paged,
                    .answer = "Page<KinRow>",
                    .errors = {404, 422},
                    .function = reading(context, get_descendants)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/relationship-to/{other}",
                    .id = "getRelationship",
                    .tag = "kinship",
                    .summary = "What one person is to another, in words and lines",
                    .parameters = {kIdParameter,
                                   {.name = "other", .type = "uuid", .in = api::In::path},
                                   {.name = "lines", .type = "'closest'|'all'"},
                                   {.name = "lang", .description = "en, de, fr, es, sn, nd"}},
                    .answer = "Relationship",
                    .errors = {404, 422},
                    .function = reading(context, relationship)});
}

}  // namespace tablinum::genealogy_service
