#pragma once
/// Compiled circuits on disk, beside the cache in memory: what one process compiled, the next one reads. A circuit decides what a proof
/// means, so a folder or file that anybody but this user could write is not used, and of the rest only what this class wrote, whole.
#include <mutex>
#include <optional>
#include <string>

#include "tablinum/base/bytes.h"
#include "tablinum/base/crypto.h"

namespace tablinum::proof {

/// Thread-safe; processes may share a folder. It is a cache: what cannot be written or read is as if it were not there.
///
/// A file KEY.circuit: "tablinum circuit", key[32], the image, SHA-256 of all that. Appears whole or not at all.
class CircuitFolder {
 public:
  /// @param path made if it is not there, for this user only; empty: no folder.
  /// @param bytes_max of all files together; the ones that were used longest ago go first. 0: no folder.
  /// Files of other names are neither counted nor touched.
  CircuitFolder(std::string path, std::size_t bytes_max);

  bool used() const noexcept { return !path_.empty(); }
  /// The image that was saved under `key`. Nothing: there is none, or it is not what was saved, and then it is removed.
  std::optional<Bytes> load(const Digest& key) const;
  /// One that is larger than the whole folder may be is not kept.
  void save(const Digest& key, ByteView image);
  /// What load() gave turned out to be unusable.
  void drop(const Digest& key) const noexcept;

 private:
  std::string name_of(const Digest& key) const;
  void shrink() const;

  std::string path_;
  const std::size_t bytes_max_;
  std::mutex mutex_;  // one at a time writes and shrinks
};

}  // namespace tablinum::proof
