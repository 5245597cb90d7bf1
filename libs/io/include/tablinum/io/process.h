#pragma once
/// Other programs: started without a shell, watched, and never left behind.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/io/io.h"

namespace tablinum::io {

inline constexpr Size kProcessOutputBytesMax = Size{64} << 20;
inline constexpr Duration kProcessGraceMax = Duration::seconds(20);

struct ProcessOptions {
  enum class Errors : std::uint8_t { merge, inherit, discard };

  ProcessOptions() noexcept {}
  std::string program;                 ///< a path, or a name that is looked for in PATH
  std::vector<std::string> arguments;  ///< after argv[0], which is `program`
  std::optional<std::vector<std::string>> environment;  ///< "NAME=value"; nothing: this process's
  std::string directory;               ///< to start in; "": this process's
  Bytes input;                         ///< what it reads as its standard input
  Errors errors = Errors::merge;       ///< where its standard error goes
  Size output_bytes_max = Size{16} << 20;             ///< at most kProcessOutputBytesMax
  Duration grace = Duration::seconds(5);              ///< between SIGTERM and SIGKILL; at most kProcessGraceMax
};

struct ProcessEnd {
  int exit_code = -1;  ///< -1: a signal ended it
  int signal = 0;
  Bytes output;
};

/// Runs a program to its end. Cancelled, or beyond its output's limit, it gets SIGTERM, after `grace` SIGKILL, and has ended and
/// been reaped when this returns. Its own children are its business: while one holds its output open, this waits.
/// @error not_found, denied: the program or the directory.  too_large: more output than allowed.  invalid: a NUL in a string, no
///        program, limits.  cancelled, limit (descriptors, processes), io.  unsupported: in simulation.
Task<Result<ProcessEnd>> run_process(Io& io, ProcessOptions options);

}  // namespace tablinum::io
