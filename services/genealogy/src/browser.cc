#include "browser.h"

namespace tablinum::genealogy_service {
namespace {

constexpr std::string_view kBlobScheme = "blob";

}  // namespace

Browser::Browser(archive::Archive& archive, store::Reader reader)
    : archive_{&archive}, reader_{std::make_unique<store::Reader>(std::move(reader))}, session_{reader_.get()} {}
Browser::Browser(archive::Archive& archive, store::Session& session) : archive_{&archive}, session_{&session} {}

Result<Browser> Browser::open(archive::Archive& archive) {
  TRY(reader, archive.database().reader());
  return Browser{archive, std::move(reader)};
}

Result<store::TreeInfo> Browser::tree(std::string_view id) {
  const auto uuid = parse_uuid(id);
  if (!uuid) return fail(Code::not_found, "there is no such tree");
  TRY(found, store::find_tree(*session_, TreeId{*uuid}));
  if (found.hidden) return fail(Code::not_found, "there is no such tree");
  trees_.emplace(found.tree_no, found);
  return found;
}

Result<store::TreeInfo> Browser::tree_of(Rid rid) {
  const auto number = tree_no_of(rid);
  if (const auto known = trees_.find(number); known != trees_.end()) return known->second;
  TRY(found, store::find_tree(*session_, number));
  if (found.hidden) return fail(Code::not_found, "there is no such tree");
  trees_.emplace(number, found);
  return found;
}

Result<store::Record> Browser::load(std::string_view id, store::RecordKind kind) {
  const auto absent = [&] { return fail(Code::not_found, "there is no such " + std::string{store::to_string(kind)}); };
  const auto uuid = parse_uuid(id);
  if (!uuid) return absent();
  auto record = store::find_record(*session_, RecordId{*uuid});
  if (!record && record.error().code != Code::not_found) return record;
  if (!record || record->deleted || record->kind != kind) return absent();
  // Records of an import under way, or of a deleted tree, are not there yet or any more.
  if (!tree_of(record->rid)) return absent();
  return record;
}

Result<Rid> Browser::person_rid(std::string_view id) {
  TRY(record, load(id, store::RecordKind::person));
  TRY(data, person(std::move(record)));
  return data->record.rid;
}

Result<const PersonData*> Browser::person(store::Record record) {
  const Rid rid = record.rid;
  if (const auto known = persons_.find(rid); known != persons_.end()) return known->second.get();
  if (persons_.size() >= kLoadedMax) return fail(Code::limit, "too many people for one answer");
  if (record.deleted || record.kind != store::RecordKind::person) return fail(Code::not_found, "there is no such person");
  auto data = std::make_unique<PersonData>();
  data->record = std::move(record);
  TRY(structure, tree::decode(data->record.structure));
  data->structure = std::move(structure);
  model::read_person(data->structure, data->view);
  TRY(events, store::events_of(*session_, rid));
  data->events = std::move(events);
  return persons_.emplace(rid, std::move(data)).first->second.get();
}

Result<const PersonData*> Browser::person(Rid rid) {
  if (const auto known = persons_.find(rid); known != persons_.end()) return known->second.get();
  TRY(record, store::find_record(*session_, rid));
  return person(std::move(record));
}

Result<const FamilyData*> Browser::family(Rid rid) {
  if (const auto known = families_.find(rid); known != families_.end()) return known->second.get();
  if (families_.size() >= kLoadedMax) return fail(Code::limit, "too many families for one answer");
  auto data = std::make_unique<FamilyData>();
  TRY(record, store::find_record(*session_, rid));
  if (record.deleted || record.kind != store::RecordKind::family) return fail(Code::not_found, "there is no such family");
  data->record = std::move(record);
  TRY(structure, tree::decode(data->record.structure));
  data->structure = std::move(structure);
  model::read_family(data->structure, data->view);
  TRY(events, store::events_of(*session_, rid));
  data->events = std::move(events);
  return families_.emplace(rid, std::move(data)).first->second.get();
}

Result<const FamilyData*> Browser::family(std::string_view id) {
  TRY(record, load(id, store::RecordKind::family));
  return family(record.rid);
}

Result<const OtherData*> Browser::other(Rid rid) {
  if (const auto known = others_.find(rid); known != others_.end()) return known->second.get();
  if (others_.size() >= kLoadedMax) return fail(Code::limit, "too many records for one answer");
  auto data = std::make_unique<OtherData>();
  TRY(record, store::find_record(*session_, rid));
  if (record.deleted) return fail(Code::not_found, "there is no such record");
  data->record = std::move(record);
  TRY(structure, tree::decode(data->record.structure));
  data->structure = std::move(structure);
  return others_.emplace(rid, std::move(data)).first->second.get();
}

Result<const OtherData*> Browser::other(std::string_view id, store::RecordKind kind) {
  TRY(record, load(id, kind));
  return other(record.rid);
}

Result<std::shared_ptr<const archive::TreeGraph>> Browser::graph(std::int64_t tree_no) {
  if (const auto known = graphs_.find(tree_no); known != graphs_.end()) return known->second;
  TRY(tree, tree_of(make_rid(tree_no, 0)));
  TRY(found, archive_->graph(*session_, tree));
  graphs_.emplace(tree_no, found);
  return found;
}

std::optional<Rid> Browser::resolve(const model::Target& target) {
  if (!target.resolved()) return std::nullopt;
  const auto rid = store::rid_of(*session_, target.id);
  return rid ? std::optional{*rid} : std::nullopt;
}

Result<std::optional<Digest>> Browser::blob_of(Rid owner, std::string_view path) {
  TRY(identifiers, store::identifiers_of(*session_, owner));
  for (const auto& identifier : identifiers) {
    if (identifier.scheme != kBlobScheme) continue;
    const std::string_view value = identifier.value;  // "<64 hex digits> <path>"
    if (value.size() < 65 || value.substr(65) != path) continue;
    TRY(bytes, from_hex(value.substr(0, 64)));
    TRY(digest, digest_from_bytes(bytes));
    return digest;
  }
  return std::optional<Digest>{};
}

}  // namespace tablinum::genealogy_service
