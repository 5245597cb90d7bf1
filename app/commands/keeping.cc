// Commands that keep the archive: backup and restore.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "archive_command.h"
#include "tablinum/base/json.h"
#include "tablinum/store/backup.h"

namespace tablinum::app {
namespace {

std::string backup_json(const store::BackupReport& report, const std::string& path) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("path", path);
  w.field("databaseBytes", report.database_bytes);
  w.field("blobs", report.blobs);
  w.field("blobBytes", report.blob_bytes);
  w.field("trees", report.trees);
  w.field("changes", report.changes);
  w.end_object();
  return w.take();
}

std::string backup_text(std::string_view done, const store::BackupReport& report, const std::string& path) {
  return fmt::format("{} {}: {} trees, {} changes, {} files ({} MB).", done, path, report.trees, report.changes, report.blobs,
                     (report.database_bytes + report.blob_bytes) >> 20);
}

Result<int> run_backup(const Globals& globals, const std::string& target) {
  // Works beside a server too: the copy is made by a reader.
  TRY(archive, open_archive(globals, false));
  const StopRequest stop;
  ProgressBar bar{globals};
  TRY(report, store::backup(archive->database(), target, [&](std::uint64_t done, std::uint64_t total) {
        return bar.show("backup", done, total), !stop.made();
      }));
  print_result(globals, backup_json(report, target), backup_text("Backed up to", report, target));
  return 0;
}

Result<int> run_restore(const Globals& globals, const std::string& source, bool check_only) {
  const StopRequest stop;
  ProgressBar bar{globals};
  const store::BackupProgress progress = [&](std::uint64_t done, std::uint64_t total) {
    return bar.show("restore", done, total), !stop.made();
  };
  if (check_only) {
    TRY(report, store::verify_backup(source, progress));
    print_result(globals, backup_json(report, source), backup_text("Whole and unaltered:", report, source));
    return 0;
  }
  TRY(report, store::restore(source, globals.data, progress));
  print_result(globals, backup_json(report, globals.data), backup_text("Restored into", report, globals.data));
  return 0;
}

}  // namespace

void add_keeping_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& chosen = commands.chosen;

  auto* backup =
      commands.root.add_subcommand("backup", "Copies the archive, also while a server runs, with a manifest of digests");
  const auto target = std::make_shared<std::string>();
  backup->add_option("FOLDER", *target, "New folder for the backup")->required();
  backup->callback([&, target] {
    chosen = [&, target] {
      const auto result = run_backup(globals, *target);
      return result ? *result : report(globals, result.error());
    };
  });

  auto* restore = commands.root.add_subcommand("restore", "Checks a backup and makes a data folder (--data) from it");
  const auto source = std::make_shared<std::string>();
  const auto check_only = std::make_shared<bool>(false);
  restore->add_option("FOLDER", *source, "Folder of the backup")->required();
  restore->add_flag("--check", *check_only, "Only check that the backup is whole");
  restore->callback([&, source, check_only] {
    chosen = [&, source, check_only] {
      const auto result = run_restore(globals, *source, *check_only);
      return result ? *result : report(globals, result.error());
    };
  });
}

}  // namespace tablinum::app
