#pragma once
/// What the archive knows of itself: short texts by name, in the table `setting`.
#include <optional>
#include <string>
#include <string_view>

#include "tablinum/store/database.h"

namespace tablinum::store {

inline constexpr std::size_t kSettingNameBytesMax = 64;

Result<std::optional<std::string>> find_setting(Session& session, std::string_view name);
/// @error invalid: the name is empty or over kSettingNameBytesMax.
Result<void> put_setting(Writer& writer, std::string_view name, std::string_view value);
/// What is not there is removed already.
Result<void> remove_setting(Writer& writer, std::string_view name);

}  // namespace tablinum::store
