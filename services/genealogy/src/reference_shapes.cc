#include <algorithm>

#include "reference.h"
#include "tablinum/store/overview.h"

namespace tablinum::genealogy_service {
namespace {

/// ISO 8601 as far as the date goes: "1850", "1850-03", "1850-03-04"; nothing for a range that has no single year.
std::optional<std::string> iso_date(const model::EventView* event) {
  if (event == nullptr || !event->date.understood()) return std::nullopt;
  const auto& date = event->date;
  const bool single = date.kind == model::DateKind::exact || date.kind == model::DateKind::about ||
                      date.kind == model::DateKind::calculated || date.kind == model::DateKind::estimated ||
                      date.kind == model::DateKind::interpreted;
  if (!single || !date.days.min) return std::nullopt;
  if (date.first.calendar != model::Calendar::gregorian) return model::to_iso(*date.days.min);
  // "about" widens the bounds; the point itself is what was written.
  std::string text = std::to_string(date.first.year);
  if (text.size() < 4 && date.first.year >= 0) text.insert(0, 4 - text.size(), '0');
  const auto add = [&](int part) { text += (part < 10 ? "-0" : "-") + std::to_string(part); };
  if (date.first.month != 0) add(date.first.month);
  if (date.first.month != 0 && date.first.day != 0) add(date.first.day);
  return text;
}

std::string_view gender_word(model::Sex sex) noexcept {
  switch (sex) {
    case model::Sex::male: return "male";
    case model::Sex::female: return "female";
    case model::Sex::other: return "other";
    default: return "unknown";
  }
}

const model::EventView* event_of(const model::PersonView& view, std::size_t index) noexcept {
  return index == model::kNone ? nullptr : &view.events[index];
}

/// "<prefix>Date", "<prefix>Place" and P's names of the same.
void write_vital_members(Writer& w, const std::string& prefix, const model::EventView* event) {
  const auto date = iso_date(event);
  const auto text = event == nullptr || event->date_text.empty() ? std::nullopt : std::optional{event->date_text};
  const auto place = event == nullptr || event->place.text.empty() ? std::nullopt : std::optional{event->place.text};
  w.field(prefix + "Date", date);
  w.field(prefix + "_date", date);
  w.field(prefix + "_date_string", text);
  w.field(prefix + "Place", place);
  w.field(prefix + "_place", place);
}

std::string id_text(Browser& browser, std::int64_t tree_no, std::uint32_t n) {
  const auto id = store::id_of(browser.session(), make_rid(tree_no, n));
  return id ? to_string(id->value()) : std::string{};
}

void write_ids(Writer& w, Browser& browser, std::string_view name, std::int64_t tree_no, std::vector<kinship::PersonN> people) {
  std::ranges::sort(people);
  const auto repeated = std::ranges::unique(people);
  people.erase(repeated.begin(), repeated.end());
  w.key(name);
  w.begin_array();
  for (const auto person : people) w.value(id_text(browser, tree_no, person));
  w.end_array();
}

void write_kin_ids(Writer& w, Browser& browser, std::int64_t tree_no, const kinship::Graph& graph, kinship::PersonN n) {
  std::vector<kinship::PersonN> parents, spouses, children;
  const auto add = [](std::vector<kinship::PersonN>& list, kinship::PersonN person) {
    if (person != kinship::kNone) list.push_back(person);
  };
  add(parents, graph.father(n));
  add(parents, graph.mother(n));
  for (const auto& further : graph.further_parents(n)) {
    for (const auto parent : graph.partners(further.family)) add(parents, parent);
  }
  for (const auto family : graph.families(n)) {
    add(spouses, graph.partner_of(n, family));
    for (const auto child : graph.children(family)) add(children, child);
  }
  write_ids(w, browser, "parentIds", tree_no, std::move(parents));
  write_ids(w, browser, "spouseIds", tree_no, std::move(spouses));
  write_ids(w, browser, "childIds", tree_no, std::move(children));
}

/// The text of the first note.
std::string first_note(Browser& browser, const model::RecordView& view) {
  for (const auto& link : view.links) {
    if (link.kind != model::LinkKind::note || link.owner != 0) continue;
    if (link.target.kind == tree::PayloadKind::text) return std::string{link.target.text};
    const auto rid = browser.resolve(link.target);
    const auto data = rid ? browser.other(*rid) : Result<const OtherData*>{fail(Code::not_found)};
    if (!data) continue;
    model::NoteView note;
    model::read_note((*data)->structure, note);
    return std::string{note.text};
  }
  return {};
}

void write_both(Writer& w, std::string_view camel, std::string_view snake, const auto& value) {
  w.field(camel, value);
  w.field(snake, value);
}

void write_id(Writer& w, const std::string& id) { write_both(w, "id", "_id", id); }

}  // namespace

Result<void> write_family_tree(Writer& w, Browser& browser, const store::TreeInfo& tree) {
  TRY(persons, store::count_records(browser.session(), tree.tree_no, store::RecordKind::person));
  TRY(graph, browser.graph(tree.tree_no));
  const auto root = graph->home == kinship::kNone ? std::nullopt : std::optional{id_text(browser, tree.tree_no, graph->home)};
  TRY(changes, store::list_change_sets(browser.session(), tree.tree_no, {}, 1));
  const auto created = created_at(tree);
  const auto updated = changes.empty() ? created : Timestamp{changes.front().time * 1000};
  w.begin_object();
  write_id(w, to_string(tree.id.value()));
  w.field("name", tree.name);
  w.field("description", "");
  w.field("privacy", "PRIVATE");
  write_both(w, "ownerId", "owner_id", to_string(tree.owner));
  write_both(w, "rootPersonId", "root_person_id", root);
  w.key("collaborators");
  w.begin_array();
  w.end_array();
  w.key("statistics");
  w.begin_object();
  w.field("persons", persons);
  w.end_object();
  write_both(w, "createdAt", "created_at", to_rfc3339(created));
  write_both(w, "updatedAt", "updated_at", to_rfc3339(updated));
  w.end_object();
  return {};
}

Result<void> write_member(Writer& w, Browser& browser, Rid rid) {
  TRY(person, browser.person(rid));
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  TRY(portrait, portrait_url(browser, *person));
  const auto& view = person->view;
  const auto* name = view.preferred_name();
  const model::NameView none{};
  const auto& main = name == nullptr ? none : *name;
  const auto tree_id = to_string(tree.id.value());
  const bool living = n_of(rid) < graph->living.size() && graph->living[n_of(rid)];
  w.begin_object();
  write_id(w, to_string(person->record.id.value()));
  write_both(w, "familyTreeId", "family_tree_id", tree_id);
  w.key("tree_ids");
  w.begin_array();
  w.value(tree_id);
  w.end_array();
  w.field("name", name == nullptr ? std::string{} : model::display_name(main));
  write_both(w, "firstName", "first_name", main.given);
  write_both(w, "lastName", "last_name", main.surname);
  w.field("nickname", main.nickname);
  w.key("primary_name");
  w.begin_object();
  for (const auto& [part, text] :
       {std::pair{"given", main.given}, std::pair{"surname", main.surname}, std::pair{"prefix", main.prefix},
        std::pair{"suffix", main.suffix}, std::pair{"nickname", main.nickname}}) {
    w.field(part, text);
  }
  w.end_object();
  w.field("gender", gender_word(view.sex));
  write_both(w, "isLiving", "is_living", living);
  write_vital_members(w, "birth", event_of(view, view.birth));
  write_vital_members(w, "death", event_of(view, view.death));
  const auto work = std::ranges::find(view.events, model::EventType::occupation, &model::EventView::type);
  w.field("occupation", work == view.events.end() ? std::string_view{} : work->value);
  w.field("biography", first_note(browser, view));
  write_both(w, "profileImageUrl", "profile_image_url", portrait);
  for (const auto* list : {"phoneNumbers", "emailAddresses", "addresses"}) {
    w.key(list);
    w.begin_array();
    w.end_array();
  }
  write_kin_ids(w, browser, tree.tree_no, graph->graph, n_of(rid));
  w.field("version", person->record.version);
  w.end_object();
  return {};
}

Result<void> write_reference_event(Writer& w, Browser& browser, Rid rid, std::size_t index) {
  TRY(tree, browser.tree_of(rid));
  TRY(graph, browser.graph(tree.tree_no));
  const bool own = graph->graph.is_person(n_of(rid));
  std::vector<kinship::PersonN> people;
  const model::EventView* event = nullptr;
  const store::Record* record = nullptr;
  if (own) {
    TRY(person, browser.person(rid));
    event = &person->view.events[index];
    record = &person->record;
    people.push_back(n_of(rid));
  } else {
    TRY(family, browser.family(rid));
    event = &family->view.events[index];
    record = &family->record;
    for (const auto partner : graph->graph.partners(n_of(rid))) {
      if (partner != kinship::kNone) people.push_back(partner);
    }
  }
  const auto type = model::contract_name(event->type);
  const auto label = event->label().empty() ? type : event->label();
  w.begin_object();
  write_id(w, node_id(*record, event->number));
  write_both(w, "familyTreeId", "tree_id", to_string(tree.id.value()));
  w.field("title", label);
  write_both(w, "type", "event_type", type);
  w.field("category", type);
  w.field("date", iso_date(event));
  w.field("date_string", event->date_text);
  w.field("description", event->asserted ? std::string_view{} : event->value);
  w.field("content", event->asserted ? std::string_view{} : event->value);
  w.key("place");
  w.begin_object();
  w.field("name", event->place.text);
  w.end_object();
  write_ids(w, browser, "relatedPersons", tree.tree_no, people);
  write_ids(w, browser, "person_ids", tree.tree_no, std::move(people));
  w.end_object();
  return {};
}

void append_relationships(const kinship::Graph& graph, kinship::FamilyN family, std::vector<Relationship>& out) {
  const auto partners = graph.partners(family);
  if (partners[0] != kinship::kNone && partners[1] != kinship::kNone) out.push_back({family, partners[0], partners[1], true});
  for (const auto child : graph.children(family)) {
    for (const auto parent : partners) {
      if (parent != kinship::kNone) out.push_back({family, parent, child, false});
    }
  }
}

std::vector<Relationship> relationships_of(const kinship::Graph& graph, kinship::PersonN person) {
  std::vector<Relationship> found;
  std::vector<kinship::FamilyN> above;
  if (const auto family = graph.parents(person).family; family != kinship::kNone) above.push_back(family);
  for (const auto& further : graph.further_parents(person)) above.push_back(further.family);
  for (const auto family : above) {
    for (const auto parent : graph.partners(family)) {
      if (parent != kinship::kNone) found.push_back({family, parent, person, false});
    }
  }
  for (const auto family : graph.families(person)) {
    if (const auto partner = graph.partner_of(person, family); partner != kinship::kNone)
      found.push_back({family, person, partner, true});
  }
  for (const auto family : graph.families(person)) {
    for (const auto child : graph.children(family)) found.push_back({family, person, child, false});
  }
  return found;
}

Result<void> write_relationship(Writer& w, Browser& browser, std::int64_t tree_no, const Relationship& relationship) {
  TRY(tree, browser.tree_of(make_rid(tree_no, relationship.family)));
  TRY(family, browser.family(make_rid(tree_no, relationship.family)));
  const auto from = id_text(browser, tree_no, relationship.from), to = id_text(browser, tree_no, relationship.to);
  const auto marriage = family->view.marriage();
  const auto* wedding = relationship.spouses && marriage != model::kNone ? &family->view.events[marriage] : nullptr;
  const auto role = relationship.spouses ? "spouse" : "child";
  w.begin_object();
  write_id(w, to_string(family->record.id.value()) + '~' + role + '~' + from + '~' + to);
  write_both(w, "person1Id", "person1_id", from);
  write_both(w, "person2Id", "person2_id", to);
  w.field("type", relationship.spouses ? "SPOUSE" : "PARENT_CHILD");
  w.field("relationship_type", relationship.spouses ? "SPOUSE" : "PARENT");
  write_both(w, "familyTreeId", "tree_id", to_string(tree.id.value()));
  write_both(w, "startDate", "start_date", iso_date(wedding));
  w.field("place", wedding == nullptr ? std::string_view{} : wedding->place.text);
  w.end_object();
  return {};
}

}  // namespace tablinum::genealogy_service
