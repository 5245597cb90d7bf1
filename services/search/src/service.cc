#include "tablinum/search_service/service.h"

#include <algorithm>

#include "highlight.h"
#include "hit.h"
#include "reference.h"
#include "tablinum/base/json.h"
#include "tablinum/search/search.h"
#include "tablinum/store/places.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::search_service {
namespace {

using api::Call;
using api::Reply;
using json::Writer;

struct Context {
  archive::Archive& archive;
  Briefs briefs;
  api::Cursors cursors;
};

/// Everything is visible to whoever reaches the server, since there are no accounts.
const search::Viewer kOwner{.circle = search::Circle::owners, .visible = {}};

Result<store::TreeInfo> tree_asked_for(store::Session& session, const Call& call) {
  const auto id = call.parameter("treeId");
  if (!id) return api::invalid_field({"treeId", "is missing", "missing"});
  const auto uuid = parse_uuid(*id);
  if (!uuid) return api::invalid_field({"treeId", "is no id", "format"});
  TRY(tree, store::find_tree(session, TreeId{*uuid}));
  if (tree.hidden) return fail(Code::not_found, "there is no such tree");
  return tree;
}

std::string_view type_word(search::Kind kind) noexcept {
  switch (kind) {
    case search::Kind::place: return "place";
    case search::Kind::source: return "source";
    case search::Kind::media: return "media";
    case search::Kind::person: return "person";
    default: return "note";
  }
}

std::string_view match_word(search::Match match) noexcept {
  switch (match) {
    case search::Match::exact: return "exact";
    case search::Match::fold: return "folded";
    case search::Match::translit: return "transliterated";
    case search::Match::prefix: return "prefix";
    case search::Match::typo1:
    case search::Match::typo2: return "typo";
    case search::Match::nickname: return "nickname";
    case search::Match::phonetic: return "phonetic";
  }
  return "exact";
}

/// The kinds of record that have a page to lead to.
const std::vector<search::Kind> kShown = {search::Kind::person, search::Kind::place, search::Kind::source, search::Kind::media,
                                          search::Kind::note};

Result<std::vector<search::Kind>> kinds_asked_for(const Call& call) {
  const auto types = call.parameter("type");
  if (!types || types->empty()) return kShown;
  std::vector<search::Kind> kinds;
  std::string_view rest = *types;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto kind = search::kind_of(rest.substr(0, comma));
    if (!kind || std::ranges::find(kShown, *kind) == kShown.end()) {
      return api::invalid_field({"type", "must be of person, place, source, media, note", "format"});
    }
    if (std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  std::ranges::sort(kinds);
  return kinds;
}

/// The query text with the parameters beside it, in the query language, so that one parser checks both.
Result<search::Query> query_of(const Call& call) {
  std::string text{call.parameter("q").value_or("")};
  for (const auto& [parameter, field] : {std::pair{"birth", "born"}, std::pair{"death", "died"}}) {
    if (const auto value = call.parameter(parameter)) text += ' ' + std::string{field} + ':' + std::string{*value};
  }
  auto query = search::parse_query(text);
  if (!query) return api::invalid_field({"q", query.error().detail, "format"});
  TRY(kinds, kinds_asked_for(call));
  if (query->kinds.empty()) query->kinds = kinds;
  return *query;
}

void write_named(Writer& w, std::string_view name, const std::vector<search::FacetValue>& values) {
  w.key(name);
  w.begin_array();
  for (const auto& value : values) {
    w.begin_object();
    w.field("id", std::optional<std::string>{});
    w.field("name", value.value);
    w.field("count", value.count);
    w.end_object();
  }
  w.end_array();
}

void write_facets(Writer& w, const search::Facets& facets) {
  w.key("facets");
  w.begin_object();
  w.key("types");
  w.begin_array();
  for (const auto& value : facets.kind) {
    const auto kind = search::kind_of(value.value);
    if (!kind || std::ranges::find(kShown, *kind) == kShown.end()) continue;
    w.begin_object();
    w.field("type", type_word(*kind));
    w.field("count", value.count);
    w.end_object();
  }
  w.end_array();
  write_named(w, "surnames", facets.surname);
  write_named(w, "places", facets.place);
  w.key("decades");
  w.begin_array();
  for (const auto& value : facets.decade) {
    w.begin_object();
    w.field("decade", std::stoi(value.value));
    w.field("count", value.count);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_parts(Writer& w, std::string_view field, std::string_view html) {
  w.begin_object();
  w.field("field", field);
  w.key("parts");
  w.begin_array();
  for (const auto& part : parts_of(html)) {
    w.begin_object();
    w.field("text", part.text);
    w.field("match", part.match);
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

search::Match weakest(const search::Hit& hit) noexcept {
  auto match = search::Match::exact;
  if (hit.explanation) {
    for (const auto& reason : hit.explanation->reasons) match = std::max(match, reason.match);
  }
  return match;
}

void write_explanation(Writer& w, const search::Explanation& explanation) {
  w.key("explanation");
  w.begin_object();
  w.key("reasons");
  w.begin_array();
  for (const auto& reason : explanation.reasons) {
    w.begin_object();
    w.field("word", reason.word);
    w.field("matched", reason.matched);
    w.field("field", search::to_string(reason.field));
    w.field("match", match_word(reason.match));
    w.field("idf", reason.idf);
    w.field("points", reason.points);
    w.end_object();
  }
  w.end_array();
  w.field("maximum", explanation.maximum);
  w.field("dateFit", explanation.date_fit);
  w.field("links", explanation.links);
  w.end_object();
}

Result<void> write_hit(Writer& w, const WriteBrief& write_brief, store::Session& session, const store::TreeInfo& tree,
                       const search::Hit& hit, bool explain) {
  const Rid rid = make_rid(tree.tree_no, hit.n);
  TRY(id, outside_id(session, tree, hit));
  TRY(around, places_around(session, tree, hit));
  std::string title;
  for (const auto& part : parts_of(hit.title)) title += part.text;
  w.begin_object();
  w.field("type", type_word(hit.kind));
  w.field("id", to_string(id));
  w.field("treeId", to_string(tree.id.value()));
  w.field("title", title);
  w.field("subtitle", around);
  w.key("person");
  if (hit.kind == search::Kind::person) {
    TRY(brief, write_brief(rid));
    w.raw(brief);
  } else {
    w.null();
  }
  w.field("score", hit.score);
  w.field("match", match_word(weakest(hit)));
  w.key("highlights");
  w.begin_array();
  write_parts(w, "name", hit.title);
  if (!hit.snippet.empty()) write_parts(w, "text", hit.snippet);
  w.end_array();
  if (explain && hit.explanation) write_explanation(w, *hit.explanation);
  w.end_object();
  return {};
}

/// Another spelling that would find more, with what it finds.
Result<void> write_also(Writer& w, const search::TreeIndex& index, search::Snapshot snapshot, const search::Query& query,
                        const search::Answer& answer) {
  w.key("also");
  w.begin_array();
  if (answer.did_you_mean) {
    auto other = search::parse_query(*answer.did_you_mean);
    if (other) {
      other->kinds = query.kinds;
      // What nobody typed is not shown: the kinds that have a page are our addition.
      auto shown = *other;
      if (shown.kinds == kShown) shown.kinds.clear();
      TRY(found, search::search(index, snapshot, *other, kOwner, {.limit = 0, .facets = false, .highlights = false}));
      w.begin_object();
      w.field("text", search::print(shown));
      w.field("match", "typo");
      w.field("count", found.total);
      w.end_object();
    }
  }
  w.end_array();
  return {};
}

Result<Reply> search_route(Context& context, const Call& call) {
  const Instant begun = monotonic_now();
  TRY(reader, context.archive.database().reader());
  TRY(tree, tree_asked_for(reader, call));
  TRY(query, query_of(call));
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, 20));
  const std::string binding = to_string(tree.id.value()) + search::print(query);
  search::SearchOptions options{.limit = static_cast<std::size_t>(limit), .explain = true};
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(binding, *cursor));
    options.offset = fields.size() == 1 ? std::stoull(fields[0]) : 0;
  }
  TRY(index, context.archive.index(reader, tree));
  search::DocumentIndex documents{reader};
  const search::Snapshot snapshot{documents, tree.generation};
  TRY(answer, search::search(*index, snapshot, query, kOwner, options));
  const bool explain = call.parameter("explain") == "true";
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  const auto write_brief = context.briefs(context.archive, reader);
  for (const auto& hit : answer.hits) CHECK_OK(write_hit(w, write_brief, reader, tree, hit, explain));
  w.end_array();
  w.field("total", answer.total);
  const auto next =
      answer.next_offset ? std::optional{context.cursors.seal(binding, {std::to_string(*answer.next_offset)})} : std::nullopt;
  w.field("nextCursor", next);
  write_facets(w, answer.facets);
  CHECK_OK(write_also(w, *index, snapshot, query, answer));
  w.field("tookMs", static_cast<double>((monotonic_now() - begun).ns / 10'000) / 100);
  w.end_object();
  return api::json_reply(w.take());
}

/// A word that is no part of a name stands in a place's or a title.
std::string_view word_kind(search::NamePart part) noexcept {
  if (part == search::NamePart::none) return "place";
  return part == search::NamePart::given ? "given" : "surname";
}

Result<Reply> suggest_route(Context& context, const Call& call) {
  TRY(reader, context.archive.database().reader());
  TRY(tree, tree_asked_for(reader, call));
  const auto typed = call.parameter("q");
  if (!typed || typed->empty()) return api::invalid_field({"q", "is missing", "missing"});
  TRY(limit, call.number("limit", 1, search::kSuggestionsMax, 10));
  TRY(index, context.archive.index(reader, tree));
  auto suggestions = search::suggest(*index, *typed, kOwner, static_cast<std::size_t>(limit));
  if (!suggestions) return api::invalid_field({"q", suggestions.error().detail, "range"});
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  const auto write_brief = context.briefs(context.archive, reader);
  for (const auto& suggestion : *suggestions) {
    w.begin_object();
    if (suggestion.person) {
      const Rid rid = make_rid(tree.tree_no, *suggestion.person);
      TRY(id, store::id_of(reader, rid));
      TRY(brief, write_brief(rid));
      w.field("kind", "person");
      w.field("text", suggestion.text);
      w.field("id", to_string(id.value()));
      w.key("person");
      w.raw(brief);
    } else {
      w.field("kind", word_kind(suggestion.part));
      w.field("text", suggestion.text);
      w.field("id", std::optional<std::string>{});
      w.key("person");
      w.null();
    }
    w.field("count", suggestion.count);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take());
}

}  // namespace

void describe(api::Description& description, archive::Archive& archive, Briefs briefs) {
  add_reference_routes(description, archive, briefs);
  const auto context = std::make_shared<Context>(Context{archive, std::move(briefs), {}});
  const api::Parameter tree{.name = "treeId", .type = "uuid", .required = true};
  description.routes.push_back(
      {.method = "GET",
       .path = "/api/v1/search",
       .id = "search",
       .tag = "search",
       .summary = "Finds people, places, sources, media and notes",
       .parameters = {tree,
                      {.name = "q", .description = "Words, \"phrases\", surname: given: born: died: place: sex: living: type:"},
                      {.name = "type", .description = "person,place,source,media,note"},
                      {.name = "birth", .description = "Year or FIRST..LAST."},
                      {.name = "death", .description = "Year or FIRST..LAST."},
                      {.name = "explain", .type = "'true'|'false'", .description = "With the terms of each score."},
                      {.name = "limit", .type = "int", .minimum = 1, .maximum = api::kPageLimitMax},
                      {.name = "cursor"}},
       .answer = "SearchAnswer",
       .errors = {404, 422},
       .function = [context](const Call& call) { return search_route(*context, call); }});
  description.routes.push_back(
      {.method = "GET",
       .path = "/api/v1/search/suggest",
       .id = "suggest",
       .tag = "search",
       .summary = "Completes what is being typed",
       .parameters =
           {tree,
            {.name = "q", .required = true},
            {.name = "limit", .type = "int", .minimum = 1, .maximum = static_cast<std::int64_t>(search::kSuggestionsMax)}},
       .answer = "Suggestions",
       .errors = {404, 422},
       .function = [context](const Call& call) { return suggest_route(*context, call); }});
}

}  // namespace tablinum::search_service
