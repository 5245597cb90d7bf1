#pragma once
/// Manual pages and completion scripts, made from the commands themselves, so they cannot disagree with them.
#include <string>
#include <string_view>

#include "tablinum/base/error.h"

namespace CLI {
class App;
}

namespace tablinum::app {

/// troff (man macros): of the program, or of a command.  @error not_found: no such command.
Result<std::string> manual_page(const CLI::App& root, std::string_view command);
/// For bash, zsh or fish.
std::string completion_script(const CLI::App& root, std::string_view shell);

}  // namespace tablinum::app
