#include "doctor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "archive_command.h"
#include "tablinum/archive/derived.h"
#include "tablinum/seal/self_test.h"
#include "tablinum/store/history.h"
#include "tablinum/store/trees.h"

namespace tablinum::app {
namespace {

constexpr std::uint64_t kFreeBytesLow = std::uint64_t{1} << 30;

Diagnosis check_folder(const std::string& folder) {
  struct stat status{};
  if (stat(folder.c_str(), &status) != 0)
    return {"data folder", Health::odd, folder + " does not exist", "tablinum import FILE makes it"};
  if ((status.st_mode & 0077) != 0) {
    return {"data folder", Health::broken, fmt::format("{} can be read by others (mode {:o})", folder, status.st_mode & 0777),
            "chmod 700 " + folder};
  }
  return {"data folder", Health::well, folder, ""};
}

Diagnosis check_space(const std::string& folder) {
  struct statvfs space{};
  if (statvfs(folder.c_str(), &space) != 0) return {"free space", Health::odd, "cannot be told", ""};
  const auto free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
  const bool low = free_bytes < kFreeBytesLow;
  return {"free space", low ? Health::odd : Health::well, fmt::format("{} MB", free_bytes >> 20),
          low ? "make room: imports need about three times the size of the file" : ""};
}

Diagnosis check_pages(const Config& config) {
  if (config.pages.empty()) return {"pages", Health::odd, "no folder of web pages is set", "serve --pages web/dist"};
  const bool there = is_there(config.pages + "/index.html");
  return {"pages", there ? Health::well : Health::broken, config.pages, there ? "" : "tools/build_web.sh builds them"};
}

Diagnosis check_tree(store::Session& session, const store::TreeInfo& tree) {
  const auto verified = store::verify_tree(session, tree.tree_no);
  const auto name = "tree " + tree.name;
  if (!verified) return {name, Health::broken, describe(verified.error()), "restore the last backup"};
  if (!verified->faults.empty()) {
    return {name, Health::broken, fmt::format("{} faults; first: {}", verified->faults.size(), verified->faults.front()),
            "restore the last backup"};
  }
  auto rows = verified->row_faults;
  if (const auto documents = archive::document_faults(session, tree.tree_no)) rows.insert(rows.end(), documents->begin(), documents->end());
  if (!rows.empty()) {
    return {name, Health::broken, fmt::format("the records are whole, but not what follows from them: {}", fmt::join(rows, ", ")),
            "tablinum doctor --repair, while no server runs"};
  }
  return {name, Health::well,
          fmt::format("{} records, {} changes, {} blocks: every hash agrees", verified->records, verified->changes,
                      verified->blocks),
          ""};
}

/// Names, events, places and search documents that an older version of the program wrote.
Diagnosis check_rules(store::Session& session) {
  const auto outdated = archive::outdated_trees(session);
  if (!outdated) return {"derived rows", Health::odd, describe(outdated.error()), ""};
  if (outdated->empty()) return {"derived rows", Health::well, "follow from the rules of this version", ""};
  return {"derived rows", Health::odd, fmt::format("{} trees have rows that follow from older rules", outdated->size()),
          "a server writes them anew when it starts, and so does tablinum doctor --repair"};
}

/// Known answers of everything that sealing uses, computed here and now.
Diagnosis check_sealing() {
  const auto passed = seal::self_test();
  if (!passed)
    return {"sealing", Health::broken, passed.error().detail, "seal and open nothing on this machine; report it with: tablinum version"};
  return {"sealing", Health::well, "every algorithm gives its known answers", ""};
}

void check_archive(const Globals& globals, std::vector<Diagnosis>& found) {
  if (!is_there(globals.data + "/archive.db")) {
    found.push_back({"archive", Health::odd, "there is none yet", "tablinum import FILE --data " + globals.data});
    return;
  }
  auto archive = open_archive(globals, false);
  if (!archive) {
    found.push_back(
        {"archive", Health::broken, describe(archive.error()), "restore the last backup, or use the version that wrote it"});
    return;
  }
  auto reader = (*archive)->database().reader();
  const auto trees =
      reader ? store::list_trees(*reader) : Result<std::vector<store::TreeInfo>>{fail(Code::io, "cannot be read")};
  if (!trees) {
    found.push_back({"archive", Health::broken, describe(trees.error()), "restore the last backup"});
    return;
  }
  found.push_back({"archive", Health::well, fmt::format("{} trees", trees->size()), ""});
  for (const auto& tree : *trees) found.push_back(check_tree(*reader, tree));
  found.push_back(check_rules(*reader));
}

}  // namespace

std::string_view to_string(Health health) noexcept {
  switch (health) {
    case Health::well: return "well";
    case Health::odd: return "odd";
    case Health::broken: return "broken";
  }
  return "odd";
}

std::vector<Diagnosis> diagnose(const Globals& globals, const Config& config) {
  std::vector<Diagnosis> found{check_folder(globals.data)};
  if (is_there(globals.data)) found.push_back(check_space(globals.data));
  found.push_back(check_pages(config));
  found.push_back(check_sealing());
  check_archive(globals, found);
  return found;
}

}  // namespace tablinum::app
