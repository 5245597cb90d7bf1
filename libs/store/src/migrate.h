#pragma once
/// Migrating on an open connection; used by Database::open() and migrate().
#include "connection.h"
#include "tablinum/store/migrations.h"

namespace tablinum::store {

/// `text` with the engine's words for {blob}, {bigkey} and {clustered}.
std::string ddl_for_sqlite(std::string_view text);
/// Of a connection rather than a Session.
Result<std::vector<AppliedMigration>> applied_migrations(Connection& connection);
Result<MigrationPlan> plan_migration(Connection& connection, std::span<const Migration> list, int to);
/// Carries the plan out, each step in its own transaction, which checks again that it starts from the version it should.
Result<void> apply_plan(Connection& connection, std::span<const Migration> list, const MigrationPlan& plan);

}  // namespace tablinum::store
