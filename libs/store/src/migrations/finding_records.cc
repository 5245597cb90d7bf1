#include "migrations/list.h"

namespace tablinum::store {

// A message of an import's report names the record that it is about. Older imports keep messages without one.
const std::string_view kFindingRecordsUp = R"sql(
ALTER TABLE import_finding ADD COLUMN rid BIGINT;
)sql";

const std::string_view kFindingRecordsDown = R"sql(
ALTER TABLE import_finding DROP COLUMN rid;
)sql";

}  // namespace tablinum::store
