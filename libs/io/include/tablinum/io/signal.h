#pragma once
/// Signals as a stream (signalfd).
#include <span>

#include "tablinum/io/io.h"

namespace tablinum::io {

/// Blocks `signals` for this thread and those it starts: call in main before the first thread. SIGPIPE is set to be ignored.
/// @error invalid: no such signal.
Result<void> block_signals(std::span<const int> signals);

/// Delivers blocked signals to one task.
class SignalStream {
 public:
  /// @error limit: no descriptor left.  invalid: no such signal.
  static Result<SignalStream> open(Io& io, std::span<const int> signals);
  SignalStream(SignalStream&& other) noexcept : io_{other.io_}, descriptor_{std::exchange(other.descriptor_, nullptr)} {}
  SignalStream& operator=(SignalStream&&) = delete;
  ~SignalStream();
  /// The next signal's number.  @error cancelled.
  Task<Result<int>> next();

 private:
  SignalStream(Io& io, Descriptor* descriptor) noexcept : io_{&io}, descriptor_{descriptor} {}
  Io* io_;
  Descriptor* descriptor_;
};

}  // namespace tablinum::io
