#include "reference.h"

#include <simdjson.h>

#include <algorithm>

#include "highlight.h"
#include "hit.h"
#include "tablinum/base/json.h"
#include "tablinum/search/search.h"
#include "tablinum/store/records.h"
#include "tablinum/store/trees.h"

namespace tablinum::search_service {
namespace {

using api::Call;
using api::Reply;
using json::Writer;

constexpr std::size_t kLimitDefault = 20;
constexpr std::size_t kLimitMax = 100;

const search::Viewer kOwner{.circle = search::Circle::owners, .visible = {}};

struct Context {
  archive::Archive& archive;
  Briefs briefs;
};

/// What is asked, in whichever shape it came.
struct Question {
  std::string text;  ///< in the query language
  std::string tree;  ///< id; empty: the first tree
  std::vector<search::Kind> kinds;
  std::size_t skip = 0, limit = kLimitDefault;
  search::SortBy sort = search::SortBy::relevance;
  bool descending = false;
};

struct Hits {
  std::optional<store::TreeInfo> tree;  ///< nothing where there is no tree at all
  search::Answer answer;
};

Result<std::optional<store::TreeInfo>> tree_of(store::Session& session, std::string_view id) {
  if (id.empty()) {
    TRY(trees, store::list_trees(session));
    return trees.empty() ? std::nullopt : std::optional{trees.front()};
  }
  const auto uuid = parse_uuid(id);
  if (!uuid) return fail(Code::not_found, "there is no such tree");
  TRY(tree, store::find_tree(session, TreeId{*uuid}));
  if (tree.hidden) return fail(Code::not_found, "there is no such tree");
  return std::optional{tree};
}

Result<Hits> find(Context& context, store::Session& session, const Question& question) {
  Hits hits;
  TRY(tree, tree_of(session, question.tree));
  if (!tree) return hits;
  auto query = search::parse_query(question.text);
  if (!query) return api::invalid_field({"query", query.error().detail, "format"});
  if (query->kinds.empty()) query->kinds = question.kinds;
  TRY(index, context.archive.index(session, *tree));
  search::DocumentIndex documents{session};
  const search::SearchOptions options{
      .offset = question.skip, .limit = question.limit, .sort = question.sort, .descending = question.descending};
  TRY(answer, search::search(*index, {documents, tree->generation}, *query, kOwner, options));
  return Hits{std::move(tree), std::move(answer)};
}

// ---- Questions -------------------------------------------------------------------------------------------------------------

/// The reference's word for a kind; events and comments are no documents of their own here.
std::string_view type_word(search::Kind kind) noexcept {
  switch (kind) {
    case search::Kind::person: return "person";
    case search::Kind::place: return "place";
    case search::Kind::source: return "source";
    case search::Kind::media: return "media";
    default: return "note";
  }
}

/// Words of unknown kinds are passed over: the reference's pages always ask for person, event and comment together.
void add_kind(std::vector<search::Kind>& kinds, std::string_view word) {
  const auto kind = search::kind_of(word);
  if (kind && std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
}

/// A term for the query language: quoted, so that nothing in it is an operator.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? ' ' : c;
  return out + '"';
}

/// "born:1850..1900" from two dates of which only the years count; empty where neither is given.
std::string years(std::string_view field, std::string_view from, std::string_view to) {
  const auto year = [](std::string_view date) { return std::string{date.substr(0, std::min<std::size_t>(4, date.find('-')))}; };
  return from.empty() && to.empty() ? std::string{} : " " + std::string{field} + ':' + year(from) + ".." + year(to);
}

Result<void> set_sort(Question& question, std::string_view by, std::string_view order) {
  question.descending = order == "desc";
  if (by == "name" || by == "title")
    question.sort = search::SortBy::name;
  else if (by == "date" || by == "birth")
    question.sort = search::SortBy::birth;
  else if (!by.empty() && by != "relevance" && by != "_score")
    return api::invalid_field({"sort_by", "must be relevance, date or name", "unknown"});
  return {};
}

Result<Question> question_of_query(const Call& call) {
  const auto value = [&](std::string_view name) { return call.parameter(name).value_or(""); };
  TRY(limit, call.number("limit", 1, kLimitMax, kLimitDefault));
  TRY(page, call.number("page", 1, static_cast<std::int64_t>(search::kWindowMax) / limit, 1));
  Question question;
  question.limit = static_cast<std::size_t>(limit);
  question.skip = static_cast<std::size_t>((page - 1) * limit);
  question.text = value("q");
  question.text +=
      years("born", value("birthDateFrom"), value("birthDateTo")) + years("died", value("deathDateFrom"), value("deathDateTo"));
  if (!value("location").empty()) question.text += " place:" + quoted(value("location"));
  for (const auto* name : {"treeId", "familyTreeId", "family_tree_id"}) {
    if (question.tree.empty()) question.tree = value(name);
  }
  for (std::string_view rest = value("type"); !rest.empty();) {
    const auto comma = rest.find(',');
    add_kind(question.kinds, rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  CHECK_OK(set_sort(question, value("sortBy"), value("sortOrder")));
  return question;
}

std::string_view text_in(const simdjson::dom::element& object, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    std::string_view value;
    if (object[name].get(value) == simdjson::SUCCESS) return value;
  }
  return {};
}

Result<std::size_t> count_of(const simdjson::dom::element& object, std::string_view name, std::uint64_t low, std::uint64_t high,
                             std::size_t fallback) {
  simdjson::dom::element value;
  if (object[name].get(value) != simdjson::SUCCESS || value.is_null()) return fallback;
  std::uint64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number < low || number > high) {
    return api::invalid_field(
        {std::string{name}, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high), "range"});
  }
  return static_cast<std::size_t>(number);
}

/// The strings of an array, or the one string there is.
std::vector<std::string_view> texts_of(const simdjson::dom::element& object, std::string_view name) {
  std::vector<std::string_view> texts;
  simdjson::dom::array array;
  if (object[name].get(array) == simdjson::SUCCESS) {
    for (const auto item : array) {
      std::string_view text;
      if (item.get(text) == simdjson::SUCCESS) texts.push_back(text);
    }
  } else if (const auto text = text_in(object, {name}); !text.empty()) {
    texts.push_back(text);
  }
  return texts;
}

std::string range_of(const simdjson::dom::element& object, std::string_view name, std::string_view field) {
  simdjson::dom::element range;
  if (object[name].get(range) != simdjson::SUCCESS || !range.is_object()) {
    const auto date = text_in(object, {name});
    return years(field, date, date);
  }
  return years(field, text_in(range, {"from", "start", "start_date", "gte"}), text_in(range, {"to", "end", "end_date", "lte"}));
}

/// P's body: {query, document_types, family_tree_id, date_range, skip, limit, sort_by, sort_order}; for /person also names,
/// dates, places.
Result<Question> question_of_body(const simdjson::dom::element& body, bool person) {
  Question question;
  TRY(limit, count_of(body, "limit", 1, kLimitMax, kLimitDefault));
  TRY(skip, count_of(body, "skip", 0, search::kWindowMax - kLimitMax, 0));
  question.limit = limit;
  question.skip = skip;
  question.text = text_in(body, {"query", "q"});
  question.tree = text_in(body, {"family_tree_id", "familyTreeId", "treeId"});
  question.text += range_of(body, "date_range", "born");
  if (person) {
    question.kinds = {search::Kind::person};
    for (const auto& [name, field] :
         {std::pair{"first_name", "given"}, std::pair{"given_name", "given"}, std::pair{"last_name", "surname"},
          std::pair{"surname", "surname"}, std::pair{"birth_place", "place"}, std::pair{"death_place", "place"}}) {
      if (const auto value = text_in(body, {name}); !value.empty())
        question.text += ' ' + std::string{field} + ':' + quoted(value);
    }
    for (const auto name : texts_of(body, "names")) question.text += ' ' + quoted(name);
    for (const auto place : texts_of(body, "places")) question.text += " place:" + quoted(place);
    question.text += range_of(body, "birth_date", "born") + range_of(body, "death_date", "died");
  } else {
    for (const auto type : texts_of(body, "document_types")) add_kind(question.kinds, type);
  }
  CHECK_OK(set_sort(question, text_in(body, {"sort_by"}), text_in(body, {"sort_order"})));
  return question;
}

// ---- Answers ---------------------------------------------------------------------------------------------------------------

std::string plain(std::string_view html) {
  std::string text;
  for (const auto& part : parts_of(html)) text += part.text;
  return text;
}

void write_facet(Writer& w, std::string_view name, const std::vector<search::FacetValue>& values) {
  w.key(name);
  w.begin_array();
  for (const auto& value : values) {
    w.begin_object();
    w.field("value", value.value);
    w.field("count", value.count);
    w.end_object();
  }
  w.end_array();
}

Result<void> write_source(Writer& w, const WriteBrief& write_brief, const search::Hit& hit, Rid rid) {
  if (hit.kind == search::Kind::person) {
    TRY(brief, write_brief(rid));
    w.raw(brief);
    return {};
  }
  w.begin_object();
  w.field("title", plain(hit.title));
  w.end_object();
  return {};
}

/// P: {results, total, page, per_page, total_pages, query_time_ms, facets}.
Result<Reply> service_reply(Context& context, store::Session& session, const Question& question, const Hits& hits,
                            Instant begun) {
  const auto write_brief = context.briefs(context.archive, session);
  const auto& answer = hits.answer;
  Writer w;
  w.begin_object();
  w.key("results");
  w.begin_array();
  for (const auto& hit : answer.hits) {
    const Rid rid = make_rid(hits.tree->tree_no, hit.n);
    TRY(id, outside_id(session, *hits.tree, hit));
    w.begin_object();
    w.field("id", to_string(id));
    w.field("score", hit.score);
    w.field("document_type", type_word(hit.kind));
    w.field("title", plain(hit.title));
    w.field("content", plain(hit.snippet));
    w.field("privacy_level", "PRIVATE");
    w.key("metadata");
    CHECK_OK(write_source(w, write_brief, hit, rid));
    w.key("highlights");
    w.begin_object();
    w.key("title");
    w.begin_array();
    w.value(hit.title);
    w.end_array();
    w.end_object();
    w.end_object();
  }
  w.end_array();
  w.field("total", answer.total);
  w.field("page", question.skip / question.limit + 1);
  w.field("per_page", question.limit);
  w.field("total_pages", (answer.total + question.limit - 1) / question.limit);
  w.field("query_time_ms", static_cast<double>((monotonic_now() - begun).ns / 10'000) / 100);
  w.key("facets");
  w.begin_object();
  write_facet(w, "document_type", answer.facets.kind);
  write_facet(w, "surname", answer.facets.surname);
  write_facet(w, "place", answer.facets.place);
  w.end_object();
  w.end_object();
  return api::json_reply(w.take());
}

/// The pages: {data:[{_id, _score, _index, _source, highlight}], pagination}.
Result<Reply> page_reply(Context& context, store::Session& session, const Question& question, const Hits& hits) {
  const auto write_brief = context.briefs(context.archive, session);
  const auto total = hits.answer.total;
  const auto pages = (total + question.limit - 1) / question.limit;
  Writer w;
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (const auto& hit : hits.answer.hits) {
    const Rid rid = make_rid(hits.tree->tree_no, hit.n);
    TRY(id, outside_id(session, *hits.tree, hit));
    w.begin_object();
    w.field("_id", to_string(id));
    w.field("_score", hit.score);
    w.field("_index", "dzinza_" + std::string{type_word(hit.kind)} + 's');
    w.key("_source");
    CHECK_OK(write_source(w, write_brief, hit, rid));
    w.key("highlight");
    w.begin_object();
    w.key("name");
    w.begin_array();
    w.value(hit.title);
    w.end_array();
    w.end_object();
    w.end_object();
  }
  w.end_array();
  w.key("pagination");
  w.begin_object();
  w.field("page", question.skip / question.limit + 1);
  w.field("limit", question.limit);
  w.field("total", total);
  w.field("totalItems", total);
  w.field("pages", pages);
  w.field("totalPages", pages);
  w.end_object();
  w.end_object();
  return api::json_reply(w.take());
}

Result<Reply> search_pages(Context& context, const Call& call) {
  TRY(question, question_of_query(call));
  TRY(reader, context.archive.database().reader());
  TRY(hits, find(context, reader, question));
  return page_reply(context, reader, question, hits);
}

Result<Reply> search_service(Context& context, const Call& call, bool person) {
  const Instant begun = monotonic_now();
  simdjson::dom::parser parser;
  simdjson::dom::element body;
  if (parser.parse(call.body).get(body) != simdjson::SUCCESS || !body.is_object())
    return api::invalid_field({"body", "is no JSON object", "format"});
  TRY(question, question_of_body(body, person));
  TRY(reader, context.archive.database().reader());
  TRY(hits, find(context, reader, question));
  return service_reply(context, reader, question, hits, begun);
}

}  // namespace

void add_reference_routes(api::Description& description, archive::Archive& archive, const Briefs& briefs) {
  const auto context = std::make_shared<Context>(Context{archive, briefs});
  const auto add = [&](std::string_view method, std::string_view path, std::string_view body, api::Function function,
                       auto... aliases) {
    api::Route route;
    route.method = method;
    route.path = path;
    route.body = body;
    route.function = std::move(function);
    route.aliases = {aliases...};
    route.described = false;
    description.routes.push_back(std::move(route));
  };
  add("GET", "/api/search", "", [context](const Call& call) { return search_pages(*context, call); }, "/v1/search");
  add(
      "POST", "/api/v1/search", "json", [context](const Call& call) { return search_service(*context, call, false); },
      "/api/search", "/v1/search");
  add(
      "POST", "/api/v1/search/person", "json", [context](const Call& call) { return search_service(*context, call, true); },
      "/api/search/person", "/v1/search/person");
}

}  // namespace tablinum::search_service
