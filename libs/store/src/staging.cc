#include "tablinum/store/staging.h"

#include "record_rows.h"
#include "tablinum/base/log.h"
#include "tablinum/store/records.h"
#include "writer_state.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kColumns =
    "SELECT id, tree_no, state, source, options, header, bytes_done, bytes_total, records, change_set, error FROM import_job ";
constexpr std::string_view kColumnTypes = "biibtbiiibt";

struct NamedIndex {
  std::string_view name, create;
};
/// Those whose keys come in another order than the rows: built at once they cost less than kept up row by row. (An import's
/// changes come in the order of its records, so change_record grows at its end, and sorting it again would be waste.)
constexpr NamedIndex kBulkIndexes[] = {
    {"name_sort", "CREATE INDEX name_sort ON name(tree_no, sort_key, rid)"},
    {"event_place", "CREATE INDEX event_place ON event(place) WHERE place IS NOT NULL"},
    {"member_person", "CREATE INDEX member_person ON member(person, role)"},
    {"link_target", "CREATE INDEX link_target ON link(target, kind)"},
    {"identifier_value", "CREATE INDEX identifier_value ON identifier(scheme, value)"},
    {"person_living", "CREATE INDEX person_living ON person(living_until) WHERE living_until IS NOT NULL"},
};

/// Bytes of a file for one record, on the safe side: to guess how many records a file has before reading it.
constexpr std::uint64_t kBytesARecord = 400;

Result<ImportJob> read_job(const Rows& rows) {
  TRY(id, uuid_from_bytes(rows.bytes(0)));
  TRY(source, digest_from_bytes(rows.bytes(3)));
  TRY(change_set, uuid_from_bytes(rows.bytes(9)));
  const ByteView header = rows.bytes(5);
  return ImportJob{.id = JobId{id},
                   .tree_no = rows.integer(1),
                   .state = static_cast<ImportState>(rows.integer(2)),
                   .source = source,
                   .options = std::string{rows.text(4)},
                   .header = Bytes{header.begin(), header.end()},
                   .bytes_done = static_cast<std::uint64_t>(rows.integer(6)),
                   .bytes_total = static_cast<std::uint64_t>(rows.integer(7)),
                   .records = static_cast<std::uint64_t>(rows.integer(8)),
                   .change_set = ChangeSetId{change_set},
                   .error = std::string{rows.text(10)}};
}

Result<ImportJob> load_job(Session& session, const JobId& id) {
  auto rows = session.statement(std::string{kColumns}.append("WHERE id = :1"), "b", kColumnTypes).query(id);
  if (rows.next()) return read_job(rows);
  CHECK_OK(rows.status());
  return fail(Code::not_found, "no such import");
}

Result<void> save_progress(Writer& writer, const ImportJob& job) {
  const std::optional<ByteView> header = job.header.empty() ? std::nullopt : std::optional<ByteView>{job.header};
  return writer
      .statement("UPDATE import_job SET state = :1, header = :2, bytes_done = :3, records = :4, error = :5 WHERE id = :6",
                 "ibiitb")
      .run(job.state, header, job.bytes_done, job.records, null_if_empty(job.error), job.id);
}

Result<std::int64_t> next_finding(Session& session, const JobId& id) {
  auto rows = session.statement("SELECT coalesce(max(ord), 0) + 1 FROM import_finding WHERE job = :1", "b", "i").query(id);
  const std::int64_t next = rows.next() ? rows.integer(0) : 1;
  CHECK_OK(rows.status());
  return next;
}

/// Records of all trees together, as a guess from above that costs nothing.
Result<std::uint64_t> stored_records(Session& session) {
  auto rows = session.statement("SELECT coalesce(sum(next_n), 0) FROM tree", {}, "i").query();
  const std::int64_t count = rows.next() ? rows.integer(0) : 0;
  CHECK_OK(rows.status());
  return static_cast<std::uint64_t>(count);
}

/// A job that is tried again begins its import anew: what an ended attempt left under this id goes.
Result<void> forget_ended_attempt(Writer& writer, const JobId& id) {
  constexpr std::string_view ended = "SELECT id FROM import_job WHERE id = :1 AND state IN (:2, :3)";
  CHECK_OK(writer.statement("DELETE FROM import_finding WHERE job IN (" + std::string{ended} + ")", "bii")
               .run(id, ImportState::dropped, ImportState::failed));
  return writer.statement("DELETE FROM import_job WHERE id IN (" + std::string{ended} + ")", "bii")
      .run(id, ImportState::dropped, ImportState::failed);
}

/// The tree that an import fills.
Result<TreeInfo> staging_tree(Writer& writer, const ImportStart& start) {
  if (!start.into) {
    return create_tree(writer, {.name = start.tree_name, .owner = start.owner, .privacy = start.privacy, .hidden = true});
  }
  TRY(tree, find_tree(writer, *start.into));
  if (tree.next_n != 0) return fail(Code::conflict, "the tree has records already");
  return tree;
}

/// Removes what an import brought. A tree that was there before it stays, empty again.
Result<void> empty_tree(Writer& writer, std::int64_t tree_no) {
  TRY(tree, find_tree(writer, tree_no));
  if (!tree.hidden) CHECK_OK(delete_tree(writer, tree_no));
  CHECK_OK(purge_tree(writer, tree_no));
  if (tree.hidden) return {};
  CHECK_OK(create_tree(
      writer, {.name = tree.name, .owner = tree.owner, .privacy = tree.privacy, .settings = tree.settings, .id = tree.id}));
  return {};
}

}  // namespace

struct Import::Impl {
  Database& database;
  ImportJob job;
  TreeId tree_id;
  ChangeContext context;
  std::int64_t finding = 1;
  bool single_transaction = false;

  std::optional<Writer> writer{};
  std::uint64_t handed_in = 0;  // records, the uncommitted ones too
  PlaceCache places{};          // nobody else writes to the tree, so it stays true between transactions
  bool indexes_dropped = false;
  bool direct = false;  // Database::write_directly()

  Result<Writer*> open() {
    if (writer) return &*writer;
    TRY(opened, database.writer(Purpose::import));
    writer.emplace(std::move(opened));
    writer->state().places.swap(places);
    if (single_transaction && !indexes_dropped) CHECK_OK(drop_indexes());
    return &*writer;
  }

  Result<void> drop_indexes() {
    for (const auto& index : kBulkIndexes) CHECK_OK(writer->execute("DROP INDEX " + std::string{index.name}));
    indexes_dropped = true;
    return {};
  }

  Result<void> rebuild_indexes() {
    if (!indexes_dropped) return {};
    for (const auto& index : kBulkIndexes) CHECK_OK(writer->execute(index.create));
    indexes_dropped = false;
    return {};
  }

  /// Drops the transaction; what it did is undone.
  void abandon() {
    writer.reset();
    places.clear();
    indexes_dropped = false;
    handed_in = job.records;
    use_log_again();
  }

  /// An archive left without its log works, and has it again when it is opened the next time.
  void use_log_again() {
    if (!std::exchange(direct, false)) return;
    const auto switched = database.write_directly(false);
    if (!switched)
      log::warn("store", "the write-ahead log is off until the next start", {{"error", describe(switched.error())}});
  }

  Result<void> commit() {
    if (!writer) return {};
    ImportJob saved = job;
    saved.records = handed_in;
    CHECK_OK(rebuild_indexes());
    CHECK_OK(seal(*writer, job.tree_no));
    CHECK_OK(save_progress(*writer, saved));
    PlaceCache kept = std::move(writer->state().places);
    CHECK_OK(writer->commit());
    writer.reset();
    places = std::move(kept);
    job = std::move(saved);
    single_transaction = false;
    use_log_again();
    return {};
  }

  /// Makes the tree visible. An editor's commit: it makes durable whatever the batches wrote before it, which a power cut might
  /// still take.
  Result<void> show() {
    TRY(last, database.writer(Purpose::edit));
    CHECK_OK(last.statement("UPDATE tree SET deleted_at = NULL WHERE tree_no = :1", "i").run(job.tree_no));
    TRY(tree, tree_state(last, job.tree_no));
    touch(*tree);
    ImportJob saved = job;
    saved.state = ImportState::published;
    CHECK_OK(save_progress(last, saved));
    CHECK_OK(last.commit());
    job = std::move(saved);
    return {};
  }

  /// An error leaves nothing half done: the transaction is rolled back, and the import can be resumed.
  Result<void> commit_or_abandon() {
    auto committed = commit();
    if (!committed) abandon();
    return committed;
  }
};

Import::Import(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Import::~Import() { impl_->abandon(); }

Result<std::unique_ptr<Import>> Import::begin(Database& database, const ImportStart& start) {
  TRY(writer, database.writer(Purpose::import));
  CHECK_OK(forget_ended_attempt(writer, start.id));
  TRY(existing, stored_records(writer));
  TRY(tree, staging_tree(writer, start));
  const ChangeSetId change_set{database.ids().next()};
  CHECK_OK(add_change_set(writer, {.id = change_set,
                                   .tree_no = tree.tree_no,
                                   .kind = ChangeSetKind::import,
                                   .actor = start.actor,
                                   .time = start.time,
                                   .summary = std::string{start.summary}}));
  CHECK_OK(writer
               .statement("INSERT INTO import_job(id, tree_no, state, source, options, header, bytes_done, bytes_total, "
                          "records, change_set, "
                          "error) VALUES(:1, :2, :3, :4, :5, NULL, 0, :6, 0, :7, NULL)",
                          "biibtib")
               .run(start.id, tree.tree_no, ImportState::staging, start.source, start.options, start.bytes_total, change_set));
  CHECK_OK(writer.commit());
  auto impl = std::make_unique<Impl>(Impl{.database = database,
                                          .job = {.id = start.id,
                                                  .tree_no = tree.tree_no,
                                                  .state = ImportState::staging,
                                                  .source = start.source,
                                                  .options = std::string{start.options},
                                                  .bytes_total = start.bytes_total,
                                                  .change_set = change_set},
                                          .tree_id = tree.id,
                                          .context = {.change_set = change_set, .actor = start.actor, .time = start.time}});
  impl->single_transaction = start.bytes_total <= kSingleTransactionBytes && start.bytes_total / kBytesARecord >= existing;
  if (start.alone && existing == 0) {
    TRY(direct, database.write_directly(true));
    impl->direct = direct;
    impl->single_transaction |= direct;
  }
  return std::unique_ptr<Import>{new Import{std::move(impl)}};
}

Result<std::unique_ptr<Import>> Import::resume(Database& database, const JobId& id) {
  TRY(reader, database.reader());
  TRY(job, load_job(reader, id));
  if (job.state != ImportState::staging) return fail(Code::conflict, "the import is over");
  TRY(tree, find_tree(reader, job.tree_no));
  TRY(set, find_change_set(reader, job.change_set));
  TRY(finding, next_finding(reader, id));
  auto impl = std::make_unique<Impl>(Impl{.database = database,
                                          .job = job,
                                          .tree_id = tree.id,
                                          .context = {.change_set = job.change_set, .actor = set.actor, .time = set.time},
                                          .finding = finding,
                                          .handed_in = job.records});
  return std::unique_ptr<Import>{new Import{std::move(impl)}};
}

const ImportJob& Import::job() const noexcept { return impl_->job; }
TreeId Import::tree_id() const noexcept { return impl_->tree_id; }
Result<Writer*> Import::writer() { return impl_->open(); }

Result<void> Import::add(const RecordDraft& draft) {
  TRY(writer, impl_->open());
  if (auto created = create_record(*writer, impl_->context, draft); !created) {
    impl_->abandon();
    return std::unexpected(created.error());
  }
  ++impl_->handed_in;
  const bool batch_full = impl_->handed_in - impl_->job.records >= kBatchRecords;
  if (batch_full && !impl_->single_transaction) return impl_->commit_or_abandon();
  return {};
}

Result<void> Import::add_finding(const Finding& finding) {
  TRY(writer, impl_->open());
  return writer->statement("INSERT INTO import_finding(job, ord, line, code, detail, rid) VALUES(:1, :2, :3, :4, :5, :6)", "biiiti")
      .run(impl_->job.id, impl_->finding++, finding.line, finding.code, null_if_empty(finding.detail), finding.record);
}

void Import::set_bytes_done(std::uint64_t bytes) noexcept { impl_->job.bytes_done = bytes; }
void Import::set_header(ByteView header) { impl_->job.header.assign(header.begin(), header.end()); }
Result<void> Import::flush() { return impl_->commit_or_abandon(); }

Result<void> Import::publish() {
  TRY(writer, impl_->open());
  if (!impl_->job.header.empty()) {
    CHECK_OK(writer->statement("UPDATE change_set SET extra = :1 WHERE id = :2", "bb")
                 .run(impl_->job.header, impl_->job.change_set));
  }
  CHECK_OK(impl_->commit_or_abandon());
  return impl_->show();
}

Result<void> Import::drop(std::string_view error) {
  impl_->abandon();
  TRY(writer, impl_->database.writer(Purpose::edit));
  impl_->job.state = error.empty() ? ImportState::dropped : ImportState::failed;
  impl_->job.error = error;
  CHECK_OK(empty_tree(writer, impl_->job.tree_no));
  CHECK_OK(save_progress(writer, impl_->job));
  return writer.commit();
}

Result<ImportJob> find_import(Session& session, const JobId& id) { return load_job(session, id); }

Result<std::vector<ImportJob>> list_imports(Session& session, std::size_t limit) {
  auto rows = session.statement(std::string{kColumns}.append("ORDER BY id DESC LIMIT :1"), "i", kColumnTypes).query(limit);
  std::vector<ImportJob> jobs;
  while (rows.next()) {
    TRY(job, read_job(rows));
    jobs.push_back(std::move(job));
  }
  CHECK_OK(rows.status());
  return jobs;
}

Result<std::vector<StoredFinding>> findings_of(Session& session, const JobId& id, std::int64_t after, std::size_t limit) {
  auto rows =
      session
          .statement("SELECT ord, line, code, detail, rid FROM import_finding WHERE job = :1 AND ord > :2 ORDER BY ord LIMIT :3",
                     "bii", "iiiti")
          .query(id, after, limit);
  std::vector<StoredFinding> findings;
  while (rows.next()) {
    findings.push_back({.ord = rows.integer(0),
                        .line = static_cast<std::uint64_t>(rows.integer(1)),
                        .code = static_cast<std::int16_t>(rows.integer(2)),
                        .detail = std::string{rows.text(3)},
                        .record = rows.is_null(4) ? std::nullopt : std::optional{Rid{rows.integer(4)}}});
  }
  CHECK_OK(rows.status());
  return findings;
}

Result<void> add_import_xref(Writer& writer, const JobId& id, std::string_view xref, Rid rid, const Digest& digest) {
  return writer.statement("INSERT INTO import_xref(job, xref, rid, digest) VALUES(:1, :2, :3, :4)", "btib")
      .run(id, xref, rid, digest);
}

}  // namespace tablinum::store
