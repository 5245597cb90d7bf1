#include "workspace.h"

#include <charconv>

#include "graph.h"
#include "tablinum/search/index.h"
#include "tablinum/store/places.h"
#include "tablinum/store/settings.h"
#include "tablinum/tree/model/calendar.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace kinship = tree::kinship;
namespace edit = tree::edit;

std::size_t index_of(model::Field field) noexcept { return static_cast<std::size_t>(field); }

Bytes encoded(const tree::Structure& structure) {
  Bytes out;
  tree::encode(structure, out);
  return out;
}

char xref_prefix(store::RecordKind kind) noexcept {
  switch (kind) {
    case store::RecordKind::person: return 'I';
    case store::RecordKind::family: return 'F';
    case store::RecordKind::source: return 'S';
    case store::RecordKind::repository: return 'R';
    case store::RecordKind::media: return 'O';
    case store::RecordKind::note: return 'N';
    case store::RecordKind::submitter: return 'U';
    default: return 'X';
  }
}

kinship::Sex graph_sex(model::Sex sex) noexcept {
  switch (sex) {
    case model::Sex::male: return kinship::Sex::male;
    case model::Sex::female: return kinship::Sex::female;
    case model::Sex::other: return kinship::Sex::other;
    default: return kinship::Sex::unknown;
  }
}

/// Targets of a record's pointers, at all depths.
std::set<RecordId> targets_of(const tree::Structure& structure) {
  std::set<RecordId> targets;
  for (const auto& node : structure.nodes()) {
    if (node.kind == tree::PayloadKind::record && !node.target.value().is_zero()) targets.insert(node.target);
  }
  return targets;
}

/// The families that a person's record names.
void add_families(const tree::Structure& person, std::set<RecordId>& families) {
  for (const auto node : person.children(0)) {
    const auto tag = model::known_tag(person[node]);
    if ((tag == tree::Tag::FAMC || tag == tree::Tag::FAMS) && person[node].kind == tree::PayloadKind::record)
      families.insert(person[node].target);
  }
}

/// The chain of record numbers in the graph's word about a cycle.
std::vector<std::uint32_t> chain_in(std::string_view text) {
  std::vector<std::uint32_t> chain;
  text.remove_prefix(std::min(text.find(':'), text.size() - 1) + 1);
  for (const char* at = text.data(), *end = text.data() + text.size(); at != end;) {
    std::uint32_t n = 0;
    const auto [next, error] = std::from_chars(at, end, n);
    if (error == std::errc{}) chain.push_back(n);
    at = error == std::errc{} ? next : at + 1;
  }
  return chain;
}

}  // namespace

/// A record's part of the patch; facts hold views into `owned`.
struct Workspace::IndexEdit {
  OwnedFacts owned;
  search::Document before, after;
  std::uint32_t n = 0;
  bool gone = false;
};

Workspace::Workspace(Archive& archive, store::Writer writer, ChangeProblem& problem)
    : archive_{archive},
      writer_{std::move(writer)},
      problem_{problem},
      today_{static_cast<model::Jdn>(wall_now().seconds() / 86'400 + model::kUnixEpochJdn)} {}

Workspace::~Workspace() = default;

Result<std::unique_ptr<Workspace>> Workspace::open(Archive& archive, const TreeId& id, ChangeProblem& problem) {
  TRY(writer, archive.database().writer());
  TRY(tree, store::find_tree(writer, id));
  if (tree.hidden) return fail(Code::not_found, "no such tree");
  std::unique_ptr<Workspace> space{new Workspace{archive, std::move(writer), problem}};
  space->tree_ = tree;
  space->next_n_ = tree.next_n;
  TRY(graph, archive.graph(space->writer_, tree));
  space->graph_ = graph;
  TRY(memory, archive.edit_memory().of(space->writer_, *graph));
  space->memory_ = memory;
  space->xref_next_ = memory->xref_max + 1;
  // A tree is of one dialect: that of its first record. A new tree speaks GEDCOM 7.
  space->dialect_ = tree::Dialect::gedcom70;
  auto rows = space->writer_
                  .statement("SELECT structure FROM record WHERE rid BETWEEN :1 AND :2 AND structure IS NOT NULL ORDER BY rid LIMIT 1",
                             "ii", "b")
                  .query(make_rid(tree.tree_no, 0), make_rid(tree.tree_no, 0xFFFF'FFFF));
  if (rows.next()) {
    TRY(first, tree::decode(rows.bytes(0)));
    space->dialect_ = first.dialect();
  }
  CHECK_OK(rows.status());
  return space;
}

// ---------------------------------------------------------------- records

Result<Workspace::Work*> Workspace::load(Rid rid) {
  if (const auto known = works_.find(rid); known != works_.end()) return &known->second;
  if (works_.size() == kTouchedMax) return fail(Code::limit, "the change set touches too many records");
  TRY(record, store::find_record(writer_, rid));
  Work work{.stored = std::move(record)};
  if (!work.stored.deleted) {
    TRY(structure, tree::decode(work.stored.structure));
    work.before = std::move(structure);
  }
  rids_.emplace(work.stored.id, rid);
  return &works_.emplace(rid, std::move(work)).first->second;
}

Result<Workspace::Work*> Workspace::find_any(const RecordId& id) {
  auto rid = rid_of(id);
  if (!rid) {
    const auto deleted = store::rid_of(writer_, id);
    if (deleted && tree_no_of(*deleted) == tree_.tree_no) rid = *deleted;
  }
  if (!rid) {
    problem_.record = id;
    return fail(Code::not_found, "no such record in this tree");
  }
  return load(*rid);
}

Result<Workspace::Work*> Workspace::find(const RecordId& id) {
  TRY(work, find_any(id));
  if (work->gone || (!work->made && work->stored.deleted && !work->whole)) {
    problem_.record = id;
    return fail(Code::not_found, "the record is deleted");
  }
  return work;
}

Result<void> Workspace::expect(const Work& work, std::optional<std::int64_t> version) {
  if (!version || *version == work.stored.version) return {};
  problem_.kind = ChangeProblem::Kind::version;
  problem_.record = work.stored.id;
  return fail(Code::conflict, "the record has version " + std::to_string(work.stored.version));
}

/// Numbers that nodes of earlier versions had are not given again: the log says of them what they were.
Result<std::uint16_t> Workspace::number_floor(const Work& work) {
  std::uint16_t highest = 0;
  if (work.stored.version <= 1) return highest;
  auto rows = writer_.statement("SELECT before FROM change WHERE rid = :1 AND before IS NOT NULL", "i", "b").query(work.stored.rid);
  while (rows.next()) {
    TRY(before, tree::decode(rows.bytes(0)));
    highest = std::max(highest, edit::highest_number(before));
  }
  CHECK_OK(rows.status());
  return highest;
}

Result<edit::Editor*> Workspace::edit(Work& work) {
  if (work.editor) return &*work.editor;
  TRY(floor, number_floor(work));
  work.editor.emplace(work.whole ? *work.whole : work.before, floor);
  work.whole.reset();
  return &*work.editor;
}

Result<Workspace::Work*> Workspace::create(const RecordId& id, model::RecordKind kind) {
  if (works_.size() == kTouchedMax) return fail(Code::limit, "the change set touches too many records");
  if (next_n_ > store::kRecordsMax) return fail(Code::limit, "the tree has as many records as it can have");
  const Rid rid = make_rid(tree_.tree_no, next_n_++);
  Work work;
  work.stored.rid = rid;
  work.stored.id = id;
  work.stored.kind = store_kind(kind);
  work.stored.xref = xref_prefix(work.stored.kind) + std::to_string(xref_next_++);
  work.made = true;
  work.editor.emplace(dialect_, kind);
  rids_.emplace(id, rid);
  return &works_.emplace(rid, std::move(work)).first->second;
}

Result<tree::Structure> Workspace::structure(const Work& work) const {
  if (work.gone) return tree::Structure{dialect_};
  if (work.editor) return work.editor->structure();
  return (work.whole ? *work.whole : work.before).clone();
}

Result<RecordId> Workspace::id_of(Rid rid) {
  if (const auto known = works_.find(rid); known != works_.end()) return known->second.stored.id;
  return store::id_of(writer_, rid);
}

/// The record of this tree with that id, if it is there after this change set.
std::optional<Rid> Workspace::rid_of(const RecordId& id) {
  if (const auto known = rids_.find(id); known != rids_.end()) {
    const auto work = works_.find(known->second);
    if (work == works_.end()) return known->second;
    const bool there = !work->second.gone && (work->second.was_there() || work->second.made || work->second.whole);
    return there ? std::optional{known->second} : std::nullopt;
  }
  const auto rid = store::rid_of(writer_, id);
  if (!rid || tree_no_of(*rid) != tree_.tree_no) return std::nullopt;
  const auto record = store::find_record(writer_, *rid);
  if (!record || record->deleted) return std::nullopt;
  rids_.emplace(id, *rid);
  return *rid;
}

/// A record's structure after this change set; nothing where it is not there.
Result<const tree::Structure*> Workspace::present(Rid rid) {
  if (const auto known = works_.find(rid); known != works_.end()) return known->second.after.empty() ? nullptr : &known->second.after;
  if (const auto known = read_only_.find(rid); known != read_only_.end()) return known->second.empty() ? nullptr : &known->second;
  if (read_only_.size() == kTouchedMax) return fail(Code::limit, "the change set touches too many records");
  auto record = store::find_record(writer_, rid);
  if (!record && record.error().code != Code::not_found) return std::unexpected(record.error());
  tree::Structure structure;
  if (record && !record->deleted) {
    TRY(decoded, tree::decode(record->structure));
    structure = std::move(decoded);
  }
  const auto& kept = read_only_.emplace(rid, std::move(structure)).first->second;
  return kept.empty() ? nullptr : &kept;
}

// ---------------------------------------------------------------- what follows

/// What every record is in the end, and whether that is another thing than it was.
Result<void> Workspace::settle() {
  for (auto& [rid, work] : works_) {
    if (work.gone) {
      work.after = tree::Structure{};
      work.changed = work.was_there();
      continue;
    }
    TRY(after, structure(work));
    work.after = std::move(after);
    work.changed = work.after.empty() ? work.was_there() : !work.was_there() || encoded(work.after) != encoded(work.before);
    for (const auto& target : targets_of(work.after)) named_by_[target].push_back(rid);
  }
  return {};
}

/// Records of this change set that name that one when it ends, in the order of their numbers.
std::span<const Rid> Workspace::named_by(const RecordId& id) const {
  const auto found = named_by_.find(id);
  return found == named_by_.end() ? std::span<const Rid>{} : std::span<const Rid>{found->second};
}

/// A pointer that is new must lead somewhere.
Result<void> Workspace::check_pointers() {
  for (const auto& [rid, work] : works_) {
    if (!work.changed || work.after.empty()) continue;
    std::set<RecordId> before;
    if (work.was_there()) before = targets_of(work.before);
    for (const auto& target : targets_of(work.after)) {
      if (before.contains(target) || rid_of(target)) continue;
      problem_ = {.kind = ChangeProblem::Kind::missing, .operation = problem_.operation, .record = target, .path = {work.stored.id}};
      return fail(Code::conflict, "a record is named that is not there");
    }
  }
  return {};
}

/// What goes must not be named by what stays.
Result<void> Workspace::check_unused() {
  for (const auto& [rid, work] : works_) {
    if (!work.gone || !work.changed) continue;
    std::set<RecordId> users;
    const auto look = [&](Rid owner) -> Result<void> {
      TRY(there, present(owner));
      if (there == nullptr || !targets_of(*there).contains(work.stored.id)) return {};
      TRY(id, id_of(owner));
      users.insert(id);
      return {};
    };
    for (Rid after{};;) {
      TRY(links, store::links_to(writer_, rid, std::nullopt, after, store::kPageMax));
      for (const auto& link : links) CHECK_OK(look(link.rid));
      if (links.size() < store::kPageMax || links.back().rid == after || !users.empty()) break;
      after = links.back().rid;
    }
    for (const auto owner : named_by(work.stored.id)) CHECK_OK(look(owner));
    TRY(memberships, store::memberships_of(writer_, rid));
    for (const auto& member : memberships) CHECK_OK(look(member.family));
    TRY(members, store::members_of(writer_, rid));
    for (const auto& member : members) CHECK_OK(look(member.person));
    if (users.empty()) continue;
    problem_ = {.kind = ChangeProblem::Kind::in_use, .operation = problem_.operation, .record = work.stored.id,
                .path = {users.begin(), users.end()}};
    return fail(Code::conflict, "the record is still named by others");
  }
  return {};
}

Result<void> Workspace::gather_families() {
  std::set<RecordId> named;
  for (const auto& [rid, work] : works_) {
    if (!work.changed) continue;
    if (work.stored.kind == store::RecordKind::family) families_.insert(rid);
    if (work.stored.kind != store::RecordKind::person) continue;
    const auto before = model::field_values(work.before, {}), after = model::field_values(work.after, {});
    const bool links_differ = before[index_of(model::Field::families)] != after[index_of(model::Field::families)];
    const bool sex_differs = before[index_of(model::Field::sex)] != after[index_of(model::Field::sex)];
    if (!links_differ && !sex_differs && work.was_there() && !work.gone) continue;
    if (work.was_there()) add_families(work.before, named);
    if (!work.after.empty()) add_families(work.after, named);
  }
  for (const auto& id : named) {
    const auto rid = rid_of(id);
    if (!rid) continue;  // a family that goes is a record of its own here; one that never was says nothing
    TRY(there, present(*rid));
    if (there != nullptr && model::record_kind(*there) == model::RecordKind::family) families_.insert(*rid);
  }
  for (const auto family : families_) CHECK_OK(derive_members(family));
  return {};
}

/// The same rules as an import's (import_facts.cc, join_sides and make_members), for one family.
Result<void> Workspace::derive_members(Rid family) {
  struct Side {
    Rid person;
    store::MemberRole role;
    model::Pedigree pedigree;
    std::uint16_t ord;
    bool from_family, both = false, main = false;
  };
  const auto is_child = [](const Side& side) { return side.role == store::MemberRole::child; };
  TRY(old, store::members_of(writer_, family));
  TRY(record, present(family));
  TRY(family_id, id_of(family));
  std::vector<Side> sides;
  std::set<Rid> people;
  for (const auto& member : old) people.insert(member.person);
  if (record != nullptr) {
    model::FamilyView view;
    model::read_family(*record, view);
    std::uint16_t ord = 0;
    for (const auto& partner : view.partners) {
      const auto rid = partner.target.resolved() ? rid_of(partner.target.id) : std::nullopt;
      if (!rid) continue;
      const auto role = partner.role == tree::Tag::WIFE ? store::MemberRole::wife : store::MemberRole::husband;
      sides.push_back({*rid, role, model::Pedigree::not_stated, ord++, true});
      people.insert(*rid);
    }
    ord = 0;
    for (const auto& child : view.children) {
      const auto rid = child.person.resolved() ? rid_of(child.person.id) : std::nullopt;
      if (!rid) continue;
      sides.push_back({*rid, store::MemberRole::child, child.to_husband, ord++, true});
      people.insert(*rid);
    }
    for (const auto rid : named_by(family_id)) {
      const auto& work = works_.at(rid);
      if (work.changed && work.stored.kind == store::RecordKind::person) people.insert(rid);
    }
  }
  for (const auto person : people) {
    relatives_.insert(n_of(person));
    TRY(there, present(person));
    if (there == nullptr || model::record_kind(*there) != model::RecordKind::person) {
      std::erase_if(sides, [&](const Side& side) { return side.person == person; });
      continue;
    }
    if (record == nullptr) continue;
    model::PersonView view;
    model::read_person(*there, view);
    std::uint16_t ord = 0;
    for (std::size_t i = 0; i < view.parents.size(); ++i, ++ord) {
      if (!view.parents[i].family.resolved() || view.parents[i].family.id != family_id) continue;
      const bool main = view.parents.size() > 1 && view.primary_parents() == i;
      sides.push_back({person, store::MemberRole::child, view.parents[i].pedigree, ord, false, false, main});
    }
    for (const auto& link : view.partners) {
      const auto role = view.sex == model::Sex::female ? store::MemberRole::wife : store::MemberRole::husband;
      if (link.target.resolved() && link.target.id == family_id)
        sides.push_back({person, role, model::Pedigree::not_stated, ord, false});
      ++ord;
    }
    // Whom the person calls the main parents, it says of all its parent families.
    if (view.parents.size() > 1 && view.parents[view.primary_parents()].family.id == family_id) {
      for (auto& side : sides) side.main = side.main || (side.person == person && is_child(side));
    }
  }
  const auto key = [&](const Side& side) { return std::tuple{side.person, is_child(side)}; };
  std::ranges::sort(sides, [&](const Side& a, const Side& b) {
    return std::tuple{key(a), !a.from_family, a.ord} < std::tuple{key(b), !b.from_family, b.ord};
  });
  std::vector<Side> joined;
  for (const auto& side : sides) {
    const auto first = std::ranges::find(joined, key(side), key);
    if (!side.from_family && first != joined.end()) {
      first->both = first->from_family;
      if (first->pedigree == model::Pedigree::not_stated) first->pedigree = side.pedigree;
    } else {
      joined.push_back(side);
    }
  }
  std::ranges::sort(joined, [&](const Side& a, const Side& b) {
    return std::tuple{is_child(a), !a.from_family, a.ord, a.person} < std::tuple{is_child(b), !b.from_family, b.ord, b.person};
  });
  constexpr std::uint16_t kMembersMax = 0x7FFF;
  auto& rows = members_[family];
  std::array<std::uint16_t, 4> next{};
  for (const auto& side : joined) {
    auto& ord = next[static_cast<std::size_t>(side.role)];
    if (ord == kMembersMax) continue;
    rows.push_back({.role = side.role,
                    .ord = ord++,
                    .person = side.person,
                    .pedigree = static_cast<store::Pedigree>(side.pedigree),
                    .state = side.both ? store::MemberState::normal : store::MemberState::one_sided,
                    .primary = side.main});
  }
  // What the graph cannot hold stays out of it: a third partner, the same member twice, a cycle that came in with an import.
  const auto in_order = [](const store::MemberRow& row) { return std::tuple{row.role == store::MemberRole::child, row.role, row.ord}; };
  std::ranges::sort(rows, {}, in_order);
  std::size_t partners = 0;
  std::set<std::pair<bool, Rid>> met;
  for (auto& row : rows) {
    const bool child = row.role == store::MemberRole::child;
    const bool was_excluded = std::ranges::any_of(old, [&](const store::Member& member) {
      const bool same = member.person == row.person && (member.role == store::MemberRole::child) == child;
      return same && member.state == store::MemberState::excluded;
    });
    if (!met.emplace(child, row.person).second || (!child && ++partners > 2) || was_excluded) row.state = store::MemberState::excluded;
  }
  return {};
}

Result<void> Workspace::derive_graph() {
  std::vector<kinship::FamilyChange> families;
  for (const auto& [family, rows] : members_) {
    kinship::FamilyChange change{.family = n_of(family), .rows = {}};
    for (const auto& row : rows) {
      const bool child = row.role == store::MemberRole::child;
      const auto ord = static_cast<std::uint16_t>(child ? row.ord : row.ord * 2 + (row.role == store::MemberRole::wife ? 1 : 0));
      change.rows.push_back({.family = n_of(family),
                             .person = n_of(row.person),
                             .ord = ord,
                             .role = child ? kinship::Role::child : kinship::Role::partner,
                             .pedigree = static_cast<kinship::Pedigree>(row.pedigree),
                             .state = row.state == store::MemberState::excluded ? kinship::MemberState::excluded
                                                                                : kinship::MemberState::normal,
                             .primary = row.primary});
    }
    for (const auto child : graph_->graph.children(n_of(family))) relatives_.insert(child);
    families.push_back(std::move(change));
  }
  std::vector<kinship::PersonChange> persons;
  for (const auto& [rid, work] : works_) {
    if (!work.changed || work.stored.kind != store::RecordKind::person) continue;
    relatives_.insert(n_of(rid));
    auto sex = kinship::Sex::absent;
    if (!work.after.empty()) {
      model::PersonView view;
      model::read_person(work.after, view);
      sex = graph_sex(view.sex);
    }
    if (sex == graph_->graph.sex(n_of(rid)) && n_of(rid) < graph_->graph.node_count()) continue;
    persons.push_back({n_of(rid), sex});
    // The places of father and mother may change with the sex.
    if (n_of(rid) >= graph_->graph.node_count()) continue;
    for (const auto family : graph_->graph.families(n_of(rid))) {
      for (const auto child : graph_->graph.children(family)) relatives_.insert(child);
    }
  }
  if (families.empty() && persons.empty()) {
    after_ = graph_->graph;
    return {};
  }
  auto after = graph_->graph.with(families, persons);
  if (!after && after.error().code == Code::conflict) {
    problem_.kind = ChangeProblem::Kind::cycle;
    for (const auto n : chain_in(after.error().detail)) {
      TRY(id, id_of(make_rid(tree_.tree_no, n)));
      problem_.path.push_back(id);
    }
    return fail(Code::conflict, "a person would be an own ancestor");
  }
  if (!after) return std::unexpected(after.error());
  after_ = std::move(*after);
  for (const auto& change : families) {
    for (const auto child : after_.children(change.family)) relatives_.insert(child);
  }
  return {};
}

// ---------------------------------------------------------------- who is living

Result<model::LivingFacts> Workspace::facts_of(std::uint32_t n) {
  const Rid rid = make_rid(tree_.tree_no, n);
  TRY(record, present(rid));
  if (record == nullptr || model::record_kind(*record) != model::RecordKind::person) return model::LivingFacts{};
  TRY(id, id_of(rid));
  model::PersonView person;
  model::read_person(*record, person);
  auto facts = model::living_facts(person);
  std::set<Rid> families;
  for (const auto family : after_.families(n)) families.insert(make_rid(tree_.tree_no, family));
  for (const auto& link : person.partners) {
    if (const auto family = link.target.resolved() ? rid_of(link.target.id) : std::nullopt) families.insert(*family);
  }
  for (const auto family : families) {
    TRY(structure, present(family));
    if (structure == nullptr || model::record_kind(*structure) != model::RecordKind::family) continue;
    model::FamilyView view;
    model::read_family(*structure, view);
    for (const auto& partner : view.partners) {
      if (partner.target.resolved() && partner.target.id == id) model::add_family(facts, view);
    }
  }
  return facts;
}

namespace {

class EditedLiving final : public model::LivingGraph {
 public:
  EditedLiving(const TreeMemory& memory, const std::map<std::uint32_t, model::LivingFacts>& facts, const kinship::Graph& graph)
      : memory_{memory}, facts_{facts}, graph_{graph} {}
  model::LivingFacts facts(std::uint32_t person) const override {
    if (const auto found = facts_.find(person); found != facts_.end()) return found->second;
    return person < memory_.facts.size() ? memory_.facts[person] : model::LivingFacts{};
  }
  std::pair<std::uint32_t, std::uint32_t> parents(std::uint32_t person) const override { return birth_parents(graph_, person); }
  void children(std::uint32_t person, std::vector<std::uint32_t>& out) const override {
    for (const auto family : graph_.families(person)) {
      for (const auto child : graph_.children(family)) {
        const auto [father, mother] = birth_parents(graph_, child);
        const bool here = graph_.parents(child).family == family;
        if (here && (father == person || mother == person)) out.push_back(child);
      }
    }
  }
  model::Jdn latest_birth(std::uint32_t person) const override {
    return person < memory_.births.size() ? memory_.births[person] : model::kUnbounded;
  }

 private:
  const TreeMemory& memory_;
  const std::map<std::uint32_t, model::LivingFacts>& facts_;
  const kinship::Graph& graph_;
};

}  // namespace

/// Of those, whose bounds may be others now: other facts, or other parents or children. Looking at a thousand people whose facts say of
/// their births what they said before would mean looking at all their kin.
std::vector<std::uint32_t> Workspace::bounds_to_renew(const std::set<std::uint32_t>& edited) const {
  const auto same = [](const model::LivingFacts& a, const model::LivingFacts& b) {
    return a.birth_max == b.birth_max && a.event_max == b.event_max && a.marriage_max == b.marriage_max && a.death_max == b.death_max &&
           a.dead == b.dead && a.living == b.living;
  };
  std::set<std::uint32_t> renewed;
  for (const auto n : edited) {
    if (n >= memory_->facts.size() || n >= memory_->births.size() || !same(facts_.at(n), memory_->facts[n])) renewed.insert(n);
  }
  for (const auto n : relatives_) {
    const auto before = n < graph_->graph.node_count() ? birth_parents(graph_->graph, n) : std::pair{model::kNobody, model::kNobody};
    const auto after = birth_parents(after_, n);
    if (before == after) continue;
    for (const auto one : {n, before.first, before.second, after.first, after.second}) {
      if (one != model::kNobody) renewed.insert(one);
    }
  }
  return {renewed.begin(), renewed.end()};
}

Result<void> Workspace::derive_living() {
  std::set<std::uint32_t> edited = relatives_;
  for (const auto& [rid, work] : works_) {
    if (!work.changed || work.stored.kind != store::RecordKind::family) continue;
    for (const kinship::Graph* graph : std::initializer_list<const kinship::Graph*>{&graph_->graph, &after_}) {
      if (n_of(rid) >= graph->node_count()) continue;
      for (const auto partner : graph->partners(n_of(rid))) {
        if (partner != kinship::kNone) edited.insert(partner);
      }
    }
  }
  // Of a link that is new or gone, both ends.
  for (const auto n : relatives_) {
    for (const kinship::Graph* graph : std::initializer_list<const kinship::Graph*>{&graph_->graph, &after_}) {
      if (n >= graph->node_count()) continue;
      const auto [father, mother] = birth_parents(*graph, n);
      if (father != kinship::kNone) edited.insert(father);
      if (mother != kinship::kNone) edited.insert(mother);
    }
  }
  for (const auto n : edited) {
    TRY(facts, facts_of(n));
    facts_[n] = facts;
  }
  const EditedLiving graph{*memory_, facts_, after_};
  const auto list = bounds_to_renew(edited);
  if (const auto changed = model::update_latest_births(graph, list)) {
    for (const auto& [n, birth] : *changed) births_[n] = birth;
  } else {
    // Too many at once: everybody anew.
    auto facts = memory_->facts;
    facts.resize(next_n_);
    for (const auto& [n, one] : facts_) facts[n] = one;
    std::vector<std::uint32_t> father(next_n_), mother(next_n_);
    for (std::uint32_t n = 0; n < next_n_; ++n) std::tie(father[n], mother[n]) = birth_parents(after_, n);
    const auto births = model::latest_births(facts, father, mother);
    for (std::uint32_t n = 0; n < next_n_; ++n) {
      if (births[n] != graph.latest_birth(n)) births_[n] = births[n];
    }
  }
  const auto note = [&](std::uint32_t n) {
    const auto birth = births_.find(n);
    living_until_[n] = model::living_until(graph.facts(n), birth == births_.end() ? graph.latest_birth(n) : birth->second);
  };
  for (const auto n : edited) note(n);
  for (const auto& [n, birth] : births_) note(n);
  return {};
}

// ---------------------------------------------------------------- writing

model::FieldInputs Workspace::inputs(const kinship::Graph& graph, std::uint32_t n) {
  model::FieldInputs inputs;
  inputs.tree = tree_.id;
  if (!graph.is_person(n)) return inputs;
  const auto id = [&](kinship::PersonN person) {
    if (person == kinship::kNone) return RecordId{};
    const auto found = id_of(make_rid(tree_.tree_no, person));
    return found ? *found : RecordId{};
  };
  const auto parents = graph.parents(n);
  inputs.parents = {id(parents.father), id(parents.mother)};
  if (!graph.further_parents(n).empty()) {
    const auto partners = graph.partners(graph.further_parents(n).front().family);
    inputs.further_parents = {id(partners[0]), id(partners[1])};
  }
  return inputs;
}

Result<void> Workspace::note_document(Rid rid, const search::Document& after) {
  search::DocumentIndex index{writer_};
  auto before = index.get(rid);
  if (!before && before.error().code != Code::not_found) return std::unexpected(before.error());
  auto [entry, is_new] = documents_.try_emplace(rid);
  if (is_new && before) entry->second.first = std::move(*before);
  entry->second.second = after;
  return index.put(rid, after);
}

/// Which file of the archive a media record shows stands in no structure: it is kept from the rows.
Result<void> Workspace::remember_blobs(const Work& work) {
  blobs_.clear();
  if (work.made || work.stored.kind != store::RecordKind::media) return {};
  TRY(identifiers, store::identifiers_of(writer_, work.stored.rid));
  for (const auto& identifier : identifiers) {
    const auto blank = identifier.value.find(' ');
    if (identifier.scheme != kBlobScheme || blank == std::string::npos) continue;
    const auto bytes = from_hex(identifier.value.substr(0, blank));
    if (!bytes) continue;
    if (const auto digest = digest_from_bytes(*bytes)) blobs_.emplace_back(identifier.value.substr(blank + 1), *digest);
  }
  return {};
}

Result<void> Workspace::write_record(Work& work, const store::ChangeContext& context) {
  CHECK_OK(remember_blobs(work));
  Projector projector{[this](const RecordId& id) { return rid_of(id); },
                      [this](const model::PlaceUse& use) { return places_.find(writer_, tree_.tree_no, use); },
                      [this](std::string_view file) -> std::optional<Digest> {
                        const auto found = std::ranges::find(blobs_, file, &std::pair<std::string, Digest>::first);
                        return found == blobs_.end() ? std::nullopt : std::optional{found->second};
                      }};
  const auto n = n_of(work.stored.rid);
  const auto until = living_until_.find(n);
  std::vector<store::MemberRow> members;
  if (work.stored.kind == store::RecordKind::family) members = members_.at(work.stored.rid);
  CHECK_OK(projector.project(work.after, {.rid = work.stored.rid,
                                          .id = work.stored.id,
                                          .xref = work.stored.xref,
                                          .fields = inputs(after_, n),
                                          .living_until = until == living_until_.end() ? model::kUnbounded : until->second,
                                          .today = today_,
                                          .members = members}));
  const auto& draft = projector.draft();
  store::Written written;
  if (work.made) {
    TRY(made, store::create_record(writer_, context, draft));
    written = made;
  } else if (work.stored.deleted) {
    TRY(restored, store::restore_record(writer_, context, draft));
    written = restored;
  } else {
    TRY(replaced, store::replace_record(writer_, context, draft, hasher_(work.before, inputs(graph_->graph, n)), work.stored.version));
    written = replaced;
  }
  result_.changes += written.changes;
  result_.records.push_back({.id = work.stored.id, .kind = work.stored.kind, .version = written.version,
                             .created = work.made || work.stored.deleted, .deleted = false});
  if (work.stored.kind == store::RecordKind::place) {
    CHECK_OK(writer_.statement("UPDATE place SET rid = NULL WHERE rid = :1", "i").run(work.stored.rid));
    CHECK_OK(places_.link_record(writer_, work.stored.rid, work.after));
  }
  if (work.stored.kind == store::RecordKind::person) living_.emplace_back(n, draft.person->living);
  return note_document(work.stored.rid, projector.document());
}

Result<void> Workspace::write_deletion(Work& work, const store::ChangeContext& context) {
  TRY(written, store::delete_record(writer_, context, work.stored.rid, model::empty_field_values(), work.stored.version));
  result_.changes += written.changes;
  result_.records.push_back(
      {.id = work.stored.id, .kind = work.stored.kind, .version = written.version, .created = false, .deleted = true});
  if (work.stored.kind == store::RecordKind::place)
    CHECK_OK(writer_.statement("UPDATE place SET rid = NULL WHERE rid = :1", "i").run(work.stored.rid));
  if (work.stored.kind == store::RecordKind::person) living_.emplace_back(n_of(work.stored.rid), false);
  return note_document(work.stored.rid, {});
}

/// Parents that are others now, of people whose own record is as it was; and rows of families whose own record is.
Result<void> Workspace::write_derived(const store::ChangeContext& context) {
  for (const auto n : relatives_) {
    const Rid rid = make_rid(tree_.tree_no, n);
    const auto work = works_.find(rid);
    if ((work != works_.end() && work->second.changed) || !after_.is_person(n)) continue;
    const auto before = inputs(graph_->graph, n), after = inputs(after_, n);
    const auto same = [](const model::ParentIds& a, const model::ParentIds& b) { return a.husband == b.husband && a.wife == b.wife; };
    if (same(before.parents, after.parents) && same(before.further_parents, after.further_parents)) continue;
    TRY(record, present(rid));
    if (record == nullptr) continue;
    const auto old_fields = hasher_(*record, before);
    TRY(written, store::derive_fields(writer_, context, rid, old_fields, hasher_(*record, after)));
    result_.changes += written.changes;
  }
  for (const auto& [family, rows] : members_) {
    const auto work = works_.find(family);
    if (work != works_.end() && work->second.changed) continue;
    CHECK_OK(store::replace_members(writer_, family, rows));
  }
  return {};
}

/// Living or not, of people whose own record is as it was.
Result<void> Workspace::write_living() {
  for (const auto& [n, until] : living_until_) {
    const Rid rid = make_rid(tree_.tree_no, n);
    const auto work = works_.find(rid);
    if ((work != works_.end() && work->second.changed) || !after_.is_person(n)) continue;
    TRY(row, store::person_of(writer_, rid));
    const bool bounded = until != model::kUnbounded && until != model::kDead;
    const auto day = bounded ? std::optional{static_cast<std::int32_t>(until)} : std::nullopt;
    const bool living = model::is_living(until, today_);
    if (row.living_until == day && row.living == living) continue;
    CHECK_OK(store::update_person_row(writer_, rid,
                                      {.sex = row.sex, .living = living, .living_until = day, .birth_min = row.birth_min,
                                       .birth_max = row.birth_max, .death_min = row.death_min, .death_max = row.death_max,
                                       .label = row.label}));
    living_.emplace_back(n, living);
    rows_only_.insert(rid);
  }
  return {};
}

/// Places that nobody had named before are found from now on, and those that nobody names any more are not.
Result<void> Workspace::write_places() {
  TRY(left, store::remove_left_places(writer_, tree_.tree_no));
  for (const auto pid : left) {
    const auto document = search::document_of_place(static_cast<std::uint32_t>(pid.value()));
    CHECK_OK(search::DocumentIndex{writer_}.remove(make_rid(tree_.tree_no, document)));
  }
  std::vector<store::Place> fresh;
  auto rows = writer_.statement("SELECT pid FROM place WHERE pid > :1 AND pid <= :2 ORDER BY pid", "ii", "i")
                  .query(last_place_, make_rid(tree_.tree_no, 0xFFFF'FFFF));
  std::vector<store::Pid> pids;
  while (rows.next()) pids.emplace_back(rows.integer(0));
  CHECK_OK(rows.status());
  search::Tokenizer tokenizer;
  search::Document document;
  for (const auto pid : pids) {
    TRY(path, store::place_path(writer_, pid));
    const auto& place = path.back();
    const auto parent = static_cast<std::uint32_t>(place.parent.value());
    const auto n = static_cast<std::uint32_t>(pid.value());
    if (!place.rid) {
      std::vector<std::string_view> around;
      for (std::size_t i = path.size() - 1; i > 0; --i) around.push_back(path[i - 1].name);
      search::place_document(tokenizer, place.name, around, document);
      CHECK_OK(search::DocumentIndex{writer_}.put(make_rid(tree_.tree_no, search::document_of_place(n)), document));
    }
    new_places_.emplace_back(
        search::PlaceFacts{.n = n, .parent = parent == 0 ? search::kNoPlace : parent, .name = {}, .has_record = place.rid.has_value()},
        place.name);
  }
  return {};
}

Result<void> Workspace::write(const store::ChangeContext& context) {
  auto rows = writer_.statement("SELECT coalesce(max(pid), :1) FROM place WHERE pid BETWEEN :1 AND :2", "ii", "i")
                  .query(make_rid(tree_.tree_no, 0), make_rid(tree_.tree_no, 0xFFFF'FFFF));
  if (rows.next()) last_place_ = rows.integer(0);
  CHECK_OK(rows.status());
  // A new record takes the next number: those that were made and went again within the change set must not leave a gap.
  for (auto& [rid, work] : works_) {
    if (!work.changed) continue;
    if (work.after.empty()) {
      CHECK_OK(write_deletion(work, context));
    } else {
      CHECK_OK(write_record(work, context));
    }
  }
  CHECK_OK(write_derived(context));
  CHECK_OK(write_living());
  return write_places();
}

/// What the index needs to hear, read from the rows as they are now.
Result<void> Workspace::gather_index_edits() {
  const auto index = archive_.loaded_index(tree_.tree_no);
  if (!index || index->generation() != tree_.generation) return {};
  std::set<Rid> touched = rows_only_;
  for (const auto& [rid, documents] : documents_) touched.insert(rid);
  // The number of links is part of a rank.
  for (const auto& [family, rows] : members_) touched.insert(family);
  for (const auto rid : touched) {
    auto one = std::make_unique<IndexEdit>();
    one->n = n_of(rid);
    if (const auto known = documents_.find(rid); known != documents_.end()) {
      one->before = known->second.first;
      one->after = known->second.second;
    } else if (auto document = search::DocumentIndex{writer_}.get(rid); document) {
      one->before = one->after = *document;
    }
    auto record = store::find_record(writer_, rid);
    if (!record) return std::unexpected(record.error());
    one->gone = record->deleted;
    if (!one->gone) {
      TRY(facts, read_facts(writer_, *record, one->after));
      one->owned = std::move(facts);
    }
    index_edits_.push_back(std::move(one));
  }
  return {};
}

/// What is in memory follows at the commit, while nobody else can write.
void Workspace::patch_at_commit() {
  auto graph = std::make_shared<TreeGraph>();
  graph->tree = graph_->tree;
  graph->tree.next_n = std::max(next_n_, tree_.next_n);
  graph->graph = after_;
  graph->living = graph_->living;
  graph->living.resize(graph->tree.next_n);
  for (const auto& [n, living] : living_) graph->living[n] = living;
  graph->home = graph_->home != kinship::kNone && after_.is_person(graph_->home) ? graph_->home : kinship::kNone;
  if (graph->home == kinship::kNone) graph->home = choose_home(after_);
  archive_.at_commit([this, graph](std::int64_t tree_no, std::int64_t generation) {
    if (tree_no != tree_.tree_no) return;
    graph->tree.generation = generation;
    graph->tree.log_size += result_.changes;
    archive_.put_graph(graph);
    memory_->generation = generation;
    memory_->facts.resize(graph->tree.next_n);
    memory_->births.resize(graph->tree.next_n, model::kUnbounded);
    for (const auto& [n, facts] : facts_) memory_->facts[n] = facts;
    for (const auto& [n, birth] : births_) memory_->births[n] = birth;
    memory_->xref_max = xref_next_ - 1;
    const auto index = archive_.loaded_index(tree_no);
    if (!index || index->generation() != tree_.generation) return;
    std::vector<search::RecordEdit> edits;
    for (const auto& one : index_edits_) {
      edits.push_back({.n = one->n,
                       .after = one->gone ? nullptr : &one->owned.facts(),
                       .document_before = one->before.empty() ? nullptr : &one->before,
                       .document_after = one->after.empty() ? nullptr : &one->after});
    }
    std::vector<search::PlaceFacts> places;
    for (auto& [facts, name] : new_places_) facts.name = name, places.push_back(facts);
    index->apply(edits, places, generation);
  });
}

// ---------------------------------------------------------------- asked twice

namespace {

/// "<time, 12 digits> <what was asked> <change set>" under a name of the key's digest.
constexpr std::string_view kKeyPrefix = "asked/";
std::string key_name(std::int64_t tree_no, std::string_view key) {
  return std::string{kKeyPrefix} + std::to_string(tree_no) + '/' + to_hex(sha256(bytes_of(key)).view().first(16));
}
std::string padded(std::int64_t seconds) {
  auto text = std::to_string(seconds);
  return std::string(12 - std::min<std::size_t>(12, text.size()), '0') + text;
}

}  // namespace

Result<std::optional<ChangeResult>> Workspace::answered(const ChangeRequest& request) {
  if (request.key.empty() || request.dry_run) return std::optional<ChangeResult>{};
  TRY(known, store::find_setting(writer_, key_name(tree_.tree_no, request.key)));
  if (!known || *known < padded(wall_now().seconds() - kKeySeconds)) return std::optional<ChangeResult>{};
  const auto parts = std::string_view{*known}.substr(13);
  if (parts.substr(0, 64) != to_hex(request.asked)) {
    problem_.kind = ChangeProblem::Kind::key_reused;
    return fail(Code::conflict, "something else was asked under this key");
  }
  TRY(id, parse_uuid(parts.substr(65)));
  TRY(result, result_of(writer_, store::ChangeSetId{id}));
  return std::optional{std::move(result)};
}

Result<void> Workspace::remember_key(const ChangeRequest& request) {
  if (request.key.empty()) return {};
  const auto now = wall_now().seconds();
  // Names of keys lie between these two.
  CHECK_OK(writer_.statement("DELETE FROM setting WHERE name > :1 AND name < :2 AND value < :3", "ttt")
               .run("asked/", "asked0", padded(now - kKeySeconds)));
  return store::put_setting(writer_, key_name(tree_.tree_no, request.key),
                            padded(now) + ' ' + to_hex(request.asked) + ' ' + to_string(result_.change_set.value()));
}

Result<ChangeResult> Workspace::finish(const ChangeRequest& request, store::ChangeSetKind kind, std::optional<store::ChangeSetId> undoes) {
  // Records that the change set made and took away again never were.
  for (auto at = works_.begin(); at != works_.end();) {
    const bool never = at->second.made && at->second.gone;
    if (never && n_of(at->first) + 1 != next_n_) return fail(Code::invalid, "a record is made and deleted by one change set");
    if (never) --next_n_, rids_.erase(at->second.stored.id);
    at = never ? works_.erase(at) : std::next(at);
  }
  CHECK_OK(settle());
  CHECK_OK(check_pointers());
  CHECK_OK(check_unused());
  CHECK_OK(gather_families());
  CHECK_OK(derive_graph());
  CHECK_OK(derive_living());
  const store::ChangeContext context{.change_set = store::ChangeSetId{archive_.database().ids().next()},
                                     .actor = request.actor,
                                     .time = wall_now().seconds()};
  result_.change_set = context.change_set;
  result_.tree = tree_.id;
  result_.generation = tree_.generation;
  if (std::ranges::none_of(works_, [](const auto& entry) { return entry.second.changed; })) return std::move(result_);
  CHECK_OK(store::add_change_set(writer_, {.id = context.change_set,
                                           .tree_no = tree_.tree_no,
                                           .kind = kind,
                                           .actor = request.actor,
                                           .time = context.time,
                                           .summary = request.reason,
                                           .undoes = undoes}));
  CHECK_OK(write(context));
  result_.generation = tree_.generation + 1;
  if (request.dry_run) return std::move(result_);
  CHECK_OK(remember_key(request));
  CHECK_OK(gather_index_edits());
  patch_at_commit();
  auto committed = writer_.commit();
  if (!committed) {
    archive_.forget_patch();  // the turn is still ours; after a commit it is another's
    return std::unexpected(std::move(committed).error());
  }
  return std::move(result_);
}

}  // namespace tablinum::archive
