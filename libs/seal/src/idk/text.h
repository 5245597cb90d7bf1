#pragma once
// Shared by the parts of IDK messages: the signed strings and the tree of hashes.
#include <array>
#include <string>

#include "tablinum/seal/idk.h"

namespace tablinum::seal::idk {

using Hash = std::array<std::uint8_t, 64>;  // BLAKE2b-512

std::string begin_marker(std::uint32_t number, std::uint32_t total);
std::string end_marker(std::uint32_t number, std::uint32_t total);
/// `Key: "value"` and a line feed, for every header but those named.
std::string header_lines(const Headers& headers, std::string_view without = {});
std::string payload_hash(ByteView payload);
/// Whether key and value survive writing and reading.
Result<void> check_header(std::string_view key, std::string_view value);

std::string hex_of(const Hash& hash);
/// Levels from the leaves up; an odd node is paired with zeros.
std::vector<std::vector<Hash>> hash_tree(std::vector<Hash> leaves);
/// `["…", "…"]`, siblings from the leaf up.
std::string auth_path(const std::vector<std::vector<Hash>>& tree, std::size_t index);
bool auth_path_leads_to(std::string_view path, Hash leaf, std::size_t index, std::size_t leaves, std::string_view root_hex);

/// What a part's signature covers. Recrypted parts have two forms.
std::string signed_text(const Part& part);
std::string signed_text_recrypted(const Part& part, RecryptForm form);

/// Checks parts against their signatures, their hashes and each other.
class Checker {
 public:
  explicit Checker(const std::optional<Secp256k1Public>& expected) : expected_{expected} {}
  /// @error corrupt; unauthenticated.
  Result<void> check(const Part& part);
  /// After the last part.  @error corrupt: parts are missing.
  Result<void> finish();
  Report& report() noexcept { return report_; }

 private:
  Result<void> check_frame(const Part& part);
  Result<void> check_signature(const Part& part);
  Result<void> check_recrypted(const Part& part);
  Result<void> check_against_first(const Part& part);
  Result<void> note_seen(const Part& part);

  std::optional<Secp256k1Public> expected_;
  Report report_;
  std::vector<bool> seen_;
  Headers first_;  ///< those of the first part that must be equal in all
};

}  // namespace tablinum::seal::idk
