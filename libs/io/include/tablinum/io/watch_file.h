#pragma once
/// Tells when a file is written, replaced, made or removed: certificates and configuration are read again then.
#include <optional>
#include <string>

#include "tablinum/io/file.h"

namespace tablinum::io {

/// What inotify does not tell (another machine wrote to a network file system) is seen by looking this often.
inline constexpr Duration kWatchPoll = Duration::seconds(1);

/// One waiter at a time. Belongs to its Io.
class FileWatch {
 public:
  /// `path` need not exist; its directory must, to be told at once rather than within kWatchPoll.
  static Task<Result<FileWatch>> open(Io& io, std::string path);
  FileWatch(FileWatch&& other) noexcept;
  FileWatch& operator=(FileWatch&&) = delete;
  ~FileWatch();

  /// Ends at the next change since open(), or since it last ended. Several changes may be one.  @error cancelled.
  Task<Result<void>> changed();

 private:
  FileWatch(Io& io, std::string path) noexcept : io_{&io}, path_{std::move(path)} {}
  Task<Result<bool>> look();
  Task<Result<bool>> wait_for_event();

  Io* io_;
  std::string path_;
  Descriptor* notices_ = nullptr;  ///< null: only by looking
  std::optional<FileStat> seen_;
};

}  // namespace tablinum::io
