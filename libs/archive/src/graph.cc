#include "graph.h"

#include "derived_check.h"
#include "tablinum/search/index.h"
#include "tablinum/store/places.h"
#include "tablinum/store/records.h"

namespace tablinum::archive {
namespace {

namespace kinship = tree::kinship;

kinship::Sex sex_of(std::uint8_t stored) noexcept {
  switch (stored) {
    case 1: return kinship::Sex::male;
    case 2: return kinship::Sex::female;
    case 3: return kinship::Sex::other;
    default: return kinship::Sex::unknown;
  }
}

kinship::MemberState state_of(store::MemberState state) noexcept {
  switch (state) {
    case store::MemberState::one_sided: return kinship::MemberState::one_sided;
    case store::MemberState::excluded: return kinship::MemberState::excluded;
    default: return kinship::MemberState::normal;
  }
}

kinship::MemberRow member_row(const store::Member& member) noexcept {
  const bool child = member.role == store::MemberRole::child;
  // Husbands before wives: the table's role numbers are their order, kinship's order is one of partners.
  const auto ord =
      static_cast<std::uint16_t>(child ? member.ord : member.ord * 2 + (member.role == store::MemberRole::wife ? 1 : 0));
  return {.family = n_of(member.family),
          .person = n_of(member.person),
          .ord = ord,
          .role = child ? kinship::Role::child : kinship::Role::partner,
          .pedigree = static_cast<kinship::Pedigree>(member.pedigree),
          .state = state_of(member.state),
          .primary = member.primary};
}

/// Relatives of the first degree: parents, partners and children.
std::size_t closeness(const kinship::Graph& graph, kinship::PersonN person) {
  std::size_t count = 0;
  const auto parents = graph.parents(person);
  for (const auto parent : {parents.father, parents.mother}) count += parent == kinship::kNone ? 0 : 2;
  for (const auto family : graph.families(person)) count += 1 + graph.children(family).size();
  return count;
}

search::Kind search_kind(store::RecordKind kind) noexcept {
  switch (kind) {
    case store::RecordKind::person: return search::Kind::person;
    case store::RecordKind::family: return search::Kind::family;
    case store::RecordKind::source: return search::Kind::source;
    case store::RecordKind::repository: return search::Kind::repository;
    case store::RecordKind::media: return search::Kind::media;
    case store::RecordKind::note: return search::Kind::note;
    case store::RecordKind::place: return search::Kind::place;
    case store::RecordKind::story: return search::Kind::story;
    default: return search::Kind::other;
  }
}

/// What the search columns need of each record, gathered from scans in the order of n.
struct Columns {
  std::vector<std::string> surnames, givens;                    ///< of the preferred name, by n
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  ///< (n, place), n ascending
  std::vector<std::uint32_t> links;                             ///< by n
  std::vector<store::Person> persons;                           ///< n ascending
};

/// A record that tells of a place is at that place.
Result<void> add_recorded_places(store::Session& session, const store::TreeInfo& tree, Columns& columns) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> recorded, all;
  CHECK_OK(store::for_each_place(session, tree.tree_no, [&](const store::Place& place) {
    if (place.rid) recorded.emplace_back(n_of(*place.rid), static_cast<std::uint32_t>(place.pid.value()));
  }));
  if (recorded.empty()) return {};
  std::ranges::sort(recorded);
  const auto n = &std::pair<std::uint32_t, std::uint32_t>::first;
  std::ranges::merge(columns.places, recorded, std::back_inserter(all), {}, n, n);
  columns.places = std::move(all);
  return {};
}

Result<Columns> read_columns(store::Session& session, const store::TreeInfo& tree) {
  Columns columns;
  columns.surnames.resize(tree.next_n);
  columns.givens.resize(tree.next_n);
  columns.links.resize(tree.next_n);
  std::uint32_t named = kinship::kNone;
  CHECK_OK(store::for_each_name(session, tree.tree_no, [&](const store::Name& name) {
    const auto n = n_of(name.rid);
    if (n == named) return;
    named = n;
    columns.surnames[n] = name.surname_prefix.empty() ? name.surname : name.surname_prefix + ' ' + name.surname;
    columns.givens[n] = name.given;
  }));
  CHECK_OK(store::for_each_event(session, tree.tree_no, [&](const store::Event& event) {
    if (event.place) columns.places.emplace_back(n_of(event.rid), static_cast<std::uint32_t>(event.place->value()));
  }));
  CHECK_OK(add_recorded_places(session, tree, columns));
  CHECK_OK(store::for_each_member(session, tree.tree_no, [&](const store::Member& member) {
    ++columns.links[n_of(member.person)];
    ++columns.links[n_of(member.family)];
  }));
  CHECK_OK(
      store::for_each_person(session, tree.tree_no, [&](const store::Person& person) { columns.persons.push_back(person); }));
  return columns;
}

std::optional<std::int64_t> wide(std::optional<std::int32_t> day) {
  return day ? std::optional{std::int64_t{*day}} : std::nullopt;
}

search::Sex search_sex(std::uint8_t stored) noexcept {
  return stored <= 3 ? static_cast<search::Sex>(stored) : search::Sex::unknown;
}

/// Who may see it: nobody has an account yet, so the classes only prepare for them.
search::Circle circle_of(store::Restriction restriction, bool living) noexcept {
  if (restriction == store::Restriction::confidential) return search::Circle::owners;
  return living ? search::Circle::members : search::Circle::everyone;
}

/// Walks the columns beside the records, both in the order of n.
class FactsReader {
 public:
  explicit FactsReader(const Columns& columns) : columns_{columns} {}

  search::RecordFacts facts(const store::RecordHead& head, std::string_view title) {
    const auto n = n_of(head.rid);
    search::RecordFacts facts;
    facts.n = n;
    facts.kind = search_kind(head.kind);
    facts.links = columns_.links[n];
    const auto* person = person_at(head.rid);
    if (person != nullptr) {
      facts.sex = search_sex(person->sex);
      facts.living = person->living;
      facts.birth = search::years_of(wide(person->birth_min), wide(person->birth_max));
      facts.death = search::years_of(wide(person->death_min), wide(person->death_max));
    }
    facts.circle = circle_of(head.restriction, facts.living);
    facts.surname = head.kind == store::RecordKind::person ? std::string_view{columns_.surnames[n]} : title;
    facts.given = columns_.givens[n];
    facts.places = places_at(n);
    return facts;
  }

 private:
  const store::Person* person_at(Rid rid) {
    const auto at = std::ranges::lower_bound(columns_.persons, rid, {}, &store::Person::rid);
    return at != columns_.persons.end() && at->rid == rid ? &*at : nullptr;
  }
  std::span<const std::uint32_t> places_at(std::uint32_t n) {
    places_.clear();
    auto at = std::ranges::lower_bound(columns_.places, n, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
    for (; at != columns_.places.end() && at->first == n; ++at) places_.push_back(at->second);
    return places_;
  }

  const Columns& columns_;
  std::vector<std::uint32_t> places_;
};

}  // namespace

kinship::PersonN choose_home(const kinship::Graph& graph) {
  // Counted once a person: who is a child of somebody with thousands of families must not count them all again.
  std::vector<std::size_t> close(graph.node_count());
  for (kinship::PersonN n = 0; n < graph.node_count(); ++n) close[n] = graph.is_person(n) ? closeness(graph, n) : 0;
  kinship::PersonN best = kinship::kNone;
  std::size_t most = 0;
  for (kinship::PersonN n = 0; n < graph.node_count(); ++n) {
    if (!graph.is_person(n)) continue;
    std::size_t near = close[n];
    const auto parents = graph.parents(n);
    for (const auto parent : {parents.father, parents.mother}) near += parent == kinship::kNone ? 0 : close[parent];
    for (const auto family : graph.families(n)) {
      for (const auto child : graph.children(family)) near += close[child];
    }
    if (best == kinship::kNone || near > most) best = n, most = near;
  }
  return best;
}

Result<std::shared_ptr<const TreeGraph>> read_graph(store::Session& session, std::int64_t tree_no) {
  CHECK_OK(check_derived_known(session));
  auto result = std::make_shared<TreeGraph>();
  TRY(tree, store::find_tree(session, tree_no));
  result->tree = tree;
  std::vector<kinship::Sex> sexes(tree.next_n, kinship::Sex::absent);
  result->living.resize(tree.next_n);
  CHECK_OK(store::for_each_person(session, tree_no, [&](const store::Person& person) {
    sexes[n_of(person.rid)] = sex_of(person.sex);
    result->living[n_of(person.rid)] = person.living;
  }));
  std::vector<kinship::MemberRow> rows;
  CHECK_OK(store::for_each_member(session, tree_no, [&](const store::Member& member) { rows.push_back(member_row(member)); }));
  TRY(built, kinship::build_graph(sexes, rows));
  result->graph = std::move(built.graph);
  result->home = choose_home(result->graph);
  return result;
}

Result<std::shared_ptr<search::TreeIndex>> read_index(store::Session& session, std::int64_t tree_no) {
  CHECK_OK(check_derived_known(session));
  TRY(tree, store::find_tree(session, tree_no));
  TRY(columns, read_columns(session, tree));
  auto index = std::make_shared<search::TreeIndex>(tree_no);
  CHECK_OK(store::for_each_place(session, tree_no, [&](const store::Place& place) {
    const auto parent = static_cast<std::uint32_t>(place.parent.value());
    index->add(search::PlaceFacts{.n = static_cast<std::uint32_t>(place.pid.value()),
                                  .parent = parent == 0 ? search::kNoPlace : parent,
                                  .name = place.name,
                                  .has_record = place.rid.has_value()});
  }));
  std::unordered_map<std::uint32_t, std::string> titles;
  search::DocumentIndex documents{session};
  CHECK_OK(documents.each(tree_no, [&](std::uint32_t n, const search::Document& document) {
    if (search::is_place_document(n) || n >= columns.surnames.size()) return;
    const auto parts = search::displayed_parts(document.name);
    if (columns.surnames[n].empty() && columns.givens[n].empty() && !parts.empty()) titles.emplace(n, parts.front());
  }));
  FactsReader reader{columns};
  for (const auto kind : store::kRecordKinds) {
    for (Rid after{(tree_no << 32) - 1};;) {  // before n = 0
      TRY(heads, store::list_records(session, tree_no, kind, after, store::kPageMax));
      for (const auto& head : heads) {
        const auto title = titles.find(n_of(head.rid));
        index->add(reader.facts(head, title == titles.end() ? std::string_view{} : title->second));
      }
      if (heads.size() < store::kPageMax) break;
      after = heads.back().rid;
    }
  }
  CHECK_OK(index->add_documents(documents));
  index->finish(tree.generation);
  return index;
}

Result<OwnedFacts> read_facts(store::Session& session, const store::Record& record, const search::Document& document) {
  OwnedFacts owned;
  owned.texts_ = std::make_unique<std::pair<std::string, std::string>>();
  auto& [heading, given] = *owned.texts_;
  auto& facts = owned.facts_;
  facts.n = n_of(record.rid);
  facts.kind = search_kind(record.kind);
  TRY(events, store::events_of(session, record.rid));
  for (const auto& event : events) {
    if (event.place) owned.places_.push_back(static_cast<std::uint32_t>(event.place->value()));
  }
  if (record.kind == store::RecordKind::place) {
    auto rows = session.statement("SELECT pid FROM place WHERE rid = :1 AND pid BETWEEN :2 AND :3 ORDER BY pid", "iii", "i")
                    .query(record.rid, make_rid(tree_no_of(record.rid), 0), make_rid(tree_no_of(record.rid), 0xFFFF'FFFF));
    std::vector<std::uint32_t> own;
    while (rows.next()) own.push_back(static_cast<std::uint32_t>(rows.integer(0)));
    CHECK_OK(rows.status());
    owned.places_.insert(owned.places_.begin(), own.begin(), own.end());
  }
  TRY(members, store::members_of(session, record.rid));
  TRY(memberships, store::memberships_of(session, record.rid));
  facts.links = static_cast<std::uint32_t>(members.size() + memberships.size());
  if (record.kind == store::RecordKind::person) {
    TRY(person, store::person_of(session, record.rid));
    TRY(names, store::names_of(session, record.rid));
    facts.sex = search_sex(person.sex);
    facts.living = person.living;
    facts.birth = search::years_of(wide(person.birth_min), wide(person.birth_max));
    facts.death = search::years_of(wide(person.death_min), wide(person.death_max));
    if (!names.empty()) {
      const auto& name = names.front();
      heading = name.surname_prefix.empty() ? name.surname : name.surname_prefix + ' ' + name.surname;
      given = name.given;
    }
  } else if (const auto parts = search::displayed_parts(document.name); !parts.empty()) {
    heading = parts.front();
  }
  facts.circle = circle_of(record.restriction, facts.living);
  facts.surname = heading;
  facts.given = given;
  facts.places = owned.places_;
  return owned;
}

}  // namespace tablinum::archive
