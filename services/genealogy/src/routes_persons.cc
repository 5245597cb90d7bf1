#include <algorithm>

#include "routes.h"
#include "tablinum/search/search.h"
#include "tablinum/store/overview.h"
#include "tablinum/tree/kinship/relationship.h"
#include "tablinum/tree/kinship/words.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;

// ---- Lists -----------------------------------------------------------------------------------------------------------------

/// What a list of people is asked for: sort and filters of web.md §6.
struct ListQuery {
  search::Query query;
  search::SearchOptions options;
  bool plain = true;  ///< no filter, sorted by surname: the database's own order
};

Result<search::YearRange> year_range(std::string_view field, std::string_view text) {
  const auto wrong = [&] { return api::invalid_field({std::string{field}, "must be YEAR or FIRST..LAST", "format"}); };
  const auto year = [](std::string_view part) -> std::optional<std::int16_t> {
    std::int32_t value = 0;
    const bool negative = part.starts_with('-');
    if (negative) part.remove_prefix(1);
    if (part.empty() || part.size() > 4) return std::nullopt;
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return static_cast<std::int16_t>(negative ? -value : value);
  };
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) {
    const auto single = year(text);
    if (!single) return wrong();
    return search::YearRange{single, single};
  }
  const auto first = text.substr(0, dots), last = text.substr(dots + 2);
  search::YearRange range{year(first), year(last)};
  if ((!first.empty() && !range.from) || (!last.empty() && !range.to) || (first.empty() && last.empty())) return wrong();
  return range;
}

Result<void> add_filter(Browser& browser, const store::TreeInfo& tree, ListQuery& list, std::string_view field,
                        std::string_view value, std::string_view name) {
  list.plain = false;
  if (field == "surname") {
    list.query.surnames.emplace_back(value);
    list.options.spelling = search::Spelling::as_written;
    return {};
  }
  if (field == "surname~") {
    list.query.surnames.emplace_back(value);
    list.options.spelling = search::Spelling::wide;
    return {};
  }
  if (field == "birth" || field == "death") {
    TRY(range, year_range(name, value));
    (field == "birth" ? list.query.born : list.query.died) = range;
    return {};
  }
  if (field == "living") {
    if (value != "true" && value != "false") return api::invalid_field({std::string{name}, "must be true or false", "format"});
    list.query.living = value == "true";
    return {};
  }
  if (field == "sex") {
    static constexpr std::string_view kLetters = "UMFX";
    if (value.size() != 1 || kLetters.find(value) == std::string_view::npos) {
      return api::invalid_field({std::string{name}, "must be F, M, X or U", "format"});
    }
    list.query.sex = static_cast<search::Sex>(kLetters.find(value));
    return {};
  }
  if (field == "place") {
    const auto id = value.starts_with("id:") ? parse_uuid(value.substr(3)) : Result<Uuid>{fail(Code::invalid)};
    const auto pid = id ? place_of(tree, *id) : std::nullopt;
    if (!pid) return api::invalid_field({std::string{name}, "must be id:PLACE", "format"});
    TRY(place, store::find_place(browser.session(), *pid));
    list.query.places.push_back(place.name);
    return {};
  }
  return api::invalid_field({std::string{name}, "is no filter of this list", "unknown"});
}

Result<ListQuery> list_query(Browser& browser, const store::TreeInfo& tree, const Call& call) {
  ListQuery list;
  list.query.kinds = {search::Kind::person};
  list.options.sort = search::SortBy::name;
  list.options.facets = list.options.highlights = false;
  for (const auto& [name, value] : call.query) {
    if (!name.starts_with("filter[")) continue;
    // "filter[surname]" or, for "sounds like", "filter[surname]~".
    const auto close = name.find(']');
    if (close == std::string::npos) return api::invalid_field({name, "is no filter of this list", "unknown"});
    const std::string field = name.substr(7, close - 7) + name.substr(close + 1);
    CHECK_OK(add_filter(browser, tree, list, field, value, name));
  }
  if (const auto sort = call.parameter("sort")) {
    auto key = sort->substr(0, sort->find(','));
    list.options.descending = key.starts_with('-');
    if (list.options.descending) key.remove_prefix(1);
    if (key == "birth")
      list.options.sort = search::SortBy::birth;
    else if (key != "surname")
      return api::invalid_field({"sort", "must be surname or birth, with - for the other direction", "unknown"});
    list.plain = list.plain && key == "surname" && !list.options.descending;
  }
  return list;
}

Result<Reply> plain_list(Context& context, Browser& browser, const Call& call, const store::TreeInfo& tree) {
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  TRY(skip, call.number("skip", 0, api::kSkipMax, 0));
  const std::string binding = std::string{call.path} + "?by-name";
  std::optional<store::PersonCursor> after;
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(binding, *cursor));
    if (fields.size() == 2)
      after = store::PersonCursor{fields[0], make_rid(tree.tree_no, static_cast<std::uint32_t>(std::stoul(fields[1])))};
  }
  TRY(total, store::count_records(browser.session(), tree.tree_no, store::RecordKind::person));
  TRY(entries, store::list_persons(browser.session(), tree.tree_no, after, static_cast<std::size_t>(skip),
                                   static_cast<std::size_t>(limit) + 1));
  const bool more = entries.size() > static_cast<std::size_t>(limit);
  if (more) entries.pop_back();
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& entry : entries) CHECK_OK(write_brief(w, browser, entry.person.rid));
  w.end_array();
  w.field("total", total);
  w.field("nextCursor", more ? std::optional{context.cursors.seal(
                                   binding, {entries.back().sort_key, std::to_string(n_of(entries.back().person.rid))})}
                             : std::nullopt);
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

Result<Reply> list_persons(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(list, list_query(browser, tree, call));
  if (list.plain) return plain_list(context, browser, call, tree);
  TRY(limit, call.number("limit", 1, api::kPageLimitMax, api::kPageLimitDefault));
  TRY(skip, call.number("skip", 0, api::kSkipMax - api::kPageLimitMax, 0));
  const std::string binding = std::string{call.path} + '?' + binding_of(call);
  if (const auto cursor = call.parameter("cursor")) {
    TRY(fields, context.cursors.open(binding, *cursor));
    list.options.after = static_cast<std::uint32_t>(std::stoul(fields.at(0)));  // signed by us, so a number
  }
  // One more than asked for tells whether there is another page.
  list.options.offset = static_cast<std::size_t>(skip);
  list.options.limit = static_cast<std::size_t>(limit) + 1;
  TRY(index, browser.index(tree));
  search::DocumentIndex documents{browser.session()};
  TRY(answer, search::search(*index, {documents, tree.generation}, list.query,
                             {.circle = search::Circle::owners, .visible = {}}, list.options));
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  const bool more = answer.hits.size() > static_cast<std::size_t>(limit);
  if (more) answer.hits.pop_back();
  for (const auto& hit : answer.hits) CHECK_OK(write_brief(w, browser, make_rid(tree.tree_no, hit.n)));
  w.end_array();
  w.field("total", answer.total);
  w.field("nextCursor", more ? std::optional{context.cursors.seal(binding, {std::to_string(answer.hits.back().n)})} : std::nullopt);
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

Result<Reply> anchors(Context& context, Browser& browser, const Call& call) {
  TRY(tree, browser.tree(call.segment("tree")));
  TRY(total, store::count_records(browser.session(), tree.tree_no, store::RecordKind::person));
  TRY(found, store::person_anchors(browser.session(), tree.tree_no, store::kAnchorStep));
  const std::string list_path = std::string{call.path.substr(0, call.path.rfind('/'))};
  const auto cursor_of = [&](const store::PersonAnchor& anchor) -> std::optional<std::string> {
    if (anchor.row == 0) return std::nullopt;
    return context.cursors.seal(list_path + "?by-name", {anchor.before.sort_key, std::to_string(n_of(anchor.before.rid))});
  };
  Writer w;
  w.begin_object();
  w.field("total", total);
  w.field("step", store::kAnchorStep);
  w.key("anchors");
  w.begin_array();
  for (const auto& anchor : found.anchors) {
    w.begin_object();
    w.field("row", anchor.row);
    w.field("label", anchor.label);
    w.field("cursor", cursor_of(anchor));
    w.end_object();
  }
  w.end_array();
  w.key("initials");
  w.begin_array();
  for (const auto& anchor : found.initials) {
    w.begin_object();
    w.field("initial", anchor.label);
    w.field("row", anchor.row);
    w.field("cursor", cursor_of(anchor));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

// ---- One person ------------------------------------------------------------------------------------------------------------

void write_name(Writer& w, const PersonData& person, std::size_t index) {
  const auto& names = person.view.names;
  const auto& name = names[index];
  const auto or_null = [](std::string_view text) { return text.empty() ? std::nullopt : std::optional{text}; };
  w.begin_object();
  w.field("id", node_id(person.record, name.number));
  w.field("kind", name.kind == model::NameKind::not_stated ? "birth" : model::to_string(name.kind));
  w.field("phrase", or_null(name.kind_phrase));
  w.field("text", model::display_name(name));
  w.field("prefix", name.prefix);
  w.field("given", name.given);
  w.field("nickname", name.nickname);
  w.field("surnamePrefix", name.surname_prefix);
  w.field("surname", name.surname);
  w.field("suffix", name.suffix);
  w.field("lang", or_null(name.language));
  w.key("variants");
  w.begin_array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == index || names[i].main != index || names[i].variant == model::NameVariant::main) continue;
    w.begin_object();
    w.field("text", model::display_name(names[i]));
    w.field("lang", or_null(names[i].language));
    w.field("kind", names[i].variant == model::NameVariant::romanised  ? "romanised"
                    : names[i].variant == model::NameVariant::phonetic ? "phonetic"
                                                                       : "translation");
    w.end_object();
  }
  w.end_array();
  w.field("citations", count_links(person.view, model::LinkKind::citation, name.node));
  w.end_object();
}

Result<void> write_relation_to_home(Writer& w, Browser& browser, Rid rid, const archive::TreeGraph& graph,
                                    std::string_view language) {
  const auto n = n_of(rid);
  if (graph.home == kinship::kNone || graph.home == n) return w.null(), Result<void>{};
  TRY(relation, kinship::relation(graph.graph, graph.home, n, {.lines_max = 1, .steps_max = 20'000}));
  const auto word = kinship::relation_word(graph.graph, graph.home, relation, language);
  if (word.text.empty()) return w.null(), Result<void>{};
  const Rid home = make_rid(tree_no_of(rid), graph.home);
  TRY(person, browser.person(home));
  const auto* name = person->view.preferred_name();
  w.begin_object();
  w.field("personId", to_string(person->record.id.value()));
  w.field("name", name == nullptr ? std::string{} : model::display_name(*name));
  w.field("words", word.text);
  w.end_object();
  return {};
}

/// Own facts in the order of the life.
Result<void> write_facts(Writer& w, Browser& browser, const store::TreeInfo& tree, const PersonData& person) {
  w.begin_array();
  const auto owner = owner_of(tree, person);
  for (const auto index : life_order(person.view.events)) CHECK_OK(write_fact(w, browser, owner, index, {}));
  w.end_array();
  return {};
}

}  // namespace

Result<void> write_person(Writer& w, Browser& browser, Rid rid, std::string_view language, bool with_family) {
  TRY(person, browser.person(rid));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  const auto& view = person->view;
  w.begin_object();
  w.field("id", to_string(person->record.id.value()));
  w.field("version", person->record.version);
  w.field("treeId", to_string(tree.id.value()));
  w.key("brief");
  CHECK_OK(write_brief(w, browser, rid));
  w.key("names");
  w.begin_array();
  for (std::size_t i = 0; i < view.names.size(); ++i) {
    if (view.names[i].variant == model::NameVariant::main) write_name(w, *person, i);
  }
  w.end_array();
  w.field("sex", sex_letter(view.sex));
  w.field("living", n_of(rid) < graph->living.size() && graph->living[n_of(rid)]);
  w.field("livingStated", view.living);
  w.key("facts");
  CHECK_OK(write_facts(w, browser, tree, *person));
  w.key("portrait");
  TRY(portrait, portrait_media(browser, *person));
  if (portrait)
    CHECK_OK(write_media_ref(w, browser, *portrait));
  else
    w.null();
  w.key("counts");
  w.begin_object();
  w.field("citations", count_links(view, model::LinkKind::citation));
  w.field("media", count_links(view, model::LinkKind::media));
  w.field("notes", count_links(view, model::LinkKind::note));
  w.field("events", view.events.size());
  w.end_object();
  w.key("notes");
  CHECK_OK(write_notes(w, browser, person->record, view, 0));
  w.key("relationToHome");
  CHECK_OK(write_relation_to_home(w, browser, rid, *graph, language));
  w.key("redacted");
  w.begin_array();
  w.end_array();
  w.field("changedAt", view.changed_at ? std::optional{to_rfc3339(*view.changed_at)} : std::nullopt);
  if (with_family) {
    w.key("family");
    CHECK_OK(write_person_family(w, browser, rid));
  }
  w.end_object();
  return {};
}

namespace {

bool wants_family(const Call& call) { return call.parameter("include").value_or("").find("family") != std::string_view::npos; }

/// Everything a person's reply depends on besides the tree.
std::string person_key(const Call& call) {
  return std::string{call.segment("id")} + (wants_family(call) ? "+family/" : "/") + call.language();
}

api::Function get_person(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    const auto epoch = context->replies.epoch();
    TRY(browser, Browser::open(context->archive));
    TRY(rid, browser.person_rid(call.segment("id")));
    TRY(tree, browser.tree_of(rid));
    TRY(person, browser.person(rid));
    Writer w;
    CHECK_OK(write_person(w, browser, rid, call.language(), wants_family(call)));
    auto reply = api::json_reply(w.take(), record_etag(person->record, tree));
    context->replies.keep(person_key(call), {.tree_no = tree.tree_no, .generation = tree.generation, .epoch = epoch}, reply);
    return reply;
  };
}

/// An event of the person or of a family the person is a partner in.
struct LifeEvent {
  const PersonData* person = nullptr;
  const FamilyData* family = nullptr;
  std::size_t index = 0;
  std::optional<Rid> partner;
  std::string_view relation = "self";
  std::optional<Rid> whose;
  const model::EventView& view() const { return person != nullptr ? person->view.events[index] : family->view.events[index]; }
};

Result<void> add_own(Browser& browser, Rid rid, std::vector<LifeEvent>& out) {
  TRY(person, browser.person(rid));
  for (std::size_t i = 0; i < person->view.events.size(); ++i)
    out.push_back({.person = person, .index = i, .partner = {}, .whose = {}});
  return {};
}

Result<void> add_unions(Browser& browser, Rid rid, const archive::TreeGraph& graph, std::vector<LifeEvent>& out) {
  for (const auto family_n : graph.graph.families(n_of(rid))) {
    TRY(family, browser.family(make_rid(tree_no_of(rid), family_n)));
    const auto other = graph.graph.partner_of(n_of(rid), family_n);
    const auto partner = other == kinship::kNone ? std::nullopt : std::optional{make_rid(tree_no_of(rid), other)};
    for (std::size_t i = 0; i < family->view.events.size(); ++i) {
      out.push_back({.family = family, .index = i, .partner = partner, .whose = {}});
    }
  }
  return {};
}

void sort_by_time(std::vector<LifeEvent>& events) {
  const auto rank = [](const LifeEvent& e) {
    return e.relation != "self"                       ? 1
           : e.view().type == model::EventType::birth ? 0
           : e.view().type == model::EventType::death ? 2
                                                      : 1;
  };
  std::vector<std::pair<model::DateSortKey, std::size_t>> keys;
  for (std::size_t i = 0; i < events.size(); ++i) keys.emplace_back(model::sort_key(events[i].view()), i);
  std::ranges::sort(keys, [&](const auto& a, const auto& b) {
    if (a.first.day != b.first.day) return a.first.day < b.first.day;
    const int ra = rank(events[a.second]), rb = rank(events[b.second]);
    return ra != rb ? ra < rb : a.second < b.second;
  });
  std::vector<LifeEvent> sorted;
  for (const auto& key : keys) sorted.push_back(events[key.second]);
  events = std::move(sorted);
}

Result<void> write_life_event(Writer& w, Browser& browser, const store::TreeInfo& tree, const LifeEvent& event) {
  const auto owner = event.person != nullptr ? owner_of(tree, *event.person) : owner_of(tree, *event.family);
  return write_fact(w, browser, owner, event.index, event.partner);
}

Result<Reply> get_events(Context& context, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  std::vector<LifeEvent> events;
  CHECK_OK(add_own(browser, rid, events));
  CHECK_OK(add_unions(browser, rid, *graph, events));
  sort_by_time(events);
  return paged(context, call, "", events.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_life_event(w, browser, tree, events[i]); });
}

inline constexpr std::size_t kTimelineKinMax = 200;

/// Births and deaths of the people near, as far as they lie within the life.
Result<void> add_kin(Browser& browser, Rid rid, const archive::TreeGraph& graph, std::vector<LifeEvent>& out) {
  struct Kin {
    kinship::PersonN n;
    std::string_view relation;
    bool born, died;
  };
  std::vector<Kin> kin;
  const auto n = n_of(rid);
  const auto parents = graph.graph.parents(n);
  if (parents.father != kinship::kNone) kin.push_back({parents.father, "father", false, true});
  if (parents.mother != kinship::kNone) kin.push_back({parents.mother, "mother", false, true});
  if (parents.family != kinship::kNone) {
    for (const auto sibling : graph.graph.children(parents.family)) {
      if (sibling != n) kin.push_back({sibling, "sibling", true, true});
    }
  }
  for (const auto family : graph.graph.families(n)) {
    const auto partner = graph.graph.partner_of(n, family);
    if (partner != kinship::kNone) kin.push_back({partner, "partner", false, true});
    for (const auto child : graph.graph.children(family)) kin.push_back({child, "child", true, true});
  }
  if (kin.size() > kTimelineKinMax) kin.resize(kTimelineKinMax);
  TRY(self, browser.person(rid));
  const auto born = self->view.birth_days().min;
  const auto died = self->view.death_days().max;
  for (const auto& one : kin) {
    const Rid kin_rid = make_rid(tree_no_of(rid), one.n);
    TRY(person, browser.person(kin_rid));
    for (const auto index : {one.born ? person->view.birth : model::kNone, one.died ? person->view.death : model::kNone}) {
      if (index == model::kNone) continue;
      const auto& days = person->view.events[index].date.days;
      // Only what can have happened in the life; of an unknown day nobody can say.
      if (days.open() || (born && days.max && *days.max < *born) || (died && days.min && *days.min > *died)) continue;
      out.push_back({.person = person, .index = index, .partner = {}, .relation = one.relation, .whose = kin_rid});
    }
  }
  return {};
}

Result<Reply> get_timeline(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  std::vector<LifeEvent> events;
  CHECK_OK(add_own(browser, rid, events));
  CHECK_OK(add_unions(browser, rid, *graph, events));
  CHECK_OK(add_kin(browser, rid, *graph, events));
  sort_by_time(events);
  Writer w;
  w.begin_object();
  w.key("items");
  w.begin_array();
  for (const auto& event : events) {
    w.begin_object();
    w.key("fact");
    CHECK_OK(write_life_event(w, browser, tree, event));
    w.field("relation", event.relation);
    w.key("person");
    if (event.whose)
      CHECK_OK(write_brief(w, browser, *event.whose));
    else
      w.null();
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return api::json_reply(w.take(), list_etag(tree));
}

Result<Reply> get_citations(Context& context, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(person, browser.person(rid));
  std::vector<const model::LinkView*> citations;
  for (const auto& link : person->view.links) {
    if (link.kind == model::LinkKind::citation) citations.push_back(&link);
  }
  const auto worth = [](const model::LinkView* link) { return link->quality == model::kNoQuality ? -1 : int{link->quality}; };
  std::ranges::sort(
      citations, [&](const auto* a, const auto* b) { return worth(a) != worth(b) ? worth(a) > worth(b) : a->node < b->node; });
  return paged(context, call, "", citations.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_citation(w, browser, owner_of(tree, *person), *citations[i]); });
}

Result<Reply> get_media(Context& context, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  TRY(person, browser.person(rid));
  std::vector<Rid> media;
  for (const auto& link : person->view.links) {
    if (link.kind != model::LinkKind::media) continue;
    const auto target = browser.resolve(link.target);
    if (target && std::ranges::find(media, *target) == media.end()) media.push_back(*target);
  }
  return paged(context, call, "", media.size(), list_etag(tree),
               [&](Writer& w, std::size_t i) { return write_media(w, browser, media[i]); });
}

Result<Reply> get_family(Context&, Browser& browser, const Call& call) {
  TRY(rid, browser.person_rid(call.segment("id")));
  TRY(tree, browser.tree_of(rid));
  Writer w;
  CHECK_OK(write_person_family(w, browser, rid));
  return api::json_reply(w.take(), list_etag(tree));
}

}  // namespace

void add_person_routes(api::Description& description, const Shared& context) {
  const std::vector<api::Parameter> filters = {
      {.name = "sort", .description = "surname (default) or birth; a leading - turns the order round."},
      {.name = "filter[surname]", .description = "Surname, however capitalised or accented."},
      {.name = "filter[surname]~", .description = "Surname that sounds like it."},
      {.name = "filter[birth]", .description = "Year or FIRST..LAST."},
      {.name = "filter[death]", .description = "Year or FIRST..LAST."},
      {.name = "filter[place]", .description = "id:PLACE"},
      {.name = "filter[living]", .type = "'true'|'false'"},
      {.name = "filter[sex]", .type = "'F'|'M'|'X'|'U'"}};
  auto list_parameters = filters;
  list_parameters.insert(list_parameters.begin(), kTreeParameter);
  list_parameters.push_back(kLimitParameter);
  list_parameters.push_back(kCursorParameter);
  list_parameters.push_back(
      {.name = "skip", .type = "int", .description = "Rows to pass over.", .minimum = 0, .maximum = api::kSkipMax});
  auto& routes = description.routes;
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/persons",
                    .id = "listPersons",
                    .tag = "persons",
                    .summary = "The people of a tree",
                    .parameters = list_parameters,
                    .answer = "Page<PersonBrief>",
                    .errors = {404, 422},
                    .function = reading(context, list_persons)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/trees/{tree}/persons/anchors",
                    .id = "personAnchors",
                    .tag = "persons",
                    .summary = "Where the list of people, by surname, can be entered",
                    .parameters = {kTreeParameter},
                    .answer = "Anchors",
                    .errors = {404},
                    .function = reading(context, anchors)});
  routes.push_back(
      {.method = "GET",
       .path = "/api/v1/persons/{id}",
       .id = "getPerson",
       .tag = "persons",
       .summary = "One person",
       .parameters = {kIdParameter, {.name = "include", .type = "'family'"}, {.name = "lang", .description = "en, de, fr, es, sn, nd"}},
       .answer = "Person",
       .errors = {404},
       .function = get_person(context),
       .from_memory = [context](const Call& call) { return context->replies.find(person_key(call)); }});
  const std::vector<api::Parameter> paged = {kIdParameter, kLimitParameter, kCursorParameter};
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/family",
                    .id = "getPersonFamily",
                    .tag = "persons",
                    .summary = "Parents, partners, siblings and children",
                    .parameters = {kIdParameter},
                    .answer = "PersonFamily",
                    .errors = {404},
                    .function = reading(context, get_family)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/timeline",
                    .id = "getTimeline",
                    .tag = "persons",
                    .summary = "The life in order of time, with what happened to those near",
                    .parameters = {kIdParameter},
                    .answer = "Timeline",
                    .errors = {404},
                    .function = reading(context, get_timeline)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/events",
                    .id = "getPersonEvents",
                    .tag = "persons",
                    .summary = "Own facts and those of the unions",
                    .parameters = paged,
                    .answer = "Page<Fact>",
                    .errors = {404, 422},
                    .function = reading(context, get_events)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/citations",
                    .id = "getPersonCitations",
                    .tag = "persons",
                    .summary = "What the facts rest on, best first",
                    .parameters = paged,
                    .answer = "Page<Citation>",
                    .errors = {404, 422},
                    .function = reading(context, get_citations)});
  routes.push_back({.method = "GET",
                    .path = "/api/v1/persons/{id}/media",
                    .id = "getPersonMedia",
                    .tag = "persons",
                    .summary = "Pictures and documents of a person",
                    .parameters = paged,
                    .answer = "Page<Media>",
                    .errors = {404, 422},
                    .function = reading(context, get_media)});
}

}  // namespace tablinum::genealogy_service
