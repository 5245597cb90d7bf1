#include "tablinum/store/backup.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "files.h"
#include "folder.h"
#include "migrate.h"
#include "tablinum/store/history.h"
#include "tablinum/store/trees.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kFirstLine = "tablinum-backup 1";
constexpr std::size_t kManifestBytesMax = std::size_t{256} << 20;

struct BlobEntry {
  Digest name;
  std::uint64_t size = 0;
};
struct TreeEntry {
  Uuid id;
  std::uint64_t log_size = 0;
  Digest log_root;
  friend bool operator==(const TreeEntry&, const TreeEntry&) = default;
};
struct Manifest {
  Digest database{};
  std::uint64_t database_bytes = 0;
  std::vector<TreeEntry> trees{};
  std::vector<BlobEntry> blobs{};
};

// ---- Text
// ------------------------------------------------------------------------------------------------------------------------

std::string write_manifest(const Manifest& manifest) {
  std::string text = fmt::format("{}\ndatabase {} {}\n", kFirstLine, to_hex(manifest.database), manifest.database_bytes);
  for (const auto& tree : manifest.trees)
    text += fmt::format("tree {} {} {}\n", to_string(tree.id), tree.log_size, to_hex(tree.log_root));
  for (const auto& blob : manifest.blobs) text += fmt::format("blob {} {}\n", to_hex(blob.name), blob.size);
  // The last line covers all above it: a manifest that was cut or altered does not pass for a shorter one.
  return text + fmt::format("end {}\n", to_hex(sha256(bytes_of(text))));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto space = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return words;
}

Result<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return fail(Code::corrupt, "MANIFEST: not a number");
  return value;
}

Result<Digest> digest_of(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return fail(Code::corrupt, "MANIFEST: not a digest");
  return digest_from_bytes(*bytes);
}

Result<void> read_line(std::string_view line, Manifest& manifest) {
  const auto words = words_of(line);
  if (words.size() == 3 && words[0] == "database") {
    TRY(digest, digest_of(words[1]));
    TRY(size, number_of(words[2]));
    manifest.database = digest;
    manifest.database_bytes = size;
  } else if (words.size() == 4 && words[0] == "tree") {
    const auto id = parse_uuid(words[1]);
    if (!id) return fail(Code::corrupt, "MANIFEST: not an id");
    TRY(size, number_of(words[2]));
    TRY(root, digest_of(words[3]));
    manifest.trees.push_back({*id, size, root});
  } else if (words.size() == 3 && words[0] == "blob") {
    TRY(name, digest_of(words[1]));
    TRY(size, number_of(words[2]));
    manifest.blobs.push_back({name, size});
  } else {
    return fail(Code::corrupt, "MANIFEST: an unknown line");
  }
  return {};
}

Result<Manifest> read_manifest(const std::string& folder) {
  TRY(bytes, read_file(folder + "/MANIFEST", kManifestBytesMax));
  const std::string_view text = text_of(bytes);
  const auto last = text.rfind("\nend ");
  if (last == std::string_view::npos) return fail(Code::corrupt, "MANIFEST has no end");
  std::string_view body = text.substr(0, last + 1);
  if (text.substr(last + 1) != fmt::format("end {}\n", to_hex(sha256(bytes_of(body)))))
    return fail(Code::corrupt, "MANIFEST was altered");
  const auto first_end = body.find('\n');
  if (body.substr(0, first_end) != kFirstLine) return fail(Code::unsupported, "MANIFEST is of another version");
  Manifest manifest;
  for (body.remove_prefix(first_end + 1); !body.empty();) {
    const auto end = body.find('\n');
    CHECK_OK(read_line(body.substr(0, end), manifest));
    body.remove_prefix(end + 1);
  }
  return manifest;
}

// ---- Steps
// -----------------------------------------------------------------------------------------------------------------------

Result<void> require_empty(const std::string& folder) {
  TRY(names, list_folder(folder));
  if (!names.empty()) return fail(Code::exists, folder + " is not empty");
  return {};
}

/// Counts steps for whoever watches.
class Progress {
 public:
  Progress(const BackupProgress& report, std::uint64_t total) : report_{report}, total_{total} {}
  Result<void> step() {
    if (report_ && !report_(++done_, total_)) return fail(Code::cancelled, "stopped as asked");
    return {};
  }

 private:
  const BackupProgress& report_;
  std::uint64_t total_, done_ = 0;
};

/// Recomputes the log of every tree of a copied archive that nobody has open.
Result<std::vector<TreeEntry>> recomputed_logs(const std::string& folder) {
  TRY(database, Database::open({.folder = folder, .access = Access::read_only}));
  TRY(reader, database->reader());
  TRY(trees, list_trees(reader));
  std::vector<TreeEntry> entries;
  for (const auto& tree : trees) {
    ledger::LogEdge log;
    auto rows = reader.statement("SELECT canonical FROM change WHERE tree_no = :1 ORDER BY seq", "i", "b").query(tree.tree_no);
    while (rows.next()) log.append(ledger::leaf(sha256(rows.bytes(0)).view()));
    CHECK_OK(rows.status());
    entries.push_back({tree.id.value(), log.size(), log.root()});
  }
  return entries;
}

BackupReport report_of(const Manifest& manifest) {
  BackupReport report{
      .database_bytes = manifest.database_bytes, .blobs = manifest.blobs.size(), .trees = manifest.trees.size()};
  for (const auto& blob : manifest.blobs) report.blob_bytes += blob.size;
  for (const auto& tree : manifest.trees) report.changes += tree.log_size;
  return report;
}

/// A hard link costs nothing and blobs never change; across file systems it must be a copy.
Result<void> link_or_copy(const std::string& from, const std::string& to) {
  CHECK_OK(make_folder(to.substr(0, to.find_last_of('/'))));
  if (link(from.c_str(), to.c_str()) == 0) return {};
  return copy_file(from, to);
}

Result<std::vector<BlobEntry>> list_blobs(const Blobs& blobs) {
  std::vector<BlobEntry> entries;
  CHECK_OK(blobs.for_each([&](const Digest& name, std::uint64_t size) -> Result<void> {
    entries.push_back({name, size});
    return {};
  }));
  return entries;
}

Result<void> copy_blobs(const std::vector<BlobEntry>& entries, const Blobs& from, const Blobs& to, Progress& progress) {
  for (const auto& blob : entries) {
    CHECK_OK(from.verify(blob.name));
    CHECK_OK(link_or_copy(from.path(blob.name), to.path(blob.name)));
    CHECK_OK(progress.step());
  }
  return {};
}

/// The database file under the name it has in a data folder.
Result<void> check_files(const Manifest& manifest, const std::string& source, Progress& progress) {
  TRY(digest, digest_of_file(database_path(source)));
  if (digest != manifest.database) return fail(Code::corrupt, "archive.db is not the one that was backed up");
  CHECK_OK(progress.step());
  const Blobs blobs{source};
  for (const auto& blob : manifest.blobs) {
    const auto intact = blobs.verify(blob.name);
    if (!intact) return fail(Code::corrupt, "the blob " + to_hex(blob.name) + " is damaged or missing");
    CHECK_OK(progress.step());
  }
  return {};
}

}  // namespace

Result<BackupReport> backup(Database& database, const std::string& target, const BackupProgress& progress) {
  CHECK_OK(require_empty(target));
  CHECK_OK(make_folder(target));
  const Blobs blobs{database.folder()};
  // The database is copied before blobs are listed: a blob is stored before the row that names it, so all that the copy names
  // are there.
  {
    TRY(connection, Connection::open(database_path(database.folder()), true));
    CHECK_OK(connection->statement("VACUUM INTO :1", "t", {}).run(database_path(target)));
  }
  TRY(entries, list_blobs(blobs));
  Progress steps{progress, entries.size() + 1};
  CHECK_OK(steps.step());
  CHECK_OK(copy_blobs(entries, blobs, Blobs{target}, steps));

  Manifest manifest{.blobs = std::move(entries)};
  TRY(trees, recomputed_logs(target));
  CHECK_OK(remove_all(database_path(target) + "-wal"));
  CHECK_OK(remove_all(database_path(target) + "-shm"));
  TRY(digest, digest_of_file(database_path(target)));
  TRY(size, file_size(database_path(target)));
  manifest.trees = std::move(trees);
  manifest.database = digest;
  manifest.database_bytes = size;
  CHECK_OK(write_file(target + "/MANIFEST", bytes_of(write_manifest(manifest))));
  CHECK_OK(sync_folder(target));
  return report_of(manifest);
}

Result<BackupReport> verify_backup(const std::string& source, const BackupProgress& progress) {
  TRY(manifest, read_manifest(source));
  Progress steps{progress, manifest.blobs.size() + 2};
  CHECK_OK(check_files(manifest, source, steps));
  TRY(trees, recomputed_logs(source));
  if (trees != manifest.trees) return fail(Code::corrupt, "a tree's log is not the one that was backed up");
  CHECK_OK(steps.step());
  return report_of(manifest);
}

Result<BackupReport> restore(const std::string& source, const std::string& folder, const BackupProgress& progress) {
  CHECK_OK(require_empty(folder));
  TRY(report, verify_backup(source, progress));
  TRY(manifest, read_manifest(source));
  // Everything is put together beside the folder and then takes its place in one step.
  const std::string half_done = folder + ".restoring";
  CHECK_OK(remove_all(half_done));
  CHECK_OK(make_folder(half_done));
  CHECK_OK(copy_file(database_path(source), database_path(half_done)));
  Progress steps{progress, manifest.blobs.size()};
  CHECK_OK(copy_blobs(manifest.blobs, Blobs{source}, Blobs{half_done}, steps));
  CHECK_OK(sync_folder(half_done));
  if (exists(folder) && rmdir(folder.c_str()) != 0) return std::unexpected(file_error("replacing", folder));
  CHECK_OK(rename_durably(half_done, folder));
  return report;
}

}  // namespace tablinum::store
