#include "tablinum/archive/tidy.h"

#include <unordered_set>

#include "projection.h"
#include "tablinum/base/bytes.h"
#include "tablinum/store/sql.h"

namespace tablinum::archive {
namespace {

struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    return std::hash<std::string_view>{}(text_of(digest.view()));
  }
};
using Digests = std::unordered_set<Digest, DigestHash>;

/// Blobs that records name: "<hex> <path>".
Result<void> add_media(store::Session& session, Digests& named) {
  constexpr std::size_t kHexLetters = 64;
  auto rows = session.statement("SELECT value FROM identifier WHERE scheme = :1", "t", "t").query(kBlobScheme);
  while (rows.next()) {
    const auto bytes = from_hex(rows.text(0).substr(0, kHexLetters));
    if (!bytes) continue;
    if (const auto digest = digest_from_bytes(*bytes)) named.insert(*digest);
  }
  return rows.status();
}

/// The files of imports whose tree is there, or is being filled.
Result<void> add_sources(store::Session& session, Digests& named) {
  auto rows =
      session.statement("SELECT source FROM import_job WHERE tree_no IN (SELECT tree_no FROM tree)", {}, "b").query();
  while (rows.next()) {
    TRY(digest, digest_from_bytes(rows.bytes(0)));
    named.insert(digest);
  }
  return rows.status();
}

}  // namespace

Result<TidyReport> remove_unused_blobs(Archive& archive, Duration unused_for) {
  Digests named;
  {
    TRY(reader, archive.database().reader());
    CHECK_OK(add_media(reader, named));
    CHECK_OK(add_sources(reader, named));
  }
  TidyReport report;
  CHECK_OK(archive.blobs().for_each([&](const Digest& name, std::uint64_t bytes) -> Result<void> {
    if (named.contains(name)) return ++report.kept, Result<void>{};
    TRY(removed, archive.blobs().remove_if_unused(name, unused_for));
    removed ? ++report.removed : ++report.kept;
    if (removed) report.removed_bytes += bytes;
    return {};
  }));
  return report;
}

}  // namespace tablinum::archive
