// The seal's commands, in the order in which help shows them.
#include <CLI/CLI.hpp>

#include "console.h"

namespace tablinum::app {

namespace sealing {
void add_identity_commands(Commands& commands);
void add_sealing_commands(Commands& commands);
void add_recipients_commands(Commands& commands);
void add_collection_commands(Commands& commands);
}  // namespace sealing
void add_pre_commands(Commands& commands);

void add_seal_commands(Commands& commands) {
  sealing::add_sealing_commands(commands);
  sealing::add_identity_commands(commands);
  sealing::add_recipients_commands(commands);
  sealing::add_collection_commands(commands);
  add_pre_commands(commands);
}

}  // namespace tablinum::app
