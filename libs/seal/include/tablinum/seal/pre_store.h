#pragma once
/// What proxy re-encryption must remember between runs, in plain files: a proxy's counters and tombstones, a delegate's failures.
/// Format: docs/format/proxy-re-encryption.md, "Proxy's memory".
#include <memory>
#include <string>

#include "tablinum/seal/pre.h"

namespace tablinum::seal::pre {

/// A log this much longer than the snapshot before it is folded into a new snapshot.
inline constexpr std::uint64_t kStateLogBytesMax = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kStateFileBytesMax = std::uint64_t{4} << 30;

/// ProxyState in one file: a snapshot and, after it, a record for every change, appended and on the disk before the call returns. Calls
/// of several threads at the same time share one write. What a crash left half written was promised to nobody and is cut off when the
/// file is opened; damage anywhere else is an error. Thread-safe; one process at a time (PATH.lock).
class FileProxyState final : public ProxyState {
 public:
  /// Opens the file, or makes it.
  /// @error busy: another process has it.  corrupt: damaged, or not such a file.  too_large.  denied.  io.
  static Result<std::unique_ptr<FileProxyState>> open(const std::string& path, std::uint64_t log_bytes_max = kStateLogBytesMax);
  ~FileProxyState() override;
  Result<bool> is_revoked(const DelegationId& delegation) override;
  /// @error as charge(), but limit.
  Result<void> revoke(const Tombstone& tombstone) override;
  /// @error limit.  no_space, io: and every call after it, since nobody knows what the disk has; open the file again.
  Result<void> charge(const Charge& charge) override;
  /// How often the log was folded into a snapshot since it was opened; for tests and metrics.
  std::uint64_t compactions() const noexcept;

 private:
  struct State;
  explicit FileProxyState(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

/// FailureBudget as a folder of small files, one a receiving key, each on the disk before the call returns. Thread-safe, and several
/// processes may use one folder.
class FolderFailureBudget final : public FailureBudget {
 public:
  /// The folder is made when it is first needed (mode 0700).
  explicit FolderFailureBudget(std::string folder);
  ~FolderFailureBudget() override;
  /// @error also io, denied, no_space: then the key must not be used.  corrupt: the file is not a number.
  Result<void> take(const KeyId& key) override;
  Result<void> give_back(const KeyId& key) override;
  /// Whether a key was refused for its failures.
  bool used_up() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tablinum::seal::pre
