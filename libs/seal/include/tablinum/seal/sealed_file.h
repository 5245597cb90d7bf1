#pragma once
/// Sealed files, version 1: writing, reading, reading parts, changing who may read, and continuing what was cut off.
/// Format: docs/format/sealed-file.md (every byte).  Design: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, ePrint 2015/189) over
/// chunks of AES-256-GCM or XChaCha20-Poly1305 under a key from one random file key, which the header's stanzas wrap.
///
/// Whatever is wrong with a sealed file, with a key or a passphrase: opening fails with Code::corrupt and the text
/// kCannotOpen, always the same, so that nobody learns from it which. Only errors of the given Source and Sink (io, no_space, closed,
/// cancelled …) pass through as they are. inspect() needs no key and says more.
///
/// Memory: at most 32 MiB of buffers, and a header of at most kHeaderBytesMax, whatever the size of the file.
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "tablinum/base/aead.h"
#include "tablinum/base/parallel.h"
#include "tablinum/base/stream.h"
#include "tablinum/seal/recipient.h"

namespace tablinum::seal {

inline constexpr std::string_view kCannotOpen = "cannot be opened: no key given fits, or the file was altered or cut off";
inline constexpr unsigned kChunkLog2Min = 12, kChunkLog2Max = 24, kChunkLog2Default = 16;
inline constexpr std::size_t kStanzasMax = 256;
inline constexpr std::size_t kStanzaBytesMax = std::size_t{4} << 20;  ///< all stanzas of a header together
inline constexpr std::size_t kMetaBytesMax = 65535;
inline constexpr std::size_t kHeaderBytesMax = kStanzaBytesMax + kMetaBytesMax + (8 << 10);
inline constexpr std::uint64_t kChunksMax = std::uint64_t{1} << 32;

/// One field of the public part of the header: everybody can read it, and nobody can change it unnoticed.
struct MetaField {
  std::uint8_t type = 0;  ///< 0x01 … 0x7f; from 0x80 on critical: who does not know it must refuse the file
  Bytes value;
  friend bool operator==(const MetaField&, const MetaField&) = default;
};
inline constexpr std::uint8_t kMetaComment = 0x01;   ///< a text for people, UTF-8
inline constexpr std::uint8_t kMetaPadding = 0x81;   ///< written by seal() itself
inline constexpr std::uint8_t kMetaSignedContent = 0x82;  ///< written by seal() itself

enum class Padding : std::uint8_t {
  none = 0,   ///< the size of the sealed file tells that of its content
  padme = 1,  ///< rounded up so that only its magnitude shows; at most 12 % more (Padmé: Nikitin et al., PoPETs 2019)
};

struct SealOptions {
  Cipher cipher = Cipher::aes256_gcm;
  unsigned chunk_log2 = kChunkLog2Default;  ///< chunks of 2^this bytes
  Padding padding = Padding::none;
  std::vector<MetaField> meta = {};         ///< types strictly ascending, none critical
  const Signer* signer = nullptr;
  /// The signer signs the content, too, at its end: without it whoever can open the file can put another content under the signed
  /// header. Costs 3.4 KB and a pass of SHA-256. Needs a signer.
  bool sign_content = false;
};

/// How a call runs. `progress` is told how many bytes of content are done, in order, from one thread at a time but not always the
/// same one; false stops the work with Code::cancelled.
struct Run {
  Executor* executor = nullptr;  ///< null: on the caller's thread
  std::function<bool(std::uint64_t content_bytes)> progress = {};
};

using Recipients = std::span<const Recipient* const>;
using Openers = std::span<const Opener* const>;
using Verifiers = std::span<const SignatureVerifier* const>;

// ---- the header ----

/// A header as it stands in the file.
struct Header {
  Cipher cipher{};
  unsigned chunk_log2 = 0;
  std::array<std::byte, 32> salt{};
  std::vector<MetaField> meta;
  std::vector<Stanza> stanzas;
  std::array<std::byte, 32> mac{};
  std::optional<SignerId> signer;  ///< who claims to have signed it
  Bytes signature;                 ///< kSignatureBytes, or empty
  friend bool operator==(const Header&, const Header&) = default;
  Padding padding() const noexcept;
  /// Whether a signature of the content stands at its end, under the encryption.
  bool signs_content() const noexcept;
};
/// Reads exactly the header; the source stands at the first byte of the payload.
/// @error invalid: not a sealed file (the first eight bytes).  unsupported: another version, or something unknown that is marked
/// as critical.  corrupt: not a header.  too_large: over the limits above.  io.
Result<Header> read_header(Source& source);
/// The header's bytes; the inverse of read_header.
Bytes serialize(const Header& header);
/// SHA3-256 of the core: what stanzas are bound to.
Digest core_hash(const Header& header);
/// The bytes that the signature is over.
Bytes signed_message(const Header& header);
/// What a file says of itself without a key: nothing of it is authenticated unless a signature by somebody known is verified.
inline Result<Header> inspect(Source& source) { return read_header(source); }

enum class SignatureState : std::uint8_t {
  none,            ///< not signed
  unknown_signer,  ///< signed by somebody whom no verifier is for
  good,            ///< both halves verified
  bad              ///< made to look like one of a known signer
};
/// Of the header, so: who made the file key and named the readers. Where the header does not sign_content(), each of the readers could
/// still write another payload; where it does, opening says whose the content is.
SignatureState verify_signature(const Header& header, Verifiers verifiers);

// ---- sealing and opening ----

struct SealReport {
  std::uint64_t content_bytes = 0;
  std::uint64_t sealed_bytes = 0;
};

/// Seals everything that `in` gives, from and to pipes if need be. Reading, encryption and writing overlap; chunks are encrypted
/// on all of the executor's threads. `out` is finished.
/// @error invalid: no recipients, or a passphrase beside others, or options outside their limits.  too_large: over kChunksMax
/// chunks.  limit: over kStanzasMax.  cancelled.  what in, out and the recipients give.
Result<SealReport> seal(Source& in, Sink& out, Recipients recipients, const SealOptions& options = {}, const Run& run = {});

struct OpenOptions {
  Verifiers verifiers = {};        ///< people whose signatures count
  /// Opening fails without a good signature of one of them: of the header, and where there is one also of the content.
  bool signature_required = false;
};

struct OpenReport {
  std::uint64_t content_bytes = 0;
  Header header;
  SignatureState signature = SignatureState::none;  ///< of the header; never bad: that fails
  SignatureState content = SignatureState::none;    ///< of the content; none where it is not signed; never bad
  std::optional<SignerId> content_signer;           ///< who claims to have signed it
  /// Somebody known signed all that is signed.
  bool is_signed() const noexcept {
    return signature == SignatureState::good && (!header.signs_content() || content == SignatureState::good);
  }
};

/// Opens what `in` gives, which must be a whole sealed file and nothing after it. What reaches `out` is authentic, but only success
/// says that it is complete; `out` is finished then and not before.
/// @error corrupt with kCannotOpen.  cancelled.  what in and out give.
Result<OpenReport> open(Source& in, Sink& out, Openers keys, const OpenOptions& options = {}, const Run& run = {});

/// The same in memory, without copies. `out` is overwritten and its memory reused: keep one for many calls.
Result<SealReport> seal(ByteView plain, Bytes& out, Recipients recipients, const SealOptions& options = {}, const Run& run = {});
Result<OpenReport> open(ByteView sealed, Bytes& out, Openers keys, const OpenOptions& options = {}, const Run& run = {});

/// A sealed file for reading at any place. Opening it reads the header and authenticates the final chunk, without which its length
/// would not be known; each read decrypts just the chunks that it touches. Thread-safe; the file must outlive it. A signature of the
/// content is left out and not judged, since that takes all of it: open() does.
class SealedFile final : public RandomAccess {
 public:
  /// @error corrupt with kCannotOpen; io.
  static Result<std::unique_ptr<SealedFile>> open(const RandomAccess& file, Openers keys, const OpenOptions& options = {});
  ~SealedFile() override;
  /// Of the content.
  std::uint64_t size() const noexcept override;
  /// @error corrupt with kCannotOpen: a chunk was altered; nothing of it is given out.  io.
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes into) const override;
  const Header& header() const noexcept;
  SignatureState signature() const noexcept;

 private:
  struct State;
  explicit SealedFile(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

// ---- who may read ----

struct HeaderChange {
  std::vector<const Recipient*> add = {};
  std::vector<std::size_t> remove = {};  ///< indexes into the stanzas as inspect() shows them
  const Signer* signer = nullptr;        ///< signs the new header; without one the new header has no signature
};

/// Copies the sealed file with another header; the payload's bytes stay as they are and are not read as plaintext. Give `out` as an
/// atomic sink (create_sink) to replace a file. Needs a key that opens the file.
/// Whoever was removed and kept a copy, or the file key, can still read that content: to end that, seal anew.
/// @error corrupt with kCannotOpen.  invalid: nobody would be left, an index that is not there, a passphrase beside others.  limit.
Result<Header> change_header(Source& in, Sink& out, Openers keys, const HeaderChange& change, const Run& run = {});

// ---- continuing what was cut off ----

/// An output of which a part may be there from an earlier run. Not a Sink: what is there is compared, never trusted, since a
/// crash of the machine can leave a file of the right length with holes.
class PartialOutput {
 public:
  virtual ~PartialOutput() = default;
  /// What is there.
  virtual const RandomAccess& kept() const noexcept = 0;
  /// Forgets what is there from `bytes` on; writing goes on at this place.
  virtual Result<void> keep(std::uint64_t bytes) = 0;
  /// Overwrites the first bytes of what is there.
  virtual Result<void> rewrite_begin(ByteView bytes) = 0;
  virtual Result<void> write(ByteView bytes) = 0;
  /// All is written: the output gets its name.
  virtual Result<void> finish() = 0;
};

/// PATH.partial beside PATH, which gets the name PATH when it is finished, and stays when it is not.
/// @error exists: PATH is there, and Existing::refuse.  busy: another process works on it.  denied: also if another user laid
/// PATH.partial there.  io.
Result<std::unique_ptr<PartialOutput>> open_partial(const std::string& path, const SinkOptions& options = {});

/// seal() that continues. `keys` must open what is there (one of the recipients is oneself, say); then the same file key is used
/// again, the content is read and encrypted from its start, compared with what is there, and written from where that ends; the
/// header is written anew for `recipients`. Where anything differs (the content has changed there, no key fits, other options, a
/// header of another length) all is thrown away and sealed with a new file key. What it saves is the writing; `in_again` opens
/// the content, a second time for a second start.
/// @note Content that changed only behind what is there is not noticed. Nobody sees two contents under one key then, unless
/// somebody copied a longer partial file before a crash of the machine shortened it: begin anew where that is possible.
/// @error as seal().
Result<SealReport> seal_resumed(FunctionRef<Result<std::unique_ptr<Source>>()> in_again, PartialOutput& out,
                                Recipients recipients, Openers keys, const SealOptions& options = {}, const Run& run = {});
/// open() that continues: the sealed file is decrypted from its start and compared with what is there; from the first difference
/// on it is written anew.  @error as open().
Result<OpenReport> open_resumed(Source& in, PartialOutput& out, Openers keys, const OpenOptions& options = {},
                                const Run& run = {});

// ---- many files ----

struct FileJob {
  std::string in, out;  ///< paths for open_source() and create_sink()
};
/// Seals or opens each file, several at a time on the executor's threads; buffers are reused. `done` is called once for each job, in
/// any order, one call at a time; false stops (jobs not begun yet end with Code::cancelled). A failed job leaves no output.
using JobDone = FunctionRef<bool(std::size_t job, const Result<std::uint64_t>& content_bytes)>;
void seal_files(std::span<const FileJob> jobs, Recipients recipients, const SealOptions& options, const SinkOptions& sink,
                Executor& executor, JobDone done);
void open_files(std::span<const FileJob> jobs, Openers keys, const OpenOptions& options, const SinkOptions& sink,
                Executor& executor, JobDone done);

}  // namespace tablinum::seal
