#pragma once
/// Sealing with a file key that is there: what seal(), seal_resumed() and seal_files() have in common.
#include "file/payload.h"

namespace tablinum::seal::file {

struct NewFile {
  Header header;
  FileKey key;
  const Signer* signer = nullptr;  ///< of the content, where the header says so
};

/// Checks the options; a header with a fresh salt, and nobody who can read it yet.  @error as seal().
Result<Header> new_core(const SealOptions& options);
/// The same with a fresh file key and the recipients' stanzas.  @error as seal().
Result<NewFile> new_file(Recipients recipients, const SealOptions& options);
/// Fills in stanzas, MAC and signature of a header whose core is there.  @error as seal().
Result<void> complete_header(Header& header, const FileKey& key, Recipients recipients, const Signer* signer);
/// Sets MAC and signature anew.
Result<void> authenticate(Header& header, const FileKey& key, const Signer* signer);

/// The sealed payload of what `in` gives, and nothing else; does not finish `out`.  @return bytes of content and of payload.
Result<SealReport> seal_payload(const NewFile& file, Source& in, Sink& out, const Run& run);
struct OpenedContent {
  std::uint64_t bytes = 0;
  SignatureState signature = SignatureState::none;
  std::optional<SignerId> signer = std::nullopt;
};
/// The content of a payload; does not finish `out`.
/// @error as open(): also a signature of the content that is bad, or not as `options` want it.
Result<OpenedContent> open_payload(const Header& header, const FileKey& key, Source& in, Sink& out, const OpenOptions& options,
                                   const Run& run);

Result<void> report(const Run& run, std::uint64_t content_bytes);

}  // namespace tablinum::seal::file
