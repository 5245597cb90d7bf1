#pragma once
/// What the commands about the archive share: opening it, and finding the tree and the person that are meant.
#include <memory>
#include <string>
#include <string_view>

#include "console.h"
#include "tablinum/archive/archive.h"

namespace tablinum::app {

void add_reading_commands(Commands& commands);  ///< import, export, show, search, kin, check, stats
void add_keeping_commands(Commands& commands);  ///< backup, restore
void add_history_commands(Commands& commands);  ///< history, undo
void add_chart_commands(Commands& commands);    ///< chart
void add_server_commands(Commands& commands);   ///< serve, doctor, openapi

/// Opens the archive of --data. For a writing command the folder is made if it is missing.
Result<std::unique_ptr<archive::Archive>> open_archive(const Globals& globals, bool writing);
/// The tree of --tree: by id or name; the only one where none is named.
/// @error not_found: no such tree.  invalid: several trees, and none was named.
Result<store::TreeInfo> choose_tree(store::Session& session, std::string_view name);
/// A person by id, by xref ("@I1@" or "I1"), or by words that only one person has.
/// @error not_found.  invalid: several people match (the detail lists some).
Result<Rid> choose_person(archive::Archive& archive, store::Session& session, const store::TreeInfo& tree,
                          const std::string& who);
std::string person_label(store::Session& session, Rid person);

}  // namespace tablinum::app
