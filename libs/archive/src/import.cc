#include "tablinum/archive/import.h"

#include <algorithm>

#include "import_facts.h"
#include "places.h"
#include "projection.h"
#include "source_file.h"
#include "tablinum/archive/derived.h"
#include "tablinum/archive/export.h"
#include "tablinum/archive/jobs.h"
#include "tablinum/base/json.h"
#include "tablinum/base/log.h"
#include "tablinum/search/index.h"
#include "tablinum/store/jobs.h"
#include "tablinum/store/staging.h"
#include "tablinum/tree/gedcom/reader.h"
#include "tablinum/tree/model/calendar.h"

namespace tablinum::archive {
namespace {

namespace model = tree::model;
namespace gedcom = tree::gedcom;

/// One import from its start to its publication.
class Importer {
 public:
  Importer(Archive& archive, const ImportOptions& options) : archive_{archive}, options_{options} {}

  Result<ImportReport> run() {
    TRY(file, SourceFile::open(options_.path, findings_));
    file_ = &file;
    CHECK_OK(survey());
    CHECK_OK(gather_facts());
    TRY(published, published_already());
    if (published) return report_again(*published);
    TRY(source, archive_.blobs().put_file(options_.path));
    CHECK_OK(store_media());
    CHECK_OK(begin(source));
    if (auto filled = fill(); !filled) {
      // Nothing of a failed import stays; that it failed is what the caller hears, whatever dropping says.
      (void)import_->drop(describe(filled.error()));
      return std::unexpected(std::move(filled).error());
    }
    auto result = report(import_->job().id, import_->tree_id());
    if (options_.verify) result.lossless = verify();
    if (!options_.job) remember(result);
    return result;
  }

 private:
  Result<void> survey();
  Result<void> gather_facts();
  Result<void> store_media();
  Result<std::optional<store::ImportJob>> published_already();
  Result<ImportReport> report_again(const store::ImportJob& job);
  Result<void> begin(const Digest& source);
  Result<void> fill();
  Result<void> store_records();
  Result<void> store_record(gedcom::Record& record);
  Result<void> store_header(const tree::Structure& head);
  Result<void> store_findings();
  std::optional<Rid> record_at(std::uint64_t line) const;
  std::optional<bool> verify();
  void remember(const ImportReport& report);
  void remember_header(const tree::Structure& head);
  ImportReport report(const store::JobId& id, const TreeId& tree) const;

  Result<void> tell(ImportPhase phase, std::uint64_t done, std::uint64_t total, std::string_view unit = "bytes") {
    if (options_.progress && !options_.progress({phase, done, total, unit}))
      return fail(Code::cancelled, "the import was stopped");
    return {};
  }
  /// The file chunk by chunk, telling how far it is.
  gedcom::ForEachChunk chunks(ImportPhase phase) {
    return [this, phase](const gedcom::TakeBytes& take) -> Result<void> {
      std::uint64_t done = 0;
      return file_->for_each_chunk([&](ByteView chunk) -> Result<void> {
        CHECK_OK(take(chunk));
        return tell(phase, done += chunk.size(), file_->gedcom_bytes());
      });
    };
  }

  Archive& archive_;
  const ImportOptions& options_;
  gedcom::Findings findings_;
  SourceFile* file_ = nullptr;
  std::optional<gedcom::Survey> survey_;
  std::vector<RecordId> ids_;
  std::optional<ImportFacts> facts_;
  std::unordered_map<std::string, Digest> media_;  ///< by path in the archive
  std::unique_ptr<store::Import> import_;
  PlaceCache places_;
  std::optional<Projector> projector_;
  model::Jdn today_ = 0;
  Timestamp begun_{};
  std::vector<std::uint32_t> first_line_;  ///< by n, increasing: the reader gives records in the order of their lines
  std::uint64_t end_line_ = std::numeric_limits<std::uint64_t>::max();  ///< of the trailer
  std::uint32_t next_n_ = 0;
  std::uint32_t first_unindexed_ = 0;
  std::string product_, language_;
};

Result<void> Importer::survey() {
  std::optional<gedcom::CharsetId> charset;
  if (options_.charset) {
    charset = gedcom::charset_from_name(*options_.charset);
    if (!charset) return fail(Code::invalid, "no such character set: " + *options_.charset);
  }
  TRY(survey, gedcom::survey_file(chunks(ImportPhase::read), {}, charset));
  survey_ = std::move(survey);
  // One id a record, minted in file order: the order of ids is the order of the log's state (archive.md §5).
  ids_.reserve(survey_->records());
  for (std::uint32_t i = 0; i < survey_->records(); ++i) ids_.emplace_back(archive_.database().ids().next());
  return {};
}

Result<void> Importer::gather_facts() {
  facts_.emplace(ids_, &findings_);
  gedcom::Findings unheard;  // the second reading reports the same again
  const auto add = [&](gedcom::Record& record) -> Result<void> { return facts_->add(record), Result<void>{}; };
  return gedcom::read_file(chunks(ImportPhase::read), *survey_, ids_, add, unheard);
}

Result<void> Importer::store_media() {
  std::uint64_t done = 0, total = 0;
  for (const auto& entry : file_->media()) total += entry.bytes;
  for (const auto& entry : file_->media()) {
    TRY(blob, archive_.blobs().create());
    CHECK_OK(file_->read(entry, [&](ByteView bytes) -> Result<void> {
      CHECK_OK(blob.write(bytes));
      return tell(ImportPhase::read, done += bytes.size(), total);
    }));
    TRY(digest, blob.finish());
    media_.emplace(entry.path, digest);
  }
  return {};
}

Result<std::optional<store::ImportJob>> Importer::published_already() {
  if (!options_.job) return std::optional<store::ImportJob>{};
  TRY(reader, archive_.database().reader());
  auto job = store::find_import(reader, *options_.job);
  if (!job && job.error().code != Code::not_found) return std::unexpected(std::move(job).error());
  return job && job->state == store::ImportState::published ? std::optional{std::move(*job)} : std::nullopt;
}

Result<ImportReport> Importer::report_again(const store::ImportJob& job) {
  CHECK_OK(gedcom::read_file(
      chunks(ImportPhase::read), *survey_, ids_,
      [this](gedcom::Record& record) -> Result<void> {
        if (record.kind == gedcom::Record::Kind::header) remember_header(record.structure);
        return {};
      },
      findings_));
  next_n_ = facts_->records();
  TRY(reader, archive_.database().reader());
  TRY(tree, store::find_tree(reader, job.tree_no));
  return report(job.id, tree.id);
}

Result<void> Importer::begin(const Digest& source) {
  const Timestamp now = begun_ = wall_now();
  today_ = static_cast<model::Jdn>(now.seconds() / 86'400 + model::kUnixEpochJdn);
  const std::string summary = "import of " + options_.file_name;
  TRY(import,
      store::Import::begin(archive_.database(), {.id = options_.job.value_or(store::JobId{archive_.database().ids().next()}),
                                                 .source = source,
                                                 .bytes_total = file_->gedcom_bytes(),
                                                 .tree_name = options_.tree_name,
                                                 .into = options_.into,
                                                 .actor = options_.actor,
                                                 .time = now.seconds(),
                                                 .summary = summary,
                                                 .alone = options_.alone}));
  import_ = std::move(import);
  return {};
}

Result<void> Importer::fill() {
  const std::int64_t tree_no = import_->job().tree_no;
  CHECK_OK(facts_->finish(tree_no));
  first_line_.reserve(facts_->records());
  projector_.emplace(
      [this, tree_no](const RecordId& id) -> std::optional<Rid> {
        const auto n = facts_->n_of_id(id);
        return n ? std::optional{make_rid(tree_no, *n)} : std::nullopt;
      },
      [this, tree_no](const model::PlaceUse& use) -> Result<store::Pid> {
        TRY(writer, import_->writer());
        return places_.find(*writer, tree_no, use);
      },
      [this](std::string_view payload) -> std::optional<Digest> {
        const auto* entry = file_->find(payload);
        const auto found = entry == nullptr ? media_.end() : media_.find(entry->path);
        return found == media_.end() ? std::nullopt : std::optional{found->second};
      });
  CHECK_OK(store_records());
  return import_->publish();
}

/// Published is published: whatever happens here only leaves the question open.
std::optional<bool> Importer::verify() {
  const auto equal = verify_round_trip(archive_, import_->job().tree_no, [&](std::uint64_t done, std::uint64_t total) {
    (void)tell(ImportPhase::verify, done, total, "records");
    return true;
  });
  if (equal) return *equal;
  log::warn("archive", "an import could not be compared with its file", {{"error", describe(equal.error())}});
  return std::nullopt;
}

/// An import that no job ran (the command line's) becomes a job that is done: so the pages list it, with its report, and can undo it.
void Importer::remember(const ImportReport& report) {
  json::Writer arguments;
  arguments.begin_object();
  arguments.field("upload", "");
  arguments.field("fileName", options_.file_name);
  arguments.field("treeName", options_.tree_name);
  arguments.end_object();
  const auto text = arguments.take();
  const auto add = [&]() -> Result<void> {
    TRY(writer, archive_.database().writer());
    const store::JobDraft draft{
        .kind = kImportJob, .tree_no = import_->job().tree_no, .actor = options_.actor, .arguments = text, .run_at = begun_};
    CHECK_OK(store::add_finished_job(writer, report.id, draft, to_json(report), wall_now()));
    return writer.commit();
  };
  if (const auto added = add(); !added)
    log::warn("archive", "an import is not in the list of imports", {{"error", describe(added.error())}});
}

Result<void> Importer::store_header(const tree::Structure& head) {
  Bytes encoded;
  tree::encode(head, encoded);
  import_->set_header(encoded);
  remember_header(head);
  return {};
}

void Importer::remember_header(const tree::Structure& head) {
  const auto source = head.child(0, tree::Tag::SOUR);
  if (source != tree::kNoNode) {
    product_ = head.child_text(source, tree::Tag::NAME);
    if (product_.empty()) product_ = head[source].text;
  }
  language_ = head.child_text(0, tree::Tag::LANG);
}

Result<void> Importer::store_record(gedcom::Record& record) {
  if (record.kind == gedcom::Record::Kind::header) return store_header(record.structure);
  if (record.kind == gedcom::Record::Kind::trailer) return end_line_ = record.line, Result<void>{};
  const std::uint32_t n = next_n_++;
  const Rid rid = import_->rid(n);
  first_line_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(record.line, std::numeric_limits<std::uint32_t>::max())));
  CHECK_OK(projector_->project(record.structure, {.rid = rid,
                                                  .id = record.id,
                                                  .xref = record.xref,
                                                  .fields = {.tree = import_->tree_id(),
                                                             .merged_into = {},
                                                             .parents = facts_->parents(n),
                                                             .further_parents = facts_->further_parents(n),
                                                             .subject_key = {}},
                                                  .living_until = facts_->living_until(n),
                                                  .today = today_,
                                                  .members = facts_->members(n)}));
  TRY(writer, import_->writer());
  if (projector_->draft().kind == store::RecordKind::place) CHECK_OK(places_.link_record(*writer, rid, record.structure));
  search::DocumentIndex documents{*writer};
  if (!projector_->document().empty()) CHECK_OK(documents.store_new(rid, projector_->document()));
  // Words are indexed in the transaction that stores them: before the record that ends a batch, since its add() commits.
  if ((n + 1) % store::kBatchRecords == 0) {
    CHECK_OK(documents.index_stored(import_->rid(first_unindexed_), rid));
    first_unindexed_ = n + 1;
  }
  return import_->add(projector_->draft());
}

/// The record in which a line of the file stands.
std::optional<Rid> Importer::record_at(std::uint64_t line) const {
  const auto after = std::ranges::upper_bound(first_line_, line);
  if (after == first_line_.begin() || line >= end_line_) return std::nullopt;
  return import_->rid(static_cast<std::uint32_t>(after - first_line_.begin() - 1));
}

Result<void> Importer::store_findings() {
  for (const auto& finding : findings_.stored()) {
    CHECK_OK(import_->add_finding({.line = finding.line,
                                   .code = static_cast<std::int16_t>(finding.code),
                                   .detail = finding.excerpt,
                                   .record = record_at(finding.line)}));
  }
  return {};
}

Result<void> Importer::store_records() {
  const auto store = [this](gedcom::Record& record) { return store_record(record); };
  CHECK_OK(gedcom::read_file(chunks(ImportPhase::store), *survey_, ids_, store, findings_));
  CHECK_OK(tell(ImportPhase::index, 0, next_n_, "records"));
  TRY(writer, import_->writer());
  if (first_unindexed_ < next_n_) {
    CHECK_OK(search::DocumentIndex{*writer}.index_stored(import_->rid(first_unindexed_), import_->rid(next_n_ - 1)));
  }
  CHECK_OK(store_place_documents(*writer, import_->job().tree_no));
  CHECK_OK(search::DocumentIndex{*writer}.index_stored(import_->rid(search::kPlaceDocuments), import_->rid(0xFFFF'FFFF)));
  CHECK_OK(set_derived_version(*writer, import_->job().tree_no));
  import_->set_bytes_done(file_->gedcom_bytes());
  return store_findings();
}

ImportReport Importer::report(const store::JobId& id, const TreeId& tree) const {
  const auto& counts = facts_->counts();
  ImportReport report{.id = id,
                      .tree = tree,
                      .file_name = options_.file_name,
                      .bytes = file_->bytes(),
                      .lines = survey_->lines(),
                      .records = next_n_,
                      .version = std::string{survey_->version()},
                      .dialect = survey_->dialect() == tree::Dialect::gedcom70 ? "7.0" : "5.5.1",
                      .encoding = gedcom::to_string(survey_->charset().charset),
                      .gedzip = file_->is_zip(),
                      .product = product_,
                      .language = language_,
                      .counts = {},
                      .events = counts.events,
                      .findings = {},
                      .lossless = std::nullopt};
  report.counts = {{"INDI", counts.individuals},
                   {"FAM", counts.families},
                   {"SOUR", counts.sources},
                   {"REPO", counts.repositories},
                   {"OBJE", counts.media},
                   {"NOTE", counts.notes},
                   {"SUBM", counts.submitters},
                   {"BIRT", counts.births},
                   {"DEAT", counts.deaths},
                   {"MARR", counts.marriages},
                   {"named_individuals", counts.named}};
  for (std::size_t i = 0; i < gedcom::kFindingCodeCount; ++i) {
    const auto code = static_cast<gedcom::FindingCode>(i);
    if (const auto count = findings_.count(code); count > 0) {
      report.findings.push_back(
          {std::string{gedcom::to_string(code)}, std::string{gedcom::to_string(gedcom::severity_of(code))}, count});
    }
  }
  return report;
}

}  // namespace

std::string_view to_string(ImportPhase phase) noexcept {
  switch (phase) {
    case ImportPhase::read: return "read";
    case ImportPhase::store: return "store";
    case ImportPhase::index: return "index";
    case ImportPhase::verify: return "verify";
  }
  return "read";
}

Result<ImportReport> import_file(Archive& archive, const ImportOptions& options) { return Importer{archive, options}.run(); }

}  // namespace tablinum::archive
