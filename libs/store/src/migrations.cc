#include "tablinum/store/migrations.h"

#include <fmt/format.h>

#include "folder.h"
#include "migrate.h"
#include "migrations/list.h"

namespace tablinum::store {
namespace {

constexpr std::string_view kVersionTable =
    "CREATE TABLE IF NOT EXISTS schema_version(version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, "
    "applied_at BIGINT NOT NULL)";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

Result<bool> has_version_table(Connection& connection) {
  auto rows = connection.statement("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'", {}, "i").query();
  const bool found = rows.next() && rows.integer(0) > 0;
  CHECK_OK(rows.status());
  return found;
}

/// Every applied version must be in the list, with the text it was applied with.
Result<void> check_applied(std::span<const AppliedMigration> applied, std::span<const Migration> list) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (applied[i].version != static_cast<int>(i) + 1)
      return fail(Code::corrupt, "a migration is missing from the archive's list");
    if (i >= list.size()) {
      return fail(Code::unsupported, fmt::format("the archive has version {} of its schema; this program knows {}",
                                                 applied.back().version, list.size()));
    }
    if (applied[i].checksum != checksum(list[i])) {
      return fail(Code::corrupt, fmt::format("migration {} was applied with another text", applied[i].version));
    }
  }
  return {};
}

Result<void> apply_step(Connection& connection, const Migration& migration, bool up) {
  TRY(transaction, Transaction::start(connection, "BEGIN EXCLUSIVE"));
  CHECK_OK(connection.execute(kVersionTable));
  TRY(applied, applied_migrations(connection));
  if (static_cast<int>(applied.size()) != migration.version - (up ? 1 : 0)) {
    return fail(Code::busy, "another process is migrating this archive");
  }
  CHECK_OK(connection.execute_script(ddl_for_sqlite(up ? migration.up : migration.down)));
  if (up) {
    CHECK_OK(
        connection
            .statement("INSERT INTO schema_version(version, name, checksum, applied_at) VALUES(:1, :2, :3, :4)", "itbi", {})
            .run(migration.version, migration.name, checksum(migration), wall_now().ms));
  } else {
    CHECK_OK(connection.statement("DELETE FROM schema_version WHERE version = :1", "i", {}).run(migration.version));
  }
  return transaction.commit();
}

/// Read without a transaction of its own: the caller has one, or nobody else writes.
Result<void> copy_database(Connection& connection, const std::string& path) {
  if (exists(path)) return fail(Code::exists, path);
  return connection.statement("VACUUM INTO :1", "t", {}).run(path);
}

}  // namespace

Digest checksum(const Migration& migration) {
  return Sha256{}.update(migration.up).update_byte(0).update(migration.down).finish();
}

std::span<const Migration> migrations() {
  static const Migration list[] = {
      {.version = 1, .name = "initial", .up = kInitialUp, .down = kInitialDown, .down_loses_data = true},
      {.version = 2, .name = "lighter", .up = kLighterUp, .down = kLighterDown},
      {.version = 3, .name = "records of findings", .up = kFindingRecordsUp, .down = kFindingRecordsDown},
  };
  return list;
}

std::string ddl_for_sqlite(std::string_view text) {
  std::string ddl{text};
  replace_all(ddl, "{blob}", "BLOB");
  replace_all(ddl, "{bigkey}", "INTEGER");
  replace_all(ddl, "{clustered}", " WITHOUT ROWID");
  return ddl;
}

Result<std::vector<AppliedMigration>> applied_migrations(Connection& connection) {
  std::vector<AppliedMigration> applied;
  TRY(present, has_version_table(connection));
  if (!present) return applied;
  auto rows =
      connection.statement("SELECT version, name, checksum, applied_at FROM schema_version ORDER BY version", {}, "itbi")
          .query();
  while (rows.next()) {
    TRY(sum, digest_from_bytes(rows.bytes(2)));
    applied.push_back({static_cast<int>(rows.integer(0)), std::string{rows.text(1)}, sum, Timestamp{rows.integer(3)}});
  }
  CHECK_OK(rows.status());
  return applied;
}

Result<MigrationPlan> plan_migration(Connection& connection, std::span<const Migration> list, int to) {
  if (to < 0 || to > static_cast<int>(list.size())) return fail(Code::invalid, "there is no such version of the schema");
  TRY(applied, applied_migrations(connection));
  CHECK_OK(check_applied(applied, list));
  MigrationPlan plan{.from = static_cast<int>(applied.size()), .to = to};
  for (int version = plan.from + 1; version <= to; ++version) {
    plan.steps.push_back(fmt::format("up {} {}", version, list[static_cast<std::size_t>(version) - 1].name));
  }
  for (int version = plan.from; version > to; --version) {
    const auto& migration = list[static_cast<std::size_t>(version) - 1];
    plan.steps.push_back(fmt::format("down {} {}", version, migration.name));
    plan.loses_data |= migration.down_loses_data;
  }
  return plan;
}

Result<void> apply_plan(Connection& connection, std::span<const Migration> list, const MigrationPlan& plan) {
  for (int version = plan.from + 1; version <= plan.to; ++version) {
    CHECK_OK(apply_step(connection, list[static_cast<std::size_t>(version) - 1], true));
  }
  for (int version = plan.from; version > plan.to; --version) {
    CHECK_OK(apply_step(connection, list[static_cast<std::size_t>(version) - 1], false));
  }
  return {};
}

Result<std::vector<AppliedMigration>> applied_migrations(const std::string& folder) {
  if (!exists(database_path(folder))) return std::vector<AppliedMigration>{};
  TRY(connection, Connection::open(database_path(folder), true));
  return applied_migrations(*connection);
}

Result<MigrationPlan> plan_migration(const std::string& folder, std::span<const Migration> list, int to) {
  // An archive that is not there yet is planned on an empty one in memory.
  const std::string path = database_path(folder);
  TRY(connection, exists(path) ? Connection::open(path, true) : Connection::open(":memory:", false));
  return plan_migration(*connection, list, to);
}

Result<MigrationPlan> migrate(const std::string& folder, std::span<const Migration> list, int to, bool allow_loss) {
  const auto lock = FolderLock::take(folder, "migrating");
  if (!lock) return std::unexpected(lock.error());
  TRY(connection, Connection::open(database_path(folder), false));
  TRY(plan, plan_migration(*connection, list, to));
  if (plan.steps.empty()) return plan;
  if (plan.loses_data && !allow_loss) return fail(Code::denied, "going down would lose what users entered");
  if (plan.from > 0) {
    CHECK_OK(make_folder(folder + "/backups"));
    CHECK_OK(copy_database(*connection, fmt::format("{}/backups/before-migration-{}-to-{}.db", folder, plan.from, plan.to)));
  }
  CHECK_OK(apply_plan(*connection, list, plan));
  return plan;
}

}  // namespace tablinum::store
