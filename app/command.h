#pragma once
/// What all commands share: global options, the last line of JSON, exit codes, progress.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tablinum/archive/archive.h"
#include "tablinum/base/error.h"

namespace CLI {
class App;
}

namespace tablinum::app {

/// Exit codes: docs/user/command-line.md. 0 done, 1 ran and the answer is no.
inline constexpr int kExitNo = 1;
inline constexpr int kExitUsage = 2;
int exit_code(Code code) noexcept;

/// Options of every command.
struct Globals {
  bool json = false;
  bool quiet = false;
  std::string data = "./data";
  std::string config;
  std::string log_level;
};

/// Registers a command; run() of the chosen one is called after parsing and gives the exit code.
struct Commands {
  CLI::App& root;
  Globals& globals;
  std::function<int()>& chosen;
};
void add_archive_commands(Commands& commands);  ///< import, export, show, search, kin, check, stats
void add_keeping_commands(Commands& commands);  ///< backup, restore
void add_server_commands(Commands& commands);   ///< serve, doctor, openapi, version, completion, man

/// Reports an error on standard error (with --json also as the last line of standard output) and gives its exit code.
int report(const Globals& globals, const Error& error);
/// With --json prints the object as the last line, else the text.
void print_result(const Globals& globals, std::string_view json, std::string_view text);

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

/// While it lives, the first Ctrl-C (or SIGTERM) asks the command to stop, which it does with Code::cancelled; a second one
/// ends it.
class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  bool made() const noexcept;
};

/// Whether something is there and may be seen.
bool is_there(const std::string& path) noexcept;

/// A bar on standard error where that is a terminal and neither --quiet nor --json was given; silent otherwise.
class ProgressBar {
 public:
  explicit ProgressBar(const Globals& globals);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  void show(std::string_view what, std::uint64_t done, std::uint64_t total);

 private:
  const bool enabled_;
  bool shown_ = false;
  std::int64_t last_ns_ = 0;
};

}  // namespace tablinum::app
