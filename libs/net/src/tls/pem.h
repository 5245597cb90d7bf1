#pragma once
/// Certificates and keys from PEM text or files.
#include <string>
#include <vector>

#include "tablinum/net/tls.h"
#include "tls/handles.h"

namespace tablinum::net::tls {

/// What tells that a file was changed.
struct FileStamp {
  std::string file;
  std::int64_t changed_ns = 0;
  std::int64_t bytes = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
/// All zero for a file that is not there.
FileStamp stamp_of(const std::string& file);

/// The PEM text; of a file its stamp is added to `stamps`.  @error not_found, denied, io, too_large: kTlsPemBytesMax.
Result<SecretBytes> read_pem(const PemSource& source, std::vector<FileStamp>* stamps = nullptr);
/// All certificates in the text, in order.  @error invalid: none, or one that cannot be read.
Result<std::vector<Certificate>> certificates_in(ByteView pem);
/// @error invalid: no private key, or an encrypted one.
Result<Key> key_in(ByteView pem);

/// "a.example, b.example" from the certificate's DNS names, in lower case.
std::vector<std::string> dns_names_of(const X509* certificate);
Timestamp time_of(const ASN1_TIME* time);
/// AWS-LC's word for the last error, without its source's paths; empties the queue.
std::string last_error();

}  // namespace tablinum::net::tls
