#include "tablinum/archive/jobs.h"

#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "tablinum/archive/derived.h"
#include "tablinum/archive/import.h"
#include "tablinum/archive/tidy.h"
#include "tablinum/base/json.h"
#include "tablinum/base/log.h"
#include "tablinum/store/staging.h"

namespace tablinum::archive {
namespace {

namespace dom = simdjson::dom;

/// A job's arguments: one flat object of texts.
class Arguments {
 public:
  static Result<Arguments> parse(const std::string& json) {
    Arguments arguments;
    dom::element root;
    if (arguments.parser_->parse(json).get(root) != simdjson::SUCCESS)
      return fail(Code::corrupt, "a job's arguments cannot be read");
    arguments.root_ = root;
    return arguments;
  }
  std::string text(std::string_view name) const {
    std::string_view value;
    return root_[name].get(value) == simdjson::SUCCESS ? std::string{value} : std::string{};
  }
  std::uint64_t number(std::string_view name) const {
    std::uint64_t value = 0;
    return root_[name].get(value) == simdjson::SUCCESS ? value : 0;
  }

 private:
  std::unique_ptr<dom::parser> parser_ = std::make_unique<dom::parser>();
  dom::element root_;
};

std::string progress_json(std::string_view phase, std::uint64_t done, std::uint64_t total, std::string_view unit) {
  json::Writer w;
  w.begin_object();
  w.field("phase", phase);
  w.field("done", done);
  w.field("total", total);
  w.field("unit", unit);
  w.end_object();
  return w.take();
}

/// Characters that file names may have everywhere; others become '-'.
std::string file_name_of(std::string_view tree_name) {
  std::string name;
  for (const char c : tree_name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    name += plain ? c : '-';
  }
  return name.empty() || name.starts_with('.') ? "tree" : name;
}

constexpr std::size_t kJobsPage = 500;
/// An import may hold the database for many minutes, in which its lease cannot be prolonged; a start takes leases of the dead
/// over.
constexpr Duration kLease = Duration::seconds(3600);
/// How often an import is begun, shutdowns and crashes included: one that ends the program must not do so for ever.
constexpr std::int32_t kImportAttemptsMax = 10;

/// Whether a job that ended with this may be begun again with the same arguments.
bool may_run_again(Code code) noexcept {
  return code == Code::io || code == Code::busy || code == Code::unavailable || code == Code::timeout ||
         code == Code::cancelled;
}

std::string_view api_state(store::JobState state) noexcept {
  switch (state) {
    case store::JobState::queued: return "queued";
    case store::JobState::running:
    case store::JobState::cancelling: return "running";
    case store::JobState::succeeded: return "succeeded";
    case store::JobState::failed: return "failed";
    case store::JobState::cancelled: return "cancelled";
  }
  return "failed";
}

/// The status that the same error would have had as an answer (docs/developing.md, "Errors").
int status_of(std::string_view code) noexcept {
  constexpr std::pair<Code, int> kStatuses[] = {
      {Code::invalid, 422},     {Code::corrupt, 422}, {Code::protocol, 400},  {Code::unsupported, 415}, {Code::not_found, 404},
      {Code::unauthenticated, 401}, {Code::denied, 403},  {Code::conflict, 409},  {Code::exists, 409},      {Code::too_large, 413},
      {Code::limit, 429},       {Code::no_space, 507}, {Code::unavailable, 503}, {Code::busy, 503},      {Code::timeout, 504}};
  const auto* found = std::ranges::find(kStatuses, code, [](const auto& entry) { return to_string(entry.first); });
  return found == std::end(kStatuses) ? 500 : found->second;
}

/// What a job's error says, in the shape of a problem. `error` is describe()'s text: "<code>: <detail>".
void write_problem(json::Writer& w, const store::Job& job) {
  if (job.error.empty() || job.state != store::JobState::failed) return w.null();
  const auto colon = job.error.find(": ");
  const std::string code = job.error.substr(0, colon);
  const std::string detail = colon == std::string::npos ? job.error : job.error.substr(colon + 2);
  w.begin_object();
  w.field("type", "/problems/" + code);
  w.field("code", code);
  w.field("title", "The job failed");
  w.field("status", status_of(code));
  w.field("detail", detail);
  w.field("requestId", to_string(job.id.value()));
  w.end_object();
}

void write_progress(json::Writer& w, const store::Job& job) {
  const auto progress = Arguments::parse(job.progress.empty() ? "{}" : job.progress);
  const auto phase = progress ? progress->text("phase") : std::string{};
  const auto unit = progress ? progress->text("unit") : std::string{};
  w.field("phase", phase.empty() ? std::nullopt : std::optional{phase});
  w.field("done", progress ? progress->number("done") : 0);
  w.field("total", progress ? progress->number("total") : 0);
  w.field("unit", unit.empty() ? "bytes" : unit);
}

void write_result(json::Writer& w, const store::Job& job, const std::optional<Arguments>& result) {
  if (job.kind == kUndoImportJob || job.kind == kRebuildJob) return w.null();
  w.begin_object();
  w.field("importId", job.kind == kImportJob ? std::optional{to_string(job.id.value())} : std::nullopt);
  w.key("export");
  if (job.kind == kExportJob && result) {
    w.begin_object();
    w.field("url", "/api/v1/exports/" + to_string(job.id.value()) + "/content");
    w.field("fileName", result->text("fileName"));
    w.field("bytes", result->number("bytes"));
    w.end_object();
  } else {
    w.null();
  }
  w.end_object();
}

}  // namespace

std::string file_name_of_import(const store::Job& job) {
  const auto arguments = Arguments::parse(job.arguments);
  return job.kind == kImportJob && arguments ? arguments->text("fileName") : std::string{};
}

Result<std::string> job_json(store::Session& session, const store::Job& job) {
  const auto arguments = Arguments::parse(job.arguments);
  auto parsed = Arguments::parse(job.result.empty() ? "{}" : job.result);
  const auto result = parsed && !job.result.empty() ? std::optional{std::move(*parsed)} : std::nullopt;
  std::string tree = result ? result->text("treeId") : std::string{};
  if (tree.empty() && arguments) tree = arguments->text("into");
  if (tree.empty() && job.tree_no) {
    if (const auto info = store::find_tree(session, *job.tree_no)) tree = to_string(info->id.value());
  }
  const auto time = [](std::optional<Timestamp> at) { return at ? std::optional{to_rfc3339(*at)} : std::nullopt; };
  json::Writer w;
  w.begin_object();
  w.field("id", to_string(job.id.value()));
  w.field("kind", job.kind);
  w.field("state", api_state(job.state));
  w.field("treeId", tree.empty() ? std::nullopt : std::optional{tree});
  write_progress(w, job);
  w.field("createdAt", to_rfc3339(job.created_at));
  w.field("startedAt", job.attempt > 0 ? time(job.run_at) : std::nullopt);
  w.field("finishedAt", time(job.finished_at));
  w.key("result");
  write_result(w, job, result);
  w.key("problem");
  write_problem(w, job);
  w.end_object();
  return w.take();
}

Jobs::Jobs(Archive& archive) : archive_{archive}, runner_{archive.database()} {
  const auto add = [this](std::string_view name, Result<std::string> (Jobs::*run)(store::JobContext&)) {
    auto added = runner_.add_kind({.name = std::string{name},
                                   .handler = [this, run](store::JobContext& context) { return (this->*run)(context); },
                                   .lease = kLease});
    if (!added) log::error("archive", "a kind of job could not be registered", {{"error", describe(added.error())}});
  };
  add(kImportJob, &Jobs::run_import);
  add(kExportJob, &Jobs::run_export);
  add(kUndoImportJob, &Jobs::run_undo);
  add(kRebuildJob, &Jobs::run_rebuild);
  runner_.on_change([this](const store::Job& job) {
    const std::lock_guard lock{mutex_};
    if (store::is_final(job.state))
      progress_.erase(job.id);
    else if (!job.progress.empty())
      progress_[job.id] = job.progress;
    for (const auto& [number, listener] : listeners_) listener(job);
  });
}

void Jobs::add_progress(store::Job& job) const {
  const std::lock_guard lock{mutex_};
  const auto newest = progress_.find(job.id);
  if (newest != progress_.end() && !store::is_final(job.state)) job.progress = newest->second;
}

Jobs::~Jobs() { stop(); }

void Jobs::start(unsigned threads) {
  if (auto swept = remove_lost_uploads(); !swept) {
    log::warn("archive", "uploads that nobody waits for could not be removed", {{"error", describe(swept.error())}});
  }
  if (auto expired = take_over(); !expired) {
    log::warn("archive", "jobs of an earlier run go on later", {{"error", describe(expired.error())}});
  }
  if (auto asked = ask_for_rebuild(); !asked) {
    log::warn("archive", "rows of older rules are rebuilt at another start", {{"error", describe(asked.error())}});
  }
  runner_.start(threads);
}

/// Once: a rebuild that was interrupted stands in the queue already.
Result<void> Jobs::ask_for_rebuild() {
  {
    TRY(reader, archive_.database().reader());
    TRY(outdated, outdated_trees(reader));
    if (outdated.empty()) return {};
    for (std::optional<store::JobId> before;;) {
      TRY(page, store::list_jobs(reader, {}, before, kJobsPage));
      for (const auto& job : page) {
        if (job.kind == kRebuildJob && !store::is_final(job.state)) return {};
      }
      if (page.size() < kJobsPage) break;
      before = page.back().id;
    }
  }
  CHECK_OK(runner_.submit({.kind = kRebuildJob, .tree_no = {}, .arguments = "{}", .run_at = {}}));
  return {};
}

Result<void> Jobs::take_over() {
  TRY(writer, archive_.database().writer());
  CHECK_OK(store::expire_leases(writer, wall_now()));
  return writer.commit();
}

std::string Jobs::upload_path(const std::string& name) const {
  return name.contains('/') ? name : archive_.database().path("uploads") + '/' + name;
}

Result<void> Jobs::remove_lost_uploads() {
  std::set<std::string> wanted;
  {
    TRY(reader, archive_.database().reader());
    for (std::optional<store::JobId> before;;) {
      TRY(page, store::list_jobs(reader, {}, before, kJobsPage));
      for (const auto& job : page) {
        if (job.kind != kImportJob || store::is_final(job.state)) continue;
        TRY(arguments, Arguments::parse(job.arguments));
        wanted.insert(upload_path(arguments.text("upload")));
      }
      if (page.size() < kJobsPage) break;
      before = page.back().id;
    }
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{archive_.database().path("uploads"), ignored}) {
    if (!wanted.contains(entry.path().string())) std::filesystem::remove(entry.path(), ignored);
  }
  return {};
}
void Jobs::stop() { runner_.stop(); }

Result<void> Jobs::run_all() {
  for (;;) {
    TRY(ran, runner_.run_one());
    if (!ran) return {};
  }
}

std::uint64_t Jobs::listen(Listener listener) {
  const std::lock_guard lock{mutex_};
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

void Jobs::unlisten(std::uint64_t number) {
  const std::lock_guard lock{mutex_};
  listeners_.erase(number);
}

Result<store::JobId> Jobs::submit_import(const ImportRequest& request) {
  // By its name only where it lies in our folder: the next start may know that folder by another path.
  const std::string ours = archive_.database().path("uploads") + '/';
  json::Writer w;
  w.begin_object();
  w.field("upload", std::string_view{request.upload}.substr(request.upload.starts_with(ours) ? ours.size() : 0));
  w.field("fileName", request.file_name);
  w.field("treeName", request.tree_name);
  if (request.into) w.field("into", to_string(request.into->value()));
  w.end_object();
  const auto arguments = w.take();
  return runner_.submit({.kind = kImportJob, .tree_no = {}, .arguments = arguments, .run_at = {}});
}

Result<store::JobId> Jobs::submit_export(const store::TreeInfo& tree, const ExportOptions& options) {
  json::Writer w;
  w.begin_object();
  w.field("format", options.media ? "gedzip" : "original");
  w.field("version", to_string(options.version));
  w.field("audience", options.redact_living ? "redacted" : "full");
  w.field("name", file_name_of(tree.name));
  w.end_object();
  const auto arguments = w.take();
  return runner_.submit({.kind = kExportJob, .tree_no = tree.tree_no, .arguments = arguments, .run_at = {}});
}

Result<store::JobId> Jobs::submit_undo(const store::JobId& import) {
  std::int64_t tree_no = 0;
  {
    TRY(reader, archive_.database().reader());
    TRY(job, store::find_import(reader, import));
    if (job.state != store::ImportState::published) return fail(Code::conflict, "this import is not in the archive");
    TRY(tree, store::find_tree(reader, job.tree_no));
    if (tree.log_size != job.records) return fail(Code::conflict, "the tree was changed after the import");
    tree_no = job.tree_no;
  }
  json::Writer w;
  w.begin_object();
  w.field("import", to_string(import.value()));
  w.end_object();
  const auto arguments = w.take();
  return runner_.submit({.kind = kUndoImportJob, .tree_no = tree_no, .arguments = arguments, .run_at = {}});
}

Result<void> Jobs::cancel(const store::JobId& id) { return runner_.cancel(id); }

Result<std::string> Jobs::run_import(store::JobContext& context) {
  TRY(arguments, Arguments::parse(context.job().arguments));
  ImportOptions options;
  options.path = upload_path(arguments.text("upload"));
  options.file_name = arguments.text("fileName");
  options.tree_name = arguments.text("treeName");
  options.job = context.job().id;
  struct stat status{};
  options.verify = stat(options.path.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) <= kVerifyBytesMax;
  if (const auto into = arguments.text("into"); !into.empty()) {
    TRY(id, parse_uuid(into));
    options.into = TreeId{id};
  }
  options.progress = [&](const ImportProgress& progress) {
    return context.progress(progress_json(to_string(progress.phase), progress.done, progress.total, progress.unit));
  };
  auto report = context.job().attempt <= kImportAttemptsMax
                    ? import_file(archive_, options)
                    : Result<ImportReport>{fail(Code::limit, "the program ended too often during this import")};
  // The file lies among the blobs now, or was refused. A job that is tried again, or that stopped because the program stops,
  // needs it once more; what nobody needs in the end goes at the next start.
  if (report || !may_run_again(report.error().code)) ::unlink(options.path.c_str());
  if (!report) return std::unexpected(std::move(report).error());
  return to_json(*report);
}

Result<std::string> Jobs::run_export(store::JobContext& context) {
  TRY(arguments, Arguments::parse(context.job().arguments));
  if (!context.job().tree_no) return fail(Code::invalid, "an export needs a tree");
  const bool zip = arguments.text("format") == "gedzip";
  const std::string name = arguments.text("name") + (zip ? ".gdz" : ".ged");
  const std::string path = archive_.database().path("tmp") + "/export-" + to_string(context.job().id.value());
  // A job of an older program says no version: it is the original then.
  const ExportOptions options{.version = export_version(arguments.text("version")).value_or(ExportVersion::original),
                              .media = zip,
                              .redact_living = arguments.text("audience") == "redacted"};
  TRY(report, export_tree(archive_, *context.job().tree_no, options, path,
                          [&](std::uint64_t done, std::uint64_t total) {
                            return context.progress(progress_json("write", done, total, "records"));
                          }));
  auto stored = archive_.blobs().put_file(path);
  ::unlink(path.c_str());
  TRY(digest, std::move(stored));
  tidy();  // exports made long ago
  TRY(size, archive_.blobs().size(digest));
  json::Writer w;
  w.begin_object();
  w.field("blob", to_hex(digest));
  w.field("fileName", name);
  w.field("bytes", size);
  w.field("records", report.records);
  w.field("media", report.media);
  w.field("mediaMissing", report.media_missing);
  w.field("hidden", report.hidden);
  w.end_object();
  return w.take();
}

/// What cannot be removed now is removed another time.
void Jobs::tidy() {
  const auto tidied = remove_unused_blobs(archive_);
  if (!tidied)
    log::warn("archive", "unused files could not be removed", {{"error", describe(tidied.error())}});
  else if (tidied->removed > 0)
    log::info("archive", "unused files were removed",
              {{"files", std::to_string(tidied->removed)}, {"bytes", std::to_string(tidied->removed_bytes)}});
}

Result<std::string> Jobs::run_rebuild(store::JobContext& context) {
  TRY(report, rebuild_derived(archive_, [&](std::uint64_t done, std::uint64_t total) {
        return context.progress(progress_json("rebuild", done, total, "records"));
      }));
  json::Writer w;
  w.begin_object();
  w.field("trees", report.trees);
  w.field("records", report.records);
  w.end_object();
  return w.take();
}

Result<std::string> Jobs::run_undo(store::JobContext& context) {
  if (!context.job().tree_no) return fail(Code::invalid, "no tree");
  const std::int64_t tree_no = *context.job().tree_no;
  TRY(writer, archive_.database().writer());
  const auto tree = store::find_tree(writer, tree_no);
  // Gone already: the program ended after it was removed and before that was written down.
  if (!tree && tree.error().code == Code::not_found) return std::string{"{}"};
  if (!tree) return std::unexpected(tree.error());
  CHECK_OK(store::delete_tree(writer, tree_no));
  CHECK_OK(store::purge_tree(writer, tree_no));
  CHECK_OK(writer.commit());
  tidy();  // other trees' leftovers: what this one leaves is still young
  return std::string{"{}"};
}

}  // namespace tablinum::archive
