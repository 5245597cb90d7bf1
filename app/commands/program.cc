// Commands about the program itself: version, completion, man.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "console.h"
#include "manual.h"
#include "tablinum/base/json.h"

namespace tablinum::app {
namespace {

int run_version(const Globals& globals) {
  json::Writer w;
  w.begin_object();
  w.field("ok", true);
  w.field("name", "tablinum");
  w.field("version", TABLINUM_VERSION);
  w.field("compiler", __VERSION__);
  w.end_object();
  print_result(globals, w.take(), "tablinum " TABLINUM_VERSION);
  return 0;
}

}  // namespace

void add_program_commands(Commands& commands) {
  const auto& globals = commands.globals;
  auto& root = commands.root;
  auto& chosen = commands.chosen;

  auto* version = root.add_subcommand("version", "Prints name and version");
  version->callback([&] { chosen = [&] { return run_version(globals); }; });

  auto* completion = root.add_subcommand("completion", "Prints a completion script for a shell");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&, shell] {
    chosen = [&, shell] {
      std::fputs(completion_script(root, *shell).c_str(), stdout);
      return 0;
    };
  });

  auto* man = root.add_subcommand("man", "Prints a manual page (troff): of the program, or of a command");
  const auto page = std::make_shared<std::string>();
  man->add_option("COMMAND", *page, "Command; the program if not given");
  man->callback([&, page] {
    chosen = [&, page] {
      const auto text = manual_page(root, *page);
      if (!text) return report(globals, text.error());
      std::fputs(text->c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace tablinum::app
