#pragma once
// The keys folder: which collections there are, who may read them, what was counted. No secret of an identity lies here; a
// proxy's own seed does. Every file appears whole or not at all, and one process at a time changes them. Format:
// docs/format/identity.md.
#include <optional>
#include <string>
#include <vector>

#include "tablinum/seal/identity.h"
#include "tablinum/seal/pre_store.h"

namespace tablinum::app::sealing {

struct DelegationNote {
  seal::pre::DelegationId id;
  std::uint32_t epoch = 0;
  seal::Fingerprint delegate;
  std::uint64_t not_after_s = 0;
  std::uint32_t transforms_max = 0;
  std::int64_t revoked_at_s = 0;  // 0: it is not
  std::optional<seal::pre::CollectionId> group;  // the delegate is a group that `delegate` administers
  std::string name;                              // as on the delegate's card
};

struct CollectionNote {
  seal::pre::CollectionId id;
  std::string name;
  seal::Fingerprint owner;
  seal::pre::Suite suite{};
  std::uint32_t phrase_number = 0;
  std::uint32_t epoch = 0;
  std::int64_t created_at_s = 0;
  std::vector<DelegationNote> delegations;
};

/// One process holds it for writing; several may hold it for reading.
class Keyring {
 public:
  enum class For : std::uint8_t { reading, writing };
  /// @param path empty: the default folder. It is made where it is to be written.
  /// @error busy: another process works on it for longer than ten seconds.  denied.  io.
  static Result<Keyring> open(const std::string& path, For use);
  ~Keyring();
  Keyring(Keyring&& other) noexcept;
  Keyring(const Keyring&) = delete;
  const std::string& path() const noexcept { return path_; }

  Result<std::vector<CollectionNote>> collections() const;
  /// By name or by the beginning of its id.  @error not_found.  conflict: several fit.
  Result<CollectionNote> find(const std::string& name_or_id) const;
  Result<void> save(const CollectionNote& note);

  /// A small file of the folder, by its name relative to it.
  Result<SecretBytes> read(const std::string& name) const;
  Result<void> write(const std::string& name, ByteView bytes);
  bool has(const std::string& name) const;
  /// All files, for a backup.
  Result<std::vector<std::string>> files() const;

 private:
  Keyring(std::string path, int lock) : path_{std::move(path)}, lock_{lock} {}
  std::string path_;
  int lock_ = -1;
};

/// Where the keys folder has a delegate's failures.
std::string budget_folder(const Keyring& keyring);
/// A proxy's counters and tombstones in the keys folder.  @error as FileProxyState::open().
Result<std::unique_ptr<seal::pre::FileProxyState>> open_proxy_state(Keyring& keyring);
/// The proxy's own seed, made when it is first asked for.
Result<Secret<32>> proxy_seed(Keyring& keyring);

/// The folder as text: what one collection's file has. For tests, too.
std::string to_text(const CollectionNote& note);
Result<CollectionNote> collection_from_text(std::string_view text);

}  // namespace tablinum::app::sealing
