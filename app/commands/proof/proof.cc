// tablinum proof …
#include "proof_command.h"

namespace tablinum::app {

void add_proof_commands(Commands& commands) {
  auto* group = commands.root.add_subcommand("proof", "Zero-knowledge proofs: shows that something is so without showing the thing");
  group->require_subcommand(1);
  group->footer("A program says what is proved (public), an input is the secret that makes it true. More: docs/proof/.");
  proving::add_prove_command(commands, *group);
  proving::add_verify_command(commands, *group);
  proving::add_batch_command(commands, *group);
  proving::add_inspect_command(commands, *group);
  proving::add_circuits_command(commands, *group);
  proving::add_soundness_command(commands, *group);
  proving::add_stats_command(commands, *group);
  proving::add_bench_command(commands, *group);
}

}  // namespace tablinum::app
