#include "tablinum/store/erase.h"

#include "tablinum/store/sql.h"

namespace tablinum::store {

Result<void> erase_tree(Writer& writer, std::int64_t tree_no) {
  CHECK_OK(writer.execute("PRAGMA secure_delete = ON"));
  CHECK_OK(purge_tree(writer, tree_no));
  // The import's row stays, without its words: it keeps the tree's number from being given again.
  for (const std::string_view sql :
       {"DELETE FROM import_finding WHERE job IN (SELECT id FROM import_job WHERE tree_no = :1)", "DELETE FROM job WHERE tree_no = :1",
        "UPDATE import_job SET options = '{}', header = NULL, error = NULL WHERE tree_no = :1"}) {
    CHECK_OK(writer.statement(sql, "i").run(tree_no));
  }
  return {};
}

Result<std::vector<std::int64_t>> deleted_trees(Session& session) {
  std::vector<std::int64_t> numbers;
  auto rows = session.statement("SELECT tree_no FROM tree WHERE deleted_at > 0 ORDER BY tree_no", {}, "i").query();
  while (rows.next()) numbers.push_back(rows.integer(0));
  CHECK_OK(rows.status());
  return numbers;
}

}  // namespace tablinum::store
