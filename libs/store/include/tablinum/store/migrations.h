#pragma once
/// The schema's versions: numbered steps up and down, each in a transaction, recorded with a checksum of its text.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tablinum/base/crypto.h"
#include "tablinum/base/time.h"

namespace tablinum::store {

struct Migration {
  int version = 0;                ///< 1, 2, … without gaps
  std::string_view name{};        ///< what it does, in a word or two
  std::string_view up{}, down{};  ///< SQL statements, each ended by a semicolon at the end of a line
  bool down_loses_data = false;   ///< going down drops something users entered
};
/// SHA-256 of up ‖ 00 ‖ down.
Digest checksum(const Migration& migration);

/// All of the program's, in order.
std::span<const Migration> migrations();

struct AppliedMigration {
  int version = 0;
  std::string name{};
  Digest checksum{};
  Timestamp applied_at{};
};
struct MigrationPlan {
  int from = 0, to = 0;
  std::vector<std::string> steps{};  ///< "up 2 add places"
  bool loses_data = false;
};

/// What is applied in the archive of a data folder; nothing where there is none yet. Works beside a server.
Result<std::vector<AppliedMigration>> applied_migrations(const std::string& folder);
/// What migrate() would do; the dry run.
/// @error unsupported: a version is applied that is not in the list (a newer program's).  corrupt: a checksum differs.
///        invalid: `to` is not 0 … the last version.
Result<MigrationPlan> plan_migration(const std::string& folder, std::span<const Migration> list, int to);

/// Migrates the archive in a data folder that nobody has open. Before the first step, if there is anything to lose, a copy is
/// written to backups/before-migration-<from>-to-<to>.db (VACUUM INTO). Each step is one transaction: a crash leaves a whole
/// version.
/// @error As plan_migration().  busy: the folder is locked, or another process migrates.  denied: it loses data and
///        `allow_loss` is false.  exists: the copy's file is there already.
Result<MigrationPlan> migrate(const std::string& folder, std::span<const Migration> list, int to, bool allow_loss = false);

}  // namespace tablinum::store
