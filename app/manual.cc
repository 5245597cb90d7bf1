#include "manual.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace tablinum::app {
namespace {

/// Text as troff takes it: a leading dot or quote would be a request, a minus a hyphen.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\')
      out += "\\e";
    else if (text[i] == '-')
      out += "\\-";
    else
      out += text[i];
  }
  return out;
}

void append_options(std::string& out, const CLI::App& app) {
  for (const auto* option : app.get_options()) {
    out += ".TP\n.B " + escaped(option->get_name(option->get_positional(), true)) + '\n' + escaped(option->get_description()) +
           '\n';
  }
}

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const auto* sub : app.get_subcommands({})) words.push_back(sub->get_name());
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string bash_script(const CLI::App& root) {
  std::string cases;
  for (const auto* sub : root.get_subcommands({})) {
    cases += fmt::format("    {}) words=\"{} {}\" ;;\n", sub->get_name(), joined(words_of(*sub)), joined(words_of(root)));
  }
  return "_tablinum() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  case ${COMP_WORDS[1]} in\n" + cases +
         "    *) words=\"" + joined(words_of(root)) +
         "\" ;;\n  esac\n  if [[ $cur == -* || $COMP_CWORD == 1 ]]; then mapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
         "\"$cur\")\n"
         "  else mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); fi\n}\ncomplete -o filenames -F _tablinum tablinum\n";
}

/// zsh has its own words for this: those of _arguments would need more, so the commands and options stand in two lists.
std::string zsh_script(const CLI::App& root) {
  std::string cases;
  for (const auto* sub : root.get_subcommands({})) {
    cases += fmt::format("    {}) compadd -- {} {} ;;\n", sub->get_name(), joined(words_of(*sub)), joined(words_of(root)));
  }
  return "#compdef tablinum\n_tablinum() {\n  if (( CURRENT == 2 )); then compadd -- " + joined(words_of(root)) +
         "; return; fi\n  if [[ ${words[CURRENT]} != -* ]]; then _files; return; fi\n  case ${words[2]} in\n" + cases +
         "  esac\n}\n(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\ncompdef _tablinum tablinum\n";
}

/// Between single quotes, as fish takes it.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

std::string fish_script(const CLI::App& root) {
  std::string out;
  for (const auto* sub : root.get_subcommands({})) {
    out += fmt::format("complete -c tablinum -n __fish_use_subcommand -a {} -d {}\n", sub->get_name(),
                       fish_quoted(sub->get_description()));
    for (const auto* option : sub->get_options()) {
      for (const auto& name : option->get_lnames()) {
        out += fmt::format("complete -c tablinum -n '__fish_seen_subcommand_from {}' -l {} -d {}\n", sub->get_name(), name,
                           fish_quoted(option->get_description()));
      }
    }
  }
  return out;
}

}  // namespace

Result<std::string> manual_page(const CLI::App& root, std::string_view command) {
  const CLI::App* app = &root;
  if (!command.empty()) {
    const auto commands = root.get_subcommands({});
    const auto found = std::ranges::find(commands, command, &CLI::App::get_name);
    if (found == commands.end()) return fail(Code::not_found, "there is no command " + std::string{command});
    app = *found;
  }
  const std::string name = command.empty() ? "tablinum" : "tablinum-" + std::string{command};
  std::string out = fmt::format(
      ".TH {} 1 \"\" \"Tablinum\" \"Tablinum manual\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B tablinum\n{}[options]\n", name,
      name, escaped(app->get_description()), command.empty() ? "COMMAND " : std::string{command} + ' ');
  if (command.empty()) {
    out += ".SH COMMANDS\n";
    for (const auto* sub : root.get_subcommands({}))
      out += ".TP\n.B " + sub->get_name() + '\n' + escaped(sub->get_description()) + '\n';
  }
  out += ".SH OPTIONS\n";
  append_options(out, *app);
  if (!command.empty()) {
    for (const auto* sub : app->get_subcommands({})) {  // a group's own commands
      out += fmt::format(".SH {} {}\n{}\n", command, sub->get_name(), escaped(sub->get_description()));
      append_options(out, *sub);
    }
    out += ".SH GLOBAL OPTIONS\n";
    append_options(out, root);
  }
  out += ".SH EXIT STATUS\n" + escaped(root.get_footer()) + '\n';
  return out;
}

std::string completion_script(const CLI::App& root, std::string_view shell) {
  if (shell == "fish") return fish_script(root);
  if (shell == "zsh") return zsh_script(root);
  return bash_script(root);
}

}  // namespace tablinum::app
