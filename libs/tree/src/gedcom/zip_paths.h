#pragma once
/// Names of files inside an archive.
#include <optional>
#include <string>
#include <string_view>

namespace tablinum::tree::gedcom {

/// A relative path without empty, "." and ".." parts. Nothing if it is absolute (also C:\ and \\server), leads outside at any
/// point, is empty, is not UTF-8 or has control characters. A backslash separates parts as '/' does.
std::optional<std::string> normalized_path(std::string_view path);

/// Equal for paths that a file system without regard to case may take for one (full case folding).
std::string path_key(std::string_view path);

}  // namespace tablinum::tree::gedcom
