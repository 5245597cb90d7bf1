#include "tablinum/archive/edit.h"

#include "workspace.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace edit = tree::edit;
using tree::Tag;

/// Applies operations one by one to a workspace.
class Operations {
 public:
  Operations(Workspace& space, const ChangeRequest& request) : space_{space}, request_{request} {}

  Result<void> run() {
    std::size_t creates = 0;
    for (const auto& operation : request_.operations) creates += operation.kind == OperationKind::create;
    // Minted now: the writer is ours, so ids increase with the numbers of their records.
    for (std::size_t i = 0; i < creates; ++i) created_.push_back(space_.mint());
    for (std::size_t i = 0; i < request_.operations.size(); ++i) {
      space_.problem().operation = i;
      if (request_.operations[i].kind == OperationKind::create) CHECK_OK(make(request_.operations[i]));
    }
    for (std::size_t i = 0; i < request_.operations.size(); ++i) {
      space_.problem().operation = i;
      CHECK_OK(apply(request_.operations[i]));
    }
    space_.problem().operation.reset();
    return {};
  }
  std::vector<RecordId> created() && { return std::move(created_); }

 private:
  Result<RecordId> real(const RecordId& id) const {
    const auto n = created_number(id);
    if (!n) return id;
    if (*n >= created_.size()) return fail(Code::invalid, "no operation makes this record");
    return created_[*n];
  }
  Result<Workspace::Work*> find(const RecordId& id) {
    TRY(known, real(id));
    return space_.find(known);
  }
  /// The record's editor, once its version is what the caller expects.
  Result<edit::Editor*> editor(const Operation& operation) {
    TRY(work, find(operation.record));
    CHECK_OK(space_.expect(*work, operation.version));
    return space_.edit(*work);
  }
  Result<void> settle(edit::Citation& citation) const {
    if (!citation.source) return {};
    TRY(id, real(*citation.source));
    citation.source = id;
    return {};
  }
  Result<void> settle(edit::Note& note) const {
    if (!note.record) return {};
    TRY(id, real(*note.record));
    note.record = id;
    return {};
  }
  template <class Part>
  Result<Part> settled(Part part) const {
    for (auto& citation : part.citations) CHECK_OK(settle(citation));
    for (auto& note : part.notes) CHECK_OK(settle(note));
    return std::move(part);
  }

  Result<void> make(const Operation& operation);
  Result<void> apply(const Operation& operation);
  Result<void> fill(edit::Editor& record, const Operation& operation);
  Result<void> put_names(edit::Editor& record, const std::vector<Listed<edit::Name>>& names);
  Result<void> put_facts(edit::Editor& record, const std::vector<Listed<edit::Fact>>& facts);
  Result<void> delete_record(const Operation& operation);
  Result<void> remove_everywhere(const RecordId& id, Rid rid);
  Result<void> link_person(const Operation& operation);
  Result<void> unlink_person(const Operation& operation);
  Result<void> order_children(const Operation& operation);
  Result<Tag> place_for(edit::Editor& family, const Operation& operation, const Workspace::Work& person);

  Workspace& space_;
  const ChangeRequest& request_;
  std::vector<RecordId> created_;
};

Result<void> Operations::make(const Operation& operation) {
  using enum model::RecordKind;
  const auto kind = operation.record_kind;
  if (kind == other || kind == header || kind == submission) return fail(Code::invalid, "kind: no record of this kind can be made");
  TRY(id, real(operation.record));
  CHECK_OK(space_.create(id, kind));
  return {};
}

Result<void> Operations::apply(const Operation& operation) {
  using enum OperationKind;
  switch (operation.kind) {
    case remove_record: return delete_record(operation);
    case link: return link_person(operation);
    case unlink: return unlink_person(operation);
    case order: return order_children(operation);
    default: break;
  }
  TRY(record, editor(operation));
  const auto done = [](auto result) { return result ? Result<void>{} : Result<void>{std::unexpected(std::move(result).error())}; };
  switch (operation.kind) {
    case create:
    case patch: return fill(*record, operation);
    case add_name:
    case set_name: {
      TRY(name, settled(operation.name));
      return operation.kind == add_name ? done(record->add_name(name)) : record->set_name(operation.number, name);
    }
    case add_fact:
    case set_fact: {
      TRY(fact, settled(operation.fact));
      return operation.kind == add_fact ? done(record->add_fact(fact)) : record->set_fact(operation.number, fact);
    }
    case add_note:
    case set_note: {
      auto note = operation.note;
      CHECK_OK(settle(note));
      return operation.kind == add_note ? done(record->add_note(operation.number, note)) : record->set_note(operation.number, note);
    }
    case add_citation:
    case set_citation: {
      auto citation = operation.citation;
      CHECK_OK(settle(citation));
      return operation.kind == add_citation ? done(record->add_citation(operation.number, citation))
                                            : record->set_citation(operation.number, citation);
    }
    case add_media: {
      TRY(media, find(operation.other));
      if (media->stored.kind != store::RecordKind::media) return fail(Code::invalid, "media: not a media record");
      return done(record->add_media(operation.number, media->stored.id));
    }
    case remove: return record->remove(operation.number);
    default: return record->prefer(operation.number);
  }
}

Result<void> Operations::fill(edit::Editor& record, const Operation& operation) {
  for (const auto& text : operation.texts) CHECK_OK(record.set_text(text));
  if (operation.sex) CHECK_OK(record.set_sex(*operation.sex));
  if (operation.living) CHECK_OK(record.set_living(*operation.living));
  if (operation.names) CHECK_OK(put_names(record, *operation.names));
  if (operation.facts) CHECK_OK(put_facts(record, *operation.facts));
  for (auto note : operation.notes) {
    CHECK_OK(settle(note));
    CHECK_OK(record.add_note(0, note));
  }
  for (auto citation : operation.citations) {
    CHECK_OK(settle(citation));
    CHECK_OK(record.add_citation(0, citation));
  }
  return {};
}

/// Which numbers of the record's own parts the list leaves out.
template <class View, class Part>
std::vector<std::uint16_t> missing_from(const std::vector<View>& views, const std::vector<Listed<Part>>& listed) {
  std::vector<std::uint16_t> missing;
  std::set<std::uint16_t> named;
  for (const auto& one : listed) {
    if (one.number) named.insert(*one.number);
  }
  for (const auto& view : views) {
    if (view.number != 0 && named.insert(view.number).second) missing.push_back(view.number);
  }
  return missing;
}

Result<void> Operations::put_names(edit::Editor& record, const std::vector<Listed<edit::Name>>& names) {
  const auto now = record.structure();
  model::PersonView view;
  model::read_person(now, view);
  for (const auto number : missing_from(view.names, names)) CHECK_OK(record.remove(number));
  std::set<std::uint16_t> met;
  std::uint16_t first = 0;
  for (const auto& one : names) {
    TRY(name, settled(one.part));
    auto number = one.number.value_or(0);
    if (one.number) {
      // A name below another has that one's number: what is said of the first is meant.
      if (!met.insert(number).second) continue;
      CHECK_OK(record.set_name(number, name));
    } else {
      TRY(added, record.add_name(name));
      number = added;
    }
    if (first == 0) first = number;
  }
  return first == 0 ? Result<void>{} : record.prefer(first);
}

Result<void> Operations::put_facts(edit::Editor& record, const std::vector<Listed<edit::Fact>>& facts) {
  const auto now = record.structure();
  std::vector<model::EventView> events;
  if (record.kind() == model::RecordKind::family) {
    model::FamilyView view;
    model::read_family(now, view);
    events = view.events;
  } else {
    model::PersonView view;
    model::read_person(now, view);
    events = view.events;
  }
  for (const auto number : missing_from(events, facts)) CHECK_OK(record.remove(number));
  std::set<std::uint16_t> met;
  for (const auto& one : facts) {
    TRY(fact, settled(one.part));
    if (!one.number) {
      CHECK_OK(record.add_fact(fact));
    } else if (met.insert(*one.number).second) {
      CHECK_OK(record.set_fact(*one.number, fact));
    }
  }
  return {};
}

// ---------------------------------------------------------------- families

Result<void> Operations::delete_record(const Operation& operation) {
  if (created_number(operation.record)) return fail(Code::invalid, "a record is made and deleted by one change set");
  TRY(work, find(operation.record));
  CHECK_OK(space_.expect(*work, operation.version));
  const auto id = work->stored.id;
  // Family ties go with the record; what else names it is in the way unless it is said to go, too.
  TRY(now, space_.structure(*work));
  for (const auto node : now.children(0)) {
    const auto tag = model::known_tag(now[node]);
    const bool tie = tag == Tag::FAMC || tag == Tag::FAMS || tag == Tag::HUSB || tag == Tag::WIFE || tag == Tag::CHIL;
    if (!tie || now[node].kind != tree::PayloadKind::record || now[node].target.value().is_zero()) continue;
    auto other = space_.find(now[node].target);
    if (!other) continue;
    TRY(record, space_.edit(**other));
    for (const Tag pointer : {Tag::FAMC, Tag::FAMS, Tag::HUSB, Tag::WIFE, Tag::CHIL}) record->remove_pointers(pointer, id);
  }
  // Those that only the other side names.
  const auto rid = work->stored.rid;
  TRY(members, store::members_of(space_.writer(), rid));
  TRY(memberships, store::memberships_of(space_.writer(), rid));
  members.insert(members.end(), memberships.begin(), memberships.end());
  for (const auto& member : members) {
    TRY(other_id, store::id_of(space_.writer(), member.family == rid ? member.person : member.family));
    auto other = space_.find(other_id);
    if (!other) continue;
    TRY(record, space_.edit(**other));
    for (const Tag pointer : {Tag::FAMC, Tag::FAMS, Tag::HUSB, Tag::WIFE, Tag::CHIL}) record->remove_pointers(pointer, id);
  }
  if (operation.everywhere) CHECK_OK(remove_everywhere(id, rid));
  TRY(again, space_.find(id));
  space_.remove(*again);
  return {};
}

Result<void> Operations::remove_everywhere(const RecordId& id, Rid rid) {
  std::set<Rid> users;
  for (Rid after{};;) {
    TRY(links, store::links_to(space_.writer(), rid, std::nullopt, after, store::kPageMax));
    for (const auto& link : links) users.insert(link.rid);
    if (links.size() < store::kPageMax || links.back().rid == after) break;
    after = links.back().rid;
    if (users.size() > kTouchedMax) return fail(Code::limit, "too many records name it");
  }
  for (const auto user : users) {
    TRY(user_id, store::id_of(space_.writer(), user));
    auto work = space_.find(user_id);
    if (!work) continue;
    TRY(record, space_.edit(**work));
    record->remove_all_pointers(id);
  }
  return {};
}

/// HUSB or WIFE: as the caller says, else by the person's sex, else what is free.
Result<Tag> Operations::place_for(edit::Editor& family, const Operation& operation, const Workspace::Work& person) {
  const bool husband = !family.pointers(Tag::HUSB).empty(), wife = !family.pointers(Tag::WIFE).empty();
  if (husband && wife) return fail(Code::invalid, "the family has two partners already");
  if (operation.place) return *operation.place;
  TRY(structure, space_.structure(person));
  model::PersonView view;
  model::read_person(structure, view);
  const Tag wanted = view.sex == model::Sex::female ? Tag::WIFE : Tag::HUSB;
  const bool taken = wanted == Tag::WIFE ? wife : husband;
  return taken ? (wanted == Tag::WIFE ? Tag::HUSB : Tag::WIFE) : wanted;
}

Result<void> Operations::link_person(const Operation& operation) {
  TRY(family_work, find(operation.record));
  CHECK_OK(space_.expect(*family_work, operation.version));
  TRY(person_work, find(operation.other));
  if (family_work->stored.kind != store::RecordKind::family) return fail(Code::invalid, "family: not a family");
  if (person_work->stored.kind != store::RecordKind::person) return fail(Code::invalid, "partner, child: not a person");
  TRY(family, space_.edit(*family_work));
  TRY(person, space_.edit(*person_work));
  const auto family_id = family_work->stored.id, person_id = person_work->stored.id;
  if (operation.child) {
    CHECK_OK(family->add_pointer(Tag::CHIL, person_id));
    CHECK_OK(person->add_pointer(Tag::FAMC, family_id));
    return operation.pedigree ? person->set_pedigree(family_id, *operation.pedigree) : Result<void>{};
  }
  if (family->has_pointer(Tag::HUSB, person_id) || family->has_pointer(Tag::WIFE, person_id))
    return person->add_pointer(Tag::FAMS, family_id);
  TRY(place, place_for(*family, operation, *person_work));
  CHECK_OK(family->add_pointer(place, person_id));
  return person->add_pointer(Tag::FAMS, family_id);
}

Result<void> Operations::unlink_person(const Operation& operation) {
  TRY(family_work, find(operation.record));
  CHECK_OK(space_.expect(*family_work, operation.version));
  TRY(person_work, find(operation.other));
  TRY(family, space_.edit(*family_work));
  TRY(person, space_.edit(*person_work));
  const auto family_id = family_work->stored.id, person_id = person_work->stored.id;
  std::size_t removed = 0;
  if (operation.child) {
    removed = family->remove_pointers(Tag::CHIL, person_id) + person->remove_pointers(Tag::FAMC, family_id);
  } else {
    removed = family->remove_pointers(Tag::HUSB, person_id) + family->remove_pointers(Tag::WIFE, person_id) +
              person->remove_pointers(Tag::FAMS, family_id);
  }
  if (removed == 0) return fail(Code::not_found, operation.child ? "no child of this family" : "no partner of this family");
  return {};
}

Result<void> Operations::order_children(const Operation& operation) {
  TRY(family_work, find(operation.record));
  CHECK_OK(space_.expect(*family_work, operation.version));
  if (family_work->stored.kind != store::RecordKind::family) return fail(Code::invalid, "family: not a family");
  TRY(family, space_.edit(*family_work));
  std::vector<RecordId> order;
  for (const auto& child : operation.children) {
    TRY(id, real(child));
    if (!family->has_pointer(Tag::CHIL, id)) return fail(Code::not_found, "children: no child of this family");
    order.push_back(id);
  }
  family->order_pointers(Tag::CHIL, order);
  return {};
}

}  // namespace

RecordId created_id(std::uint32_t n) noexcept {
  Uuid id;
  id.bytes[0] = 0xFF;  // no UUIDv7 begins so before the year 10,000
  id.bytes[1] = 0xFF;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[12 + i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return RecordId{id};
}

std::optional<std::uint32_t> created_number(const RecordId& id) noexcept {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | id.value().bytes[12 + i];
  return created_id(n) == id ? std::optional{n} : std::nullopt;
}

Result<ChangeResult> apply_changes(Archive& archive, const TreeId& tree, const ChangeRequest& request, ChangeProblem& problem) {
  problem = {};
  if (request.operations.size() > kOperationsMax) return fail(Code::limit, "at most " + std::to_string(kOperationsMax) + " operations");
  if (request.reason.size() > kReasonBytesMax) return fail(Code::too_large, "reason: too long");
  if (request.key.size() > kKeyBytesMax) return fail(Code::too_large, "key: too long");
  TRY(space, Workspace::open(archive, tree, problem));
  TRY(answered, space->answered(request));
  if (answered) return std::move(*answered);
  Operations operations{*space, request};
  CHECK_OK(operations.run());
  TRY(result, space->finish(request, store::ChangeSetKind::edit));
  result.created = std::move(operations).created();
  return std::move(result);
}

}  // namespace tablinum::archive
