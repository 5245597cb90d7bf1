#include "tablinum/archive/derived.h"

#include <fmt/format.h>

#include <charconv>

#include "derived_check.h"
#include "import_facts.h"
#include "places.h"
#include "projection.h"
#include "tablinum/search/index.h"
#include "tablinum/store/places.h"
#include "tablinum/store/records.h"
#include "tablinum/store/settings.h"
#include "tablinum/tree/model/calendar.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;

/// Records of one transaction: a tenth of a second in which others wait.
constexpr std::uint32_t kBatch = 2048;

constexpr std::string_view kProgram = TABLINUM_VERSION;

/// "<version> <program>": all rows follow from the rules of that version.
std::string version_name(std::int64_t tree_no) { return "derived/" + std::to_string(tree_no); }
/// "<version> <n> <program>": the records before n follow from the rules of that version.
std::string progress_name(std::int64_t tree_no) { return "derived-progress/" + std::to_string(tree_no); }

std::uint32_t number_in(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The n from which an interrupted rebuild goes on; 0 for one that was begun by another version.
Result<std::uint32_t> resume_point(store::Session& session, std::int64_t tree_no) {
  TRY(text, store::find_setting(session, progress_name(tree_no)));
  const auto blank = text ? text->find(' ') : std::string::npos;
  if (blank == std::string::npos || number_in(text->substr(0, blank)) != kDerivedVersion) return 0;
  return number_in(text->substr(blank + 1));
}

Result<bool> is_outdated(store::Session& session, std::int64_t tree_no) {
  TRY(version, store::find_setting(session, version_name(tree_no)));
  return !version || number_in(*version) != kDerivedVersion;
}

/// One tree's rows, from its records.
class TreeRebuild {
 public:
  TreeRebuild(Archive& archive, const store::TreeInfo& tree, const std::function<Result<void>(std::uint32_t records)>& done)
      : archive_{archive}, tree_{tree}, done_{done} {}

  Result<void> run() {
    CHECK_OK(gather());
    for (std::uint32_t n = next_; n < tree_.next_n; n += kBatch) {
      CHECK_OK(batch(n, std::min(kBatch, tree_.next_n - n)));
      CHECK_OK(done_(std::min(kBatch, tree_.next_n - n)));
    }
    return {};
  }

 private:
  /// The first reading: what a record's rows need of other records.
  Result<void> gather() {
    TRY(reader, archive_.database().reader());
    TRY(next, resume_point(reader, tree_.tree_no));
    next_ = next;
    TRY(ids, store::record_ids(reader, tree_.tree_no));
    ids_ = std::move(ids);
    facts_.emplace(ids_);
    std::uint32_t n = 0;
    CHECK_OK(store::for_each_record(reader, tree_.tree_no, 0, [&](const store::Record& record) -> Result<void> {
      for (; n < n_of(record.rid); ++n) facts_->add_absent(n);
      TRY(structure, tree::decode(record.structure));
      facts_->add({.ordinal = n++, .id = record.id, .xref = record.xref, .structure = structure});
      return {};
    }));
    for (; n < ids_.size(); ++n) facts_->add_absent(n);
    return facts_->finish(tree_.tree_no);
  }

  Result<void> batch(std::uint32_t from, std::uint32_t count) {
    TRY(writer, archive_.database().writer(store::Purpose::import));
    if (from == 0) CHECK_OK(store::clear_places(writer, tree_.tree_no));
    Projector projector{[this](const RecordId& id) { return rid_of(id); },
                        [&](const model::PlaceUse& use) { return places_.find(writer, tree_.tree_no, use); },
                        [this](std::string_view payload) { return blob_of(payload); }};
    search::DocumentIndex documents{writer};
    CHECK_OK(documents.forget_stored(make_rid(tree_.tree_no, from), make_rid(tree_.tree_no, from + count - 1)));
    std::vector<store::Record> records;  // read first: their rows change under a cursor
    CHECK_OK(store::for_each_record(
        writer, tree_.tree_no, from, [&](const store::Record& record) { return records.push_back(record), Result<void>{}; },
        from + count - 1));
    for (const auto& record : records) CHECK_OK(rewrite(writer, projector, record));
    CHECK_OK(store::put_setting(writer, progress_name(tree_.tree_no), fmt::format("{} {} {}", kDerivedVersion, from + count, kProgram)));
    return writer.commit();
  }

  Result<void> rewrite(store::Writer& writer, Projector& projector, const store::Record& record) {
    TRY(structure, tree::decode(record.structure));
    CHECK_OK(remember_blobs(writer, record));
    const auto n = n_of(record.rid);
    CHECK_OK(projector.project(structure, {.rid = record.rid,
                                           .id = record.id,
                                           .xref = record.xref,
                                           .fields = {.tree = tree_.id,
                                                      .merged_into = {},
                                                      .parents = facts_->parents(n),
                                                      .further_parents = facts_->further_parents(n),
                                                      .subject_key = {}},
                                           .living_until = facts_->living_until(n),
                                           .today = today_,
                                           .members = facts_->members(n)}));
    CHECK_OK(store::rewrite_rows(writer, projector.draft()));
    if (projector.draft().kind == store::RecordKind::place) CHECK_OK(places_.link_record(writer, record.rid, structure));
    return search::DocumentIndex{writer}.store_new(record.rid, projector.document());
  }

  /// Which file of the archive a media record shows stands in no structure: it is known from the import, and kept.
  Result<void> remember_blobs(store::Writer& writer, const store::Record& record) {
    blobs_.clear();
    if (record.kind != store::RecordKind::media) return {};
    TRY(identifiers, store::identifiers_of(writer, record.rid));
    for (const auto& identifier : identifiers) {
      const auto blank = identifier.value.find(' ');
      if (identifier.scheme != kBlobScheme || blank == std::string::npos) continue;
      const auto bytes = from_hex(identifier.value.substr(0, blank));
      if (!bytes) continue;
      if (const auto digest = digest_from_bytes(*bytes)) blobs_.emplace_back(identifier.value.substr(blank + 1), *digest);
    }
    return {};
  }
  std::optional<Digest> blob_of(std::string_view payload) const {
    const auto found = std::ranges::find(blobs_, payload, [](const auto& blob) { return std::string_view{blob.first}; });
    return found == blobs_.end() ? std::nullopt : std::optional{found->second};
  }
  std::optional<Rid> rid_of(const RecordId& id) const {
    const auto n = facts_->n_of_id(id);
    return n ? std::optional{make_rid(tree_.tree_no, *n)} : std::nullopt;
  }

  Archive& archive_;
  const store::TreeInfo& tree_;
  const std::function<Result<void>(std::uint32_t)>& done_;
  std::vector<RecordId> ids_;
  std::optional<ImportFacts> facts_;
  PlaceCache places_;
  std::vector<std::pair<std::string, Digest>> blobs_;
  std::uint32_t next_ = 0;
  const model::Jdn today_ = static_cast<model::Jdn>(wall_now().seconds() / 86'400 + model::kUnixEpochJdn);
};

/// What follows from the places as a whole, once all events are there.
Result<void> rebuild_places(store::Writer& writer, std::int64_t tree_no) {
  CHECK_OK(store::remove_unused_places(writer, tree_no));
  std::vector<std::pair<store::Pid, std::string>> changed;
  CHECK_OK(store::for_each_place(writer, tree_no, [&](const store::Place& place) {
    if (auto folded = search::fold(place.name); folded != place.folded) changed.emplace_back(place.pid, std::move(folded));
  }));
  for (const auto& [pid, folded] : changed) CHECK_OK(store::set_folded(writer, pid, folded));
  CHECK_OK(search::DocumentIndex{writer}.forget_stored(make_rid(tree_no, search::kPlaceDocuments), make_rid(tree_no, 0xFFFF'FFFF)));
  return store_place_documents(writer, tree_no);
}

/// Documents of nothing, outside every tree that is there.
Result<void> remove_lost_documents(store::Writer& writer) {
  return writer.statement("DELETE FROM document WHERE rid >> 32 NOT IN (SELECT tree_no FROM tree)").run();
}

Result<void> finish(Archive& archive, const std::vector<store::TreeInfo>& trees) {
  TRY(writer, archive.database().writer(store::Purpose::import));
  for (const auto& outdated : trees) {
    TRY(tree, store::find_tree(writer, outdated.tree_no));
    CHECK_OK(store::remove_lost_rows(writer, tree.tree_no));
    CHECK_OK(search::DocumentIndex{writer}.forget_stored(make_rid(tree.tree_no, tree.next_n),
                                                         make_rid(tree.tree_no, search::kPlaceDocuments - 1)));
    CHECK_OK(rebuild_places(writer, tree.tree_no));
    CHECK_OK(set_derived_version(writer, tree.tree_no));
    CHECK_OK(store::touch_tree(writer, tree.tree_no));
  }
  CHECK_OK(remove_lost_documents(writer));
  CHECK_OK(search::DocumentIndex{writer}.rebuild());
  return writer.commit();
}

Result<std::vector<store::TreeInfo>> find_outdated(Archive& archive) {
  TRY(reader, archive.database().reader());
  return outdated_trees(reader);
}

}  // namespace

Result<void> set_derived_version(store::Writer& writer, std::int64_t tree_no) {
  CHECK_OK(store::remove_setting(writer, progress_name(tree_no)));
  return store::put_setting(writer, version_name(tree_no), fmt::format("{} {}", kDerivedVersion, kProgram));
}

Result<void> distrust_rows(store::Writer& writer, std::int64_t tree_no) { return forget_derived_version(writer, tree_no); }

Result<void> forget_derived_version(store::Writer& writer, std::int64_t tree_no) {
  CHECK_OK(store::remove_setting(writer, progress_name(tree_no)));
  return store::remove_setting(writer, version_name(tree_no));
}

Result<void> check_derived_known(store::Session& session) {
  auto rows = session.statement("SELECT value FROM setting WHERE name LIKE 'derived/%' OR name LIKE 'derived-progress/%'", {}, "t").query();
  while (rows.next()) {
    const auto text = rows.text(0);
    if (number_in(text) <= kDerivedVersion) continue;
    const auto blank = text.rfind(' ');
    const std::string_view program = blank == std::string_view::npos ? "" : text.substr(blank + 1);
    return fail(Code::unsupported,
                fmt::format("Tablinum {} wrote this archive's names, places and search documents, by newer rules ({}) than this program "
                            "(Tablinum {}) knows ({}): open the archive with that program or a newer one. Its records are whole; that "
                            "program's export writes them as files that this one reads",
                            program.contains('.') ? program : "of a newer version", number_in(text), kProgram, kDerivedVersion));
  }
  return rows.status();
}

Result<std::vector<store::TreeInfo>> outdated_trees(store::Session& session) {
  TRY(trees, store::list_trees(session));
  std::vector<store::TreeInfo> outdated;
  for (const auto& tree : trees) {
    if (tree.next_n == 0) continue;
    TRY(is, is_outdated(session, tree.tree_no));
    if (is) outdated.push_back(tree);
  }
  return outdated;
}

Result<std::vector<std::string>> document_faults(store::Session& session, std::int64_t tree_no) {
  struct Check {
    std::string_view what, sql;
  };
  constexpr Check kChecks[] = {
      {"persons without a search document",
       "SELECT count(*) FROM person p WHERE p.rid BETWEEN :1 AND :2 AND EXISTS(SELECT 1 FROM name n WHERE n.rid = p.rid AND "
       "n.full_text <> '') AND NOT EXISTS(SELECT 1 FROM document d WHERE d.rid = p.rid)"},
      {"search documents without a record",
       "SELECT count(*) FROM document d WHERE d.rid BETWEEN :1 AND :2 AND d.rid & 2147483648 = 0 AND NOT EXISTS(SELECT 1 FROM record r "
       "WHERE r.rid = d.rid AND r.deleted = 0)"},
      {"places without a search document",
       "SELECT count(*) FROM place p WHERE p.pid BETWEEN :1 AND :2 AND p.rid IS NULL AND NOT EXISTS(SELECT 1 FROM document d WHERE "
       "d.rid = p.pid | 2147483648)"},
      {"search documents without a place",
       "SELECT count(*) FROM document d WHERE d.rid BETWEEN :1 AND :2 AND d.rid & 2147483648 <> 0 AND NOT EXISTS(SELECT 1 FROM place p "
       "WHERE p.pid = d.rid - 2147483648)"},
      {"events at a place that is not there",
       "SELECT count(*) FROM event e WHERE e.rid BETWEEN :1 AND :2 AND e.place IS NOT NULL AND NOT EXISTS(SELECT 1 FROM place p WHERE "
       "p.pid = e.place)"}};
  static_assert(search::kPlaceDocuments == 2147483648);
  std::vector<std::string> faults;
  TRY(outdated, is_outdated(session, tree_no));
  if (outdated) return faults;
  for (const auto& check : kChecks) {
    auto rows = session.statement(check.sql, "ii", "i").query(make_rid(tree_no, 0), make_rid(tree_no, 0xFFFF'FFFF));
    if (rows.next() && rows.integer(0) != 0) faults.push_back(std::to_string(rows.integer(0)) + ' ' + std::string{check.what});
    CHECK_OK(rows.status());
  }
  return faults;
}

Result<RebuildReport> rebuild_derived(Archive& archive, const RebuildProgress& progress) {
  TRY(trees, find_outdated(archive));
  RebuildReport report{.trees = trees.size()};
  if (trees.empty()) return report;
  std::uint64_t total = 0, seen = 0;
  for (const auto& tree : trees) total += tree.next_n;
  const std::function<Result<void>(std::uint32_t)> done = [&](std::uint32_t records) -> Result<void> {
    report.records += records;
    if (progress && !progress(seen += records, total)) return fail(Code::cancelled, "the rebuild was stopped");
    return {};
  };
  for (const auto& tree : trees) {
    const auto before = seen;
    TreeRebuild rebuild{archive, tree, done};
    CHECK_OK(rebuild.run());
    seen = before + tree.next_n;
  }
  CHECK_OK(finish(archive, trees));
  return report;
}

}  // namespace tablinum::archive
