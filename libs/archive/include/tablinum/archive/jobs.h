#pragma once
/// The archive's long work as durable jobs: import, export, taking an import back. Progress can be followed live.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "tablinum/archive/archive.h"
#include "tablinum/archive/export.h"
#include "tablinum/store/jobs.h"

namespace tablinum::archive {

inline constexpr std::string_view kImportJob = "import";
inline constexpr std::string_view kExportJob = "export";
inline constexpr std::string_view kUndoImportJob = "undo-import";
/// Rows that older rules wrote, written anew: start() asks for it where it is due.
inline constexpr std::string_view kRebuildJob = "rebuild";

/// Files up to this size are written out again after the import and compared, so that the report can say "nothing lost".
inline constexpr std::uint64_t kVerifyBytesMax = std::uint64_t{64} << 20;

struct ImportRequest {
  std::string upload;  ///< path of the uploaded file; the job removes it when it is done with it
  std::string file_name;
  std::string tree_name;
  std::optional<TreeId> into;
};

/// @note Thread-safe. `archive` outlives it.
class Jobs {
 public:
  explicit Jobs(Archive& archive);
  ~Jobs();
  Jobs(const Jobs&) = delete;

  /// Removes uploads that no job waits for, takes over the jobs of a program that was killed, asks for a rebuild of rows that older
  /// rules wrote, and starts working. With 0 threads the caller runs jobs itself by run_all().
  void start(unsigned threads);
  void stop();
  /// Runs every due job on this thread.  @error of the database; a job's own failure is in the job.
  Result<void> run_all();

  /// @error those of store::JobRunner::submit().
  Result<store::JobId> submit_import(const ImportRequest& request);
  Result<store::JobId> submit_export(const store::TreeInfo& tree, const ExportOptions& options);
  /// Takes a whole import back: its tree disappears.  @error not_found.  conflict: the tree was changed since.
  Result<store::JobId> submit_undo(const store::JobId& import);
  /// @error not_found.  conflict: it has ended already.
  Result<void> cancel(const store::JobId& id);

  /// Puts the newest progress into a job read from the database, which learns it only between the job's own transactions.
  void add_progress(store::Job& job) const;

  /// Every change of a job (state or progress), in order, on the thread that makes it.
  using Listener = std::function<void(const store::Job&)>;
  /// Returns a number for unlisten(). A listener must not block.
  std::uint64_t listen(Listener listener);
  void unlisten(std::uint64_t number);

 private:
  Result<std::string> run_import(store::JobContext& context);
  Result<std::string> run_export(store::JobContext& context);
  Result<std::string> run_undo(store::JobContext& context);
  Result<std::string> run_rebuild(store::JobContext& context);
  Result<void> ask_for_rebuild();
  /// Where the upload of a job lies: `name` in the folder of uploads, unless it is a path.
  std::string upload_path(const std::string& name) const;
  Result<void> remove_lost_uploads();
  Result<void> take_over();
  void tidy();

  Archive& archive_;
  store::JobRunner runner_;
  mutable std::mutex mutex_;
  std::uint64_t next_listener_ = 1;
  std::unordered_map<std::uint64_t, Listener> listeners_;
  std::unordered_map<store::JobId, std::string> progress_;  ///< of running jobs
};

/// A job as the API shows it (docs/api/openapi.json, Job). `session` finds the tree's id.
Result<std::string> job_json(store::Session& session, const store::Job& job);
/// The name of the uploaded file of an import job; empty for another job.
std::string file_name_of_import(const store::Job& job);

}  // namespace tablinum::archive
