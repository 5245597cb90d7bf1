#pragma once
/// What all commands share, whatever they are about: global options, the last line of JSON, exit codes, progress.
#include <functional>
#include <string>
#include <string_view>

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

/// Reports an error on standard error (with --json also as the last line of standard output) and gives its exit code.
int report(const Globals& globals, const Error& error);
/// With --json prints the object as the last line, else the text.
void print_result(const Globals& globals, std::string_view json, std::string_view text);

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
