#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "console.h"
#include "tablinum/base/log.h"

// Which groups there are depends on the modules of this build (app/CMakeLists.txt).
#define TABLINUM_GROUP(name, words) namespace tablinum::app { void add_##name##_commands(Commands& commands); }
#include "command_groups.inc"
#undef TABLINUM_GROUP

namespace {

constexpr int kExitFault = 70;
constexpr int kExitOutput = 8;

/// A group of commands, and the names of those that need no other group.
struct Group {
  void (*add)(tablinum::app::Commands& commands);
  std::string_view words;
};
constexpr Group kGroups[] = {
#define TABLINUM_GROUP(name, words) {tablinum::app::add_##name##_commands, words},
#include "command_groups.inc"
#undef TABLINUM_GROUP
};

/// Whether the group says that it has the command.
bool names(const Group& group, std::string_view command) {
  return !command.empty() && (' ' + std::string{group.words} + ' ').contains(' ' + std::string{command} + ' ');
}

/// Only the group that has the command, where it is known: to describe all of them takes longer than many commands do.
void add_commands(tablinum::app::Commands& commands, std::string_view command) {
  const auto* const named = std::ranges::find_if(kGroups, [&](const Group& group) { return names(group, command); });
  if (named != std::end(kGroups)) named->add(commands);
  if (!commands.root.get_subcommands([&](const CLI::App* one) { return one->get_name() == command; }).empty()) return;
  for (const auto& group : kGroups) {
    if (&group != named) group.add(commands);
  }
}

int run(int argc, char** argv) {
  using namespace tablinum;
  CLI::App root{"Tablinum: a private, provable, shareable archive of a family's people, sources, documents and media."};
  root.name("tablinum");
  root.require_subcommand(0, 1);
  root.fallthrough();
  app::Globals globals;
  if (const char* data = std::getenv("TABLINUM_DATA")) globals.data = data;
  root.add_option("--data", globals.data, "Data folder of the archive (else TABLINUM_DATA, else ./data)")
      ->capture_default_str();
  root.add_flag("--json", globals.json, "Last line of the output is one JSON object");
  root.add_flag("-q,--quiet", globals.quiet, "No progress, no remarks");
  root.add_option("--config", globals.config, "Configuration file (YAML)");
  root.add_option("--log-level", globals.log_level, "trace, debug, info, warn, error, off");
  root.footer(
      "Run 'tablinum COMMAND --help' for the options of a command. Exit codes: 0 done, 1 the answer is no, 2 usage, 3 invalid "
      "input,\n"
      "4 not found, 5 denied, 6 conflict, 7 too large or no space, 8 not available, 9 time-out, 70 fault of the program, 130 "
      "stopped.");

  std::function<int()> chosen;
  app::Commands commands{root, globals, chosen};
  add_commands(commands, argc > 1 ? argv[1] : "");
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == 0;
    root.exit(error);
    return asked_for_help ? 0 : app::kExitUsage;
  }
  if (!chosen) {
    std::fputs(root.help().c_str(), stdout);
    return app::kExitUsage;
  }
  // Commands say what they do themselves; only what is wrong is logged unless more was asked for.
  log::configure(log::level_from(globals.log_level, log::Level::warn), log::Format::automatic);
  return chosen();
}

/// A full disk must not look like success. A reader that has seen enough (`| head`) is none of it.
int with_output_checked(int code) {
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && std::ferror(stdout) == 0) return code;
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0) return code;
  std::fputs("tablinum: the output could not be written\n", stderr);
  return code == 0 ? kExitOutput : code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write()
  try {
    return with_output_checked(run(argc, argv));
  } catch (const std::exception& error) {  // no memory left, or a fault of ours
    std::fprintf(stderr, "tablinum: %s\n", error.what());
    return kExitFault;
  }
}
