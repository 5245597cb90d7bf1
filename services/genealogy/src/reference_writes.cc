// The reference's ★ paths that write: trees, members, relationships, events. One change set each, so that each has one undo.
#include <simdjson.h>

#include "changes.h"

namespace tablinum::genealogy_service {
namespace {

using api::Call;
using api::Reply;
using archive::Operation;
using archive::OperationKind;
namespace edit = tree::edit;
namespace dom = simdjson::dom;

// ---- Bodies

/// A JSON body read by any of the names that the reference's versions give a member.
class Body {
 public:
  static Result<std::unique_ptr<Body>> read(const Call& call) {
    auto body = std::make_unique<Body>();
    body->padded_ = simdjson::padded_string{call.body};
    if (body->parser_.parse(body->padded_).get(body->root_) != simdjson::SUCCESS || !body->root_.is_object())
      return api::invalid_field({"body", "is not a JSON object", "format"});
    return std::move(body);
  }

  /// The first of the names that is there; "a.b" looks inside.
  std::optional<dom::element> member(std::initializer_list<std::string_view> names) const {
    for (const auto name : names) {
      dom::element found = root_;
      bool there = true;
      for (std::string_view rest = name; there && !rest.empty();) {
        const auto dot = rest.find('.');
        there = found.is_object() && found[rest.substr(0, dot)].get(found) == simdjson::SUCCESS;
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
      }
      if (there) return found;
    }
    return std::nullopt;
  }
  /// @error invalid: it is there and no text. null is the empty text.
  Result<edit::Text> text(std::initializer_list<std::string_view> names, std::size_t characters_max = 5000) const {
    const auto found = member(names);
    if (!found) return edit::Text{};
    if (found->is_null()) return edit::Text{std::string{}};
    std::string_view text;
    const std::string name{*names.begin()};
    if (found->get(text) != simdjson::SUCCESS) return api::invalid_field({name, "must be a text", "format"});
    const auto characters = std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (static_cast<std::size_t>(characters) > characters_max)
      return api::invalid_field({name, "has at most " + std::to_string(characters_max) + " characters", "range"});
    return edit::Text{std::string{text}};
  }
  Result<std::optional<bool>> boolean(std::initializer_list<std::string_view> names) const {
    const auto found = member(names);
    if (!found || found->is_null()) return std::optional<bool>{};
    bool value = false;
    if (found->get(value) != simdjson::SUCCESS) return api::invalid_field({std::string{*names.begin()}, "must be true or false", "format"});
    return std::optional{value};
  }

 private:
  dom::parser parser_;
  simdjson::padded_string padded_;
  dom::element root_;
};

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

constexpr std::size_t kNameCharactersMax = 100, kPlaceCharactersMax = 255;

/// A date as the pages send it: "1902-05-03T00:00:00.000Z" is a day.
edit::Text day_of(edit::Text date) {
  if (date && date->size() > 10 && (*date)[10] == 'T') date->resize(10);
  return date;
}

// ---- What the routes need of the archive

Result<Reply> with_member(Context& context, const archive::ChangeResult& done, const RecordId& person, int status) {
  TRY(browser, Browser::open(context.archive));
  TRY(rid, browser.person_rid(to_string(person.value())));
  Writer w;
  CHECK_OK(write_member(w, browser, rid));
  auto body = w.take();
  body.insert(body.size() - 1, ",\"changeSet\":\"" + to_string(done.change_set.value()) + '"');
  return api::json_reply(std::move(body), {}, status);
}

/// The tree that a body, path or parameter names, else the first.
Result<store::TreeInfo> tree_for(Context& context, const Call& call, const Body& body) {
  TRY(browser, Browser::open(context.archive));
  TRY(named, body.text({"familyTreeId", "family_tree_id", "treeId", "tree_id", "familyTree"}));
  if (named && !named->empty() && call.segment("tree").empty()) return browser.tree(*named);
  TRY(tree, tree_meant(browser, call));
  if (!tree) return fail(Code::not_found, "there is no tree yet");
  return *tree;
}

Operation on(OperationKind kind, const RecordId& record, std::uint16_t number = 0) {
  Operation operation;
  operation.kind = kind;
  operation.record = record;
  operation.number = number;
  return operation;
}

// ---- Members

Result<std::optional<std::optional<char>>> sex_of(const Body& body) {
  TRY(word, body.text({"gender", "sex"}));
  if (!word) return std::optional<std::optional<char>>{};
  const auto gender = lower(*word);
  if (gender.empty() || gender == "unknown") return std::optional{std::optional<char>{}};
  if (gender == "male" || gender == "m") return std::optional{std::optional{'M'}};
  if (gender == "female" || gender == "f") return std::optional{std::optional{'F'}};
  if (gender == "other" || gender == "non_binary") return std::optional{std::optional{'X'}};
  return api::invalid_field({"gender", "must be male, female, other or unknown", "unknown"});
}

Result<edit::Name> name_of(const Body& body) {
  edit::Name name;
  TRY(given, body.text({"firstName", "first_name", "primary_name.given"}, kNameCharactersMax));
  TRY(surname, body.text({"lastName", "last_name", "primary_name.surname"}, kNameCharactersMax));
  TRY(nickname, body.text({"nickname", "primary_name.nickname"}, kNameCharactersMax));
  TRY(prefix, body.text({"primary_name.prefix"}, kNameCharactersMax));
  TRY(suffix, body.text({"primary_name.suffix"}, kNameCharactersMax));
  name.given = given, name.surname = surname, name.nickname = nickname, name.prefix = prefix, name.suffix = suffix;
  return name;
}
bool says_anything(const edit::Name& name) { return name.given || name.surname || name.nickname || name.prefix || name.suffix; }

/// Birth or death as the body has it: nothing where it says nothing.
Result<std::optional<edit::Fact>> vital(const Body& body, bool birth) {
  edit::Fact fact;
  TRY(date, birth ? body.text({"birthDate", "birth_date_string", "birth_date"})
                  : body.text({"deathDate", "death_date_string", "death_date"}));
  TRY(place, birth ? body.text({"birthPlace", "birth_place", "placeOfBirth"}, kPlaceCharactersMax)
                   : body.text({"deathPlace", "death_place", "placeOfDeath"}, kPlaceCharactersMax));
  if (!date && !place) return std::optional<edit::Fact>{};
  fact.date = day_of(date), fact.place = place;
  return std::optional{std::move(fact)};
}

/// Adds, changes or takes away the person's fact of a type, by what a body says of it.
void put_fact(std::vector<Operation>& operations, const RecordId& person, const model::EventView* now, std::string type, edit::Fact fact) {
  const auto empty = [](const edit::Text& text) { return !text || text->empty(); };
  if (now == nullptr) {
    if (empty(fact.date) && empty(fact.place) && empty(fact.value)) return;
    fact.type = std::move(type);
    operations.push_back(on(OperationKind::add_fact, person));
  } else {
    operations.push_back(on(OperationKind::set_fact, person, now->number));
  }
  operations.back().fact = std::move(fact);
}

/// What a body says of a person. `view`: as the person is; of a new one, nobody.
Result<std::vector<Operation>> member_operations(const Body& body, const RecordId& id, const model::PersonView& view, bool is_new) {
  std::vector<Operation> operations;
  auto record = on(is_new ? OperationKind::create : OperationKind::patch, id);
  record.record_kind = model::RecordKind::person;
  TRY(sex, sex_of(body));
  record.sex = sex;
  TRY(living, body.boolean({"isLiving", "is_living"}));
  const auto* death = view.death == model::kNone ? nullptr : &view.events[view.death];
  const auto* birth = view.birth == model::kNone ? nullptr : &view.events[view.birth];
  TRY(died, vital(body, false));
  // A page sends what it showed: only a word that the facts do not say already is one.
  const bool says_death = died && !(died->date.value_or("").empty() && died->place.value_or("").empty());
  if (living && *living != (death == nullptr && !says_death)) record.living = std::optional{*living};
  operations.push_back(std::move(record));
  TRY(name, name_of(body));
  if (says_anything(name)) {
    const auto* preferred = view.preferred_name();
    const bool there = preferred != nullptr && preferred->number != 0;
    operations.push_back(on(there ? OperationKind::set_name : OperationKind::add_name, id, there ? preferred->number : std::uint16_t{0}));
    operations.back().name = std::move(name);
  }
  TRY(born, vital(body, true));
  if (born) put_fact(operations, id, birth, "BIRT", std::move(*born));
  if (died) put_fact(operations, id, death, "DEAT", std::move(*died));
  TRY(occupation, body.text({"occupation"}, kPlaceCharactersMax));
  if (occupation) {
    const auto work = std::ranges::find(view.events, model::EventType::occupation, &model::EventView::type);
    edit::Fact fact;
    fact.value = *occupation;
    put_fact(operations, id, work == view.events.end() ? nullptr : &*work, "OCCU", std::move(fact));
  }
  TRY(biography, body.text({"biography", "notes"}));
  if (biography) {
    // The first note of the person's own words; a shared note is others' too.
    const auto note = std::ranges::find_if(view.links, [](const model::LinkView& link) {
      return link.kind == model::LinkKind::note && link.owner == 0 && link.target.kind == tree::PayloadKind::text && link.number != 0;
    });
    const bool there = note != view.links.end();
    if (there && biography->empty()) {
      operations.push_back(on(OperationKind::remove, id, note->number));
    } else if (!biography->empty()) {
      operations.push_back(on(there ? OperationKind::set_note : OperationKind::add_note, id, there ? note->number : std::uint16_t{0}));
      operations.back().note.text = *biography;
    }
  }
  return operations;
}

api::Function create_member(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(tree, tree_for(*context, call, *body));
    TRY(name, name_of(*body));
    const auto empty = [](const edit::Text& text) { return !text || text->empty(); };
    if (empty(name.given) && empty(name.surname) && empty(name.nickname))
      return api::invalid_field({"firstName", "or a nickname is needed", "missing"});
    TRY(operations, member_operations(*body, archive::created_id(0), {}, true));
    TRY(outcome, run_operations(*context, call, tree, std::move(operations), {}));
    if (!outcome.done) return std::move(outcome.refused);
    return with_member(*context, *outcome.done, outcome.done->created.front(), 201);
  };
}

api::Function update_member(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(located, locate(*context, call.segment("id"), store::RecordKind::person));
    std::vector<Operation> operations;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(person, browser.person(located.record.rid));
      TRY(found, member_operations(*body, located.record.id, person->view, false));
      operations = std::move(found);
      // Numbers are those of this version; a page that knows none does not say which it saw.
      TRY(expected, expected_version(call));
      operations.front().version = expected.value_or(person->record.version);
    }
    TRY(outcome, run_operations(*context, call, located.tree, std::move(operations), {}));
    if (!outcome.done) return std::move(outcome.refused);
    return with_member(*context, *outcome.done, located.record.id, 200);
  };
}

api::Function delete_member(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(located, locate(*context, call.segment("id"), store::RecordKind::person));
    auto operation = on(OperationKind::remove_record, located.record.id);
    operation.everywhere = true;
    TRY(outcome, run_operations(*context, call, located.tree, {std::move(operation)}, {}));
    if (!outcome.done) return std::move(outcome.refused);
    return deleted_reply(*outcome.done, call.segment("id"));
  };
}

// ---- Relationships: a view over families

/// The families around two people, and how a new tie fits into them.
class Ties {
 public:
  Ties(const store::TreeInfo& tree, const kinship::Graph& graph, Browser& browser) : tree_{tree}, graph_{graph}, browser_{browser} {}

  Result<std::vector<Operation>> spouses(kinship::PersonN a, kinship::PersonN b) {
    if (const auto both = common_family(a, b); both != kinship::kNone) return family_ = both, std::vector<Operation>{};
    TRY(family, make_family());
    CHECK_OK(link(family, a, false));
    CHECK_OK(link(family, b, false));
    return std::move(operations_);
  }

  Result<std::vector<Operation>> parent_of(kinship::PersonN parent, kinship::PersonN child) {
    const auto home = graph_.parents(child).family;
    if (home == kinship::kNone) {
      const auto alone = family_of_one(parent);
      TRY(family, alone == kinship::kNone ? make_family() : id_of(alone));
      if (alone == kinship::kNone) CHECK_OK(link(family, parent, false));
      CHECK_OK(link(family, child, true));
      if (alone != kinship::kNone) family_ = alone;
      return std::move(operations_);
    }
    const auto partners = graph_.partners(home);
    if (partners[0] == parent || partners[1] == parent) return family_ = home, std::vector<Operation>{};
    const auto other = partners[0] != kinship::kNone ? partners[0] : partners[1];
    if (partners[0] != kinship::kNone && partners[1] != kinship::kNone)
      return api::invalid_field({"person2Id", "has two parents already", "range"});
    // The parents may be a couple already: then the child is theirs.
    if (const auto couple = other == kinship::kNone ? kinship::kNone : common_family(parent, other); couple != kinship::kNone) {
      TRY(old_home, id_of(home));
      TRY(new_home, id_of(couple));
      CHECK_OK(link(old_home, child, true, OperationKind::unlink));
      CHECK_OK(link(new_home, child, true));
      family_ = couple;
      return std::move(operations_);
    }
    TRY(family, id_of(home));
    CHECK_OK(link(family, parent, false));
    family_ = home;
    return std::move(operations_);
  }

  Result<std::vector<Operation>> siblings(kinship::PersonN a, kinship::PersonN b) {
    const auto home_a = graph_.parents(a).family, home_b = graph_.parents(b).family;
    if (home_a != kinship::kNone && home_b != kinship::kNone) {
      if (home_a == home_b) return family_ = home_a, std::vector<Operation>{};
      return api::invalid_field({"person2Id", "has parents of its own: make the people children of the same parents", "range"});
    }
    const auto home = home_a != kinship::kNone ? home_a : home_b;
    TRY(family, home == kinship::kNone ? make_family() : id_of(home));
    if (home_a == kinship::kNone) CHECK_OK(link(family, a, true));
    if (home_b == kinship::kNone) CHECK_OK(link(family, b, true));
    if (home != kinship::kNone) family_ = home;
    return std::move(operations_);
  }

  /// The tie of one parent goes; the other one's stays.
  Result<std::vector<Operation>> not_parent_of(kinship::FamilyN family, kinship::PersonN parent, kinship::PersonN child) {
    TRY(home, id_of(family));
    CHECK_OK(link(home, child, true, OperationKind::unlink));
    const auto other = graph_.partner_of(parent, family);
    if (other == kinship::kNone) return std::move(operations_);
    const auto alone = family_of_one(other);
    TRY(new_home, alone == kinship::kNone ? make_family() : id_of(alone));
    if (alone == kinship::kNone) CHECK_OK(link(new_home, other, false));
    CHECK_OK(link(new_home, child, true));
    return std::move(operations_);
  }

  /// The family of the tie, where it is one that was there.
  kinship::FamilyN family() const noexcept { return family_; }

 private:
  kinship::FamilyN common_family(kinship::PersonN a, kinship::PersonN b) const {
    for (const auto family : graph_.families(a)) {
      if (graph_.partner_of(a, family) == b) return family;
    }
    return kinship::kNone;
  }
  kinship::FamilyN family_of_one(kinship::PersonN person) const {
    for (const auto family : graph_.families(person)) {
      if (graph_.partner_of(person, family) == kinship::kNone) return family;
    }
    return kinship::kNone;
  }
  Result<RecordId> id_of(std::uint32_t n) { return store::id_of(browser_.session(), make_rid(tree_.tree_no, n)); }
  Result<RecordId> make_family() {
    operations_.push_back(on(OperationKind::create, archive::created_id(0)));
    operations_.back().record_kind = model::RecordKind::family;
    return archive::created_id(0);
  }
  Result<void> link(const RecordId& family, kinship::PersonN person, bool child, OperationKind kind = OperationKind::link) {
    TRY(id, id_of(person));
    operations_.push_back(on(kind, family));
    operations_.back().other = id;
    operations_.back().child = child;
    return {};
  }

  const store::TreeInfo& tree_;
  const kinship::Graph& graph_;
  Browser& browser_;
  std::vector<Operation> operations_;
  kinship::FamilyN family_ = kinship::kNone;
};

/// A marriage's date and place, where the body has them: added to the family, or changed.
Result<void> add_wedding(const Body& body, Browser& browser, const store::TreeInfo& tree, kinship::FamilyN family, bool customary,
                         std::vector<Operation>& operations) {
  TRY(date, body.text({"startDate", "start_date", "marriageDate"}));
  TRY(place, body.text({"place", "location", "start_place"}, kPlaceCharactersMax));
  if (!date && !place && !customary) return {};
  edit::Fact fact;
  fact.date = day_of(date), fact.place = place;
  if (customary) fact.type_text = "customary";
  if (family == kinship::kNone) {
    fact.type = "MARR";
    operations.push_back(on(OperationKind::add_fact, archive::created_id(0)));
    operations.back().fact = std::move(fact);
    return {};
  }
  TRY(data, browser.family(make_rid(tree.tree_no, family)));
  const auto wedding = data->view.marriage();
  const auto id = data->record.id;
  if (wedding == model::kNone) fact.type = "MARR";
  operations.push_back(wedding == model::kNone ? on(OperationKind::add_fact, id)
                                               : on(OperationKind::set_fact, id, data->view.events[wedding].number));
  operations.back().fact = std::move(fact);
  return {};
}

struct Wanted {
  std::string type;  ///< SPOUSE, PARENT, CHILD, SIBLING
  bool customary = false;
};
Result<Wanted> wanted_of(const Body& body) {
  TRY(word, body.text({"type", "relationship_type", "relationshipType"}));
  auto type = lower(word.value_or(""));
  TRY(status, body.text({"spousal_status", "spousalStatus", "status"}));
  const bool customary = lower(status.value_or("")) == "customary_union";
  if (type == "spouse" || type == "partner") return Wanted{"SPOUSE", customary};
  if (type == "parent_child" || type == "parent") return Wanted{"PARENT"};
  if (type == "child") return Wanted{"CHILD"};
  if (type == "sibling") return Wanted{"SIBLING"};
  return api::invalid_field({"type", "must be SPOUSE, PARENT_CHILD, PARENT, CHILD or SIBLING", "unknown"});
}

Result<Reply> relationship_reply(Context& context, const store::TreeInfo& tree, const Relationship& one, const archive::ChangeResult& done,
                                 int status) {
  TRY(browser, Browser::open(context.archive));
  Writer w;
  CHECK_OK(write_relationship(w, browser, tree.tree_no, one));
  auto body = w.take();
  body.insert(body.size() - 1, ",\"changeSet\":\"" + to_string(done.change_set.value()) + '"');
  return api::json_reply(std::move(body), {}, status);
}

/// The relationship between two people as the graph has it now.
Result<Relationship> find_relationship(Context& context, const store::TreeInfo& tree, kinship::PersonN from, kinship::PersonN to,
                                       bool spouses) {
  TRY(graph, context.archive.graph(tree.tree_no));
  for (const auto& one : relationships_of(graph->graph, from)) {
    if (one.spouses == spouses && ((one.from == from && one.to == to) || (spouses && one.from == to && one.to == from))) return one;
  }
  return fail(Code::not_found, "there is no such relationship");
}

api::Function create_relationship(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(wanted, wanted_of(*body));
    TRY(first_id, body->text({"person1Id", "person1_id", "personId", "person_id"}));
    TRY(second_id, body->text({"person2Id", "person2_id", "relatedPersonId", "related_person_id"}));
    if (!first_id) return api::invalid_field({"person1Id", "is missing", "missing"});
    if (!second_id) return api::invalid_field({"person2Id", "is missing", "missing"});
    TRY(first, locate(*context, *first_id, store::RecordKind::person));
    TRY(second, locate(*context, *second_id, store::RecordKind::person));
    if (first.tree.tree_no != second.tree.tree_no) return api::invalid_field({"person2Id", "is of another tree", "range"});
    const auto a = n_of(first.record.rid), b = n_of(second.record.rid);
    if (a == b) return api::invalid_field({"person2Id", "is the same person", "range"});
    std::vector<Operation> operations;
    kinship::FamilyN family = kinship::kNone;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(graph, browser.graph(first.tree.tree_no));
      Ties ties{first.tree, graph->graph, browser};
      TRY(made, wanted.type == "SPOUSE"    ? ties.spouses(a, b)
                : wanted.type == "PARENT" ? ties.parent_of(a, b)
                : wanted.type == "CHILD"  ? ties.parent_of(b, a)
                                          : ties.siblings(a, b));
      operations = std::move(made);
      family = ties.family();
      if (wanted.type == "SPOUSE") CHECK_OK(add_wedding(*body, browser, first.tree, family, wanted.customary, operations));
    }
    if (operations.empty()) return problem_reply(call, 409, "exists", "This relationship is there already.");
    TRY(outcome, run_operations(*context, call, first.tree, std::move(operations), {}));
    if (!outcome.done) return std::move(outcome.refused);
    if (wanted.type == "SIBLING") return api::json_reply(change_json(*outcome.done, {}, false), {}, 201);
    const bool spouses = wanted.type == "SPOUSE";
    TRY(one, find_relationship(*context, first.tree, wanted.type == "CHILD" ? b : a, wanted.type == "CHILD" ? a : b, spouses));
    return relationship_reply(*context, first.tree, one, *outcome.done, 201);
  };
}

/// "<family>~<spouse|child>~<first>~<second>", as it is now.
struct Named {
  store::TreeInfo tree;
  Relationship relationship;
  RecordId family;
};
Result<Named> named_relationship(Context& context, std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = text; parts.size() < 5;) {
    const auto mark = rest.find('~');
    parts.push_back(rest.substr(0, mark));
    if (mark == std::string_view::npos) break;
    rest.remove_prefix(mark + 1);
  }
  if (parts.size() != 4) return fail(Code::not_found, "there is no such relationship");
  TRY(family, locate(context, parts[0], store::RecordKind::family));
  TRY(from, locate(context, parts[2], store::RecordKind::person));
  TRY(to, locate(context, parts[3], store::RecordKind::person));
  if (from.tree.tree_no != family.tree.tree_no || to.tree.tree_no != family.tree.tree_no)
    return fail(Code::not_found, "there is no such relationship");
  TRY(graph, context.archive.graph(family.tree.tree_no));
  std::vector<Relationship> found;
  append_relationships(graph->graph, n_of(family.record.rid), found);
  for (const auto& one : found) {
    const bool same = one.from == n_of(from.record.rid) && one.to == n_of(to.record.rid);
    const bool swapped = one.spouses && one.from == n_of(to.record.rid) && one.to == n_of(from.record.rid);
    if (one.spouses == (parts[1] == "spouse") && (same || swapped)) return Named{family.tree, one, family.record.id};
  }
  return fail(Code::not_found, "there is no such relationship");
}

api::Function delete_relationship(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(named, named_relationship(*context, call.segment("id")));
    std::vector<Operation> operations;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(graph, browser.graph(named.tree.tree_no));
      const auto& one = named.relationship;
      if (one.spouses && !graph->graph.children(one.family).empty()) {
        return problem_reply(call, 409, "in_use", "They are the parents of children in this family: take those ties away first.");
      }
      if (one.spouses) {
        operations.push_back(on(OperationKind::remove_record, named.family));
        operations.back().everywhere = true;
      } else {
        Ties ties{named.tree, graph->graph, browser};
        TRY(found, ties.not_parent_of(one.family, one.from, one.to));
        operations = std::move(found);
      }
    }
    TRY(outcome, run_operations(*context, call, named.tree, std::move(operations), {}));
    if (!outcome.done) return std::move(outcome.refused);
    return deleted_reply(*outcome.done, call.segment("id"));
  };
}

api::Function update_relationship(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(named, named_relationship(*context, call.segment("id")));
    std::vector<Operation> operations;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(status, body->text({"spousal_status", "spousalStatus", "status"}));
      const bool customary = lower(status.value_or("")) == "customary_union";
      if (named.relationship.spouses)
        CHECK_OK(add_wedding(*body, browser, named.tree, named.relationship.family, customary, operations));
    }
    if (operations.empty()) return api::invalid_field({"startDate", "or place of a marriage is what can be changed here", "missing"});
    TRY(outcome, run_operations(*context, call, named.tree, std::move(operations), {}));
    if (!outcome.done) return std::move(outcome.refused);
    return relationship_reply(*context, named.tree, named.relationship, *outcome.done, 200);
  };
}

// ---- Events

Result<edit::Fact> event_of(const Body& body, bool is_new) {
  edit::Fact fact;
  TRY(type, body.text({"type", "event_type", "category"}));
  TRY(title, body.text({"title"}, kPlaceCharactersMax));
  TRY(date, body.text({"date", "date_string"}));
  TRY(place_name, body.text({"place.name"}, kPlaceCharactersMax));
  TRY(content, body.text({"content", "description"}));
  if (type && model::event_type_named(*type) == model::EventType::unknown)
    return api::invalid_field({"type", "is no type of event", "unknown"});
  fact.type = type;
  if (is_new && !fact.type) fact.type = "CUSTOM";
  fact.date = day_of(date);
  fact.place = place_name;
  if (const auto place = body.member({"place"}); !place_name && place && place->is_string()) {
    TRY(text, body.text({"place"}, kPlaceCharactersMax));
    fact.place = text;
  }
  const bool custom = fact.type && model::event_type_named(*fact.type) == model::EventType::custom;
  if (custom && title) fact.type_text = title;
  if (is_new && content && !content->empty()) fact.notes.push_back({.text = *content, .record = {}});
  return fact;
}

Result<Reply> event_reply(Context& context, const RecordId& record, std::uint16_t number, const archive::ChangeResult& done, int status) {
  TRY(browser, Browser::open(context.archive));
  TRY(rid, store::rid_of(browser.session(), record));
  TRY(stored, store::find_record(browser.session(), rid));
  const std::vector<model::EventView>* events = nullptr;
  if (stored.kind == store::RecordKind::person) {
    TRY(person, browser.person(rid));
    events = &person->view.events;
  } else {
    TRY(family, browser.family(rid));
    events = &family->view.events;
  }
  // A new one is that with the greatest number.
  auto found = number == 0 ? std::ranges::max_element(*events, {}, &model::EventView::number)
                           : std::ranges::find(*events, number, &model::EventView::number);
  if (found == events->end()) return fail(Code::not_found, "there is no such event");
  Writer w;
  CHECK_OK(write_reference_event(w, browser, rid, static_cast<std::size_t>(found - events->begin())));
  auto body = w.take();
  body.insert(body.size() - 1, ",\"changeSet\":\"" + to_string(done.change_set.value()) + '"');
  return api::json_reply(std::move(body), {}, status);
}

/// The people that an event is about.
Result<std::vector<Located>> people_of(Context& context, const Body& body) {
  std::vector<Located> people;
  const auto list = body.member({"relatedPersons", "related_persons", "person_ids", "personIds"});
  dom::array ids;
  if (list && list->get(ids) != simdjson::SUCCESS) return api::invalid_field({"relatedPersons", "must be an array", "format"});
  if (list) {
    for (const auto one : ids) {
      std::string_view id;
      if (one.get(id) != simdjson::SUCCESS) return api::invalid_field({"relatedPersons", "must hold ids", "format"});
      TRY(person, locate(context, id, store::RecordKind::person));
      people.push_back(std::move(person));
      if (people.size() > 2) break;
    }
  }
  TRY(single, body.text({"personId", "person_id", "relatedPersonId"}));
  if (people.empty() && single && !single->empty()) {
    TRY(person, locate(context, *single, store::RecordKind::person));
    people.push_back(std::move(person));
  }
  if (people.empty()) return api::invalid_field({"relatedPersons", "names nobody", "missing"});
  return people;
}

api::Function create_event(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(people, people_of(*context, *body));
    TRY(fact, event_of(*body, true));
    auto owner = people.front().record.id;
    // What two partners share is their family's.
    if (people.size() == 2 && people[0].tree.tree_no == people[1].tree.tree_no) {
      TRY(graph, context->archive.graph(people[0].tree.tree_no));
      const auto a = n_of(people[0].record.rid), b = n_of(people[1].record.rid);
      for (const auto family : graph->graph.families(a)) {
        if (graph->graph.partner_of(a, family) != b) continue;
        TRY(reader, context->archive.database().reader());
        TRY(id, store::id_of(reader, make_rid(people[0].tree.tree_no, family)));
        owner = id;
        break;
      }
    }
    auto operation = on(OperationKind::add_fact, owner);
    operation.fact = std::move(fact);
    TRY(outcome, run_operations(*context, call, people.front().tree, {std::move(operation)}, {}));
    if (!outcome.done) return std::move(outcome.refused);
    return event_reply(*context, owner, 0, *outcome.done, 201);
  };
}

Result<std::pair<Located, NodeId>> named_event(Context& context, std::string_view text) {
  const auto node = parse_node_id(text);
  if (!node || node->number == 0) return fail(Code::not_found, "there is no such event");
  TRY(located, locate(context, text.substr(0, text.find('~'))));
  if (located.record.deleted) return fail(Code::not_found, "there is no such event");
  return std::pair{std::move(located), *node};
}

api::Function update_event(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(named, named_event(*context, call.segment("id")));
    TRY(fact, event_of(*body, false));
    auto operation = on(OperationKind::set_fact, named.second.record, named.second.number);
    operation.fact = std::move(fact);
    TRY(outcome, run_operations(*context, call, named.first.tree, {std::move(operation)}, {}));
    if (!outcome.done) return std::move(outcome.refused);
    return event_reply(*context, named.second.record, named.second.number, *outcome.done, 200);
  };
}

api::Function delete_event(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(named, named_event(*context, call.segment("id")));
    // Only an event: the same form of id names notes and citations, too.
    TRY(structure, tree::decode(named.first.record.structure));
    const auto root = model::known_tag(structure.root());
    bool found = false;
    for (const auto node : structure.children(0)) {
      const bool event = model::event_type(root, model::known_tag(structure[node])) != model::EventType::unknown;
      found = found || (event && structure[node].number == named.second.number);
    }
    if (!found) return fail(Code::not_found, "there is no such event");
    auto operation = on(OperationKind::remove, named.second.record, named.second.number);
    TRY(outcome, run_operations(*context, call, named.first.tree, {std::move(operation)}, {}));
    if (!outcome.done) return std::move(outcome.refused);
    return deleted_reply(*outcome.done, call.segment("id"));
  };
}

// ---- Trees

api::Function update_tree(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    TRY(body, Body::read(call));
    TRY(name, body->text({"name"}, kNameCharactersMax));
    if (name && name->empty()) return api::invalid_field({"name", "is empty", "missing"});
    store::TreeInfo changed;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(tree, browser.tree(call.segment("tree")));
      changed = tree;
    }
    if (name) {
      TRY(writer, context->archive.database().writer());
      CHECK_OK(store::update_tree(writer, changed.tree_no, *name, changed.privacy, changed.settings));
      CHECK_OK(writer.commit());
    }
    TRY(browser, Browser::open(context->archive));
    TRY(tree, browser.tree(call.segment("tree")));
    Writer w;
    CHECK_OK(write_family_tree(w, browser, tree));
    return api::json_reply(w.take());
  };
}

/// Gone from all lists; its rows and its log stay in the file until `doctor --repair` erases them.
api::Function delete_tree(const Shared& context) {
  return [context](const Call& call) -> Result<Reply> {
    std::int64_t tree_no = 0;
    {
      TRY(browser, Browser::open(context->archive));
      TRY(tree, browser.tree(call.segment("tree")));
      tree_no = tree.tree_no;
    }
    TRY(writer, context->archive.database().writer());
    CHECK_OK(store::delete_tree(writer, tree_no));
    CHECK_OK(writer.commit());
    context->replies.clear();
    Writer w;
    w.begin_object();
    w.field("message", "deleted");
    w.field("id", call.segment("tree"));
    w.end_object();
    return api::json_reply(w.take());
  };
}

}  // namespace

void add_reference_write_routes(api::Description& description, const Shared& context) {
  auto& routes = description.routes;
  using Paths = std::initializer_list<std::string_view>;
  const auto add = [&](std::string_view method, Paths paths, api::Function function, bool has_body = true) {
    routes.push_back(alias(method, paths, std::move(function), has_body ? "RecordFields" : ""));
  };
  add("PUT",
      {"/api/genealogy/family-trees/{tree}", "/api/v1/genealogy/family-trees/{tree}", "/v1/family-trees/{tree}", "/api/family-trees/{tree}",
       "/api/trees/{tree}"},
      update_tree(context));
  add("DELETE",
      {"/api/genealogy/family-trees/{tree}", "/api/v1/genealogy/family-trees/{tree}", "/v1/family-trees/{tree}", "/api/family-trees/{tree}",
       "/api/trees/{tree}"},
      delete_tree(context), false);
  add("POST",
      {"/api/genealogy/persons", "/api/v1/genealogy/persons", "/v1/persons", "/api/persons", "/api/genealogy/members", "/api/members",
       "/api/genealogy/trees/{tree}/persons", "/api/v1/genealogy/trees/{tree}/persons", "/v1/trees/{tree}/persons",
       "/api/trees/{tree}/persons", "/api/family-trees/{tree}/members", "/api/genealogy/family-trees/{tree}/members",
       "/api/family-tree/members", "/api/genealogy/family-tree/members"},
      create_member(context));
  static constexpr Paths kMember = {"/api/genealogy/persons/{id}", "/api/v1/genealogy/persons/{id}", "/v1/persons/{id}",
                                    "/api/persons/{id}", "/api/genealogy/members/{id}", "/api/members/{id}",
                                    "/api/family-tree/members/{id}"};
  add("PUT", kMember, update_member(context));
  add("DELETE", kMember, delete_member(context), false);
  add("POST",
      {"/api/genealogy/relationships", "/api/v1/genealogy/relationships", "/v1/relationships", "/api/relationships",
       "/api/v1/relationships",
       "/api/genealogy/trees/{tree}/relationships", "/api/v1/genealogy/trees/{tree}/relationships", "/v1/trees/{tree}/relationships",
       "/api/trees/{tree}/relationships", "/api/v1/trees/{tree}/relationships", "/api/family-tree/relationships"},
      create_relationship(context));
  static constexpr Paths kRelationship = {"/api/genealogy/relationships/{id}", "/api/v1/genealogy/relationships/{id}",
                                  "/v1/relationships/{id}", "/api/relationships/{id}", "/api/v1/relationships/{id}"};
  add("PUT", kRelationship, update_relationship(context));
  add("DELETE", kRelationship, delete_relationship(context), false);
  add("POST",
      {"/api/genealogy/events", "/api/v1/genealogy/events", "/v1/events", "/api/events", "/api/genealogy/trees/{tree}/events",
       "/api/v1/genealogy/trees/{tree}/events", "/v1/trees/{tree}/events", "/api/trees/{tree}/events"},
      create_event(context));
  static constexpr Paths kEvent = {"/api/genealogy/events/{id}", "/api/v1/genealogy/events/{id}", "/v1/events/{id}",
                                   "/api/events/{id}"};
  add("PUT", kEvent, update_event(context));
  add("DELETE", kEvent, delete_event(context), false);
}

}  // namespace tablinum::genealogy_service
