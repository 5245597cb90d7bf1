#pragma once
/// What the tasks of an Io are doing, as text.
#include <string>

#include "tablinum/io/io.h"

namespace tablinum::io {

std::string_view name_of(Kind kind) noexcept;

/// Appends a line for each task of the tree under `root`: its name, what it waits for, its deadline, whether it was cancelled.
void dump_tasks(const Context& root, std::string& out);

}  // namespace tablinum::io
