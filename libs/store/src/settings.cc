#include "tablinum/store/settings.h"

namespace tablinum::store {

Result<std::optional<std::string>> find_setting(Session& session, std::string_view name) {
  auto rows = session.statement("SELECT value FROM setting WHERE name = :1", "t", "t").query(name);
  std::optional<std::string> value;
  if (rows.next()) value = rows.text(0);
  CHECK_OK(rows.status());
  return value;
}

Result<void> put_setting(Writer& writer, std::string_view name, std::string_view value) {
  if (name.empty() || name.size() > kSettingNameBytesMax) return fail(Code::invalid, "a setting needs a short name");
  CHECK_OK(remove_setting(writer, name));
  return writer.statement("INSERT INTO setting(name, value) VALUES(:1, :2)", "tt").run(name, value);
}

Result<void> remove_setting(Writer& writer, std::string_view name) {
  return writer.statement("DELETE FROM setting WHERE name = :1", "t").run(name);
}

}  // namespace tablinum::store
