#pragma once
/// IDK messages: text of one part for each ciphertext of the fhe profile, signed with secp256k1 ECDSA (contract "exchange", §2).
///
///   ----- BEGIN IDK MESSAGE PART n/N -----
///   Key: value        (sorted by bytes; quoted but for AuthPath, BytesTotal, PartSlotsTotal, PartSlotsUsed)
///   <base64>          (a blank line before it is accepted, and written in recrypted parts of the server's form)
///   ----- END IDK MESSAGE PART n/N -----
///
/// What the format itself cannot promise is reported, not hidden: the signer is named by the message itself, a recrypted part is
/// vouched for by the proxy alone, and only the number of parts that BytesTotal needs tells that the last ones are missing.
///
/// Everything streams: memory is that of a few parts (16 KiB of plaintext, 350 KB of text each), whatever the message. Functions are
/// thread-safe; a Reader is one thread's. Nothing here reads a clock.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tablinum/base/parallel.h"
#include "tablinum/base/stream.h"
#include "tablinum/seal/fhe.h"
#include "tablinum/seal/primitives.h"

namespace tablinum::seal::idk {

inline constexpr std::uint32_t kPartsMax = 1U << 20;
inline constexpr std::size_t kPayloadBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kHeadersMax = 64;
inline constexpr std::size_t kHeaderBytesMax = 64 << 10;          ///< of one part, all headers together
inline constexpr std::size_t kWaitingBytesMax = std::size_t{64} << 20;  ///< plaintext of parts that came before their turn

/// Unquoted values by key; std::map keeps them in the order of the format.
using Headers = std::map<std::string, std::string, std::less<>>;

struct Part {
  std::uint32_t number = 0;  ///< 1 … total, from the BEGIN line
  std::uint32_t total = 0;
  Headers headers;
  Bytes payload;
  bool blank_line = false;  ///< before the payload
  bool recrypted() const;   ///< "Recrypted" (or "ReEncrypted", its older name) is "true"
};

/// The part as text, without a line feed at its end.
std::string to_text(const Part& part);

/// Takes parts out of a text one by one. Text between parts is skipped.
class Reader {
 public:
  explicit Reader(Source& source) : source_{source} {}
  /// The next part, nothing at the end of the text. Its signature and hashes are not looked at.
  /// @error corrupt: a part that is cut off, has no headers or no payload, repeats a header, is not base64, or whose END differs.
  ///        too_large: over one of the limits above.  io: of the source.
  Result<std::optional<Part>> next();

 private:
  Result<std::optional<std::string_view>> line(std::size_t bytes_max);
  Result<void> read_headers(Part& part);
  Result<void> read_payload(Part& part, std::string_view end_marker);

  Source& source_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::string kept_;  ///< the first payload line, read while looking for headers
};

struct CreateOptions {
  Headers optional_headers;  ///< never replace those of the format
  Executor* executor = nullptr;  ///< where parts are encrypted; inline by default
};

/// Encrypts a file into a message. The file is read twice: the root of the hashes stands in the first part already.
/// @error invalid: an empty file, or a header's key or value with characters that the format cannot carry.  too_large: over kPartsMax
///        parts.  unsupported: the key's context does not pack.  Errors of file and sink.
Result<void> create(const RandomAccess& plain, const fhe::PublicKey& key, const Secp256k1Signer& signer, Sink& out,
                    const CreateOptions& options = {});

enum class SignerTrust : std::uint8_t {
  none,           ///< nothing that verifies
  self_asserted,  ///< signatures verify, by a key that the message itself names
  expected,       ///< by the key that the caller expected
  other           ///< by another key than the caller expected
};

struct Problem {
  std::uint32_t part = 0;  ///< 0: of the message
  std::string what;
};

struct Report {
  std::uint32_t parts_total = 0;
  std::uint32_t parts_seen = 0;
  std::vector<std::uint32_t> missing;  ///< the first 100 of them
  std::uint64_t missing_count = 0;
  std::uint64_t bytes_total = 0;
  bool recrypted = false;
  std::string signer;  ///< hex of 64 bytes: who signed, the proxy where it is recrypted
  SignerTrust trust = SignerTrust::none;
  std::string original_sender;  ///< of a recrypted message: the proxy's word for it
  std::vector<Problem> problems;  ///< the first 100
  std::uint64_t problem_count = 0;
  bool whole() const noexcept { return parts_seen > 0 && missing_count == 0 && problem_count == 0; }
};

/// Checks every signature and hash without any key, and says what is there and what is not.
/// @error corrupt, too_large: no message at all, or text that is none from some place on.  io.
Result<Report> verify(Source& message, const std::optional<Secp256k1Public>& expected = {});

struct DecryptOptions {
  std::optional<Secp256k1Public> expected_signer;  ///< of a recrypted message: the proxy
};

/// Verifies and decrypts, parts in any order. Writes in order as it goes: the caller finishes the sink only on success.
/// @error corrupt: a signature or hash that does not fit, parts that are missing, twice there or of different messages, or a key that
///        is not the one it was encrypted for (told by the zeros after the data: where that fills its last part, a wrong key may
///        give garbage).  unauthenticated: signed by another key than expected.  limit: more than kWaitingBytesMax waits for an
///        earlier part.  Errors of source and sink.
Result<Report> decrypt(Source& message, const fhe::SecretKey& key, Sink& out, const DecryptOptions& options = {});

/// Which string a proxy signs: the server signs lines PartNum and TotalParts that it does not write, the library function does not.
/// Readers of the reference accept the server's form only; we accept both.
enum class RecryptForm : std::uint8_t { server, library };

struct RecryptOptions {
  std::string original_sender = {};  ///< hex; the message's signer by default
  std::string recipient = {};        ///< hex
  std::string timestamp = {};        ///< RFC 3339, UTC
  RecryptForm form = RecryptForm::server;
  const fhe::Flood* flood = nullptr;
  bool check_original = true;  ///< refuse what does not verify
};

/// Re-encrypts a message for another recipient and signs as the proxy.
/// @error as decrypt() for what does not verify; as fhe::reencrypt().  invalid: header values that the format cannot carry.
Result<void> recrypt(Source& message, const fhe::ReKey& rekey, const Secp256k1Signer& proxy, Sink& out, const RecryptOptions& options);

/// A key as the format writes it (64 bytes, hex) and from it (64 bytes, or 65 with 04 in front).
std::string public_key_to_hex(const Secp256k1Public& key);
/// @error invalid: not such a key.
Result<Secp256k1Public> public_key_from_hex(std::string_view hex);

}  // namespace tablinum::seal::idk
